"""A preset that leaves patients out by age says so where its result is printed."""

from __future__ import annotations

import pytest

from hamlets.continuity.conventions import PRESETS


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_with_ages_names_them(name: str) -> None:
    preset = PRESETS[name]
    ages = preset.changes.get("ages")
    said = f"aged {ages[0]} to {ages[1]}" if isinstance(ages, tuple) else "aged"
    assert (said in preset.unknown) == (ages is not None)
