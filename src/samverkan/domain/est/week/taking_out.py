"""Personal data that slipped into a locked week is taken out: a corrected edition without it, and the old bytes go.

The old edition's number, fingerprint and reason stay. Its content is emptied by a job, which writes into the chain
what was taken out and why (``foundation/chain/replacing.py``); until then nobody is shown it. What the week's rows
say themselves loses the words too, so that they come in no later edition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident
from samverkan.domain.measures.api import Measure
from samverkan.domain.places.api import names_here
from samverkan.foundation import jobs, marks, privacy
from samverkan.foundation.access import Actor, require
from samverkan.foundation.chain.replacing import replace
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.files.models import Disposal
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import locked

from ..models import Edition, EditionTakenOut, EstWeek, WeekState
from . import workflow
from .marked import told_by

INSTEAD = "[…]"
#: What is no text of anybody: codes, times, drawings.
_NO_TEXT = frozenset(
    {"format", "week", "weeks", "from", "to", "put_together_at", "language", "id", "key", "status", "trend", "since"}
    | {"due", "follow_up", "svg", "narrow", "verdict", "figures", "partners", "effort"}
)


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    """The words wherever they stand, in capitals or not, over line breaks, and with the genitive's s or without it."""
    plain = {one[:-1] if len(one) > 3 and one.casefold().endswith("s") else one for one in words}
    longest_first = sorted(plain, key=len, reverse=True)
    parts = [r"\s+".join(re.escape(part) for part in one.split()) for one in longest_first]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})s?(?!\w)", re.IGNORECASE)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(INSTEAD, value)
    if isinstance(value, dict):
        return {key: v if key in _NO_TEXT else _without(v, pattern) for key, v in value.items()}
    if isinstance(value, list):
        return [_without(v, pattern) for v in value]
    return value


#: Names of seats, organisations and places come from their registers.
_REGISTERED = frozenset({"who", "where", "municipality", "licences"})


def texts_of(content: Any) -> list[str]:
    """Every text of a locked week that somebody has written."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [text for key, value in content.items() if key not in _NO_TEXT | _REGISTERED for text in texts_of(value)]
    return [text for value in content for text in texts_of(value)] if isinstance(content, list) else []


def suggested(content: dict[str, Any]) -> list[str]:
    """Words of a locked week that look like personal data."""
    here = names_here()
    return list(dict.fromkeys(text[m.start : m.end] for text in texts_of(content) for m in privacy.find(text, here)))


@transaction.atomic
def carried_out(actor: Actor, week: EstWeek, version: int, words: Iterable[str], reason: str, seen: str) -> Edition:
    """Take words out of a locked week, everywhere and for good. Returns its latest edition, which has none of them.

    Raises Refusal when the week is not locked, no word or reason is given, or the words stand nowhere in it.
    """
    require(actor, "est.take_out")
    row = locked(EstWeek, week, version)
    if row.state != WeekState.FROZEN:
        raise Refusal(_("The week is not locked. Change the texts where they stand."))
    wanted = {" ".join(one.split()) for one in words} - {""}
    if not wanted:
        raise Refusal(_("Write the words that are to be taken out."), field="words")
    if any(len(one) < 2 for one in wanted):
        raise Refusal(_("Write whole words, not single letters."), field="words")
    if not reason.strip():
        raise Refusal(_("Write why it is taken out."), field="reason")
    pattern = _pattern(wanted)
    if pattern.search(reason):
        raise Refusal(_("The reason stays. Write it without the words that are to be taken out."), field="reason")
    editions = list(row.editions.filter(taken_out__isnull=True).order_by("number"))
    holding = [e for e in editions if _without(e.content, pattern) != e.content or pattern.search(e.corrects)]
    if not holding:
        raise Refusal(_("None of the words stands in the locked week."), field="words")
    latest = editions[-1]
    _out_of_rows(actor, row, holding, pattern)
    if latest in holding:
        latest = _corrected(actor, row, latest, pattern, reason.strip())
    for edition in holding:
        gone = EditionTakenOut.objects.create(edition=edition, reason=reason.strip()[:500], by_id=actor.membership_id)
        marks.look_through(actor, [gone], seen=seen)
        Disposal.objects.create(
            rule="est.take_out", ref_kind="est_edition", ref_id=edition.public_id, count=1, by_id=actor.membership_id
        )
        jobs.defer(empty, unique=f"empty edition {edition.pk}", edition_id=edition.pk)
    EstWeek.objects.filter(pk=row.pk).update(version=models.F("version") + 1)
    return latest


def _corrected(actor: Actor, row: EstWeek, latest: Edition, pattern: re.Pattern[str], reason: str) -> Edition:
    """What was locked, without the words: nothing is counted or put together anew."""
    from .documents import LANGUAGE

    number = row.editions.count() + 1
    with translation.override(LANGUAGE):
        corrects = _("Personal data is taken out: %(reason)s") % {"reason": reason}
    content = {**_without(latest.content, pattern), "edition": number, "corrects": corrects}
    made = Edition.objects.create(
        week=row,
        number=number,
        content=content,
        sha256=fingerprint(content),
        frozen_by_id=actor.membership_id,
        corrects=corrects[:500],
    )
    workflow.tell(actor, row, "est.corrected")
    return made


def _out_of_rows(actor: Actor, row: EstWeek, editions: Iterable[Edition], pattern: re.Pattern[str]) -> None:
    """The week's own rows, and the measures and developments that it told, lose the words too."""
    told = [part for e in editions for name in ("measures", "developments") for part in e.content.get(name, [])]
    ids = {part["id"] for part in told if part.get("id")}
    rows = {(one._meta.label, one.pk): one for one in told_by(row)}
    for model in (Measure, Incident):
        found: Iterable[models.Model] = model.objects.filter(public_id__in=ids)
        rows |= {(one._meta.label, one.pk): one for one in found}
    for one in rows.values():
        entry = marks.fields.get(one._meta.label)
        texts = {name: pattern.sub(INSTEAD, getattr(one, name)) for name in entry.names} if entry else {}
        if entry is None or all(getattr(one, name) == text for name, text in texts.items()):
            continue
        store: Callable[[Actor, Any, dict[str, str]], None] = entry.take_out or _store
        store(actor, one, texts)


def _store(_actor: Actor, row: models.Model, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        setattr(row, name, text)
    changed = set(texts)
    if any(field.name == "version" for field in row._meta.fields) and not isinstance(row, EstWeek):
        row.version += 1  # type: ignore[attr-defined]
        changed.add("version")
    row.save(update_fields=changed)


@jobs.task("est.empty_edition")
def empty(edition_id: int) -> None:
    """Let the bytes of an edition go, and tell the chain. Twice is once."""
    gone = EditionTakenOut.objects.get(edition_id=edition_id)

    def change(cursor: Any) -> None:
        cursor.execute("SELECT est_empty_edition(%s)", [edition_id])

    replace(Edition._meta.db_table, edition_id, change=change, rule=f"est.take_out: {gone.reason}")
