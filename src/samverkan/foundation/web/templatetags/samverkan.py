"""Template tags and filters: ``{% load samverkan %}``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.defaultfilters import stringfilter
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ...weeks import Week
from .. import dates
from ..charts import HIDDEN, MISSING, AtLeast, Table
from ..charts.svg import el
from ..charts.table import cell_text
from ..forms import FilterForm, ShownField, first_error_count, shown
from ..maps import MapPicture
from ..maps.legend import swatch_shape
from ..numbers import NBSP, format_number, is_swedish

register = template.Library()


def _drawing(svg: str) -> SafeString:
    """Our own drawing, in which every text is escaped where it is written."""
    return mark_safe(svg)  # noqa: S308


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


# --- words for values ---------------------------------------------------------------------------


@register.filter(is_safe=True)
@stringfilter
def trim(text: str) -> str:
    """Without white space at its ends: what a page leaves empty is empty to the styles too, and is not shown."""
    return text.strip()


@register.filter
def number(value: Any, decimals: int = 0) -> str:
    """``7 204``; a number that is hidden or missing says so."""
    if value is None or value == "":
        return cell_text(MISSING)
    if isinstance(value, int | float | Decimal):
        return format_number(value, decimals, _language())
    return cell_text(value)


@register.filter
def percent(value: float | None, form: str = "text") -> str:
    """A share 0–1 as ``45 procent``; with ``"table"`` as ``45 %``."""
    if value is None:
        return cell_text(MISSING)
    digits = format_number(value * 100, 0, _language())
    if form == "table":
        return f"{digits}{NBSP if is_swedish(_language()) else ''}%"
    return _("%(number)s per cent") % {"number": digits}


@register.filter
def money(ore: int | None) -> str:
    """Öre as ``12 500 kr``; English ``SEK 12,500``."""
    if ore is None:
        return cell_text(MISSING)
    amount = format_number(Decimal(ore) / 100, 2 if ore % 100 else 0, _language())
    return f"{amount}{NBSP}kr" if is_swedish(_language()) else f"SEK{NBSP}{amount}"


@register.filter
def shown_value(value: Any) -> SafeString | str:
    """A table cell: numbers as numbers, what is not shown in quieter words."""
    if value is HIDDEN or value is MISSING or value is None or value == "":
        return format_html('<span class="unshown">{}</span>', cell_text(value if value is HIDDEN else MISSING))
    if isinstance(value, AtLeast):
        return cell_text(value)
    return number(value, 1) if isinstance(value, int | float | Decimal) else str(value)


@register.filter
def date_words(value: date | datetime | None) -> str:
    """``måndag 23 november 2026``."""
    return dates.date_words(value, _language()) if value else cell_text(MISSING)


@register.filter
def date_short(value: date | datetime | None) -> str:
    """``23 november 2026``."""
    return dates.date_words(value, _language(), weekday=False) if value else cell_text(MISSING)


@register.filter
def date_table(value: date | datetime | None) -> SafeString | str:
    """``2026-11-23``, never broken at its hyphens."""
    return format_html('<span class="date">{}</span>', dates.date_table(value)) if value else "–"


@register.filter
def moment_table(value: datetime | None) -> SafeString | str:
    """``2026-11-23 08:12``, never broken at its hyphens."""
    return format_html('<span class="date">{}</span>', dates.moment_table(value)) if value else "–"


@register.filter
def near(value: date | datetime | None) -> str:
    """``i dag kl. 08.12``, ``i går``, else the date."""
    return dates.near_words(value, _language()) if value else cell_text(MISSING)


@register.filter
def time_words(value: datetime) -> str:
    """``kl. 08.12``."""
    return dates.time_words(value, _language())


@register.filter
def week_words(value: Week | date) -> str:
    """``vecka 47, 2026``."""
    return dates.week_words(value, _language())


@register.filter
def week_table(value: Week | date) -> str:
    """``2026 v. 47``."""
    return dates.week_table(value, _language())


# --- the page -----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def appearance(context: Context) -> str:
    """``light``, ``dark`` or nothing (follow the system), as the person has chosen."""
    request = context.get("request")
    chosen = request.COOKIES.get(f"samverkan_theme_{settings.INSTALLATION}", "") if request else ""
    return chosen if chosen in {"light", "dark"} else ""


@register.simple_tag
def rail_shape(navigation: Any) -> str:
    """The page's class: without the rail for at most one entry, with a bar for so few as fit along a phone's bottom."""
    count = sum(len(group.entries) for group in navigation)
    return "without-rail" if count <= 1 else "with-bar" if count <= 4 else ""


def _query_with(context: Context, **changes: Any) -> str:
    """The present address with some of its filters changed; an empty value takes one away."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("sida", None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode() if query else "?"


