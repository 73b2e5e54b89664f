"""What single people agree to: consent, days, distance, skills, by their staff id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.sharing.asking import Offer
from hamlets.networks.sharing.reading import STAFF, read_person
from hamlets.networks.small_files import read_small_file


def with_persons(offers: Sequence[Offer], path: Path) -> tuple[Offer, ...]:
    """Return the offers with what a file says of people: a row a staff id, blanks change nothing.

    Columns: staff_id, and any of name, skills, consent, max_days, max_km, hourly_rate. Raises
    SourceError for a value that is none or a person given twice, UnknownPlaceError for a
    staff id that no offer has.
    """
    file = read_small_file(path, STAFF)
    file.need("the member of staff", *STAFF)
    known = {offer.staff_id for offer in offers if offer.staff_id}
    said: dict[str, Offer] = {}
    for row in file.rows:
        where, code = file.where(row), row.text(*STAFF)
        if code in said:
            raise SourceError(
                "This person is given twice.", where=where, hint="Delete one of the rows."
            )
        if code not in known:
            raise UnknownPlaceError(
                f"No offer is of {code[:40]!r}.",
                where=where,
                hint="Write the staff ids as in the file of what is spare.",
            )
        said[code] = read_person(row, where)
    return tuple(_changed(offer, said.get(offer.staff_id)) for offer in offers)


def _changed(offer: Offer, person: Offer | None) -> Offer:
    if person is None:
        return offer
    return replace(
        offer,
        name=person.name or offer.name,
        skills=offer.skills | person.skills,
        consent=offer.consent if person.consent == "ask" else person.consent,
        max_days=offer.max_days if person.max_days is None else person.max_days,
        max_km=offer.max_km if person.max_km is None else person.max_km,
        hourly_rate=offer.hourly_rate if person.hourly_rate is None else person.hourly_rate,
    )
