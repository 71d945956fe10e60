"""Takes the documentation's pictures anew from a demonstration of its own, on a fixed day.

python tools/pictures.py              into docs/pictures
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
DAY = "2026-11-23"
#: name, who signs in, address, width, dark
PICTURES = (
    ("sign-in", None, "/konto/login/", 1200, False),
    ("monday", "Samordnare", "/mandag/", 1440, False),
    ("picture", "Samordnare", "/lagesbild/", 1440, False),
    ("picture-dark", "Samordnare", "/lagesbild/", 1440, True),
    ("meeting", "Samordnare", "/veckan/2026-W47/mote/?steg=avviker", 1440, False),
    ("report-phone", "Rapportör på bostadsbolaget", "/rapportera/", 390, False),
    ("locked-week", "Förtroendevald", "/veckan/2026-W46/utgava/", 1200, False),
)


def main() -> int:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("SAMVERKAN_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("The pictures need Debian's chromium (apt-get install chromium).", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="samverkan-pictures-") as data:
        demo = subprocess.Popen(
            [str(ROOT / "samverkan"), "demo", "--data", data, "--today", DAY, "--port", "8177", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            url = json.loads(demo.stdout.readline())["url"]  # type: ignore[union-attr]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
                )
                _wait_for_patterns(browser, url)
                for name, who, address, width, dark in PICTURES:
                    context = browser.new_context(
                        locale="sv-SE",
                        viewport={"width": width, "height": 900},
                        color_scheme="dark" if dark else "light",
                    )
                    page = context.new_page()
                    page.goto(url + "/konto/login/")
                    if who:
                        page.get_by_role("button", name=who).first.click()
                    page.goto(url + address)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(
                        path=FOLDER / f"{name}.png", full_page=name not in {"sign-in", "report-phone", "meeting"}
                    )
                    _lighter(FOLDER / f"{name}.png")
                    print(FOLDER / f"{name}.png")
                    context.close()
                browser.close()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)
    return 0


def _wait_for_patterns(browser: Any, url: str) -> None:
    """The worker searches the weeks first; their patterns belong in the pictures. At most ten minutes."""
    page = browser.new_page(locale="en-GB")
    page.goto(url + "/konto/login/")
    page.get_by_role("button", name="Samordnare").first.click()
    until = time.monotonic() + 600
    for address, not_yet in (
        ("/mandag/", "has not run for this week yet"),
        ("/lagesbild/monster/", "not been looked for yet"),
    ):
        page.goto(url + address)
        while not_yet in page.content():
            if time.monotonic() > until:
                raise TimeoutError(f"{address} still says that its patterns have not been searched for.")
            time.sleep(5)
            page.goto(url + address)
    page.close()


def _lighter(path: Path) -> None:
    """Drawn pages have few colours: a palette of 128 takes a third of the room."""
    from PIL import Image

    # The rare colours are those that say "look here": the palette must cover them too.
    Image.open(path).convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


if __name__ == "__main__":
    raise SystemExit(main())
