"""The small services every room leans on: links, settings, notices, search, jobs, events, files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import transaction
from PIL import Image

from samverkan.foundation import clock, events, files, jobs, municipality, notify, refs, registries, seal
from samverkan.foundation.access import ANONYMOUS, SYSTEM, Actor, Refused
from samverkan.foundation.files import retention, services
from samverkan.foundation.files.models import Disposal, StoredFile
from samverkan.foundation.municipality.settings import WrongSetting
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.refs import Linked, Ref
from samverkan.foundation.search import search
from samverkan.foundation.web.errors import Refusal

pytestmark = pytest.mark.django_db
Cast = Mapping[str, Actor]
HIDDEN_FROM = "measure_owner"


def _resolve(actor: Actor, identity: UUID) -> Linked | None:
    return (
        None if actor.role == HIDDEN_FROM or not actor.is_signed_in else Linked("Thing", f"/personer/?thing={identity}")
    )


@pytest.fixture
def thing(monkeypatch: pytest.MonkeyPatch) -> Ref:
    """Something that everyone signed in sees, but not those responsible for measures."""
    monkeypatch.setattr(refs, "_resolvers", {**refs._resolvers, "thing": _resolve})
    return Ref("thing", uuid4())


@pytest.fixture
def waiting_notice(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(notify.templates, "_templates", dict(notify.templates._templates))
    notify.templates.register("test.locked", "Week {week} is locked", "Read week {week}.")
    return "test.locked"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Files and key of the test's own."""
    settings.DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    seal._keys.cache_clear()
    yield
    seal._keys.cache_clear()


