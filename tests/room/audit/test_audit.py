"""The change log: everything, by the database itself, with who did it, and never what was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils.translation import override

from samverkan.cli import check
from samverkan.domain.places.models import Place
from samverkan.foundation import clock, jobs
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.access.acting import acting
from samverkan.foundation.audit import selectors, triggers
from samverkan.foundation.audit.models import AuditEntry
from samverkan.foundation.audit.triggers import audited_models
from samverkan.foundation.people import services
from samverkan.foundation.people.models import Organisation, Person
from tests.harness.database import TestDatabases

Cast = dict[str, Actor]
ClientFor = Callable[[Actor], Client]
#: Stands nowhere else.
SECRET = "Kråkvinkelns hemlighet 4711"


def _last(count: int = 1) -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("-pk")[:count])[::-1]


def _since(pk: int) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=pk).order_by("pk"))


def _newest() -> int:
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _make(name: str, **fields: Any) -> Organisation:
    return Organisation.objects.create(name=name, kind="school", is_invented=True, **fields)


def test_a_write_in_a_request_tells_who_from_which_seat_and_in_which_request(cast: Cast, client_for: ClientFor) -> None:
    client, actor = client_for(cast["samordnare"]), cast["samordnare"]
    before = _newest()
    answer = client.post("/personer/organisationer/ny/", {"name": SECRET, "kind": "school"})
    assert answer.status_code == 302
    entries = _since(before)
    assert [(e.table, e.operation, e.rows) for e in entries] == [("people_organisation", "I", 1)]
    [entry] = entries
    assert (entry.person_id, entry.membership_id) == (actor.person_id, actor.membership_id)
    assert entry.request_id == answer["X-Request-Id"]
    made = Organisation.objects.get(name=SECRET)
    assert entry.row_ids == [str(made.pk)] == [entry.first_id] == [entry.last_id]

    before = _newest()
    changed = client.post(
        f"/personer/organisationer/{made.public_id}/",
        {"name": f"{SECRET} igen", "kind": "school", "version": made.version},
    )
    assert changed.status_code == 302
    [entry] = _since(before)
    assert (entry.operation, entry.columns) == ("U", ["name", "version"])
    assert entry.request_id == changed["X-Request-Id"] != answer["X-Request-Id"]


def test_every_write_of_many_rooms_has_its_actor(cast: Cast, client_for: ClientFor) -> None:
    """No statement of a request slips through unsigned, whatever room it belongs to."""
    actor = cast["samordnare"]
    client = client_for(actor)
    before = _newest()
    posts = [
        ("/problem/nytt/", {"title": SECRET, "situation": SECRET}),
        ("/lagesbild/vyer/", {"name": SECRET}),
        ("/inkorg/alla-lasta/", {}),
        (
            "/personer/bjud-in/",
            {
                "email": "ny@exempel.test",
                "role": "est_reporter",
                "function": SECRET,
                "organisation": str(Organisation.objects.get(name="Kfast").public_id),
            },
        ),
    ]
    requests = {client.post(path, data)["X-Request-Id"] for path, data in posts}
    entries = _since(before)
    assert {"measures_problem", "picture_savedview", "people_invitation"} <= {e.table for e in entries}
    assert {(e.person_id, e.membership_id) for e in entries} == {(actor.person_id, actor.membership_id)}
    assert {e.request_id for e in entries} <= requests


def test_content_is_never_copied(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast["samordnare"])
    client.post("/personer/organisationer/ny/", {"name": SECRET, "kind": "school"})
    client.post("/problem/nytt/", {"title": SECRET, "description": SECRET, "situation": SECRET})
    assert Organisation.objects.filter(name=SECRET).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry a WHERE a::text LIKE %s", ["%Kråkvinkeln%"])
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'audit_auditentry'"
        )
        kinds = dict(cursor.fetchall())
    assert not {"json", "jsonb", "text", "bytea"} & set(kinds.values()), "nowhere to put content"


def test_the_application_cannot_write_the_log(db: None) -> None:
    _make("Påhittad")
    for statement in (
        "INSERT INTO audit_auditentry SELECT * FROM audit_auditentry",
        "UPDATE audit_auditentry SET person_id = 1",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
        "DROP TABLE audit_auditentry",
        "ALTER TABLE people_organisation DISABLE TRIGGER audit_insert",
        "DROP TRIGGER audit_insert ON people_organisation",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "TRUNCATE people_organisation CASCADE",
    ):
        with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), statement


def test_a_savepoint_rolled_back_leaves_nobodys_name_behind(cast: Cast) -> None:
    first, second = cast["samordnare"], cast["granskare"]
    before = _newest()
    with pytest.raises(ZeroDivisionError), acting(first, "ett"), transaction.atomic():
        _make("Ogjord")
        raise ZeroDivisionError
    _make("Av ingen")
    with acting(second, "två"):
        _make("Av den andra")
    entries = _since(before)
    assert [(e.person_id, e.request_id) for e in entries] == [(None, ""), (second.person_id, "två")]


def test_the_innermost_actor_is_the_one_who_did_it(cast: Cast) -> None:
    outer, inner = cast["samordnare"], cast["granskare"]
    before = _newest()
    with acting(outer, "ytter"):
        _make("Ett")
        with acting(inner, "inre"):
            _make("Två")
        with acting(SYSTEM, "jobb"):
            _make("Tre")
        _make("Fyra")
    assert [(e.person_id, e.request_id) for e in _since(before)] == [
        (outer.person_id, "ytter"),
        (inner.person_id, "inre"),
        (None, "jobb"),
        (outer.person_id, "ytter"),
    ]


def test_each_statement_is_signed_also_outside_a_transaction(fresh_db: str, databases: TestDatabases) -> None:
    """Connections are used again by others: nothing of the actor stays in them."""
    actor = Actor(41, 42, 43, "municipality", "coordinator", 43)
    with acting(actor, "utan"):
        _make("Påhittad ett")
    _make("Påhittad två")
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('samverkan.actor', true), '')")
        assert cursor.fetchone() == ("",)
    assert [(e.person_id, e.membership_id, e.request_id) for e in _last(2)] == [(41, 42, "utan"), (None, None, "")]


def test_a_bulk_statement_is_one_entry_with_its_count_and_span(cast: Cast) -> None:
    with acting(cast["administrator"], "många"):
        made = Organisation.objects.bulk_create(
            Organisation(name=f"Påhittad {n}", kind="school", is_invented=True) for n in range(250)
        )
        [entry] = _last()
        assert (entry.operation, entry.rows, len(entry.row_ids)) == ("I", 250, 200)
        assert (int(entry.first_id), int(entry.last_id)) == (made[0].pk, made[-1].pk)
        assert entry.row_ids == [str(row.pk) for row in made[:200]]
        Organisation.objects.filter(pk__in=[row.pk for row in made]).update(kind="business")
        [entry] = _last()
        assert (entry.operation, entry.rows, entry.columns) == ("U", 250, ["kind"])
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM people_organisation WHERE id = ANY(%s)", [[row.pk for row in made]])
        [entry] = _last()
        assert (entry.table, entry.operation, entry.rows) == ("people_organisation", "D", 250)


def test_a_span_over_a_power_of_ten_is_ordered_by_number(db: None) -> None:
    made = [Organisation(pk=pk, name=f"Påhittad {pk}", kind="school") for pk in (90_000_098, 100_000_001)]
    Organisation.objects.bulk_create(made)
    [entry] = _last()
    assert (entry.first_id, entry.last_id) == ("90000098", "100000001")


def test_what_changes_nothing_is_no_change(db: None) -> None:
    made = _make("Påhittad")
    before = _newest()
    made.save()
    Organisation.objects.filter(pk=-1).update(name="Ingen")
    Organisation.objects.filter(pk=-1).delete()
    assert _since(before) == []


def test_a_row_that_gets_another_key_and_its_own_back_is_told(db: None) -> None:
    """Whoever runs SQL as the web server could else change any row between the two, and nothing would say so."""
    made = _make("Påhittad")
    before = _newest()
    Organisation.objects.filter(pk=made.pk).update(id=made.pk + 1_000_000, name="Utbytt")
    Organisation.objects.filter(pk=made.pk + 1_000_000).update(id=made.pk)
    told = _since(before)
    assert [(e.operation, e.row_ids) for e in told] == [("U", [str(made.pk + 1_000_000)]), ("U", [str(made.pk)])]
    assert all({"id", "name"} <= set(e.columns) for e in told)


def test_no_setting_of_the_session_makes_a_change_look_like_none(db: None) -> None:
    """With fewer digits asked for, two coordinates metres apart are written alike."""
    made = Place.objects.create(name="Påhittad plats", controller=_make("Påhittad"), x=600_000.0, y=6_580_000.0)
    before = _newest()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL extra_float_digits = -15")
    Place.objects.filter(pk=made.pk).update(x=600_003.0)
    assert [(e.table, e.columns) for e in _since(before)] == [("places_place", ["x"])]


_TAMPERED = {
    "people_organisation": [
        "ALTER TABLE people_organisation DISABLE TRIGGER audit_update",
        "ALTER TABLE people_organisation DISABLE TRIGGER USER",
        "ALTER TABLE people_organisation ENABLE REPLICA TRIGGER audit_insert",
        "DROP TRIGGER audit_delete ON people_organisation",
        "CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE OF version ON people_organisation EXECUTE FUNCTION audit_record()",
        "CREATE OR REPLACE TRIGGER audit_delete AFTER DELETE ON people_organisation WHEN (false) EXECUTE FUNCTION audit_record()",
        "CREATE OR REPLACE TRIGGER audit_insert BEFORE INSERT ON people_organisation EXECUTE FUNCTION audit_record()",
    ],
    "audit_auditentry": [
        (
            "CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            " SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS 'BEGIN RETURN NULL; END'"
        ),
        "ALTER FUNCTION audit_record() RESET extra_float_digits",
        (
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            " CREATE TRIGGER swallow BEFORE INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION swallow()"
        ),
        "CREATE RULE swallow AS ON INSERT TO audit_auditentry DO INSTEAD NOTHING",
    ],
}


def test_a_log_that_is_no_longer_written_is_found_and_migrating_mends_it(
    fresh_db: str, databases: TestDatabases
) -> None:
    """What the owner, who can do anything, would begin with."""
    assert triggers.lacking(connection) == []
    with psycopg.connect(databases.server.url("owner", fresh_db)) as owner:
        for table, statements in _TAMPERED.items():
            for statement in statements:
                owner.execute(statement)
                owner.commit()
                assert triggers.lacking(connection) == [table], statement
                [finding] = check.recorded()
                assert not finding.well and table in finding.sentence
                for made in (
                    "TRIGGER IF EXISTS swallow ON audit_auditentry",
                    "RULE IF EXISTS swallow ON audit_auditentry",
                ):
                    owner.execute(f"DROP {made}")
                owner.execute("DROP FUNCTION IF EXISTS swallow()")
                owner.commit()
                with databases.django_on(fresh_db, role="owner"):
                    triggers.install(connection)
                assert triggers.lacking(connection) == [], statement
    [finding] = check.recorded()
    assert finding.well


def test_a_job_is_the_systems(cast: Cast) -> None:
    @jobs.task("test.audit.job")
    def make(name: str) -> None:
        _make(name)

    with acting(cast["samordnare"], "begäran"):
        jobs.defer(make, name="Av ett jobb")
    before = _newest()
    with acting(cast["samordnare"], "begäran"):
        jobs.run_pending()
    [entry] = [e for e in _since(before) if e.table == "people_organisation"]
    assert (entry.person_id, entry.membership_id, entry.request_id) == (None, None, "test.audit.job")


def test_a_service_called_by_a_command_is_the_systems(db: None) -> None:
    with acting(SYSTEM, "import"):
        services.create_organisation(SYSTEM, name="Påhittad", kind="school", is_invented=True)
    [entry] = _last()
    assert (entry.person_id, entry.request_id) == (None, "import")


def test_every_table_that_people_write_is_recorded(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text ORDER BY t.tgname) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE 'audit\\_%%' AND t.tgenabled = 'O' GROUP BY 1"
        )
        installed = dict(cursor.fetchall())
    wanted = {model._meta.db_table for model in audited_models()}
    assert set(installed) == wanted
    assert all(names == ["audit_delete", "audit_insert", "audit_update"] for names in installed.values())
    from django.apps import apps

    left_out = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("samverkan.") and model not in audited_models()
    }
    # Derived figures, counted attempts to sign in (keyed hashes), calls to publishers, and the log itself.
    # Another name here is a decision.
    assert left_out == {
        "audit.AuditEntry",
        "incidents.FeedMemory",
        "incidents.WeekChange",
        "people.Remembered",
        "picture.FactSegment",
        "picture.Insight",
    }


def test_who_may_read_it(cast: Cast, client_for: ClientFor) -> None:
    for code in ("dataskyddsombud", "revisor", "administrator"):
        assert selectors.entries(cast[code]).query is not None
    for code in ("samordnare", "granskare", "hyresvard", "registrator"):
        with pytest.raises(Refused):
            selectors.entries(cast[code])


def test_the_page_shows_who_and_what_in_swedish_and_no_content(cast: Cast, client_for: ClientFor) -> None:
    with acting(cast["samordnare"], "begäran"):
        _make(SECRET)
    page = client_for(cast["dataskyddsombud"]).get("/andringslogg/").content.decode()
    assert "Samordnare" in page and "Lagt till" in page and SECRET not in page
    file = client_for(cast["revisor"]).get("/andringslogg/andringslogg.csv")
    text = b"".join(file.streaming_content).decode()  # type: ignore[arg-type]
    assert "Samordnare" in text and "begäran" in text


def test_every_recorded_table_has_a_name_in_the_language_of_the_reader() -> None:
    with override("en"):
        english = selectors.tables()
    with override("sv"):
        swedish = selectors.tables()
    assert set(english) == {model._meta.db_table for model in audited_models()}
    ours = [m for m in audited_models() if m.__module__.startswith("samverkan.") and not m._meta.auto_created]
    unnamed = [m.__name__ for m in ours if "verbose_name" not in m._meta.original_attrs]
    assert unnamed == [], "write what a row is called: class Meta: verbose_name"
    assert (english["est_report"], swedish["est_report"]) == ("Report", "Rapport")
    assert (english["places_place"], swedish["places_place"]) == ("Place", "Plats")


def test_every_recorded_field_has_a_name_in_the_language_of_the_reader() -> None:
    for model in audited_models():
        table = model._meta.db_table
        unnamed = [f.column for f in model._meta.local_fields if selectors.fields(table, [f.column]) == [f.column]]
        assert unnamed == [], f"{model.__name__}: write what it holds, as the field's verbose_name"
    with override("en"):
        english = selectors.fields("measures_measure", ["due_on", "owner_id", "place_id", "version"])
    with override("sv"):
        swedish = selectors.fields("measures_measure", ["due_on", "owner_id", "place_id", "version"])
    assert english == ["To be done by", "Responsible", "Place", "Version"]
    assert swedish == ["Ska vara klar", "Ansvarig", "Plats", "Version"]


def test_the_page_and_the_file_say_which_fields_changed_in_words(cast: Cast, client_for: ClientFor) -> None:
    with acting(cast["samordnare"], "begäran"):
        made = _make(SECRET)
        Organisation.objects.filter(pk=made.pk).update(
            kind="business", is_home=False, parent=Organisation.objects.get(is_home=True)
        )
    page = client_for(cast["dataskyddsombud"]).get("/andringslogg/?table=people_organisation").content.decode()
    assert ">Typ, Hör till<" in page and "parent_id" not in page
    file = client_for(cast["revisor"]).get("/andringslogg/andringslogg.csv?table=people_organisation")
    text = b"".join(file.streaming_content).decode()  # type: ignore[arg-type]
    assert "Typ, Hör till" in text and "parent_id" not in text


def test_a_sign_in_tells_who_signed_in(cast: Cast) -> None:
    """Nobody is signed in at that moment, so the row itself is the person."""
    person = Person.objects.get(pk=cast["samordnare"].person_id)
    browser = Client()
    page = browser.get("/konto/login/")
    assert page.status_code == 200
    person.set_password("ett-langt-losenord-71")
    person.save()
    answer = browser.post("/konto/login/", {"login": person.email, "password": "ett-langt-losenord-71"})
    assert answer.status_code == 302
    entry = selectors.entries(cast["dataskyddsombud"], person_id=person.pk)[0]
    assert selectors.is_sign_in(entry) and entry.first_id == str(person.pk)
    assert not [
        e for e in selectors.entries(cast["dataskyddsombud"], table="people_organisation") if selectors.is_sign_in(e)
    ]


def test_the_page_says_that_somebody_signed_in(cast: Cast, client_for: ClientFor) -> None:
    person = Person.objects.get(pk=cast["skola"].person_id)
    person.last_login = clock.now()
    person.save(update_fields=["last_login"])
    page = client_for(cast["dataskyddsombud"]).get(f"/andringslogg/?person={person.public_id}").content.decode()
    assert "Loggade in" in page and person.name in page and "Systemet" not in page
