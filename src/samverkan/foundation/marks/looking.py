"""The fields that are looked through, what is marked in them, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.apps import apps
from django.db import models
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .. import privacy
from ..access import Actor, require
from ..privacy.kinds import KINDS
from ..registry import Registry
from ..text import folded
from ..web.errors import Refusal

if TYPE_CHECKING:
    from .models import Waiting

#: The field of a form that says that marks may stand.
SEEN = "marks_seen"


@dataclass(frozen=True)
class LookedThrough:
    """Texts of one model. ``at(row)`` gives what the row is called and where it is changed; ``take_out(actor, row,
    texts)`` stores texts (field → text) without the marked words, for what is not changed in a form of its own."""

    names: tuple[str, ...]
    needs: str
    at: Callable[[Any], tuple[str, str]]
    take_out: Callable[[Actor, Any, dict[str, str]], None] | None = None


class Fields(Registry[LookedThrough]):
    """By model ("room.Model"), and which texts are not looked through and why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.left: dict[str, dict[str, str]] = {}

    def add(
        self,
        model: str,
        *names: str,
        needs: str,
        at: Callable[[Any], tuple[str, str]],
        take_out: Callable[[Actor, Any, dict[str, str]], None] | None = None,
    ) -> None:
        """Look through texts of a model; ``needs`` is what who answers for them holds."""
        self.put(model, LookedThrough(names, needs, at, take_out))

    def leave(self, model: str, *names: str, why: str) -> None:
        """Texts that are not looked through, and why nobody needs to."""
        self.left.setdefault(model, {}).update(dict.fromkeys(names, why))


fields = Fields("fields that are looked through")
#: Gives the names of places here, in small letters, which are no people.
place_names: Registry[Callable[[], Collection[str]]] = Registry("names of places")


@dataclass(frozen=True)
class Unanswered:
    """One mark that nobody has answered for: the words, what they look like, in which text, and where to change it."""

    row: models.Model
    field: str
    name: str
    words: str
    kind: str
    title: str
    url: str

    @property
    def token(self) -> str:
        return _fingerprint(self.words)


class Marked(Refusal):
    """A text holds what looks like personal data. The form asks, with the words, whether they may stand."""

    def __init__(self, marks: list[Unanswered]) -> None:
        super().__init__(
            _("Some of this looks like personal data. Take it out, or say that it may stand."),
            field=SEEN,
            code="marked",
        )
        self.marks = marks

    def ask(self, form: forms.BaseForm) -> None:
        """Let the form ask. The answer holds for these marks, and those answered the time before, and no others."""
        shown = dict.fromkeys(f"”{mark.words}” ({mark.kind})" for mark in self.marks)
        tokens = {*form.data.get(SEEN, "").split(), *(mark.token for mark in self.marks)}
        form.fields[SEEN] = forms.BooleanField(
            label=_("I have looked at what is marked. It may stand."),
            required=False,
            help_text="; ".join(shown),
            widget=forms.CheckboxInput(attrs={"value": " ".join(sorted(tokens))}, check_test=lambda _value: False),
        )


def seen_in(request: HttpRequest) -> str:
    """What a form that was sent says of marks; for ``seen`` of :func:`look_through`."""
    return request.POST.get(SEEN, "")


def _fingerprint(words: str) -> str:
    return salted_hmac("samverkan.marks", folded(words), algorithm="sha256").hexdigest()


def _places() -> Collection[str]:
    return frozenset().union(*(names() for names in place_names.all()))


def _label(row: models.Model) -> str:
    return row._meta.label


