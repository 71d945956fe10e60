"""The run of one module's tests over its mutants, as a plugin of pytest.

The tests run once as they are, while it is noted which functions each of them enters. Then each mutant has a process
of its own, forked from this one with everything loaded and the database ready, which runs the tests that enter the
changed function, the quickest first, up to the first that fails.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutants.planting import Key, Mutant, living, mutants, plant, remembering

CHECKOUT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutate", action="append", default=[], help="a module whose mutants are tried")
    parser.addoption("--mutants-to", type=Path, help="the file that gets what came of it")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Run(config), "mutants run")


def _computed() -> float:
    """Seconds of computing of this process and those it forked: what it takes where nobody else computes."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


class _Run:
    """What is noted of the tests, and what came of the mutants."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.failed: list[str] = []
        self.seconds: dict[str, float] = {}
        self.enter: dict[CodeType, set[pytest.Item]] = defaultdict(set)
        self.watched: set[CodeType] = set()
        self.remember: list[Any] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(f"{report.nodeid}\n{report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        files = [CHECKOUT / name for name in self.config.getoption("mutate")]
        functions = {str(path): living(path) for path in files}
        self.watched = {function.__code__ for found in functions.values() for function in found.values()}
        for item in session.items:
            self._note(session, item)
        self._demand_well("The tests fail without any mutant")
        reached = [item for item in session.items if any(item in found for found in self.enter.values())]
        print(f"{len(reached)} of {len(session.items)} tests reach the rules.", flush=True)
        self._close_connections()
        self.remember = remembering()
        gc.freeze()  # what is there is not looked through again in every fork, which would copy all of it
        if self._in_child(session, reached, None, {}) is not None:
            raise pytest.UsageError("The tests fail in a forked process without any mutant: no mutant would tell.")
        told = []
        for path in files:
            for mutant in mutants(path, str(path.relative_to(CHECKOUT))):
                told.append(self._try(session, mutant, functions[str(path)]))
        report = {"seconds": _computed(), "mutants": told}
        self.config.getoption("mutants_to").write_text(json.dumps(report, indent=1, ensure_ascii=False))
        return True

    def _note(self, session: pytest.Session, item: pytest.Item) -> None:
        entered: set[CodeType] = set()

        def look(frame: FrameType, event: str, argument: Any) -> None:
            if event == "call" and frame.f_code in self.watched:
                entered.add(frame.f_code)

        started = time.process_time()
        threading.setprofile(look)
        sys.setprofile(look)
        try:
            self._run_test(session, item)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type]
        self.seconds[item.nodeid] = time.process_time() - started
        for code in entered:
            self.enter[code].add(item)

    def _run_test(self, session: pytest.Session, item: pytest.Item) -> None:
        # What a session keeps stays up, and what is a module's or a class's is taken down after each test.
        self.config.hook.pytest_runtest_protocol(item=item, nextitem=session)

    def _demand_well(self, complaint: str) -> None:
        if self.failed:
            raise pytest.UsageError(f"{complaint}:\n" + "\n".join(self.failed))

    def _close_connections(self) -> None:
        from django.db import connections

        connections.close_all()

    def _try(self, session: pytest.Session, mutant: Mutant, functions: dict[Key, Any]) -> dict[str, Any]:
        changed = {*mutant.codes, *mutant.defaults}
        items = {item for key in changed if key in functions for item in self.enter[functions[key].__code__]}
        chosen = sorted(items, key=lambda item: self.seconds[item.nodeid])
        started = time.monotonic()
        how = self._in_child(session, chosen, mutant, functions) if chosen else None
        return {
            "file": mutant.file,
            "function": mutant.function,
            "was": mutant.was,
            "now": mutant.now,
            "killed": how or "",
            "reached": len(chosen),
            "seconds": round(time.monotonic() - started, 2),
        }

    def _in_child(
        self, session: pytest.Session, items: list[pytest.Item], mutant: Mutant | None, functions: dict[Key, Any]
    ) -> str | None:
        """Run tests in a process of their own. How it went wrong, or None when all of them passed."""
        usual = sum(self.seconds[item.nodeid] for item in items)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._be_child(session, items, mutant, functions, writing, usual)
        os.close(writing)
        with os.fdopen(reading) as told:
            said = told.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            stopped = os.WTERMSIG(status) in {signal.SIGALRM, signal.SIGPROF}
            return "time" if stopped else f"signal {os.WTERMSIG(status)}"
        if os.WEXITSTATUS(status) == 0:
            return None
        if mutant is None:
            print(said, flush=True)
        return said.partition("\n")[0] or "ended"

    def _be_child(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        mutant: Mutant | None,
        functions: dict[Key, Any],
        writing: int,
        usual: float,
    ) -> None:
        try:
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            # One that never ends is found by what it computes, or by the clock when it waits for itself.
            for clock, told, seconds in (
                (signal.ITIMER_PROF, signal.SIGPROF, 5 + 5 * usual),
                (signal.ITIMER_REAL, signal.SIGALRM, 60 + 30 * usual),
            ):
                signal.signal(told, signal.SIG_DFL)
                signal.setitimer(clock, seconds)
            if mutant is not None:
                plant(mutant, functions)
            for function in self.remember:
                function.cache_clear()
            for item in items:
                self._run_test(session, item)
                if self.failed:
                    os.write(writing, self.failed[0].encode()[:60000])
                    os._exit(1)
            os._exit(0)
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode()[:60000])
            os._exit(2)
