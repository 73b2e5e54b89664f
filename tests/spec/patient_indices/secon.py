"""Sequential continuity (secon)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Sequential continuity (secon)",
    text="""
        How often the next contact was with the clinician of the one before. The only index of a
        patient that needs the order of the contacts.
    """,
    formula="`pairs of consecutive contacts with the same clinician / (n - 1)`",
    source="Steinwachs 1979",
    checked="naive twin, SQL twin, published examples, exact rational values",
    specs=(
        Spec(
            title="Order matters",
            text="""
                Both patients saw A twice and B twice; only the second stayed with each.
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
            question=Question(measures=("secon",)),
            expected="""
                patient_id | secon
                p1 | 0
                p2 | 2/3
            """,
        ),
        Spec(
            title="A contact without a clinician is stepped over",
            text="""
                The pair closes over the gap: A is followed by A.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | | 2025-01-07
                    p1 | A | 2025-01-08
                    p1 | B | 2025-01-09
                """,
            },
            question=Question(measures=("secon",)),
            expected="""
                patient_id | n_contacts | secon
                p1 | 3 | 1/2
            """,
        ),
        Spec(
            title="Over all orders its mean is coc",
            text="""
                Three contacts, A twice and B once, in the three orders there are: values 1/2, 0
                and 1/2, mean 1/3, which is coc.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | B | 2025-01-08
                    p2 | A | 2025-01-06
                    p2 | B | 2025-01-07
                    p2 | A | 2025-01-08
                    p3 | B | 2025-01-06
                    p3 | A | 2025-01-07
                    p3 | A | 2025-01-08
                """,
            },
            question=Question(measures=("secon", "coc")),
            expected="""
                measure | value
                secon | 1/3
                coc | 1/3
            """,
        ),
    ),
)
