"""``python -m benchmarks``: every engine at size, side by side, in one table."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.building import cache_folder, forget_all
from benchmarks.parts import Bench, Part
from benchmarks.sizes import LARGE_ROWS
from benchmarks.tables import table

QUESTIONS = "i,ii,iii,iv"


def say(words: str) -> None:
    """Tell whoever waits what is going on."""
    print(words, file=sys.stderr, flush=True)


def plain(part: Part) -> dict[str, Any]:
    """Return a part as plain values, without the engines' answers."""
    bare = [
        replace(line, figures=line.figures and replace(line.figures, answer=None))
        for line in part.lines
    ]
    return asdict(replace(part, lines=bare))


def read_options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=LARGE_ROWS, help="appointments, at most")
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--only", default=QUESTIONS, help=f"some of {QUESTIONS}")
    parser.add_argument("--all", action="store_true", help="the slow rivals at any size")
    parser.add_argument("--rebuild", action="store_true", help="make books and stores again")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(QUESTIONS.split(","))
    if unknown or options.runs < 1 or options.rows < 10_000:
        parser.error("--only takes i, ii, iii and iv; --runs at least 1, --rows at least 10000")
    return options


def main() -> None:
    """Run the benchmarks that were asked for."""
    options = read_options()
    cache = cache_folder()
    if options.rebuild:
        forget_all(cache)
    bench = Bench(cache, options.rows, options.runs, every=options.all, say=say)
    described = machine.describe()
    print("\n".join(described), flush=True)
    figures: dict[str, Any] = {"machine": described}
    parts = bench.parts()
    for name in options.only.split(","):
        say(f"Question ({name})")
        part = parts[name]()
        figures[name] = plain(part)
        print(f"\n({name}) {part.title}\n\n{table(part.lines)}")
        for note in part.notes:
            print(f"  {note}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
