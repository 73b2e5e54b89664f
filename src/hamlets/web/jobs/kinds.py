"""Every kind of job: which function does it, and how long it usually takes.

A function of :mod:`hamlets.web.work` is called in a child process as
``function(store, practice, progress, **question)``: the store's folder, the code of the place
that asked, a :class:`~hamlets.web.jobs.progress.Progress`, and the question as it was asked.
It returns plain data that JSON can write.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of job."""

    name: str
    function: str
    """Dotted path; imported in the child alone."""
    seconds: int
    """How long it usually takes for one practice, for the words of a page that waits."""
    keeper: str = ""
    """Dotted path of what keeps the result, as ``keeper(job, result)``; else the job's row does."""
    long: bool = False
    """Whether it may take minutes: long jobs leave a place free for short ones."""


_WORK = "hamlets.web.work"
_ANSWERS = "hamlets.web.answers.keeping.keep"

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("continuity", f"{_WORK}.continuity.report", 6, _ANSWERS),
        Kind("workforce", f"{_WORK}.workforce.week", 3, _ANSWERS),
        Kind("audits", f"{_WORK}.audits.audits", 4, _ANSWERS),
        Kind("cases", f"{_WORK}.audits.cases", 4, _ANSWERS),
        Kind("named_gps", f"{_WORK}.named_gps.health", 3, _ANSWERS),
        Kind("free_wins", f"{_WORK}.free_wins.free_wins", 4, _ANSWERS),
        Kind("worklist", f"{_WORK}.worklists.worklist", 4, _ANSWERS),
        Kind("home", f"{_WORK}.home.home", 6, _ANSWERS),
    )
}
"""Every kind by its name. A new one is one more line."""


def kind_of(name: str) -> Kind:
    """Return a kind; ValueError for a name that is not one."""
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"no kind of job is called {name!r}") from None
