"""The naive twin: every measure with dicts and loops, from a world and a question.

``measure`` returns {(measure, level, group values[, step]): result}; ``by_patient``
one dict a patient. The rules themselves are in ``tests.oracles.rules``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt
from typing import Any

from tests.oracles import chance
from tests.oracles.days import month_name, months_before, months_between, n_band
from tests.oracles.indices import INDICES, best
from tests.oracles.questions import CONTACT_GROUPS, STEPS, Question
from tests.oracles.rules import FAR, Contact, Home, Rules, World

Groups = tuple[str | None, ...]
Key = tuple[Any, ...]
Result = dict[str, Any]
Z = 1.96
Z_WILSON = 1.959964
"""Networks point 10 gives Wilson's z with six decimals; point 15 writes 1.96."""
BOUNDED = {"upc", "coc", "hi", "secon", "mci", "mmci", "k"}


def measure(world: World, question: Question) -> dict[Key, Result]:
    """Return every asked measure of a world, keyed by (measure, level, groups[, step])."""
    rules = Rules(world, question)
    window = rules.window()
    if window is None:
        return {}
    answer: dict[Key, Result] = {}
    asked = question.measures
    if any(m in INDICES or m == "care_density" for m in asked):
        answer.update(_patient_measures(rules, *window))
    if "slicc" in asked:
        answer.update(_ratio(rules, "slicc", _slicc(rules, *window)))
    if "same_as_previous" in asked:
        answer.update(_ratio(rules, "same_as_previous", _pairs(rules, *window)))
    if "waterfall" in asked and question.level == "clinician":
        answer.update(_waterfall(rules, *window))
    if "opr" in asked and question.level == "clinician":
        answer.update(_opr(rules, *window))
    return answer


# Mapping to a level ----------------------------------------------------------


def label(rules: Rules, contact: Contact, team: str | None, first: date, to: date) -> str:
    """Map a contact to its level: the person, the team by the fixed map, the practice."""
    if rules.question.level == "clinician":
        return contact.person
    if rules.question.level == "practice":
        return contact.practice
    return rules.fixed_team(contact.person, team, first, to)


class Counted:
    """The counted contacts of every patient in one window, mapped to the level."""

    def __init__(self, rules: Rules, first: date, to: date) -> None:
        self.rules, self.first, self.to = rules, first, to
        self.home: dict[str, Home | None] = {}
        self.history: dict[str, list[tuple[Contact, str]]] = {}
        for patient in rules.everyone():
            home = rules.home(patient, first, to)
            team = rules.team_of_named(rules.named_gp(patient, to), to)
            self.home[patient] = home
            self.history[patient] = [
                (c, label(rules, c, team, first, to)) for c in rules.contacts(patient, home, to)
            ]

    def of(self, patient: str) -> list[tuple[Contact, str]]:
        """Return the patient's contacts of the window, in order."""
        return [(c, x) for c, x in self.history[patient] if c.day >= self.first]

    def all(self) -> Iterator[tuple[Contact, str]]:
        for patient in self.history:
            yield from self.of(patient)

    def patients(self) -> list[str]:
        return [patient for patient in self.history if self.of(patient)]

    def cell(self, contact: Contact) -> Groups:
        """Return the contact's values of the asked groups that are a contact's attribute."""
        return tuple(
            self.rules.contact_group(name, contact)
            for name in self.rules.question.by
            if name in CONTACT_GROUPS
        )

    def groups(self, contact: Contact) -> Groups:
        """Return the values of all asked groups, on the contact's day."""
        values: list[str | None] = []
        for name in self.rules.question.by:
            if name in CONTACT_GROUPS:
                values.append(self.rules.contact_group(name, contact))
            elif name == "n_band":
                values.append(n_band(len(self.of(contact.patient))))
            elif name in ("practice", "network", "borough"):
                values.append(_place(self.rules, name, contact.home))
            else:
                values.append(self.rules.patient_group(name, contact.patient, contact.day))
        return tuple(values)


