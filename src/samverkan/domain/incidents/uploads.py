"""Files given in the browser, from their arrival until they are read: kept for nobody else, then removed.

One folder per upload under the data folder, readable by its owner only::

    imports/<id>/files/<number>/<name>   the files as they came
    imports/<id>/plan.json               who gave them, the mapping, the language of reasons
    imports/<id>/preview.json            columns and first rows of the first file
    imports/<id>/state.json              what is going on and how many rows have been read
    imports/<id>/check.json, check.csv   what a dry run found

When the import has ended the folder is gone; what remains is the :class:`ImportRun`, which has the
upload's id.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from samverkan.foundation import clock, jobs, reading
from samverkan.foundation.access import SYSTEM, Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Refusal

from .importing import import_files, polisen
from .importing.mapping import Mapping, MappingError, from_dict
from .importing.profiles import by_name
from .importing.proposal import Stored, as_stored, propose, to_answer
from .importing.run import rejects_file
from .models import ImportRun

MAX_BYTES = 200 << 20
MAX_FILES = 20
PREVIEW_ROWS = 8
PREVIEW_CELL = 80  # characters
SHOWN_REJECTS = 50
#: Files that nobody decided about are removed after this long.
KEEP = timedelta(days=2)


@dataclass(frozen=True)
class Upload:
    """One person's files on their way in."""

    public_id: uuid.UUID
    folder: Path
    plan: dict[str, Any]

    @property
    def paths(self) -> list[Path]:
        return [
            path
            for number in sorted((self.folder / "files").iterdir(), key=lambda p: int(p.name))
            for path in number.iterdir()
        ]

    @property
    def names(self) -> list[str]:
        return [path.name for path in self.paths]

    @property
    def mapping(self) -> Mapping | None:
        """What was chosen: the police's profile, a checked mapping, or nothing yet."""
        if self.plan["profile"] == polisen.MAPPING.profile:
            return polisen.MAPPING
        return from_dict(self.plan["mapping"]) if self.plan["mapping"] else None

    @property
    def preview(self) -> dict[str, Any]:
        return _read(self.folder / "preview.json") or {"columns": [], "rows": [], "problem": ""}

    @property
    def state(self) -> dict[str, Any]:
        return _read(self.folder / "state.json") or {"doing": "", "read": 0}

    @property
    def rejected(self) -> str | None:
        """What a dry run would reject, as CSV."""
        path = self.folder / "check.csv"
        return path.read_text("utf-8") if path.exists() else None

    @property
    def check(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = _read(self.folder / "check.json")
        return found


def _root() -> Path:
    return Path(settings.DATA) / "imports"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None


def _write(path: Path, content: str) -> None:
    """Whole or not at all, and for the owner only."""
    half = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    half.replace(path)


def receive(actor: Actor, *, files: list[UploadedFile[Any]], profile: str = "") -> Upload:
    """Keep the files that were given. ``profile`` is ``polisen``, a saved one's name, or empty."""
    require(actor, "incidents.import")
    if sum(file.size or 0 for file in files) > MAX_BYTES:
        raise Refusal(
            _("The files are larger than {n} MB together. Use the command samverkan import on the server.").format(
                n=MAX_BYTES >> 20
            ),
            field="files",
        )
    if not files or len(files) > MAX_FILES:
        raise Refusal(_("Choose between one and {n} files.").format(n=MAX_FILES), field="files")
    saved = by_name(profile).as_dict() if profile and profile != polisen.MAPPING.profile else None
    public_id = uuid.uuid4()
    folder = _root() / str(public_id)
    for closed in (_root(), folder):  # parents made on the way would be open to others
        closed.mkdir(mode=0o700, exist_ok=True)
    try:
        for number, file in enumerate(files):
            place = folder / "files" / str(number)
            place.mkdir(mode=0o700, parents=True)
            path = place / (file.name or "fil")
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                for chunk in file.chunks():
                    out.write(chunk)
        plan = {"person": actor.person_id, "profile": profile, "mapping": saved, "language": get_language() or "sv"}
        upload = Upload(public_id, folder, plan)
        _write(folder / "preview.json", json.dumps(_preview(upload.paths[0])))
        _write(folder / "plan.json", json.dumps(plan))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def _preview(path: Path, sheet: str = "") -> dict[str, Any]:
    """How the first file is understood, its columns and first rows, and what only a person can know."""
    columns: dict[str, None] = {}
    rows: list[dict[str, str]] = []
    problem, proposed = "", None
    try:
        proposed = propose(path, sheet)
        for _line, row in islice(reading.read(path, sheet=sheet), PREVIEW_ROWS):
            if isinstance(row, reading.BadRow):
                problem = problem or row.problem
                continue
            columns.update(dict.fromkeys(row))
            rows.append({name: str("" if value is None else value)[:PREVIEW_CELL] for name, value in row.items()})
    except reading.BadFile as error:
        problem = str(error)
    # Columns that begin with an underscore are the product's own notes on rejected rows.
    names = [name for name in columns if name and not name.startswith("_")]
    return {
        "columns": names,
        "rows": [[row.get(name, "") for name in names] for row in rows],
        "problem": problem,
        "proposed": proposed.mapping["columns"] if proposed else {},
        "questions": proposed.questions if proposed else [],
        "understood": proposed.understood if proposed else {},
    }


def use_sheet(actor: Actor, *, upload: Upload, sheet: str) -> None:
    """Read another sheet of a workbook; what was chosen for the former is let go."""
    require(actor, "incidents.import")
    if sheet not in upload.preview.get("understood", {}).get("sheets", []):
        raise Refusal(_("There is no sheet “{name}” in the workbook.").format(name=sheet[:60]), field="sheet")
    for name in ("check.json", "check.csv"):
        (upload.folder / name).unlink(missing_ok=True)
    _write(upload.folder / "preview.json", json.dumps(_preview(upload.paths[0], sheet)))
    _write(upload.folder / "plan.json", json.dumps({**upload.plan, "mapping": None, "profile": "", "sheet": sheet}))


def stored_rows(upload: Upload) -> list[Stored]:
    """The first rows as they would be stored, by what was chosen, else by what is proposed; empty while it lacks something."""
    mapping = _meant(upload)
    try:
        return as_stored(upload.paths[0], mapping) if mapping else []
    except (MappingError, reading.BadFile):
        return []


def _meant(upload: Upload) -> Mapping | None:
    """What was chosen, else what is proposed; None while it lacks something, and for the police's file."""
    if upload.plan["profile"] == polisen.MAPPING.profile or not upload.preview["columns"]:
        return None
    given = upload.plan["mapping"] or {
        "source": {"code": "prov"},
        "columns": upload.preview.get("proposed", {}),
        "formats": {"sheet": upload.plan.get("sheet", "")},
    }
    try:
        return from_dict(given)
    except MappingError:
        return None


def to_be_answered(upload: Upload) -> dict[str, str]:
    """Categories of the files that somebody has to say something of → the answer that is proposed."""
    mapping = _meant(upload)
    if mapping is None:
        return {}
    try:
        return to_answer(upload.paths[0], mapping, (upload.check or {}).get("new_categories", ()))
    except reading.BadFile:
        return {}


def get(actor: Actor, public_id: uuid.UUID) -> Upload | None:
    """The actor's own upload; others' do not exist."""
    require(actor, "incidents.import")
    upload = _load(public_id)
    return upload if upload and upload.plan["person"] == actor.person_id else None


def _load(public_id: uuid.UUID) -> Upload | None:
    folder = _root() / str(public_id)
    plan = _read(folder / "plan.json")
    return Upload(public_id, folder, plan) if plan else None


def choose(actor: Actor, *, upload: Upload, mapping: dict[str, Any], profile: str = "") -> Upload:
    """Decide how the columns are read. MappingError when that cannot be used."""
    require(actor, "incidents.import")
    plan = {**upload.plan, "mapping": from_dict(mapping).as_dict(), "profile": profile}
    if plan != upload.plan:
        for name in ("check.json", "check.csv"):
            (upload.folder / name).unlink(missing_ok=True)
        _write(upload.folder / "plan.json", json.dumps(plan))
    return Upload(upload.public_id, upload.folder, plan)


def _decided(upload: Upload) -> None:
    if upload.mapping is None:
        raise Refusal(_("Choose first which column is what."))


def begin_check(actor: Actor, *, upload: Upload) -> None:
    """Queue a dry run."""
    from .tasks import check_upload

    require(actor, "incidents.import")
    _decided(upload)
    _note(upload, "checking")
    jobs.defer(check_upload, unique=f"check {upload.public_id}", upload_id=upload.public_id)


@transaction.atomic
def begin_import(actor: Actor, *, upload: Upload) -> ImportRun:
    """Queue the import. Twice is once; after a stop it goes on with the rest."""
    from .tasks import import_upload

    require(actor, "incidents.import")
    _decided(upload)
    run, _new = ImportRun.objects.get_or_create(
        public_id=upload.public_id,
        defaults={
            "controller": people.home(),
            "started_by_id": actor.person_id,
            "profile": upload.plan["profile"],
            "files": [{"name": name} for name in upload.names],
        },
    )
    if run.ended_at is None:
        _note(upload, "importing")
        jobs.defer(import_upload, unique=f"import {upload.public_id}", upload_id=upload.public_id)
    return run


def remove(actor: Actor, *, upload: Upload) -> None:
    """Throw the files away. What has been read of them stays."""
    require(actor, "incidents.import")
    ImportRun.objects.filter(public_id=upload.public_id, ended_at__isnull=True).update(ended_at=clock.now())
    shutil.rmtree(upload.folder, ignore_errors=True)


def run_check(public_id: uuid.UUID) -> None:
    """The dry run itself; what it found lies beside the files."""
    upload = _load(public_id)
    if upload is None or upload.mapping is None:
        return
    with override(upload.plan["language"]):
        try:
            counts = import_files(
                SYSTEM, paths=upload.paths, mapping=upload.mapping, dry_run=True, progress=_teller(upload, "checking")
            )
        except BaseException:
            _note(upload, "stopped")
            raise
        rejects = sorted(counts.rejects, key=lambda r: (r[0], r[1]))
        if rejects:
            _write(upload.folder / "check.csv", rejects_file(counts))
        found = {
            **counts.as_dict(),
            "rejects": [list(r[:3]) for r in rejects[:SHOWN_REJECTS]],
        }
        _write(upload.folder / "check.json", json.dumps(found))
        _note(upload, "", counts.read)


def run_import(public_id: uuid.UUID) -> None:
    """The import itself; the files are removed when it has ended."""
    upload = _load(public_id)
    run = ImportRun.objects.filter(public_id=public_id, ended_at__isnull=True).first()
    if upload is None or run is None or upload.mapping is None:
        return
    with override(upload.plan["language"]):
        try:
            import_files(
                SYSTEM, paths=upload.paths, mapping=upload.mapping, progress=_teller(upload, "importing"), run=run
            )
        except BaseException:
            _note(upload, "stopped")
            raise
    shutil.rmtree(upload.folder, ignore_errors=True)


def sweep(now: datetime | None = None) -> int:
    """Remove uploads that nobody decided about in time. Returns how many."""
    oldest = ((now or clock.now()) - KEEP).timestamp()
    old = [folder for folder in _root().glob("*-*") if folder.stat().st_mtime < oldest]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _note(upload: Upload, doing: str, read: int = 0) -> None:
    _write(upload.folder / "state.json", json.dumps({"doing": doing, "read": read}))


def _teller(upload: Upload, doing: str) -> Callable[[int], None]:
    """Notes the number of rows read, at every ten thousandth."""
    read = 0

    def tell(more: int) -> None:
        nonlocal read
        read += more
        if read % 10_000 == 0:
            _note(upload, doing, read)

    return tell
