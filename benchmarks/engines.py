"""Question (i) by every engine: five indices, two levels, by practice.

Each engine reads the same Parquet files of the record store and gives the same rows. What
makes a rival's life easier is allowed: the book holds just the window, everyone is
registered throughout, and nobody is in two teams, so that none of them looks at those dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import stored

INDICES = ("upc", "coc", "hi", "secon", "k")
LEVELS = ("clinician", "team")
Row = tuple[str, int, int, float, float, float, float, float]
"""Level, practice code, patients, then the mean of each index."""


@dataclass(frozen=True)
class Engine:
    """A way to answer question (i), and roughly how long it takes per million rows."""

    words: str
    run: Callable[[Path], list[Row]]
    guess: float
    most_runs: int = 99


def hamlets_measure(store: Path) -> list[Row]:
    """Return the answer of Hamlets."""
    import hamlets
    from hamlets.continuity import measure

    with hamlets.open_store(store) as opened:
        table = measure(opened, measures=INDICES, level=LEVELS, by="practice", roles="any")
        code = {label: i for i, label in enumerate(opened.labels("practice"))}
    found: dict[tuple[str, int], dict[str, Any]] = {}
    columns = ("measure", "level", "practice", "value", "n_patients")
    for row in table.select(columns).to_pylist():
        if row["n_patients"]:
            means = found.setdefault((row["level"], code[row["practice"]]), {})
            means[row["measure"]] = row["value"]
            means["n"] = row["n_patients"]
    return _ordered((*k, v["n"], *(v[m] for m in INDICES)) for k, v in found.items())


def _ordered(rows: Iterable[tuple[Any, ...]]) -> list[Row]:
    plain = [(str(r[0]), int(r[1]), int(r[2]), *(float(v) for v in r[3:])) for r in rows]
    # rows hold words and numbers in the same places, so they compare
    return sorted(plain)  # type: ignore[arg-type]


# DuckDB -----------------------------------------------------------------------------

STATEMENT = """
WITH contacts AS (
    SELECT patient, staff AS clinician, coalesce(team, -1 - staff) AS team,
        start_day, start_second
    FROM read_parquet({appointments}) LEFT JOIN teams USING (staff)
    WHERE status IN {counted} AND mode <> {left_out} AND staff >= 0
),
ordered AS MATERIALIZED (
    SELECT patient, clinician, team,
        lag(clinician) OVER visits AS clinician_before, lag(team) OVER visits AS team_before
    FROM contacts
    WINDOW visits AS (PARTITION BY patient ORDER BY start_day, start_second)
),
seen AS (
    SELECT 'clinician' AS level, patient, count(*) AS times,
        count(*) FILTER (clinician_before = clinician) AS same
    FROM ordered GROUP BY patient, clinician
    UNION ALL
    SELECT 'team', patient, count(*), count(*) FILTER (team_before = team)
    FROM ordered GROUP BY patient, team
),
counted AS (
    SELECT level, patient, CAST(sum(times) AS DOUBLE) AS n, max(times) AS most,
        sum(times * times) AS squares, count(*) AS m, sum(same) AS same
    FROM seen GROUP BY level, patient HAVING sum(times) >= 2
)
SELECT level, practice, count(*), avg(most / n), avg((squares - n) / (n * (n - 1))),
    avg(squares / (n * n)), avg(same / (n - 1)), avg((n - m) / (n - 1))
FROM counted JOIN read_parquet({patients}) USING (patient)
GROUP BY level, practice
"""


def _connected(store: Path) -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {stored.cores()}")
    members = _listed(stored.files(store, "team_members"))
    connection.execute(
        "CREATE TABLE teams AS SELECT staff, dense_rank() OVER (ORDER BY team_id) AS team "
        f"FROM read_parquet({members})"
    )
    return connection


def _listed(paths: list[Path]) -> str:
    return "[" + ", ".join(f"'{path}'" for path in paths) + "]"


def _statement(appointments: list[Path], patients: list[Path]) -> str:
    counted, left_out = stored.codes()
    return STATEMENT.format(
        appointments=_listed(appointments),
        patients=_listed(patients),
        counted=counted,
        left_out=left_out,
    )


def duckdb_batches(store: Path) -> list[Row]:
    """Return DuckDB's answer, one file of practices after another: a patient is in one file."""
    with _connected(store) as connection:
        rows: list[tuple[Any, ...]] = []
        for appointments, patients in stored.clusters(store):
            rows += connection.execute(_statement([appointments], [patients])).fetchall()
    return _ordered(rows)


def duckdb_plain(store: Path) -> list[Row]:
    """Return DuckDB's answer to one statement over everything."""
    statement = _statement(stored.files(store, "appointments"), stored.files(store, "patients"))
    with _connected(store) as connection:
        return _ordered(connection.execute(statement).fetchall())


# Polars -----------------------------------------------------------------------------

COLUMNS = ("patient", "staff", "start_day", "start_second", "status", "mode")


def polars_sorting(store: Path) -> list[Row]:
    """Return the answer of Polars, lazy and streaming; it sorts, as it should."""
    return _polars(store, trusting=False)


def polars_trusting(store: Path) -> list[Row]:
    """Return the answer of Polars to someone who knows how the store is ordered."""
    return _polars(store, trusting=True)


