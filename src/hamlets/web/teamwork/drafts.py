"""Team models while people describe them: begun, changed by several people, run.

A change names the edition that it was made from. Where somebody else was quicker nothing is
written: the page shows both, and either can be used. Every edition is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone

from hamlets.web.audit.chain import note
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job
from hamlets.web.places.standing import Standing
from hamlets.web.teamwork.models import Draft, Edition

Model = dict[str, Any]
_TRIES = 20


@dataclass(frozen=True)
class Clash:
    """A change that was made from an older edition: nothing of it is written yet."""

    draft: Draft
    """As somebody else left it."""
    base: Model
    """What both began from; where that is not known any more, as ``draft`` has it."""


def begin(here: Standing, model: Mapping[str, Any]) -> Draft:
    """Return a new team model of this practice with the next number."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                last = Draft.objects.filter(place=here.place).aggregate(last=Max("number"))["last"]
                made = Draft.objects.create(
                    place=here.place,
                    number=(last or 0) + 1,
                    model=dict(model),
                    changed_by=here.person,
                )
                _keep_edition(made)
                note(here, "team description begun", str(made.number))
                return made
        except IntegrityError:
            continue  # somebody took the number
    raise RuntimeError("No number was free.")


def of_place(here: Standing) -> list[Draft]:
    """Return the team models of this practice, newest first."""
    found = Draft.objects.filter(place=here.place).select_related("changed_by", "job")
    return list(found.order_by("-number"))


def find(here: Standing, number: int) -> Draft:
    """Return a team model of this practice; Http404 where there is none."""
    found = (
        Draft.objects.filter(place=here.place, number=number)
        .select_related("changed_by", "job", "place")
        .first()
    )
    if found is None:
        raise Http404
    return found


def save(here: Standing, number: int, edition: int, model: Mapping[str, Any]) -> Draft | Clash:
    """Write a team model that was made from an edition; return it, or what is in the way.

    The same model again changes nothing. Two writers at once: one writes, one gets a Clash.
    """
    with transaction.atomic():
        draft = find(here, number)
        if draft.model == model:
            return draft
        if draft.edition != edition:
            return _clash(draft, edition)
        what = changed_keys(draft.model, model)
        mine = Draft.objects.filter(pk=draft.pk, edition=edition)
        written = mine.update(
            model=dict(model),
            edition=edition + 1,
            changed=timezone.now(),
            changed_by=here.person,
            what_changed=what,
        )
        if written:
            draft = find(here, number)
            _keep_edition(draft)
            note(here, "team description changed", str(number), edition=draft.edition, keys=what)
            return draft
    return _clash(find(here, number), edition)


def _clash(draft: Draft, edition: int) -> Clash:
    base = Edition.objects.filter(draft=draft, number=edition).first()
    return Clash(draft, draft.model if base is None else base.model)


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, in the order of the later model."""
    keys = dict.fromkeys((*after, *before))
    return [key for key in keys if before.get(key) != after.get(key)]


def editions(draft: Draft) -> Sequence[Edition]:
    """Return what a team model was, newest first, the present one left out."""
    every = (
        Edition.objects.filter(draft=draft)
        .exclude(number=draft.edition)
        .select_related("changed_by")
    )
    return list(every.order_by("-number"))


def bring_back(here: Standing, number: int, edition: int) -> Draft:
    """Return the team model with an earlier edition's answers, as a new edition."""
    draft = find(here, number)
    earlier = Edition.objects.filter(draft=draft, number=edition).first()
    if earlier is None:
        raise Http404
    found = save(here, number, draft.edition, earlier.model)
    return find(here, number) if isinstance(found, Clash) else found


def _keep_edition(draft: Draft) -> None:
    Edition.objects.create(
        draft=draft,
        number=draft.edition,
        model=draft.model,
        changed=draft.changed,
        changed_by=draft.changed_by,
        what_changed=draft.what_changed,
    )


def run(here: Standing, number: int) -> Job:
    """Return the job that designs a plan of a team model as it is now; one at a time."""
    draft = find(here, number)
    if draft.job is not None and draft.job.open:
        return draft.job
    key = f"design:{draft.pk}:{draft.edition}"
    with transaction.atomic():
        job = jobs.ask(
            here,
            "design",
            key,
            model=draft.model,
            draft=number,
            edition=draft.edition,
            by=here.person.name,
        )
        Draft.objects.filter(pk=draft.pk).update(job=job)
        note(here, "team design run", str(number), edition=draft.edition)
    return job


def of_plan(here: Standing, plan_id: str) -> Draft | None:
    """Return the description that a plan was made from, where that is still known."""
    found = Draft.objects.filter(place=here.place, plan_id=plan_id).order_by("-number").first()
    if found is not None:
        return found
    job = Job.objects.filter(place=here.place, kind="design", result__plan_id=plan_id).first()
    if job is None:
        return None
    return Draft.objects.filter(place=here.place, number=job.question["draft"]).first()
