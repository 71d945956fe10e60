"""Every rule is asked from its own day, carried out by itself, and recorded when something went."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from samverkan.domain.est.models import Report, ReportState
from samverkan.domain.est.reporting import handlers
from samverkan.domain.est.reporting import retention as reports
from samverkan.domain.incidents import retention as imports
from samverkan.domain.incidents.api import Category, Draft, WordsTakenOut, ensure_source, ensure_standard, record
from samverkan.domain.incidents.models import ImportRun, Upload, UploadPart
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.files import retention
from samverkan.foundation.files.models import Disposal
from samverkan.foundation.people.services import home
from samverkan.foundation.refs import Ref
from samverkan.foundation.registries import RetentionRules

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Three rules of the test's own; what they were asked."""
    told: list[Any] = []
    rules = RetentionRules("rules of a test")

    def asks(name: str, answer: int) -> Any:
        def ask(before: date) -> int:
            told.append((name, before))
            return answer

        return ask

    days = {"photos.days": "30", "notes.days": 400}
    for key, setting, found in (("photos", "photos.days", 3), ("notes", "notes.days", 0)):
        rules.add(
            key,
            meaning=f"Old {key}",
            ground="Decided",
            setting=setting,
            due=asks(f"due {key}", found + 1),
            dispose=asks(f"dispose {key}", found),
        )
    monkeypatch.setattr("samverkan.foundation.registries.retention_rules", rules)
    monkeypatch.setattr("samverkan.foundation.municipality.get", days.__getitem__)
    return told


PHOTOS, NOTES = TODAY - timedelta(days=30), TODAY - timedelta(days=400)


