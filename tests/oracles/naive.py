"""The naive twin: every measure with dicts and loops, from a world and a question.

``measure`` returns {(measure, level, group values[, step]): result}; ``by_patient``
one dict a patient. The rules themselves are in ``tests.oracles.rules``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt

from tests.oracles import chance
from tests.oracles.counted import Counted, Groups, Key, Result, corrected, draw, place_of
from tests.oracles.days import after_month, month_name, months_before, months_between, n_band
from tests.oracles.indices import INDICES, best
from tests.oracles.questions import CONTACT_GROUPS, Question
from tests.oracles.ratios import opr, pairs, ratio, slicc, waterfall
from tests.oracles.rules import Rules, World

Z = 1.96
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
        answer.update(ratio(rules, "slicc", slicc(rules, *window)))
    if "same_as_previous" in asked:
        answer.update(ratio(rules, "same_as_previous", pairs(rules, *window)))
    if "waterfall" in asked and question.level == "clinician":
        answer.update(waterfall(rules, *window))
    if "opr" in asked and question.level == "clinician":
        answer.update(opr(rules, *window))
    return answer


def _patient_measures(rules: Rules, first: date, to: date) -> dict[Key, Result]:
    by = rules.question.by
    unknown = [g for g in by if g in CONTACT_GROUPS and g not in ("month", "mode")]
    if unknown:
        raise ValueError(f"no patient index by {unknown}")
    if "month" not in by:
        return _patient_window(rules, first, to, None)
    answer: dict[Key, Result] = {}
    for _, end in months_between(first, to):
        # By month: the calendar months that end with it; the last one may be cut short.
        start = months_before(after_month(end), rules.question.window_months)
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
        supply: dict[str, list[str]] = defaultdict(list)
        for contact, _ in counted.all():
            if mode is None or (contact.row.get("mode") or "unknown") == mode:
                supply[contact.home].append(draw(rules, contact))
        q = {patient: counted.shares(patient, supply[homes[patient]]) for patient in sequences}
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
                else place_of(rules, name, homes[patient])
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
                            chance.expected(index, q[p], len(sequences[p])),
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
        result["corrected"] = corrected(mean, by_chance, at_best)
    return result


def by_patient(world: World, question: Question) -> list[Result]:
    """Return one row a patient with n >= 1: the indices and what chance would give."""
    rules = Rules(world, question)
    window = rules.window()
    if window is None:
        return []
    counted = Counted(rules, *window)
    sequences = {patient: [x for _, x in counted.of(patient)] for patient in counted.patients()}
    homes = {p: home.practice for p in sequences if (home := counted.home[p]) is not None}
    supply: dict[str, list[str]] = defaultdict(list)
    for contact, _ in counted.all():
        supply[contact.home].append(draw(rules, contact))
    shared = patients_shared(sequences.values())
    rows: list[Result] = []
    for patient, xs in sequences.items():
        n = len(xs)
        q = counted.shares(patient, supply[homes[patient]])
        row: Result = {"patient_id": patient, "practice_id": homes[patient], "n_contacts": n}
        for index, formula in INDICES.items():
            known = n >= question.minimum(index)
            row[index] = formula(xs) if known else None
            row[f"expected_{index}"] = chance.expected(index, q, n) if known else None
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
