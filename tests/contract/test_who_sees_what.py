"""Nobody meets what others wrote in confidence, on any page, in any file, in any answer to a program.

A string that stands nowhere else is planted in the raw report of each partner and in what was made
of it, and then looked for everywhere each of the others can go.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from samverkan.foundation import clock
from samverkan.foundation.access import PUBLIC, SIGNED_IN, SYSTEM, Actor
from tests.harness.people import client_for
from tests.harness.routes import Rows, make_rows, routes

#: A word to look for, beside which each planted secret stands; the word itself is echoed by search pages.
WORD = "Kråkvinkeln"
PARTNERS = ("hyresvard", "ordningsvakt", "bostadsbolag", "skola", "centrum")
#: Those who put the picture together may read what has been recorded; only these read raw reports.
READERS, REVIEWERS = ("samordnare", "granskare", "kommunpolis"), ("samordnare", "granskare")
#: Followed along every link, and those whose pages are opened one by one.
FOLLOWED = ("hyresvard", "ordningsvakt", "bostadsbolag", "krogare")
OPENED = (
    "lacus",
    "fortroendevald",
    "direktor",
    "atgardsansvarig",
    "dataskyddsombud",
    "administrator",
)
MOST_LINKS = 30
_LINK = re.compile(r'(?:href|hx-get|data-[a-z-]+|src)="(/[^"]*)"')
_SIGNS_OUT = re.compile(r"/konto/logout/|/static/")


@dataclass
class Planted:
    """Secret → code of the partner whose it is."""

    raw: dict[str, str]
    recorded: dict[str, str]
    rows: Rows
    #: The things' own addresses, to be tried by everybody.
    addresses: list[str]

    def hidden_from(self, code: str) -> list[str]:
        """What this person may meet nowhere."""
        raw = [] if code in REVIEWERS else [s for s, whose in self.raw.items() if whose != code]
        recorded = [] if code in READERS else [s for s, whose in self.recorded.items() if whose != code]
        return raw + recorded


@pytest.fixture
def planted(demo: dict[str, Actor]) -> Planted:
    """Secrets of every partner, in a report that waits and in a recorded event; and the week locked with them in it."""
    from samverkan.domain.est.models import EstWeek, Report, ReportState
    from samverkan.domain.est.week import cycles
    from samverkan.domain.est.week import services as weeks
    from samverkan.domain.incidents.api import Category, Draft, ensure_source, record
    from samverkan.domain.picture import facts
    from samverkan.domain.places.api import Place

    raw: dict[str, str] = {}
    recorded: dict[str, str] = {}
    addresses: list[str] = []
    category = Category.objects.filter(for_reports=True, is_home_bound=False, main__isnull=False)[0]
    place = Place.objects.order_by("pk")[0]
    when = clock.now() - timedelta(days=4)
    present = cycles.reported_week()
    source = ensure_source(SYSTEM, code="prov", name="Prov", is_invented=True)
    for number, code in enumerate(PARTNERS):
        actor = demo[code]
        common = {
            "category": category,
            "started_at": when,
            "place": place,
            "area": place.area,
            "x": place.x,
            "y": place.y,
        }
        secret = f"förtroende{number}råtext"
        for state in (ReportState.SUBMITTED, ReportState.SENT_BACK):
            report = Report.objects.create(
                controller_id=actor.controller_id,
                organisation_id=actor.organisation_id,
                membership_id=actor.membership_id,
                week=present.index,
                state=state,
                text=f"{WORD} {secret}",
                submitted_at=clock.now(),
                **common,
            )
            addresses += [f"/mina-rapporter/{report.public_id}/", f"/granska/{report.public_id}/"]
            addresses += [f"/mina-rapporter/{report.public_id}/andra/", f"/rapportera/kvitto/{report.public_id}/"]
        raw[secret] = code
        secret = f"förtroende{number}händelse"
        made = record(
            demo["samordnare"],
            source=source,
            drafts=[
                Draft(
                    external_id=f"{code}-{kind}",
                    kind=kind,
                    title=f"{WORD} {secret}" if kind == "event" else f"{WORD} pågår",
                    description=f"{WORD} {secret}",
                    organisation_id=actor.organisation_id,
                    **common,
                )
                for kind in ("event", "development", "place_feature")
            ],
        )
        recorded[secret] = code
        addresses += [f"/lagesbild/handelse/{incident.public_id}/" for incident in made]
    facts.refresh()
    rows = make_rows(demo)
    row = EstWeek.objects.get(first=present.index)
    weeks.freeze(demo["samordnare"], week=row, version=row.version)
    from samverkan.domain.est.models import Edition

    edition = Edition.objects.filter(week=row).latest("pk")
    for name in ("est_edition", "est_edition_number", "est_edition_file"):
        rows.by_name[name] = {**rows.by_name[name], "week": str(present)}
        if "number" in rows.by_name[name]:
            rows.by_name[name]["number"] = edition.number
    return Planted(raw, recorded, rows, addresses)


def _text(response: Any) -> str:
    """All that an answer says, also inside the files that are archives."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    return "\n".join(html.unescape(part.decode("utf-8", "replace")) for part in parts)


