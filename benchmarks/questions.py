"""The questions put to Hamlets at size, besides question (i) of ``engines``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LEVELS = ("clinician", "team", "practice")
GROUPINGS = (
    ("practice",),
    ("practice", "list"),
    ("practice", "month"),
    ("age_band",),
    ("sex",),
    ("imd_quintile",),
    ("n_band",),
    ("practice", "mode"),
)


def everything(store: Path) -> list[Any]:
    """Answer question (ii): all one-pass measures, three levels, filters, eight groupings.

    By month these are the measures of a calendar month. A patient index by month is another
    question, over 24 rolling windows: ``everything_rolling``.
    """
    return _everything(store, rolling=False)


def everything_rolling(store: Path) -> list[Any]:
    """Answer question (ii) with the patient indices over 24 rolling windows besides."""
    return _everything(store, rolling=True)


def _everything(store: Path, *, rolling: bool) -> list[Any]:
    import hamlets
    from hamlets.continuity import Question, measure_many
    from hamlets.continuity.definitions import MEASURES, PATIENT_INDICES

    one_pass = tuple(m for m in MEASURES if m != "care_density")
    monthly = one_pass if rolling else tuple(m for m in one_pass if m not in PATIENT_INDICES)
    questions = [Question(monthly if "month" in by else one_pass, LEVELS, by) for by in GROUPINGS]
    with hamlets.open_store(store) as opened:
        return measure_many(opened, questions)


def borough(store: Path) -> Any:
    """Answer question (iii): every measure by practice, as ``measure --measures all`` does."""
    import hamlets
    from hamlets.continuity import measure

    with hamlets.open_store(store) as opened:
        return measure(opened, measures="all", by="practice")


QUESTIONS = {
    "everything": everything,
    "everything-rolling": everything_rolling,
    "borough": borough,
}
