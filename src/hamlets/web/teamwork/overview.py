"""What the first page of team design shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hamlets.publish import numbers
from hamlets.web.answers.asking import Answered, ask
from hamlets.web.places.standing import Standing
from hamlets.web.teamwork import doing, drafts
from hamlets.web.teamwork.comparing import lead_words, state_words
from hamlets.web.teamwork.models import Draft
from hamlets.web.teamwork.questions import USUAL, Facts
from hamlets.web.teamwork.saying import names_of, say_possible
from hamlets.web.teamwork.stored import Kept, Plans, plan_of, plans_of
from hamlets.web.words import text

_MONTHS = 6


def overview(here: Standing, facts: Facts) -> dict[str, Any]:
    """Return the context of the page."""
    plans = plans_of(here)
    return {
        "facts": facts,
        "adopted": plans.adopted,
        "adopted_words": _plan_item(here, plans.adopted) if plans.adopted else None,
        "groups": _groups(here, plans),
        "unreadable": plans.unreadable,
        "drafts": [_draft_item(here, draft, facts) for draft in drafts.of_place(here)],
        "enough": facts["enough"],
        "needs": needs_words(facts),
        "any_plan": bool(plans.kept),
        "leaving": [_leaving(here, each) for each in facts["leaving"]],
    }


def any_plan(here: Standing) -> bool:
    """Return whether there is a plan of this practice."""
    return bool(plans_of(here).kept)


def needs_words(facts: Facts) -> str:
    """Return what a plan needs and what of it there is."""
    if facts["enough"]:
        key = "have_both" if facts["staff_list"] else "have_months"
        return text(f"teams.empty.{key}")
    key = "short" if facts["staff_list"] else "short_both"
    return text(f"teams.empty.{key}", n=facts["months"])


def _groups(here: Standing, plans: Plans) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for state in ("proposed", "draft", "superseded"):
        items = [_plan_item(here, kept) for kept in plans.in_state(state)]
        if items:
            found.append({"title": text(f"teams.group.{state}"), "plans": items})
    return found


def _plan_item(here: Standing, kept: Kept) -> dict[str, Any]:
    plan = kept.plan
    return {
        "title": text("teams.plan.short", n=plan.number),
        "lines": [
            text(
                "teams.plan.line",
                state=_capital(state_words(kept)),
                approach=text(f"teams.approach.{plan.approach}"),
                name=plan.made_by,
                date=numbers.day(_made_day(kept)),
            ),
            lead_words(plan),
        ],
        "links": [(text("teams.plan.look"), f"{here.home}teams/plans/{plan.plan_id}/")],
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _made_day(kept: Kept) -> Any:
    return date.fromisoformat(kept.plan.made_at[:10])


def _draft_item(here: Standing, draft: Draft, facts: Facts) -> dict[str, Any]:
    address = f"{here.home}teams/describe/{draft.number}/"
    approach = text(f"teams.approach.{draft.model.get('approach', 'whole_list')}")
    who = draft.changed_by.name if draft.changed_by else text("teams.somebody")
    return {
        "number": draft.number,
        "title": text("teams.draft.title", n=draft.number),
        "approach": approach,
        "who": who,
        "changed": draft.changed,
        "possible": say_possible(facts, draft.model),
        "address": address,
        "running": draft.job is not None and draft.job.open,
        "plan": f"{here.home}teams/plans/{draft.plan_id}/" if draft.plan_id else "",
        "plan_title": text("teams.plan.short", n=draft.plan_id.rpartition("-")[2])
        if draft.plan_id
        else "",
    }


def _leaving(here: Standing, each: Mapping[str, Any]) -> dict[str, Any]:
    """Return who leaves: their list, and what becomes of it where that was worked out."""
    day = numbers.day(date.fromisoformat(each["last_day"]))
    gone = date.fromisoformat(each["last_day"]) < date.today()
    key = "away" if each["reason"] == "away" else "left" if gone else "line"
    words = text(f"teams.leaving.{key}", name=each["name"], date=day)
    done = doing.last_change(here, each["id"])
    size = text("teams.leaving.list_1")
    if each["patients"] != 1:
        size = text("teams.leaving.list", n=f"{each['patients']:,}")
    kind = "leave" if each["reason"] == "away" else "leaver"
    found = {
        "words": f"{words} {size}",
        "name": each["name"],
        "address": f"{here.home}teams/staff/?kind={kind}&who={each['id']}",
        "who": "",
    }
    if done is not None:
        told = {key: f"{done[key]:,}" for key in ("patients", "stay_in_team", "leave_team")}
        found["words"] = f"{words} {text('teams.leaving.split', **told)}"
        found["plan"] = f"{here.home}teams/plans/{done['plan_id']}/"
        found["who"] = f"{found['plan']}who/"
    return found


def known_names(here: Standing) -> dict[str, str]:
    """Return the names of everybody at work by id, where they were looked up already.

    Where not, that is asked for, so that they are there the next time.
    """
    found = ask(here, "team_facts")
    return names_of(found.body) if isinstance(found, Answered) else {}


def model_to_begin(here: Standing, facts: Facts, plan_id: str) -> dict[str, Any] | None:
    """Return the model of a plan to begin from, without staff who have gone; None for none."""
    if not plan_id:
        return None
    model = dict(plan_of(here, plan_id).model)
    there = {each["id"] for each in facts["staff"]}
    for key in ("taking_part", "leads"):
        if key in model:
            model[key] = [who for who in model[key] if who in there]
            if not model[key]:
                del model[key]
    for key in ("must_link", "cannot_link"):
        groups = [[who for who in group if who in there] for group in model.get(key, ())]
        model[key] = [group for group in groups if len(group) > 1]
    model.pop("seed", None)
    return {**USUAL, **model}
