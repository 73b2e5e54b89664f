"""``python -m benchmarks.borough_teams``: every practice of the demo borough designed.

What plans keep is set beside teams by alphabet and beside lists dealt by hand to the GP seen
most at the same balance of work. The borough is that of ``make demo``; without ``--store`` it
is made once and kept with the other benchmarks' stores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.building import cache_folder, environment, hamlets
from benchmarks.clock import Clock
from benchmarks.one_run import peak_bytes
from benchmarks.tables import judged, lined_up
from benchmarks.team_run import one_core

if TYPE_CHECKING:
    from hamlets.records import Store

PRACTICES, PATIENTS, MONTHS = 36, 270_000, 24
BAR_SECONDS = 120.0
"""All designs together."""


@dataclass(frozen=True)
class Designed:
    """One practice: its plan and what is made by hand, as shares of contacts with the team."""

    practice: str
    gps: int
    patients: int
    read_seconds: float
    seconds: float
    processor: float
    status: str
    gap: float | None
    band_kept: bool
    budget_kept: bool
    given_up: tuple[str, ...]
    """Rules on teams that the nearest plan does without."""
    band_max: float | None
    moved_share: float | None
    teams: int
    plan: float
    alphabetical: float
    by_hand: float
    """Teams by alphabet, most seen, the plan's band and budget of moves."""
    unlimited: float
    """The same with any number of moves."""
    same_teams: float
    """As ``by_hand`` in the plan's own teams: what the choice of lists alone is worth."""
    alphabet_allowed: bool
    """Whether the teams by alphabet keep every rule on teams."""
    by_chance: dict[str, float]
    """Of each of the five shares: what it would be if contacts went by the GPs' shares alone."""


def design_one(store: Store, practice: str) -> Designed | None:
    """Design a practice under the default model; None where there is no plan to show."""
    from hamlets.teams.columns import find_candidates
    from hamlets.teams.comparing.by_hand import most_seen_balanced
    from hamlets.teams.comparing.measures import measure_arrangement
    from hamlets.teams.designing import design
    from hamlets.teams.gathering import gather
    from hamlets.teams.model import TeamModel
    from hamlets.teams.side_by_side import find_alternatives

    model = TeamModel()
    clock = Clock()
    inputs = gather(store, practice)
    read, _ = clock.read()
    clock = Clock()
    found = design(inputs, model)
    seconds, processor = clock.read()
    teams = found.arrangement.teams
    if not teams:
        return None
    measured = measure_arrangement(inputs, found.arrangement, model)
    band, lists = model.band_percent, model.list_band_percent
    hand = find_alternatives(inputs, model, len(teams))
    grouped = hand["by_hand"].teams
    candidates = find_candidates(inputs, model)
    allowed = {candidates.team(row) for row in range(candidates.columns.count)}
    unlimited = most_seen_balanced(inputs, model, grouped, band, lists)
    own = most_seen_balanced(inputs, model, teams, band, lists, model.disruption_percent)

    made = {
        "plan": measured,
        "alphabetical": measure_arrangement(inputs, hand["alphabetical"], model),
        "by_hand": measure_arrangement(inputs, hand["by_hand"], model),
        "unlimited": measure_arrangement(inputs, unlimited, model),
        "same_teams": measure_arrangement(inputs, own, model),
    }
    kept = {name: each.retained_team or 0.0 for name, each in made.items()}
    gap = found.certificate.gap
    return Designed(
        practice=practice,
        gps=sum(len(team) for team in teams),
        patients=measured.n_patients,
        read_seconds=read,
        seconds=seconds,
        processor=processor,
        status=found.status,
        gap=gap if gap == gap else None,
        band_kept=found.band_kept,
        budget_kept=found.budget_kept,
        given_up=tuple(f"{rule.id} {rule.about}".strip() for rule in found.formation.relaxed),
        band_max=measured.band_max,
        moved_share=measured.moved_share,
        teams=len(teams),
        alphabet_allowed=all(team in allowed for team in grouped),
        by_chance={name: each.chance_team or 0.0 for name, each in made.items()},
        **kept,
    )


def table(designed: Sequence[Designed]) -> str:
    """Return a line for each practice."""
    header = (
        *("practice", "GPs", "patients", "teams", "read s", "design s", "cpu s", "gap %", "band %"),
        *("moved %", "plan", "alphabet", "by hand", "any moves", "same teams", "status"),
    )
    rows: list[tuple[str, ...]] = [header]
    for one in designed:
        shares = (one.plan, one.alphabetical, one.by_hand, one.unlimited, one.same_teams)
        rows.append(
            (
                one.practice,
                str(one.gps),
                f"{one.patients:,}",
                str(one.teams),
                f"{one.read_seconds:.2f}",
                f"{one.seconds:.2f}",
                f"{one.processor:.2f}",
                _percent(one.gap),
                _percent(one.band_max),
                _percent(one.moved_share),
                *(_percent(share, 1) for share in shares),
                _status(one),
            )
        )
    return lined_up(rows, left=(0, len(header) - 1))


