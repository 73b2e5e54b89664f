"""Own-list share (slicc)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Own-list share (slicc)",
    text="""
        Of the contacts of a list, the share that was with the list's own GP. A list is the patients
        of one named GP, on the day of the contact. Several lists, a practice or two years are sums
        over sums, never means of lists or months. It needs no minimum: a patient with one contact
        counts.
    """,
    formula="`contacts of the list with its own GP / contacts of the list with any GP`",
    source="St Leonard's index of continuity of care; Sidaway-Lee and others 2019",
    checked="naive twin, SQL twin, published examples",
    specs=(
        Spec(
            title="Two lists and their practice",
            text="""
                A's list had three contacts, two of them with A; B's list three, two of them
                with B.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                measure | list | value | n_patients | n_contacts
                slicc | A | 2/3 | 1 | 3
                slicc | B | 2/3 | 2 | 3
            """,
        ),
        Spec(
            title="Sums over sums",
            text="""
                The practice has four contacts with the own GP out of six.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_patients | n_contacts
                2/3 | 3 | 6
            """,
        ),
        Spec(
            title="The list of the day",
            text="""
                The patient moved from A's list to B's on 1 February. Each contact belongs to
                the list of its day.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-31
                    p1 | B | 2025-02-01
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | A | 2024-01-01 | 2025-02-01
                    p1 | B | 2025-02-01 |
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                list | value | n_contacts
                A | 1/2 | 2
                B | 1 | 1
            """,
        ),
        Spec(
            title="Nobody named",
            text="""
                p2 has no named GP: their contacts are in neither part, although p2 saw A.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p2 | A | 2025-01-07
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 |
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_patients | n_contacts
                1 | 1 | 1
            """,
        ),
        Spec(
            title="At team level",
            text="""
                With anyone who was in the named GP's team that day. Three of the four
                clinicians are in the team and all four gave the same number of contacts, so
                chance alone would give three quarters: bigger teams look better for nothing.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-20
                    p1 | C | 2025-02-03
                    p1 | D | 2025-02-17
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                """,
                "team_members": """
                    team_id | staff_id
                    T1 | A
                    T1 | B
                    T1 | C
                """,
            },
            question=Question(measures=("slicc",), level="team"),
            expected="""
                value | n_contacts | chance | corrected
                3/4 | 4 | 3/4 | 0
            """,
        ),
        Spec(
            title="A member only from a day on",
            text="""
                B joined on 1 February; the contact in January was not yet within the team.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | B | 2025-01-20
                    p1 | B | 2025-02-03
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                """,
                "team_members": """
                    team_id | staff_id | from_date
                    T1 | A |
                    T1 | B | 2025-02-01
                """,
            },
            question=Question(measures=("slicc",), level="team"),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="A named GP without a team",
            text="""
                Is a team of one: at team level the value is that of the GP alone.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("slicc",), level="team"),
            expected="""
                value | n_contacts
                2/3 | 6
            """,
        ),
        Spec(
            title="At practice level",
            text="""
                The share of the same contacts that took place at the patient's own practice.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | B | G99001 | 2025-01-20
                    p1 | X | U99001 | 2025-02-03
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                """,
            },
            question=Question(measures=("slicc",), level="practice"),
            expected="""
                value | n_contacts
                2/3 | 3
            """,
        ),
        Spec(
            title="Chance is the own GP's share of the supply",
            text="""
                A gave three of the practice's six contacts and B three: each list would meet
                its own GP in half of its contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                list | value | chance | corrected
                A | 2/3 | 1/2 | 1/3
                B | 2/3 | 1/2 | 1/3
            """,
        ),
        Spec(
            title="A month has that month's chance",
            text="""
                In January A gave three of five contacts and B two. A's list had two contacts
                and B's three, so chance is (2 x 3/5 + 3 x 2/5) / 5.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("slicc",), by=("month",)),
            expected="""
                month | value | n_contacts | chance
                2025-01 | 4/5 | 5 | 12/25
                2025-02 | 0 | 1 | 0
            """,
        ),
    ),
)
