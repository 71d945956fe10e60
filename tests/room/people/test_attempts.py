"""Attempts to sign in are counted once for all processes, and the table tells nobody whose they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.base import InvalidCacheBackendError
from django.db import connection, connections
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo, tasks
from samverkan.foundation.people.attempts import SharedCache
from samverkan.foundation.people.models import Remembered
from samverkan.site import demo as site_demo

#: Attempts in a process of its own, whose cache and connection are its own.
ELSEWHERE = """
import json, os, django
django.setup()
from django.test import Client
client = Client()
answers = [
    client.post("/konto/login/", {"login": "samordnare@exempel.test", "password": f"fel-{n}"}, HTTP_HOST="localhost").status_code
    for n in range(int(os.environ["ATTEMPTS"]))
]
print(json.dumps(answers))
"""


def _elsewhere(attempts: int) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        env=os.environ
        | {"ATTEMPTS": str(attempts), "DJANGO_SETTINGS_MODULE": "samverkan.site.settings"}
        | {"PYTHONPATH": str(Path(__file__).resolve().parents[3] / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def _sign_in(password: str) -> Any:
    return Client().post(
        "/konto/login/", {"login": "samordnare@exempel.test", "password": password}, HTTP_HOST="localhost"
    )


def test_guesses_in_several_processes_share_one_allowance(fresh_db: str) -> None:
    """Ten wrong passwords an hour from one network at one account."""
    context = demo.Context()
    site_demo.load_profile(context)
    demo.load_cast(context)
    assert _elsewhere(6) == [200] * 6
    assert [_sign_in(f"fel-{n}").status_code for n in range(4)] == [200] * 4
    late = _sign_in(demo.PASSWORD)
    assert late.status_code != 302, "the right password does not help, since the guesses are counted together"
    cache.clear()
    assert _sign_in(demo.PASSWORD).status_code == 302


def test_the_table_holds_no_address_and_no_name(cast: dict[str, Actor]) -> None:
    for login in ("samordnare@exempel.test", "nagon.annan@exempel.test"):
        Client().post("/konto/login/", {"login": login, "password": "fel"}, REMOTE_ADDR="192.0.2.66")
    assert Remembered.objects.count() >= 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, ' ') FROM people_remembered r")
        written = cursor.fetchone()[0]
    assert not any(word in written for word in ("192.0.2", "exempel", "samordnare", "login"))
    assert all(len(row.key) == 64 for row in Remembered.objects.all())


def test_the_hash_cannot_be_made_without_the_installations_secret(settings: Any) -> None:
    memory = SharedCache("", {})
    first = memory.make_key("allauth:rl:login:ip:192.0.2.66")
    settings.SECRET_KEY = "another-" + "x" * 50
    assert memory.make_key("allauth:rl:login:ip:192.0.2.66") != first


def test_it_keeps_what_it_is_told_for_as_long_as_it_is_told(db: None) -> None:
    one, other = SharedCache("", {}), SharedCache("", {})
    now = time.time()
    one.set("a", [now, 1.5], 60)
    assert other.get("a") == [now, 1.5], "to the last digit, since allauth looks a time up again to take it back"
    assert other.add("a", "new", 60) is False and other.get("a") == [now, 1.5]
    assert one.touch("a", -1) is True and other.get("a", "gone") == "gone"
    assert other.touch("a", 60) is False, "what has expired is not brought back"
    assert other.add("a", "new", 60) is True and one.get("a") == "new"
    assert one.delete("a") is True and other.delete("a") is False
    one.set("for ever", True, None)
    one.set("usual", True)
    one.set("never", True, 0)
    assert other.get_many(["for ever", "usual", "never"]) == {"for ever": True, "usual": True}
    assert tasks.forget_attempts.func(timestamp=0) == 1
    assert Remembered.objects.count() == 2
    other.clear()
    assert one.get("for ever") is None


def test_what_is_not_json_is_a_program_error(db: None) -> None:
    with pytest.raises(TypeError):
        cache.set("a", object())
    assert isinstance(cache.get("a", InvalidCacheBackendError), type)


def test_it_counts_within_a_span_and_takes_back(db: None) -> None:
    one, other = SharedCache("", {}), SharedCache("", {})
    marks = [one.take("a", amount=3, seconds=60, at=100.0 + n) for n in range(3)]
    assert all(marks) and other.take("a", amount=3, seconds=60, at=159.9) is None
    assert (other.count("a", after=100.0), other.count("a", after=99.0), other.count("b", after=0.0)) == (2, 3, 0)
    other.give_back("a", str(marks[1]))
    assert one.take("a", amount=3, seconds=60, at=159.9) and one.take("a", amount=3, seconds=60, at=159.9) is None
    assert one.take("a", amount=3, seconds=60, at=160.0), "the first is past"
    assert one.count("a", after=0.0) == 3, "what is past is not kept"


def test_any_number_at_once_take_no_more_than_may_be(fresh_db: str) -> None:
    got: list[str | None] = []
    gate = threading.Barrier(8)

    def take() -> None:
        memory = SharedCache("", {})
        connection.ensure_connection()
        gate.wait()
        got.extend(memory.take("a", amount=5, seconds=60, at=time.time()) for _n in range(4))
        connections.close_all()

    threads = [threading.Thread(target=take) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(mark is not None for mark in got) == 5


@pytest.mark.parametrize("left_over", [False, True], ids=["new", "expired"])
def test_of_many_at_once_one_gets_the_lock(fresh_db: str, left_over: bool) -> None:
    if left_over:
        cache.set("lock", True, -1)
    got: list[bool] = []
    gate = threading.Barrier(6)

    def take() -> None:
        memory = SharedCache("", {})
        connection.ensure_connection()
        gate.wait()
        got.append(memory.add("lock", True, 30))
        connections.close_all()

    threads = [threading.Thread(target=take) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 5 + [True]
