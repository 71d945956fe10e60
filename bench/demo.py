"""The demonstration: first start from nothing, later starts, pages, and memory of all processes.

The checkout is cloned, and its packages are downloaded anew into an empty cache, so that the first
start is what a newcomer meets. Every page that links lead to is then visited as each of the cast.

    samverkan bench demo                what stands in docs/benchmarks.md
    samverkan bench demo --here         this checkout and its packages: only later starts, pages, memory
    samverkan bench demo --json
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
LEVELS = {"first start, s": 60.0, "later start, s": 8.0, "page p95, ms": 150.0, "memory PSS, MB": 600.0}
_LINK = re.compile(r'href="(/[^"#]*)"')
_ENTRY = re.compile(r'action="(/logga-in/demo/[^"]+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
#: Links that do something else than show a page.
_NOT_PAGES = re.compile(r"/(konto/logout|static|media|api)/|\.(csv|xlsx|gpkg|geojson|pdf|docx|zip|json)(\?|$)")
PAGES_EACH = 60


class Demo:
    """A demonstration started by its command."""

    def __init__(self, checkout: Path, data: Path, environment: dict[str, str]) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [checkout / "samverkan", "demo", "--json", "--data", data],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.seconds = time.monotonic() - self.began
        if not line:
            raise SystemExit("The demonstration did not start. Start it by hand to see why: ./samverkan demo")
        self.url: str = json.loads(line)["url"]
        self.processor = processor_time(data)

    def stop(self) -> float:
        """Seconds until everything had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return time.monotonic() - began


def processes(data: Path) -> list[Path]:
    """Every process of the installation, as folders of /proc."""
    mark, found = os.fsencode(data), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                inside = os.fsencode((entry / "cwd").readlink()).startswith(mark)
                named = mark in (entry / "cmdline").read_bytes()
                if inside or named or b"SAMVERKAN_DATA=" + mark in (entry / "environ").read_bytes():
                    found.append(entry)
            except OSError:
                continue
    return found


def proportional_memory(data: Path) -> float:
    """Megabytes that all processes use together, shared pages counted once (PSS)."""
    lines = [line for entry in processes(data) for line in (entry / "smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def processor_time(data: Path) -> float:
    """CPU seconds that all processes, and those of their children that have ended, have used."""
    fields = [(entry / "stat").read_text().rsplit(")", 1)[1].split() for entry in processes(data)]
    return sum(sum(map(int, field[11:15])) for field in fields) / os.sysconf("SC_CLK_TCK")


def visit(url: str) -> tuple[list[float], list[str]]:
    """Seconds of every page that links lead to, as each of the cast, and the pages that failed."""
    front = urllib.request.urlopen(f"{url}/konto/login/").read().decode()
    seconds: list[float] = []
    failed: list[str] = []
    for entry in sorted(set(_ENTRY.findall(front))):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        token = _TOKEN.search(browser.open(f"{url}/konto/login/").read().decode())
        assert token is not None
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        answer = browser.open(urllib.request.Request(f"{url}{entry}", form, {"Referer": url}))
        waiting, seen = _links(answer.read().decode()), {"/"}
        while waiting and len(seen) < PAGES_EACH:
            path = waiting.pop(0)
            if path in seen or _NOT_PAGES.search(path):
                continue
            seen.add(path)
            began = time.perf_counter()
            try:
                with browser.open(f"{url}{path}") as page:
                    body = page.read()
                    kind = page.headers.get_content_type()
            except urllib.error.HTTPError as error:
                if error.code >= 500:
                    failed.append(f"{error.code} {path}")
                continue
            seconds.append(time.perf_counter() - began)
            if kind == "text/html":
                waiting += _links(body.decode())
    return seconds, sorted(set(failed))


def _links(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in _LINK.findall(html)]


def measure(args: argparse.Namespace, room: Path) -> dict[str, Any]:
    """All figures, with ``room`` for a clone and an installation."""
    found: dict[str, Any] = {}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SAMVERKAN_", "DATABASE_URL"))
    }
    environment.pop("PYTHONPATH", None)
    checkout, data = CHECKOUT, room / "data"
    if not args.here:
        checkout = room / "checkout"
        subprocess.run(["git", "clone", "--quiet", CHECKOUT, checkout], check=True)
        environment |= {"UV_CACHE_DIR": str(room / "cache"), "PIP_NO_CACHE_DIR": "1"}
    first = Demo(checkout, data, environment)
    found["first start, s"] = round(first.seconds, 1) if not args.here else None
    found["first start with the packages there, s"] = round(first.seconds, 1) if args.here else None
    found["first start, CPU s"] = round(first.processor, 1)
    found["stop, s"] = round(first.stop(), 2)
    starts = []
    for _ in range(args.rounds):
        later = Demo(checkout, data, environment)
        starts.append((later.seconds, later.processor))
        later.stop()
    found["later start, s"] = round(statistics.median(wall for wall, _ in starts), 1)
    found["later start, CPU s"] = round(statistics.median(cpu for _, cpu in starts), 1)
    running = Demo(checkout, data, environment)
    try:
        found["memory when started PSS, MB"] = round(proportional_memory(data))
        seconds, failed = visit(running.url)
        found["pages visited"] = len(seconds)
        found["pages that failed"] = failed
        if seconds:
            found["page median, ms"] = round(statistics.median(seconds) * 1000)
            found["page p95, ms"] = round(sorted(seconds)[int(len(seconds) * 0.95)] * 1000)
        found["memory PSS, MB"] = round(proportional_memory(data))
    finally:
        running.stop()
    return {name: value for name, value in found.items() if value is not None}


def main() -> int:
    """Print the figures beside their levels; 1 when one is not met."""
    parser = argparse.ArgumentParser(
        prog="samverkan bench demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--here", action="store_true", help="use this checkout and its packages")
    parser.add_argument("--rounds", type=int, default=3, help="later starts (default 3)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args()
    from samverkan.cli.runtime import scratch_folder

    with scratch_folder() as room:
        found = measure(args, room)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name:<42} {value!s:>8}" + (f"   at most {LEVELS[name]:g}" if name in LEVELS else ""))
    missed = [name for name, level in LEVELS.items() if name in found and found[name] > level]
    return int(bool(missed or found["pages that failed"]))


if __name__ == "__main__":
    sys.exit(main())