# --- parts --------------------------------------------------------------------------------------


@register.simple_tag
def status_tag(words: str, tone: str = "") -> SafeString:
    """A word on tinted ground. Tone: accent (going on), success, warning, danger, or none."""
    if tone:
        return format_html('<span class="ds-tag" data-color="{}">{}</span>', tone, words)
    return format_html('<span class="ds-tag">{}</span>', words)


@register.inclusion_tag("components/field.html")
def form_field(field: BoundField) -> dict[str, ShownField]:
    """One field with label, hint and error."""
    return {"field": shown(field)}


@register.inclusion_tag("components/fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """All fields of a form, hidden ones too."""
    return {"form": form, "fields": [shown(field) for field in form]}


@register.inclusion_tag("components/errors.html")
def error_summary(*all_forms: Any) -> dict[str, Any]:
    """What needs changing, with links to the fields. Takes the forms of the page."""
    wrong = [form for form in all_forms if form and form.is_bound and form.errors]
    count = sum(first_error_count(form) for form in wrong)
    heading = ngettext("%(count)s thing needs to be changed", "%(count)s things need to be changed", count) % {
        "count": count
    }
    return {"forms": wrong, "heading": heading}


@register.inclusion_tag("components/table.html")
def data_table(table: Table, caption: str = "visible", as_list: bool = False) -> dict[str, Any]:
    """A Table: caption ``visible`` or ``hidden``; ``as_list`` stacks its rows on a phone."""
    return {"table": table, "caption": caption, "as_list": as_list}


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: str, numeric: bool = False) -> SafeString:
    """A heading that sorts: the key in the address as ``sortera``, with ``-`` for falling."""
    now = context["request"].GET.get("sortera", "")
    sort = {"aria": "", "next": key}
    if now == key:
        sort = {"aria": "ascending", "next": f"-{key}"}
    elif now == f"-{key}":
        sort = {"aria": "descending", "next": key}
    aria = format_html(' aria-sort="{}"', sort["aria"]) if sort["aria"] else ""
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}</a></th>',
        _drawing(' class="num"') if numeric else "",
        aria,
        _query_with(context, sortera=sort["next"]),
        label,
    )


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list (address part ``sida``)."""
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    query = context["request"].GET.copy()
    query.pop("sida", None)
    base = query.urlencode() + "&" if query else ""
    return {"page": page, "numbers": numbers, "base": f"?{base}sida=", "ellipsis": page.paginator.ELLIPSIS}


@register.filter
def tel(number: str) -> str:
    """The address that calls a number: ``tel:0167101000``."""
    return "tel:" + "".join(sign for sign in number if sign.isdigit() or sign == "+")


@register.inclusion_tag("components/filter_chips.html", takes_context=True)
def filter_chips(context: Context, form: FilterForm, clear_url: str = "?") -> dict[str, Any]:
    """The filters of a list or picture as chips in one ordinary GET form."""
    request = context.get("request")
    chips = [replace(chip, without=_without(request, chip.field.html_name)) for chip in form.chips()]
    more = [chip for chip in chips if chip.field.name in form.behind]
    return {
        "chips": [chip for chip in chips if chip not in more],
        "more": more,
        "more_open": any(chip.is_set or chip.field.errors for chip in more),
        "hidden": form.hidden_fields(),
        "clear_url": clear_url,
        "any_set": any(chip.is_set for chip in chips),
        "errors": form.errors if form.is_bound else {},
        "request": request,
    }


def _without(request: HttpRequest | None, name: str) -> str:
    """The present address without one of its filters, from the first page; nothing where it is not in the address."""
    if request is None or not any(request.GET.getlist(name)):
        return ""
    kept = request.GET.copy()
    for gone in (name, "sida"):
        kept.pop(gone, None)
    return f"?{kept.urlencode()}"


@register.inclusion_tag("components/week_stepper.html")
def week_stepper(week: Week, url_name: str, first: Week | None = None, last: Week | None = None) -> dict[str, Any]:
    """Earlier week, this week, later week; the address takes the week as ``2026-W47``."""

    def link(one: Week, inside: bool) -> dict[str, Any]:
        return {"week": one, "url": reverse(url_name, args=[str(one)]) if inside else ""}

    before, after = week.plus(-1), week.plus(1)
    return {
        "week": week,
        "earlier": link(before, first is None or before >= first),
        "later": link(after, last is None or after <= last),
    }


@register.simple_tag
def given_of_promised(given: float, promised: float, unit: str) -> SafeString:
    """Words over an outlined bar: "120 av 200 tim"."""
    if not promised:
        return format_html('<span class="meta">{}</span>', _("nothing promised"))
    words = _("%(given)s of %(promised)s %(unit)s") % {
        "given": number(given, 1),
        "promised": number(promised, 1),
        "unit": unit,
    }
    share = max(0.0, min(1.0, given / promised))
    bar = el(
        "svg",
        el("rect", x=0.5, y=0.5, width=95, height=7, class_="outline"),
        el("rect", x=0, y=0, width=round(96 * share, 1), height=8, class_="given"),
        viewBox="0 0 96 8",
        aria_hidden="true",
    )
    return format_html('<span class="promise">{}{}</span>', words, _drawing(bar))


@register.inclusion_tag("components/empty.html")
def empty_state(words: str, url: str = "", action: str = "") -> dict[str, str]:
    """What comes here, why it is empty, and one thing to do."""
    return {"words": words, "url": url, "action": action}


@register.inclusion_tag("components/tabs.html")
def tabs(label: str, entries: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """Links between views of the same thing: (words, address, whether it is this one)."""
    return {"label": label, "entries": entries}


@register.inclusion_tag("components/figure.html")
def figure(chart: Any, narrow: int = 358, width: int = 640, heading: str = "h2") -> dict[str, Any]:
    """A chart for wide and narrow screens with its table. ``heading``: h2, h3 or none."""
    return {
        "chart": chart,
        "wide": _drawing(chart.svg(width)),
        "narrow": _drawing(chart.svg(narrow)),
        "table": chart.table(),
        "heading": heading,
        "legend": [(swatch(kind), words) for kind, words in chart.legend()] if hasattr(chart, "legend") else [],
    }


@register.simple_tag
def sparkline(chart: Any) -> SafeString:
    """A sparkline inside a table or a sentence."""
    return _drawing(chart.svg())


@register.inclusion_tag("components/map.html")
def map_figure(picture: MapPicture, geojson_url: str = "", with_table: bool = True) -> dict[str, Any]:
    """A map with legend and table; with ``geojson_url`` it comes alive where the browser can."""
    view = picture.viewport
    return {
        "picture": picture,
        "wide": _drawing(picture.svg(736, 500)),
        "narrow": _drawing(picture.svg(358, 320)),
        "legend": [(swatch(kind) if kind else "", words) for kind, words in picture.legend()],
        "geojson_url": geojson_url,
        "with_table": with_table,
        "bounds": ",".join(f"{side:.1f}" for side in (view.west, view.south, view.east, view.north)),
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_TILES_ATTRIBUTION,
    }


def swatch(kind: str) -> SafeString:
    """The sign of a legend entry, 16 pixels."""
    return _drawing(el("svg", swatch_shape(kind, 0, 0), viewBox="0 0 16 16", class_="swatch", aria_hidden="true"))


@register.filter
def get(sequence: Sequence[Any], index: int) -> Any:
    """The entry of a list at an index counted in the template."""
    return sequence[index]
