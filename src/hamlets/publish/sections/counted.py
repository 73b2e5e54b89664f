"""Section 8, "What we did not count": a sum that adds up."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.results import ContinuityReport, Counting
from hamlets.publish import numbers
from hamlets.publish.page import Section
from hamlets.publish.sections import measures
from hamlets.publish.strings import text
from hamlets.publish.tables import Csv, Table, cells, columns


@dataclass(frozen=True)
class Counted:
    """What the section shows."""

    lead: str
    table: Table
    after: tuple[str, ...]


def build(report: ContinuityReport) -> Section:
    """Return the section "What we did not count"."""
    counting = report.counting
    after: list[str] = []
    if counting.no_named_gp and report.given.named_gps:
        after.append(text("counted.no_named", n=numbers.told(counting.no_named_gp)))
    if report.options.min_contacts > 1:
        after.append(text("counted.min_contacts", n=report.options.min_contacts))
    if report.public:
        after += [text("counted.left_out"), text("counted.rounded")]
    body = Counted(_lead(report), _table(report), tuple(after))
    return Section("counted", text("counted.title"), "counted.html", body)


def _lead(report: ContinuityReport) -> str:
    counting = report.counting
    start = text(
        "counted.lead" if counting.from_load else "counted.lead_held",
        read=numbers.told(counting.start),
        kept=numbers.told(counting.counted),
        place=measures.place(report),
    )
    taken = [
        text("counted.part", n=numbers.told(line.rows), reason=reason(report, line.reason))
        for line in counting.lines
        if line.rows
    ]
    if not taken:
        return start
    # Short sentences: never more than two reasons in one.
    pairs = [taken[i : i + 2] for i in range(0, len(taken), 2)]
    told = [text("counted.told", parts=text("counted.and").join(pair)) for pair in pairs]
    return " ".join([start, *told])


def reason(report: ContinuityReport, key: str) -> str:
    """Return why rows were not counted, in words."""
    if key == "role" and (report.options.roles != "gp"):
        key = "role_any"
    return text(f"counted.reason.{key}")


def unexplained(counting: Counting) -> int:
    """Return the rows that no line explains: 0, unless the program has a defect."""
    return counting.start - sum(line.rows for line in counting.lines) - counting.counted


def _table(report: ContinuityReport) -> Table:
    counting = report.counting
    first = text("counted.read" if counting.from_load else "counted.held")
    rows = [cells(first, numbers.count(counting.start))]
    for line in (line for line in counting.lines if line.rows):
        words = text("counted.minus", reason=reason(report, line.reason))
        rows.append(cells(words, numbers.count(line.rows)))
    if not report.public and unexplained(counting):
        words = text("counted.minus", reason=text("counted.mismatch"))
        rows.append(cells(words, numbers.count(unexplained(counting))))
    rows.append(cells(text("counted.kept"), numbers.count(counting.counted)))
    head = [text(f"counted.head_{name}") for name in ("what", "rows")]
    csv = Csv(
        "not-counted.csv",
        ("line", "rows"),
        (
            ("read" if counting.from_load else "held", counting.start),
            *((line.reason, line.rows) for line in counting.lines),
            ("counted", counting.counted),
        ),
    )
    return Table(text("counted.caption"), columns(*head), tuple(rows), csv)
