"""``hamlets audit`` for people: cases beside similar patients, and the list of cases."""

from __future__ import annotations

from typing import Any

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.terminal import print_lines

Plain = dict[str, Any]
NAMES = {
    "gps": "different GPs",
    "clinicians": "clinicians of any role",
    "contacts": "contacts with GPs",
    "handovers": "changes of GP",
    "upc": "share: GP seen most",
    "upc_team": "share: team seen most",
    "symptom_days": "days from symptom code",
}
GROUPS = ("cases", "similar", "similar*")
SHARES = ("upc", "upc_team")
LETTERS = {
    "own": "O", "buddy": "B", "team": "T", "practice": "P", "locum": "L", "hub": "H",
    "unknown": "?",
}  # fmt: skip
TOO_FEW = "Too few to average. Read them one by one."
FEWEST = 8
SIMILAR = (
    "similar: patients of the same practice, sex and age band without such an event until then."
)
OVER_ADJUSTS = "similar*: with about as many contacts too. Over-adjusts: illness causes visits."


def print_audits(found: list[Plain]) -> None:
    """Print one audit in full, or a line for each practice."""
    if len(found) == 1:
        _print_one(found[0])
    else:
        _print_practices(found)
    print()
    print_lines(_said(found))


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _range(mean: Plain, digits: int = 1) -> str:
    if mean["lower"] is None or mean["upper"] is None:
        return "-"
    return f"{_number(mean['lower'], digits)} to {_number(mean['upper'], digits)}"


def _digits(audit: Plain, measure: str) -> int:
    """Return the decimals of a mean: shares as `hamlets measure` shows them, or as published."""
    if measure not in SHARES:
        return 1
    return 2 if audit["published"] else 3


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _patients(count: int) -> str:
    return "1 patient" if count == 1 else f"{count:,} patients"


def _groups(audit: Plain) -> list[Plain]:
    return audit["groups"]


def _too_few(audit: Plain) -> bool:
    cases = _groups(audit)[0]["n_patients"]
    return not audit["published"] and cases < FEWEST


def _print_one(audit: Plain) -> None:
    cases = _groups(audit)[0]
    print_lines([_title(audit)])
    print()
    if _too_few(audit):
        patients = "1 case" if cases["n_patients"] == 1 else f"{cases['n_patients']} cases"
        print_lines([f"{patients}. {TOO_FEW}"])
    else:
        _print_means(audit)
        print()
        _print_distribution(audit)
    if audit.get("cases"):
        print()
        _print_cases(audit)
    elif _too_few(audit) and cases["n_patients"] and "cases" not in audit:
        print_lines(["Add --cases to see them."])


def _title(audit: Plain) -> str:
    days = audit["look_back_days"]
    where = f" at {audit['practice']}" if audit["practice"] else ""
    return (
        f"The {days} days before the first event of type {audit['event']}{where}, "
        f"events of {audit['from']} to {audit['to']}."
    )


def _print_means(audit: Plain) -> None:
    cases, controls, matched = _groups(audit)
    rows = [
        (case, control, match)
        for case, control, match in zip(
            cases["means"], controls["means"], matched["means"], strict=True
        )
        if case["measure"] != "symptom_days" or case["value"] is not None or case["n_patients"]
    ]
    digits = [_digits(audit, case["measure"]) for case, _, _ in rows]
    columns = [Column("on average", [NAMES[case["measure"]] for case, _, _ in rows], "name")]
    for at, (title, leaves) in enumerate(zip(GROUPS, (0, 0, 1), strict=True)):
        means = [row[at] for row in rows]
        cells = [_number(m["value"], d) for m, d in zip(means, digits, strict=True)]
        ranges = [_range(m, d) for m, d in zip(means, digits, strict=True)]
        columns += [Column(title, cells, leaves=leaves), Column("range", ranges, leaves=leaves)]
    print_columns(columns)
    # a dash has its reason beneath
    print_lines(
        f"-: {case['reason']} ({NAMES[case['measure']]})."
        for case, _, _ in rows
        if case["value"] is None and case["reason"]
    )
    chance = cases["means"][0]["chance"]
    if chance is not None:
        print_lines([f"By chance, contacts as many as the cases had meet {_number(chance)} GPs."])


