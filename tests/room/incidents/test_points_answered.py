"""No new category keeps exact places before a person has said that it may; the words only propose an answer."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from samverkan.domain.incidents.categories import AREA_ONLY, EXACT, Points, ensure_standard, standard
from samverkan.domain.incidents.homes import often_a_home
from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.mapping import Mapping, MappingError, from_dict
from samverkan.domain.incidents.importing.told import sentences
from samverkan.domain.incidents.models import Category, ImportProfile, Incident, IncidentVersion, PointAnswer
from samverkan.domain.incidents.services import categories
from samverkan.domain.incidents.services.profiles import save
from samverkan.foundation import jobs
from samverkan.foundation.access import SYSTEM

pytestmark = pytest.mark.django_db

BIKE, FLAT = "Cykelstöld", "Inbrott i lägenhet"


def row(number: str, what: str, **more: str) -> dict[str, str]:
    return {
        "id": number, "when": "2026-03-02 08:05", "what": what, "title": "x", "lon": "16.51", "lat": "59.37",
        "seen": "", "grave": "", **more,
    }  # fmt: skip


@pytest.fixture
def file(write: Callable[..., Path]) -> Path:
    return write([row("1", BIKE), row("2", FLAT), row("3", "Klotter")])


def points() -> dict[str, bool]:
    return {i.category.name_sv: i.x is not None for i in Incident.objects.select_related("category")}


@pytest.mark.parametrize(
    "name",
    [
        FLAT, "Villainbrott", "Stöld genom inbrott i villa/radhus", "Grov fridskränkning", "Partnervåld", "Barnmisshandel",
        "Familjebråk", "Burglary dwelling", "BURGLARY DWELLING", "Misshandel inomhus nära relation", "Hemfridsbrott",
        "Bostadsinbrott, lägenhet", "BURGLARY - RESIDENCE", "Domestic battery", "Hedersrelaterat våld",
        # Misread letters: cp850 read as cp1252, UTF-8 read as Latin-1, replaced, lost, decomposed, without marks.
        "Inbrott i l„genhet", "Inbrott i lÃ¤genhet", "Inbrott i l\ufffdgenhet", "Inbrott i l?genhet", "Inbrott i lgenhet",
        "Inbrott i la\u0308genhet", "Inbrott i lagenhet", "Grov fridskr„nkning", "VÃ¥ld i nÃ¤ra relation",
    ],
)  # fmt: skip
def test_words_of_homes_and_close_relations_propose_the_area_only(name: str) -> None:
    assert often_a_home(name)


@pytest.mark.parametrize(
    "name", [BIKE, "Stöld", "Rån", "Skadegörelse", "Narkotikabrott", "Trafikolycka", "Assault, street"]
)
def test_other_words_propose_exact_places(name: str) -> None:
    assert not often_a_home(name)


def test_the_standard_ones_are_answered_and_their_words_agree() -> None:
    ensure_standard()
    assert not Category.objects.exclude(point_answer=PointAnswer.GIVEN).exists()
    parts = [part for main in standard() for part in main["parts"]]
    assert [p["sv"] for p in parts if often_a_home(p["sv"])] == [p["sv"] for p in parts if p.get("home_bound")]


def test_nobody_has_answered(file: Path, mapping: Mapping) -> None:
    trial = import_files(SYSTEM, paths=[file], mapping=mapping, dry_run=True)
    counts = import_files(SYSTEM, paths=[file], mapping=mapping)
    assert points() == {BIKE: False, FLAT: False, "Klotter": True}
    assert trial.told.as_dict() == counts.told.as_dict()
    assert counts.told.as_dict()["waiting_categories"] == {"rows": 2, "examples": [BIKE, FLAT]}
    assert (
        BIKE in " ".join(sentences(counts.as_dict()))
        and not IncidentVersion.objects.filter(content__has_key="x").exists()
    )


def test_an_answer_in_the_mapping_holds_and_is_kept_with_the_category(file: Path, mapping: Mapping) -> None:
    said = replace(mapping, points={BIKE.upper(): EXACT, FLAT: AREA_ONLY})
    counts = import_files(SYSTEM, paths=[file], mapping=said)
    assert points() == {BIKE: True, FLAT: False, "Klotter": True} and counts.told.waiting.total() == 0
    # What is answered is not changed by a file that says otherwise.
    import_files(SYSTEM, paths=[file], mapping=replace(mapping, points={BIKE: AREA_ONLY, FLAT: EXACT}))
    assert points() == {BIKE: True, FLAT: False, "Klotter": True}
    assert Points({FLAT: EXACT}).of(FLAT) == AREA_ONLY and Points().of("Något helt nytt") == ""
    with pytest.raises(MappingError):
        from_dict({**mapping.as_dict(), "points": {BIKE: "kanske"}})


def test_the_same_file_after_the_answer_brings_the_places(file: Path, mapping: Mapping) -> None:
    import_files(SYSTEM, paths=[file], mapping=mapping)
    found = Category.objects.get(name_sv=BIKE)
    categories.answer(SYSTEM, answers={found.code: EXACT, Category.objects.get(name_sv=FLAT).code: AREA_ONLY})
    again = import_files(SYSTEM, paths=[file], mapping=mapping)
    assert points() == {BIKE: True, FLAT: False, "Klotter": True} and (again.updated, again.unchanged) == (1, 2)
    assert import_files(SYSTEM, paths=[file], mapping=mapping).unchanged == 3
    # Asked again, the first answer stands.
    categories.answer(SYSTEM, answers={found.code: AREA_ONLY})
    assert points()[BIKE]


def test_the_database_keeps_points_from_a_category_that_waits() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.create(code="ny", name_sv="Ny", is_home_bound=False)
    assert Category.objects.create(code="ny", name_sv="Ny").is_home_bound


def test_a_main_category_answered_late_holds_for_its_parts(write: Callable[..., Path], mapping: Mapping) -> None:
    named = replace(mapping, columns={**mapping.columns, "main_category": ("main",)}, points={BIKE: EXACT})
    import_files(SYSTEM, paths=[write([row("1", BIKE, main="Hemma"), row("2", "Okänt", main="Hemma")])], mapping=named)
    assert points() == {BIKE: True, "Okänt": False}
    categories.answer(SYSTEM, answers={Category.objects.get(name_sv="Hemma").code: AREA_ONLY})
    assert points()[BIKE] is False and not Category.objects.exclude(point_answer="given").exists()


def test_what_a_rule_answered_before_stays_and_is_asked_about(client_for: Callable[..., Client], cast: Any) -> None:
    ensure_standard()
    Category.objects.filter(code="klotter").update(name_sv="Klotter hos oss", point_answer="former")
    Category.objects.create(code="villainbrott", name_sv="Villainbrott", is_home_bound=False, point_answer="former")
    Category.objects.create(code="familj", name_sv="Familjebråk", is_home_bound=True)
    module = importlib.import_module("samverkan.domain.incidents.migrations.0010_asked_before_points_are_kept")
    with connection.schema_editor() as editor:
        module._answered(apps, editor)
    now = dict(Category.objects.values_list("code", "point_answer"))
    assert (now["klotter"], now["villainbrott"], now["familj"]) == ("given", "former", "given")
    assert not Category.objects.get(code="villainbrott").is_home_bound
    assert "Villainbrott" in client_for(cast["coordinator"]).get("/kategorier/platser/").content.decode()


# ------------------------------------------------------------------ pages


CSV = f"""Nummer;Datum;Kategori;Longitude;Latitude
1;2026-03-02;{BIKE};16.51;59.37
2;2026-03-02;{FLAT};16.51;59.37
3;2026-03-02;Klotter;16.51;59.37
"""


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def given(client: Client, profile: str = "", content: str = CSV) -> tuple[str, dict[str, Any]]:
    """A file on its way in, and what a browser would send of its page."""
    answer = client.post("/import/", {"files": SimpleUploadedFile("a.csv", content.encode()), "profile": profile})
    form = client.get(answer["Location"]).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return answer["Location"], {name: value for name, value in values.items() if value not in (None, "")}


def test_the_preview_asks_once_and_the_profile_remembers(cast: Any, client_for: Callable[..., Client]) -> None:
    client = client_for(cast["coordinator"])
    url, values = given(client)
    assert values["asked"] == [BIKE, FLAT] and values["exact"] == [BIKE], "proposed by the words"
    # Not shown, so not answered: the page asks before it reads.
    unasked = {name: value for name, value in values.items() if name not in {"asked", "exact"}}
    client.post(url, {**unasked, "source_name": "Prov", "do": "import"})
    assert not Incident.objects.exists() and "exakta platser" in words(client.get(url))
    client.post(url, {**values, "source_name": "Prov", "profile_name": "prov", "do": "import"})
    jobs.run_pending()
    assert points() == {BIKE: True, FLAT: False, "Klotter": True}
    assert ImportProfile.objects.get(name="prov").mapping["points"] == {BIKE: EXACT, FLAT: AREA_ONLY}
    assert "asked" not in given(client, "prov")[1]
    # A word that comes later with the same profile is asked about, and remembered without saving anew.
    url, values = given(client, "prov", CSV + "4;2026-03-02;Villainbrott;16.51;59.37\n")
    assert (values["asked"], values.get("exact", [])) == (["Villainbrott"], [])
    client.post(url, {**values, "do": "save"})
    assert ImportProfile.objects.get(name="prov").mapping["points"]["Villainbrott"] == AREA_ONLY


def test_what_waits_is_answered_on_its_page(
    cast: Any, client_for: Callable[..., Client], file: Path, mapping: Mapping
) -> None:
    client = client_for(cast["coordinator"])
    import_files(SYSTEM, paths=[file], mapping=mapping)
    Category.objects.create(code="gammal", name_sv="Gammal", is_home_bound=False, point_answer="former")
    Incident.objects.filter(category__name_sv="Klotter").update(category=Category.objects.get(code="gammal"))
    assert "3 kategorier väntar" in words(client.get("/kategorier/"))
    form = client.get("/kategorier/platser/").context["form"]
    assert form.initial["exact"] == [Category.objects.get(name_sv=BIKE).code, "gammal"]
    sent = {"asked": form.initial["asked"], "exact": [Category.objects.get(name_sv=BIKE).code]}
    assert "1 händelse förlorar sin exakta plats" in words(client.post("/kategorier/platser/", sent))
    assert Category.objects.filter(point_answer="given", name_sv=BIKE).count() == 0
    assert client.post("/kategorier/platser/", {**sent, "confirmed": "1"}).status_code == 302
    assert not Incident.objects.filter(x__isnull=False).exists()
    assert not Category.objects.exclude(point_answer="given").exists()
    assert not Category.objects.get(name_sv=BIKE).is_home_bound and Category.objects.get(name_sv=FLAT).is_home_bound
    for role in ("est_reporter", "reviewer", "auditor"):
        assert client_for(cast[role]).get("/kategorier/platser/").status_code in (403, 404)


def test_a_new_category_by_hand_demands_the_answer(cast: Any, client_for: Callable[..., Client]) -> None:
    client = client_for(cast["coordinator"])
    ensure_standard()
    answer = client.post("/kategorier/ny/", {"name_sv": "Villabrand", "main": "ovrigt"})
    assert answer.status_code == 422 and answer.context["form"].fields["points"].initial == AREA_ONLY
    assert not Category.objects.filter(name_sv="Villabrand").exists()


def test_the_command_proposes_answers_with_the_rest(file: Path, capsys: Any, mapping: Mapping) -> None:
    from samverkan.domain.incidents.importing.proposal import Proposal, categories_met, to_answer

    proposal = Proposal({"source": {"code": "a"}, "points": to_answer(categories_met(file, mapping), mapping)})
    assert f'"{BIKE}" = "exact"' in proposal.as_toml() and f'"{FLAT}" = "area"' in proposal.as_toml()
    save(SYSTEM, name="x", mapping=replace(mapping, points=proposal.mapping["points"]))
    assert ImportProfile.objects.get().mapping["points"] == {BIKE: EXACT, FLAT: AREA_ONLY}
