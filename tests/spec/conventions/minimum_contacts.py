"""Minimum number of contacts."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Minimum number of contacts",
    text="""
        Most indices need two contacts of a patient, entropy and clinicians one. Another minimum can
        be asked for; it then holds for every index of a patient, though never below what the
        formula itself needs.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="Three or more",
            text="""
                Only p1 has three contacts; p2 is counted as left out.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | B | 2025-01-08
                    p2 | A | 2025-01-06
                    p2 | A | 2025-01-07
                """,
            },
            question=Question(measures=("upc", "entropy"), min_contacts=3),
            expected="""
                measure | value | n_patients | excluded_min_n
                upc | 2/3 | 1 | 1
                entropy | ~0.918296 | 1 | 1
            """,
        ),
        Spec(
            title="One or more",
            text="""
                With one contact upc is one; coc does not exist, so p2 is still left out there.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-07
                    p2 | A | 2025-01-06
                """,
            },
            question=Question(measures=("upc", "coc"), min_contacts=1),
            expected="""
                measure | value | n_patients | excluded_min_n
                upc | 3/4 | 2 | 0
                coc | 0 | 1 | 1
            """,
        ),
        Spec(
            title="A row a patient",
            text="""
                A patient with one contact has a row with empty cells where there are too few; a
                patient without any has none.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                """,
            },
            question=Question(measures=("upc", "coc", "entropy", "clinicians")),
            expected="""
                patient_id | n_contacts | upc | coc | entropy | clinicians
                p1 | 1 | null | null | 0 | 1
            """,
        ),
        Spec(
            title="Nobody has enough",
            text="""
                The value is empty and the reason says so.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_patients | excluded_min_n | reason
                null | 0 | 1 | no patient has 2 contacts
            """,
        ),
    ),
)