@pytest.mark.parametrize("given", [True, False])
def test_what_is_due_is_counted_and_stays(asked: list[Any], given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2001-01-01" if given else TODAY.isoformat())
    found = {outcome.key: outcome for outcome in retention.due(*[TODAY] * given)}
    assert sorted(asked) == [("due notes", NOTES), ("due photos", PHOTOS)]
    assert found == {
        "photos": retention.Outcome("photos", "Old photos", PHOTOS, 4),
        "notes": retention.Outcome("notes", "Old notes", NOTES, 1),
    }
    assert not Disposal.objects.exists()


@pytest.mark.parametrize("given", [True, False])
def test_what_went_is_told_and_recorded(asked: list[Any], given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2001-01-01" if given else TODAY.isoformat())
    found = {outcome.key: outcome for outcome in retention.run(*[TODAY] * given)}
    assert sorted(asked) == [("dispose notes", NOTES), ("dispose photos", PHOTOS)]
    assert found == {
        "photos": retention.Outcome("photos", "Old photos", PHOTOS, 3),
        "notes": retention.Outcome("notes", "Old notes", NOTES, 0),
    }
    assert list(Disposal.objects.values_list("rule", "count")) == [("photos", 3)]


# The rules of the rooms, each at its hour: a day is over at midnight in Stockholm.


def _imported(hours: int, rejects: bytes | None = b"x") -> ImportRun:
    return ImportRun.objects.create(
        controller=home(), started_at=clock.day_span(TODAY)[0] + timedelta(hours=hours), rejects=rejects
    )


def test_rejected_rows_go_when_their_day_is_over() -> None:
    old, kept = _imported(-1), _imported(0)
    _imported(-50, rejects=None)
    assert imports.due(TODAY) == imports.dispose(TODAY) == 1
    for row in (old, kept):
        row.refresh_from_db()
    assert old.rejects is None and bytes(kept.rejects or b"") == b"x"


@pytest.fixture
def report(cast: Any) -> Any:
    ensure_standard()
    seat = cast["skola"]

    def make(state: str, *, created: int = 9, submitted: int = 9, **more: Any) -> Report:
        midnight = clock.day_span(TODAY)[0]
        found: Report = Report.objects.create(
            controller_id=seat.controller_id,
            organisation_id=seat.organisation_id,
            membership_id=seat.membership_id,
            week=2900,
            started_at=midnight,
            submitted_at=midnight + timedelta(hours=submitted),
            text="Ord",
            sent_back_because="Därför",
            state=state,
            category=Category.objects.get(code="klotter"),
            **more,
        )
        Report.objects.filter(pk=found.pk).update(created_at=midnight + timedelta(hours=created))
        return found

    return make


@pytest.fixture
def photos(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whose photos were disposed of, by whom and by which rule."""
    told: list[Any] = []
    monkeypatch.setattr(
        "samverkan.foundation.files.dispose", lambda actor, *, ref, rule: told.append((actor, ref, rule))
    )
    return told


def test_drafts_and_reports_sent_back_go_when_their_day_is_over(report: Any, photos: list[Any]) -> None:
    gone = [report(ReportState.DRAFT, created=-1), report(ReportState.SENT_BACK, created=-30)]
    kept = [
        report(ReportState.DRAFT, created=0, submitted=-900),
        *(report(s, created=-900) for s in ReportState if s not in {ReportState.DRAFT, ReportState.SENT_BACK}),
    ]
    assert reports.due(TODAY) == reports.dispose(TODAY) == 2
    assert set(Report.objects.values_list("pk", flat=True)) == {row.pk for row in kept}
    by = {ref: (actor, rule) for actor, ref, rule in photos}
    assert by == {Ref("report", row.public_id): (SYSTEM, "est.raw_reports") for row in gone}


def test_what_nobody_reviewed_goes_when_its_day_is_over(report: Any, photos: list[Any]) -> None:
    gone = [report(ReportState.SUBMITTED, submitted=-1), report(ReportState.SUBMITTED, submitted=-30)]
    kept = [
        report(ReportState.SUBMITTED, submitted=0, created=-900),
        *(report(state, submitted=-900) for state in ReportState if state != ReportState.SUBMITTED),
    ]
    assert reports.waiting_due(TODAY) == reports.dispose_waiting(TODAY) == 2
    assert set(Report.objects.values_list("pk", flat=True)) == {row.pk for row in kept}
    by = {ref: (actor, rule) for actor, ref, rule in photos}
    assert by == {Ref("report", row.public_id): (SYSTEM, "est.waiting_reports") for row in gone}


@pytest.mark.parametrize("with_photos", [True, False])
def test_words_taken_out_of_an_incident_leave_its_reports(report: Any, photos: list[Any], with_photos: bool) -> None:
    source = ensure_source(SYSTEM, code="prov", name="Prov")
    category = Category.objects.get(code="klotter")
    drafts = [Draft(external_id=f"{n}", category=category, started_at=clock.now(), title="Klotter") for n in range(2)]
    told, other = record(SYSTEM, source=source, drafts=drafts)
    open_ = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.SENT_BACK)
    reviewed = [report(state, incident=told) for state in ReportState if state not in open_]
    kept = [report(state, incident=told) for state in open_] + [report(ReportState.IN_WEEK, incident=other)]
    assert len(reviewed) > 1
    handlers.forget_words(WordsTakenOut(told.pk, with_photos))
    for row in [*reviewed, *kept]:
        row.refresh_from_db()
    assert {(row.text, row.sent_back_because) for row in reviewed} == {("", "")}
    assert {(row.text, row.sent_back_because) for row in kept} == {("Ord", "Därför")}
    by = {ref: (actor, rule) for actor, ref, rule in photos}
    assert by == ({Ref("report", r.public_id): (SYSTEM, "incidents.words") for r in reviewed} if with_photos else {})


def test_files_that_nobody_decided_about_go_with_their_parts_when_their_day_is_over(cast: Any) -> None:
    person = cast["samordnare"].person_id

    def given(hours: int) -> Upload:
        found = Upload.objects.create(
            controller=home(), person_id=person, names=["a.csv"], language="sv", preview=b"", tried=b""
        )
        UploadPart.objects.create(upload=found, file=0, number=0, content=b"x")
        Upload.objects.filter(pk=found.pk).update(changed_at=clock.day_span(TODAY)[0] + timedelta(hours=hours))
        return found

    given(-1), given(-90)
    kept = given(0)
    assert imports.due_uploads(TODAY) == imports.dispose_uploads(TODAY) == 2
    assert imports.due_uploads(TODAY) == imports.dispose_uploads(TODAY) == 0
    assert list(Upload.objects.all()) == [kept] and list(UploadPart.objects.values_list("upload_id", flat=True)) == [
        kept.pk
    ]
