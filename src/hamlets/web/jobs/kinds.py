"""Every kind of job: which function does it, and how long it usually takes.

A function of :mod:`hamlets.web.work` is called in a child process as
``function(store, practice, progress, **question)``: the store's folder, the code of the place
that asked, a :class:`~hamlets.web.jobs.progress.Progress`, and the question as it was asked.
It returns plain data that JSON can write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of job."""

    name: str
    function: str
    """Dotted path; imported in the child alone."""
    seconds: int
    """How long it usually takes for one practice, for the words of a page that waits."""
    keeper: str = ""
    """Dotted path of what keeps the result, as ``keeper(job, result)``; else the job's row does.

    What it returns, if anything, is kept in the job's row."""
    long: bool = False
    """Whether it may take minutes: long jobs leave a place free for short ones."""
    usual: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What holds for parts of the question that are left out: said or not, it is one question."""

    def asked(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return a question without what is usual or None."""
        return {
            name: value
            for name, value in question.items()
            if value is not None and self.usual.get(name) != value
        }


_WORK = "hamlets.web.work"
_KEEPING = "hamlets.web.answers.keeping"
_ANSWERS = f"{_KEEPING}.keep"
_PLANS = "hamlets.web.teamwork.keeping.keep"
_LOADS = "hamlets.web.uploads.keeping"
_YEAR = {"look_back": 365}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "continuity",
            f"{_WORK}.continuity.report",
            8,
            _ANSWERS,
            usual={"months": 12, "roles": "gp", "modes": "all"},
        ),
        Kind("workforce", f"{_WORK}.workforce.week", 2, _ANSWERS),
        Kind("audits", f"{_WORK}.audits.audits", 2, _ANSWERS, usual=_YEAR),
        Kind("cases", f"{_WORK}.audits.cases", 2, _ANSWERS, usual=_YEAR),
        Kind("named_gps", f"{_WORK}.named_gps.health", 2, _ANSWERS, usual={"corrections": False}),
        Kind("free_wins", f"{_WORK}.free_wins.free_wins", 3, _ANSWERS, usual={"window": "policy"}),
        Kind(
            "worklist",
            f"{_WORK}.worklists.worklist",
            2,
            _ANSWERS,
            usual={"presets": "all", "within_weeks": 26},
        ),
        Kind("home", f"{_WORK}.home.home", 6, _ANSWERS),
        Kind("team_facts", f"{_WORK}.teams.facts", 3, _ANSWERS),
        Kind("plan_check", f"{_WORK}.team_plans.check", 3, _ANSWERS),
        Kind("plan_patients", f"{_WORK}.team_plans.patients", 3, _ANSWERS),
        Kind("design", f"{_WORK}.team_plans.design", 20, _PLANS, long=True),
        Kind("hand_try", f"{_WORK}.team_plans.try_by_hand", 5),
        Kind("hand_keep", f"{_WORK}.team_plans.keep_by_hand", 10, _PLANS),
        Kind("staff_change", f"{_WORK}.team_plans.staff_change", 8, _PLANS),
        Kind("plan_adopt", f"{_WORK}.team_plans.adopt", 8, _PLANS),
        Kind("plan_withdraw", f"{_WORK}.team_plans.withdraw", 8, _PLANS),
        Kind("plan_propose", f"{_WORK}.team_plans.propose", 2, _PLANS),
        Kind("plan_files", f"{_WORK}.team_files.make", 8, _PLANS),
        Kind("report_file", f"{_WORK}.files.report_file", 8, _ANSWERS),
        Kind("pack_file", f"{_WORK}.files.pack_file", 8, _ANSWERS, usual={"thanks": ""}),
        Kind("pack_months", f"{_WORK}.files.months_held", 1, _ANSWERS),
        Kind("load_look", f"{_WORK}.loading_look.look", 3, f"{_LOADS}.keep_look"),
        Kind("load_check", f"{_WORK}.loading.check", 8, f"{_LOADS}.keep_check", long=True),
        Kind("load", f"{_WORK}.loading.load", 12, f"{_LOADS}.keep_load", long=True),
        Kind("restore", f"{_WORK}.loading_back.restore", 4, f"{_LOADS}.keep_restore", long=True),
        Kind("store_practices", f"{_WORK}.loading_back.practices", 1, _ANSWERS),
        # All of these for one practice, made in advance.
        Kind("warm", f"{_WORK}.everything.everything", 15, f"{_KEEPING}.keep_all", long=True),
    )
}
"""Every kind by its name. A new one is one more line."""


def kind_of(name: str) -> Kind:
    """Return a kind; ValueError for a name that is not one."""
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"no kind of job is called {name!r}") from None
