"""The form that describes a practice's teams, and its answers as a team model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from hamlets.web.forms.fields import (
    CheckboxesField,
    Drawn,
    Look,
    NumberField,
    RadiosField,
    SelectField,
    about,
)
from hamlets.web.teamwork.questions import APPROACHES, COVERS, DAYS, HALVES, SHARED, USUAL, Facts
from hamlets.web.teamwork.saying import say_cohort, say_question, say_role
from hamlets.web.words import text

Model = dict[str, Any]
_SMALL = Look(width=3, label_size="s")
_BOLD = Look(label_size="s")
_PAIRS = 2
"""Rows for pairs of people that are always there; one more than are filled in."""
_MOST_PAIRS = 20
_WORDS = ("teams.form.word", "teams.form.word_1")


class PercentField(Drawn, forms.FloatField):
    """A number of every 100, which may have a decimal."""

    def __init__(self, label: str, *, least: float, most: float, **options: Any) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal"})
        wrong = {
            "invalid": about("teams.form.number", label),
            "min_value": about("forms.at_least", label, n=f"{least:g}"),
            "max_value": about("forms.at_most", label, n=f"{most:g}"),
        }
        super().__init__(
            label,
            min_value=least,
            max_value=most,
            widget=box,
            error_messages=wrong,
            **options,
        )

    def clean(self, value: Any) -> Any:
        """Return the number, whole where it is one: the same answer is the same data."""
        found = super().clean(value)
        return int(found) if isinstance(found, float) and found.is_integer() else found


class DescribeForm(forms.Form):
    """Every question about teams; the answers of ``model`` stand in it to begin with."""

    ADVANCED = (
        "taking_part",
        "leads",
        "cover_gps",
        "cover_except",
        "languages",
        "skills",
        "one_site",
        "sessions_least",
        "sessions_most",
        "list_band_percent",
        "own_gp_percent",
        "time_limit_seconds",
    )
    """Fields under the fold."""

    def __init__(self, facts: Facts, model: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.facts, self.model = facts, {**USUAL, **model}
        self.gps = [each for each in facts["staff"] if each["gp"]]
        self.people = [("", text("teams.form.nobody"))]
        self.people += [(each["id"], each["name"]) for each in self.gps]
        self._approach()
        self._size_and_needs()
        self._limits()
        self._pairs("together", "must_link")
        self._pairs("apart", "cannot_link")
        self._advanced()

    def _approach(self) -> None:
        self.fields["approach"] = RadiosField(
            say_question("approach"),
            [(each, text(f"teams.approach.{each}")) for each in APPROACHES],
            initial=self.model["approach"],
            look=Look(
                label_size="m",
                hints={each: text(f"teams.approach_hint.{each}") for each in APPROACHES},
            ),
        )
        cohorts = [
            (each["key"], f"{say_cohort(each['key'])} ({each['patients']:,})")
            for each in self.facts["cohorts"]
        ]
        self.fields["cohort"] = SelectField(
            say_question("cohort"),
            [("", text("teams.form.choose_cohort")), *cohorts],
            required=False,
            hint=text("teams.form.cohort_hint"),
            initial=self.model.get("cohort", ""),
        )

    def _size_and_needs(self) -> None:
        least, most = self.model["team_gps"]
        self.fields["least"] = NumberField(
            text("teams.form.least"), least=1, most=40, initial=least, look=_SMALL
        )
        self.fields["most"] = NumberField(
            text("teams.form.most"), least=1, most=40, initial=most, look=_SMALL
        )
        count: dict[str, int] = {}
        for each in self.facts["staff"]:
            if not each["gp"] and each["role"] != "unknown":
                count[each["role"]] = count.get(each["role"], 0) + 1
        for role in self.model["roles"]:
            count.setdefault(role, 0)
        self.fields["roles"] = CheckboxesField(
            say_question("roles"),
            [
                (role, text("teams.form.role", role=_capital(say_role(role)), n=n))
                for role, n in sorted(count.items())
            ],
            required=False,
            hint=text("teams.form.roles_hint"),
            initial=[role for role, n in self.model["roles"].items() if n],
            look=Look(label_size="m", small=True),
        )

    def _limits(self) -> None:
        self.fields["cover"] = RadiosField(
            say_question("cover"),
            [(each, text(f"teams.cover.{each}")) for each in COVERS],
            initial=self.model["cover"],
            look=Look(label_size="m"),
        )
        percents = {
            "band_percent": (0.1, 100),
            "disruption_percent": (0, 100),
            "list_band_percent": (0.1, 1000),
            "own_gp_percent": (0, 100),
        }
        for key, (low, high) in percents.items():
            size = "m" if key in ("band_percent", "disruption_percent") else "s"
            self.fields[key] = PercentField(
                say_question(key),
                least=low,
                most=high,
                hint=text(f"teams.form.{key}_hint"),
                initial=f"{self.model[key]:g}",
                look=Look(width=4, suffix=text("teams.form.in_100"), label_size=size),
            )
        self.fields["households"] = RadiosField(
            say_question("households"),
            [("yes", text("teams.yes")), ("no", text("teams.no"))],
            initial="yes" if self.model["households"] else "no",
            look=Look(label_size="m", inline=True),
        )

    def _pairs(self, name: str, key: str) -> None:
        pairs = [pair for group in self.model[key] for pair in _as_pairs(group, key)]
        sent = self._sent(name)
        rows = min(_MOST_PAIRS, max(_PAIRS, len(pairs) + 1, sent))
        pairs += [("", "")] * (rows - len(pairs))
        for number, (one, other) in enumerate(pairs[:rows]):
            for side, who in (("one", one), ("other", other)):
                known = any(value == who for value, _ in self.people)
                more = [] if known else [(who, who)]
                self.fields[f"{name}_{number}_{side}"] = SelectField(
                    text(f"teams.form.{name}_{side}", n=number + 1),
                    [*self.people, *more],
                    required=False,
                    initial=who,
                    look=Look(label_size="s"),
                )
        setattr(self, f"{name}_rows", rows)

    def _sent(self, name: str) -> int:
        """Return how many rows of pairs came with the form."""
        if not self.is_bound:
            return 0
        starts = [str(key).split("_") for key in self.data if str(key).startswith(f"{name}_")]
        numbers = [int(part[1]) for part in starts if len(part) == 3 and part[1].isdigit()]
        return min(_MOST_PAIRS, max(numbers, default=-1) + 1)

    def _advanced(self) -> None:
        everybody = [(each["id"], each["name"]) for each in self.gps]
        taking = self.model.get("taking_part")
        self.fields["taking_part"] = CheckboxesField(
            say_question("taking_part"),
            everybody,
            missing=text("teams.form.nobody_takes_part"),
            initial=[who for who, _ in everybody] if taking is None else list(taking),
            look=Look(label_size="s", small=True),
        )
        leads = self.model.get("leads")
        self.fields["leads"] = CheckboxesField(
            say_question("leads"),
            everybody,
            required=False,
            hint=text("teams.form.leads_hint"),
            initial=self._usual_leads() if leads is None else list(leads),
            look=Look(label_size="s", small=True),
        )
        self.fields["cover_gps"] = NumberField(
            say_question("cover_gps"), least=1, most=20, initial=self.model["cover_gps"],
            look=_SMALL,
        )  # fmt: skip
        self.fields["cover_except"] = CheckboxesField(
            say_question("cover_except"),
            [(each, each) for day in DAYS for each in (day, *(f"{day} {h}" for h in HALVES))],
            required=False,
            hint=text("teams.form.cover_except_hint"),
            initial=list(self.model.get("cover_except", ())),
            look=Look(label_size="s", small=True),
        )
        self._words("languages")
        self._words("skills")
        sites = {each["site"] for each in self.gps if each["site"]}
        self.fields["one_site"] = RadiosField(
            say_question("one_site"),
            [("yes", text("teams.yes")), ("no", text("teams.no"))],
            initial="yes" if self.model["one_site"] else "no",
            hint=text("teams.form.sites", n=len(sites)) if len(sites) > 1 else "",
            look=Look(label_size="s", inline=True),
        )
        low, high = self.model.get("team_sessions") or ("", "")
        for name, value in (("sessions_least", low), ("sessions_most", high)):
            self.fields[name] = PercentField(
                text(f"teams.form.{name}"), least=0, most=500, required=False,
                initial=f"{value:g}" if value != "" else "", look=Look(width=4, label_size="s"),
            )  # fmt: skip
        self.fields["time_limit_seconds"] = NumberField(
            say_question("time_limit_seconds"), least=1, most=3600,
            initial=int(self.model["time_limit_seconds"]),
            look=Look(width=4, label_size="s", suffix=text("teams.form.seconds")),
        )  # fmt: skip

    def _usual_leads(self) -> list[str]:
        return [each["id"] for each in self.gps if each["leads"]]

    def _words(self, key: str) -> None:
        there: dict[str, int] = {}
        for each in self.gps:
            for word in each[key]:
                there[word] = there.get(word, 0) + 1
        for word in self.model[key]:
            there.setdefault(word, 0)
        self.fields[key] = CheckboxesField(
            say_question(key),
            [
                (word, text(_WORDS[n == 1], word=word.replace("_", " "), n=n))
                for word, n in sorted(there.items())
            ],
            required=False,
            initial=[word for word, n in self.model[key].items() if n],
            look=Look(label_size="s", small=True),
        )

    @property
    def advanced_wrong(self) -> bool:
        """Whether something under the fold is wrong, so that the fold must be open."""
        return any(name in self.errors for name in self.ADVANCED)

    def pair_rows(self, name: str) -> list[tuple[Any, Any]]:
        """Return the two fields of each row of pairs, for the template."""
        rows = getattr(self, f"{name}_rows")
        return [(self[f"{name}_{n}_one"], self[f"{name}_{n}_other"]) for n in range(rows)]

    def clean(self) -> dict[str, Any]:
        """Check answers that go together."""
        given = cast(dict[str, Any], super().clean())
        if given.get("approach") == "cohort" and not given.get("cohort"):
            self.add_error("cohort", text("teams.form.cohort_missing"))
        if (given.get("least") or 0) > (given.get("most") or 99):
            self.add_error("least", text("teams.form.sizes_wrong"))
        low, high = given.get("sessions_least"), given.get("sessions_most")
        if (low is None) != (high is None):
            name = "sessions_least" if low is None else "sessions_most"
            if name not in self.errors:
                self.add_error(name, text("teams.form.sessions_both"))
        elif low is not None and high is not None and low > high:
            self.add_error("sessions_least", text("teams.form.sessions_wrong"))
        together, apart = self._given_pairs("together"), self._given_pairs("apart")
        for pair in {frozenset(p) for p in together} & {frozenset(p) for p in apart}:
            names = dict(self.people)
            both = text("part.and", names=names[min(pair)], last=names[max(pair)])
            raise ValidationError(text("teams.form.both", names=both))
        return given

    def _given_pairs(self, name: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for number in range(getattr(self, f"{name}_rows")):
            one, other = (
                self.cleaned_data.get(f"{name}_{number}_{side}") or "" for side in ("one", "other")
            )
            if bool(one) != bool(other):
                missing = "other" if one else "one"
                self.add_error(f"{name}_{number}_{missing}", text("teams.form.pair_half"))
            elif one and one == other:
                self.add_error(f"{name}_{number}_other", text("teams.form.pair_same"))
            elif one:
                found.append((one, other))
        return list(dict.fromkeys(found))

    def as_model(self) -> Model:
        """Return the answers as a team model; the form must be valid."""
        given = self.cleaned_data
        counted = {
            key: {word: max(1, self.model[key].get(word, 1)) for word in given[key]}
            for key in ("roles", "languages", "skills")
        }
        model: Model = {
            "approach": given["approach"],
            "team_gps": [given["least"], given["most"]],
            "roles": counted["roles"],
            "shared": [role for role in SHARED if role not in counted["roles"]],
            "cover": given["cover"],
            "cover_gps": given["cover_gps"],
            "band_percent": given["band_percent"],
            "list_band_percent": given["list_band_percent"],
            "must_link": [list(pair) for pair in self._given_pairs("together")],
            "cannot_link": [list(pair) for pair in self._given_pairs("apart")],
            "one_site": given["one_site"] == "yes",
            "languages": counted["languages"],
            "skills": counted["skills"],
            "households": given["households"] == "yes",
            "disruption_percent": given["disruption_percent"],
            "own_gp_percent": given["own_gp_percent"],
            "time_limit_seconds": given["time_limit_seconds"],
        }
        if given["cover_except"]:
            model["cover_except"] = given["cover_except"]
        if given["approach"] == "cohort":
            model["cohort"] = given["cohort"]
        if len(given["taking_part"]) < len(self.gps):
            model["taking_part"] = given["taking_part"]
        if given["leads"] and set(given["leads"]) != set(self._usual_leads()):
            model["leads"] = given["leads"]
        if given.get("sessions_least") is not None:
            model["team_sessions"] = [given["sessions_least"], given["sessions_most"]]
        return model


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _as_pairs(group: list[str], key: str) -> list[tuple[str, str]]:
    """Return a group as pairs that ask for the same: a chain of those together, all of others."""
    if key == "must_link":
        return list(pairwise(group))
    return list(combinations(group, 2))
