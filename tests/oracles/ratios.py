"""The naive twin's ratios: slicc, same_as_previous, waterfall and opr, with their ranges."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt

from tests.oracles import chance
from tests.oracles.counted import Counted, Groups, Key, Result, corrected, draw, place_of
from tests.oracles.questions import CONTACT_GROUPS, STEPS
from tests.oracles.rules import FAR, Contact, Rules

Z = 1.96
Z_WILSON = 1.959964
"""Networks point 10 gives Wilson's z with six decimals; point 15 writes 1.96."""

Item = tuple[Groups, str, float, float | None]
"""One unit of a denominator: its groups, the patient, 1 or 0, and the chance that it is 1."""


def ratio(rules: Rules, name: str, items: Iterable[Item], *step: str) -> dict[Key, Result]:
    collected: dict[Groups, list[Item]] = defaultdict(list)
    for item in items:
        collected[item[0]].append(item)
    return {
        (name, rules.question.level, groups, *step): ratio_result(found)
        for groups, found in collected.items()
    }


def ratio_result(items: list[Item]) -> Result:
    """Sums over sums (point 9), the clustered interval of point 15, chance, corrected."""
    x: Counter[str] = Counter()
    y: dict[str, float] = defaultdict(float)
    for _, patient, hit, _ in items:
        x[patient] += 1
        y[patient] += hit
    total, size = len(items), len(x)
    value = sum(y.values()) / total
    result: Result = {
        "value": value,
        "n_patients": size,
        "n_contacts": total,
        "lower": None,
        "upper": None,
        "chance": None,
        "corrected": None,
    }
    if size >= 2:
        if value in (0.0, 1.0):
            result["lower"], result["upper"] = wilson(value, size)
        else:
            squares = sum((y[p] - value * x[p]) ** 2 for p in x)
            spread = sqrt(size / (size - 1) * squares / total**2)
            result["lower"] = max(value - Z * spread, 0.0)
            result["upper"] = min(value + Z * spread, 1.0)
    expected = [e for *_, e in items if e is not None]
    if len(expected) == total:
        result["chance"] = sum(expected) / total
        result["corrected"] = corrected(value, result["chance"], 1.0)
    return result


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's interval of a share of n, without correction."""
    z = Z_WILSON
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _cells(counted: Counted) -> dict[tuple[str, Groups], list[str]]:
    """Point 12, per practice and value of the asked contact attributes: who gave the contacts."""
    cells: dict[tuple[str, Groups], list[str]] = defaultdict(list)
    for contact, _ in counted.all():
        cells[contact.home, counted.cell(contact)].append(draw(counted.rules, contact))
    return cells


def slicc(rules: Rules, first: date, to: date) -> Iterator[Item]:
    """Point 9: contacts on days with a named GP; of these, those with them.

    At team level, with anyone in the named GP's team that day (point 8; the named GP
    alone is a team of one). At practice level, at the patient's own practice.
    """
    counted = Counted(rules, first, to)
    cells = _cells(counted)
    for contact, _ in counted.all():
        if contact.named is None:
            continue
        gave = cells[contact.home, counted.cell(contact)]
        if rules.question.level == "practice":
            own = {contact.home}
            hit = contact.practice == contact.home
        else:
            own = {contact.named}
            if rules.question.level == "team":
                team = rules.team_of_named(contact.named, contact.day)
                own |= {p for p in set(gave) if rules.in_team(p, team, contact.day)}
            hit = contact.person in own
        by_chance = sum(x in own for x in gave) / len(gave)
        yield counted.groups(contact), contact.patient, float(hit), by_chance


def pairs(rules: Rules, first: date, to: date) -> Iterator[Item]:
    """Point 18: the later contact lies in the window, the earlier may lie before it."""
    counted = Counted(rules, first, to)
    cells = _cells(counted)
    for patient, history in counted.history.items():
        for (_, before), (contact, x) in pairwise(history):
            if contact.day >= first:
                gave = cells[contact.home, counted.cell(contact)]
                by_chance = float(chance.same(counted.shares(patient, gave)))
                yield counted.groups(contact), patient, float(before == x), by_chance


def step_of(rules: Rules, contact: Contact) -> str:
    """Point 11: the first step of the waterfall that a contact matches."""
    named = contact.named
    assert named is not None
    if contact.practice != contact.home:
        return "hub"
    if contact.person == named:
        return "own"
    if contact.person in rules.buddies_of(named, contact.day):
        return "buddy"
    if rules.in_team(contact.person, rules.team_of_named(named, contact.day), contact.day):
        return "team"
    return "locum" if contact.role in ("gp_locum", "gp_registrar") else "practice"


