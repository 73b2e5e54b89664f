"""Whether a plan keeps what it promises: an independent check, in plain loops.

Written from the definitions (Teams 1 to 9) and the keys of the team model; nothing of the
makers of plans is used. Each promise that does not hold comes back as a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.storing import StoredPlan
from hamlets.teams.results import Certificate, Plan

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HALVES = ("morning", "afternoon")
NEAR = 1e-6
Key = tuple[str, str]
"""A rule by its id and what it is about."""


@dataclass(frozen=True)
class Promised:
    """What is said of a plan, to be held against it."""

    certificate: Certificate
    status: str
    given_up: frozenset[Key] = frozenset()
    """Rules that the plan owns up not to keep: of teams, and "band" or "budget"."""


def broken_promises(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement, promised: Promised
) -> list[str]:
    """Return what of a plan is not as it should be; nothing where all is well."""
    check = _Check(inputs, model, arrangement, promised)
    return [
        *check.people(),
        *check.team_rules(),
        *check.links(),
        *check.lists(),
        *check.households(),
        *check.limits(),
        *check.proof(),
    ]


def broken_figures(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement, plan: Plan
) -> list[str]:
    """Return which figures of a plan are not those of its arrangement."""
    check = _Check(inputs, model, arrangement, promised_by(plan))
    found: list[str] = []

    def same(name: str, said: float | None, true: float | None) -> None:
        if said is None or true is None:
            if said is not true:
                found.append(f"{name} is {said}, not {true}")
        elif abs(said - true) > 1e-9:
            found.append(f"{name} is {said}, not {true}")

    moved, held, forced, first = check.moves()
    option = plan.option("plan")
    assert option is not None
    own, team, total = check.kept()
    same("moved", plan.moved, moved)
    same("forced", plan.forced, forced)
    same("first", plan.first, first)
    same("patients", plan.n_patients, len(check.placed))
    same("moved_share", option.moved_share, moved / held if held else None)
    same("retained_own", option.retained_own, own / total if total else None)
    same("retained_team", option.retained_team, team / total if total else None)
    same("band_max", option.band_max, check.band())
    sizes = [sum(int(t) == number for t in arrangement.team) for number in range(check.count)]
    if [each.list_size for each in plan.teams] != sizes:
        found.append(f"list sizes are {[each.list_size for each in plan.teams]}, not {sizes}")
    names = [sorted(inputs.clinicians.staff_id[row] for row in t) for t in arrangement.teams]
    for shown, gps in zip(plan.teams, names, strict=True):
        if not set(gps) <= set(shown.members):
            found.append(f"{shown.team_id} does not show {gps}")
    return found


def as_kept(stored: StoredPlan, inputs: PracticeInputs) -> Arrangement:
    """Return the arrangement that the tables of a kept plan tell."""
    row = {staff_id: row for row, staff_id in enumerate(inputs.clinicians.staff_id)}
    position = {int(code): p for p, code in enumerate(inputs.people.patient)}
    ids = [team.team_id for team in stored.plan.teams]
    gps: list[list[int]] = [[] for _ in ids]
    others: list[list[int]] = [[] for _ in ids]
    shared: set[int] = set()
    leads = [-1] * len(ids)
    for member in stored.members:
        who, team = row[member.staff_id], ids.index(member.team_id)
        if member.shared:
            shared.add(who)
        else:
            (gps if inputs.clinicians.gp[who] else others)[team].append(who)
        if member.lead:
            leads[team] = who
    team_of = np.full(inputs.people.size, -1, dtype=np.int32)
    named = np.full(inputs.people.size, -1, dtype=np.int32)
    for line in stored.allocations.to_pylist():
        patient = position[line["patient"]]
        team_of[patient] = ids.index(line["team_id"])
        if line["new_named_staff_id"] is not None:
            named[patient] = row[line["new_named_staff_id"]]
    return Arrangement(
        teams=tuple(tuple(sorted(team)) for team in gps),
        others=tuple(tuple(sorted(team)) for team in others),
        shared=tuple(sorted(shared)),
        leads=tuple(leads),
        team=team_of,
        named=named,
    )


def promised_by(plan: Plan) -> Promised:
    """Return what a plan says of itself."""
    given_up = frozenset((rule.id, rule.about) for rule in plan.given_up)
    return Promised(plan.certificate, plan.status, given_up)


class _Check:
    def __init__(
        self,
        inputs: PracticeInputs,
        model: TeamModel,
        arrangement: Arrangement,
        promised: Promised,
    ) -> None:
        self.inputs, self.model, self.plan, self.said = inputs, model, arrangement, promised
        self.staff, self.folk = inputs.clinicians, inputs.people
        self.count = len(arrangement.teams)
        self.row = {name: row for row, name in enumerate(self.staff.staff_id)}
        self.team_of: dict[int, int] = {}
        for number, gps in enumerate(arrangement.teams):
            for gp in gps:
                self.team_of[gp] = number
        for number, others in enumerate(arrangement.others):
            for one in others:
                self.team_of[one] = number
        self.placed = [p for p in range(self.folk.size) if self.is_placed(p)]

    def is_placed(self, patient: int) -> bool:
        if self.model.approach != "cohort" or self.model.cohort is None:
            return True
        return bool(self.folk.cohorts[self.model.cohort][patient])

    def asked(self, rule: str, about: str = "") -> bool:
        """Return whether the plan still promises a rule."""
        return (rule, about) not in self.said.given_up

    # Who is in a team

    def people(self) -> Iterator[str]:
        staff, model = self.staff, self.model
        lists_only = model.approach in ("buddies", "personal_lists")
        for row in range(staff.size):
            name = staff.staff_id[row]
            times = sum(row in team for team in self.plan.teams)
            beside = sum(row in team for team in self.plan.others)
            everywhere = row in self.plan.shared
            if staff.gp[row]:
                takes_part = model.taking_part is None or name in model.taking_part
                wanted = int(takes_part and (not lists_only or bool(staff.eligible[row])))
                if times != wanted:
                    yield f"{name}, a GP, is in {times} teams, not {wanted}"
                if beside or everywhere:
                    yield f"{name}, a GP, is among the others"
            elif times or beside + everywhere != 1:
                yield f"{name} is in {beside} teams alone, shared {everywhere}"
        if len(self.plan.leads) != self.count or len(self.plan.others) != self.count:
            yield "not each team has a lead and others"

    def team_rules(self) -> Iterator[str]:
        least, most = self.model.team_gps
        if self.model.approach == "personal_lists":
            least, most = 1, 1
        elif self.model.approach == "buddies":
            least, most = 2, 3
        for number, gps in enumerate(self.plan.teams):
            if self.asked("size_least") and len(gps) < least:
                yield f"team {number} has {len(gps)} GPs, fewer than {least}"
            if self.asked("size_most") and len(gps) > most:
                yield f"team {number} has {len(gps)} GPs, more than {most}"
            if self.asked("list_holder") and not any(self.staff.eligible[gp] for gp in gps):
                yield f"team {number} has nobody who may hold a list"
            if self.asked("bookable") and sum(self.staff.capacity_minutes[gp] for gp in gps) <= 0:
                yield f"team {number} has no bookable minutes"
            yield from self.lead(number, gps)
            yield from self.roles(number)
            yield from self.cover(number, gps)
            yield from self.words(number, gps)

    def lead(self, number: int, gps: Iterable[int]) -> Iterator[str]:
        lead = self.plan.leads[number]
        may = [gp for gp in gps if self.may_lead(gp)]
        if lead >= 0 and lead not in may:
            yield f"team {number} is led by somebody who may not"
        if lead < 0 and may:
            yield f"team {number} has no lead, though somebody may"
        needs = self.model.approach in ("whole_list", "cohort")
        if needs and self.asked("lead") and not may:
            yield f"team {number} has nobody who may lead"

    def may_lead(self, gp: int) -> bool:
        if self.model.leads is not None:
            return self.staff.staff_id[gp] in self.model.leads
        return self.staff.role[gp] in ("gp_partner", "gp_salaried")

    def roles(self, number: int) -> Iterator[str]:
        if self.model.approach in ("buddies", "personal_lists"):
            return
        for role, needed in self.model.roles.items():
            if role in self.model.shared or not self.asked("role", role):
                continue
            there = sum(self.staff.role[row] == role for row in self.plan.others[number])
            if there < needed:
                yield f"team {number} has {there} of the role {role}, not {needed}"

    def cover(self, number: int, gps: tuple[int, ...]) -> Iterator[str]:
        if self.model.cover == "none" or self.model.approach == "personal_lists":
            return
        for week in (0, 1):
            for day, name in enumerate(DAYS):
                at = 10 * week + 2 * day
                for half, word in enumerate(HALVES):
                    whole_day = self.model.cover == "weekday"
                    times = (at, at + 1) if whole_day else (at + half,)
                    about = name if whole_day else f"{name} {word}"
                    if name in self.model.cover_except or about in self.model.cover_except:
                        continue
                    here = sum(
                        bool(self.staff.eligible[gp])
                        and any(self.staff.half_days[gp, time] for time in times)
                        for gp in gps
                    )
                    if here < self.model.cover_gps and self.asked("cover", about):
                        yield f"team {number} has {here} GPs on {about}, week {week}"

    def words(self, number: int, gps: tuple[int, ...]) -> Iterator[str]:
        """Check languages, skills, sessions and the site."""
        for rule, wanted, had in (
            ("language", self.model.languages, self.staff.languages),
            ("skill", self.model.skills, self.staff.skills),
        ):
            for word, needed in wanted.items():
                there = sum(word in had[gp] for gp in gps)
                if there < needed and self.asked(rule, word):
                    yield f"team {number} has {there} with {word}, not {needed}"
        if self.model.team_sessions is not None:
            low, high = self.model.team_sessions
            sessions = sum(float(self.staff.sessions_per_week[gp]) for gp in gps)
            if sessions < low - NEAR and self.asked("sessions_least"):
                yield f"team {number} has {sessions} sessions, fewer than {low}"
            if sessions > high + NEAR and self.asked("sessions_most"):
                yield f"team {number} has {sessions} sessions, more than {high}"
        if self.model.one_site and self.asked("one_site"):
            members = self.plan.members(number)
            sites = {self.staff.site[row] for row in members} - {None}
            if len(sites) > 1:
                yield f"team {number} is at {sorted(map(str, sites))}"

    def links(self) -> Iterator[str]:
        """Check links among people who are each in one team alone."""
        for rule, groups in (
            ("must_link", self.model.must_link), ("cannot_link", self.model.cannot_link),
        ):  # fmt: skip
            for group in groups:
                if not self.asked(rule, ", ".join(group)):
                    continue
                at = [self.team_of[self.row[n]] for n in group if self.row[n] in self.team_of]
                if rule == "must_link" and len(set(at)) > 1:
                    yield f"{group} are in teams {at}"
                if rule == "cannot_link" and len(set(at)) < len(at):
                    yield f"{group} are in teams {at}, some together"

    # Who is on whose list

    def lists(self) -> Iterator[str]:
        """Check that each placed patient is in one team, with a GP of it where one may be."""
        for p in range(self.folk.size):
            team, named = int(self.plan.team[p]), int(self.plan.named[p])
            if p not in self.placed:
                if (team, named) != (-1, -1):
                    yield f"patient {p} is not to be placed, and is in team {team}, list {named}"
                continue
            if not 0 <= team < self.count:
                yield f"patient {p} is in no team"
                continue
            holders = [gp for gp in self.plan.teams[team] if self.staff.eligible[gp]]
            if named not in (holders or [-1]):
                yield f"patient {p} of team {team} is on the list of {named}"
            asked = self.asked_for(p)
            if asked >= 0 and named != asked:
                yield f"patient {p} asked for {asked} and is on the list of {named}"

    def asked_for(self, patient: int) -> int:
        """Return the GP whom a patient asked for, who is in a team and may hold a list; or -1."""
        gp = int(self.folk.locked[patient])
        return gp if gp in self.team_of and self.staff.eligible[gp] else -1

    def households(self) -> Iterator[str]:
        """Check that households are together, save people who asked for different GPs."""
        if not self.model.households:
            return
        homes: dict[int, list[int]] = {}
        for p in self.placed:
            homes.setdefault(int(self.folk.household[p]), []).append(p)
        for home, members in homes.items():
            wishes = {int(self.folk.locked[p]) for p in members} - {-1}
            bound = [p for p in members if len(wishes) < 2 or self.folk.locked[p] < 0]
            teams = {int(self.plan.team[p]) for p in bound}
            if len(teams) > 1:
                yield f"household {home} is in teams {sorted(teams)}"

    def band(self) -> float | None:
        """Return the most that a team's work for its capacity is from the practice's."""
        work, capacity = [0.0] * self.count, [0.0] * self.count
        for p in self.placed:
            work[int(self.plan.team[p])] += float(self.folk.work_minutes[p])
        for number, gps in enumerate(self.plan.teams):
            capacity[number] = sum(float(self.staff.capacity_minutes[gp]) for gp in gps)
        used = [n for n in range(self.count) if work[n] or capacity[n]]
        if not sum(work) or not all(capacity[n] for n in used):
            return None
        average = sum(work) / sum(capacity)
        return max(abs(work[n] / capacity[n] / average - 1) for n in used)

    def moves(self) -> tuple[int, int, int, int]:
        """Return who moves, who had an eligible named GP, whose move is forced, who has a first."""
        moved = held = forced = first = 0
        for p in self.placed:
            before, after = int(self.folk.named[p]), int(self.plan.named[p])
            if before >= 0:
                held += 1
                moved += before != after
            elif after >= 0 and self.folk.named_gone[p]:
                forced += 1
            elif after >= 0:
                first += 1
        return moved, held, forced, first

    def limits(self) -> Iterator[str]:
        """Check the band of work and the budget of moves."""
        band = self.band()
        allowed = self.model.band_percent / 100
        if band is not None and self.asked("band") and band > allowed + NEAR:
            yield f"a team is {band:.5f} from its share of the work, not {allowed:.5f}"
        moved, held, _, _ = self.moves()
        budget = math.floor(self.model.disruption_percent / 100 * held + NEAR)
        if self.asked("budget") and moved > budget:
            yield f"{moved} move, of {budget} who may"

    # What is promised

    def value(self) -> float:
        """Return the recency-weighted contacts of the placed with GPs of their team."""
        kept: list[float] = []
        for p in self.placed:
            gps = set(self.plan.teams[int(self.plan.team[p])])
            for row in self.rows_of(p):
                if int(self.folk.seen.clinician[row]) in gps:
                    kept.append(float(self.folk.seen.weight[row]))
        return math.fsum(kept)

    def kept(self) -> tuple[int, int, int]:
        """Return contacts of 12 months with own GP, with the team, and in all."""
        own = team = total = 0
        for p in self.placed:
            named = int(self.plan.named[p])
            gps = set(self.plan.teams[int(self.plan.team[p])])
            for row in self.rows_of(p):
                who, contacts = (
                    int(self.folk.seen.clinician[row]),
                    int(self.folk.seen.contacts[row]),
                )
                if who >= 0 and not self.staff.gp[who]:
                    continue
                total += contacts
                own += contacts * (who >= 0 and who == named)
                team += contacts * (who in gps)
        return own, team, total

    def rows_of(self, patient: int) -> range:
        seen = self.folk.seen
        return range(int(seen.offset[patient]), int(seen.offset[patient + 1]))

    def proof(self) -> Iterator[str]:
        said, value = self.said.certificate, self.value()
        near = NEAR * max(1.0, value)
        if abs(said.value - value) > near:
            yield f"the value is {said.value}, not {value}"
        if math.isnan(said.bound):
            if self.said.status != "infeasible":
                yield "there is no bound"
            return
        if said.value > said.bound + near:
            yield f"the value {said.value} is above the bound {said.bound}"
        gap = (said.bound - said.value) / said.bound if said.bound else 0.0
        if abs(gap - said.gap) > NEAR:
            yield f"the gap is {said.gap}, not {gap}"
        if abs(said.formation_gap + said.allocation_loss - said.gap) > NEAR:
            yield "the parts of the gap are not the gap"
        if min(said.formation_gap, said.allocation_loss) < -NEAR:
            yield "a part of the gap is below nothing"
        if self.said.status == "optimal" and gap > 1e-5:
            yield f"the plan is called optimal with a gap of {gap}"
        if self.said.given_up and self.said.status != "infeasible":
            yield "rules are given up in a plan that is not called infeasible"
