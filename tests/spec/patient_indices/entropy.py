"""Visit entropy (entropy)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Visit entropy (entropy)",
    text="""
        How unpredictable the next clinician is, in bits. Low is good: 0 with a single clinician, 1
        with two in equal parts. Defined from one contact on.
    """,
    formula="`- sum of (n_i / n) log2(n_i / n)`",
    source="Shannon's entropy of the shares of contacts",
    checked="naive twin, SQL twin, exact rational values",
    specs=(
        Spec(
            title="Four contacts, two with the same GP",
            text="""
                A half and two quarters are one and a half bits.
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
            question=Question(measures=("entropy",)),
            expected="""
                patient_id | entropy
                p1 | 3/2
            """,
        ),
        Spec(
            title="One contact is enough",
            text="""
                A single contact is with a single clinician: no doubt at all. The other indices
                start at two contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | C | 2025-01-08
                """,
            },
            question=Question(measures=("entropy", "clinicians", "upc")),
            expected="""
                measure | value | n_patients | n_contacts | excluded_min_n
                entropy | ~0.639432 | 3 | 6 | 0
                clinicians | 5/3 | 3 | 6 | 0
                upc | 7/12 | 2 | 5 | 1
            """,
        ),
    ),
)
