"""Every template is laid out by ``tools/templates.py``, which changes nothing of what is seen."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.utils.translation.template import templatize
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.seen import seen
from tools import templates
from tools.layout import words
from tools.layout.reading import Unreadable
from tools.layout.template import Template
from tools.layout.writing import laid_out

ROOT = Path(__file__).resolve().parents[2]


# --- our own ---------------------------------------------------------------------------------------------------------


def test_every_template_is_laid_out() -> None:
    """Run `python tools/templates.py`."""
    known = templates.Known(templates.paths())
    other = [
        str(path.relative_to(ROOT))
        for path in templates.paths()
        if templates.as_it_should_be(path, known) != path.read_text("utf-8")
    ]
    assert other == []


def test_no_line_of_a_template_is_too_long() -> None:
    """Rewrite what the tool cannot break: a variable with ``{% with %}``, a component, a value from the view."""
    assert len(templates.paths()) > 100
    assert [line for path in templates.paths() for line in templates.too_long(path)] == []


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ('  {% translate "TEXT" %}', True),
        ('  {% translate "TEXT" context "style" as words %}', True),
        ('  data-offline="{% translate "TEXT" %}"', True),
        ('  <p>{% translate "TEXT" %}</p>', False),
        ('  {% translate "TEXT" %} {% translate "TEXT" %}', False),
        ('  class="{% if TEXT %}x{% endif %}"', False),
        ("  {# TEXT #}", False),
    ],
)
def test_only_a_text_that_cannot_be_shorter_may_be_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, allowed: bool
) -> None:
    monkeypatch.setattr(templates, "ROOT", tmp_path)
    path = tmp_path / "page.html"
    path.write_text(line.replace("TEXT", "long " * 30) + "\n", "utf-8")
    assert (templates.too_long(path) == []) == allowed


def _styles() -> str:
    return "".join(path.read_text("utf-8") for path in sorted((ROOT / "src").glob("**/static/**/*.css")))


def test_what_the_styles_hide_when_empty_is_empty() -> None:
    """White space that a block is left with would show an element that holds nothing."""
    hidden = set(re.findall(r"\.(\w[\w-]*):empty", re.sub(r"\.ds-[^{]*", "", _styles())))
    assert {"lead", "actions"} <= hidden
    filled = re.compile(rf'class="(?:{"|".join(hidden)})">\s*({{% \w+ \w+ %}})\s*{{% (?:end)?block')
    found = {tag for path in templates.paths() for tag in filled.findall(path.read_text("utf-8"))}
    assert found == {"{% filter trim %}"}


def test_rows_are_rows_in_the_styles() -> None:
    """White space beside what is directly in them is not seen, since our styles lay them out as flex or grid."""
    styles = _styles()
    rules = re.findall(r"([^{};]+)\{([^{}]*)", re.sub(r"/\*.*?\*/|@[^{;]*[{;]", "", styles, flags=re.DOTALL))
    laid = {
        one.strip().removeprefix(".").split(":")[0]
        for selectors, body in rules
        if re.search(r"display: ?(inline-)?(flex|grid)", body)
        for one in selectors.split(",")
    }
    assert laid >= words.ROWS | words.BOXED


# --- what it does ----------------------------------------------------------------------------------------------------


def _laid_out(text: str) -> str:
    return laid_out(Template(text))


LONG = "word " * 20 + "end"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<p>\n  A  word\n</p>\n", "<p>A word</p>\n"),
        ("<ul><li>a</li></ul>", "<ul>\n  <li>a</li>\n</ul>\n"),
        (
            "{% if a %}<p>x</p>{% else %}<p>y</p>{% endif %}",
            "{% if a %}\n  <p>x</p>\n{% else %}\n  <p>y</p>\n{% endif %}\n",
        ),
        ("<p>a <b>b</b>{% if c %}, c{% endif %}.</p>", "<p>a <b>b</b>{% if c %}, c{% endif %}.</p>\n"),
        (
            f'<p>{{% translate "{LONG}" %}} after</p>',
            f'<p>\n  {{% translate "{LONG}" %}}\n  after\n</p>\n',
        ),
        (
            f'<p>{{% if a %}}<a href="x">{{% translate "{LONG[40:]}" %}}</a>{{% else %}}b{{% endif %}}</p>',
            f'<p>\n  {{% if a %}}\n    <a href="x">{{% translate "{LONG[40:]}" %}}</a>\n  {{% else %}}\n    b\n  {{% endif %}}\n</p>\n',
        ),
        (
            f"<p>{{% blocktranslate with x=y %}}{LONG}{{% endblocktranslate %}}</p>",
            f"<p>\n  {{% blocktranslate trimmed with x=y %}}\n    {LONG}\n  {{% endblocktranslate %}}\n</p>\n",
        ),
        (
            "{% blocktranslate trimmed %}\n  short\n  text\n{% endblocktranslate %}",
            "{% blocktranslate %}short text{% endblocktranslate %}\n",
        ),
        (
            f'<input name="{LONG}"{{% if a %}} checked{{% endif %}} {{% if b %}}hidden{{% endif %}}>',
            f'<input\n  name="{LONG}"\n  {{% if a %}}checked{{% endif %}}\n  {{% if b %}}hidden{{% endif %}}\n>\n',
        ),
        # Without the space within, the second would go on where the first ends.
        (
            f'<input class="{LONG}"{{% for a in b %}} data-{{{{ a }}}}{{% endfor %}}>',
            f'<input\n  class="{LONG}"\n  {{% for a in b %}} data-{{{{ a }}}}{{% endfor %}}\n>\n',
        ),
        # Trimmed, the message would be another.
        (
            f"{{% blocktranslate %}}two  spaces, {LONG}{{% endblocktranslate %}}",
            f"{{% blocktranslate %}}two  spaces, {LONG}{{% endblocktranslate %}}\n",
        ),
        # A space before the end of a link would be underlined.
        (
            f'<p>a <a class="{LONG}" href="x">b</a> c</p>',
            f'<p>\n  a\n  <a\n    class="{LONG}"\n    href="x"\n  >\n    b</a>\n  c\n</p>\n',
        ),
        # What another template puts into a block may be a word.
        (
            f"<p>{LONG} {{% block one %}}{{% endblock %}}{{{{ x }}}}</p>",
            f"<p>\n  {LONG}\n  {{% block one %}}{{% endblock %}}{{{{ x }}}}\n</p>\n",
        ),
        # The next time round, what comes before is the end of the list's last part.
        (
            f'<p>{{% for a in b %}}<a class="{LONG}" href="c">d</a>{{% endfor %}}</p>',
            f'<p>\n  {{% for a in b %}}<a\n      class="{LONG}"\n      href="c"\n    >d</a>{{% endfor %}}\n</p>\n',
        ),
        # The last words of a text are no name.
        (
            f'<p>{{% translate "{LONG} as tables" %}}<b>c</b></p>',
            f'<p>\n  {{% translate "{LONG} as tables" %}}<b>c</b>\n</p>\n',
        ),
        ("<pre>\n a\n</pre>", "<pre>\n a\n</pre>\n"),
        ("<p>a\xa0 b</p>", "<p>a\xa0 b</p>\n"),
    ],
)
def test_layout(text: str, wanted: str) -> None:
    assert _laid_out(text) == wanted
    assert _laid_out(wanted) == wanted


@pytest.mark.parametrize(
    "text", ["<p>{% if a %}</p>{% endif %}", "<div><p></div>", "{% if a %}", "</p>", "{% endif %}", "<p", "<pre>a"]
)
def test_what_does_not_nest_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        _laid_out(text)


def test_a_block_stands_as_where_it_is_laid_out() -> None:
    """In a heading white space at its edges is not seen, in a sentence it is."""
    known = {"base.html": Template("<h1>{% block one %}{% endblock %}</h1>a{% block two %}{% endblock %}b")}
    held = f'{{% extends "base.html" %}}{{% block one %}}{{% translate "{LONG}" %}}{{% endblock %}}'
    assert "{% block one %}\n" in laid_out(Template(held, known))
    assert "{% block two %}{%" in laid_out(Template(held.replace("one", "two"), known))


# --- any template ----------------------------------------------------------------------------------------------------

_words = st.sampled_from(["a", "long", "sentence,", "(", "·", "&nbsp;", "åäö", "{{ x }}", "{{ y }}", "{{ x|upper }}"])
_leaves = st.one_of(
    _words,
    st.sampled_from(
        [
            " ",
            "\n",
            "\n\n  ",
            "{% translate 'A text' %}",
            '{% translate "Another" as word %}',
            "{% csrf_token %}",
            "{# said #}",
            "{% comment %}\n a\n{% endcomment %}",
            "{% blocktranslate %}One {{ x }} text{% endblocktranslate %}",
            "{% blocktranslate count n=n %}{{ n }} thing{% plural %}{{ n }} things{% endblocktranslate %}",
            "{% blocktranslate with z='a  b' %} A {{ z }}\n text{% endblocktranslate %}",
            "{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}",
            f"{{% blocktranslate %}}{LONG}{{% endblocktranslate %}}",
            "{% now 'Y' %}",
            "<br>",
            "<hr>",
            '<img src="x" alt="">',
            '<input name="i">',
            '<input type="hidden" name="h">',
            "<pre> a\n  b </pre>",
            "<textarea>\n a  b</textarea>",
        ]
    ),
)
_attributes = st.lists(
    st.sampled_from(
        [
            ' href="{% if a %}x{% else %}y  z{% endif %}"',
            ' class="actions"',
            ' class="ds-button{% if a %} actions{% endif %}"',
            " hidden",
            "\n  title='a \" b'",
            "{% if a %} checked{% endif %}",
            '{% if a %} id="one"{% elif b %} id="two"{% else %} lang="sv"{% endif %}',
            ' {% if b %}data-b="{{ y }}"{% endif %}',
            ' data-long="' + LONG[40:] + '"',
            "{% for i in items %} data-i{{ i }}{% endfor %}",
        ]
    ),
    max_size=4,
    unique_by=lambda text: text.split("=")[0].split()[-1],
).map("".join)


#: Elements and Django's tags around what is made already.
_names = st.sampled_from(["p", "div", "li", "td", "span", "a", "strong", "button", "label", "summary", "ul", "select"])
_conditions = st.sampled_from(["a", "b", "not a", "a and b"])
_many: st.SearchStrategy[str] = st.lists(st.deferred(lambda: _leaves | _holding), max_size=3).map("".join)
_holding: st.SearchStrategy[str] = st.one_of(
    st.builds("<{0}{1}>{2}</{0}>".format, _names, _attributes, _many),
    st.builds("{{% if {} %}}{}{{% endif %}}".format, _conditions, _many),
    st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, _conditions, _many, _many),
    st.builds("{{% if a %}}{}{{% elif b %}}{}{{% else %}}{}{{% endif %}}".format, _many, _many, _many),
    st.builds("{{% for i in items %}}{}{{% endfor %}}".format, _many),
    st.builds("{{% for i in items %}}{}{{% empty %}}{}{{% endfor %}}".format, _many, _many),
    st.builds("{{% with v=x %}}{}{{% endwith %}}".format, _many),
    st.builds("{{% filter upper %}}{}{{% endfilter %}}".format, _many),
)


#: A loaded computer is slow and not wrong.
_some = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
_engine = Engine(builtins=["django.templatetags.i18n"])


def _renderings(text: str) -> list[object]:
    """What is seen of every rendering: each condition true and false, the list empty, of one and of two."""
    template = _engine.from_string(text)
    found: list[object] = []
    for a, b, items in itertools.product((True, False), (True, False), ([], [1], [1, 2])):
        values = {"a": a, "b": b, "items": items, "x": "one two", "y": "", "n": 2, "csrf_token": "token"}
        found.append(seen(template.render(Context(values))))
    return found


@_some
@given(_many)
def test_nothing_that_is_seen_changes(text: str) -> None:
    assert _renderings(_laid_out(text)) == _renderings(text)


@_some
@given(_many)
def test_what_is_laid_out_stays(text: str) -> None:
    once = _laid_out(text)
    assert _laid_out(once) == once


@_some
@given(_many)
def test_where_the_author_broke_lines_does_not_matter(text: str) -> None:
    """Outside raw elements and texts to translate, a line break is a space."""
    if not re.search("<pre|<textarea|blocktranslate|comment|\n\n", text):
        assert _laid_out(text.replace("\n", " ")) == _laid_out(text)


def _messages(text: str) -> list[str]:
    return re.findall(r"""n?p?gettext\((?:u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*"|[\w, ])*\)""", templatize(text))


@_some
@given(_many)
def test_messages_stay(text: str) -> None:
    assert _messages(_laid_out(text)) == _messages(text)


@_some
@given(_many, _many)
def test_blocks_of_other_templates_stay(base: str, held: str) -> None:
    """A child's blocks are laid out by what surrounds them in the template that it extends."""
    base += "{% block one %}" + held + "{% endblock %}"
    child = '{% extends "base.html" %}{% block one %}' + held + "{% endblock %}"
    laid = laid_out(Template(child, {"base.html": Template(base)}))

    def rendered(text: str) -> list[object]:
        loader = ("django.template.loaders.locmem.Loader", {"base.html": base})
        engine = Engine(builtins=["django.templatetags.i18n"], loaders=[loader])
        values = [{"a": a, "b": not a, "items": [1, 2][: a + 1], "x": "one", "n": 1} for a in (True, False)]
        return [seen(engine.from_string(text).render(Context(value))) for value in values]

    assert rendered(laid) == rendered(child)
