"""Nobody can work out what a published form leaves out: an attacker with a solver tries.

The attacker knows every printed number, the rules (7 or fewer is left out, the rest rounded
to 5), which counts add up to which, and the version before. A count that was left out must
stay uncertain by more than 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.disclosure import (
    Cell,
    Counts,
    Mark,
    Published,
    Release,
    Sum,
    protect,
    protect_counts,
    rolling,
)
from tests.oracles.reader import Form, Reader

SAFE = 3.0
counts = st.one_of(
    st.integers(0, 12), st.sampled_from((0, 0, 1, 3, 7, 8, 9, 12, 13)), st.integers(0, 400)
)


def tables(rows: int, columns: int) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, rows).flatmap(
        lambda n: st.integers(1, columns).flatmap(
            lambda m: st.lists(st.lists(counts, min_size=m, max_size=m), min_size=n, max_size=n)
        )
    )


def read(reader: Reader, form: Form, count: Published, true: int, telling: bool) -> None:
    """Let the attacker read one printed count; ``telling``: large ones are known as large."""
    if count.mark is Mark.shown:
        assert count.value is not None
        assert count.value % 5 == 0
        assert count.value >= 10, "a small number is printed"
        reader.shown(form, count.value)
    elif count.mark is Mark.few:
        assert true <= 7, "a large number is called small"
        reader.few(form)
    elif telling and true >= 8:
        reader.knows(form, 8, float("inf"))


def whole_table(matrix: Sequence[Sequence[int]]) -> Iterable[tuple[int, int, Form, int]]:
    """Yield place, cells and true value of each count of a table with its totals."""
    rows, columns = len(matrix), len(matrix[0])
    for i, j in product(range(rows + (rows > 1)), range(columns + 1)):
        over_i = range(rows) if i == rows else (i,)
        over_j = range(columns) if j == columns else (j,)
        form = {f"{a}/{b}": 1.0 for a in over_i for b in over_j}
        yield i, j, form, sum(matrix[a][b] for a in over_i for b in over_j)


@given(tables(5, 5), st.booleans())
@settings(max_examples=75, deadline=None)
def test_table_with_margins(matrix: list[list[int]], telling: bool) -> None:
    printed = protect_counts(matrix)
    reader = Reader()
    for i, j, form, true in whole_table(matrix):
        read(reader, form, printed[i][j], true, telling)
    for i, j, form, _ in whole_table(matrix):
        if printed[i][j].mark is not Mark.shown:
            low, high = reader.can_say(form)
            assert high - low > SAFE, (matrix, i, j, low, high)


@pytest.mark.parametrize(
    ("matrix", "place"),
    [
        ([[7, 22]], (0, 0)),  # 29 - 22, both rounded, leave 6 or 7
        ([[7, 7]], (0, 0)),  # 14 is two sevens
        ([[7, 20], [30, 7]], (0, 0)),
    ],
)
def test_leaving_out_small_numbers_alone_is_not_enough(
    matrix: list[list[int]], place: tuple[int, int]
) -> None:
    """The attacker does find numbers where only those of 7 or fewer are left out."""
    from hamlets.disclosure import publish_count

    reader = Reader()
    for _, _, form, true in whole_table(matrix):
        read(reader, form, publish_count(true), true, telling=False)
    forms = {(i, j): form for i, j, form, _ in whole_table(matrix)}
    low, high = reader.can_say(forms[place])
    assert high - low <= SAFE


def release_of(
    months: Sequence[Sequence[int]], first: int, last: int, before: Release | None
) -> tuple[Counts, Release]:
    """Publish a view: groups over a window of months, and each month over all groups."""
    values: dict[str, int] = {}
    sums: list[Sum] = []
    window = (first, last)
    groups = range(len(months[0]))
    for g in groups:
        values[Cell(f"n[{g}]", window).name] = sum(months[m][g] for m in range(first, last + 1))
    whole = Cell("n", window).name
    values[whole] = sum(values.values())
    sums.append(Sum(whole, tuple(Cell(f"n[{g}]", window).name for g in groups)))
    for m in range(first, last + 1):
        values.setdefault(Cell("n", (m, m)).name, sum(months[m]))
    sums = list(dict.fromkeys((*sums, *rolling(values, sums))))
    links: tuple[Sum, ...] = ()
    if before is not None:
        links = rolling((*values, *before.counts), (*sums, *before.sums))
    table = Counts(values, tuple(sums))
    return table, protect(table, before, links)


def cells_of(name: str, groups: int) -> Form:
    """Return which group-months a count is the sum of."""
    what, _, span = name.partition("@")
    first, _, last = span.partition(":")
    over = range(groups) if what == "n" else (int(what[2:-1]),)
    return {f"{g}/{m}": 1.0 for g in over for m in range(int(first), int(last) + 1)}


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=5, max_size=7
        )
    ),
    st.integers(1, 2),
)
@settings(max_examples=40, deadline=None)
def test_two_versions_of_a_rolling_window(months: list[list[int]], step: int) -> None:
    length = len(months) - step
    groups = len(months[0])
    old_table, old = release_of(months, 0, length - 1, None)
    new_table, new = release_of(months, step, len(months) - 1, old)
    reader = Reader()
    true = {**old_table.values, **new_table.values}
    for release in (old, new):
        for name, count in release.counts.items():
            read(reader, cells_of(name, groups), count, true[name], telling=False)
    for name in dict.fromkeys((*old.left_out(), *new.left_out())):
        low, high = reader.can_say(cells_of(name, groups))
        assert high - low > SAFE, (name, low, high)


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_count_that_steps_over_the_line_is_not_told_twice(before: int, after: int) -> None:
    """Shown as 10 and then called 7 or fewer, or the other way, would give both away."""
    name = Cell("n", (1, 12)).name
    first = protect(Counts({name: before}))
    second = protect(Counts({name: after}), first)
    marks = {first.counts[name].mark, second.counts[name].mark}
    assert marks != {Mark.shown, Mark.few}


def test_a_version_alone_would_give_the_other_away() -> None:
    """Without knowing the version before, a count is printed that pins down an old one."""
    names = ("a", "b", "all")
    old = Release(
        {"a": Published(Mark.few), "b": Published(Mark.hidden), "all": Published(Mark.shown, 30)},
        (Sum("all", ("a", "b")),),
    )
    table = Counts(dict(zip(names, (7, 22, 29), strict=True)), (Sum("all", ("a", "b")),))
    grown = Counts({"b": 22, "c": 40, "all": 29}, ())
    assert protect(grown).counts["b"].mark is Mark.shown
    assert protect(grown, old).counts["b"].mark is not Mark.shown
    assert protect(table, old).counts["b"].mark is not Mark.shown


def test_records_that_were_mended_do_not_undo_the_version_before() -> None:
    """Late rows make two versions fit no one history; what was left out stays left out."""
    sums = (Sum("all", ("a", "b")), Sum("whole", ("all", "c")))
    old = Release(
        {
            "a": Published(Mark.few),
            "b": Published(Mark.hidden),
            "all": Published(Mark.shown, 30),
            "c": Published(Mark.shown, 100),
            "whole": Published(Mark.shown, 130),
        },
        sums,
    )
    mended = Counts({"b": 22, "c": 150})
    assert protect(mended).counts["b"].mark is Mark.shown
    found = protect(mended, old).counts
    assert found["b"].mark is Mark.hidden
    assert found["c"] == Published(Mark.shown, 150)
