"""The results of a continuity report, gathered from the measures on a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from hamlets.continuity import signals
from hamlets.continuity.asking import AnswerMany, Asker, Row, Scope, find_scope, to_estimate
from hamlets.continuity.audits import audit
from hamlets.continuity.calendar import AGE_BANDS, month_label, month_number
from hamlets.continuity.conventions import Conventions, read_conventions
from hamlets.continuity.counting import read_counting
from hamlets.continuity.given import find_given
from hamlets.continuity.headlines import (
    RATIOS,
    ROLLING,
    YEAR,
    judged,
    read_headlines,
    read_months,
)
from hamlets.continuity.languages import language_labels
from hamlets.continuity.periods import Spans, contact_days, find_spans
from hamlets.continuity.presence import Presence, read_presence
from hamlets.continuity.results import (
    STEPS,
    Audit,
    ContinuityReport,
    Estimate,
    Given,
    GroupFactor,
    GroupRow,
    Level,
    ListRow,
    Options,
    Outside,
    Period,
    Place,
    Source,
    Waterfall,
    Workforce,
)
from hamlets.continuity.staffing import workforce
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store

FACTORS = ("age_band", "sex", "ethnicity", "imd_quintile", "language", "n_band")
_N_BANDS = ("1", "2", "3-4", "5-9", "10+")
AUDITED = ("cancer_diagnosis", "death")
_OTHERS = ("upc", "coc", "hi", "secon", "mci", "mmci", "k", "entropy", "clinicians")


def summarise(
    store: Store,
    practice: str | None = None,
    *,
    roles: str | Sequence[str] | None = None,
    modes: str | Sequence[str] | None = None,
    min_contacts: int | None = None,
    window_months: int | None = None,
    preset: str | None = None,
    symptoms: Iterable[str] = (),
    period: Period | None = None,
    threads: int | None = None,
    made: date | None = None,
    loaded: date | None = None,
    invented: bool = False,
    answer: AnswerMany | None = None,
) -> ContinuityReport:
    """Return what a continuity report needs, for one practice or the whole store.

    The options mean what they mean to ``measure``; ``symptoms`` are codes of conditions and
    observations, as ``audit`` takes them. ``period`` are the days it is about (the last 12
    full months), as far as the records reach. ``made`` is the report's date
    (today), ``loaded`` the day of the last load, ``answer`` stands in for
    ``measure_many``. Raises UnknownPlaceError for a practice that is not here,
    NothingToMeasureError for one without patients of its own, and without contacts.
    """
    if answer is None:
        from hamlets.continuity import measure_many as answer
    options = read_conventions(
        roles=roles,
        modes=modes,
        min_contacts=min_contacts,
        window_months=window_months,
        preset=preset,
    )
    scope = find_scope(store, practice)
    spans = find_spans(store, options.window_months, period)
    asker = Asker(store, scope, options, answer, threads)
    given = find_given(store, practice)
    row = _count_all(asker, spans, options)
    # A column of named GPs may hold none: then nobody's own GP is known.
    named = asker.one("slicc", spans.year)
    given = replace(given, named_gps=given.named_gps and named.n_contacts > 0)
    _prepare(asker, spans, given)
    presence = read_presence(store, scope.homes, spans.year.first, spans.year.last)
    staff = read_workforce(store, scope, threads)
    headlines = read_headlines(asker, spans, given)
    overall = headlines[0].estimate
    # A GP's figures are for the GP's own practice only.
    with_lists = given.named_gps and scope.practices == 1
    main = "slicc" if given.named_gps else "same_as_previous"
    return ContinuityReport(
        place=Place(
            scope.name,
            scope.practices,
            patients=row["n_patients"],
            one_clinician=overall.chance is not None and overall.chance > 1 - 1e-9,
            invented=invented or store.invented,
        ),
        made=made or date.today(),
        period=spans.year,
        source=_source(store, loaded),
        options=_options(options),
        given=given,
        headlines=headlines,
        waterfall=read_waterfall(asker, spans) if given.named_gps else None,
        trend=judged(read_months(asker, spans, main)),
        lists=here(read_lists(asker, spans, presence, overall), staff) if with_lists else (),
        groups=read_groups(asker, spans, overall),
        groups_overall=overall,
        counting=read_counting(
            row,
            store,
            scope,
            presence,
            row["n_contacts"] - named.n_contacts if given.named_gps else None,
        ),
        full_months=YEAR if period is None and len(spans.months) >= YEAR else 0,
        definition_version=overall.definition_version,
        others=read_others(asker, spans, given),
        audits=read_audits(store, practice, options, tuple(symptoms), threads),
        workforce=staff,
    )


def _count_all(asker: Asker, spans: Spans, options: Conventions) -> Row:
    """Return the row of a measure whose contacts are all that are counted in the year."""
    # One contact is enough to be counted, whatever an average asks for.
    changes: dict[str, Any] = {} if options.min_contacts is None else {"min_contacts": 1}
    asker.prepare(spans.year, {(): ("clinicians", "slicc")}, **changes)
    rows = asker.rows("clinicians", spans.year, **changes)
    if changes:
        asker.prepare(spans.year, {(): ("slicc",)})
    if not rows or not rows[0]["n_contacts"]:
        raise NothingToMeasureError(
            f"There are no counted contacts of patients of {asker.place} in these records."
            if asker.place
            else "There are no counted contacts in these records.",
            hint="Look at the load report: roles, status and dates decide what counts.",
        )
    return rows[0]


def _prepare(asker: Asker, spans: Spans, given: Given) -> None:
    """Ask all that the report needs, days and options that agree in one pass."""
    levels: tuple[Level, ...] = ("clinician", "team") if given.teams else ("clinician",)
    year = {
        (): ("slicc", "opr", "waterfall", "secon", *ROLLING),
        ("month",): ("waterfall",),
        ("list",): ("slicc", "opr"),
        **{(factor,): ("slicc",) for factor in FACTORS},
    }
    window = {(): _OTHERS, **({} if given.named_gps else {(f,): ("upc",) for f in FACTORS})}
    asker.prepare(spans.year, year, levels)
    asker.prepare(spans.patients, window, levels)
    if spans.trend is not None:
        asker.prepare(spans.trend, {("month",): RATIOS}, levels, optional=True)
    if spans.last_two is not None:
        asker.prepare(spans.last_two, {("month",): ("upc",)}, optional=True)
        if not given.named_gps:
            rolling = {("month",): ROLLING}
            asker.prepare(spans.last_two, rolling, optional=True, window_months=YEAR)
    if spans.earlier is not None:
        earlier = {(): ("slicc", "opr", "secon", *ROLLING)}
        asker.prepare(spans.earlier, earlier, levels, optional=True)


def _options(used: Conventions) -> Options:
    def plain(words: str | tuple[str, ...]) -> str:
        return words if isinstance(words, str) else ",".join(words)

    least = 2 if used.min_contacts is None else used.min_contacts
    return Options(plain(used.roles), plain(used.modes), least, used.window_months, used.preset)


def read_audits(
    store: Store,
    practice: str | None,
    options: Conventions,
    symptoms: tuple[str, ...] = (),
    threads: int | None = None,
) -> tuple[Audit, ...]:
    """Return the audits of the report's events, without cases; none where nobody had the event."""
    found: list[Audit] = []
    for event in AUDITED:
        # Nobody with the event, or no year of records before any: the report says so in words.
        with suppress(NothingToMeasureError):
            one = audit(
                store, event, practice, roles=options.roles, symptoms=symptoms, threads=threads
            )
            found.append(one)
    return tuple(found)


