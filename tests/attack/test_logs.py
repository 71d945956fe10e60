"""What people write, and who they are, stand in no log line and not in the change log."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction

from samverkan.cli.runtime import scratch_folder
from samverkan.domain.est.models import Report
from samverkan.domain.incidents.api import Category
from samverkan.foundation.people import demo
from samverkan.foundation.postgres.driver import Server
from tests.harness.people import CastRows

#: Invented, and found nowhere else.
PLANTED = ("Plantsson", "19121212-1212", "070-0000013", "plantsson@exempel.test", "PLA000")


class Browser:
    """A person at a live server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._ask(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, page: str, data: dict[str, str], *, token: bool = True) -> tuple[int, str]:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page)[1])
        fields = data | ({"csrfmiddlewaretoken": found[1]} if token and found else {})
        return self._ask(urllib.request.Request(self.url + path, urllib.parse.urlencode(fields).encode()))

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")


def test_the_logs_and_the_change_log_hold_no_personal_data(live: str, cast_rows: CastRows, tmp_path: Path) -> None:
    with transaction.atomic():
        cast_rows.put()
    category = Category.objects.create(
        code="klotter",
        name_sv="Klotter",
        for_reports=True,
        main=Category.objects.create(code="skadegorelse", name_sv="Skadegörelse"),
    )
    words = " ".join(PLANTED)
    person = Browser(live)
    for login in ("plantsson@exempel.test", "skola@exempel.test"):
        person.post("/konto/login/", "/konto/login/", {"login": login, "password": words})
    person.post("/konto/login/", "/konto/login/", {"login": "skola@exempel.test", "password": demo.PASSWORD})
    assert person.get("/rapportera/")[0] == 200
    sent = {
        "category": category.code,
        "area": "municipality",
        "when": "now",
        "trend": "new",
        "text": words,
        "observation": "observed",
        "kind": "event",
        "seriousness": "",
    }
    status, page = person.post("/rapportera/", "/rapportera/", sent)
    assert status == 200, page[:2000]
    assert Report.objects.filter(text=words).count() == 1
    quoted = urllib.parse.quote(words)
    person.post("/rapportera/", "/rapportera/", sent, token=False)
    person.post("/rapportera/", "/rapportera/", sent | {"text": words * 200})
    for path in (
        f"/sok/?q={quoted}",
        f"/{quoted}/",
        f"/personer/?q={quoted}",
        f"/platser/?q={quoted}%00",
        f"/veckan/{quoted}/",
        f"/api/v1/picture/summary?text={quoted}&from={quoted}",
        f"/inbjudan/{quoted}/",
    ):
        assert person.get(path)[0] < 500
    person.get("/", Host="plantsson.exempel.test")
    person.get("/inkorg/", Cookie=f"sessionid={quoted}", Referer=f"http://{PLANTED[0]}/", **{"User-Agent": words})

    log = (tmp_path / "serve.log").read_text("utf-8", "replace")
    assert [plant for plant in PLANTED if plant.casefold() in log.casefold()] == []
    for line in log.splitlines():
        with contextlib.suppress(ValueError):  # the server's own few lines at its start are plain text
            assert "message" not in json.loads(line)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry WHERE \"table\" = 'est_report' AND operation = 'I'")
        assert cursor.fetchone()[0] == 1
        for table in ("audit_auditentry", "procrastinate_jobs", "procrastinate_events"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            content = str(cursor.fetchone()[0])
            assert [plant for plant in (*PLANTED, "skola@exempel.test") if plant in content] == [], table


def test_the_databases_log_keeps_no_statement_and_no_value() -> None:
    with scratch_folder() as base:
        server = Server(base / "data", fast=True)
        with server, psycopg.connect(server.url("owner"), autocommit=True) as owner:
            owner.execute("CREATE TABLE prov (email text UNIQUE, number int CHECK (number > 0))")
            written: list[Any] = [("plantsson@exempel.test", 1), ("plantsson@exempel.test", 2), ("19121212-1212", -1)]
            for email, number in written:
                with contextlib.suppress(psycopg.errors.IntegrityError):
                    owner.execute(f"INSERT INTO prov VALUES ('{email}', {number})")
            with contextlib.suppress(psycopg.errors.SyntaxError):
                owner.execute("SELECT * FRM prov WHERE email = 'Plantsson'")
        log = server.layout.log.read_text("utf-8", "replace")
    assert "duplicate key" in log
    assert "violates check constraint" in log
    assert [plant for plant in PLANTED if plant in log] == []
