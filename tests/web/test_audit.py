"""The audit log: a chain in which every change shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hamlets.web.audit import chain, heads
from hamlets.web.audit.models import Entry, Head


@pytest.fixture
def entries(db: None) -> list[Entry]:
    heads.heads_file().unlink(missing_ok=True)
    return [chain.record(None, f"did {n}", about=str(n), reason="é 'quoted'") for n in range(5)]


def test_a_chain_as_written_holds(entries: list[Entry]) -> None:
    proof = chain.verify()
    assert (proof.holds, proof.entries, proof.head) == (True, 5, entries[-1].hash)


@pytest.mark.parametrize(
    "change",
    [{"name": "somebody else"}, {"about": "7"}, {"detail": {"reason": "other"}}, {"action": "x"}],
)
def test_a_changed_entry_is_named(entries: list[Entry], change: dict[str, Any]) -> None:
    Entry.objects.filter(number=3).update(**change)
    proof = chain.verify()
    assert (proof.wrong, proof.reason) == (3, "was changed")


def test_a_changed_entry_with_its_hash_worked_out_again_breaks_the_next(
    entries: list[Entry],
) -> None:
    entry = Entry.objects.get(number=3)
    entry.name = "somebody else"
    entry.hash = chain.digest(entry)
    entry.save()
    assert chain.verify().wrong == 4


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_missing_entry_is_named(entries: list[Entry], number: int) -> None:
    Entry.objects.filter(number=number).delete()
    proof = chain.verify()
    assert (proof.wrong, proof.reason) == (number, "is missing")


def test_a_whole_chain_worked_out_again_differs_from_the_heads_written_down(
    entries: list[Entry],
) -> None:
    assert heads.write_down(date(2031, 6, 3))
    assert not heads.write_down(date(2031, 6, 3))
    assert heads.compare() is None
    before = chain.START
    for entry in Entry.objects.order_by("number"):
        entry.name = "rewritten"
        entry.before = before
        before = entry.hash = chain.digest(entry)
        entry.save()
    Head.objects.update(hash=before)
    assert chain.verify().holds
    assert heads.compare() == "2031-06-03"


def test_a_cut_tail_shows_by_the_head(entries: list[Entry]) -> None:
    assert heads.write_down(date(2031, 6, 3))
    Entry.objects.filter(number__gt=3).delete()
    Head.objects.update(number=3, hash=Entry.objects.get(number=3).hash)
    assert chain.verify().holds
    assert heads.compare() == "2031-06-03"
