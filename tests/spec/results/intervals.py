"""Lower and upper bounds."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Lower and upper bounds",
    text="""
        Ranges of 95 per cent. They describe how much the process that made these contacts varies
        between patients; the practice is complete, nothing was sampled.
    """,
    source="linearised variance of a ratio, clustered by patient; Wilson 1927",
    checked="naive twin",
    specs=(
        Spec(
            title="A mean",
            text="""
                Values 1 and 1/2: mean 3/4, standard deviation 0.35355, standard error 1/4; the
                upper bound stops at one.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p2 | A | 2025-01-05
                    p2 | B | 2025-01-06
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | lower | upper
                3/4 | 0.26 | 1
            """,
        ),
        Spec(
            title="A ratio",
            text="""
                Three of six contacts, one of three for the one patient and two of three for the
                other: variance 2/1 times (1/4 + 1/4) over 36.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-01-06
                    p1 | B | 2025-01-07
                    p2 | A | 2025-01-05
                    p2 | A | 2025-01-06
                    p2 | B | 2025-01-07
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | A
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_patients | lower | upper
                1/2 | 2 | ~0.173333 | ~0.826667
            """,
        ),
        Spec(
            title="All or nothing",
            text="""
                Where every contact was with the own GP, Wilson's interval of the number of
                patients.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p2 | A | 2025-01-05
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | A
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_patients | lower | upper
                1 | 2 | ~0.34238 | 1
            """,
        ),
        Spec(
            title="One patient",
            text="""
                Has a value but no range.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_patients | lower | upper
                1 | 1 | null | null
            """,
        ),
    ),
)
