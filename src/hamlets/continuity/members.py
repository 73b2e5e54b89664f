"""The people of a practice: who is on the staff list on a day, as what, for how many sessions."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.columns import ALWAYS, NEVER, days, texts, whole
from hamlets.continuity.reference import GP_ROLES, Reference
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES

UNKNOWN = "unknown"
CONTRACT_OF_ROLE = {
    "gp_partner": "partner",
    "gp_salaried": "salaried",
    "gp_locum": "locum",
    "gp_registrar": "trainee",
}
"""What a role says of the contract where the staff list has none."""


@dataclass(frozen=True)
class Member:
    """One person at one practice; role records of a person there are one member."""

    person: int
    name: str
    role: str
    contract: str
    sessions_per_week: float | None
    """Summed over the posts held on the day."""
    here: bool
    """On the staff list on the day. Who is not is known by a record before or after it."""
    staff_id: str = ""
    """Of the record that the role is taken from; "" without a record."""

    @property
    def gp(self) -> bool:
        return self.role in GP_ROLES


@dataclass(frozen=True)
class _Record:
    """One role record of the staff table."""

    staff_id: str
    name: str
    role: str
    contract: str
    sessions: float | None
    start: int
    end: int


def _rank(record: _Record) -> tuple[bool, int]:
    # of several roles a GP's says most; then the order of the vocabulary
    return record.role not in GP_ROLES, ROLES.index(record.role) or len(ROLES)


def _member(person: int, records: list[_Record], day: int) -> Member:
    """Return a person from the role records held on the day, else from those held last."""
    held = [r for r in records if r.start <= day < r.end]
    latest = max(r.end for r in records)
    shown = sorted(held or [r for r in records if r.end == latest], key=_rank)
    # a source may give one post under two ids (of the person and of the role): count it once
    posts: dict[tuple[str, int, int], float] = {}
    for record in shown:
        if record.sessions is not None:
            post = record.role, record.start, record.end
            posts[post] = max(record.sessions, posts.get(post, 0.0))
    return Member(
        person=person,
        name=next((r.name for r in [*shown, *records] if r.name), ""),
        role=shown[0].role,
        contract=next((r.contract for r in shown if r.contract != UNKNOWN), UNKNOWN),
        sessions_per_week=sum(posts.values()) if posts else None,
        here=bool(held),
        staff_id=shown[0].staff_id,
    )


def read_members(store: Store, reference: Reference, day: int) -> dict[int, dict[int, Member]]:
    """Return the members of each practice by person, as on a day."""
    staff = store.shared("staff")
    labels = store.labels("staff")
    columns = zip(
        whole(staff, "staff").tolist(),
        whole(staff, "practice").tolist(),
        texts(staff, "name"),
        whole(staff, "role").tolist(),
        whole(staff, "contract").tolist(),
        staff.column("sessions_per_week").to_pylist(),
        days(staff, "start_date", ALWAYS).tolist(),
        days(staff, "end_date", NEVER).tolist(),
        strict=True,
    )
    records: dict[tuple[int, int], list[_Record]] = {}
    for code, place, name, role_code, contract_code, weekly, start, end in columns:
        if code < 0:
            continue
        role, contract = ROLES[max(role_code, 0)], CONTRACTS[max(contract_code, 0)]
        person = int(reference.person_of_staff[code])
        record = _Record(labels[code], name or "", role, contract, weekly, start, end)
        records.setdefault((place, person), []).append(record)
    found: dict[int, dict[int, Member]] = {}
    for (place, person), mine in records.items():
        found.setdefault(place, {})[person] = _member(person, mine, day)
    return found
