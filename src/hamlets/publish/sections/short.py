"""Section 1, "In short": lead sentence, standard sentence, cards, what to talk about."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from hamlets.continuity.results import Change, ContinuityReport, Estimate, Headline
from hamlets.publish import numbers
from hamlets.publish.drawings import StepBar
from hamlets.publish.page import Panel, Section
from hamlets.publish.sections import measures
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Csv, Table, columns

_OLD_AFTER_DAYS = 45
_NO_CLINICIAN_FROM = 0.05
_NO_NAMED_FROM = 0.01
_ROOM_FROM = 0.20


@dataclass(frozen=True)
class Card:
    """One headline number."""

    title: str
    value: str
    range: str
    panel: Panel | None
    room: str
    """How much more the rota allows; no words without a ceiling."""
    change: str
    period: str
    foot: str
    count: str
    explained: str


@dataclass(frozen=True)
class Short:
    """What the section shows."""

    lead: str
    standard: tuple[str, ...]
    window: str | None
    """Names the window of the ceiling."""
    allows: tuple[str, ...]
    """What the ceiling is, under a click."""
    cards: tuple[Card, ...]
    talk_title: str
    talk: tuple[str, ...]
    table: Table
    earlier: Table | None


def build(report: ContinuityReport) -> Section:
    """Return the section "In short"."""
    talk = talking_points(report)
    earlier = [h for h in report.headlines if h.earlier is not None]
    body = Short(
        lead=lead(report),
        standard=standard(report, report.main.estimate),
        window=measures.window(report),
        allows=_allows(report),
        cards=tuple(card(report, headline) for headline in report.headlines),
        talk_title=text(f"short.talk_{len(talk)}") if talk else "",
        talk=talk,
        table=_table(report, "short.caption", [h.estimate for h in report.headlines]),
        earlier=_table(report, "short.earlier_caption", [h.earlier for h in earlier if h.earlier])
        if earlier
        else None,
    )
    return Section("short", text("short.title"), "short.html", body)


def lead(report: ContinuityReport) -> str:
    """Return the lead sentence by rule on the unrounded value, lower bounds included."""
    estimate = report.main.estimate
    if estimate.value is None or measures.too_wide(estimate):
        return text("lead.no_value")
    if estimate.measure != "slicc":
        return text("lead.no_named", value=_capital(numbers.in_100(estimate.value)))
    bands = ((0.35, "under_35"), (0.45, "under_45"), (0.55, "under_55"), (0.70, "under_70"))
    band = next((key for limit, key in bands if estimate.value < limit), "over_70")
    first = text(f"lead.{band}", contacts=measures.contacts_word(report))
    if estimate.ceiling is None:
        return first
    room = "room" if estimate.ceiling - estimate.value >= 0.10 else "close"
    return f"{first} {text(f'lead.{room}')}"


def standard(report: ContinuityReport, estimate: Estimate) -> tuple[str, ...]:
    """Return the standard sentence in its parts: value and range, chance, rota, corrected."""
    if estimate.value is None:
        return ()
    words = measures.contacts_word(report)
    what = text(f"measure.{measures.key(estimate)}.standard", contacts=words)
    parts = [_value_sentence(estimate, what)]
    if estimate.chance is None:
        return (*parts, text("standard.no_chance"))
    if measures.is_count(estimate):
        parts.append(text("standard.chance", n=numbers.one_decimal(estimate.chance)))
        return tuple(parts)
    parts.append(text("standard.chance", n=numbers.about(estimate.chance)))
    if estimate.ceiling is not None:
        parts.append(text("standard.ceiling", n=numbers.about(estimate.ceiling)))
    if estimate.corrected is not None and not measures.too_wide(estimate):
        steps = numbers.per_100(estimate.corrected)
        above = estimate.corrected > 0 and steps > 0
        parts.append(text("standard.covered", n=steps) if above else text("standard.at_chance"))
    return tuple(parts)


def _value_sentence(estimate: Estimate, what: str) -> str:
    if estimate.value is None or estimate.lower is None or estimate.upper is None:
        value = "" if estimate.value is None else _value(estimate)
        return text("standard.value_bare", value=_capital(value), what=what)
    if measures.too_wide(estimate):
        low_100, high_100 = numbers.outward(estimate.lower, estimate.upper)
        return text("standard.value_wide", low=low_100, high=high_100, what=what)
    if measures.is_count(estimate):
        low, high = numbers.one_decimal_range(estimate.lower, estimate.upper)
        bounds = text("card.between", low=low, high=high)
    else:
        bounds = numbers.between(estimate.lower, estimate.upper)
    return text("standard.value", value=_capital(_value(estimate)), what=what, range=bounds)


def _value(estimate: Estimate) -> str:
    if estimate.value is None:
        return numbers.percent(None)
    if measures.is_count(estimate):
        return numbers.one_decimal(estimate.value)
    return numbers.in_100(estimate.value)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def card(report: ContinuityReport, headline: Headline) -> Card:
    """Return one headline card."""
    estimate = headline.estimate
    value, bounds = _card_words(estimate)
    return Card(
        title=measures.name(estimate),
        value=value,
        range=bounds,
        panel=Panel(step_bar(estimate)) if estimate.value is not None else None,
        room=_room(estimate),
        change=change_words(headline.change, measures.is_count(estimate)),
        period=numbers.period(headline.period.first, headline.period.last),
        foot=_foot(headline),
        count=measures.key(estimate),
        explained=" ".join(standard(report, estimate)),
    )


def _allows(report: ContinuityReport) -> tuple[str, ...]:
    """Return what stands behind the ceiling, in sentences."""
    allows = report.rota_allows
    if allows is None:
        return ()
    said = [text("standard.ceiling_1"), text("standard.ceiling_2")]
    if any(h.estimate.ceiling is not None and h.estimate.level == "team" for h in report.headlines):
        said.append(text("standard.ceiling_own"))
    if allows.kept and report.public:
        said.append(text("standard.ceiling_kept_some"))
    elif allows.kept:
        said.append(text("standard.ceiling_kept", n=numbers.count(allows.kept)))
    return tuple(said)


def _room(estimate: Estimate) -> str:
    """Return how many more in every 100 the rota allows, as the rounded figures show it."""
    if estimate.value is None or estimate.ceiling is None or measures.too_wide(estimate):
        return ""
    n = numbers.per_100(estimate.ceiling) - numbers.per_100(estimate.value)
    return text("card.room", n=n) if n > 0 else ""


def _card_words(estimate: Estimate) -> tuple[str, str]:
    if estimate.value is None:
        return numbers.percent(None), text("card.empty", reason=estimate.reason or "")
    if estimate.lower is None or estimate.upper is None:
        return _value(estimate), ""
    if measures.is_count(estimate):
        low, high = numbers.one_decimal_range(estimate.lower, estimate.upper)
        return _value(estimate), text("card.between", low=low, high=high)
    low_100, high_100 = numbers.outward(estimate.lower, estimate.upper)
    if measures.too_wide(estimate):
        return (
            text("card.somewhere", low=low_100, high=high_100),
            text("card.too_few"),
        )
    return _value(estimate), text("card.between", low=low_100, high=high_100)


def _foot(headline: Headline) -> str:
    if headline.n_staff is not None:
        return text("card.staff_1" if headline.n_staff == 1 else "card.staff", n=headline.n_staff)
    if measures.per_patient(headline.estimate):
        return text("card.patients", n=numbers.told(headline.estimate.n_patients))
    return text("card.contacts", n=numbers.told(headline.estimate.n_contacts))


def step_bar(estimate: Estimate) -> StepBar:
    """Return chart C1 of an estimate with its text alternative."""
    top = 1.0
    if measures.is_count(estimate):
        known = (estimate.value, estimate.upper, estimate.chance, 1.0)
        top = float(math.ceil(max(value for value in known if value is not None)))
    wide = measures.too_wide(estimate)

    def written(value: float) -> str:
        return numbers.one_decimal(value) if top != 1.0 else numbers.about(value)

    def part(value: float | None) -> float | None:
        return None if value is None else value / top

    bounds = measures.range_cell(estimate).text
    shown = "" if estimate.value is None else written(estimate.value)
    return StepBar(
        value=None if wide else part(estimate.value),
        lower=part(estimate.lower),
        upper=part(estimate.upper),
        chance=part(estimate.chance),
        ceiling=part(estimate.ceiling),
        now_label=bounds if wide else text("mark.now", n=shown),
        chance_label=None
        if estimate.chance is None
        else text("mark.chance", n=written(estimate.chance)),
        ceiling_label=None
        if estimate.ceiling is None
        else text("mark.ceiling", n=written(estimate.ceiling)),
        top_label="100" if top == 1.0 else f"{top:.0f}",
        title=measures.name(estimate),
        description=_alternative(estimate, written, "100" if top == 1.0 else f"{top:.0f}", wide),
    )


def _alternative(estimate: Estimate, written: Callable[[float], str], top: str, wide: bool) -> str:
    bounds = measures.range_cell(estimate).text
    parts: list[str] = []
    if estimate.chance is not None:
        parts.append(text("card.alt_chance", n=written(estimate.chance)))
    if wide:
        parts.append(text("card.alt_range", range=bounds))
    elif estimate.value is not None:
        bare = estimate.lower is None
        template = "card.alt_now_only" if bare else "card.alt_now"
        parts.append(text(template, n=written(estimate.value), range=bounds))
    if estimate.ceiling is not None:
        parts.append(text("card.alt_ceiling", n=written(estimate.ceiling)))
    return text("card.scale", top=top, parts=", ".join(parts))


def change_words(change: Change | None, people: bool = False) -> str:
    """Return the change line, from the interval of the difference only."""
    if change is None:
        return text("change.too_few")
    month = numbers.month_name(change.before)
    if not change.clear:
        ends = (_end(change.lower, people, up=False), _end(change.upper, people, up=True))
        return text("change.none", month=month, low=ends[0], high=ends[1])
    way = "more" if change.difference > 0 else "fewer"
    if people:
        bounds = numbers.one_decimal_range(*sorted((abs(change.lower), abs(change.upper))))
        n = numbers.one_decimal(abs(change.difference))
        # A clear change leaves out no change, so its range may not seem to begin with 0.
        least = text("change.below_1_gps") if float(bounds[0]) == 0 else bounds[0]
        return text(f"change.{way}_gps", n=n, month=month, low=least, high=bounds[1])
    low, high = numbers.outward(*sorted((abs(change.lower), abs(change.upper))))
    n = str(numbers.per_100(abs(change.difference)))
    n = text("change.less_than_1") if n == "0" else n
    least = text("change.below_1") if low == 0 else low
    return _capital(text(f"change.{way}", n=n, month=month, low=least, high=high))


def _end(value: float, people: bool, up: bool) -> str:
    if people:
        low, high = numbers.one_decimal_range(value, value)
        written = (high if up else low).lstrip("-")
        size = float(written)
    else:
        low_100, high_100 = numbers.outward(value, value)
        size = abs(high_100 if up else low_100)
        written = str(size)
    if size == 0:
        return text("change.end_none")
    return text("change.end_more" if up else "change.end_fewer", n=written)


def talking_points(report: ContinuityReport) -> tuple[str, ...]:
    """Return at most three points by rule, each ending in a question."""
    points: list[str] = []
    if (report.made - report.source.last_day).days > _OLD_AFTER_DAYS:
        points.append(text("short.talk_old", date=numbers.day(report.source.last_day)))
    counting = report.counting
    # In a published form a count may be left out: then nothing is said of it.
    lost = sum(max(line.rows, 0) for line in counting.lines if line.reason == "no_clinician")
    # "100 in 100" would tell that next to nobody is left over.
    most = 0.99 if report.public else 1.0
    if counting.counted > 0 and _NO_CLINICIAN_FROM <= lost / (counting.counted + lost) <= most:
        share = numbers.in_100(lost / (counting.counted + lost))
        points.append(text("short.talk_no_clinician", n=_capital(share)))
    unnamed = max(counting.no_named_gp or 0, 0)
    if unnamed and counting.counted > 0:
        share = unnamed / counting.counted
        if _NO_NAMED_FROM <= share <= most and report.given.named_gps:
            words = measures.contacts_word(report)
            points.append(text("short.talk_no_named", n=numbers.in_100(share), contacts=words))
    main, allows = report.main.estimate, report.rota_allows
    if main.value is not None and main.ceiling is not None and not measures.too_wide(main):
        planned = allows is not None and allows.planned
        if main.ceiling - main.value >= _ROOM_FROM and not planned:
            room = numbers.per_100(main.ceiling) - numbers.per_100(main.value)
            points.append(text("short.talk_room", n=room))
    return tuple(points[:3])


def _table(report: ContinuityReport, caption: str, estimates: list[Estimate]) -> Table:
    allows = ("ceiling",) if any(e.ceiling is not None for e in estimates) else ()
    head = ("measure", "value", "range", "chance", *allows, "patients", "contacts")
    names = [text(f"short.head_{part}") for part in head]
    rows = tuple(
        (
            Cell(measures.name(estimate)),
            measures.value_cell(estimate),
            measures.range_cell(estimate),
            measures.chance_cell(estimate),
            *([measures.ceiling_cell(estimate)] if allows else []),
            Cell(numbers.count(estimate.n_patients)),
            Cell(numbers.count(estimate.n_contacts)),
        )
        for estimate in estimates
    )
    parts = ("measure", "level", "value", "lower", "upper", "chance", *allows)
    csv = Csv(
        f"headlines{'-earlier' if 'earlier' in caption else ''}.csv",
        (*parts, "n_patients", "n_contacts"),
        tuple(
            tuple(getattr(e, part) for part in (*parts, "n_patients", "n_contacts"))
            for e in estimates
        ),
    )
    return Table(text(caption), columns(*names), rows, csv)
