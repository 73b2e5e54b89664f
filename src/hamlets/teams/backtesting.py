"""Backtest: a plan of the first year held against the second, as booked (definitions, Teams 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import day_number, day_of, months_before
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.measuring import choose_window
from hamlets.continuity.reference import build_reference
from hamlets.continuity.touching import homes_on
from hamlets.errors import HamletsError
from hamlets.optimise.threads import one_thread
from hamlets.records import Store
from hamlets.teams.allocation import Placing, allocate
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import find_gps
from hamlets.teams.comparing.kept import find_members, find_placed, share
from hamlets.teams.comparing.measures import measure_arrangement
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.designing import Stop
from hamlets.teams.favouring import favour_named
from hamlets.teams.formation import form
from hamlets.teams.gathering import gather
from hamlets.teams.gathering.visits import read_visits
from hamlets.teams.inputs import Bools, Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.results import Backtest

MONTHS = 12
"""Of the design year, and of the year that it is held against."""
SLACK_DAYS = 14
"""Records that begin so many days into the design year still cover it (holidays)."""
SECONDS = 10.0
_ROUGH = 0.01
"""Gap at which the search for teams ends: nothing is proved here."""


@dataclass(frozen=True)
class Held:
    """A backtest, or why there is none."""

    backtest: Backtest | None
    why_not: str = ""
    """One sentence."""


@dataclass(frozen=True)
class _Contacts:
    """Counted GP contacts of a year: patient codes and person codes of equal length."""

    patient: Int32
    person: Int32
    still: Int32
    """Codes of the patients who are registered on the year's last day."""


def backtest(
    store: Store,
    practice: str,
    model: TeamModel,
    *,
    end: date | None = None,
    time_limit: float = SECONDS,
    stop: Stop | None = None,
) -> Held:
    """Return what a plan made 12 months before ``end`` promised, and what the year after held.

    ``promised`` is the share of the design year's contacts that the plan keeps (Teams 7).
    ``found`` is the share of the next year's counted GP contacts, as they were booked, of the
    planned patients still registered at the end, that were with a member of the planned team.
    Nobody booked by the plan: it was not in force. Who joined later is in no team, so that
    those contacts count as outside; who left gives none any more. ``found_now`` is the same
    for the teams there were on the design day. The plan is a rough one: teams to 1 in 100 of
    the best, then lists; no proof and no second round for the price of a move.

    Takes 24 months of records; else, and where no plan can be made for the day, ``why_not``
    says so. Raises as ``gather`` does for the practice as it is on ``end``.
    """
    window = choose_window(store, Conventions(date_to=end))
    last = day_of(window.last)
    designed = months_before(last, MONTHS)
    begins = months_before(last, 2 * MONTHS) + timedelta(days=1)
    first = store.first_day
    if first is None or first > begins + timedelta(days=SLACK_DAYS):
        return Held(
            None,
            "The plan could not be held against a next year: that takes 24 months of records,"
            f" from {_said(begins)}.",
        )
    try:
        then = gather(store, practice, day=designed)
        check_model(model, then)
    except HamletsError as error:
        return _not_then(designed, error.message)
    if stop is not None and stop():
        return Held(None)
    planned = _rough_plan(then, model, time_limit, stop)
    if planned is None:
        return _not_then(designed, "no teams were found.")
    promised = measure_arrangement(then, planned, model)
    if promised.retained_team is None or promised.retained_own is None:
        return _not_then(designed, "there was no contact to keep.")
    placed = find_placed(model=model, inputs=then)
    contacts = _read_next_year(store, practice, window.last, day_number(designed))
    mine, patient = _placed_patients(then, placed, contacts)
    total = len(patient)
    if not total:
        return _not_then(designed, "no planned patient had a contact in the year after.")
    person = contacts.person[mine]
    present = present_arrangement(then, store).arrangement
    own, team = _with_team(then, planned, patient, person)
    own_now, team_now = _with_team(then, present, patient, person)
    named = bool((present.named >= 0).any())
    return Held(
        Backtest(
            design_day=designed,
            promised=promised.retained_team,
            found=team / total,
            found_now=share(team_now, total) if present.teams else None,
            n_patients=int(np.isin(then.people.patient[placed], contacts.still).sum()),
            n_contacts=total,
            promised_own=promised.retained_own,
            found_own=own / total,
            found_now_own=share(own_now, total) if named else None,
        )
    )


def _not_then(designed: date, why: str) -> Held:
    return Held(None, f"No plan could be made as on {_said(designed)} and held against the year"
                f" after: {why[:1].lower()}{why[1:]}")  # fmt: skip


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _rough_plan(
    inputs: PracticeInputs, model: TeamModel, time_limit: float, stop: Stop | None
) -> Arrangement | None:
    """Return teams of GPs and lists: those of a first round of a design, None without teams."""
    with one_thread():
        placing = Placing.of(inputs, model, find_gps(inputs, model))
        found = form(inputs, model, time_limit=time_limit, stop=stop, good_enough=_ROUGH)
        if not found.teams:
            return None
        lists = allocate(placing, found.teams)
        lists, _ = favour_named(placing, found.teams, lists, lists.value)
    # Other roles give no GP contacts, so who of them is where makes no difference here.
    nobody: Sequence[tuple[int, ...]] = [()] * len(found.teams)
    return Arrangement(
        found.teams, tuple(nobody), (), (-1,) * len(found.teams), lists.team, lists.named
    )


def _read_next_year(store: Store, practice: str, last: int, designed: int) -> _Contacts:
    """Return the GP contacts of those registered on the last day, after the design day.

    They are the contacts that ``gather`` counts as of the last day, people not at work any
    more included.
    """
    place = find_scope(store, practice, hubs=True).homes[0]
    window = choose_window(store, Conventions(date_to=day_of(last)))
    homes = homes_on(store, place, window.first, window.last)
    registered, visits = read_visits(store, homes, place, build_reference(store), window)
    code = registered.patients.codes[registered.position]
    mine = (visits.patient >= 0) & visits.gp & (visits.day > designed)
    return _Contacts(code[visits.patient[mine]], visits.person[mine], code)


def _placed_patients(
    then: PracticeInputs, placed: Bools, contacts: _Contacts
) -> tuple[Bools, Int64]:
    """Return which contacts are of planned patients, and whose: positions in the inputs."""
    code = then.people.patient
    at = np.minimum(np.searchsorted(code, contacts.patient), max(0, len(code) - 1))
    mine = (code[at] == contacts.patient) & placed[at]
    return mine, at[mine].astype(np.int64)


def _with_team(
    then: PracticeInputs, arrangement: Arrangement, patient: Int64, person: Int32
) -> tuple[int, int]:
    """Return the contacts with the patient's own GP, and with the GP or anyone of the team."""
    staff = then.clinicians
    row = np.full(max([*staff.person.tolist(), *person.tolist()], default=0) + 1, -1)
    row[staff.person] = np.arange(staff.size)
    who = row[person]
    member = np.pad(find_members(then, arrangement), ((0, 1), (0, 1)))
    own = (who >= 0) & (who == arrangement.named[patient])
    within = own | member[who, arrangement.team[patient]]
    return int(own.sum()), int(within.sum())
