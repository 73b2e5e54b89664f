"""Answers made in advance, so that the first visitor after a load need not wait."""

from __future__ import annotations

from django.utils import timezone

from hamlets.web.answers.asking import digest_of
from hamlets.web.answers.models import Answer
from hamlets.web.answers.versions import Version, current_version
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job, State
from hamlets.web.places.models import Place
from hamlets.web.places.roles import Kind

KIND = "warm"
FIRST = ("home", "continuity")
"""Questions that are asked as they are of every practice; one that lacks them is warmed."""


def warm(warmed: str) -> str:
    """Ask for the usual answers of every practice where the store's content is new.

    ``warmed`` is the content that was seen last; returns the one seen now. What waited for an
    earlier content is dropped. Asking costs nothing where all is there.
    """
    version = current_version()
    if version is None or version.content_id == warmed:
        return warmed
    Job.objects.filter(kind=KIND, state=State.waiting).exclude(
        key__endswith=version.content_id
    ).update(state=State.cancelled, ended=timezone.now())
    for place in Place.objects.filter(kind=Kind.practice).order_by("code"):
        key = f"{KIND}:{place.pk}:{version.content_id}"
        if _lacks(place, version) and not Job.objects.filter(key=key).exists():
            jobs.ask(place, KIND, key, jobs.LATER, version=version.number)
    return version.content_id


def _lacks(place: Place, version: Version) -> bool:
    digests = [digest_of(name, {}) for name in FIRST]
    held = Answer.objects.filter(place=place, content_id=version.content_id, digest__in=digests)
    return held.count() < len(digests)
