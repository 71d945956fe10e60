"""Files given in the browser, from their arrival until they are read: kept for nobody else, then removed.

They lie in the database and nowhere on the host, so that any web process shows them and any worker reads
them. What they say is sealed. When the import has ended the upload is gone; what remains is the
:class:`ImportRun`, which has the upload's id.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import override

from samverkan.foundation import clock, geo, reading, seal
from samverkan.foundation.access import SYSTEM

from .importing import import_files, polisen
from .importing.mapping import Mapping, MappingError, from_dict
from .importing.proposal import as_stored, categories_met, propose, to_answer
from .importing.run import rejects_file
from .models import ImportRun, Upload, UploadPart

PART = 4 << 20  # bytes of a file in one row
PREVIEW_ROWS = 8
PREVIEW_CELL = 80  # characters
SHOWN_REJECTS = 50
#: How far an import has come is noted after so many rows.
TOLD_AFTER = 50_000


def _place(upload: Upload, file: int, part: int) -> bytes:
    """Where a part belongs. Sealed with it, so that none can be put in another's place."""
    return b"%s %d %d" % (upload.public_id.bytes, file, part)


def keep(upload: Upload, file: int, parts: Iterable[bytes]) -> None:
    for number, content in enumerate(parts):
        sealed = seal.encrypt(content, context=_place(upload, file, number))
        UploadPart.objects.create(upload=upload, file=file, number=number, content=sealed)


def _kept(upload: Upload, file: int) -> Iterator[bytes]:
    """The parts of a file, one in memory at a time."""
    parts = UploadPart.objects.filter(upload=upload, file=file)
    for number in range(parts.count()):
        content = parts.values_list("content", flat=True).get(number=number)
        yield seal.decrypt(bytes(content), context=_place(upload, file, number))


@contextmanager
def _opened(upload: Upload, most: int | None = None) -> Iterator[list[Path]]:
    """The files as paths of this process, for as long as the block lasts.

    What they say lies in files without names, so that nothing of it is left on the host by a process that is killed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        paths = []
        for number, name in enumerate(upload.names[:most]):
            file = stack.enter_context(tempfile.TemporaryFile())
            file.writelines(_kept(upload, number))
            file.flush()
            path = folder / str(number) / name
            path.parent.mkdir()
            path.symlink_to(f"/proc/self/fd/{file.fileno()}")
            paths.append(path)
        yield paths


def _sealed(upload: Upload, value: Any) -> bytes:
    return seal.encrypt(json.dumps(value).encode(), context=upload.public_id.bytes)


def _told(upload: Upload, sealed: bytes | memoryview | None) -> Any:
    return json.loads(seal.decrypt(bytes(sealed), context=upload.public_id.bytes)) if sealed else None


def preview(upload: Upload) -> dict[str, Any]:
    """How the first file is understood, its columns and first rows, as they came and as they would be stored.

    ``met`` are the categories of the first rows with their main ones.
    """
    found: dict[str, Any] = _told(upload, upload.preview)
    return found


def tried(upload: Upload) -> dict[str, Any] | None:
    """What a dry run found."""
    found: dict[str, Any] | None = _told(upload, upload.tried)
    return found


def rejected(upload: Upload) -> bytes | None:
    """What a dry run would reject, as CSV. It is kept as a file after those that were given."""
    return b"".join(_kept(upload, len(upload.names))) or None


def mapping_of(upload: Upload) -> Mapping | None:
    """What was chosen: the police's profile, a checked mapping, or nothing yet."""
    if upload.profile == polisen.MAPPING.profile:
        return polisen.MAPPING
    return from_dict(upload.chosen) if upload.chosen else None


def look(upload: Upload) -> None:
    """Look at the first file by what is chosen now, and keep both; a dry run by what was chosen before no longer counts."""
    with _opened(upload, 1) as paths:
        upload.preview = _sealed(upload, _preview(upload, paths[0]))
    upload.tried, upload.changed_at = None, clock.now()
    with transaction.atomic():
        upload.parts.filter(file=len(upload.names)).delete()
        upload.save(update_fields=["chosen", "profile", "sheet", "preview", "tried", "changed_at"])


