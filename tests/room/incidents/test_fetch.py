"""Fetching: the publisher's limits, conditions, what is gone, empty answers, and clear words for what fails."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from samverkan.domain.incidents import fetching
from samverkan.domain.incidents.fetching import LIMITS, PATIENCE, Calls, Fetcher
from samverkan.domain.incidents.importing.polisen import MAPPING
from samverkan.domain.incidents.models import FeedMemory, ImportRun, Incident
from samverkan.foundation.access import SYSTEM, Refused
from samverkan.foundation.web.errors import Refusal

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = {
    "id": 1,
    "datetime": "2026-03-02 9:05:00 +01:00",
    "name": "2 mars 9:05, Brand, Påhittad",
    "summary": "Påhittat.",
    "url": "/x",
    "type": "Brand",
    "location": {"name": "Påhittad", "gps": "59.1,16.1"},
}


class Clock:
    """A clock that only sleep moves."""

    def __init__(self) -> None:
        self.time, self.slept = START, 0.0

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.time += timedelta(seconds=seconds)


@dataclass
class Feed:
    """A server that gives prepared answers in turn (the last again and again) and keeps what was asked."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def says(self, body: bytes | list[Any], status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {k.replace("_", "-"): v for k, v in headers.items()}, raw))


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    monkeypatch.setenv("no_proxy", "*")
    found = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(dict(self.headers))
            status, headers, body = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/api/events"
    threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def ticking() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(feed: Feed, ticking: Clock) -> Callable[..., Fetcher]:
    def make(url: str = "") -> Fetcher:
        return Fetcher(url or feed.url, MAPPING, "prov@kommunen.example", ticking.now, ticking.sleep)

    return make


