"""Fetches a published feed and stores it as an import, within the limits of who publishes it.

The police's rules for their open data (polisen.se, "Regler för öppna data"): say who calls in
``User-Agent``, use HTTPS, at least 10 seconds between calls, at most 60 an hour and 1 440 a day,
and never ask again for an address that has answered 404. What is remembered of calls lies in the
database, so that all processes together keep the limits, on whichever hosts they run.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock, municipality
from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Refusal

from .importing import import_files
from .importing import mapping as columns
from .models import FeedMemory

#: Where the police publish their events.
POLISEN = "https://polisen.se/api/events"
#: (calls, within): so many calls at most within so long.
LIMITS = ((1, timedelta(seconds=10)), (60, timedelta(hours=1)), (1440, timedelta(days=1)))
#: Between two calls that follow a feed. New events come a few times an hour.
INTERVAL = timedelta(minutes=5)
#: How long one call may wait for its turn before it says so instead.
PATIENCE = timedelta(minutes=1)
TIMEOUT = 30.0  # seconds that the server may be silent
LONGEST = 300.0  # seconds that a whole answer may take
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

    def __init__(self, host: str) -> None:
        self.host = host.lower()

    @contextlib.contextmanager
    def _open(self) -> Iterator[FeedMemory]:
        """The memory, alone with it; written back when the block ends well."""
        with transaction.atomic():
            FeedMemory.objects.get_or_create(host=self.host)
            memory = FeedMemory.objects.select_for_update().get(host=self.host)
            yield memory
            memory.save()

    def take_turn(self, url: str, now: datetime) -> timedelta:
        """Note a call now when the limits allow it (zero), else how long to wait. Refusal when the address is gone."""
        with self._open() as memory:
            if url in memory.gone:
                raise Refusal(
                    _(
                        "{url} does not exist: it answered 404 on {day}. By the publisher's rules it is never asked again. Give another address with --url."
                    ).format(url=url, day=memory.gone[url][:10]),
                    code="gone",
                )
            calls = [datetime.fromisoformat(text) for text in memory.calls]
            # A clock that was set back must not block for ever: distance counts, whichever its direction.
            calls = sorted(at for at in calls if abs(now - at) < LIMITS[-1][1])
            earliest = max(now, memory.not_before or now)
            for most, within in LIMITS:
                near = [at for at in calls if abs(now - at) < within]
                if len(near) >= most:
                    earliest = max(earliest, near[-most] + within)
            if earliest > now:
                return earliest - now
            memory.calls = [at.isoformat() for at in (*calls, now)]
            memory.not_before = None
            return timedelta(0)

    def conditions(self, url: str) -> dict[str, str]:
        """Headers that ask for the answer only if it has changed."""
        memory = FeedMemory.objects.filter(host=self.host).first()
        known = memory.seen.get(url, {}) if memory else {}
        names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
        return {names[key]: value for key, value in known.items()}

    def remember(self, url: str, headers: Mapping[str, str]) -> None:
        """Keep what identifies the answer just stored."""
        known = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
        with self._open() as memory:
            memory.seen[url] = {key: value for key, value in known.items() if value}

    def gone(self, url: str, now: datetime) -> None:
        with self._open() as memory:
            memory.gone[url] = now.isoformat()

    def rest_until(self, moment: datetime) -> None:
        with self._open() as memory:
            memory.not_before = moment


class _NoAnswer(Exception):
    """The call gave nothing that can be judged. Says why, to a person."""


@dataclass
class Fetcher:
    """Fetches one address into the store. ``now`` and ``sleep`` are the world's unless a test gives its own."""

    url: str
    mapping: columns.Mapping
    contact: str
    now: Callable[[], datetime] = clock.now
    sleep: Callable[[float], None] = time.sleep

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
        self.calls = Calls(parts.netloc)

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
        except _NoAnswer as why:
            return Fetched("failed", str(why), self.now())
        return self._judge(actor, status, headers, body)

    def follow(self, actor: Actor, *, interval: timedelta = INTERVAL) -> Iterator[Fetched]:
        """Call again and again. Ends only when the address is gone."""
        while True:
            found = self.once(actor, patience=LIMITS[-1][1])
            yield found
            if found.outcome == "gone":
                return
            self.sleep(interval.total_seconds())

    def _call(self) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and the body as it came, still packed. A redirect is told and not followed: it is another call."""
        import httpx  # a large library, which the web processes have no use for

        headers = {
            "User-Agent": f"Samverkan/1 (+{self.contact})",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            **self.calls.conditions(self.url),
        }
        ends, body = time.monotonic() + LONGEST, bytearray()
        try:
            with httpx.stream("GET", self.url, headers=headers, timeout=TIMEOUT, follow_redirects=False) as answer:
                for part in answer.iter_raw() if answer.status_code == 200 else ():
                    body += part
                    if len(body) > MAX_ANSWER:
                        break
                    if time.monotonic() > ends:
                        words = _("{host} had not answered in full within {n} seconds. Nothing is stored.")
                        raise _NoAnswer(words.format(host=self.host, n=int(LONGEST)))
                return answer.status_code, answer.headers, bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _NoAnswer(self._why(error)) from error

    def _judge(self, actor: Actor, status: int, headers: Mapping[str, str], body: bytes) -> Fetched:
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

    def _store(self, actor: Actor, headers: Mapping[str, str], body: bytes, at: datetime) -> Fetched:
        suffix = ".json.gz" if body[:2] == b"\x1f\x8b" else ".json"
        with tempfile.TemporaryDirectory() as folder:  # its owner's only
            # The name tells the import when this was observed.
            path = Path(folder) / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{suffix}"
            path.write_bytes(body)
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

    def _rest(self, status: int, headers: Mapping[str, str], at: datetime) -> None:
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

    def _why(self, error: Exception) -> str:
        import httpx

        causes = [error]
        while cause := causes[-1].__cause__ or causes[-1].__context__:
            causes.append(cause)  # type: ignore[arg-type]

        def due_to(kind: type[Exception]) -> bool:
            return any(isinstance(cause, kind) for cause in causes)

        if due_to(socket.gaierror):
            return _("The server {host} is not found. Check the address and the network.").format(host=self.host)
        if due_to(httpx.TimeoutException):
            return _("{host} did not answer within {n} seconds.").format(host=self.host, n=int(TIMEOUT))
        if due_to(ssl.SSLError):
            return _("The certificate of {host} cannot be verified, so nothing was fetched.").format(host=self.host)
        if due_to(ConnectionRefusedError):
            return _("{host} does not take calls right now.").format(host=self.host)
        if isinstance(error, httpx.NetworkError) or "disconnected" in str(error) or "closed" in str(error):
            return _("The connection to {host} was broken. Nothing is stored.").format(host=self.host)
        return _("{host} answered something that is not HTTP.").format(host=self.host)


def contact() -> str:
    """The address told to publishers, empty until somebody has decided one."""
    return str(municipality.get(CONTACT))
