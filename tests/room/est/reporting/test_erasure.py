"""What is taken out in review is found nowhere afterwards; a partner sees only its own."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from samverkan.domain.est.models import NothingToReport, Report, ReportState
from samverkan.domain.est.reporting import selectors, services
from samverkan.domain.est.reporting.services import review
from samverkan.domain.incidents.api import Category, Incident
from samverkan.foundation import files
from samverkan.foundation.access import Refused
from samverkan.foundation.files.models import StoredFile
from samverkan.foundation.refs import Ref

SECRET = "Zebrafinkarnas"  # a word that is nowhere else


def everywhere(text: str) -> list[str]:
    """Table and column of every place in the database where a text is found."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND has_column_privilege(quote_ident(table_name), column_name, 'SELECT')"
        )
        columns = cursor.fetchall()
        found = []
        for table, column in columns:
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1', [f"%{text}%"])
            if cursor.fetchone():
                found.append(f"{table}.{column}")
    return found


def photo(name: str = f"{SECRET}.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def accepted(world: Any, row: Report, **fields: Any) -> Report:
    values: dict[str, Any] = {
        "category": row.category,
        "title": "Klotter",
        "text": "Nytt klotter.",
        "kind": row.kind,
        "trend": row.trend,
        "observation": row.observation,
    }
    return review.accept(
        world["granskare"], report=row, version=row.version, cleaned=review.Cleaned(**{**values, **fields})
    )


def test_what_is_taken_out_is_nowhere(
    world: Any, seen: Callable[..., services.Seen], django_capture_on_commit_callbacks: Any
) -> None:
    row = services.submit(world["skola"], seen=seen(text=f"{SECRET} granne såg det."), photos=[photo(), photo()])
    assert everywhere(SECRET) == ["est_report.text"]
    review.send_back(world["granskare"], report=row, version=1, reason=f"Ta bort {SECRET}.")
    row.refresh_from_db()
    services.send(world["skola"], report=row, version=2)
    row.refresh_from_db()
    kept, gone = files.files_of(world["granskare"], Ref("report", row.public_id))
    with django_capture_on_commit_callbacks(execute=True):
        accepted(world, row, keep_photos=(str(kept.public_id),))
    assert everywhere(SECRET) == []
    assert list(StoredFile.objects.values_list("public_id", flat=True)) == [kept.public_id]
    root = Path(settings.MEDIA_ROOT)
    assert (root / kept.digest[:2] / kept.digest).exists() and not (root / gone.digest[:2] / gone.digest).exists()


def test_a_closed_report_keeps_no_words_and_no_point(world: Any, sent: Callable[..., Report]) -> None:
    row = sent("skola", text=f"{SECRET} igen")
    review.close(world["granskare"], report=row, version=1, answer="Vi har redan uppgiften.")
    row.refresh_from_db()
    assert everywhere(SECRET) == [] and row.x is None and row.place is None and row.state == ReportState.CLOSED


def test_home_bound_categories_never_keep_a_point(world: Any, sent: Callable[..., Report]) -> None:
    row = sent("skola", category="vald-i-nara-relation", place="Björkplan")
    assert row.x is None and row.y is None and row.place is None and row.area is not None
    done = accepted(world, row, text="Oro för våld i hemmet.")
    incident = Incident.objects.get()
    assert incident.precision == "area" and incident.x is None and incident.hexagon is None and done.x is None
    # Recategorised in review, the point goes too.
    row = sent("skola")
    assert row.x is not None
    done = accepted(world, row, category=Category.objects.get(code="bostadsinbrott"))
    incident = Incident.objects.get(external_id=str(row.public_id))
    assert done.x is None and incident.x is None and incident.precision == "area"


@pytest.mark.parametrize(
    "precision,kind",
    [
        ("as_reported", "approximate"),
        ("approximate", "approximate"),
        ("area", "area"),
        ("municipality", "municipality"),
    ],
)
def test_the_place_is_kept_as_exactly_as_decided(
    world: Any, sent: Callable[..., Report], precision: str, kind: str
) -> None:
    row = sent("skola")
    before = (row.x, row.y)
    done = accepted(world, row, precision=precision)
    incident = Incident.objects.get()
    assert incident.precision == kind and (incident.x, incident.y) == (done.x, done.y)
    if precision == "approximate":
        assert (done.x, done.y) != before and done.radius_m == 200 and done.place is None
        assert ((done.x - before[0]) ** 2 + (done.y - before[1]) ** 2) ** 0.5 <= 200
    if precision in {"area", "municipality"}:
        assert done.x is None and done.place is None


def test_every_selector_against_every_role(world: Any, sent: Callable[..., Report]) -> None:
    """Only one's own organisation and those who review see a report; only the writer sees a draft."""
    row, draft = sent("hyresvard"), sent("skola")
    services.withdraw(world["skola"], report=draft, version=1)
    for code in {a for a in world if "." in a or a in CODES}:
        actor = world[code]
        mine = actor.organisation_id == row.organisation_id
        if actor.may("est.report"):
            own = set(selectors.own(actor).values_list("pk", flat=True))
            assert (row.pk in own) == mine, code
            assert (draft.pk in own) == (code == "skola"), code
        else:
            with pytest.raises(Refused):
                selectors.own(actor)
        if actor.may("est.review"):
            assert actor.role in {"coordinator", "reviewer"}
            assert set(selectors.queue(actor)) == {row}
            with pytest.raises(Report.DoesNotExist):
                selectors.reviewable(actor, draft.public_id)
        else:
            for call in (selectors.queue, selectors.handled, selectors.lasting):
                with pytest.raises(Refused):
                    call(actor)
        if not actor.may("est.reporters"):
            with pytest.raises(Refused):
                selectors.groups(actor)


CODES = {
    "samordnare",
    "granskare",
    "kommunpolis",
    "direktor",
    "sekreterare",
    "fortroendevald",
    "bostadsbolag",
    "skola",
    "fritid",
    "socialtjanst",
    "hyresvard",
    "ordningsvakt",
    "centrum",
    "krogare",
    "nattvandrare",
    "lacus",
    "kontaktcenter",
    "dataskyddsombud",
    "registrator",
    "administrator",
    "revisor",
}


def test_photos_are_seen_by_the_own_organisation_and_reviewers(world: Any, seen: Callable[..., services.Seen]) -> None:
    row = services.submit(world["skola"], seen=seen(), photos=[photo()])
    stored = StoredFile.objects.get()
    assert stored.name == "photo.jpg"
    for code in ("skola", "granskare", "samordnare"):
        assert files.open_file(world[code], stored.public_id)[0] == stored
    for code in ("skola.soder", "hyresvard", "kommunpolis", "revisor"):
        with pytest.raises(files.NotFound):
            files.open_file(world[code], stored.public_id)
    services.withdraw(world["skola"], report=row, version=1)
    with pytest.raises(files.NotFound):
        files.open_file(world["granskare"], stored.public_id)


def test_at_most_four_photos(world: Any, seen: Callable[..., services.Seen], client_for: Any) -> None:
    from samverkan.foundation.web.errors import Refusal

    with pytest.raises(Refusal):
        services.submit(world["skola"], seen=seen(), photos=[photo() for _ in range(5)])
    assert Report.objects.count() == 0 and NothingToReport.objects.count() == 0
