"""Days and places of stored appointments, as the store itself needs them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.records.tables import NOT_GIVEN, STATUSES

_EPOCH = date(1970, 1, 1)
_TOOK_PLACE = np.zeros(256, bool)
_TOOK_PLACE[[STATUSES.index("arrived"), STATUSES.index("attended"), NOT_GIVEN]] = True


def day_numbers(column: Any) -> npt.NDArray[np.int32]:
    """Return a date32 column without nulls as days since 1970."""
    return column.combine_chunks().view("int32").to_numpy(zero_copy_only=False)


def as_date(day: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def day_number(day: date) -> int:
    """Return the day number of a date."""
    return (day - _EPOCH).days


def took_place(status: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Return which rows say that patient and clinician met, or have no status at all."""
    return _TOOK_PLACE[status.view(np.uint8)]


def contact_days(rows: Any) -> tuple[str | None, str | None, str | None]:
    """Return first day, last day and last day of a contact, ISO, of appointment rows."""
    if rows.num_rows == 0:
        return None, None, None
    day = day_numbers(rows.column("start_day"))
    met = day[took_place(rows.column("status").to_numpy())]
    contact = as_date(met.max()).isoformat() if met.size else None
    return as_date(day.min()).isoformat(), as_date(day.max()).isoformat(), contact