def _polars(store: Path, *, trusting: bool) -> list[Row]:
    import polars as pl

    counted, left_out = stored.codes()
    teams = pl.read_parquet(stored.files(store, "team_members"), columns=["staff", "team_id"])
    team = teams.select("staff", team=pl.col("team_id").rank("dense").cast(pl.Int32)).lazy()
    contacts = (
        pl.scan_parquet(stored.files(store, "appointments"))
        .select(COLUMNS)
        .filter(
            pl.col("status").is_in(list(counted)),
            pl.col("mode") != left_out,
            pl.col("staff") >= 0,
        )
        .join(team, on="staff", how="left", maintain_order="left" if trusting else None)
        .with_columns(pl.col("team").fill_null(-1 - pl.col("staff")))
    )
    if not trusting:
        contacts = contacts.sort("patient", "start_day", "start_second")
    homes = pl.scan_parquet(stored.files(store, "patients")).select("patient", "practice")
    plans = [_polars_level(contacts, homes, level) for level in LEVELS]
    answers = pl.collect_all(plans, engine="streaming")
    return _ordered(
        (level, *row)
        for level, answer in zip(LEVELS, answers, strict=True)
        for row in answer.iter_rows()
    )


def _polars_level(contacts: Any, homes: Any, level: str) -> Any:
    import polars as pl

    who = "staff" if level == "clinician" else "team"
    n, times = pl.col("n"), pl.col("times")
    return (
        contacts.select(
            "patient",
            who,
            same=(pl.col(who) == pl.col(who).shift())
            & (pl.col("patient") == pl.col("patient").shift()),
        )
        .group_by("patient", who)
        .agg(times=pl.len().cast(pl.Float64), same=pl.col("same").sum())
        .group_by("patient")
        .agg(
            n=times.sum(),
            most=times.max(),
            squares=(times * times).sum(),
            m=pl.len(),
            same=pl.col("same").sum(),
        )
        .filter(n >= 2)
        .join(homes, on="patient")
        .group_by("practice")
        .agg(
            pl.len(),
            upc=(pl.col("most") / n).mean(),
            coc=((pl.col("squares") - n) / (n * (n - 1))).mean(),
            hi=(pl.col("squares") / (n * n)).mean(),
            secon=(pl.col("same") / (n - 1)).mean(),
            k=((n - pl.col("m")) / (n - 1)).mean(),
        )
    )


# pandas -----------------------------------------------------------------------------


def pandas_analyst(store: Path) -> list[Row]:
    """Return the answer of pandas, as an analyst writes it: read, filter, merge, sort, group."""
    import pandas as pd

    counted, left_out = stored.codes()
    read: Any = pd.read_parquet  # takes several files, which its types do not say
    contacts = read(stored.files(store, "appointments"), columns=list(COLUMNS))
    kept = contacts["status"].isin(counted) & (contacts["mode"] != left_out)
    contacts = contacts.loc[kept & (contacts["staff"] >= 0)]
    teams = read(stored.files(store, "team_members"), columns=["staff", "team_id"])
    teams["team"] = teams["team_id"].rank(method="dense").astype("int32")
    contacts = contacts.merge(teams[["staff", "team"]], on="staff", how="left")
    contacts["team"] = contacts["team"].fillna(-1 - contacts["staff"]).astype("int32")
    contacts = contacts.sort_values(["patient", "start_day", "start_second"])
    homes = read(stored.files(store, "patients"), columns=["patient", "practice"])
    rows: list[tuple[Any, ...]] = []
    for level, who in (("clinician", "staff"), ("team", "team")):
        contacts["same"] = contacts.groupby("patient")[who].shift() == contacts[who]
        seen = contacts.groupby(["patient", who], sort=False)["same"].agg(["size", "sum"])
        seen["square"] = seen["size"] ** 2
        person = seen.groupby("patient").agg(
            n=("size", "sum"),
            most=("size", "max"),
            squares=("square", "sum"),
            m=("size", "size"),
            same=("sum", "sum"),
        )
        person = person.loc[person["n"] >= 2]
        n = person["n"]
        person["upc"] = person["most"] / n
        person["coc"] = (person["squares"] - n) / (n * (n - 1))
        person["hi"] = person["squares"] / n**2
        person["secon"] = person["same"] / (n - 1)
        person["k"] = (n - person["m"]) / (n - 1)
        by_practice = person.merge(homes, on="patient").groupby("practice")
        means = by_practice[list(INDICES)].mean()
        means.insert(0, "size", by_practice.size())
        rows += [(level, *row) for row in means.itertuples()]
    return _ordered(rows)


ENGINES = {
    "hamlets": Engine("Hamlets, measure()", hamlets_measure, 0.1),
    "duckdb": Engine("DuckDB SQL, a file of practices at a time", duckdb_batches, 0.5),
    "duckdb-plain": Engine("DuckDB SQL, one plain statement", duckdb_plain, 0.5),
    "polars": Engine("Polars, lazy and streaming", polars_sorting, 0.7),
    "polars-trusting": Engine("Polars, trusting the stored order", polars_trusting, 0.5),
    "pandas": Engine("pandas, as an analyst writes it", pandas_analyst, 0.6, most_runs=1),
}
