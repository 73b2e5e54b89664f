"""Bice and Boxerman (coc)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Bice and Boxerman (coc)",
    text="""
        How concentrated a patient's contacts are: the chance that two different contacts of the
        patient, picked blindly, were with the same clinician. Its chance level does not depend on
        the number of contacts, so patients with few and with many contacts can be compared.
    """,
    formula="`(sum of n_i^2 - n) / (n(n-1))`",
    source="Bice and Boxerman 1977",
    checked="naive twin, SQL twin, published examples, exact rational values",
    specs=(
        Spec(
            title="Four contacts, two with the same GP",
            text="""
                Of the six pairs of contacts one is with the same clinician.
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
            question=Question(measures=("coc",)),
            expected="""
                patient_id | coc
                p1 | 1/6
            """,
        ),
        Spec(
            title="The order does not matter",
            text="""
                Two GPs in turn, or two contacts with each: the same value.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-07
                    p1 | A | 2025-01-08
                    p1 | B | 2025-01-09
                    p2 | A | 2025-01-06
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-08
                    p2 | B | 2025-01-09
                """,
            },
            question=Question(measures=("coc",)),
            expected="""
                patient_id | coc
                p1 | 1/3
                p2 | 1/3
            """,
        ),
        Spec(
            title="One contact has no value",
            text="""
                There is no pair of contacts; asking for patients with one contact or more
                changes nothing.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                """,
            },
            question=Question(measures=("coc",), min_contacts=1),
            expected="""
                value | n_patients | excluded_min_n
                null | 0 | 1
            """,
        ),
    ),
)