def waterfall(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    counted = Counted(rules, first, to)
    base = [c for c, _ in counted.all() if c.named is not None]
    answer: dict[Key, Result] = {}
    for step in STEPS:
        items: list[Item] = [
            (counted.groups(c), c.patient, float(step_of(rules, c) == step), None) for c in base
        ]
        answer.update(ratio(rules, "waterfall", items, step))
    return answer


# Own patient ratio ----------------------------------------------------------------


def opr(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    """Point 10. Practice: only GPs who hold a list are in the denominator.

    The period in which they hold it is the whole window, so that the months add up to it.
    """
    counted = Counted(rules, first, to)
    listed = listed_patients(rules, counted, first, to)
    holders = {key: n for key, n in listed.items() if n >= rules.question.min_list}
    contacts = [c for c, _ in counted.all()]
    given: dict[tuple[str, Groups], list[Contact]] = defaultdict(list)
    for contact in contacts:
        given[contact.home, counted.cell(contact)].append(contact)
    items: dict[Groups, list[Item]] = defaultdict(list)
    parts: dict[Groups, Counter[tuple[str, str]]] = defaultdict(Counter)
    for contact in contacts:
        practice = practice_of_gp(contact, holders)
        if practice is None:
            continue
        own_list = contact.named == contact.person
        values = _opr_groups(rules, counted, contact, practice)
        items[values].append((values, contact.patient, float(own_list), None))
        parts[values][contact.person, practice] += 1
    answer: dict[Key, Result] = {}
    for values, found in items.items():
        result = ratio_result(found)
        if all(
            name in ("practice", "list", "month", "network", "borough")
            for name in rules.question.by
        ):
            named = zip(rules.question.by, values, strict=True)
            cell = tuple(value for name, value in named if name in CONTACT_GROUPS)
            at = {practice: found for (practice, c), found in given.items() if c == cell}
            result["chance"] = _opr_chance(parts[values], at)
            if result["chance"] is not None:
                result["corrected"] = corrected(result["value"], result["chance"], 1.0)
        answer["opr", rules.question.level, values] = result
    return answer


def listed_patients(
    rules: Rules, counted: Counted, first: date, to: date
) -> Counter[tuple[str, str]]:
    """Return (GP, practice) -> registered patients of whom they were named GP on a day or more."""
    listed: Counter[tuple[str, str]] = Counter()
    for patient, home in counted.home.items():
        if home is None:
            continue
        died = rules.patients.get(patient, {}).get("death_date") or FAR
        days = [first + timedelta(days=i) for i in range((to - first).days + 1)]
        edges = _days_of_change(rules, patient) | {first, *(spell[0] for spell in home.spells)}
        holders = {
            rules.named_gp(patient, day)
            for day in days
            if day in edges and home.registered(day) and day <= died
        }
        for person in holders - {None}:
            listed[str(person), home.practice] += 1
    return listed


def _days_of_change(rules: Rules, patient: str) -> set[date]:
    """Return the days on which the patient's named GP may change."""
    edges: set[date] = set()
    for row in rules.named[patient]:
        edges |= {row["from_date"], row.get("to_date") or FAR}
    for rows in rules.staff.values():
        for row in rows:
            edges |= {row.get("start_date") or FAR, row.get("end_date") or FAR}
    return edges


def practice_of_gp(contact: Contact, holders: dict[tuple[str, str], int]) -> str | None:
    """The practice a GP's contact belongs to.

    The patient's, if the GP holds a list there, else that of the contact, else the
    one where the GP has most patients listed (ties: the lowest id).
    """
    for practice in (contact.home, contact.practice):
        if (contact.person, practice) in holders:
            return practice
    own = [(-n, practice) for (person, practice), n in holders.items() if person == contact.person]
    return min(own)[1] if own else None


def _opr_groups(rules: Rules, counted: Counted, contact: Contact, practice: str) -> Groups:
    values = list(counted.groups(contact))
    for i, name in enumerate(rules.question.by):
        if name in ("practice", "network", "borough"):
            values[i] = place_of(rules, name, practice)
        elif name == "list":
            values[i] = contact.person
    return tuple(values)


def _opr_chance(parts: Counter[tuple[str, str]], given: dict[str, list[Contact]]) -> float | None:
    """Point 13: E[opr_d] = N_L(d)/N; the GPs of a practice weighted by q_d.

    Several practices: each by the contacts it has in the denominator.
    """
    total = 0.0
    for practice in {practice for _, practice in parts}:
        contacts = given.get(practice, [])
        people = sorted(person for person, at in parts if at == practice)
        q = {person: sum(c.person == person for c in contacts) for person in people}
        if len(people) == 1:
            q = {people[0]: 1}  # one GP: no weighing, even of one who gave nothing here
        if not contacts or not sum(q.values()):
            return None
        level = sum(
            q[person] * sum(c.named == person for c in contacts) / len(contacts)
            for person in people
        ) / sum(q.values())
        total += level * sum(n for (_, at), n in parts.items() if at == practice)
    return total / parts.total()
