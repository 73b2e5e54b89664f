"""Distinct clinicians (clinicians)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Distinct clinicians (clinicians)",
    text="""
        How many different clinicians the patient met. Low is good. Defined from one contact on.
    """,
    formula="`M`",
    checked="naive twin, SQL twin, exact rational values",
    specs=(
        Spec(
            title="Four contacts, three clinicians",
            text="""
                A, B and C.
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
            question=Question(measures=("clinicians",)),
            expected="""
                patient_id | clinicians
                p1 | 3
            """,
        ),
        Spec(
            title="People are counted, not staff records",
            text="""
                A and A2 are two staff records of one person.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A2 | 2025-01-20
                    p1 | B | 2025-02-03
                """,
                "staff": """
                    staff_id | person_id | role
                    A | person-1 | gp_salaried
                    A2 | person-1 | gp_locum
                    B | | gp_partner
                """,
            },
            question=Question(measures=("clinicians", "upc")),
            expected="""
                patient_id | clinicians | upc
                p1 | 2 | 2/3
            """,
        ),
    ),
)
