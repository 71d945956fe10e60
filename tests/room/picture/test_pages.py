"""The pages and files of the picture, as a coordinator and as a partner meet them."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from samverkan.domain.incidents.api import Incident, IncidentVersion
from samverkan.domain.picture import dimensions, released
from samverkan.domain.picture.asking import ask
from samverkan.domain.picture.filters import parse
from samverkan.domain.picture.models import SavedView
from samverkan.domain.picture.selectors import incidents
from samverkan.domain.places.api import Municipality
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.weeks import Week
from tests.harness.people import client_for

from .conftest import LAST, Town

PERIOD = "from=2026-W44&to=2026-W47"
MOST_QUERIES = 25


@pytest.fixture
def full(town: Town) -> Town:
    town.fill(2500, weeks=80)
    return town


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:400]
    return answer.content.decode()


def test_the_heading_answers(full: Town, coordinator: Actor) -> None:
    total = ask(SYSTEM, parse({"from": "2026-W44", "to": "2026-W47"})).summary().total
    page = _text(client_for(coordinator), "/lagesbild/")
    assert f"{total} rapporter" in re.search(r"<h1>(.*?)</h1>", page, re.S)[1]
    assert "Rapporter är inte anmälda brott." in page
    for name in ("Centrum", "Norr", "Öster", "Söder", "Väster", "Okänt område"):
        assert name in page
    assert "style=" not in page and "onclick" not in page


@pytest.mark.parametrize(
    "address",
    ["/lagesbild/", f"/lagesbild/?{PERIOD}&category=m0&area=centrum", "/lagesbild/lista/", "/lagesbild/vyer/"],
)
@pytest.mark.parametrize("role", ["coordinator", "est_reporter"])
def test_pages_ask_few_questions(full: Town, make_actor: Callable[..., Actor], address: str, role: str) -> None:
    client = client_for(make_actor(role))
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= MOST_QUERIES, [q["sql"][:120] for q in queries]


def test_a_wrong_filter_keeps_what_was_typed_and_says_how(full: Town, coordinator: Actor) -> None:
    answer = client_for(coordinator).get("/lagesbild/?from=hösten&category=m0")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "är varken en vecka eller ett datum" in page and 'value="hösten"' in page
    unknown = client_for(coordinator).get("/lagesbild/?area=atlantis")
    assert unknown.status_code == 422 and "atlantis" in unknown.content.decode()


def test_a_partner_sees_no_small_count_in_any_form(full: Town, partner: Actor) -> None:
    client = client_for(partner)
    page = _text(client, f"/lagesbild/?{PERIOD}")
    assert "visas inte" in page
    api = client.get(f"/api/v1/picture/summary?{PERIOD}").json()
    rows = _rows(client.get(f"/lagesbild/ladda-ner/csv/?{PERIOD}").content)
    shapes = client.get(f"/lagesbild/ladda-ner/geojson/?{PERIOD}").json()
    layers = client.get(f"/lagesbild/karta.geojson?{PERIOD}").json()
    assert all(not 0 < v < 5 for counts in api["by"].values() for v in (counts or {}).values() if v)
    in_file = {(r["Tabell"], r["Namn"]): (r["Antal"], r["Visas"]) for r in rows}
    for name, value in api["by"]["area"].items():
        shown = in_file["Område", "Okänt område" if name == "unknown" else name]
        assert shown == (("", "visas inte") if value is None else (str(value), "visas"))
    assert all(r["Antal"] == "" or int(r["Antal"]) == 0 or int(r["Antal"]) >= 5 for r in rows)
    assert {f["properties"]["area"]: f["properties"]["count"] for f in shapes["features"]} == {
        name: value for name, value in api["by"]["area"].items() if name != "unknown"
    }
    kinds = {f["properties"]["layer"] for f in layers["features"]}
    assert not {"mark", "hexagon"} & kinds and "name" in kinds


def test_a_coordinator_can_look_as_a_partner(full: Town, coordinator: Actor, partner: Actor) -> None:
    client = client_for(coordinator)
    assert "Visa som partner" in _text(client, f"/lagesbild/?{PERIOD}")
    seen = _text(client, f"/lagesbild/?{PERIOD}&som=partner")
    assert "Så här ser en partner bilden" in seen and 'name="som"' in seen
    assert _table(seen) == _table(_text(client_for(partner), f"/lagesbild/?{PERIOD}"))
    layers = client.get(f"/lagesbild/karta.geojson?{PERIOD}&som=partner").json()
    assert "mark" not in {f["properties"]["layer"] for f in layers["features"]}


def _table(page: str) -> list[str]:
    return re.findall(r'<td class="num">(.*?)</td>', page)


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_a_partner_may_not_read_others_incidents(full: Town, partner: Actor) -> None:
    client = client_for(partner)
    others = Incident.objects.filter(is_digest=False).first()
    assert client.get(f"/lagesbild/handelse/{others.public_id}/").status_code == 404
    assert client.get("/lagesbild/ladda-ner/csv/?innehall=handelser").status_code == 404
    assert "0 händelser" in _text(client, "/lagesbild/lista/")
    own = full.add(LAST, 1, title="Vår egen rapport", organisation_id=partner.organisation_id)[0]
    assert "Vår egen rapport" in _text(client, "/lagesbild/lista/")
    assert "Vår egen rapport" in _text(client, f"/lagesbild/handelse/{own.public_id}/")


def test_a_finer_question_is_answered_coarser_and_says_so(full: Town, partner: Actor) -> None:
    client = client_for(partner)
    page = _text(client, "/lagesbild/?from=2026-11-03&to=2026-11-12&category=s0&text=torget")
    assert "utvidgad till hela veckor" in page and "huvudkategori" in page
    assert client.get("/api/v1/picture/summary?text=torget").status_code == 409
    assert client.get("/lagesbild/ladda-ner/csv/?text=torget").status_code == 409


def test_the_list_searches_sorts_and_turns_pages(full: Town, coordinator: Actor) -> None:
    client = client_for(coordinator)
    asked = "from=2025-W20&to=2026-W47&text=torget"
    count = incidents(
        SYSTEM, parse({"from": "2025-W20", "to": "2026-W47", "text": "torget"}), dimensions.load()
    ).count()
    assert count > 100
    page = _text(client, f"/lagesbild/lista/?{asked}&sortera=omrade")
    assert page.count("/lagesbild/handelse/") == 50
    assert 'aria-sort="ascending"' in page and "sida=2" in page
    last = _text(client, f"/lagesbild/lista/?{asked}&sida=999")
    assert last.count("/lagesbild/handelse/") == count % 50 or 50


def test_an_incident_shows_its_versions_and_how_surely_it_is_placed(town: Town, coordinator: Actor) -> None:
    found = town.add(LAST, 1, area=town.areas[2], title="Krossad ruta", description="<b>Glas</b> på vägen")[0]
    IncidentVersion.objects.create(
        incident=found,
        observed_at=found.observed_at - timedelta(days=1),
        content_hash=b"1",
        content={
            "title": "Trasig ruta",
            "category_id": town.subs[0].pk,
            "precision": "area",
            "area_id": town.areas[2].pk,
            "description": "<b>Glas</b> på vägen",
            "started_at": found.started_at.isoformat(),
        },
    )
    page = _text(client_for(coordinator), f"/lagesbild/handelse/{found.public_id}/")
    assert "Bara området är känt: Öster." in page
    assert "Rubrik: ”Trasig ruta” blev ”Krossad ruta”" in page
    assert "<b>Glas</b>" not in page and "&lt;b&gt;Glas" in page
    assert page.count("blev ”") == 1


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg"])
def test_files_say_what_they_are_and_cannot_run_formulas(town: Town, coordinator: Actor, form: str) -> None:
    title = '=HYPERLINK("http://x.test")'
    town.add(LAST, 1, title=title, x=586000.0, y=6581000.0, area=town.areas[0])
    town.add(LAST, 1, title="@SUM(A1)\x0bx")
    answer = client_for(coordinator).get(f"/lagesbild/ladda-ner/{form}/?{PERIOD}&innehall=handelser")
    assert answer.status_code == 200 and f".{form}" in answer["Content-Disposition"]
    if form == "csv":
        rows = _rows(answer.content)
        titles = [r["Rubrik"] for r in rows]
        assert rows[0]["Källa"] in {"Partners rapporter", "Felanmälningar"}, "its own source, and not the file's"
        said = {**rows[0], "Källa": rows[0]["Källa (filen)"]}
    elif form == "xlsx":
        book = load_workbook(io.BytesIO(answer.content))
        head, *cells = list(book.worksheets[0].values)
        titles = [row[head.index("Rubrik")] for row in cells]
        assert all(cell.data_type != "f" for row in book.worksheets[0].rows for cell in row)
        said = {row[0]: row[1] for row in book["Om filen"].values}
    elif form == "geojson":
        data = json.loads(answer.content)
        shapes = {f["properties"]["Rubrik"]: f["geometry"] for f in data["features"]}
        assert shapes["@SUM(A1)\x0bx"] is None, "what has no point is in the file too (RFC 7946, 3.2)"
        lon, lat = shapes[title]["coordinates"]
        assert 16 < lon < 17 and 59 < lat < 60
        titles, said = ["'" + title], data["metadata"]
    else:
        titles, said = _geopackage(answer.content)
    assert "'" + title in titles
    assert (
        said["Källa"] == "Partners rapporter; Felanmälningar" or said["Källa"] == "Felanmälningar; Partners rapporter"
    )
    assert said["Licens"] == "CC0"
    assert said["Filter"] == PERIOD
    assert "Inga tal är dolda" in said["Skyddade tal"]


def _geopackage(content: bytes, tmp: Path = Path("/tmp")) -> tuple[list[str], dict[str, str]]:
    base = sqlite3.connect(":memory:")
    base.deserialize(content)
    assert base.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    (shape,) = base.execute("SELECT geom FROM features").fetchone()
    assert shape[:4] == b"GP\x00\x01" and shape[8:13] == b"\x01\x01\x00\x00\x00"
    titles = [title for (title,) in base.execute('SELECT "Rubrik" FROM rows')]
    for table in ("features", "rows", "om_filen"):
        columns = base.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
        assert {kind for _name, kind in columns} <= {"INTEGER", "REAL", "DATE", "TEXT", "POINT", "POLYGON", "GEOMETRY"}
        for name, kind in columns:
            stored = {t for (t,) in base.execute(f'SELECT DISTINCT typeof("{name}") FROM {table}')} - {"null"}
            assert kind not in {"INTEGER", "REAL"} or stored <= {kind.lower(), "integer"}, (table, name)
    return titles, dict(base.execute("SELECT label, text FROM om_filen"))


def test_a_view_is_named_sent_removed_and_brought_back(full: Town, coordinator: Actor, partner: Actor) -> None:
    client = client_for(coordinator)
    saved = client.post(
        "/lagesbild/vyer/", {"name": "Centrum i höst", "query": "area=Centrum&to=2026-W47&from=2026-W40"}
    )
    assert saved.status_code == 302
    view = SavedView.objects.get()
    assert view.address == "from=2026-W40&to=2026-W47&area=Centrum"
    assert "Centrum i höst" in _text(client, "/lagesbild/vyer/")
    assert "Centrum i höst" not in _text(client_for(partner), "/lagesbild/vyer/")
    assert client_for(partner).get(f"/lagesbild/?{view.address}").status_code == 200
    assert client_for(partner).post(f"/lagesbild/vyer/{view.public_id}/ta-bort/").status_code == 409
    removed = client.post(f"/lagesbild/vyer/{view.public_id}/ta-bort/", follow=True).content.decode()
    assert not SavedView.objects.exists()
    undo = re.search(r'action="(/lagesbild/vyer/angra/[^"]+)"', removed)[1]
    assert client_for(partner).post(undo).status_code == 409
    assert client.post(undo).status_code == 302
    assert SavedView.objects.get().public_id == view.public_id


def test_a_view_that_follows_shows_the_latest_weeks_whenever_it_is_opened(
    full: Town, coordinator: Actor, partner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(coordinator)
    asked = "area=Centrum&to=2026-W47&from=2026-W42"
    page = _text(client, f"/lagesbild/vyer/?{asked}")
    assert "de 6 senaste hela veckorna" in page and "checked" in page
    client.post("/lagesbild/vyer/", {"name": "Centrum", "query": asked, "follows": "on"})
    view = SavedView.objects.get()
    assert view.address == "weeks=6&area=Centrum"
    assert "from=2026-W42&amp;to=2026-W47&amp;area=" in _text(client, f"/lagesbild/?{view.address}")
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-12-07")
    assert "from=2026-W44&amp;to=2026-W49&amp;area=" in _text(client, f"/lagesbild/?{view.address}")
    # Where small counts are hidden: as many of the weeks that may be seen.
    shown = client_for(partner).get(f"/lagesbild/?{view.address}").content.decode()
    last = Week.from_index(released.last_week())
    assert f"from={last.plus(-5)}&amp;to={last}" in shown


@pytest.mark.parametrize("weeks", ["0", "521", "-1", "x", "4&from=2026-W40"])
def test_how_many_weeks_is_read_or_refused_in_words(full: Town, coordinator: Actor, weeks: str) -> None:
    page = client_for(coordinator).get(f"/lagesbild/?weeks={weeks}")
    assert "1 till 520" in page.content.decode() or "inte båda" in page.content.decode()
    answer = client_for(coordinator).get(f"/api/v1/picture/summary?weeks={weeks}")
    assert answer.status_code == 409


def test_a_view_without_a_name_is_asked_for_one(full: Town, coordinator: Actor) -> None:
    answer = client_for(coordinator).post("/lagesbild/vyer/", {"name": "  ", "query": PERIOD})
    assert answer.status_code == 422 and "Skriv ett namn på vyn." in answer.content.decode()


def test_programs_are_told_of_filters_that_there_are_not(full: Town, coordinator: Actor) -> None:
    client = client_for(coordinator)
    everything = client.get("/api/v1/picture/summary").json()["total"]
    wrong = client.get("/api/v1/picture/summary?areas=centrum")
    assert wrong.status_code == 409 and "areas" in wrong.json()["detail"]
    assert client.get("/api/v1/picture/summary?organisation=x").status_code == 409
    nobody = client.get(f"/api/v1/picture/summary?organisation={uuid.uuid4()}")
    assert nobody.status_code == 200 and nobody.json()["total"] == 0 < everything


def test_an_empty_picture_teaches(town: Town, coordinator: Actor, partner: Actor) -> None:
    assert "Inga rapporter stämmer" in _text(client_for(coordinator), "/lagesbild/")
    assert "Inga rapporter stämmer" in _text(client_for(partner), "/lagesbild/")


def test_roles_without_the_permission_are_refused(full: Town, make_actor: Callable[..., Actor]) -> None:
    client = client_for(make_actor("desk"))
    for address in (
        "/lagesbild/",
        "/lagesbild/lista/",
        "/lagesbild/karta.geojson",
        "/lagesbild/ladda-ner/csv/",
        "/api/v1/picture/summary",
    ):
        assert client.get(address).status_code == 403
    assert Client().get("/api/v1/picture/summary").status_code == 401


def test_the_openapi_document_is_the_one_written_down(db: None) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    written = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.json"
    assert json.loads(written.read_text("utf-8")) == answer.json(), "Write it anew: python tools/openapi.py"


def test_what_other_municipalities_sent_is_said(town: Town, coordinator: Actor) -> None:
    """A national feed must not pass for what happened at home."""
    client = client_for(coordinator)
    town.home.name = "Eskilstuna kommun"
    town.home.save()
    town.add(LAST, 7)
    assert "andra kommuner" not in _text(client, f"/lagesbild/?{PERIOD}")
    for name, count in (("Kiruna", 3), ("Ystad", 1)):
        town.add(LAST, count, municipality=Municipality.objects.create(name=name))
    town.add(LAST, 2, municipality=None)
    assert "4 rapporter gäller andra kommuner." in _text(client, f"/lagesbild/?{PERIOD}")
    assert "andra kommuner" not in _text(client, f"/lagesbild/?{PERIOD}&municipality=Eskilstuna")
    assert "4 rapporter gäller andra kommuner." in _text(client, f"/veckan/{LAST}/")
