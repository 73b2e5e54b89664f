"""The order of each vocabulary is part of the store's format: codes never move."""

from __future__ import annotations

import pytest

from hamlets.records.tables import NOT_GIVEN, TABLES, VOCABULARIES

# As format 1 was released. New words are added at the end, here and there.
RELEASED = {
    "role": (
        "unknown gp gp_partner gp_salaried gp_locum gp_registrar nurse advanced_practitioner "
        "pharmacist healthcare_assistant physician_associate physiotherapist paramedic "
        "social_prescriber care_coordinator social_worker patient_advocate administrator other"
    ),
    "status": "unknown booked arrived attended did_not_attend cancelled",
    "mode": "unknown face_to_face telephone video online home_visit care_home group",
    "urgency": "unknown same_day routine follow_up",
    "contract": "unknown partner salaried locum retainer trainee other",
    "kind": ("unknown network pcn borough federation super_partnership multi_practice region"),
}


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_codes_never_move(name: str) -> None:
    released = tuple(RELEASED[name].split())
    assert VOCABULARIES[name][: len(released)] == released


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_codes_fit_a_byte_and_leave_room_for_not_given(name: str) -> None:
    words = VOCABULARIES[name]
    assert words[0] == "unknown"
    assert len(set(words)) == len(words) <= 127
    assert NOT_GIVEN not in range(len(words))


def test_every_word_column_has_a_vocabulary() -> None:
    columns = [c for table in TABLES.values() for c in table.columns]
    assert {c.vocabulary for c in columns if c.kind == "word"} == set(VOCABULARIES)
    assert all(c.vocabulary is None for c in columns if c.kind != "word")