def _print_distribution(audit: Plain) -> None:
    groups = _groups(audit)
    if all(n is None for group in groups for n in group["distribution"]):
        return
    last = len(groups[0]["distribution"]) - 1
    used = [
        i for i in range(last + 1) if any(group["distribution"][i] for group in groups)
    ]  # fmt: skip
    columns = [Column("different GPs", [f"{i}+" if i == last else str(i) for i in used])]
    for title, group in zip(GROUPS, groups, strict=True):
        cells = [_count(group["distribution"][i]) for i in used]
        columns.append(Column(title, cells))
    print_columns(columns)


def _print_practices(found: list[Plain]) -> None:
    def gps(audit: Plain, group: int) -> Plain:
        return _groups(audit)[group]["means"][0]

    print_columns(
        [
            Column("practice", [audit["practice"] for audit in found], "name"),
            Column("cases", [_count(_groups(audit)[0]["n_patients"]) for audit in found]),
            Column("different GPs", [_number(gps(audit, 0)["value"]) for audit in found]),
            Column("range", [_range(gps(audit, 0)) for audit in found]),
            Column("by chance", [_number(gps(audit, 0)["chance"]) for audit in found], leaves=2),
            Column("similar", [_number(gps(audit, 1)["value"]) for audit in found]),
            Column("range", [_range(gps(audit, 1)) for audit in found], leaves=3),
        ]
    )  # fmt: skip


def _print_cases(audit: Plain) -> None:
    cases: list[Plain] = audit["cases"]
    print_columns(
        [
            Column("case", [str(case["number"]) for case in cases]),
            Column("patient", [case["patient_id"] for case in cases], "words"),
            Column("event", [case["event_date"].isoformat() for case in cases], "name"),
            Column("age", [case["age_band"] for case in cases], "name", leaves=2),
            Column("contacts", [_count(case["contacts"]) for case in cases]),
            Column("GPs", [_count(case["gps"]) for case in cases]),
            Column("changes", [_count(case["handovers"]) for case in cases]),
            Column("own team", [_count(case["own_team"]) for case in cases], leaves=3),
            Column("symptom days", [_count(case["symptom_days"]) for case in cases], leaves=1),
            Column("contacts in order", [_strip(case) for case in cases], "words"),
        ]
    )
    print_lines(
        [
            "O own GP, B buddy, T rest of own team, P rest of practice, L locum or registrar, "
            "H hub or other practice, ? not known."
        ]
    )


def _strip(case: Plain) -> str:
    return " ".join(LETTERS[contact["step"]] for contact in case["strip"]) or "-"


def _said(found: list[Plain]) -> list[str]:
    first = found[0]
    lines: list[str] = []
    if len(found) == 1 and not first["published"]:
        lines.append(
            f"{_patients(first['n_events'])} had the event. Left out, not registered with one "
            f"practice all the days before it: {first['not_registered']:,}. "
            f"No similar patient was found for {first['without_control']:,}."
        )
    if len(found) > 1 and any(_too_few(audit) for audit in found):
        lines.append(f"-: fewer than {FEWEST} cases. {TOO_FEW}")
    if len(found) > 1 or not _too_few(first):
        lines.append(SIMILAR)
    if len(found) == 1 and not _too_few(first):
        lines.append(OVER_ADJUSTS)
    if first["published"]:
        lines.append("Made for sharing. Small numbers are left out.")
    lines.append("This counts contacts. It cannot say whether care was late.")
    lines += notes_of(found)
    lines.append(f"Definitions {first['definition_version']}.")
    return lines


def notes_of(found: list[Plain]) -> list[str]:
    """Return what must be read beside the numbers; what holds of some practices names them."""
    said = list(dict.fromkeys(note for audit in found for note in audit["notes"]))
    lines: list[str] = []
    for note in said:
        where = [audit["practice"] for audit in found if note in audit["notes"]]
        lines.append(note if len(where) == len(found) else f"{', '.join(where)}: {note}")
    return lines
