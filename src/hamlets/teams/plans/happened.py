"""What became of a practice's plans in a period: for the monthly pack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hamlets.continuity.results import PackEvent, Period
from hamlets.records.store.adopted import adoptions
from hamlets.records.store.reading import Store
from hamlets.teams.plans.ids import number_of
from hamlets.teams.plans.storing import read_histories
from hamlets.teams.results.keeping import PlanChange


def plan_events(store: Store, practice_id: str, period: Period) -> tuple[PackEvent, ...]:
    """Return plans made, adopted, begun and taken back in a period, newest first.

    A plan is one event when it begins; that it was adopted before is one where it begins after
    the period. Plans made are one event together, of the last day that one was. What the
    store's version in use follows is what counts: an adoption that was undone is none.
    """
    found = [*_begun(store, practice_id, period), *_done(store, practice_id, period)]
    return tuple(sorted(found, key=lambda event: (event.day, event.kind, event.name), reverse=True))


def _begun(store: Store, practice_id: str, period: Period) -> Iterator[PackEvent]:
    before: str = ""
    for each in adoptions(store.manifest):
        if each.practice_id != practice_id:
            continue
        name = str(number_of(each.plan_id))
        if _within(each.from_date, period):
            yield PackEvent(each.from_date, "plan_began", name, other=before)
        before = name


def _done(store: Store, practice_id: str, period: Period) -> Iterator[PackEvent]:
    followed = {each.plan_id: each.from_date for each in adoptions(store.manifest)}
    made: list[date] = []
    for plan, history in read_histories(store.path, practice_id):
        for change in history:
            day = date.fromisoformat(change.when[:10])
            if not _within(day, period):
                continue
            if change.state == "draft":
                made.append(day)
            elif change.state == "withdrawn":
                yield PackEvent(day, "plan_withdrawn", str(plan.number))
            elif _is_last_adoption(change, history) and plan.plan_id in followed:
                starts = followed[plan.plan_id]
                if starts > period.last:
                    yield PackEvent(day, "plan_adopted", str(plan.number), starts=starts)
    if made:
        yield PackEvent(max(made), "plans_made", number=len(made))


def _is_last_adoption(change: PlanChange, history: tuple[PlanChange, ...]) -> bool:
    """Return whether a change is the adoption that holds, where any does."""
    return [each for each in history if each.state == "adopted"][-1:] == [change]


def _within(day: date, period: Period) -> bool:
    return period.first <= day <= period.last
