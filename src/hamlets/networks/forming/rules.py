"""Who must be together and who must not: read from words or files, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hamlets.errors import UnknownPlaceError, UsageError
from hamlets.networks.forming.practices import Practices
from hamlets.networks.small_files import read_small_file

Codes = tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """Groups that must be in one network (disjoint), and pairs that must not; by place."""

    together: tuple[tuple[int, ...], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()


def read_groups(given: Sequence[str], option: str) -> list[Codes]:
    """Return groups of practice codes: each is "A,B" or the path of a CSV file, a group a row."""
    found: list[Codes] = []
    for text in given:
        path = Path(text)
        if path.suffix or path.is_file():
            file = read_small_file(path)
            for row in file.rows:
                codes = tuple(cell.upper() for cell in row.cells.values() if cell)
                if len(codes) < 2:
                    raise UsageError(
                        "A row must name two practices or more.",
                        where=f"{option} {file.where(row)}",
                    )
                found.append(codes)
            continue
        codes = tuple(code.strip().upper() for code in text.replace(";", ",").split(","))
        codes = tuple(code for code in codes if code)
        if len(set(codes)) < 2:
            raise UsageError(
                "Name two practices or more.",
                where=option,
                hint=f"Write {option} E83003,E83005, or a CSV file with a group a row.",
            )
        found.append(codes)
    return found


def make_rules(practices: Practices, together: Sequence[Codes], apart: Sequence[Codes]) -> Rules:
    """Return the rules by place. Everybody in a group of ``apart`` is apart from the others.

    A practice that was left out is passed over with a note. Raises UnknownPlaceError for one
    that the file does not have, UsageError where two rules contradict each other.
    """
    index = {each.practice_id: at for at, each in enumerate(practices.taking_part)}
    notes: list[str] = []

    def places(codes: Codes, option: str) -> list[int]:
        found: list[int] = []
        for code in dict.fromkeys(codes):
            if code in index:
                found.append(index[code])
            elif code in practices.left_out:
                notes.append(f"{option}: {code} was left out, so the rule is without it.")
            else:
                raise UnknownPlaceError(
                    f"There is no practice {code} in the file of practices.",
                    where=option,
                    hint="Check the code.",
                )
        return found

    groups = _joined([places(codes, "--together") for codes in together])
    of = {place: number for number, group in enumerate(groups) for place in group}
    pairs: set[tuple[int, int]] = set()
    for codes in apart:
        mine = sorted(places(codes, "--apart"))
        for at, a in enumerate(mine):
            for b in mine[at + 1 :]:
                if a in of and of[a] == of.get(b):
                    names = [practices.taking_part[each].practice_id for each in (a, b)]
                    raise UsageError(
                        f"{names[0]} and {names[1]} must be together and must be apart.",
                        where="--together, --apart",
                        hint="Take one of the two rules back.",
                    )
                pairs.add((a, b))
    return Rules(
        tuple(tuple(group) for group in groups if len(group) > 1),
        tuple(sorted(pairs)),
        tuple(notes),
    )


def _joined(groups: list[list[int]]) -> list[list[int]]:
    """Return groups without common members: those that share one become one."""
    found: list[set[int]] = []
    for group in groups:
        mine = set(group)
        rest: list[set[int]] = []
        for other in found:
            if other & mine:
                mine |= other
            else:
                rest.append(other)
        found = [*rest, mine]
    return sorted(sorted(group) for group in found)