def unanswered(rows: Iterable[models.Model], only: Collection[str] = ()) -> list[Unanswered]:
    """Marks in the looked-through texts of rows (of the fields ``only``, where named) that nobody lets stand."""
    from .models import Standing

    looked = [(row, entry) for row in rows if (entry := fields.get(_label(row))) is not None]
    here = _places()
    found: list[Unanswered] = []
    for row, entry in looked:
        for name in entry.names:
            text = (not only or name in only) and getattr(row, name)
            if not text:
                continue
            title, url = entry.at(row)
            called = str(capfirst(row._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
            words = dict.fromkeys((text[m.start : m.end], m.kind) for m in privacy.find(text, here))
            found += [Unanswered(row, name, called, w, str(KINDS[kind]), title, url) for w, kind in words]
    if not found:
        return []
    answered = set(
        Standing.objects.filter(
            model__in={_label(mark.row) for mark in found}, row__in={cast(int, mark.row.pk) for mark in found}
        ).values_list("model", "row", "field", "words")
    )
    return [mark for mark in found if (_label(mark.row), mark.row.pk, mark.field, mark.token) not in answered]


def look_through(actor: Actor, rows: Iterable[models.Model], *, only: Collection[str] = (), seen: str = "") -> None:
    """Look through what has just been written (the fields ``only``, where named), in the transaction that wrote it.

    ``seen`` is what the page sent back when it had asked: those marks may stand. Raises Marked for others.
    """
    marks = unanswered(rows, only)
    left = [mark for mark in marks if mark.token not in seen.split()]
    if left:
        raise Marked(left)
    _keep(actor, marks)


def stand_reviewed(actor: Actor, rows: Iterable[models.Model]) -> None:
    """All that is marked in rows may stand, since a person has just looked it through on a page of its own."""
    _keep(actor, unanswered(rows))


def _keep(actor: Actor, marks: Iterable[Unanswered]) -> None:
    from .models import Standing

    Standing.objects.bulk_create(
        [
            Standing(
                model=_label(mark.row), row=mark.row.pk, field=mark.field, words=mark.token, by_id=actor.membership_id
            )
            for mark in marks
        ],
        ignore_conflicts=True,
    )


def _row(actor: Actor, model: str, pk: int) -> models.Model | None:
    """A row that the actor may answer for; None where there is none, or none for this actor."""
    entry = fields.get(model)
    if entry is None:
        return None
    require(actor, entry.needs)
    found: models.Model | None = (
        cast(Any, apps.get_model(model))._default_manager.visible_to(actor).filter(pk=pk).first()
    )
    return found


def let_stand(actor: Actor, *, model: str, pk: int, tokens: Collection[str]) -> bool:
    """Say that marks of a row may stand, by their tokens. False when there is no such row for the actor."""
    require(actor, "marks.answer")
    row = _row(actor, model, pk)
    if row is None:
        return False
    _keep(actor, [mark for mark in unanswered([row]) if mark.token in tokens])
    settle([row])
    return True


def take_out(actor: Actor, *, model: str, pk: int) -> bool:
    """Take the unanswered marks out of a row's texts, for good. False when that is not possible here."""
    require(actor, "marks.answer")
    row, entry = _row(actor, model, pk), fields.get(model)
    if row is None or entry is None or entry.take_out is None:
        return False
    words: dict[str, set[str]] = {}
    for mark in unanswered([row]):
        words.setdefault(mark.field, set()).add(mark.words)
    here = _places()
    texts = {}
    for name in entry.names:
        text = getattr(row, name)
        marks = [m for m in privacy.find(text, here) if text[m.start : m.end] in words.get(name, ())]
        texts[name] = privacy.stripped(text, marks)
    entry.take_out(actor, row, texts)
    row.refresh_from_db()
    settle([row])
    return True


# ------------------------------------------------------- what waits in a list


def wait_for(rows: Iterable[models.Model]) -> int:
    """Put rows that hold unanswered marks into the list of what waits, and take the others off it. Returns how many marks."""
    from .models import Waiting

    rows = list(rows)
    counts: dict[tuple[str, int], int] = {}
    for mark in unanswered(rows):
        key = _label(mark.row), cast(int, mark.row.pk)
        counts[key] = counts.get(key, 0) + 1
    Waiting.objects.bulk_create(
        [Waiting(model=model, row=pk, count=n) for (model, pk), n in counts.items()],
        update_conflicts=True,
        unique_fields=["model", "row"],
        update_fields=["count"],
    )
    settled = [row for row in rows if (_label(row), row.pk) not in counts]
    for model in {_label(row) for row in settled}:
        Waiting.objects.filter(model=model, row__in=[row.pk for row in settled if _label(row) == model]).delete()
    return sum(counts.values())


def waiting(actor: Actor) -> models.QuerySet[Waiting]:
    """What waits for the actor, the oldest first."""
    from .models import Waiting

    if not actor.may("marks.answer"):
        return Waiting.objects.none()
    mine = [model for model, entry in fields.items() if actor.may(entry.needs)]
    return Waiting.objects.filter(model__in=mine).order_by("since", "pk")


def rows_of(actor: Actor, waits: Iterable[Waiting]) -> dict[int, tuple[models.Model, list[Unanswered]]]:
    """The rows of what waits, with their marks, by the key of what waits. What is gone or answered is taken off the list."""
    waits = list(waits)
    keys: dict[str, set[int]] = {}
    for one in waits:
        keys.setdefault(one.model, set()).add(one.row)
    rows = {
        (model, row.pk): row
        for model, pks in keys.items()
        for row in cast(Any, apps.get_model(model))._default_manager.visible_to(actor).filter(pk__in=pks)
    }
    marks: dict[tuple[str, int], list[Unanswered]] = {}
    for mark in unanswered(rows.values()):
        marks.setdefault((_label(mark.row), cast(int, mark.row.pk)), []).append(mark)
    return {
        one.pk: (rows[one.model, one.row], marks[one.model, one.row])
        for one in waits
        if (one.model, one.row) in rows and (one.model, one.row) in marks
    }


def settle(rows: Iterable[models.Model]) -> None:
    """Take rows off the list that hold no unanswered mark any more."""
    from .models import Waiting

    rows = list(rows)
    left = {(_label(mark.row), mark.row.pk) for mark in unanswered(rows)}
    for row in rows:
        if (_label(row), row.pk) not in left:
            Waiting.objects.filter(model=_label(row), row=row.pk).delete()
