"""Several hosts on one database: what one has been given the others go on with, and nothing of it lies on any of them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from samverkan.domain.incidents import uploads
from samverkan.domain.incidents.models import Incident, Upload, UploadPart
from samverkan.domain.incidents.services import uploads as giving
from samverkan.foundation import jobs, seal
from samverkan.foundation.access import Actor
from tests.harness.database import TestDatabases
from tests.harness.live import serving
from tests.harness.people import CastRows, client_for

SECRET = "Kalle Karlsson sprang"
CSV = f"""Nummer;Datum;Tid;Kategori;Rubrik;Longitude;Latitude
1;2026-03-02;08:15;Klotter;{SECRET};16.51;59.37
2;2026-02-31;09:00;Klotter;{SECRET} igen;16.51;59.37
"""


def _host(base: Path, name: str) -> Path:
    """A folder of its own with the installation's key in it, and nothing else in common with the others'."""
    folder = base / name
    (folder / "keys").mkdir(mode=0o700, parents=True)
    key = folder / "keys" / "seal.key"
    key.touch(mode=0o600)
    key.write_bytes(bytes(range(32)))
    return folder


def _signed_in(actor: Actor) -> httpx.Client:
    name = settings.SESSION_COOKIE_NAME
    session = client_for(actor).cookies[name].value
    return httpx.Client(headers={"Cookie": f"{name}={session}"}, timeout=30)


def _text(page: httpx.Response) -> str:
    assert page.status_code in (200, 302), (page.status_code, page.text[:2000])
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).replace("\xa0", " ").split())


def _post(browser: httpx.Client, url: str, data: dict[str, Any], **given: Any) -> httpx.Response:
    """Send a page's form with what it shows, changed by ``data``."""
    page = browser.get(url)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text[:500]
    cookie = next(value for name, value in page.cookies.items() if "csrf" in name)
    name = next(name for name in page.cookies if "csrf" in name)
    headers = {"Cookie": f"{browser.headers['Cookie']}; {name}={cookie}", "Origin": re.sub(r"(//[^/]+).*", r"\1", url)}
    return browser.post(url, data={**data, "csrfmiddlewaretoken": token[1]}, headers=headers, **given)


def test_an_upload_to_one_host_is_shown_by_another_and_read_by_a_third(
    fresh_db: str, cast_rows: CastRows, databases: TestDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        cast = cast_rows.put()
    hosts = [_host(tmp_path, name) for name in ("one", "two", "three")]
    monkeypatch.setattr(settings, "DATA", hosts[2])
    database = databases.server.url("app", fresh_db)
    same = {"SAMVERKAN_INSTALLATION": settings.INSTALLATION, "SAMVERKAN_SECRET_KEY": settings.SECRET_KEY}
    with serving(database, hosts[0], **same) as one, serving(database, hosts[1], **same) as two:
        browser = _signed_in(cast["coordinator"])
        given = _post(browser, f"{one}/import/", {}, files={"files": ("händelser.csv", CSV.encode())})
        assert given.status_code == 302, _text(given)
        path = given.headers["Location"]
        assert SECRET in _text(browser.get(two + path)) and "händelser.csv" in _text(browser.get(two + path))
        assert _signed_in(cast["administrator"]).get(two + path).status_code == 404

        columns = {
            "column_date": "Datum",
            "column_time": "Tid",
            "column_category": "Kategori",
            "column_title": "Rubrik",
            "column_lon": "Longitude",
            "column_lat": "Latitude",
            "column_id": "Nummer",
            "source_name": "Parkvakten",
            "decimal": ".",
            "timezone": "Europe/Stockholm",
        }
        assert _post(browser, two + path, {**columns, "do": "check"}).status_code == 302
        assert "Filerna prövas" in _text(browser.get(one + path))
        jobs.run_pending()  # a worker on the third
        assert "1 rad behöver rättas" in _text(browser.get(one + path))
        assert f"{SECRET} igen" in browser.get(two + path + "avvisade.csv").text

        assert SECRET.encode() not in b"".join(bytes(part.content) for part in UploadPart.objects.all())
        upload = Upload.objects.get()
        assert SECRET.encode() not in bytes(upload.preview) + bytes(upload.tried or b"")

        assert _post(browser, one + path, {**columns, "do": "import"}).status_code == 302
        jobs.run_pending()
        assert "1 rad är inläst" in _text(browser.get(two + path))
    assert Incident.objects.get().title == SECRET
    assert not Upload.objects.exists() and not UploadPart.objects.exists()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_a_part_that_was_moved_or_changed_is_not_read(
    cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(settings, "DATA", _host(tmp_path, "one"))
    files: list[Any] = [SimpleUploadedFile(name, CSV.encode()) for name in ("a.csv", "b.csv")]
    upload = giving.receive(cast["coordinator"], files=files)
    mapping = {"source": {"code": "prov"}, "columns": {"date": ["Datum"], "category": ["Kategori"]}}
    first, second = UploadPart.objects.order_by("file")
    UploadPart.objects.filter(pk=first.pk).update(content=second.content)
    with pytest.raises(seal.SealBroken):
        giving.choose(cast["coordinator"], upload=upload, mapping=mapping)


def test_a_process_that_is_killed_leaves_names_and_nothing_more(
    cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    """While files are read nothing of what they say has a name on the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files: list[Any] = [SimpleUploadedFile(name, CSV.encode()) for name in ("a.csv", "a.csv")]
    upload = giving.receive(cast["coordinator"], files=files)
    with uploads._opened(upload) as paths:
        assert [path.name for path in paths] == ["a.csv", "a.csv"]
        assert {path.read_text("utf-8") for path in paths} == {CSV}
        assert all(path.is_dir() or path.is_symlink() for path in tmp_path.rglob("*"))
    assert not any(tmp_path.iterdir())
