"""The team model: what a practice asks of its teams, read from a small TOML file.

approach = "whole_list"
team_gps = [2, 4]
roles = { nurse = 1 }
shared = ["pharmacist", "administrator"]
cover = "weekday"
must_link = [["S1", "S2"]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, cast

from hamlets.errors import SourceError, UnknownPlaceError, UsageError
from hamlets.records.tables import ROLES
from hamlets.records.toml_files import read_toml
from hamlets.teams.inputs import Clinicians, PracticeInputs

Approach = Literal["whole_list", "cohort", "buddies", "personal_lists"]
Cover = Literal["weekday", "half_day", "none"]

APPROACHES: tuple[Approach, ...] = ("whole_list", "cohort", "buddies", "personal_lists")
COVERS: tuple[Cover, ...] = ("weekday", "half_day", "none")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
TIMES = tuple(time for day in WEEKDAYS for time in (day, f"{day} morning", f"{day} afternoon"))
"""What a rule on cover can speak of."""
GP_WORDS = ("gp_partner", "gp_salaried", "gp_locum", "gp_registrar")
_MAX_BYTES = 2**18
_MOST_GPS = 40


@dataclass(frozen=True)
class TeamModel:
    """What teams must be like. The defaults are a plan for the whole list of a practice."""

    approach: Approach = "whole_list"
    team_gps: tuple[int, int] = (2, 4)
    """Fewest and most GPs of a team."""
    roles: Mapping[str, int] = field(default_factory=dict[str, int])
    """Role -> how many of it each team needs; a role that is shared is not asked for."""
    shared: tuple[str, ...] = ("pharmacist", "administrator")
    """Roles whose people work for all teams."""
    cover: Cover = "weekday"
    cover_gps: int = 1
    """List-eligible GPs at work on each covered day or half-day."""
    cover_except: tuple[str, ...] = ()
    """Weekdays ("Wednesday") and half-days ("Wednesday afternoon") on which no team needs one.
    A half-day is left out of ``half_day`` alone: a weekday is covered by either half."""
    band_percent: float = 5.0
    """How far a team's work for its bookable minutes may be from the practice's."""
    list_band_percent: float = 10.0
    """The same for the lists within a team; given up before the disruption budget is, and
    where evening lists out would part many patients from the GP they see."""
    taking_part: tuple[str, ...] | None = None
    """The GPs who are in teams; None = all of the practice."""
    must_link: tuple[tuple[str, ...], ...] = ()
    cannot_link: tuple[tuple[str, ...], ...] = ()
    """Groups of staff ids: all in one team, or no two of them in one team."""
    leads: tuple[str, ...] | None = None
    """Who may lead a team; None = partners and salaried GPs."""
    one_site: bool = False
    """Everybody of a team works mostly at one site."""
    languages: Mapping[str, int] = field(default_factory=dict[str, int])
    """Language -> speakers that each team needs."""
    skills: Mapping[str, int] = field(default_factory=dict[str, int])
    team_sessions: tuple[float, float] | None = None
    """Fewest and most weekly sessions of a team's GPs; None = any."""
    households: bool = True
    disruption_percent: float = 20.0
    """Most patients, of those with an eligible named GP, whose named GP may change."""
    own_gp_percent: float = 0.5
    """Contacts with the team, of the most that any plan keeps, that may be given up so that
    more are with the named GP."""
    cohort: str | None = None
    """The cohort that approach ``cohort`` places."""
    time_limit_seconds: float = 60.0
    seed: int = 1

    @property
    def gp_bounds(self) -> tuple[int, int]:
        """Fewest and most GPs of a team under the approach."""
        if self.approach == "personal_lists":
            return 1, 1
        if self.approach == "buddies":
            return 2, 3
        return self.team_gps

    @property
    def needed(self) -> dict[str, int]:
        """Role -> number needed in each team, without what is shared or not asked for."""
        if self.approach in ("buddies", "personal_lists"):
            return {}
        return {
            role: number
            for role, number in sorted(self.roles.items())
            if number > 0 and role not in self.shared
        }


