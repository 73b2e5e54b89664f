"""Modified continuity (mci)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Modified continuity (mci)",
    text="""
        From the number of distinct clinicians and the number of contacts alone. Even perfect
        continuity stays below 1; mmci mends that.
    """,
    formula="`1 - M / (n + 0.1)`, M the number of distinct clinicians",
    source="Godkin and Rice 1984",
    checked="naive twin, SQL twin, exact rational values",
    specs=(
        Spec(
            title="Four contacts, three clinicians",
            text="""
                One less 3/4.1.
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
            question=Question(measures=("mci",)),
            expected="""
                patient_id | mci
                p1 | 11/41
            """,
        ),
        Spec(
            title="The best there is depends on n",
            text="""
                Two contacts with one GP: 1 - 1/2.1. The corrected value measures against this,
                not against 1.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                """,
            },
            question=Question(measures=("mci",)),
            expected="""
                patient_id | mci
                p1 | 11/21
            """,
        ),
    ),
)
