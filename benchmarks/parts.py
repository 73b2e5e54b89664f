"""The four questions: which engines run, against which scan, and what is printed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import measuring, stored
from benchmarks.building import built, extract, hamlets, load
from benchmarks.engines import ENGINES
from benchmarks.measuring import BenchmarkError, Figures, Run, side_by_side, summarise
from benchmarks.sizes import BOROUGH, BOROUGH_GP, LARGE_ROWS, scaled, sized
from benchmarks.tables import Line, judged

SCAN_WORDS = {
    "scan-pyarrow": "raw scan: pyarrow reads the columns",
    "scan-duckdb": "raw scan: DuckDB sums the columns",
}
GUESS_LIMIT = 60.0
"""Seconds that all runs of one rival may take, unless every rival is asked for."""
MOST_APART = 1e-9
TINY = sized(3_000)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """What is printed about one question."""

    title: str
    lines: list[Line]
    notes: list[str]


class Bench:
    """The benchmarks at one size. Targets hold at full size; smaller ones are for trying."""

    def __init__(self, cache: Path, rows: int, runs: int, *, every: bool, say: Say) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self.cache, self.rows, self.runs, self.every, self.say = cache, rows, runs, every, say
        self.full = rows >= LARGE_ROWS
        self.tiny = built(TINY, cache, say)

    def parts(self) -> dict[str, Callable[[], Part]]:
        """Return the questions by their number."""
        return {
            "i": self.five_indices,
            "ii": self.everything,
            "iii": self.borough,
            "iv": self.loading,
        }

    def _large(self) -> Path:
        store = built(sized(self.rows), self.cache, self.say)
        stored.warm(store)
        return store

    def _runs_of(self, name: str) -> int:
        """Return how many runs an engine gets; 0 where it would take too long."""
        engine = ENGINES[name]
        runs = min(self.runs, engine.most_runs)
        quick = engine.guess * self.rows / 1e6 * runs <= GUESS_LIMIT
        return runs if quick or self.every else 0

    def five_indices(self) -> Part:
        """Question (i), by every engine."""
        store = self._large()
        columns = measuring.columns_of("hamlets", self.tiny, self.tiny)
        wanted = [(name, self.runs) for name in SCAN_WORDS]
        wanted += [(name, self._runs_of(name)) for name in ENGINES]
        ran = [(name, runs) for name, runs in wanted if runs]
        found = side_by_side(ran, store, self.tiny, columns, self.say)
        lines = scan_lines(found)
        for name, engine in ENGINES.items():
            if name not in found:
                about = engine.guess * self.rows / 1e6
                lines.append(Line(engine.words, None, target=f"about {about:.0f} s a run: --all"))
                continue
            times = ratios(found, name)
            target = self._judged("x pyarrow", times[0], 2.0) if name == "hamlets" else ""
            lines.append(Line(engine.words, found[name], times, target))
        apart = widest_difference({name: found[name].answer for name in ENGINES if name in found})
        if apart > MOST_APART:
            raise BenchmarkError(f"The engines do not agree: they are {apart} apart.")
        notes = [
            described(columns),
            f"Largest difference between any two engines in any figure: {apart:.1e}",
            "Hamlets also gives intervals, chance levels, corrected values and exclusions.",
        ]
        return Part(f"Five indices, two levels, by practice; {sizes(store)}", lines, notes)

    def everything(self) -> Part:
        """Question (ii): the kernel's whole contract."""
        store = self._large()
        columns = measuring.columns_of("everything", self.tiny, self.tiny)
        wanted = [(name, self.runs) for name in (*SCAN_WORDS, "everything")]
        if self.every:
            wanted.append(("everything-rolling", 1))
        found = side_by_side(wanted, store, self.tiny, columns, self.say)
        ours = found["everything"]
        times = ratios(found, "everything")
        speed = self._judged("x pyarrow", times[0], 4.0)
        memory = self._judged("peak GB", ours.peak / 1e9, 0.9)
        lines = [
            *scan_lines(found),
            Line("Hamlets, measure_many()", ours, times, f"{speed}; {memory}"),
        ]
        if self.every:
            rolling = found["everything-rolling"]
            times = ratios(found, "everything-rolling")
            lines.append(Line("the same, and 24 rolling windows", rolling, times))
        title = "All one-pass measures, three levels, filters, eight groupings, waterfall"
        return Part(f"{title}; {sizes(store)}", lines, [described(columns)])

    def borough(self) -> Part:
        """Question (iii): what someone at a desk waits for."""
        store = built(scaled(BOROUGH, self.rows), self.cache, self.say)
        stored.warm(store)
        found = side_by_side([("borough", self.runs)], store, self.tiny, {}, self.say)["borough"]
        command = ("measure", "--store", str(store), "--measures", "all", "--by", "practice")
        processes: list[Run] = []
        for _ in range(self.runs):
            processes.append(hamlets(*command, "--format", "json", cache=self.cache))
            self.say(f"  hamlets measure, a process: {processes[-1].seconds:.2f} s")
        whole = summarise(processes)
        inside = self._judged("s", found.seconds, 0.8)
        outside = self._judged("s", whole.seconds, 6.0)
        lines = [
            Line("after imports and kernel load", found, target=inside),
            Line("hamlets measure, a process", whole, target=outside),
        ]
        return Part(f"A borough, --measures all --by practice; {sizes(store)}", lines, [])

    def loading(self) -> Part:
        """Question (iv)."""
        book = scaled(BOROUGH_GP, self.rows)
        source = extract(book, self.cache, "csv", self.say)
        stored.warm(source)
        store = self.cache / "loading" / "store"
        runs: list[Run] = []
        for _ in range(self.runs):
            runs.append(load(source, store, self.cache))
            self.say(f"  hamlets load: {runs[-1].seconds:.2f} s")
        shutil.rmtree(store.parent)
        found = summarise(runs)
        time = self._judged("s", found.seconds, 15)
        memory = self._judged("peak GB", found.peak / 1e9, 1.5)
        lines = [Line("hamlets load, a process", found, target=f"{time}; {memory}")]
        size = sum(path.stat().st_size for path in source.iterdir()) / 1e6
        title = (
            f"Loading {book.rows:,} appointments, {book.patients:,} patients and their staff "
            f"from CSV ({size:.0f} MB)"
        )
        return Part(title, lines, self._loads_before())

    def _loads_before(self) -> list[str]:
        """Return what the loads behind the other questions took, once, from Parquet."""
        told = [json.loads(p.read_text()) for p in self.cache.glob("store-*/built.json")]
        told = [t for t in told if TINY.rows < t["book"]["rows"] <= self.rows]
        return [
            f"From Parquet, when its store was made: {t['book']['rows']:,} appointments in "
            f"{t['seconds']:.0f} s, peak {t['peak_bytes'] / 1e9:.2f} GB"
            for t in sorted(told, key=lambda t: t["book"]["rows"])
        ]

    def _judged(self, words: str, found: float, most: float) -> str:
        return judged(words, found, most) if self.full else f"{words} <= {most:g} at full size"


