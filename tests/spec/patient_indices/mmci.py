"""Modified modified continuity (mmci)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Modified modified continuity (mmci)",
    text="""
        mci divided by the most it can be at the patient's number of contacts, so that perfect
        continuity is 1.
    """,
    formula="`(1 - M / (n + 0.1)) / (1 - 1 / (n + 0.1))`",
    source="Magill and Senf 1987",
    checked="naive twin, SQL twin, published examples, exact rational values",
    specs=(
        Spec(
            title="Four contacts, three clinicians",
            text="""
                11/41 over 31/41.
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
            question=Question(measures=("mmci",)),
            expected="""
                patient_id | mmci
                p1 | 11/31
            """,
        ),
        Spec(
            title="Always the same clinician",
            text="""
                One, whatever the number of contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                """,
            },
            question=Question(measures=("mmci",)),
            expected="""
                patient_id | mmci
                p1 | 1
            """,
        ),
    ),
)
