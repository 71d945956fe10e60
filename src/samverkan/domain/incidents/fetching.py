"""Fetches a published feed and stores it as an import, within the limits of who publishes it.

The police's rules for their open data (polisen.se, "Regler för öppna data"): say who calls in
``User-Agent``, use HTTPS, at least 10 seconds between calls, at most 60 an hour and 1 440 a day,
and never ask again for an address that has answered 404. What is remembered of calls lies in a
file under the data folder, so that processes together keep the limits.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import re
import socket
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from samverkan.foundation import clock, municipality
from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Refusal

from .importing import import_files
from .importing.mapping import Mapping

#: Where the police publish their events.
POLISEN = "https://polisen.se/api/events"
#: (calls, within): so many calls at most within so long.
LIMITS = ((1, timedelta(seconds=10)), (60, timedelta(hours=1)), (1440, timedelta(days=1)))
#: Between two calls that follow a feed. New events come a few times an hour.
INTERVAL = timedelta(minutes=5)
#: How long one call may wait for its turn before it says so instead.
PATIENCE = timedelta(minutes=1)
TIMEOUT = 30.0  # seconds
MAX_ANSWER = 64 << 20  # bytes; the honest answer is under one megabyte
CONTACT = "fetch.contact"

Outcome = Literal["fetched", "unchanged", "empty", "gone", "busy", "failed"]


@dataclass
class Fetched:
    """What came of one call, in a word for programs and a sentence for people."""

    outcome: Outcome
    words: str
    at: datetime
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        return self.outcome in {"fetched", "unchanged"}

    def as_dict(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "words": self.words, "at": self.at.isoformat(), **self.counts}


class Calls:
    """What is remembered of calls to one host: when, until when it asked to be left alone, what is gone."""

    def __init__(self, folder: Path, host: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / (re.sub(r"[^a-z0-9.-]", "_", host.lower()) + ".json")

    @contextlib.contextmanager
    def _open(self) -> Iterator[dict[str, Any]]:
        """The memory, alone with it; written back whole when the block ends well."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                memory = json.loads(self.path.read_text("utf-8"))
            except FileNotFoundError:
                memory = {}
            except ValueError:
                raise Refusal(_("{path} cannot be read. Wait an hour and remove it.").format(path=self.path)) from None
            before = json.dumps(memory)
            yield memory
            if json.dumps(memory) != before:
                half = self.path.with_suffix(".half")
                half.write_text(json.dumps(memory), "utf-8")
                half.replace(self.path)

    def take_turn(self, url: str, now: datetime) -> timedelta:
        """Note a call now when the limits allow it (zero), else how long to wait. Refusal when the address is gone."""
        with self._open() as memory:
            if url in memory.get("gone", {}):
                raise Refusal(
                    _(
                        "{url} does not exist: it answered 404 on {day}. By the publisher's rules it is never asked again. Give another address with --url."
                    ).format(url=url, day=memory["gone"][url][:10]),
                    code="gone",
                )
            calls = [datetime.fromisoformat(text) for text in memory.get("calls", [])]
            # A clock that was set back must not block for ever: distance counts, whichever its direction.
            calls = sorted(at for at in calls if abs(now - at) < LIMITS[-1][1])
            earliest = now
            if rest := memory.get("not_before"):
                earliest = max(earliest, datetime.fromisoformat(rest))
            for most, within in LIMITS:
                near = [at for at in calls if abs(now - at) < within]
                if len(near) >= most:
                    earliest = max(earliest, near[-most] + within)
            if earliest > now:
                return earliest - now
            memory["calls"] = [at.isoformat() for at in (*calls, now)]
            memory.pop("not_before", None)
            return timedelta(0)

    def conditions(self, url: str) -> dict[str, str]:
        """Headers that ask for the answer only if it has changed."""
        with self._open() as memory:
            known = memory.get("seen", {}).get(url, {})
        names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
        return {names[key]: value for key, value in known.items()}

    def remember(self, url: str, headers: Any) -> None:
        """Keep what identifies the answer just stored."""
        known = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
        with self._open() as memory:
            memory.setdefault("seen", {})[url] = {key: value for key, value in known.items() if value}

    def gone(self, url: str, now: datetime) -> None:
        with self._open() as memory:
            memory.setdefault("gone", {})[url] = now.isoformat()

    def rest_until(self, moment: datetime) -> None:
        with self._open() as memory:
            memory["not_before"] = moment.isoformat()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is another call, perhaps to another host: it is told instead of followed."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


