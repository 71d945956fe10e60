"""What slipped into a locked week is taken out: a corrected edition, the old bytes gone, the chain still well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from samverkan.domain.est.models import Decision, Edition, EditionTakenOut, EstWeek
from samverkan.domain.est.week import services, taking_out
from samverkan.domain.measures.api import Measure
from samverkan.foundation import clock, jobs
from samverkan.foundation.access import SYSTEM, Refused
from samverkan.foundation.chain import ledger, sealing, verifying
from samverkan.foundation.files.models import Disposal
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

SLIPPED = "Vi talar med Anna Svenssons granne.\n\nMest klotter."


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own, so that its chain and key are too."""
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def locked_week() -> EstWeek:
    """A week locked with a name in it, as before anything was looked through."""
    owner = Membership.objects.filter(role="measure_owner")[0]
    row = services.open_week(SYSTEM, week=Week.current().plus(-1))
    EstWeek.objects.filter(pk=row.pk).update(judgement=SLIPPED)
    measure = Measure.objects.create(
        title="Prata med ANNA  svensson", why="Trivsel", owner=owner, due_on=clock.today(), controller=row.controller
    )
    Decision.objects.create(week=row, controller=row.controller, text="Anna\nSvensson får hjälp", measure=measure)
    row.refresh_from_db()
    before, services._nothing_unanswered = services._nothing_unanswered, lambda _row: None
    try:
        services.freeze(SYSTEM, week=row, version=row.version)
    finally:
        services._nothing_unanswered = before
    row.refresh_from_db()
    return row


def everything_kept() -> str:
    """All that the tables of weeks and measures hold."""
    found = []
    with connection.cursor() as cursor:
        for table in (
            "est_edition",
            "est_estweek",
            "est_decision",
            "measures_measure",
            "procrastinate_jobs",
            "est_editiontakenout",
        ):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found).casefold()


@pytest.mark.usefixtures("cast")
@pytest.mark.django_db
def test_the_words_go_and_the_rest_stays(client_for: Callable[..., Client], cast: Any) -> None:
    row = locked_week()
    first = Edition.objects.get()
    client = client_for(cast["coordinator"])
    address = f"/veckan/{Week.from_index(row.first)}/utgava/"
    page = client.get(address + "ta-ut/")
    assert page.status_code == 200
    assert "Anna Svenssons" in dict(page.context["form"].fields["marked"].choices)
    # In the genitive, as the finder proposes it.
    sent = {"words": "Anna Svenssons", "reason": "En person pekades ut.", "version": row.version}
    for wrong in (
        {"reason": ""},
        {"reason": "Anna Svensson skrev"},
        {"words": "x"},
        {"words": ""},
        {"words": "Bertil"},
    ):
        assert client.post(address + "ta-ut/", {**sent, **wrong}).status_code == 422
    assert Edition.objects.count() == 1
    assert client.post(address + "ta-ut/", sent).status_code == 302
    made = Edition.objects.get(number=2)
    assert made.content["judgement"] == "Vi talar med […] granne.\n\nMest klotter."
    assert (
        made.content["decisions"][0]["text"] == "[…] får hjälp"
        and made.content["measures"][0]["title"] == "Prata med […]"
    )
    assert made.content["figures"] == first.content["figures"], "nothing is counted anew"
    assert made.is_whole and "En person pekades ut." in made.corrects
    # Nobody is shown the old one, also before its bytes are gone; documents are made anew.
    gone = client.get(address + "1/")
    assert (
        gone.status_code == 410
        and first.sha256 in gone.content.decode()
        and "En person pekades ut." in gone.content.decode()
    )
    for form in ("pdf", "docx", "html", "json"):
        assert client.get(f"{address}1/fil.{form}").status_code == 404
        answer = client.get(f"{address}2/fil.{form}")
        assert answer.status_code == 200 and b"Svensson" not in answer.content
    jobs.run_pending()
    assert "svensson" not in everything_kept()
    first.refresh_from_db()
    assert first.content == {} and len(first.sha256) == 64
    assert Disposal.objects.filter(rule="est.take_out", ref_id=first.public_id).count() == 1
    assert EditionTakenOut.objects.get().by_id == cast["coordinator"].membership_id
    # What is locked once more does not bring it back.
    row.refresh_from_db()
    again = services.freeze(SYSTEM, week=row, version=row.version, corrects="Ett beslut.")
    assert "svensson" not in str(again.content).casefold()


@pytest.mark.django_db
def test_who_may_and_when(cast: Any, client_for: Callable[..., Client]) -> None:
    row = locked_week()
    for role in ("reviewer", "auditor", "est_reporter", "manager", "municipal_police"):
        with pytest.raises(Refused):
            services.take_out(cast[role], week=row, version=row.version, words=["Anna"], reason="x")
        path = f"/veckan/{Week.from_index(row.first)}/utgava/ta-ut/"
        assert client_for(cast[role]).get(path).status_code in (403, 404)
    with pytest.raises(Conflict):
        services.take_out(SYSTEM, week=row, version=row.version - 1, words=["Anna"], reason="x")
    still = services.open_week(SYSTEM, week=Week.current())
    with pytest.raises(Refusal):
        services.take_out(SYSTEM, week=still, version=still.version, words=["Anna"], reason="x")


@pytest.mark.django_db
def test_an_earlier_edition_is_emptied_though_the_latest_is_corrected(cast: Any) -> None:
    row = locked_week()
    Decision.objects.update(text="Vi hjälps åt")
    Measure.objects.update(title="Städa")
    services.freeze(SYSTEM, week=row, version=row.version, corrects="Texten.", judgement="Mest klotter.")
    row.refresh_from_db()
    latest = services.take_out(SYSTEM, week=row, version=row.version, words=["Anna Svensson"], reason="Ett namn.")
    assert latest.number == 2 and Edition.objects.count() == 2
    taking_out.empty(edition_id=Edition.objects.get(number=1).pk)
    assert [e.content == {} for e in Edition.objects.order_by("number")] == [True, False]


@pytest.mark.django_db
def test_the_web_servers_role_empties_only_what_is_decided(cast: Any) -> None:
    locked_week()
    edition = Edition.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT est_empty_edition(%s)", [edition.pk])
    edition.refresh_from_db()
    assert edition.content, "nobody has decided it"
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(content={})


def test_the_chain_verifies_and_says_what_went(fresh_db: str, cast_rows: Any, tmp_path: Path, settings: Any) -> None:
    with transaction.atomic():
        cast_rows.put()
    row = locked_week()
    sealing.seal()
    services.take_out(SYSTEM, week=row, version=row.version, words=["Anna Svensson"], reason="Ett namn.")
    jobs.run_pending()
    sealing.seal()
    connection.ensure_connection()
    verdict = verifying.verify(connection.connection)
    assert (verdict.damages, verdict.replaced) == ([], 1)
    told = [s for s in ledger.read(ledger.read_head()) if "replaced" in s]
    assert told[0]["rule"] == "est.take_out: Ett namn." and told[0]["replaced"] == Edition.objects.get(number=1).pk
    assert "svensson" not in everything_kept()
