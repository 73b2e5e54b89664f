"""Window."""

from datetime import date

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Window",
    text="""
        Two years that end with the latest counted contact, both ends included, unless other days
        are asked for. Ratios by month take calendar months; indices by month take the two years
        that end with each.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="Two years",
            text="""
                The last counted contact is of 10 March 2025, so the window begins on 11 March
                2023. A missed contact does not move it.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | status
                    p1 | A | 2023-03-10 | attended
                    p1 | B | 2023-03-11 | attended
                    p1 | C | 2025-03-10 | attended
                    p1 | A | 2025-03-12 | cancelled
                """,
            },
            question=Question(measures=("clinicians",)),
            expected="""
                value | n_contacts
                2 | 2
            """,
        ),
        Spec(
            title="Both ends belong",
            text="""
                From 6 to 8 January.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-08
                    p1 | A | 2025-01-09
                """,
            },
            question=Question(
                measures=("upc",), date_from=date(2025, 1, 6), date_to=date(2025, 1, 8)
            ),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="A ratio by month",
            text="""
                Each month by itself. The first and the last are partial where the window cuts
                them.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-15
                    p1 | B | 2025-02-08
                    p1 | A | 2025-03-09
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
            },
            question=Question(
                measures=("slicc",),
                by=("month",),
                date_from=date(2025, 1, 10),
                date_to=date(2025, 3, 20),
            ),
            expected="""
                month | value | n_contacts | partial
                2025-01 | 1 | 1 | true
                2025-02 | 0 | 1 | false
                2025-03 | 1 | 1 | true
            """,
        ),
        Spec(
            title="An index by month",
            text="""
                The window rolls: with two months, February looks at January and February, March
                at February and March.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-15
                    p1 | B | 2025-02-08
                    p1 | B | 2025-03-09
                    p1 | B | 2025-03-31
                """,
            },
            question=Question(
                measures=("upc",),
                by=("month",),
                window_months=2,
                date_from=date(2025, 2, 1),
                date_to=date(2025, 3, 31),
            ),
            expected="""
                month | value | n_contacts | partial
                2025-02 | 2/3 | 3 | true
                2025-03 | 1 | 3 | false
            """,
        ),
    ),
)
