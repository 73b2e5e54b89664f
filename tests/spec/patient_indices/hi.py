"""Herfindahl (hi)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Herfindahl (hi)",
    text="""
        The sum of the squared shares of the patient's clinicians: as coc, but a contact may be
        paired with itself, so few contacts alone make it high.
    """,
    formula="`sum of (n_i / n)^2`",
    source="Herfindahl's index of concentration",
    checked="naive twin, SQL twin, exact rational values",
    specs=(
        Spec(
            title="Four contacts, two with the same GP",
            text="""
                Shares of a half, a quarter and a quarter.
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
            question=Question(measures=("hi",)),
            expected="""
                patient_id | hi
                p1 | 3/8
            """,
        ),
        Spec(
            title="Two contacts with two GPs",
            text="""
                Half, although no clinician was seen twice: read hi beside its chance level.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-07
                """,
            },
            question=Question(measures=("hi", "coc")),
            expected="""
                patient_id | hi | coc
                p1 | 1/2 | 0
            """,
        ),
    ),
)
