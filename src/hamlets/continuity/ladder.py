"""Who was seen, on the patient's ladder: own GP, buddy, team, practice, passing, elsewhere.

The part of the kernel that looks dated rows up: who is the named GP on a day,
which team is theirs, and which step of the waterfall a contact stands on.
"""

from __future__ import annotations

from typing import Any

from hamlets.continuity.compiled import (
    boolean,
    compiled,
    i1,
    i1_,
    i4,
    i4_,
    integer,
    types,
    u1,
    u1_,
)

#: Why a contact has no named GP on its day (values of ``named`` below 0).
NO_NAMED, NAMED_LEFT, NAMED_NOT_GP = -1, -2, -3
#: Bits of ``flags``.
OWN, IN_TEAM, AT_HOME = 1, 2, 4
#: Steps of the waterfall, as in definitions.STEPS.
STEP_OWN, STEP_BUDDY, STEP_TEAM, STEP_PRACTICE, STEP_LOCUM, STEP_HUB = range(6)
GP_LOCUM, GP_REGISTRAR = 4, 5  # codes of the role vocabulary; a test holds them to it


@compiled(types.int64, integer, integer, i4, i4, i4, u1, integer)
def team_on(low: int, high: int, start: Any, end: Any, team: Any, lead: Any, day: int) -> int:
    """Return a person's team on a day: the one they lead, else the lowest code; -1 if none."""
    best = -1
    best_lead = 0
    for row in range(low, high):
        if start[row] <= day < end[row] and (
            best < 0 or lead[row] > best_lead or (lead[row] == best_lead and team[row] < best)
        ):
            best = team[row]
            best_lead = lead[row]
    return best


@compiled(types.boolean, integer, integer, i4, i4, i4, integer, integer)
def holds_on(low: int, high: int, start: Any, end: Any, value: Any, wanted: int, day: int) -> bool:
    """Return whether a dated row with this value covers the day."""
    for row in range(low, high):
        if value[row] == wanted and start[row] <= day < end[row]:
            return True
    return False


@compiled(types.int64, integer, integer, i4, i4, i4, i4, i4, i4, u1, i4, integer)
def named_on(
    low: int, high: int, start: Any, end: Any, person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any, day: int,
) -> int:  # fmt: skip
    """Return the person who is the named GP on a day, or NO_NAMED, NAMED_LEFT, NAMED_NOT_GP.

    Rows are ordered by start, then by load: the last one that covers the day is
    in force. ``list_from`` .. ``list_may`` say, by person, when that person may
    hold a list; ``leaves`` is the first day the person is no longer there.
    """
    found = -1
    for row in range(low, high):
        if start[row] <= day < end[row]:
            found = row
    if found < 0:
        return NO_NAMED
    d = person[found]
    if d < 0:
        return NO_NAMED
    if day >= leaves[d]:
        return NAMED_LEFT
    for row in range(list_offset[d], list_offset[d + 1]):
        if list_from[row] <= day < list_to[row]:
            return d if list_may[row] else NAMED_NOT_GP
    return d


@compiled(
    types.int64,
    i4, i4, i4, i4, i1, i4, i4, i4,
    i4, i4, i4, i4,
    i4, i4, i4, u1, i4,
    boolean, i4, i4, i4, i4, u1,
    i4, i4, i4, i4,
    i4_, i4_, i4_, i4_, u1_, i1_,
)  # fmt: skip
def resolve_contacts(
    offset: Any, who: Any, where: Any, contact_day: Any, contact_role: Any,
    home: Any, person_ids: Any, place_ids: Any,
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any,
    have_teams: bool, member_offset: Any, member_from: Any, member_to: Any, member_team: Any,
    member_lead: Any,
    buddy_offset: Any, buddy_from: Any, buddy_to: Any, buddy_person: Any,
    list_slot: Any, list_ids: Any, named: Any, named_team: Any, flags: Any, step: Any,
) -> int:  # fmt: skip
    """Write for each contact its list, the list's team and who was seen; return how many lists.

    ``named`` is a local list or a reason below 0; ``named_team`` a team or -1;
    ``flags`` OWN, IN_TEAM, AT_HOME; ``step`` the waterfall's step (-1 without a
    named GP). ``list_slot`` comes filled with -1 and is left so.
    """
    lists = 0
    for p in range(offset.size - 1):
        for i in range(offset[p], offset[p + 1]):
            day = contact_day[i]
            at_home = place_ids[where[i]] == home[p]
            d = named_on(
                named_offset[p], named_offset[p + 1], named_from, named_to, named_person,
                list_offset, list_from, list_to, list_may, leaves, day,
            )  # fmt: skip
            flags[i] = AT_HOME if at_home else 0
            step[i] = -1
            named_team[i] = -1
            if d < 0:
                named[i] = d
                continue
            if list_slot[d] < 0:
                list_slot[d] = lists
                list_ids[lists] = d
                lists += 1
            named[i] = list_slot[d]
            x = person_ids[who[i]]
            own = x == d
            in_team = own
            if have_teams:
                t = team_on(
                    member_offset[d], member_offset[d + 1],
                    member_from, member_to, member_team, member_lead, day,
                )  # fmt: skip
                named_team[i] = t
                if not own and t >= 0:
                    in_team = holds_on(
                        member_offset[x], member_offset[x + 1],
                        member_from, member_to, member_team, t, day,
                    )  # fmt: skip
            if own:
                flags[i] |= OWN
            if in_team:
                flags[i] |= IN_TEAM
            if not at_home:
                step[i] = STEP_HUB
            elif own:
                step[i] = STEP_OWN
            elif holds_on(
                buddy_offset[d], buddy_offset[d + 1], buddy_from, buddy_to, buddy_person, x, day
            ):
                step[i] = STEP_BUDDY
            elif in_team:
                step[i] = STEP_TEAM
            elif contact_role[i] == GP_LOCUM or contact_role[i] == GP_REGISTRAR:
                step[i] = STEP_LOCUM
            else:
                step[i] = STEP_PRACTICE
    for k in range(lists):
        list_slot[list_ids[k]] = -1
    return lists


@compiled(types.void, i4, i4, i4, i4, i4, i4, i4, u1, i4, integer, i4_)
def named_at(
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any, day: int,
    result: Any,
) -> None:  # fmt: skip
    """Write each patient's named GP (person code) on one day, or the reason below 0."""
    for p in range(result.size):
        result[p] = named_on(
            named_offset[p], named_offset[p + 1], named_from, named_to, named_person,
            list_offset, list_from, list_to, list_may, leaves, day,
        )  # fmt: skip
