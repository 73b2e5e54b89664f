"""The list of a load's refused rows, for the practice that sent them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from hamlets.records.tables import TABLES, VOCABULARIES
from hamlets.web.answers.versions import store_folder
from hamlets.web.places.standing import Standing
from hamlets.web.uploads.models import Loading

_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
_MARK = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


def is_kept(here: Standing, loading: Loading) -> bool:
    """Return whether the list is still there: it is kept for 30 days."""
    return bool(_files(here, loading))


def lines(here: Standing, loading: Loading) -> Iterator[str]:
    """Yield the list as one CSV file, the table in front; it was made safe for spreadsheets."""
    row = io.StringIO()
    writer = csv.writer(row)
    head = ("table", "file", "line", "column", "value_class", "reason")
    for number, path in enumerate(_files(here, loading)):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            next(reader, None)
            if number == 0:
                writer.writerow(head)
                yield _MARK + row.getvalue()
            for cells in reader:
                row.seek(0)
                row.truncate()
                writer.writerow([path.stem, *cells])
                yield row.getvalue()


def vocabulary_of(table: str, column: str) -> tuple[str, ...]:
    """Return the words that a column may hold; none where it holds no words of ours."""
    known = TABLES.get(table)
    if known is None or column not in known.names:
        return ()
    words = VOCABULARIES.get(known.column(column).vocabulary or "", ())
    return tuple(word for word in words if word != "unknown")


def _files(here: Standing, loading: Loading) -> list[Path]:
    name = str((loading.report or loading.checked).get("quarantine") or "")
    if loading.place != here.place or not _NAME.fullmatch(name):
        return []
    return sorted((store_folder() / "quarantine" / name).glob("*.csv"))
