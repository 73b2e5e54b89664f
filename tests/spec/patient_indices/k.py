"""K index (k)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="K index (k)",
    text="""
        One less the share of chances to change clinician that met a new one: 1 with a single
        clinician, 0 when every contact was with another.
    """,
    formula="`(n - M) / (n - 1)`",
    source="Ejlertsson and Berg 1984",
    checked="naive twin, SQL twin, exact rational values",
    specs=(
        Spec(
            title="Four contacts, three clinicians",
            text="""
                One of three chances to stay was taken.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p1 | C | 2025-02-17
                """,
            },
            question=Question(measures=("k",)),
            expected="""
                patient_id | k
                p1 | 1/3
            """,
        ),
    ),
)
