"""Texts of incidents that came from files are looked through for personal data, and wait for a person's answer."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from samverkan.foundation import marks
from samverkan.foundation.access import Actor

from .models import ImportRun, Incident, SourceKind
from .services import erasing

_AT_ONCE = 2_000


def _incident(row: Incident) -> tuple[str, str]:
    return row.title or _("An incident without a heading"), reverse("incident_words", args=[row.public_id])


def _take_out(actor: Actor, row: Incident, texts: dict[str, str]) -> None:
    erasing.take_out(actor, incident=row, version=row.version, title=texts["title"], description=texts["description"])


def look_through_import(run_id: UUID) -> int:
    """Look through the texts that an import brought: what is marked waits in the list. Returns how many marks.

    What the police publish has been read by everybody already, and is not looked through.
    """
    run = ImportRun.objects.select_related("source").get(public_id=run_id)
    if run.source is None or run.source.kind == SourceKind.POLICE_FEED:
        return 0
    rows = Incident.objects.filter(source=run.source, changed_at__gte=run.started_at).exclude(title="", description="")
    found, last = 0, 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        found += marks.wait_for(chunk)
        last = chunk[-1].pk
    with transaction.atomic():
        held = ImportRun.objects.select_for_update().get(pk=run.pk)
        held.counts = {**held.counts, "marks": found}
        held.save(update_fields=["counts"])
    return found


def ready() -> None:
    """Name the texts."""
    marks.fields.add(
        "incidents.Incident", "title", "description", needs="incidents.edit", at=_incident, take_out=_take_out
    )
    marks.fields.leave("incidents.Incident", "external_id", "url", why="How the source names the incident.")
    marks.fields.leave("incidents.ImportedFile", "sha256", why="A fingerprint.")
    codes = "Codes, and the name of a sheet: seen by who gave the files."
    marks.fields.leave("incidents.Upload", "profile", "sheet", "language", "doing", why=codes)
    marks.fields.leave("incidents.ImportRun", "profile", why="The name of a profile.")
