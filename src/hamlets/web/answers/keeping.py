"""Keeping answers, and forgetting those of versions that are gone."""

from __future__ import annotations

from typing import Any

from hamlets.errors import UsageError
from hamlets.web.answers.asking import digest_of, key_of, packed
from hamlets.web.answers.models import Answer
from hamlets.web.answers.versions import Version, current_version, kept_contents, version_numbered
from hamlets.web.jobs.models import Job
from hamlets.web.places.models import Place
from hamlets.web.words import text

KEY = "answer:"
"""What the key of a job begins with that an answer was asked by."""


def keep(job: Job, body: Any) -> None:
    """Keep what a job worked out as the answer to its question.

    Raises UsageError where a program of another version asked: it would not find the answer
    and ask again for ever.
    """
    question = dict(job.question)
    version = version_numbered(int(question.pop("version")))
    # pruned while the job ran: nobody will ask for it
    if version is None or job.place is None:
        return
    if job.key.startswith(KEY) and job.key != key_of(job.place, job.kind, version, question):
        raise UsageError(text("jobs.other_program"), hint=text("jobs.other_program_hint"))
    store(job.place, job.kind, version, question, body)


def keep_all(job: Job, bodies: list[tuple[str, dict[str, Any], Any]]) -> None:
    """Keep what a job worked out for several questions: name, question and answer of each."""
    version = version_numbered(int(job.question["version"]))
    if version is not None and job.place is not None:
        for name, question, body in bodies:
            store(job.place, name, version, question, body)


def store(place: Place, name: str, version: Version, question: dict[str, Any], body: Any) -> None:
    """Keep an answer; the same question's earlier one gives way."""
    Answer.objects.update_or_create(
        place=place,
        content_id=version.content_id,
        digest=digest_of(name, question),
        defaults={
            "version": version.number,
            "name": name,
            "question": question,
            "body": packed(body),
        },
    )


def forget_gone() -> int:
    """Delete answers of versions that the store no longer keeps; return how many went.

    A store that is not there for the moment deletes nothing.
    """
    if current_version() is None:
        return 0
    return Answer.objects.exclude(content_id__in=kept_contents()).delete()[0]