def read_workforce(store: Store, scope: Scope, threads: int | None = None) -> Workforce | None:
    """Return who was working in the report's year, for one practice only."""
    if len(scope.peopled) != 1:
        return None
    found = workforce(store, store.labels("practice")[scope.peopled[0]], threads=threads)
    return found[0] if found else None


def read_waterfall(asker: Asker, spans: Spans) -> Waterfall:
    """Return the contacts of the year by kind, and by kind and month."""
    whole = _steps(asker.rows("waterfall", spans.year))
    months: list[tuple[date, tuple[int, ...]]] = []
    if len(spans.months) > 1:
        rows = asker.rows("waterfall", spans.year, ("month",))
        for start in spans.months[-YEAR:]:
            label = month_label(month_number(start))
            months.append((start, _steps([row for row in rows if row["month"] == label])))
    return Waterfall(whole, tuple(months))


def _steps(rows: list[Row]) -> tuple[int, ...]:
    """Return contacts by step. A row has the step's share and the contacts of all steps."""
    counts = dict.fromkeys(STEPS, 0)
    for row in rows:
        if row["value"] is not None:
            counts[row["step"]] = round(row["value"] * row["n_contacts"])
    return tuple(counts.values())


def read_lists(
    asker: Asker, spans: Spans, presence: Presence, overall: Estimate
) -> tuple[ListRow, ...]:
    """Return every list from A to Z by name."""
    own = {
        row["list"]: to_estimate(row)
        for row in asker.rows("opr", spans.year, ("list",))
        if row["n_contacts"]
    }
    lists: list[ListRow] = []
    for row in asker.rows("slicc", spans.year, ("list",)):
        person = row["list"]
        if person == "unknown" or not row["n_contacts"]:
            continue
        estimate = to_estimate(row)
        lists.append(
            ListRow(
                staff_id=person,
                name=presence.names.get(person) or str(person),
                patients=presence.patients_on_list.get(person),
                sessions_per_week=presence.sessions_per_week.get(person),
                days_worked=presence.days_worked.get(person, 0),
                estimate=estimate,
                own_patients=own.get(person),
                outside=_outside(estimate, overall),
            )
        )
    return tuple(sorted(lists, key=lambda row: (row.name.casefold(), row.staff_id)))


