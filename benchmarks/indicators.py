"""``python -m benchmarks.indicators``: every shipped indicator over 10 million observations.

The borough is that of ``make demo`` with its observations made many: those that indicators look
for four times over, on other days, the rest of codes that no indicator knows, as most of a real
record is. Each run is the command as a process, from the start of Python to the written file.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.building import cache_folder, hamlets
from benchmarks.measuring import Run, summarise
from benchmarks.tables import judged, lined_up

OBSERVATIONS = 10_000_000
TIMES = 4
"""How often the borough's own observations are there."""
OTHER_CODES = 400
BAR_SECONDS = 20.0
QUESTIONS = (
    ("12 months, practices and networks", ("--by", "practice,network")),
    ("each of 12 months", ("--by", "practice,network,month")),
)


def made(borough: Path, folder: Path, observations: int) -> Path:
    """Return the store with so many observations, loaded where it is not there yet."""
    store = folder / f"store-indicators-{observations}"
    if store.exists():
        return store
    import pyarrow.parquet as pq

    from hamlets.records import open_store
    from hamlets.records.tables import TABLES

    extract = folder / "indicators-extract"
    shutil.rmtree(extract, ignore_errors=True)
    extract.mkdir(parents=True)
    with open_store(borough) as opened:
        for name in TABLES:
            table = opened.table(name)
            if name == "observations":
                table = enlarged(table, observations)
            if table.num_rows:
                pq.write_table(table, extract / f"{name}.parquet")
    making = store.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    hamlets("load", str(extract), "--store", str(making), "--refuse-limit", "100",
            "--format", "json", cache=folder)  # fmt: skip
    shutil.rmtree(extract)
    making.rename(store)
    return store


def enlarged(table: Any, observations: int) -> Any:
    """Return observations repeated on other days, and others of codes that nobody asks for."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(1)
    days = table.column("date").combine_chunks().view("int32").to_numpy()
    parts = [table]
    for _ in range(TIMES - 1):
        moved = np.clip(days + rng.integers(-20, 21, days.size), days.min(), days.max())
        column = pa.array(moved.astype(np.int32)).view(pa.date32())
        parts.append(table.set_column(table.column_names.index("date"), "date", column))
    rest = max(0, observations - TIMES * table.num_rows)
    patients = table.column("patient_id").combine_chunks()
    other = {
        "patient_id": patients.take(pa.array(rng.integers(0, table.num_rows, rest))),
        "code": pa.array([f"EX-OTHER-{n:03d}" for n in range(OTHER_CODES)]).take(
            pa.array(rng.integers(0, OTHER_CODES, rest))
        ),
        "date": pa.array(rng.integers(days.min(), days.max() + 1, rest).astype(np.int32)).view(
            pa.date32()
        ),
        "value": pa.array(rng.integers(0, 500, rest)).cast(pa.string()),
        "unit": pa.nulls(rest, pa.string()),
    }
    parts.append(pa.table({name: other[name] for name in table.column_names}))
    return pa.concat_tables(parts)


def main() -> None:
    """Run the command a few times and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indicators", description=__doc__)
    parser.add_argument("--borough", type=Path, help="the store of `make demo` (default: made)")
    parser.add_argument("--observations", type=int, default=OBSERVATIONS)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    borough = options.borough or cache / "store-demo-borough"
    if not borough.exists():
        hamlets("synth", "--store", str(borough), "--practices", "36", "--patients", "270000",
                "--months", "24", "--seed", "1", cache=cache)  # fmt: skip
    store = made(borough, cache, options.observations)
    print("\n".join(machine.describe()), flush=True)
    header = ("question", "s", "from-to", "cpu s", "peak GB", "target")
    rows: list[tuple[str, ...]] = [header]
    runs: dict[str, list[Run]] = {words: [] for words, _ in QUESTIONS}
    for _ in range(options.runs):
        for words, arguments in QUESTIONS:
            output = str(cache / "indicators.json")
            runs[words].append(
                hamlets("networks", "indicators", "--store", str(store), *arguments,
                        "--output", output, cache=cache)
            )  # fmt: skip
    for words, _ in QUESTIONS:
        found = summarise(runs[words])
        rows.append(
            (
                words,
                f"{found.seconds:.1f}",
                f"{found.fastest:.1f}-{found.slowest:.1f}",
                f"{found.processor:.1f}",
                f"{found.peak / 1e9:.2f}",
                judged("s", found.seconds, BAR_SECONDS),
            )
        )
    print(lined_up(rows, left=(0, 5)))


if __name__ == "__main__":
    sys.exit(main())