def _photo(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


# --- refs ---------------------------------------------------------------------------------------


def test_a_kind_nobody_resolves_is_a_program_error() -> None:
    with pytest.raises(LookupError):
        refs.resolve(SYSTEM, Ref("nothing", uuid4()))


def test_every_entry_of_the_rail_leads_somewhere() -> None:
    from django.urls import reverse

    assert all(reverse(entry.url_name) for entry in registries.navigation.all())


# --- settings ------------------------------------------------------------------------------------


def test_a_setting_holds_from_its_day(cast: Cast) -> None:
    today = clock.today()
    municipality.put(cast["coordinator"], key="picture.suppress_below", value=10, valid_from=today + timedelta(days=1))
    assert municipality.get("picture.suppress_below") == 5
    assert municipality.get("picture.suppress_below", on=today + timedelta(days=1)) == 10
    assert municipality.get("picture.suppress_below", on=date(2000, 1, 1)) == 5


def test_the_latest_decision_for_a_day_holds_and_the_earlier_is_kept(cast: Cast) -> None:
    for value in (7, 8):
        municipality.put(cast["coordinator"], key="picture.suppress_below", value=value, decision="protocol")
    assert municipality.get("picture.suppress_below") == 8
    assert [row.value for row in municipality.history("picture.suppress_below")] == [8, 7]


@pytest.mark.parametrize(
    ("key", "value"),
    [("est.cycle_weeks", "1"), ("est.cycle_weeks", True), ("est.cycle_weeks", 0), ("est.cycle_weeks", 9)],
)
def test_values_that_do_not_fit_are_refused(cast: Cast, key: str, value: Any) -> None:
    with pytest.raises(WrongSetting):
        municipality.put(cast["coordinator"], key=key, value=value)


def test_settings_are_changed_by_those_who_may(cast: Cast) -> None:
    with pytest.raises(Refused):
        municipality.put(cast["est_reporter"], key="est.cycle_weeks", value=2)
    with pytest.raises(LookupError):
        municipality.get("nothing.such")


def test_every_retention_rule_names_a_declared_setting() -> None:
    declared = {entry.key for entry in municipality.declared()}
    assert {rule.setting for rule in registries.retention_rules.all()} <= declared


# --- notices -------------------------------------------------------------------------------------


def test_the_inbox_comes_first_and_one_mail_says_nothing(cast: Cast, thing: Ref, waiting_notice: str) -> None:
    seat = cast["reviewer"].membership_id
    assert seat is not None
    for week in (46, 47):
        assert notify.notify(membership_ids=[seat], ref=thing, template=waiting_notice, data={"week": week}) == 1
    assert Notice.objects.filter(membership_id=seat).count() == 2 and mail.outbox == []
    jobs.run_pending()
    [message] = mail.outbox
    assert message.to == ["granskare@exempel.test"] and "/inkorg/" in message.body and "47" not in message.body


def test_a_function_is_told_wherever_it_sits(cast: Cast, thing: Ref, waiting_notice: str) -> None:
    assert notify.notify(function="est_reporter", ref=thing, template=waiting_notice, data={"week": 47}) > 5
    assert not Notice.objects.exclude(membership__role="est_reporter").exists()


def test_a_read_notice_is_not_mailed(cast: Cast, client_for: Any, thing: Ref, waiting_notice: str) -> None:
    notify.notify(
        membership_ids=[cast["reviewer"].membership_id], ref=thing, template=waiting_notice, data={"week": 47}
    )
    client = client_for(cast["reviewer"])
    page = client.get("/inkorg/").content.decode()
    assert "Week 47 is locked" in page
    notice = Notice.objects.get()
    assert client.get(f"/inkorg/{notice.public_id}/")["Location"] == f"/personer/?thing={thing.id}"
    jobs.run_pending()
    assert mail.outbox == []


def test_nobody_opens_anothers_notice(cast: Cast, client_for: Any, thing: Ref, waiting_notice: str) -> None:
    notify.notify(
        membership_ids=[cast["reviewer"].membership_id], ref=thing, template=waiting_notice, data={"week": 47}
    )
    notice = Notice.objects.get()
    assert client_for(cast["coordinator"]).get(f"/inkorg/{notice.public_id}/").status_code == 404
    assert client_for(cast["coordinator"]).post("/inkorg/alla-lasta/").status_code == 302
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_about_what_is_hidden_says_so(cast: Cast, client_for: Any, thing: Ref, waiting_notice: str) -> None:
    owner = cast[HIDDEN_FROM]
    notify.notify(membership_ids=[owner.membership_id], ref=thing, template=waiting_notice, data={"week": 47})
    answer = client_for(owner).get(f"/inkorg/{Notice.objects.get().public_id}/")
    assert answer["Location"] == "/inkorg/"


def test_notices_carry_no_content(cast: Cast, thing: Ref, waiting_notice: str) -> None:
    with pytest.raises(TypeError):
        notify.notify(function="reviewer", ref=thing, template=waiting_notice, data={"week": "x" * 500})
    with pytest.raises(LookupError):
        notify.notify(function="reviewer", ref=thing, template="nothing")


def test_old_notices_are_disposed_of_and_recorded(cast: Cast, thing: Ref, waiting_notice: str) -> None:
    notify.notify(function="reviewer", ref=thing, template=waiting_notice, data={"week": 1})
    Notice.objects.update(created_at=clock.now() - timedelta(days=370))
    assert {row.key: row.count for row in retention.due()}["notices"] == 1
    assert Notice.objects.count() == 1
    retention.run()
    retention.run()
    assert not Notice.objects.exists()
    assert [(row.rule, row.count) for row in Disposal.objects.all()] == [("notices", 1)]


# --- the search box ------------------------------------------------------------------------------


def test_the_search_box_asks_every_room_and_shows_the_exact_first(cast: Cast, client_for: Any) -> None:
    [found] = [part for part in search(cast["administrator"], "  KFAST ") if part.kind == "person"]
    assert found.hits[0].title == "Kfast"
    page = client_for(cast["administrator"]).get("/sok/?q=kfast")
    assert page.status_code == 200 and "Kfast" in page.content.decode()


@pytest.mark.parametrize("text", ["", "k", " ", "%", "_"])
def test_too_little_finds_nothing(cast: Cast, text: str) -> None:
    assert search(cast["administrator"], text) == []


def test_the_search_box_shows_only_what_one_may_see(cast: Cast, client_for: Any) -> None:
    assert [part for part in search(cast["est_reporter"], "kfast") if part.kind == "person"] == []
    assert search(ANONYMOUS, "kfast") == []


# --- jobs and events -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Happened:
    thing_id: UUID
    on: date
    note: int | None = None


HEARD: list[_Happened] = []


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[_Happened]:
    monkeypatch.setattr(events, "_handlers", dict(events._handlers))
    HEARD.clear()
    events.on(_Happened)(HEARD.append)  # type: ignore[arg-type]
    return HEARD


def test_an_event_is_handled_after_the_commit_with_its_types_whole(heard: list[_Happened]) -> None:
    event = _Happened(uuid4(), date(2026, 11, 23))
    events.publish(event)
    assert heard == []
    assert jobs.run_pending() == 1
    assert heard == [event]
    assert jobs.run_pending() == 0


def test_what_is_rolled_back_never_happened(heard: list[_Happened]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        events.publish(_Happened(uuid4(), date(2026, 11, 23)))
        raise RuntimeError
    assert jobs.run_pending() == 0 and heard == []


def test_a_job_takes_ids_and_no_content() -> None:
    with pytest.raises(TypeError):
        jobs.defer(events.handle, handler="x" * 201)
    with pytest.raises(TypeError):
        jobs.defer(events.handle, handler={"text": "content"})


def test_what_waits_already_is_not_queued_twice(heard: list[_Happened]) -> None:
    name = next(key for key, (kind, _f) in events._handlers.items() if kind is _Happened)
    for _again in range(3):
        jobs.defer(events.handle, unique="once", handler=name, thing_id=uuid4(), on=date(2026, 1, 1))
    assert jobs.run_pending() == 1


def test_a_failing_job_says_so_and_changes_nothing(heard: list[_Happened]) -> None:
    jobs.defer(events.handle, handler="gone")
    with pytest.raises(KeyError):
        jobs.run_pending()
    assert jobs.run_pending() == 0


def test_what_a_killed_worker_held_runs_again(heard: list[_Happened]) -> None:
    from django.db import connection

    from samverkan.foundation.jobs import tasks

    events.publish(_Happened(uuid4(), date(2026, 11, 23)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT (procrastinate_fetch_job_v2(NULL, procrastinate_register_worker_v1())).id")
        assert jobs.run_pending() == 0
        assert tasks.rescue.func(timestamp=0) == 0, "a worker that lives keeps its job"
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    assert tasks.rescue.func(timestamp=0) == 1
    assert jobs.run_pending() == 1 and len(heard) == 1


def test_what_waits_already_is_not_put_back_beside_it(heard: list[_Happened]) -> None:
    from django.db import connection

    from samverkan.foundation.jobs import tasks

    name = next(key for key, (kind, _f) in events._handlers.items() if kind is _Happened)

    def defer() -> None:
        jobs.defer(events.handle, unique="once", handler=name, thing_id=uuid4(), on=date(2026, 1, 1))

    defer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT (procrastinate_fetch_job_v2(NULL, procrastinate_register_worker_v1())).id")
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    defer()
    assert tasks.rescue.func(timestamp=0) == 0
    assert jobs.run_pending() == 1


def test_finished_jobs_are_removed_after_a_week(heard: list[_Happened]) -> None:
    from django.db import connection

    from samverkan.foundation.jobs import tasks

    for old in (True, False):
        events.publish(_Happened(uuid4(), date(2026, 11, 23)))
        jobs.run_pending()
        if old:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_events SET at = at - interval '8 days'")
    events.publish(_Happened(uuid4(), date(2026, 11, 23)))
    with connection.cursor() as cursor:
        tasks.tidy.func(timestamp=0)
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [("succeeded",), ("todo",)]


# --- files ---------------------------------------------------------------------------------------


def test_a_photo_is_sealed_on_disk_and_opened_by_those_who_see_the_thing(
    cast: Cast, client_for: Any, thing: Ref
) -> None:
    stored = files.attach(cast["est_reporter"], ref=thing, upload=_photo())
    [path] = [one for one in services.Path(services.settings.MEDIA_ROOT).rglob("*") if one.is_file()]
    assert path.name == stored.digest and b"\xff\xd8\xff" not in path.read_bytes() and path.stat().st_mode & 0o077 == 0
    page = client_for(cast["coordinator"]).get(f"/filer/{stored.public_id}/")
    assert page.content[:3] == b"\xff\xd8\xff" and page["Content-Type"] == "image/jpeg"
    assert "sandbox" in page["Content-Security-Policy"] and page["X-Content-Type-Options"] == "nosniff"
    assert client_for(cast[HIDDEN_FROM]).get(f"/filer/{stored.public_id}/").status_code == 404
    assert client_for(cast["coordinator"]).get(f"/filer/{uuid4()}/").status_code == 404
    assert files.files_of(cast["coordinator"], thing) == [stored] and files.files_of(cast[HIDDEN_FROM], thing) == []


def test_nobody_hangs_files_on_what_they_do_not_see(cast: Cast, thing: Ref) -> None:
    with pytest.raises(Refused):
        files.attach(cast[HIDDEN_FROM], ref=thing, upload=_photo())


def test_what_is_not_taken_is_refused_in_words_and_leaves_nothing(cast: Cast, thing: Ref) -> None:
    for upload, kind in ((b"<svg/>", "photo"), (b"MZ program", "document")):
        with pytest.raises(Refusal) as refusal:
            files.attach(cast["est_reporter"], ref=thing, upload=upload, kind=kind)
        assert refusal.value.field == "upload" and refusal.value.message.endswith(".")
    assert not StoredFile.objects.exists()


def test_documents_are_downloads_with_harmless_names(cast: Cast, client_for: Any, thing: Ref) -> None:
    upload = io.BytesIO(b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF")
    upload.name = '../..\\C:"<b>\r\nplan.pdf'
    stored = files.attach(cast["est_reporter"], ref=thing, upload=upload, kind="document")
    assert stored.name == "Cbplan.pdf"
    page = client_for(cast["coordinator"]).get(f"/filer/{stored.public_id}/")
    assert page["Content-Disposition"].startswith("attachment") and page["Content-Type"] == "application/pdf"


def test_equal_contents_are_kept_once_and_go_with_the_last(
    cast: Cast, thing: Ref, django_capture_on_commit_callbacks: Any
) -> None:
    other = Ref("thing", uuid4())
    first = files.attach(cast["est_reporter"], ref=thing, upload=_photo())
    second = files.attach(cast["est_reporter"], ref=other, upload=_photo())
    path = services._path(first.digest)
    assert first.digest == second.digest and path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert files.dispose(SYSTEM, ref=thing, rule="review") == 1
    assert path.exists() and files.open_file(cast["coordinator"], second.public_id)[1][:2] == b"\xff\xd8"
    with django_capture_on_commit_callbacks(execute=True):
        files.dispose(SYSTEM, ref=other, rule="review")
        assert files.dispose(SYSTEM, ref=other, rule="review") == 0
    assert not path.exists()
    assert list(Disposal.objects.values_list("rule", "ref_id", "count").order_by("pk")) == [
        ("review", thing.id, 1),
        ("review", other.id, 1),
    ]


def test_contents_that_no_row_speaks_of_are_swept(cast: Cast, thing: Ref) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        stray = files.attach(cast["est_reporter"], ref=thing, upload=_photo("blue"))
        raise RuntimeError
    kept = files.attach(cast["est_reporter"], ref=thing, upload=_photo())
    assert services.sweep() == 0, "what is new may belong to a transaction still open"
    assert services.sweep(older_than_seconds=-1) == 1
    assert not services._path(stray.digest).exists() and services._path(kept.digest).exists()


def test_a_changed_file_is_not_shown(cast: Cast, thing: Ref) -> None:
    stored = files.attach(cast["est_reporter"], ref=thing, upload=_photo())
    path = services._path(stored.digest)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(seal.SealBroken):
        files.open_file(cast["coordinator"], stored.public_id)
