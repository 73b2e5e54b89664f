"""Numbers that the kernel writes out must be those of the vocabularies and definitions."""

from __future__ import annotations

from hamlets.continuity import indices, ladder, ratios
from hamlets.continuity.definitions import STEPS
from hamlets.records.tables import ROLES


def test_roles_of_the_waterfall() -> None:
    assert ROLES[ladder.GP_LOCUM] == "gp_locum"
    assert ROLES[ladder.GP_REGISTRAR] == "gp_registrar"


def test_steps_stand_in_their_order() -> None:
    steps = {
        "own": ladder.STEP_OWN,
        "buddy": ladder.STEP_BUDDY,
        "team": ladder.STEP_TEAM,
        "practice": ladder.STEP_PRACTICE,
        "locum": ladder.STEP_LOCUM,
        "hub": ladder.STEP_HUB,
    }
    assert tuple(steps) == STEPS
    assert list(steps.values()) == list(range(len(STEPS)))


def test_columns_of_sums_do_not_overlap() -> None:
    assert ratios.PAIRS_AT == ratios.NAMED_AT + 3 + 3 * ratios.NAMED_NUMERATORS
    assert ratios.SUM_WIDTH == ratios.EXTRA_AT + 2
    assert ratios.WORDS * 3 > ratios.CONTACTS
    assert indices.ENTROPY_AT + 4 == indices.LEVEL_WIDTH
