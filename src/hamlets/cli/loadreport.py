"""What a load did, for people: counts first, then what needs a look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.terminal import print_lines

if TYPE_CHECKING:
    from hamlets.records import LoadReport

MOST_WORDS = 5
MOST_FILES = 12


def print_report(report: LoadReport) -> None:
    """Print a load's report to standard output."""
    print_lines([f"Read as {report.profile}: {_sentence(report.profile_why)}"])
    print()
    _print_rows(report)
    without = report.shares.get("contacts_without_clinician")
    if without is not None:
        print_lines(["", f"{100 * without:.1f} in 100 contacts have no clinician."])
    listed = f" (listed in {report.quarantine})" if report.quarantine else ""
    _print_counts(f"Refused rows{listed}:", report.refusals_by_reason)
    _print_counts("Left out, since no table takes them:", report.skipped)
    _print_sentences("Columns left out, since no table takes them:", _columns(report))
    _print_sentences("Words without a meaning here, kept as unknown:", _words(report))
    _print_sentences("Please note:", report.warnings)
    print()
    if report.changed:
        print(f"Version {report.store_version} is ready ({report.seconds:.1f} seconds).")
    else:
        print(f"Nothing changed: version {report.store_version} already holds all of this.")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _print_rows(report: LoadReport) -> None:
    counts = {
        "read": report.rows_read,
        "kept": report.rows_kept,
        "refused": report.rows_refused,
        "repeated": report.rows_collapsed,
    }
    tables = [name for name, rows in report.rows_read.items() if rows]
    columns = [Column("table", tables, "name")]
    columns += [Column(n, [f"{c.get(t, 0):,}" for t in tables]) for n, c in counts.items()]
    print_columns(columns)


def _print_counts(title: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    print_lines(["", title])
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    width = max(len(f"{rows:,}") for rows in counts.values())
    for what, rows in ordered:
        print_lines([f"{rows:>{width},}  {what}"], "  ", " " * (width + 2))


def _print_sentences(title: str, sentences: Iterable[str]) -> None:
    found = list(sentences)
    if found:
        print_lines(["", title])
        print_lines(found, "  ", "  ")


def _columns(report: LoadReport) -> list[str]:
    found = [f"{file}: {', '.join(names)}" for file, names in report.unknown_columns.items()]
    return found[:MOST_FILES] + _more(len(found) - MOST_FILES, "files")


def _words(report: LoadReport) -> list[str]:
    found: list[str] = []
    for column, words in report.unmapped.items():
        shown = [f'"{word}" ({rows:,})' for word, rows in list(words.items())[:MOST_WORDS]]
        found.append(f"{column}: {', '.join([*shown, *_more(len(words) - MOST_WORDS, 'words')])}")
    return found


def _more(count: int, what: str) -> list[str]:
    return [f"and {count:,} more {what}"] if count > 0 else []