def test_an_answer_is_stored_as_observed_when_it_came(
    feed: Feed, fetcher: Callable[..., Fetcher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.says([EVENT])
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    found = fetcher().once(SYSTEM)
    assert (found.outcome, found.counts["created"]) == ("fetched", 1)
    assert Incident.objects.get().observed_at == START
    assert feed.asked[0]["User-Agent"] == "Samverkan/1 (+prov@kommunen.example)"
    assert ImportRun.objects.get().source.code == "polisen"  # type: ignore[union-attr]
    # Nothing of it lies about on the host afterwards.
    assert not (tmp_path / "data").exists() and not any((tmp_path / "temporary").iterdir())


def test_an_edited_event_becomes_a_version(feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says([EVENT])
    feed.says(gzip.compress(json.dumps([{**EVENT, "summary": "Ändrat."}]).encode()), Content_Encoding="gzip")
    one = fetcher()
    one.once(SYSTEM)
    assert one.once(SYSTEM).counts["updated"] == 1
    assert Incident.objects.get().description == "Ändrat."
    assert Incident.objects.get().observed_at == START + timedelta(seconds=10)


def test_asked_again_only_for_what_is_new(feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says([EVENT], ETag='"a1"', Last_Modified="Mon, 02 Mar 2026 11:00:00 GMT")
    feed.says(b"", status=304)
    assert fetcher().once(SYSTEM).outcome == "fetched"
    assert fetcher().once(SYSTEM).outcome == "unchanged"
    assert "If-None-Match" not in feed.asked[0]
    assert feed.asked[1]["If-None-Match"] == '"a1"'
    assert feed.asked[1]["If-Modified-Since"] == "Mon, 02 Mar 2026 11:00:00 GMT"


def test_an_answer_that_could_not_be_read_is_asked_for_again(feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says(b"<html>underh\xc3\xa5ll</html>", ETag='"b"')
    feed.says([EVENT])
    assert fetcher().once(SYSTEM).outcome == "failed"
    assert fetcher().once(SYSTEM).outcome == "fetched"
    assert "If-None-Match" not in feed.asked[1]


@pytest.mark.parametrize(
    "body", [b'{"message": "Internal error"}', b'{"error": {"code": 500, "message": "Internal error"}}']
)
def test_an_error_that_is_answered_as_if_all_were_well(
    body: bytes, feed: Feed, fetcher: Callable[..., Fetcher]
) -> None:
    feed.says(body, ETag='"fel"')
    found = fetcher().once(SYSTEM)
    assert found.outcome == "failed" and not Incident.objects.exists()


def test_at_least_ten_seconds_between_calls_of_any_process(
    feed: Feed, fetcher: Callable[..., Fetcher], ticking: Clock
) -> None:
    feed.says([EVENT])
    for one in (fetcher(), fetcher(), fetcher()):
        assert one.once(SYSTEM).well
    assert ticking.slept == 20


def test_at_most_sixty_an_hour_and_1440_a_day() -> None:
    calls, now, taken = Calls("h"), START, []
    while len(taken) < 125:
        if wait := calls.take_turn("u", now):
            now += wait
        else:
            taken.append(now)
    for most, within in LIMITS[:2]:
        assert all(later - first >= within for first, later in zip(taken, taken[most:], strict=False))
    # All that the limits allow is used: no hour passes with fewer than sixty.
    assert len([at for at in taken if at < START + timedelta(hours=1)]) == 60
    FeedMemory.objects.create(host="d", calls=[(START + timedelta(seconds=59 * n)).isoformat() for n in range(1440)])
    assert Calls("d").take_turn("u", START + timedelta(seconds=59 * 1440 + 600)) == timedelta(days=1) - timedelta(
        seconds=59 * 1440 + 600
    )


def test_a_full_hour_is_told_instead_of_waited_for(feed: Feed, fetcher: Callable[..., Fetcher], ticking: Clock) -> None:
    feed.says([EVENT])
    calls = fetcher().calls
    for _ in range(60):
        calls.take_turn(feed.url, ticking.now())
        ticking.time += timedelta(seconds=11)
    found = fetcher().once(SYSTEM)
    assert found.outcome == "busy" and "2026-03-02 14:00" in found.words and not feed.asked
    assert ticking.slept <= PATIENCE.total_seconds()


def test_processes_on_any_hosts_share_one_memory(fresh_db: str) -> None:
    granted = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        mine = Calls("h")
        barrier.wait()
        granted.append(mine.take_turn("u", START))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(granted) == [timedelta(0)] + [timedelta(seconds=10)] * 3


def test_what_is_gone_is_never_asked_for_again(feed: Feed, fetcher: Callable[..., Fetcher], ticking: Clock) -> None:
    feed.says(b"", status=404)
    assert [found.outcome for found in fetcher().follow(SYSTEM)] == ["gone"]
    ticking.time += timedelta(days=400)
    found = fetcher().once(SYSTEM)
    assert found.outcome == "gone" and "404" in found.words
    assert len(feed.asked) == 1


def test_a_server_that_asks_for_rest_gets_it(feed: Feed, fetcher: Callable[..., Fetcher], ticking: Clock) -> None:
    feed.says(b"", status=503, Retry_After="40")
    feed.says(b"", status=429)
    feed.says([EVENT])
    assert "503" in fetcher().once(SYSTEM).words
    assert fetcher().once(SYSTEM).outcome == "failed" and ticking.slept == 40
    assert fetcher().once(SYSTEM).outcome == "busy"
    ticking.time += timedelta(hours=1)
    assert fetcher().once(SYSTEM).well


def test_an_empty_answer_is_told_and_changes_nothing(feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says(b"", ETag='"tom"')
    found = fetcher().once(SYSTEM)
    assert found.outcome == "empty" and "tomt" in found.words
    assert not ImportRun.objects.exists()


def test_a_redirect_is_told_and_not_followed(feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says(b"", status=301, Location="https://annan.example/api")
    assert "https://annan.example/api" in fetcher().once(SYSTEM).words
    assert len(feed.asked) == 1


def _raw(answer: bytes, pause: float = 0.0) -> str:
    """The address of a server that answers these bytes, byte by byte with a pause, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, contextlib.suppress(OSError):
            called, _ = listening.accept()
            with called:
                called.recv(1 << 16)
                for n in range(len(answer)) if pause else [slice(None)]:
                    called.sendall(answer[n : n + 1] if isinstance(n, int) else answer)
                    time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/api"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"", "bröts"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", "bröts"),
        (b"220 ftp.example\r\n\r\n", "inte är HTTP"),
    ],
)
def test_answers_that_are_cut_short_or_none(answer: bytes, word: str, fetcher: Callable[..., Fetcher]) -> None:
    found = fetcher(_raw(answer)).once(SYSTEM)
    assert found.outcome == "failed" and word in found.words and not ImportRun.objects.exists()


def test_neither_size_nor_time_is_without_end(
    feed: Feed, fetcher: Callable[..., Fetcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_ANSWER", 1 << 20)
    feed.says(b"[" + b" " * (2 << 20))
    large = fetcher().once(SYSTEM)
    assert large.outcome == "failed" and "1 MB" in large.words
    monkeypatch.setattr(fetching, "TIMEOUT", 0.3)
    silent = fetcher(_raw(b"HTTP/1.1", pause=2)).once(SYSTEM)
    assert silent.outcome == "failed" and "svarade inte inom" in silent.words
    # A server that drips is never silent, and still is not waited for.
    monkeypatch.setattr(fetching, "LONGEST", 0.5)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    drips = fetcher(_raw(head + b" " * 200, pause=0.01)).once(SYSTEM)
    assert drips.outcome == "failed" and "hade inte svarat" in drips.words
    assert not ImportRun.objects.exists()


def test_network_errors_in_clear_words(fetcher: Callable[..., Fetcher], feed: Feed) -> None:
    refused = fetcher("http://127.0.0.1:1/api").once(SYSTEM)
    assert refused.outcome == "failed" and "127.0.0.1" in refused.words and "Errno" not in refused.words
    unknown = fetcher("https://finns-inte.invalid/api").once(SYSTEM)
    assert unknown.outcome == "failed" and "finns-inte.invalid" in unknown.words


@pytest.mark.parametrize(
    "url", ["http://polisen.se/api/events", "ftp://polisen.se/x", "polisen.se", "file:///etc/passwd"]
)
def test_only_https_is_called(url: str, fetcher: Callable[..., Fetcher]) -> None:
    with pytest.raises(Refusal, match=re.escape(url)):
        fetcher(url)


@pytest.mark.parametrize("contact", ["", "kommunen", "a@b\r\nX-Extra: 1"])
def test_nothing_is_called_without_a_contact(contact: str, feed: Feed) -> None:
    with pytest.raises(Refusal):
        Fetcher(feed.url, MAPPING, contact)


def test_only_those_who_may_import_fetch(cast: Any, feed: Feed, fetcher: Callable[..., Fetcher]) -> None:
    feed.says([EVENT])
    with pytest.raises(Refused):
        fetcher().once(cast["est_reporter"])
    assert not feed.asked


def test_the_polices_stored_answers_replayed(
    real_data: Path, feed: Feed, fetcher: Callable[..., Fetcher], ticking: Clock
) -> None:
    snapshots = sorted((real_data / "polisen" / "api-snapshots").glob("*.json.gz"))
    known: set[int] = set()
    for path in snapshots:
        feed.answers.clear()
        body = gzip.decompress(path.read_bytes())
        feed.says(body)
        ticking.time = max(
            ticking.time + timedelta(seconds=10),
            datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
        )
        found = fetcher().once(SYSTEM)
        assert found.outcome == ("fetched" if body.strip() else "empty")
        if body.strip():
            events = {event["id"] for event in json.loads(body)}
            assert found.counts["created"] + found.counts["digests"] == len(events - known)
            known |= events
    assert Incident.objects.count() == len(known)