def _percent(number: float | None, places: int = 2) -> str:
    return "" if number is None else f"{100 * number:.{places}f}"


def _status(one: Designed) -> str:
    broken = [
        word for word, kept in (("band", one.band_kept), ("budget", one.budget_kept)) if not kept
    ]
    without = [*one.given_up, *broken]
    return one.status + (f", nearest without: {', '.join(without)}" if without else "")


RIVALS: tuple[tuple[str, str], ...] = (
    ("teams and lists by alphabet", "alphabetical"),
    ("teams by alphabet, GP seen most at the same band and budget", "by_hand"),
    ("the same with any number of moves", "unlimited"),
    ("the plan's teams, lists dealt by hand at the same band and budget", "same_teams"),
)
"""In words, and the field of ``Designed``."""


def summary(designed: Sequence[Designed], asked: int, seconds: float) -> list[str]:
    """Return what is to be said of all practices together."""
    feasible = [one for one in designed if one.status != "infeasible"]
    designs = sum(one.seconds for one in designed)
    reading = sum(one.read_seconds for one in designed)
    gaps = [one.gap for one in feasible if one.gap is not None]
    lines = [
        f"{len(designed)} of {asked} practices have a plan; {len(feasible)} keep every rule,"
        f" {len(designed) - len(feasible)} are the nearest.",
        f"Designs {designs:.1f} s ({sum(one.processor for one in designed):.1f} s of processor),"
        f" reading {reading:.1f} s, with comparisons {seconds:.1f} s;"
        f" slowest design {max(one.seconds for one in designed):.1f} s;"
        f" {judged('s', designs, BAR_SECONDS)}.",
    ]
    if gaps:
        lines.append(f"Gap of plans that keep every rule: mean {100 * fmean(gaps):.2f} %,"
                     f" most {100 * max(gaps):.2f} %.")  # fmt: skip
    several = [one for one in feasible if one.teams > 1]
    groups = (
        ("all", designed),
        ("those that keep every rule", feasible),
        ("those that keep every rule and have teams to choose", several),
        ("of these, where teams by alphabet keep the rules too",
         [one for one in several if one.alphabet_allowed]),
    )  # fmt: skip
    for words, group in groups:
        if not group:
            continue
        lines += ["", f"Contacts of the past 12 months with the team, {words} ({len(group)}):"]
        chance = 100 * fmean(one.by_chance["plan"] for one in group)
        lines.append(
            f"  plan: {100 * fmean(one.plan for one in group):.1f} in 100, by chance {chance:.1f}"
        )
        for rival, field in RIVALS:
            gains = [100 * (one.plan - getattr(one, field)) for one in group]
            lucky = [100 * (one.by_chance["plan"] - one.by_chance[field]) for one in group]
            lines.append(
                f"  gain over {rival}: {fmean(gains):.1f} points on average"
                f" ({min(gains):.1f} to {max(gains):.1f}), of which by chance {fmean(lucky):.1f}"
            )
    return lines


def demo_store(cache: Path) -> Path:
    """Return the borough's store, made where it is not there yet."""
    store = cache / f"demo-{PRACTICES}-{PATIENTS}-{MONTHS}"
    if not (store / "CURRENT").exists():
        print(f"Making {PRACTICES} practices", file=sys.stderr, flush=True)
        sizes = ("--practices", str(PRACTICES), "--patients", str(PATIENTS))
        more = ("--months", str(MONTHS), "--seed", "1")
        hamlets("synth", "--store", str(store), *sizes, *more, cache=cache)
    return store


def practices_of(store: Store) -> list[str]:
    """Return the practices with registered patients, in order of their ids."""
    from hamlets.continuity.asking import find_scope

    labels = store.labels("practice")
    return sorted(labels[code] for code in find_scope(store, None).peopled)


def main() -> None:
    """Design every practice and print what the plans are worth."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.borough_teams", description=__doc__)
    parser.add_argument("--store", type=Path, help="a store of another borough")
    parser.add_argument("--practices", help="some of its practices, such as P001,P002")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    path = options.store or demo_store(cache)
    if options.store is None:
        os.environ.update(environment(cache))
    one_core()
    from hamlets.records import open_store

    print("\n".join([*machine.describe(), "One process on one core"]), flush=True)
    store = open_store(path)
    names = practices_of(store)
    if options.practices:
        names = [name for name in names if name in options.practices.split(",")]
    designed: list[Designed] = []
    began = time.perf_counter()
    for name in names:
        one = design_one(store, name)
        if one is None:
            print(f"  {name}: no plan to show", file=sys.stderr, flush=True)
            continue
        designed.append(one)
        print(f"  {name}: {one.seconds:.1f} s, {_status(one)}", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - began
    lines = [f"Peak memory {peak_bytes() / 1e9:.2f} GB."]
    if designed:
        lines = ["", table(designed), "", *summary(designed, len(names), seconds), *lines]
    print("\n".join(lines), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in designed], indent=1) + "\n")


if __name__ == "__main__":
    main()