def _preview(upload: Upload, path: Path) -> dict[str, Any]:
    columns: dict[str, None] = {}
    rows: list[dict[str, str]] = []
    problem, proposed = "", None
    try:
        proposed = propose(path, upload.sheet)
        # In which system points are matters when they are placed; here the file is only shown.
        epsg = geo.current().epsg if not reading.is_table(path) else None
        for _line, row in islice(reading.read(path, sheet=upload.sheet, epsg=epsg), PREVIEW_ROWS):
            if isinstance(row, reading.BadRow):
                problem = problem or row.problem
                continue
            columns.update(dict.fromkeys(row))
            rows.append({name: str("" if value is None else value)[:PREVIEW_CELL] for name, value in row.items()})
    except reading.BadFile as error:
        problem = str(error)
    # Columns that begin with an underscore are the product's own notes on rejected rows.
    names = [name for name in columns if name and not name.startswith("_")]
    guessed = proposed.mapping["columns"] if proposed else {}
    formats = proposed.mapping.get("formats", {}) if proposed else {}
    stored, seen = [], []
    if names and (mapping := _meant(upload, guessed, formats)):
        with suppress(MappingError, reading.BadFile):
            stored, seen = as_stored(path, mapping), categories_met(path, mapping)
    return {
        "columns": names,
        "rows": [[row.get(name, "") for name in names] for row in rows],
        "problem": problem,
        "proposed": guessed,
        "questions": proposed.questions if proposed else [],
        "understood": proposed.understood if proposed else {},
        "stored": [vars(row) for row in stored],
        "met": seen,
        "in_words": proposed.in_words() if proposed else [],
        "formats": formats,
    }


def _meant(upload: Upload, guessed: dict[str, Any], formats: dict[str, Any]) -> Mapping | None:
    """What was chosen, else what is proposed; None while it lacks something, and for the police's file."""
    if upload.profile == polisen.MAPPING.profile:
        return None
    given = upload.chosen or {
        "source": {"code": "prov"},
        "columns": guessed,
        "formats": {**formats, "sheet": upload.sheet},
    }
    try:
        return from_dict(given)
    except MappingError:
        return None


def to_be_answered(upload: Upload) -> dict[str, str]:
    """Categories of the files that somebody has to say something of → the answer that is proposed."""
    found = preview(upload)
    mapping = _meant(upload, found["proposed"], found.get("formats", {}))
    return to_answer(found["met"], mapping, (tried(upload) or {}).get("new_categories", ())) if mapping else {}


def run_check(public_id: uuid.UUID) -> None:
    """The dry run itself; what it found is kept with the files."""
    upload = Upload.objects.filter(public_id=public_id).first()
    if upload is None or (mapping := mapping_of(upload)) is None:
        return
    with override(upload.language), _stops_told(upload), _opened(upload) as paths:
        counts = import_files(SYSTEM, paths=paths, mapping=mapping, dry_run=True, progress=_teller(upload, "checking"))
        rejects = sorted(counts.rejects, key=lambda r: (r[0], r[1]))
        found = {**counts.as_dict(), "rejects": [list(r[:3]) for r in rejects[:SHOWN_REJECTS]]}
        with transaction.atomic():
            upload.parts.filter(file=len(upload.names)).delete()
            if rejects:
                keep(upload, len(upload.names), [rejects_file(counts).encode("utf-8", "replace")])
            note(upload, "", counts.read, tried=_sealed(upload, found))


def run_import(public_id: uuid.UUID) -> None:
    """The import itself; the files are removed when it has ended."""
    upload = Upload.objects.filter(public_id=public_id).first()
    run = ImportRun.objects.filter(public_id=public_id, ended_at__isnull=True).first()
    if upload is None or run is None or (mapping := mapping_of(upload)) is None:
        return
    with override(upload.language), _stops_told(upload), _opened(upload) as paths:
        import_files(SYSTEM, paths=paths, mapping=mapping, progress=_teller(upload, "importing"), run=run)
    upload.delete()


@contextmanager
def _stops_told(upload: Upload) -> Iterator[None]:
    try:
        yield
    except BaseException:
        note(upload, "stopped")
        raise


def note(upload: Upload, doing: str, read: int = 0, **kept: bytes) -> None:
    """Tell everybody who looks. Only what is told is written, since the person may choose anew meanwhile."""
    Upload.objects.filter(pk=upload.pk).update(doing=doing, read=read, changed_at=clock.now(), **kept)


def _teller(upload: Upload, doing: str) -> Callable[[int], None]:
    """Notes the number of rows read now and then."""
    read = 0

    def tell(more: int) -> None:
        nonlocal read
        read += more
        if read % TOLD_AFTER == 0:
            note(upload, doing, read)

    return tell
