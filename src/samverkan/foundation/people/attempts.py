"""Django's cache for what must be counted once for all web processes: attempts to sign in, used codes.

allauth counts in Django's cache. In each process' own memory several processes would multiply what is
allowed and a used one-time code could be used again in the next process; so the cache is a table.
Django's own cache table is not used: when full it drops entries at random, among them the counters
that somebody wants to be rid of; it stores pickles; and it migrates by a command of its own.

Keys name addresses on the network and people, so only a keyed hash (HMAC-SHA256 with the
installation's secret) is stored. Values are JSON, in practice times and flags. ``take`` is beyond what a
cache can do: it counts in one statement. What has expired is
removed by a job; the database's own clock decides, whatever day the installation is fixed on.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils.crypto import salted_hmac

_ADD = """
    INSERT INTO people_remembered AS old (key, value, expires_at)
    VALUES (%s, %s, clock_timestamp() + %s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
#: Only where nothing holds any longer: of any number at once exactly one succeeds.
_ADD_NEW = f"{_ADD} WHERE old.expires_at <= clock_timestamp()"
#: Counts one more, unless as many as may be have been counted since a time. Of any number at once no more succeed.
_TAKE = """
    INSERT INTO people_remembered AS old (key, value, expires_at)
    VALUES (
        %(key)s, jsonb_build_object(%(mark)s::text, %(at)s::float8), clock_timestamp() + %(seconds)s * interval '1 second'
    )
    ON CONFLICT (key) DO UPDATE SET
        value = excluded.value || (
            SELECT coalesce(jsonb_object_agg(mark, at), '{}')
            FROM jsonb_each(old.value) AS e (mark, at) WHERE at::float8 > %(after)s
        ),
        expires_at = excluded.expires_at
    WHERE (SELECT count(*) FROM jsonb_each(old.value) AS e (mark, at) WHERE at::float8 > %(after)s) < %(amount)s
"""
#: "Never expires", in seconds.
_FOR_EVER = 100 * 365 * 86400


class SharedCache(BaseCache):
    """A cache backend on the table ``people_remembered``. Values must be JSON."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def make_key(self, key: str, version: int | None = None) -> str:
        return salted_hmac("samverkan.people.attempts", super().make_key(key, version), algorithm="sha256").hexdigest()

    def validate_key(self, key: str) -> None:
        """Any key will do, since its hash is stored."""

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._write(_ADD_NEW, key, value, timeout, version) == 1

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(_ADD, key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT value FROM people_remembered WHERE key = %s AND expires_at > clock_timestamp()",
                [self.make_key(key, version)],
            )
            found = cursor.fetchone()
        return json.loads(found[0]) if found else default

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return (
            self._run(
                "UPDATE people_remembered SET expires_at = clock_timestamp() + %s * interval '1 second'"
                " WHERE key = %s AND expires_at > clock_timestamp()",
                self._seconds(timeout),
                self.make_key(key, version),
            )
            == 1
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._run("DELETE FROM people_remembered WHERE key = %s", self.make_key(key, version)) == 1

    def clear(self) -> None:
        self._run("DELETE FROM people_remembered")

    def take(self, key: str, *, amount: int, seconds: int, at: float) -> str | None:
        """Count one at a time (seconds since 1970) unless ``amount`` were within the seconds before it.

        Returns the mark to give it back by, or None when there were.
        """
        mark = secrets.token_hex(6)
        values: dict[str, Any] = {"key": self.make_key(key), "mark": mark, "at": at, "after": at - seconds}
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, values | {"seconds": seconds, "amount": amount})
            return mark if cursor.rowcount == 1 else None

    def give_back(self, key: str, mark: str) -> None:
        """Let one that was taken not count."""
        self._run("UPDATE people_remembered SET value = value - %s WHERE key = %s", mark, self.make_key(key))

    def count(self, key: str, *, after: float) -> int:
        """How many were counted after a time (seconds since 1970)."""
        counted: dict[str, float] = self.get(key, {})
        return sum(at > after for at in counted.values())

    def _write(self, sql: str, key: str, value: Any, timeout: Any, version: int | None) -> int:
        return self._run(sql, self.make_key(key, version), json.dumps(value), self._seconds(timeout))

    def _seconds(self, timeout: Any) -> float:
        chosen = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _FOR_EVER if chosen is None else float(chosen)

    @staticmethod
    def _run(sql: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)


def forget_expired() -> int:
    """Remove what has expired. Returns how many rows."""
    return SharedCache._run("DELETE FROM people_remembered WHERE expires_at <= clock_timestamp()")
