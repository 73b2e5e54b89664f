"""The pack as words alone: an e-mail to staff, and a few lines for the patient group."""

from __future__ import annotations

from datetime import date

from hamlets.continuity.results import Estimate, Headline, MonthlyPack
from hamlets.disclosure import publish_count, published_mean, published_rate, round_to_5
from hamlets.publish import numbers
from hamlets.publish.pack import unassigned
from hamlets.publish.sections import measures, short, workforce
from hamlets.publish.strings import text
from hamlets.publish.svg import plain

_OLD_AFTER_DAYS = 45
_NO_CLINICIAN_FROM = 0.05
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")


def email_text(pack: MonthlyPack, link: str) -> str:
    """Return the e-mail; ``link`` is where the full page lies."""
    month = numbers.month(pack.month)
    said = [_own(pack, month), *_team(pack), next_step(pack), text("pack.mail_link", link=link)]
    return " ".join([*_invented(pack), *said]) + "\n"


def _invented(pack: MonthlyPack) -> tuple[str, ...]:
    """Return the warning that stands before all else where the data is invented."""
    return (text("page.invented"),) if pack.report.place.invented else ()


def _own(pack: MonthlyPack, month: str) -> str:
    report = pack.report
    words = measures.contacts_word(report)
    main = report.main
    estimate = main.estimate
    if estimate.value is None or measures.too_wide(estimate):
        return text("pack.mail_none", month=month)
    values = {
        "month": month,
        "share": numbers.in_100(estimate.value),
        "contacts": words,
        "change": _change(main),
    }
    key = "pack.mail_own" if estimate.measure == "slicc" else "pack.mail_most"
    return text(key, **values)


def _change(headline: Headline) -> str:
    # The change stands in brackets itself: its range follows a comma.
    words = short.change_words(headline.change).replace(" (", ", ").removesuffix(")")
    return words[:1].lower() + words[1:]


def _team(pack: MonthlyPack) -> tuple[str, ...]:
    team = next((h for h in pack.report.headlines if h.estimate.level == "team"), None)
    if team is None or team.estimate.value is None or measures.too_wide(team.estimate):
        return ()
    share = numbers.in_100(team.estimate.value)
    return (text("pack.mail_team", share=share[:1].upper() + share[1:]),)


def next_step(pack: MonthlyPack) -> str:
    """Return the first thing to do, by rule; it never names a person."""
    report = pack.report
    if (report.made - report.source.last_day).days > _OLD_AFTER_DAYS:
        return text("short.talk_old", date=numbers.day(report.source.last_day))
    lost = sum(line.rows for line in report.counting.lines if line.reason == "no_clinician")
    counted = report.counting.counted
    if counted and lost / (counted + lost) >= _NO_CLINICIAN_FROM:
        share = numbers.in_100(lost / (counted + lost))
        return text("short.talk_no_clinician", n=share[:1].upper() + share[1:])
    if pack.health is not None and unassigned(pack.health):
        n = unassigned(pack.health)
        return text("pack.next_named_1" if n == 1 else "pack.next_named", n=numbers.count(n))
    uncovered = _uncovered(pack)
    if uncovered is not None:
        return uncovered
    due = report.made.replace(day=5)
    due = date(due.year + due.month // 12, due.month % 12 + 1, 5)
    return text("pack.next_none", date=numbers.day(due))


def _uncovered(pack: MonthlyPack) -> str | None:
    """Return the first team and weekday that often has no GP."""
    if pack.workforce is None:
        return None
    for row in workforce.team_rows(pack.workforce):
        # a short period says nothing of its weekdays
        for day, covered in zip(_DAYS, row.covered_weekdays, strict=False):
            if not covered:
                team = plain(row.label) or measures.place(pack.report)
                return text("pack.next_cover", team=team, day=day)
    return None


def group_text(pack: MonthlyPack, asked: str = "", did: str = "") -> str:
    """Return the lines for the patient group: rounded to 5, no GP, no small number."""
    month = numbers.month(pack.month)
    share = public_share(pack.report.main.estimate)
    if share is None:
        parts = [text("pack.group_none", month=month)]
    else:
        key = "pack.group" if pack.report.main.estimate.measure == "slicc" else "pack.group_most"
        parts = [text(key, month=month, share=share)]
    if asked:
        parts.append(text("pack.group_asked", ask=_ended(asked)))
    if did:
        parts.append(text("pack.group_did", done=_ended(did)))
    return " ".join([*_invented(pack), *parts]) + "\n"


def public_share(estimate: Estimate) -> str | None:
    """Return a share out of 100 rounded to 5; None where disclosure control leaves it out."""
    if estimate.value is None or measures.too_wide(estimate):
        return None
    if measures.per_patient(estimate):
        rate = published_mean(estimate.value, publish_count(estimate.n_patients))
    else:
        own = round(estimate.value * estimate.n_contacts)
        rate = published_rate(own, estimate.n_contacts, estimate.n_patients)
    if rate is None:
        return None
    rounded = round_to_5(numbers.per_100(rate))
    if rounded == 0:
        return text("pack.group_under")
    if rounded == 100:
        return text("pack.group_over")
    return text("pack.group_share", n=rounded)


def _ended(words: str) -> str:
    said = plain(words.strip())
    return said if said.endswith((".", "!", "?")) else f"{said}."
