"""The first start of a site: a link for the first administrator, and the site's first place."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from hamlets.web.audit import chain
from hamlets.web.configuration import workspace_folder
from hamlets.web.people.models import Person, new_token
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.roles import Kind

_FILE = "set-up-link"


def is_set_up() -> bool:
    """Return whether somebody can sign in."""
    return Person.objects.exists()


def set_up_token() -> str:
    """Return the secret of the set-up link, made on the first start and used once."""
    path = workspace_folder() / _FILE
    try:
        with path.open("x", encoding="ascii") as new:
            path.chmod(0o600)
            new.write(new_token())
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class FirstAnswers:
    """What the first administrator says."""

    name: str
    email: str
    password: str
    place_name: str
    place_code: str
    place_kind: str = Kind.practice.value


def set_up(answers: FirstAnswers) -> Person | None:
    """Make the first person and place; None where the site is set up already.

    The first person of a practice is its manager too, so that they can load data. Raises
    ValidationError for a weak password.
    """
    with transaction.atomic():
        chain.stand_in_line()  # of two who press the button at once, one comes first
        if is_set_up():
            return None
        person = Person(email=answers.email, name=answers.name)
        validate_password(answers.password, person)
        person.set_password(answers.password)
        person.save()
        place = Place.objects.create(
            kind=answers.place_kind, code=answers.place_code, name=answers.place_name
        )
        give_at(place, person, "administrator", person)
        if answers.place_kind == Kind.practice:
            give_at(place, person, "practice_manager", person)
        chain.record(person, "set up", place=place)
    (workspace_folder() / _FILE).unlink(missing_ok=True)
    return person
