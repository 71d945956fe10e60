"""Texts of incidents that came from files are looked through for personal data, and wait for a person's answer."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from samverkan.foundation import marks
from samverkan.foundation.access import Actor

from .models import Incident
from .services import erasing


def _incident(row: Incident) -> tuple[str, str]:
    return row.title or _("An incident without a heading"), reverse("incident_words", args=[row.public_id])


def _take_out(actor: Actor, row: Incident, texts: dict[str, str]) -> None:
    erasing.take_out(actor, incident=row, version=row.version, title=texts["title"], description=texts["description"])


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
