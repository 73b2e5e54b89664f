"""Same as the contact before (same_as_previous)."""

from datetime import date

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Same as the contact before (same_as_previous)",
    text="""
        Of all pairs of one contact and the patient's next, the share that was with the same
        clinician: secon counted by contact and not by patient, so that it can be followed month by
        month. A pair belongs to the month of its later contact and to the patient's practice.
    """,
    formula="`pairs with the same clinician / pairs`",
    source="visit-based form of Steinwachs 1979",
    checked="naive twin, SQL twin, published examples",
    specs=(
        Spec(
            title="Two patients",
            text="""
                p1 stayed with A once and changed once; p2 stayed. Two of three pairs.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | B | 2025-01-07
                    p2 | B | 2025-02-21
                """,
            },
            question=Question(measures=("same_as_previous",)),
            expected="""
                value | n_patients | n_contacts
                2/3 | 2 | 3
            """,
        ),
        Spec(
            title="The month of the later contact",
            text="""
                The pair from January to February is counted in February.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | B | 2025-01-07
                    p2 | B | 2025-02-21
                """,
            },
            question=Question(measures=("same_as_previous",), by=("month",)),
            expected="""
                month | value | n_contacts
                2025-01 | 1 | 1
                2025-02 | 1/2 | 2
            """,
        ),
        Spec(
            title="The earlier contact may lie before the window",
            text="""
                The window starts in February. The pair that ends on 3 February counts, although
                it began in January.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-20
                    p1 | A | 2025-02-03
                    p1 | B | 2025-02-17
                """,
            },
            question=Question(measures=("same_as_previous", "secon"), date_from=date(2025, 2, 1)),
            expected="""
                measure | value | n_contacts
                same_as_previous | 1/2 | 2
                secon | 0 | 2
            """,
        ),
        Spec(
            title="At practice level",
            text="""
                The clinicians are replaced first: both of the first two contacts were at the
                practice.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | B | G99001 | 2025-01-20
                    p1 | X | U99001 | 2025-02-03
                """,
            },
            question=Question(measures=("same_as_previous",), level="practice"),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="Chance",
            text="""
                The chance that two contacts meet is the sum of the squared shares: A gave two
                of five contacts and B three.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | B | 2025-01-07
                    p2 | B | 2025-02-21
                """,
            },
            question=Question(measures=("same_as_previous",)),
            expected="""
                chance
                13/25
            """,
        ),
    ),
)
