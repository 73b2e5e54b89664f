"""Order of contacts."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Order of contacts",
    text="""
        By the minute they started, then by appointment id compared as text, then by member of
        staff. The order of rows in a file never matters.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="Within one minute",
            text="""
                By time alone the two contacts of 09:00 tie, seconds do not count, and a1 comes
                before a2: A, A, B.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | appointment_id
                    p1 | B | 2025-01-06T09:00:10 | a2
                    p1 | A | 2025-01-06T09:00:50 | a1
                    p1 | A | 2025-01-06T08:00:00 | a3
                """,
            },
            question=Question(measures=("secon",)),
            expected="""
                patient_id | secon
                p1 | 1/2
            """,
        ),
        Spec(
            title="Ids are text",
            text="""
                As text 10 comes before 9: A, B, B.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | appointment_id
                    p1 | A | 2025-01-06T08:00:00 | 8
                    p1 | A | 2025-01-06T09:00:00 | 9
                    p1 | B | 2025-01-06T09:00:00 | 10
                    p1 | A | 2025-01-06T10:00:00 | 11
                """,
            },
            question=Question(measures=("secon",)),
            expected="""
                patient_id | secon
                p1 | 1/3
            """,
        ),
    ),
)
