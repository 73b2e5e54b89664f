"""Rules of a team model in words: a sentence, a part of a list, what there is, what to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hamlets.teams.columns import Rule, covered_times, find_gps, may_lead
from hamlets.teams.inputs import Bools, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import RuleWords

_MANY = 5
"""From so many on "only" is no longer said."""


@dataclass(frozen=True)
class _Words:
    sentence: str
    short: str
    fact: str = ""
    change: str = ""


def say_rules(
    rules: Iterable[Rule], inputs: PracticeInputs, model: TeamModel
) -> tuple[RuleWords, ...]:
    """Return the words of rules on teams, in their order. Staff are named by their ids."""
    say = _Speaker(inputs, model)
    return tuple(_words_of(rule, say.words(rule)) for rule in rules)


def say_limits(
    limits: Iterable[str], model: TeamModel, facts: dict[str, str]
) -> tuple[RuleWords, ...]:
    """Return the words of limits on lists (band, budget, households, asked) with these facts."""
    return tuple(
        _words_of(Rule(limit, value=_value_of(limit, model)), _limit(limit, model, facts))
        for limit in limits
    )


LIMITS = ("band", "budget", "households", "asked")
"""What lists are held to, beside the rules on teams."""


def _words_of(rule: Rule, words: _Words) -> RuleWords:
    return RuleWords(
        id=rule.id,
        about=rule.about,
        value=float(rule.value),
        sentence=words.sentence,
        short=words.short,
        fact=words.fact,
        change=words.change,
    )


def _value_of(limit: str, model: TeamModel) -> float:
    return {"band": model.band_percent, "budget": model.disruption_percent}.get(limit, 1.0)


def _limit(limit: str, model: TeamModel, facts: Mapping[str, str]) -> _Words:
    fact = facts.get(limit, "")
    if limit == "band":
        within = f"{model.band_percent:g} in 100"
        return _Words(
            f"The work of each team is within {within} of its share.",
            f"work within {within}",
            fact,
            "less even work (band_percent)",
        )
    if limit == "budget":
        most = f"{model.disruption_percent:g} in 100"
        return _Words(
            f"At most {most} patients get a different named GP.",
            f"at most {most} patients with a different named GP",
            fact,
            "more patients with a different named GP (disruption_percent)",
        )
    if limit == "households":
        return _Words(
            "Households stay together.", "households together", fact,
            "households that may be parted (households)",
        )  # fmt: skip
    return _Words(
        "Patients have the GP they asked for.", "patients with the GP they asked for", fact
    )


class _Speaker:
    """Says rules of one practice; counts are of the GPs who are to be in teams."""

    def __init__(self, inputs: PracticeInputs, model: TeamModel) -> None:
        self.inputs, self.staff, self.model = inputs, inputs.clinicians, model
        self.gps = find_gps(inputs, model)

    def words(self, rule: Rule) -> _Words:
        """Return the words of one rule."""
        by_id: dict[str, Callable[[Rule], _Words]] = {
            "gps": self._gps,
            "size_least": self._size,
            "size_most": self._size,
            "cover": self._cover,
            "role": self._role,
            "lead": self._lead,
            "list_holder": self._list_holder,
            "bookable": self._bookable,
            "one_site": self._one_site,
            "must_link": self._must_link,
            "cannot_link": self._cannot_link,
            "language": self._language,
            "skill": self._skill,
            "sessions_least": self._sessions,
            "sessions_most": self._sessions,
        }
        return by_id[rule.id](rule)

    def _gps(self, _rule: Rule) -> _Words:
        if self.model.taking_part is not None:
            fact = "None of those who take part is a GP who could."
        elif self.staff.gp.any():
            fact = "No GP who works at the practice may hold a list."
        else:
            fact = "No GP works at the practice."
        change = "other GPs who take part (taking_part)" if self.model.taking_part else ""
        return _Words("There is a GP for the teams.", "a GP for the teams", fact, change)

    def _size(self, rule: Rule) -> _Words:
        number, least = int(rule.value), rule.id == "size_least"
        bound = "at least" if least else "at most"
        count = "1 GP" if number == 1 else f"{number} GPs"
        if self.model.approach in ("buddies", "personal_lists"):
            change = "another approach"
        elif least:
            change = f"teams of {number - 1} or more (team_gps)" if number > 1 else ""
        else:
            change = f"teams of up to {number + 1} (team_gps)"
        gps = len(self.gps)
        fact = "There is 1 GP." if gps == 1 else f"There are {gps} GPs."
        return _Words(f"Each team has {bound} {count}.", f"{bound} {count} in a team", fact, change)

    def _cover(self, rule: Rule) -> _Words:
        number, when = int(rule.value), rule.about
        here = int(covered_times(self.staff, self.gps, when).sum(axis=0).min(initial=len(self.gps)))
        change = f"no GP of each team on {when} (cover_except)"
        if number > 1:
            change = f"{number - 1} of a team at a time (cover_gps)"
        works = _count(here, "GP who may hold a list works", "GPs who may hold a list work")
        return _Words(
            f"A GP of every team works on {when}."
            if number == 1
            else f"At least {number} GPs of every team work on {when}.",
            f"a GP of every team on {when}"
            if number == 1
            else f"{number} GPs of every team on {when}",
            f"{works} on {when}.",
            change,
        )

    def _role(self, rule: Rule) -> _Words:
        number, role = int(rule.value), rule.about.replace("_", " ")
        asked = f"{_a(role)} {role}" if number == 1 else f"{number} {role}s"
        there = sum(word == rule.about for word in self.staff.role)
        return _Words(
            f"Each team has {asked} of its own.",
            f"{asked} in every team",
            f"{_there(there, role, f'{role}s')}.",
            f"the {role}s shared by all teams (shared)",
        )

    def _lead(self, _rule: Rule) -> _Words:
        may = int(may_lead(self.staff, self.model)[self.gps].sum())
        fact = f"{_count(may, 'GP', 'GPs')} may lead a team."
        return _Words("Each team has a GP who may lead it.", "a lead in every team", fact,
                      "more GPs who may lead (leads)")  # fmt: skip

    def _list_holder(self, _rule: Rule) -> _Words:
        may = int(self.staff.eligible[self.gps].sum())
        return _Words(
            "Each team has a GP who may hold a list.",
            "a GP who may hold a list in every team",
            f"{_count(may, 'GP', 'GPs')} may hold a list.",
        )

    def _bookable(self, _rule: Rule) -> _Words:
        have = int((self.staff.capacity_minutes[self.gps] > 0).sum())
        return _Words(
            "Each team has a GP with bookable minutes in the rota.",
            "bookable minutes in every team",
            f"{_count(have, 'GP has', 'GPs have')} bookable minutes in the rota.",
        )

    def _one_site(self, _rule: Rule) -> _Words:
        at = Counter(self.staff.site[gp] for gp in self.gps)
        named = sorted((site, n) for site, n in at.items() if site is not None)
        listed = "; ".join(f"{site} {n}" for site, n in named)
        return _Words(
            "Everybody of a team works mostly at one site.",
            "teams at one site",
            f"GPs by site: {listed}." if listed else "",
            "teams across sites (one_site)",
        )

    def _must_link(self, rule: Rule) -> _Words:
        who = self._people(rule)
        return _Words(f"{who} are in one team.", f"{who} in one team", change=f"{who} apart")

    def _cannot_link(self, rule: Rule) -> _Words:
        who = self._people(rule)
        if rule.value == 2:
            return _Words(f"{who} are in different teams.", f"{who} in different teams",
                          change=f"{who} together")  # fmt: skip
        return _Words(f"No two of {who} are in one team.", f"no two of {who} in one team",
                      change="some of them together")  # fmt: skip

    def _people(self, rule: Rule) -> str:
        """Return the people of a rule by name: their ids here may be others than they know."""
        names = dict(zip(self.staff.staff_id, self.staff.name, strict=True))
        return _and(", ".join(names.get(each, each) for each in rule.about.split(", ")))

    def _language(self, rule: Rule) -> _Words:
        speaks = np.array([rule.about in self.staff.languages[gp] for gp in self.gps], np.bool_)
        return self._each_needs(rule, speaks, "speaks", "speak", rule.about, "languages")

    def _skill(self, rule: Rule) -> _Words:
        able = np.array([rule.about in self.staff.skills[gp] for gp in self.gps], np.bool_)
        named = f"the skill {rule.about.replace('_', ' ')}"
        return self._each_needs(rule, able, "has", "have", named, "skills")

    def _each_needs(
        self, rule: Rule, has: Bools, one: str, more: str, what: str, key: str
    ) -> _Words:
        number = int(rule.value)
        asked = f"a GP who {one} {what}" if number == 1 else f"{number} GPs who {more} {what}"
        fact = _count(int(has.sum()), f"GP {one}", f"GPs {more}")
        return _Words(
            f"Each team has {asked}.", f"{asked} in every team", f"{fact} {what}.",
            f"less of {what} ({key})",
        )  # fmt: skip

    def _sessions(self, rule: Rule) -> _Words:
        least = rule.id == "sessions_least"
        bound = f"at {'least' if least else 'most'} {rule.value:g} sessions a week"
        total = float(self.staff.sessions_per_week[self.gps].sum())
        return _Words(
            f"The GPs of each team work {bound}.",
            f"{bound} in a team",
            f"All GPs together work {total:g} sessions a week.",
            f"{'fewer' if least else 'more'} sessions in a team (team_sessions)",
        )


def _and(about: str) -> str:
    """Return "S1, S2 and S3" of ids joined by commas."""
    names = about.split(", ")
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _count(number: int, one: str, more: str) -> str:
    if number == 0:
        return f"No {one}"
    only = "Only " if number < _MANY else ""
    return f"{only}{number} {one if number == 1 else more}"


def _there(number: int, one: str, more: str) -> str:
    if number == 0:
        return f"There is no {one}"
    return f"There is 1 {one}" if number == 1 else f"There are {number} {more}"


def _a(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"