def read_model(path: str | Path) -> TeamModel:
    """Return the model of a TOML file; SourceError says what to mend in it."""
    path = Path(path)
    return make_model(read_toml(path, "team model", _MAX_BYTES), path.name)


def make_model(data: Mapping[str, object], where: str = "team model") -> TeamModel:
    """Return the model of these keys and values; SourceError names the key that is wrong."""
    taken: dict[str, object] = {}
    for key, value in data.items():
        reader = _READERS.get(key)
        if reader is None:
            raise _wrong(
                f'The team model has a key "{key}" that there is none of.',
                where,
                f"The keys are: {', '.join(_READERS)}.",
            )
        try:
            taken[key] = reader(value)
        except _WrongValueError as error:
            raise _wrong(
                f"The value of {key} in the team model is not right.", where, f"{error}"
            ) from error
    model = TeamModel(**taken)  # pyright: ignore[reportArgumentType]
    if model.approach == "cohort" and model.cohort is None:
        raise _wrong(
            'The approach "cohort" needs to know which cohort.',
            where,
            'Add for example: cohort = "frequent_attender".',
        )
    return model


def check_model(model: TeamModel, inputs: PracticeInputs) -> None:
    """Raise where the model names staff, words or cohorts that the practice has none of."""
    staff = inputs.clinicians
    for key in ("must_link", "cannot_link"):
        for group in cast(tuple[tuple[str, ...], ...], getattr(model, key)):
            _check_known(key, group, staff, inputs.practice_id)
    _check_known("leads", model.leads or (), staff, inputs.practice_id)
    _check_known("taking_part", model.taking_part or (), staff, inputs.practice_id)
    if model.leads is not None and not _gps_among(model.leads, staff):
        raise UsageError(
            "None of the leads of the team model is a GP of the practice.",
            where="leads",
            hint="Name GPs, or leave the key out: then partners and salaried GPs may lead.",
        )
    cohorts = inputs.people.cohorts
    if model.approach == "cohort" and model.cohort not in cohorts:
        raise UsageError(
            f'The team model places a cohort "{model.cohort}" that there is none of.',
            where="cohort",
            hint=f"The cohorts are: {', '.join(sorted(cohorts)) or 'none in these records'}.",
        )


def _gps_among(names: tuple[str, ...], staff: Clinicians) -> bool:
    return any(staff.gp[row] for row, name in enumerate(staff.staff_id) if name in names)


def _check_known(key: str, names: tuple[str, ...], staff: Clinicians, practice: str) -> None:
    for name in names:
        if name not in staff.staff_id:
            raise UnknownPlaceError(
                f'The team model names "{name}" in {key}, who does not work at {practice}.',
                where=key,
                hint=f"The staff ids are: {_listed(_gps_first(staff))}.",
            )


def _gps_first(staff: Clinicians) -> tuple[str, ...]:
    rows = sorted(range(staff.size), key=lambda row: not staff.gp[row])
    return tuple(staff.staff_id[row] for row in rows)


def _listed(names: tuple[str, ...], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


class _WrongValueError(Exception):
    """What a value should be, as a sentence."""


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)


def _one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in words:
            raise _WrongValueError(f"It must be one of: {', '.join(words)}.")
        return str(value)

    return read


def _number(least: float, most: float, unit: str) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _WrongValueError(f"It must be a number of {unit}, {least:g} to {most:g}.")
        if not least <= value <= most:
            raise _WrongValueError(f"It must be {least:g} to {most:g} {unit}, not {value:g}.")
        return float(value)

    return read


