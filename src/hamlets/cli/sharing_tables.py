"""A plan of sharing for people at a terminal, and its moves as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hamlets.networks.results import NextDay, Sharing
    from hamlets.publish.sharing_words import Term


def moves_csv(plan: Sharing) -> bytes:
    """Return one row a move, with a header; text that a spreadsheet would run is disarmed."""
    from hamlets.publish.sharing_json import MOVE_COLUMNS, move_json
    from hamlets.publish.tables import disarm

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MOVE_COLUMNS)
    for move in plan.moves:
        values = move_json(move, plan.unit)
        writer.writerow([disarm(values[name]) for name in MOVE_COLUMNS])
    return text.getvalue().encode()


def print_plan(plan: Sharing, term: Term, rows: Sequence[NextDay], in_full: bool) -> None:
    """Print the plan: its sentences, who moves, what is met, where help pays, the agreements."""
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.sharing_words import agreements, lines, said

    print_lines(lines(plan))
    print()
    if plan.moves:
        _print_moves(plan)
        print()
    _print_needs(plan)
    if rows:
        print()
        _print_next(rows)
    if plan.notes:
        print()
        print_lines(plan.notes)
    texts = agreements(plan, term)
    if texts and not in_full:
        print()
        key = "agreement.print_1" if len(texts) == 1 else "agreement.print"
        print_lines([said(key, n=len(texts))])
        return
    for text in texts:
        print()
        print_lines(text.rstrip("\n").split("\n"), hanging="  ")


def _print_moves(plan: Sharing) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.sharing_words import amount, pounds, said, when_words, who_words

    moves = plan.moves
    costs = [
        "-" if m.travel_cost is None
        else pounds(m.travel_cost + (m.time_cost or 0)) if m.trips or m.time_cost
        else said("head.same_trip")
        for m in moves
    ]  # fmt: skip
    print_columns(
        [
            Column(said("head.who"), [who_words(m) for m in moves], "words"),
            Column(said("head.from"), [m.from_practice for m in moves], "name"),
            Column(said("head.to"), [m.to_practice for m in moves], "name"),
            Column(said("head.when"), [when_words(m.slot, times=False) for m in moves], "words"),
            Column(said("head.amount"), [amount(m.amount, plan.unit) for m in moves]),
            Column(said("head.km"), ["-" if m.km is None else f"{m.km:.1f}" for m in moves],
                   leaves=2),
            Column(said("head.cost"), costs, leaves=3),
            Column(said("head.agreed"), [said(f"who.{m.consent}") for m in moves], "name",
                   leaves=1),
        ]
    )  # fmt: skip


def _print_needs(plan: Sharing) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.sharing_words import number, role_words, said

    needs = plan.needs
    print_columns(
        [
            Column(said("head.practice"), [n.practice_id for n in needs], "name"),
            Column(said("head.asks"), [role_words(n.role, n.skill) for n in needs], "words"),
            Column(said("head.standard"), [n.about or "-" for n in needs], "words", leaves=1),
            Column(said("head.needed"), [number(n.needed) for n in needs]),
            Column(said("head.met"), [number(n.met) for n in needs]),
            Column(said("head.left"), [number(n.after) for n in needs]),
        ]
    )


def _print_next(rows: Sequence[NextDay]) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines
    from hamlets.publish import numbers
    from hamlets.publish.sharing_words import help_line, said, whole_pounds

    print_lines([said("next.title")])
    chance = ["-" if r.chance is None else numbers.percent(r.chance) for r in rows]
    near = [
        said("next.none_near") if r.nearest is None
        else said("next.itself") if r.nearest == r.practice_id
        else r.nearest if r.km is None else f"{r.nearest}, {r.km:.1f} km"
        for r in rows
    ]  # fmt: skip
    valued = any(row.worth is not None for row in rows)
    values = [
        Column(said("head.worth"), [whole_pounds(r.worth) for r in rows]),
        Column(said("head.chance"), chance, leaves=4),
    ]
    print_columns(
        [
            Column(said("head.practice"), [r.practice_id for r in rows], "name"),
            Column(said("head.standard"), [r.title for r in rows], "words"),
            Column(said("head.outstanding"), [f"{r.outstanding:,}" for r in rows]),
            Column(said("head.sessions"), [f"{r.sessions:,}" for r in rows], leaves=1),
            *(values if valued else []),
            Column(said("head.spare"), [f"{r.spare:,}" for r in rows], leaves=2),
            Column(said("head.nearest"), near, "words", leaves=3),
        ]
    )
    print_lines([help_line(rows), *([said("next.note")] if valued else [])])