def here(lists: tuple[ListRow, ...], staff: Workforce | None) -> tuple[ListRow, ...]:
    """Return lists with the sessions and days at this practice, as the workforce has them.

    A GP may also work at a hub: those days are none of the list's.
    """
    people = {person.person_id: person for person in staff.people} if staff else {}
    rows: list[ListRow] = []
    for row in lists:
        person = people.get(row.staff_id)
        if person is not None:
            weekly = None if person.sessions_from_rota or person.left else person.sessions_per_week
            row = replace(row, sessions_per_week=weekly, days_worked=person.days_worked)
        rows.append(row)
    return tuple(rows)


def _outside(part: Estimate, whole: Estimate) -> Outside:
    if whole.value is None:
        return "no"
    half = signals.half_width(whole.value, whole.lower, whole.upper)
    ratio = whole.measure in ("slicc", "opr", "same_as_previous")
    size, total = (
        (part.n_contacts, whole.n_contacts) if ratio else (part.n_patients, whole.n_patients)
    )
    return signals.outside_limits(part.value, size, whole.value, half, total)


def read_groups(asker: Asker, spans: Spans, overall: Estimate) -> tuple[GroupFactor, ...]:
    """Return groups of patients by each factor, in natural order, "unknown" last."""
    period = spans.year if overall.measure == "slicc" else spans.patients
    factors: list[GroupFactor] = []
    for factor in FACTORS:
        rows: list[GroupRow] = []
        found = asker.rows(overall.measure, period, (factor,))
        named = language_labels(row[factor] for row in found) if factor == "language" else {}
        for row in found:
            estimate = to_estimate(row)
            if not estimate.n_patients:
                continue
            label: str = named[row[factor]] if named else row[factor]
            rows.append(GroupRow(label, estimate, _outside(estimate, overall)))
        if rows:
            rows.sort(key=lambda row: _natural(factor, row.label))
            factors.append(GroupFactor(factor, tuple(rows)))
    return tuple(factors)


def _natural(factor: str, label: str) -> tuple[int, str]:
    known = {"age_band": AGE_BANDS, "n_band": _N_BANDS}.get(factor, ())
    if label in known:
        return known.index(label), ""
    return (2000, "") if label == "unknown" else (1000, label.casefold())


def read_others(asker: Asker, spans: Spans, given: Given) -> tuple[Estimate, ...]:
    """Return every measure of patients over their window, for analysts."""
    levels: tuple[Level, ...] = ("clinician", "team") if given.teams else ("clinician",)
    return tuple(
        asker.one(measure, spans.patients, level) for measure in _OTHERS for level in levels
    )


def _source(store: Store, loaded: date | None) -> Source:
    from hamlets import __version__

    first, last = contact_days(store)
    return Source(first, last, store.version, store.content_id, __version__, loaded)
