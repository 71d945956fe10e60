"""Files are given in the browser, looked at, and read or taken away; how they lie meanwhile is in ``uploads``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samverkan.foundation import clock, jobs
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Refusal

from .. import uploads
from ..importing import polisen
from ..importing.mapping import from_dict
from ..importing.profiles import by_name
from ..models import ImportRun, Upload

MAX_BYTES = 200 << 20
MAX_FILES = 20


def receive(actor: Actor, *, files: list[UploadedFile[Any]], profile: str = "") -> Upload:
    """Keep the files that were given. ``profile`` is ``polisen``, a saved one's name, or empty."""
    require(actor, "incidents.import")
    assert actor.person_id is not None
    if sum(file.size or 0 for file in files) > MAX_BYTES:
        raise Refusal(
            _("The files are larger than {n} MB together. Use the command samverkan import on the server.").format(
                n=MAX_BYTES >> 20
            ),
            field="files",
        )
    if not files or len(files) > MAX_FILES:
        raise Refusal(_("Choose between one and {n} files.").format(n=MAX_FILES), field="files")
    with transaction.atomic():
        upload = Upload.objects.create(
            controller=people.home(),
            person_id=actor.person_id,
            names=[Path(file.name or "fil").name for file in files],
            profile=profile,
            chosen=by_name(profile).as_dict() if profile and profile != polisen.MAPPING.profile else None,
            language=get_language() or "sv",
        )
        for number, file in enumerate(files):
            uploads.keep(upload, number, file.chunks(uploads.PART))
        uploads.look(upload)
    return upload


def use_sheet(actor: Actor, *, upload: Upload, sheet: str) -> None:
    """Read another sheet of a workbook; what was chosen for the former is let go."""
    require(actor, "incidents.import")
    if sheet not in uploads.preview(upload).get("understood", {}).get("sheets", []):
        raise Refusal(_("There is no sheet “{name}” in the workbook.").format(name=sheet[:60]), field="sheet")
    upload.chosen, upload.profile, upload.sheet = None, "", sheet
    uploads.look(upload)


def choose(actor: Actor, *, upload: Upload, mapping: dict[str, Any], profile: str = "") -> None:
    """Decide how the columns are read. MappingError when that cannot be used."""
    require(actor, "incidents.import")
    chosen = from_dict(mapping).as_dict()
    new, upload.chosen, upload.profile = chosen != upload.chosen, chosen, profile
    if new:
        uploads.look(upload)
    else:
        upload.save(update_fields=["profile"])


def _decided(upload: Upload) -> None:
    if uploads.mapping_of(upload) is None:
        raise Refusal(_("Choose first which column is what."))


@transaction.atomic
def begin_check(actor: Actor, *, upload: Upload) -> None:
    """Queue a dry run."""
    from ..tasks import check_upload

    require(actor, "incidents.import")
    _decided(upload)
    uploads.note(upload, "checking")
    jobs.defer(check_upload, unique=f"check {upload.public_id}", upload_id=upload.public_id)


@transaction.atomic
def begin_import(actor: Actor, *, upload: Upload) -> ImportRun:
    """Queue the import. Twice is once; after a stop it goes on with the rest."""
    from ..tasks import import_upload

    require(actor, "incidents.import")
    _decided(upload)
    run, _new = ImportRun.objects.get_or_create(
        public_id=upload.public_id,
        defaults={
            "controller_id": upload.controller_id,
            "started_by_id": actor.person_id,
            "profile": upload.profile,
            "files": [{"name": name} for name in upload.names],
        },
    )
    if run.ended_at is None:
        uploads.note(upload, "importing")
        jobs.defer(import_upload, unique=f"import {upload.public_id}", upload_id=upload.public_id)
    return run


@transaction.atomic
def remove(actor: Actor, *, upload: Upload) -> None:
    """Throw the files away. What has been read of them stays."""
    require(actor, "incidents.import")
    ImportRun.objects.filter(public_id=upload.public_id, ended_at__isnull=True).update(ended_at=clock.now())
    upload.delete()
