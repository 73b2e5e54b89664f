"""Whatever JSON a FHIR file holds, no error escapes and every line is accounted for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hamlets.records.readers.fhir import FhirReader
from tests.readings import read, write_ndjson

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4)
REFERENCES = st.sampled_from(
    [
        {"reference": "Patient/x"},
        {"reference": "Practitioner?identifier=a|b"},
        {"reference": "?"},
        {"reference": "#"},
        {"reference": "urn:"},
        {"reference": "/"},
        {"identifier": {"value": "1"}},
        {"identifier": []},
    ]
)
TIMES = st.sampled_from(["2026-01-05T09:00:00Z", "2026", "2026-13-01", "T", ""])
LEAVES = SCALARS | REFERENCES | TIMES
FIELDS = [
    "id", "status", "class", "subject", "patient", "participant", "period", "type", "code",
    "start", "location", "serviceProvider", "appointment", "created", "meta", "identifier",
    "reference", "individual", "actor", "coding", "text", "system", "value", "component",
    "valueQuantity", "managingOrganization", "careManager", "name", "extension", "url", "length",
    "practitioner", "organization", "contained", "availableTime", "schedule", "birthDate",
]  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=8,
)
KINDS = [
    "Encounter", "Appointment", "Patient", "EpisodeOfCare", "Condition", "Slot", "Schedule",
    "Organization", "Location", "Practitioner", "PractitionerRole", "Claim",
]  # fmt: skip
"""Types of which a resource gives one counted row at most (no panels, no teams)."""


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    fields = draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=7))
    return {**fields, "resourceType": draw(st.sampled_from(KINDS))}


@given(st.lists(resources(), min_size=1, max_size=6))
def test_every_line_is_a_row_a_refusal_or_a_count(drawn: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = read(FhirReader(), write_ndjson(Path(folder) / "any.ndjson", drawn))
    kept = {
        line for table, lines in result.lines.items() if table != "team_members" for line in lines
    }
    refused = {r.line for r in result.notes.refusals}
    assert kept | refused <= set(range(1, len(drawn) + 1))
    skipped = sum(result.notes.skipped.values())
    assert len(kept | refused) + skipped >= len(drawn)
    assert len(kept - refused) + skipped <= len(drawn)