def _whole(least: int, most: int, unit: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _WrongValueError(f"It must be a whole number of {unit}, {least} to {most}.")
        return value

    return read


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongValueError("It must be true or false, without quotes.")
    return value


def _items(value: object) -> list[object]:
    return cast(list[object], list(value)) if isinstance(value, list | tuple) else []


def _names(value: object) -> tuple[str, ...]:
    items = _items(value)
    if not items or not all(isinstance(item, str) and item for item in items):
        raise _WrongValueError('It must be a list of names, for example ["S1", "S2"].')
    return tuple(str(item) for item in items)


def _role_list(value: object) -> tuple[str, ...]:
    if value in ([], ()):
        return ()
    names = _names(value)
    for name in names:
        _check_role(name)
    return names


def _check_role(name: str) -> None:
    roles = tuple(role for role in ROLES if role not in (*GP_WORDS, "unknown"))
    if name in GP_WORDS:
        raise _WrongValueError("The number of GPs is said by team_gps; name other roles here.")
    if name not in roles:
        raise _WrongValueError(f'There is no role "{name}". The roles are: {", ".join(roles)}.')


def _counts(value: object, example: str, most: int = 20) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise _WrongValueError(f"It must be a table of whole numbers, for example {example}.")
    found: dict[str, int] = {}
    for name, number in cast(Mapping[object, object], value).items():
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            raise _WrongValueError(f'"{name}" must be a whole number, 0 to {most}.')
        found[str(name)] = number
    return found


def _roles(value: object) -> dict[str, int]:
    found = _counts(value, "{ nurse = 1 }")
    for name in found:
        _check_role(name)
    return found


def _times(value: object) -> tuple[str, ...]:
    if value in ([], ()):
        return ()
    example = 'It must be a list of days or half-days, for example ["Wednesday afternoon"].'
    items = _items(value)
    if not items or any(item not in TIMES for item in items):
        raise _WrongValueError(example)
    return tuple(dict.fromkeys(str(item) for item in items))


def _links(value: object) -> tuple[tuple[str, ...], ...]:
    example = 'It must be a list of groups of staff ids, for example [["S1", "S2"]].'
    if not isinstance(value, list | tuple):
        raise _WrongValueError(example)
    groups: list[tuple[str, ...]] = []
    for group in _items(value):
        if not isinstance(group, list | tuple):
            raise _WrongValueError(example)
        names = _names(group)
        if len(set(names)) != len(names) or len(names) < 2:
            raise _WrongValueError("Each group must name two or more different people.")
        groups.append(names)
    return tuple(groups)


def _sizes(value: object) -> tuple[int, int]:
    items = _items(value)
    whole = [item for item in items if isinstance(item, int) and not isinstance(item, bool)]
    if len(items) != 2 or len(whole) != 2:
        raise _WrongValueError("It must be the fewest and the most GPs, for example [2, 4].")
    least, most = whole
    if not 1 <= least <= most <= _MOST_GPS:
        raise _WrongValueError(
            f"The fewest GPs ({least}) must be at least 1 and no more than the most ({most}),"
            f" which may be up to {_MOST_GPS}."
        )
    return least, most


def _sessions(value: object) -> tuple[float, float]:
    items = _items(value)
    if len(items) != 2:
        raise _WrongValueError("It must be the fewest and the most sessions a week, as [8, 30].")
    least, most = (_number(0, 500, "sessions a week")(item) for item in items)
    if least > most:
        raise _WrongValueError("The fewest sessions must not be more than the most.")
    return least, most


_READERS: dict[str, Callable[[object], object]] = {
    "approach": _one_of(APPROACHES),
    "team_gps": _sizes,
    "roles": _roles,
    "shared": _role_list,
    "cover": _one_of(COVERS),
    "cover_gps": _whole(1, 20, "GPs"),
    "cover_except": _times,
    "band_percent": _number(0.1, 100, "per cent"),
    "list_band_percent": _number(0.1, 1000, "per cent"),
    "taking_part": _names,
    "must_link": _links,
    "cannot_link": _links,
    "leads": _names,
    "one_site": _yes_or_no,
    "languages": lambda value: _counts(value, "{ Bengali = 1 }"),
    "skills": lambda value: _counts(value, "{ minor_surgery = 1 }"),
    "team_sessions": _sessions,
    "households": _yes_or_no,
    "disruption_percent": _number(0, 100, "per cent"),
    "own_gp_percent": _number(0, 100, "per cent"),
    "cohort": lambda value: _names([value])[0],
    "time_limit_seconds": _number(0.1, 86_400, "seconds"),
    "seed": _whole(0, 2**31 - 1, "the random seed"),
}

KEYS = tuple(entry.name for entry in fields(TeamModel))
"""Keys of the TOML file, in the order of the documentation."""
