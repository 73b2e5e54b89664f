"""Asking a question about a place: an answer that is kept, or a job that works it out.

An answer is kept under the content of the store it came from and the question itself, with
the version of the program and of the definitions: the same question of the same records is
never worked out twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hamlets
from hamlets import __version__
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.web.answers.models import Answer
from hamlets.web.answers.versions import Version, current_version, version_numbered
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.kinds import kind_of
from hamlets.web.jobs.models import Job, State
from hamlets.web.places.models import Place
from hamlets.web.places.standing import Standing

_AT_ONCE = 2
"""Jobs of one question that may die before a person is asked whether to try again."""


class NothingLoaded(Exception):  # noqa: N818 - a state that a page shows, no error of anybody
    """There is no version of the store yet."""


class VersionGone(Exception):  # noqa: N818 - the same
    """The version that a page was made from is no longer kept."""

    def __init__(self, wanted: int, current: int) -> None:
        super().__init__(f"version {wanted} is no longer kept")
        self.wanted = wanted
        self.current = current


@dataclass(frozen=True)
class Answered:
    """An answer, and the version it speaks of."""

    body: Any
    """Plain data: dictionaries, lists, texts, numbers."""
    version: Version


@dataclass(frozen=True)
class Waiting:
    """A job is working the answer out, or waits to do so."""

    job: Job
    seconds: int
    """How long this usually takes."""
    version: Version


@dataclass(frozen=True)
class Stopped:
    """No answer: the job was refused with a sentence for people, or it died, or was cancelled.

    ``job.message`` and ``job.hint`` say why; ``jobs.asking.again(here, job.id)`` tries again.
    """

    job: Job
    version: Version

    @property
    def refused(self) -> bool:
        """Whether trying again would end the same way."""
        return self.job.state == State.refused


_BACK = 3
"""Earlier versions that are looked at for an answer."""


def ask(
    here: Standing | Place, name: str, version: int | None = None, **question: Any
) -> Answered | Waiting | Stopped:
    """Return the answer to a question about this place, or where it stands.

    ``version`` pins a version of the store; None is the one in use. Raises NothingLoaded
    where there is no store yet and VersionGone where the version is no longer kept.
    """
    pinned = pin(version)
    question = kind_of(name).asked(question)
    place = here if isinstance(here, Place) else here.place
    found = kept(place, name, pinned, question)
    if found is not None:
        return Answered(found, pinned)
    key = key_of(place, name, pinned, question)
    ended = _ended(key)
    if ended is not None:
        # it may have been kept between the two looks
        found = kept(place, name, pinned, question)
        return Stopped(ended, pinned) if found is None else Answered(found, pinned)
    job = jobs.ask(here, name, key, version=pinned.number, **question)
    return Waiting(job, jobs.usual_seconds(name), pinned)


def earlier(place: Place, name: str, before: Version, **question: Any) -> Answered | None:
    """Return the newest answer that an earlier version gave, if the store still has the version.

    For pages that would rather show last month's figures, and say so, than nothing.
    """
    digest = digest_of(name, question)
    rows = Answer.objects.filter(place=place, digest=digest, version__lt=before.number)
    for number, content in rows.order_by("-version").values_list("version", "content_id")[:_BACK]:
        version = version_numbered(number)
        if version is not None and version.content_id == content:
            body = kept(place, name, version, kind_of(name).asked(question))
            if body is not None:
                return Answered(body, version)
    return None


def pin(version: int | None = None) -> Version:
    """Return the version that a page speaks of; raises as :func:`ask` does."""
    current = current_version()
    if current is None:
        raise NothingLoaded
    if version is None or version == current.number:
        return current
    found = version_numbered(version)
    if found is None:
        raise VersionGone(version, current.number)
    return found


def kept(place: Place, name: str, version: Version, question: dict[str, Any]) -> Any | None:
    """Return the body of an answer that is kept, else None."""
    digest = digest_of(name, question)
    row = Answer.objects.filter(place=place, content_id=version.content_id, digest=digest)
    packed = row.values_list("body", flat=True).first()
    return None if packed is None else unpacked(bytes(packed))


def digest_of(name: str, question: dict[str, Any]) -> str:
    """Return the SHA-256 of a question, with what its answer depends on besides the records."""
    told = [name, kind_of(name).asked(question), __version__, program_mark(), DEFINITIONS_VERSION]
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


PROGRAM = "HAMLETS_PROGRAM_MARK"
"""Set by the process that starts the site, so that its web and worker processes agree."""


@cache
def program_mark() -> str:
    """Return a mark of the program's files: what a changed program drew is not shown again."""
    if PROGRAM in os.environ:
        return os.environ[PROGRAM]
    root = Path(hamlets.__file__).parent
    wanted = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml", ".html"))
    stats = ((path.relative_to(root), path.stat()) for path in wanted)
    told = "\n".join(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def key_of(place: Place, name: str, version: Version, question: dict[str, Any]) -> str:
    """Return the key of the job that works an answer out."""
    told = f"{place.pk} {version.content_id} {digest_of(name, question)}"
    return "answer:" + hashlib.sha256(told.encode()).hexdigest()


def packed(body: Any) -> bytes:
    """Return plain data as it is kept; TypeError for what is not plain, ValueError for NaN."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 6)


def unpacked(data: bytes) -> Any:
    """Return plain data from how it is kept."""
    return json.loads(zlib.decompress(data))


def _ended(key: str) -> Job | None:
    """Return the job of a key that ended without an answer, None where one should be asked.

    A job that died is asked for again by itself once: a machine was switched off.
    """
    last = Job.objects.filter(key=key).order_by("-made").first()
    if last is None or last.open or last.state == State.done:
        return None
    if last.state == State.died:
        again = Job.objects.filter(key=key, state=State.died).count() < _AT_ONCE
        return None if again else last
    return last