def scan_lines(found: dict[str, Figures]) -> list[Line]:
    """Return the lines of the raw scans."""
    return [Line(words, found[name], ratios(found, name)) for name, words in SCAN_WORDS.items()]


def ratios(found: dict[str, Figures], name: str) -> tuple[float, float]:
    """Return an engine's seconds as multiples of each raw scan's."""
    first, second = (found[name].seconds / found[scan].seconds for scan in SCAN_WORDS)
    return first, second


def described(columns: dict[str, list[str]]) -> str:
    """Return the columns of the scan in words."""
    each = "; ".join(f"{table} {', '.join(names)}" for table, names in columns.items())
    return f"Columns scanned: {each}"


def sizes(store: Path) -> str:
    """Return the sizes of a store in words."""
    book = json.loads((store.parent / "built.json").read_text())["book"]
    return (
        f"{stored.rows(store):,} appointments, {stored.rows(store, 'patients'):,} patients, "
        f"{book['practices']} practices"
    )


def widest_difference(answers: dict[str, list[list[Any]]]) -> float:
    """Return how far apart engines are at most; infinite where they differ in rows or counts."""
    widest = 0.0
    for one, other in pairwise(answers.values()):
        if [row[:3] for row in one] != [row[:3] for row in other]:
            return float("inf")
        for first, second in zip(one, other, strict=True):
            gaps = [abs(a - b) for a, b in zip(first[3:], second[3:], strict=True)]
            widest = max(widest, *gaps)
    return widest
