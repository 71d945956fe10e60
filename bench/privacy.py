"""What the finder of personal data finds of what is known to be there, and how often it marks ordinary words.

The sentences are those of the tests, made with known truth. With a file of the police's events, their own sentences too:
a mark in one is nearly always wrong.

    samverkan bench privacy
    samverkan bench privacy --police events.jsonl.gz
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
LEVEL_WRITTEN, LEVEL_NAMES, LEVEL_FALSE = 0.98, 0.90, 1 / 12


def main() -> int:
    """Print the table; 1 when a level is missed."""
    parser = argparse.ArgumentParser(
        prog="samverkan bench privacy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--police", type=Path, help="the police's events, one a line")
    args = parser.parse_args()
    sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "src")]
    from samverkan.foundation.privacy import find
    from tests.harness import sentences

    hits: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    missed = False
    for said in [*sentences.secret_sentences(400, args.seed), *sentences.name_sentences(2000, args.seed)]:
        kind = said.kind if said.kind != "name" else f"name, {'listed' if said.listed else 'not listed'}"
        start = said.text.index(said.secret)
        marked = {at for mark in find(said.text) for at in range(mark.start, mark.end)}
        asked[kind] += 1
        hits[kind] += all(at in marked for at in range(start, start + len(said.secret)) if said.text[at].isalnum())
    for kind, number in asked.items():
        level = LEVEL_NAMES if kind.startswith("name") else LEVEL_WRITTEN
        missed |= hits[kind] / number < level
        print(f"{kind:<20}{number:>6} sentences{hits[kind] / number:>8.3f} found (level {level})")
    texts = {"ordinary, made": sentences.ordinary_sentences(3000, args.seed)}
    if args.police:
        with gzip.open(args.police, "rt", encoding="utf-8") as file:
            told = [json.loads(line)["summary"] for line in file]
        texts["the police's own"] = [one for text in told for one in re.split(r"(?<=[.!?])\s+", text) if len(one) >= 15]
    for name, ordinary in texts.items():
        began = time.process_time()
        marks = sum(len(find(text)) for text in ordinary)
        spent = time.process_time() - began
        missed |= marks / len(ordinary) > LEVEL_FALSE
        letters = sum(map(len, ordinary))
        print(
            f"{name:<20}{len(ordinary):>6} sentences{marks / len(ordinary):>8.4f} marks each (level {LEVEL_FALSE:.3f}),"
            f" {letters / spent / 1000:.0f} letters a millisecond of CPU"
        )
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