def _asked(planted: Planted, actor: Actor) -> list[str]:
    """Every address the actor may ask, each export in every form, and searches for the word."""
    found = [
        planted.rows.address(route)
        for route in routes()
        if route.name not in ("account_logout",)
        and route.needs is not None
        and (route.needs in (PUBLIC, SIGNED_IN) or actor.may(route.needs))
        and not route.pattern.startswith(("/stil/", "/konto/"))
    ]
    found += [f"/sok/?q={WORD}", f"/lagesbild/?text={WORD}", f"/lagesbild/lista/?text={WORD}"]
    found += [f"/api/v1/picture/summary?text={WORD}", f"/atgarder/?q={WORD}", f"/platser/forslag/?q={WORD}"]
    for form in ("csv", "xlsx", "geojson", "gpkg"):
        found += [f"/lagesbild/ladda-ner/{form}/", f"/lagesbild/ladda-ner/{form}/?innehall=handelser&text={WORD}"]
    found += planted.addresses
    edition = planted.rows.by_name["est_edition_number"]
    if actor.may("est.released"):
        found += [
            f"/veckan/{edition['week']}/utgava/{edition['number']}/fil.{form}" for form in ("json", "docx", "html")
        ]
    return found


def _walk(planted: Planted, actor: Actor, *, follow: bool) -> dict[str, str]:
    """Address → what it answered, for all that the actor can reach by address, and by link when told to follow."""
    client: Client = client_for(actor)
    client.raise_request_exception = False
    waiting, said, followed = _asked(planted, actor), {}, 0
    while waiting:
        address = waiting.pop(0)
        if address in said or _SIGNS_OUT.search(address):
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        said[address] = _text(answer)
        if follow and answer.get("Content-Type", "").startswith("text/html"):
            links = [link.replace("&amp;", "&").partition("#")[0] for link in _LINK.findall(said[address])]
            new = [link for link in dict.fromkeys(links) if link not in said and urlsplit(link).path != "/"]
            waiting += new[: max(0, MOST_LINKS - followed)]
            followed += len(new)
    return said


def test_what_partners_wrote_is_found_by_nobody_else(demo: dict[str, Actor], planted: Planted) -> None:
    leaks = []
    for code in (*FOLLOWED, *OPENED, "kommunpolis"):
        said = _walk(planted, demo[code], follow=code in FOLLOWED)
        assert len(said) > 15, code
        for secret in planted.hidden_from(code):
            leaks += [f"{code} reads {secret} at {address}" for address, text in said.items() if secret in text]
    assert leaks == []


def test_the_search_would_have_found_it(demo: dict[str, Actor], planted: Planted) -> None:
    """Where it may be read, it is read: the same walk as the one who wrote, and as a reviewer."""
    own = "\n".join(_walk(planted, demo["hyresvard"], follow=True).values())
    assert "förtroende0råtext" in own, "one's own report"
    reviewer = _walk(planted, demo["granskare"], follow=True)
    text = "\n".join(reviewer.values())
    assert all(secret in text for secret in planted.recorded), "recorded events"
    assert any(secret in text for secret in planted.raw), "raw reports"
    for form in ("csv", "xlsx", "geojson", "gpkg"):
        address = f"/lagesbild/ladda-ner/{form}/?innehall=handelser&text={WORD}"
        assert "förtroende0händelse" in reviewer[address], form


def test_selectors_answer_only_with_what_is_ones_own(demo: dict[str, Actor], planted: Planted) -> None:
    """The same below the pages, where programs and later rooms ask."""
    from samverkan.domain.est.reporting import selectors as reports
    from samverkan.domain.picture import dimensions, filters
    from samverkan.domain.picture import selectors as picture
    from samverkan.foundation.access import Refused

    for code in PARTNERS:
        actor = demo[code]
        assert {r.organisation_id for r in reports.own(actor)} <= {actor.organisation_id}
        assert {i.organisation_id for i in picture.incidents(actor, filters.Filter(), dimensions.load())} <= {
            actor.organisation_id
        }
        with pytest.raises(Refused):
            reports.queue(actor)
        with pytest.raises(Refused):
            reports.reviewable(actor, next(iter(reports.own(actor))).public_id)


def test_notices_jobs_log_and_locked_weeks_hold_no_text(demo: dict[str, Actor], planted: Planted) -> None:
    """Copies that outlive a review would make it worthless."""
    tables = (
        "notify_notice",
        "procrastinate_jobs",
        "procrastinate_events",
        "audit_auditentry",
        "est_edition",
    )
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%förtroende_råtext%"])
            assert cursor.fetchone() == (0,), table
