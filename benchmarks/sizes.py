"""How large a made-up appointment book is. Light to import: the measuring process is small."""

from __future__ import annotations

from dataclasses import dataclass

CONTACTS_A_PATIENT = 11.0
"""In the 24 months, with all staff: five to six a year."""
PATIENTS_A_PRACTICE = 5_500


@dataclass(frozen=True)
class Book:
    """What to make. ``gp_only`` leaves out everyone but GPs, as many extracts do."""

    rows: int
    practices: int
    patients: int
    seed: int = 1
    gp_only: bool = False

    @property
    def name(self) -> str:
        """Return a name that tells books apart."""
        who = "gp" if self.gp_only else "all"
        return f"{who}-{self.rows}-{self.practices}-{self.patients}-{self.seed}"


LARGE_ROWS = 18_800_000
BOROUGH = Book(2_970_000, 36, 270_000)
BOROUGH_GP = Book(1_600_000, 36, 270_000, gp_only=True)
"""What the borough's GPs alone give in the two years."""


def sized(rows: int, seed: int = 1) -> Book:
    """Return a book of exactly this many appointments, with patients and practices in keeping."""
    patients = max(40, round(rows / CONTACTS_A_PATIENT))
    return Book(rows, max(2, round(patients / PATIENTS_A_PRACTICE)), patients, seed)


def scaled(book: Book, rows: int) -> Book:
    """Return a book like this one with at most so many appointments."""
    if rows >= book.rows:
        return book
    patients = max(40, book.patients * rows // book.rows)
    practices = max(2, book.practices * rows // book.rows)
    return Book(rows, practices, patients, book.seed, book.gp_only)
