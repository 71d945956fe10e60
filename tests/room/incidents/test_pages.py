"""The pages of imports: given, tried, read, and what is told of it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from samverkan.domain.incidents import uploads
from samverkan.domain.incidents.importing import interrupted
from samverkan.domain.incidents.models import ImportProfile, ImportRun, Incident, Source, Upload, UploadPart
from samverkan.domain.incidents.services import uploads as giving
from samverkan.foundation import clock, jobs
from samverkan.foundation.files import retention
from samverkan.foundation.files.models import Disposal
from samverkan.foundation.people.services import home
from samverkan.foundation.reading.columns import guess

pytestmark = pytest.mark.django_db

CSV = """Nummer;Datum;Tid;Kategori;Rubrik;Longitude;Latitude
1;2026-03-02;08:15;Klotter;Klotter på vägg;16.51;59.37
2;2026-02-31;09:00;Klotter;Datum som inte finns;16.51;59.37
3;2026-03-03;;Bråk;Bråk vid torget;;
4;2026-03-04;10:00;Bråk;Mitt i havet;0.0;0.0
"""


@pytest.fixture
def client(cast: Any, client_for: Callable[..., Client]) -> Client:
    return client_for(cast["coordinator"])


def give(client: Client, *files: tuple[str, bytes], profile: str = "") -> str:
    """Upload files; gives the address of the next step."""
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post("/import/", {"files": sent, "profile": profile})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the form as it is shown, with changes."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in {**values, **changes}.items() if value not in (None, "")}


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def test_a_file_is_tried_and_then_read(client: Client) -> None:
    url = give(client, ("händelser.csv", CSV.encode()))
    page = client.get(url)
    assert "Mitt i havet" in words(page) and "händelser.csv" in words(page)
    # Columns are guessed by their names.
    values = filled(client, url)
    assert (
        values["column_date"] == "Datum" and values["column_lon"] == "Longitude" and values["column_id"] == ["Nummer"]
    )
    assert client.post(url, {**values, "source_name": "Parkvakten", "do": "check"}).status_code == 302
    assert "Filerna prövas" in words(client.get(url))
    jobs.run_pending()
    tried = words(client.get(url))
    assert "2 rader behöver rättas" in tried and "”2026-02-31” finns inte" in tried and "rad 3" in tried
    assert "Koordinaterna är 0 och 0" in tried
    assert not Incident.objects.exists() and not ImportRun.objects.exists()
    assert "2026-02-31" in client.get(url + "avvisade.csv").content.decode()
    # The choices are kept, and the files are read.
    assert client.post(url, {**filled(client, url), "do": "import"}).status_code == 302
    assert "Filerna läses in" in words(client.get(url))
    part = client.get(url + "lage/")
    assert "HX-Refresh" not in part and 'hx-trigger="every 2s"' in part.content.decode()
    jobs.run_pending()
    assert client.get(url + "lage/")["HX-Refresh"] == "true"
    done = words(client.get(url))
    assert "2 rader är inlästa" in done and "2 rader behöver rättas" in done
    assert Incident.objects.count() == 2 and Source.objects.get(code="parkvakten").name == "Parkvakten"
    assert not Upload.objects.exists() and not UploadPart.objects.exists()
    run = ImportRun.objects.get()
    assert str(run.public_id) in url and run.started_by is not None
    listed = words(client.get("/import/"))
    assert "Parkvakten" in listed and "Rader att rätta" in listed


def test_rejected_rows_are_mended_and_given_again(client: Client) -> None:
    url = give(client, ("a.csv", CSV.encode()))
    client.post(url, {**filled(client, url, source_name="Parkvakten"), "profile_name": "Parkvakten", "do": "import"})
    jobs.run_pending()
    mended = (
        client.get(url + "avvisade.csv").content.replace(b"2026-02-31", b"2026-02-28").replace(b"0.0;0.0", b"16.5;59.3")
    )
    again = give(client, ("avvisade.csv", mended), profile="parkvakten")
    client.post(again, {**filled(client, again), "do": "import"})
    jobs.run_pending()
    done = words(client.get(again))
    assert "2 rader är inlästa" in done and "Ingen rad behöver rättas" in done
    assert Incident.objects.count() == 4 and Source.objects.filter(kind="file").count() == 1


def test_a_saved_profile_keeps_every_choice(client: Client) -> None:
    rows = "när|x|y|ord\n23/11/2026 18:30|585000,5|6580000,5|Skadat\n"
    url = give(client, ("b.csv", rows.encode()))
    values = {
        "column_started": "när",
        "column_x": "x",
        "column_y": "y",
        "column_category": "ord",
        "source_name": "Skador",
        "date": "%d/%m/%Y",
        "decimal": ",",
        "epsg": "3006",
        "timezone": "Europe/Stockholm",
        "categories": "Skadat = skadegorelse",
        "default_municipality": "Påhittad",
        "profile_name": "Skador på ytor",
        "do": "save",
    }
    assert client.post(url, values).status_code == 302
    saved = ImportProfile.objects.get(name="skador-pa-ytor").mapping
    assert saved["formats"]["epsg"] == 3006 and saved["categories"] == {"Skadat": "skadegorelse"}
    again = give(client, ("b.csv", rows.encode()), profile="skador-pa-ytor")
    shown = filled(client, again)
    assert {name: str(shown[name]) for name in values if name not in ("do", "profile_name")} == {
        name: value for name, value in values.items() if name not in ("do", "profile_name")
    }
    client.post(again, {**shown, "do": "import"})
    jobs.run_pending()
    incident = Incident.objects.select_related("category", "municipality").get()
    assert (incident.x, incident.category.code, incident.municipality.name) == (585000.5, "skadegorelse", "Påhittad")  # type: ignore[union-attr]
    assert clock.local(incident.started_at).isoformat() == "2026-11-23T18:30:00+01:00"
    assert ImportRun.objects.get().profile == "skador-pa-ytor"


def test_the_polices_events_need_no_columns(client: Client) -> None:
    event = {
        "id": 7,
        "datetime": "2026-03-02 9:05:00 +01:00",
        "name": "2 mars 9:05, Brand, Påhittad",
        "summary": "",
        "url": "",
        "type": "Brand",
        "location": {"name": "Påhittad"},
    }
    url = give(client, ("20260302T100000Z.json.gz", gzip.compress(json.dumps([event]).encode())), profile="polisen")
    assert "polisens publicerade händelser" in words(client.get(url))
    client.post(url, {"do": "import"})
    jobs.run_pending()
    assert "1 rad är inläst" in words(client.get(url))
    assert Incident.objects.get().observed_at.hour == 10


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"column_category": ""}, "är kategorin"),
        ({"column_lat": ""}, "båda kolumnerna"),
        ({"column_date": ""}, "är datumet"),
        ({"epsg": "999998"}, "999998"),
        ({"timezone": "Mars"}, "Mars"),
        ({"source_name": "polisen"}, "Välj ett annat"),
        ({"source_name": "!"}, "bokstäver"),
        ({"categories": "utan tecken"}, "likhetstecken"),
        ({"date": "other"}, "Skriv hur datumen"),
        ({"column_title": "finns inte"}, "Rubrik"),
    ],
)
def test_what_cannot_be_used_is_told_and_what_was_chosen_stays(
    client: Client, change: dict[str, str], word: str
) -> None:
    url = give(client, ("a.csv", CSV.encode()))
    answer = client.post(url, {**filled(client, url, source_name="Min källa"), **change, "do": "check"})
    assert answer.status_code == 422 and word in words(answer)
    assert "error-summary" in answer.content.decode()
    assert "source_name" in change or 'value="Min källa"' in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content"), [("tom.csv", b" "), ("skadad.xlsx", b"PK\x03\x04nej"), ("bild.pdf", b"%PDF-1.4")]
)
def test_a_file_that_cannot_be_read_says_why(client: Client, name: str, content: bytes) -> None:
    answer = client.get(give(client, (name, content)))
    assert answer.status_code == 200 and answer.context["preview"]["problem"] in words(answer)


def test_no_file_and_too_much(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.post("/import/", {}).status_code == 422
    monkeypatch.setattr(giving, "MAX_BYTES", 10)
    answer = client.post("/import/", {"files": [SimpleUploadedFile("a.csv", b"x" * 11)]})
    assert answer.status_code == 422 and "samverkan import" in words(answer)
    assert not Upload.objects.exists()


def test_others_uploads_do_not_exist(client: Client, cast: Any, client_for: Callable[..., Client]) -> None:
    url = give(client, ("a.csv", CSV.encode()))
    other = client_for(cast["administrator"])
    for path in (url, url + "lage/", url + "avvisade.csv"):
        assert other.get(path).status_code == 404
    assert other.post(url, {"do": "remove"}).status_code == 404
    for role in ("est_reporter", "auditor", "municipal_police"):
        assert client_for(cast[role]).get("/import/").status_code in (403, 404)


def test_files_are_removed_on_request_and_by_time(client: Client) -> None:
    url = give(client, ("a.csv", CSV.encode()))
    assert client.post(url, {"do": "remove"}).status_code == 302
    assert not UploadPart.objects.exists() and client.get(url).status_code == 404
    url = give(client, ("a.csv", CSV.encode()))
    client.post(url, {**filled(client, url, source_name="Parkvakten"), "do": "import"})
    today = clock.today()

    def outcome(day: date) -> retention.Outcome:
        return next(found for found in retention.run(day) if found.key == "incidents.uploads")

    assert outcome(today + timedelta(days=2)).count == 0 and UploadPart.objects.exists()
    interrupted.mark()
    assert ImportRun.objects.get().ended_at is None
    assert outcome(today + timedelta(days=3)).count == 1 and not UploadPart.objects.exists()
    assert Disposal.objects.get(rule="incidents.uploads").count == 1
    # What the queue can no longer take up is told.
    interrupted.mark()
    assert ImportRun.objects.get().counts == {"interrupted": True}


def test_a_file_in_many_parts_is_put_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PART", 1000)
    rows = "".join(f"{n};2026-03-02;08:15;Klotter;Rad {n};16.51;59.37\n" for n in range(30_000))
    url = give(client, ("a.csv", (CSV.splitlines(keepends=True)[0] + rows).encode()))
    assert UploadPart.objects.count() > 1000
    client.post(url, {**filled(client, url, source_name="Parkvakten"), "do": "import"})
    jobs.run_pending()
    assert Incident.objects.count() == 30_000 and Incident.objects.get(external_id="29999").title == "Rad 29999"


def test_an_import_that_stopped_goes_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    url = give(client, ("a.csv", CSV.encode()))
    client.post(url, {**filled(client, url, source_name="Parkvakten"), "do": "import"})
    public_id = UUID(url.split("/")[2])

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("strömavbrott")

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "import_files", broken)
        with pytest.raises(RuntimeError):
            uploads.run_import(public_id)
    assert "Inläsningen har stannat" in words(client.get(url))
    assert client.get(url + "lage/")["HX-Refresh"] == "true"
    client.post(url, {"do": "import"})
    jobs.run_pending()
    assert "2 rader är inlästa" in words(client.get(url))
    # Once more is nothing: the job may be run again after a kill.
    uploads.run_import(public_id)
    assert ImportRun.objects.count() == 1 and Incident.objects.count() == 2


def test_pages_ask_few_questions(client: Client) -> None:
    for n in range(55):
        ImportRun.objects.create(controller=home(), ended_at=clock.now(), counts={"read": n})
    url = give(client, ("a.csv", CSV.encode()))
    for path in ("/import/", "/import/?sida=2", url, "/kategorier/"):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= 25, (path, len(asked))


def test_columns_are_guessed_by_their_names() -> None:
    assert guess(["INCIDENT_KEY", "OCCUR_DATE", "OCCUR_TIME", "Latitude", "Longitude"]) == {
        "id": "INCIDENT_KEY",
        "date": "OCCUR_DATE",
        "time": "OCCUR_TIME",
        "lat": "Latitude",
        "lon": "Longitude",
    }
    assert guess(["X", "annat"]) == {}
    assert guess(["Kommun", "Händelsetyp"]) == {"municipality": "Kommun", "category": "Händelsetyp"}