@dataclass
class Fetcher:
    """Fetches one address into the store. ``now`` and ``sleep`` are the world's unless a test gives its own."""

    url: str
    mapping: Mapping
    contact: str
    now: Callable[[], datetime] = clock.now
    sleep: Callable[[float], None] = time.sleep
    folder: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.host = parts.hostname or ""
        local = self.host in {"localhost", "127.0.0.1", "::1"}
        if not self.host or parts.scheme not in {"http", "https"} or (parts.scheme == "http" and not local):
            raise Refusal(_("The address must begin with https:// and name a server: {url}").format(url=self.url))
        if "@" not in self.contact and not self.contact.startswith(("http://", "https://")):
            raise Refusal(
                _(
                    "The publisher wants to know who calls. Give an e-mail address or a web address once with --contact; it is kept as the setting {key}."
                ).format(key=CONTACT)
            )
        if not self.contact.isascii() or not self.contact.isprintable():
            raise Refusal(_("The contact address may hold only plain letters, digits and signs."))
        self.folder = self.folder or Path(settings.DATA) / "fetch"
        self.calls = Calls(self.folder, parts.netloc)

    def once(self, actor: Actor, *, patience: timedelta = PATIENCE) -> Fetched:
        """One call, when its turn has come within ``patience``; what it answered is stored as observed then."""
        require(actor, "incidents.import")
        while True:
            try:
                wait = self.calls.take_turn(self.url, self.now())
            except Refusal as refusal:
                if refusal.code != "gone":
                    raise
                return Fetched("gone", refusal.message, self.now())
            if not wait:
                break
            if wait > patience:
                at = clock.local(self.now() + wait)
                words = _("The publisher's limit of calls is reached. The next call is possible at {time}.").format(
                    time=f"{at:%Y-%m-%d %H:%M:%S}"
                )
                return Fetched("busy", words, self.now())
            patience -= wait
            self.sleep(wait.total_seconds())
        try:
            status, headers, body = self._call()
        except OSError as error:
            return Fetched("failed", self._why(error), self.now())
        except (http.client.HTTPException, ValueError):
            return Fetched(
                "failed", _("{host} answered something that is not HTTP.").format(host=self.host), self.now()
            )
        return self._judge(actor, status, headers, body)

    def follow(self, actor: Actor, *, interval: timedelta = INTERVAL) -> Iterator[Fetched]:
        """Call again and again. Ends only when the address is gone."""
        while True:
            found = self.once(actor, patience=LIMITS[-1][1])
            yield found
            if found.outcome == "gone":
                return
            self.sleep(interval.total_seconds())

    def _call(self) -> tuple[int, Any, bytes]:
        headers = {
            "User-Agent": f"Samverkan/1 (+{self.contact})",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            **self.calls.conditions(self.url),
        }
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(urllib.request.Request(self.url, headers=headers), timeout=TIMEOUT) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read(MAX_ANSWER + 1)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, b""

    def _judge(self, actor: Actor, status: int, headers: Any, body: bytes) -> Fetched:
        at = self.now()
        if status == 304:
            return Fetched("unchanged", _("Nothing new since the last call."), at)
        if status == 404:
            self.calls.gone(self.url, at)
            words = _(
                "{url} does not exist (404). It is never asked again. Look on the publisher's site for the new address."
            ).format(url=self.url)
            return Fetched("gone", words, at)
        if 300 <= status < 400:
            words = _("The address has moved to {place}. Give that with --url if it is right.").format(
                place=headers.get("Location", "?")[:300]
            )
            return Fetched("failed", words, at)
        if status != 200:
            self._rest(status, headers, at)
            words = _("{host} answered with status {status}. Nothing is stored; try again later.").format(
                host=self.host, status=status
            )
            return Fetched("failed", words, at)
        if not body.strip():
            return Fetched("empty", _("The answer was empty. Nothing is changed by it."), at)
        if len(body) > MAX_ANSWER:
            words = _("The answer is larger than {n} MB, so it is not the feed. Nothing is stored.").format(
                n=MAX_ANSWER >> 20
            )
            return Fetched("failed", words, at)
        return self._store(actor, headers, body, at)

    def _store(self, actor: Actor, headers: Any, body: bytes, at: datetime) -> Fetched:
        suffix = ".json.gz" if body[:2] == b"\x1f\x8b" else ".json"
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="answer-") as folder:
            # The name tells the import when this was observed.
            path = Path(folder) / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{suffix}"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
            counts = import_files(actor, paths=[path], mapping=self.mapping)
        figures = counts.as_dict()
        if counts.files:
            return Fetched("failed", counts.files[0]["problem"], at, figures)
        if counts.read and counts.read == counts.rejected:
            # Servers tell of errors with status 200 too. It is not remembered, or the feed would count as unchanged.
            words = _("{host} answered something that is not the feed: {why}")
            return Fetched("failed", words.format(host=self.host, why=counts.rejects[0][2]), at, figures)
        self.calls.remember(self.url, headers)
        words = _(
            "{read} rows read: {created} new, {updated} updated, {unchanged} unchanged, {digests} new digests, {rejected} rejected."
        )
        return Fetched("fetched", words.format(**{k: v for k, v in figures.items() if k != "files"}), at, figures)

    def _rest(self, status: int, headers: Any, at: datetime) -> None:
        """Leave a server alone for as long as it asks, or an hour when it says that calls are too many."""
        wanted = headers.get("Retry-After", "").strip()
        until = at + timedelta(hours=1) if status in {403, 429} else None
        if wanted.isdigit():
            until = at + timedelta(seconds=min(int(wanted), 86_400))
        elif wanted:
            with contextlib.suppress(ValueError, TypeError):
                until = min(parsedate_to_datetime(wanted).astimezone(UTC), at + timedelta(days=1))
        if until is not None and until > at:
            self.calls.rest_until(until)

    def _why(self, error: OSError) -> str:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, socket.gaierror):
            return _("The server {host} is not found. Check the address and the network.").format(host=self.host)
        if isinstance(reason, TimeoutError):
            return _("{host} did not answer within {n} seconds.").format(host=self.host, n=int(TIMEOUT))
        if isinstance(reason, ssl.SSLError):
            return _("The certificate of {host} cannot be verified, so nothing was fetched.").format(host=self.host)
        if isinstance(reason, ConnectionRefusedError):
            return _("{host} does not take calls right now.").format(host=self.host)
        return _("The connection to {host} was broken. Nothing is stored.").format(host=self.host)


def contact() -> str:
    """The address told to publishers, empty until somebody has decided one."""
    return str(municipality.get(CONTACT))