def _place(rules: Rules, name: str, practice: str) -> str | None:
    if name == "practice":
        return practice
    return rules.network(practice) if name == "network" else rules.borough(practice)


# Patient indices ---------------------------------------------------------------


def _patient_measures(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    by = rules.question.by
    unknown = [g for g in by if g in CONTACT_GROUPS and g not in ("month", "mode")]
    if unknown:
        raise ValueError(f"no patient index by {unknown}")
    if "month" not in by:
        return _patient_window(rules, first, to, None)
    answer: dict[Key, Result] = {}
    for _, end in months_between(first, to):
        # By month: the rolling window that ends with it.
        start = months_before(end, rules.question.window_months) + timedelta(days=1)
        answer.update(_patient_window(rules, start, end, month_name(end)))
    return answer


def _patient_window(rules: Rules, first: date, to: date, month: str | None) -> dict[Key, Result]:
    question = rules.question
    counted = Counted(rules, first, to)
    # Point 19: by mode filters the contacts and counts n anew.
    by_mode = "mode" in question.by
    modes = {c.row.get("mode") or "unknown" for c, _ in counted.all()} if by_mode else {None}
    answer: dict[Key, Result] = {}
    for mode in modes:
        sequences = {
            patient: [
                x
                for c, x in counted.of(patient)
                if mode is None or (c.row.get("mode") or "unknown") == mode
            ]
            for patient in counted.patients()
        }
        sequences = {patient: xs for patient, xs in sequences.items() if xs}
        homes = {p: home.practice for p in sequences if (home := counted.home[p]) is not None}
        q = shares(sequences, homes)
        shared = patients_shared(sequences.values())
        members: dict[Groups, list[str]] = defaultdict(list)
        for patient, xs in sequences.items():
            values = (
                month
                if name == "month"
                else mode
                if name == "mode"
                else n_band(len(xs))
                if name == "n_band"
                else _place(rules, name, homes[patient])
                if name in ("practice", "network", "borough")
                else rules.patient_group(name, patient, to)
                for name in question.by
            )
            members[tuple(values)].append(patient)
        for groups, patients in members.items():
            for index in question.measures:
                if index in INDICES:
                    rows = [
                        (
                            INDICES[index](sequences[p]),
                            chance.expected(index, q[homes[p]], len(sequences[p])),
                            best(index, len(sequences[p])),
                            len(sequences[p]),
                        )
                        for p in patients
                        if len(sequences[p]) >= question.minimum(index)
                    ]
                elif index == "care_density":
                    rows = [
                        (care_density(sequences[p], shared), None, None, len(sequences[p]))
                        for p in patients
                        if len(sequences[p]) >= question.minimum(index)
                        and len(set(sequences[p])) >= 2
                    ]
                else:
                    continue
                short = sum(len(sequences[p]) < question.minimum(index) for p in patients)
                answer[(index, question.level, groups)] = _mean(index, rows, short)
    return answer


def shares(sequences: dict[str, list[str]], homes: dict[str, str]) -> dict[str, chance.Shares]:
    """Point 12: per practice, the shares of the contacts of the patients who belong to it."""
    labels: dict[str, list[str]] = defaultdict(list)
    for patient, xs in sequences.items():
        labels[homes[patient]].extend(xs)
    return {practice: chance.shares_of(xs) for practice, xs in labels.items()}


def patients_shared(sequences: Iterable[list[str]]) -> Counter[tuple[str, str]]:
    """Point 20: w_ab = distinct patients of the scope with a contact with a and one with b."""
    shared: Counter[tuple[str, str]] = Counter()
    for xs in sequences:
        people = sorted(set(xs))
        for i, a in enumerate(people):
            for b in people[i + 1 :]:
                shared[a, b] += 1
    return shared


def care_density(xs: list[str], shared: Counter[tuple[str, str]]) -> float:
    """Pollack: patients shared, summed over the pairs of the patient's clinicians, per pair."""
    people = sorted(set(xs))
    pairs = [(a, b) for i, a in enumerate(people) for b in people[i + 1 :]]
    return sum(shared[pair] for pair in pairs) / len(pairs)


def _mean(
    index: str, rows: Sequence[tuple[float, float | None, float | None, int]], short: int
) -> Result:
    """Mean, interval (point 15), chance and corrected value (point 14) over the same patients."""
    size = len(rows)
    result: Result = {
        "value": None,
        "n_patients": size,
        "n_contacts": sum(n for *_, n in rows),
        "lower": None,
        "upper": None,
        "chance": None,
        "corrected": None,
        "excluded_min_n": short,
    }
    if not rows:
        return result
    values = [value for value, *_ in rows]
    mean = sum(values) / size
    result["value"] = mean
    if size >= 2:
        spread = sqrt(sum((v - mean) ** 2 for v in values) / (size - 1) / size)
        result["lower"] = max(mean - Z * spread, 0.0)
        result["upper"] = mean + Z * spread
        if index in BOUNDED:
            result["upper"] = min(result["upper"], 1.0)
    if index in INDICES:
        by_chance = sum(e for _, e, _, _ in rows if e is not None) / size
        at_best = sum(b for _, _, b, _ in rows if b is not None) / size
        result["chance"] = by_chance
        result["corrected"] = _corrected(mean, by_chance, at_best)
    return result


def _corrected(value: float, by_chance: float, at_best: float) -> float | None:
    """Point 14: null where best and chance are less than 0.01 apart."""
    if abs(at_best - by_chance) < 0.01:
        return None
    return (value - by_chance) / (at_best - by_chance)


# Ratios -------------------------------------------------------------------------

Item = tuple[Groups, str, float, float | None]
"""One unit of a denominator: its groups, the patient, 1 or 0, and the chance that it is 1."""


def _ratio(rules: Rules, name: str, items: Iterable[Item], *step: str) -> dict[Key, Result]:
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
        result["corrected"] = _corrected(value, result["chance"], 1.0)
    return result


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's interval of a share of n, without correction."""
    z = Z_WILSON
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _cells(counted: Counted, people: bool = False) -> dict[tuple[str, Groups], list[str]]:
    """Point 12, per practice and value of the asked contact attributes: who gave the contacts."""
    cells: dict[tuple[str, Groups], list[str]] = defaultdict(list)
    for contact, x in counted.all():
        cells[contact.home, counted.cell(contact)].append(contact.person if people else x)
    return cells


def _slicc(rules: Rules, first: date, to: date) -> Iterator[Item]:
    """Point 9: contacts on days with a named GP; of these, those with them.

    At team level, with anyone in the named GP's team that day (point 8; the named GP
    alone is a team of one). At practice level, at the patient's own practice.
    """
    counted = Counted(rules, first, to)
    cells = _cells(counted, people=rules.question.level != "practice")
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


def _pairs(rules: Rules, first: date, to: date) -> Iterator[Item]:
    """Point 18: the later contact lies in the window, the earlier may lie before it."""
    counted = Counted(rules, first, to)
    same = {key: float(chance.same(chance.shares_of(xs))) for key, xs in _cells(counted).items()}
    for history in counted.history.values():
        for (_, before), (contact, x) in pairwise(history):
            if contact.day >= first:
                expected = same[contact.home, counted.cell(contact)]
                yield counted.groups(contact), contact.patient, float(before == x), expected


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


def _waterfall(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    counted = Counted(rules, first, to)
    base = [c for c, _ in counted.all() if c.named is not None]
    answer: dict[Key, Result] = {}
    for step in STEPS:
        items: list[Item] = [
            (counted.groups(c), c.patient, float(step_of(rules, c) == step), None) for c in base
        ]
        answer.update(_ratio(rules, "waterfall", items, step))
    return answer


# Own patient ratio ----------------------------------------------------------------


def _opr(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    counted = Counted(rules, first, to)
    if "month" not in rules.question.by:
        return _opr_period(rules, counted, first, to)
    answer: dict[Key, Result] = {}
    for start, end in months_between(first, to):
        answer.update(_opr_period(rules, counted, start, end))
    return answer


def _opr_period(rules: Rules, counted: Counted, first: date, to: date) -> dict[Key, Result]:
    """Point 10. Practice: only GPs who hold a list are in the denominator."""
    listed = listed_patients(rules, counted, first, to)
    holders = {key: n for key, n in listed.items() if n >= rules.question.min_list}
    contacts = [c for c, _ in counted.all() if first <= c.day <= to]
    given: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        given[contact.home].append(contact)
    items: dict[Groups, list[Item]] = defaultdict(list)
    parts: dict[Groups, set[tuple[str, str]]] = defaultdict(set)
    for contact in contacts:
        practice = practice_of_gp(contact, holders)
        if practice is None:
            continue
        own_list = contact.named == contact.person
        values = _opr_groups(rules, counted, contact, practice)
        items[values].append((values, contact.patient, float(own_list), None))
        parts[values].add((contact.person, practice))
    answer: dict[Key, Result] = {}
    for values, found in items.items():
        result = ratio_result(found)
        if all(
            name in ("practice", "list", "month", "network", "borough")
            for name in rules.question.by
        ):
            result["chance"] = _opr_chance(parts[values], given)
            if result["chance"] is not None:
                result["corrected"] = _corrected(result["value"], result["chance"], 1.0)
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
            values[i] = _place(rules, name, practice)
        elif name == "list":
            values[i] = contact.person
    return tuple(values)


def _opr_chance(parts: set[tuple[str, str]], given: dict[str, list[Contact]]) -> float | None:
    """Point 13: E[opr_d] = N_L(d)/N; several GPs: weighted by q_d (by q_d N over practices)."""
    weighted: list[tuple[float, float]] = []
    for person, practice in sorted(parts):
        contacts = given[practice]
        if not contacts:
            return None
        level = sum(c.named == person for c in contacts) / len(contacts)
        weighted.append((sum(c.person == person for c in contacts), level))
    total = sum(weight for weight, _ in weighted)
    if len(weighted) == 1:
        return weighted[0][1]
    return sum(weight * level for weight, level in weighted) / total if total else None


# One row a patient ------------------------------------------------------------------


def by_patient(world: World, question: Question) -> list[Result]:
    """Return one row a patient with n >= 1: the indices and what chance would give."""
    rules = Rules(world, question)
    window = rules.window()
    if window is None:
        return []
    counted = Counted(rules, *window)
    sequences = {patient: [x for _, x in counted.of(patient)] for patient in counted.patients()}
    homes = {p: home.practice for p in sequences if (home := counted.home[p]) is not None}
    q = shares(sequences, homes)
    shared = patients_shared(sequences.values())
    rows: list[Result] = []
    for patient, xs in sequences.items():
        n = len(xs)
        row: Result = {"patient_id": patient, "practice_id": homes[patient], "n_contacts": n}
        for index, formula in INDICES.items():
            known = n >= question.minimum(index)
            row[index] = formula(xs) if known else None
            row[f"expected_{index}"] = (
                chance.expected(index, q[homes[patient]], n) if known else None
            )
        density = n >= question.minimum("care_density") and len(set(xs)) >= 2
        row["care_density"] = care_density(xs, shared) if density else None
        rows.append(row)
    return rows


def excluded(world: World, question: Question) -> Counter[str]:
    """Return how many rows of the window each rule left out, the first rule that did."""
    rules = Rules(world, question)
    window = rules.window()
    out: Counter[str] = Counter()
    if window is None:
        return out
    for patient in rules.everyone():
        home = rules.home(patient, *window)
        for row in rules.rows_of[patient]:
            if window[0] <= row["start_time"].date() <= window[1]:
                reason = rules.refused_by(row, home)
                if reason is not None:
                    out[reason] += 1
    return out
