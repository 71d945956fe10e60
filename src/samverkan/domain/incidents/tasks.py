"""Jobs of the incidents: reading what was given in the browser, and telling of imports that were interrupted."""

from __future__ import annotations

from uuid import UUID

from samverkan.foundation import jobs


@jobs.task("incidents.check_upload", retry=0)
def check_upload(upload_id: str) -> None:
    """Try an upload without storing anything."""
    from . import uploads

    uploads.run_check(UUID(upload_id))


@jobs.task("incidents.import_upload")
def import_upload(upload_id: str) -> None:
    """Read an upload. Bears being run again: what is stored already is unchanged."""
    from . import uploads

    uploads.run_import(UUID(upload_id))


@jobs.task("incidents.look_through_import")
def look_through_import(run_id: str) -> None:
    """Look through what an import brought. Bears being run again."""
    from . import marked

    marked.look_through_import(UUID(run_id))


@jobs.periodic("23 2 * * *", name="incidents.mark_interrupted")
def mark_interrupted() -> None:
    """Tell of imports that were interrupted, after the disposal of files that were given and never read."""
    from .importing import interrupted

    interrupted.mark()
