"""Which optional inputs the records hold, of the whole store or of one practice."""

from __future__ import annotations

from hamlets.continuity.results import Given
from hamlets.records import Store


def find_given(store: Store, practice: str | None = None) -> Given:
    """Return which optional inputs the store holds.

    Of one practice, teams and buddies are its own: those of other practices are no help.
    """
    dated = store.given("named_gps", "staff_id")
    teams = store.given("team_members", "staff_id")
    buddies = store.given("buddies", "staff_id")
    return Given(
        named_gps=dated or store.given("patients", "named_staff_id"),
        named_gp_dates=dated,
        teams=teams and (practice is None or _has_team(store, practice)),
        buddies=buddies and (practice is None or _has_buddy(store, practice)),
        roles=store.given("appointments", "staff_role") or store.given("staff", "role"),
        statuses=store.given("appointments", "status"),
        staff=store.given("staff", "staff_id"),
        rota=store.given("sessions", "staff_id"),
        events=store.given("events", "event_type") or store.given("patients", "death_date"),
    )


def _staff_ids(store: Store, practice: str) -> set[str]:
    rows = store.table("staff").select(["staff_id", "practice_id"]).to_pylist()
    return {row["staff_id"] for row in rows if row["practice_id"] == practice}


def _has_team(store: Store, practice: str) -> bool:
    """Return whether any team of the practice has a member."""
    teams = {r["team_id"] for r in store.table("teams").to_pylist() if r["practice_id"] == practice}
    staff = _staff_ids(store, practice)
    # A team may be known by its members alone.
    return any(
        row["team_id"] in teams or row["staff_id"] in staff
        for row in store.table("team_members").to_pylist()
    )


def _has_buddy(store: Store, practice: str) -> bool:
    """Return whether anyone covers for one of the practice's staff."""
    staff = _staff_ids(store, practice)
    # without a staff list nobody's buddy can be told from another practice's
    return not staff or any(row["staff_id"] in staff for row in store.table("buddies").to_pylist())
