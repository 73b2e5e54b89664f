"""The demonstration: an invented borough and one invented person of each role."""

from __future__ import annotations

import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hamlets.errors import HamletsError, UsageError

_READY_SECONDS = 60


@dataclass(frozen=True)
class DemoPerson:
    """One person to sign in as."""

    role: str
    email: str
    password: str
    place: str


def make_borough(
    store: Path, practices: int, patients: int, months: int, say: Callable[[str], None]
) -> None:
    """Invent the borough unless the store is there; UsageError for a store of real records."""
    if (store / "CURRENT").exists():
        from hamlets.records import open_store

        with open_store(store) as opened:
            if not opened.invented:
                raise UsageError(
                    "The demonstration needs invented records; this store holds others.",
                    where="--store",
                    hint="Name a folder that does not exist yet, or use hamlets serve.",
                )
        return
    from hamlets.booking.simulation.synth import make_setting, synthesise

    store.parent.mkdir(parents=True, exist_ok=True)
    say(f"Inventing a borough of {practices} practices and {patients:,} patients ...")
    setting = make_setting(practices=practices, patients=patients, months=months, seed=1)
    synthesise(setting, store, identifiable=True)  # so that a patient can be found by name


def make_people(store: Path) -> list[DemoPerson]:
    """Make the borough's places and one person of each role, each with a new password."""
    from django.db import transaction

    from hamlets.records import open_store
    from hamlets.web.people.models import Person
    from hamlets.web.places.borough import read_places, take_up
    from hamlets.web.places.giving import give_at
    from hamlets.web.places.models import Holding, Place
    from hamlets.web.places.roles import Kind

    with open_store(store) as opened:
        if not opened.invented:
            raise UsageError("People of the demonstration need invented records.")
        staff = opened.table("staff").to_pylist()
    found = read_places(str(store))
    made: list[DemoPerson] = []
    with transaction.atomic():
        practices = take_up(found)
        practice = next(p for p in practices if p.code == found.practices[0][0])
        above = [Place.objects.get(pk=pk) for pk in practice.line()]
        by_kind = {Kind(place.kind): place for place in above}
        network = by_kind.get(Kind.network, practice)
        borough = by_kind.get(Kind.borough, network)
        gp = next(
            (s for s in staff if s["practice_id"] == practice.code
             and s["role"] in ("gp_partner", "gp_salaried") and s["end_date"] is None),
            None,
        )  # fmt: skip
        cast = (
            ("practice_manager", practice, "Manager Example", ""),
            (
                "clinician",
                practice,
                gp["name"] if gp else "Dr Example",
                gp["staff_id"] if gp else "",
            ),
            ("receptionist", practice, "Reception Example", ""),
            ("network_manager", network, "Network Manager Example", ""),
            ("network_clinical_lead", network, "Clinical Lead Example", ""),
            ("federation_lead", borough, "Federation Lead Example", ""),
            ("invited_specialist", network, "Specialist Example", ""),
            ("commissioner", borough, "Commissioner Example", ""),
            ("researcher", borough, "Researcher Example", ""),
            ("patient_group", practice, "Patient Group Example", ""),
            ("administrator", borough, "Administrator Example", ""),
        )
        for role, place, name, staff_id in cast:
            email = f"{role.replace('_', '-')}@example.org"
            password = secrets.token_urlsafe(9)
            person = Person.objects.filter(email=email).first()
            if person is None:
                person = Person(email=email, name=name, staff_id=staff_id, invented=True)
            if not person.invented:
                raise UsageError(
                    f"{email} belongs to a real person of this workspace.",
                    where="--workspace",
                    hint="Name a workspace of its own for the demonstration.",
                )
            person.set_password(password)
            person.save()
            if not Holding.objects.filter(
                person=person, place=place, role=role, until__isnull=True
            ).exists():
                give_at(place, person, role, None)
            made.append(DemoPerson(role, email, password, place.name))
    return made


def introduction(people: list[DemoPerson], address: str) -> list[str]:
    """Return the lines that tell people where the site is and who they can be."""
    from hamlets.web.places.roles import ROLES

    width = max(len(ROLES[person.role].name) for person in people)
    reach = max(len(person.email) for person in people)
    return [
        "",
        "Everything is invented: no patient, practice or member of staff exists.",
        f"The site is at {address}",
        "Sign in as one of these (the passwords are new each time):",
        "",
        *(
            f"  {ROLES[person.role].name:<{width}}  {person.email:<{reach}}  "
            f"{person.password}  {person.place}"
            for person in people
        ),
        "",
    ]


def _number_file() -> Path:
    from hamlets.web.configuration import workspace_folder

    return workspace_folder() / "site.pid"


def stop_background() -> bool:
    """Stop the site that goes on by itself, if one does; return whether there was one."""
    import os
    import signal

    path = _number_file()
    try:
        number = int(path.read_text(encoding="ascii"))
        command = Path(f"/proc/{number}/cmdline")
        # the number may belong to something else by now
        if command.exists() and b"hamlets.web.background" not in command.read_bytes():
            raise ProcessLookupError
        os.kill(number, signal.SIGTERM)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        path.unlink(missing_ok=True)
        return False
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and _alive(number):
        time.sleep(0.2)
    path.unlink(missing_ok=True)
    return True


def _alive(number: int) -> bool:
    import os

    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def start_in_background(port: int) -> int:
    """Start the site on its own; return its process id once it answers.

    Raises HamletsError where it does not.
    """
    import sys

    from hamlets.web.configuration import workspace_folder

    log = workspace_folder() / "site.log"
    stop_background()
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "hamlets.web.background", str(port)],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    until = time.monotonic() + _READY_SECONDS
    address = f"http://127.0.0.1:{port}/health/"
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                _number_file().write_text(f"{process.pid}\n", encoding="ascii")
                return process.pid
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    process.terminate()
    raise HamletsError("The site did not start.", where=str(log), hint="Read its log.")
