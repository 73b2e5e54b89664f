"""Own-patient ratio (opr)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Own-patient ratio (opr)",
    text="""
        Of the contacts a GP gave, the share given to the patients of their own list: slicc seen
        from the GP's chair. All contacts the GP gave count, those with patients of other lists,
        with patients without a named GP and with temporary residents too. A practice adds up only
        those GPs who hold a list.
    """,
    formula="`contacts a GP gives to their own list / all contacts that GP gives`",
    source="Sidaway-Lee and others 2023",
    checked="naive twin, SQL twin, published examples",
    specs=(
        Spec(
            title="Each GP",
            text="""
                A gave four contacts, two to A's own list; one went to B's list and one to a
                patient without a named GP. B gave one, not to B's list.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | C | 2025-01-21
                    p3 | A | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 |
                """,
            },
            question=Question(measures=("opr",), by=("list",)),
            expected="""
                list | value | n_patients | n_contacts
                A | 1/2 | 3 | 4
                B | 0 | 1 | 1
            """,
        ),
        Spec(
            title="The practice",
            text="""
                C holds no list and stays out: two of the five contacts that A and B gave.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | C | 2025-01-21
                    p3 | A | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 |
                """,
            },
            question=Question(measures=("opr",), by=("practice",)),
            expected="""
                practice | value | n_patients | n_contacts
                G99001 | 2/5 | 3 | 5
            """,
        ),
        Spec(
            title="Who holds a list",
            text="""
                Named GP of one registered patient on one day of the period is enough, unless a
                larger list is asked for. Here only B is the named GP of two patients.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p2 | B | 2025-01-07
                    p3 | A | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 | B
                """,
            },
            question=Question(measures=("opr",), min_list=2),
            expected="""
                value | n_contacts
                1 | 1
            """,
        ),
        Spec(
            title="The months add up",
            text="""
                A list held on any day of the window is held for all of its months: A's contact
                after the list was given up still counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-02-06
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | A | 2020-01-01 | 2025-02-01
                """,
            },
            question=Question(measures=("opr",), by=("month",)),
            expected="""
                month | value | n_contacts
                2025-01 | 1 | 1
                2025-02 | 0 | 1
            """,
        ),
        Spec(
            title="The dead are on no list",
            text="""
                B's only patient died before the window began, so B holds no list in it.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-02-06
                """,
                "patients": """
                    patient_id | named_staff_id | death_date
                    p1 | A |
                    p2 | B | 2020-05-01
                """,
            },
            question=Question(measures=("opr",)),
            expected="""
                value | n_contacts
                1 | 1
            """,
        ),
        Spec(
            title="A contact given at the hub",
            text="""
                A list holder's contacts elsewhere count with the practice where the GP holds a
                list.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A | U99001 | 2025-01-20
                    p9 | A | U99001 | 2025-02-03
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                """,
                "registrations": """
                    patient_id | practice_id | from_date
                    p1 | G99001 | 2020-01-01
                """,
            },
            question=Question(measures=("opr",), by=("practice",)),
            expected="""
                practice | value | n_contacts
                G99001 | 2/3 | 3
            """,
        ),
        Spec(
            title="Chance",
            text="""
                A GP who took patients blindly would meet the own list as often as that list
                made contacts: A's list made three of the six, B's two. The practice weighs its
                GPs by what they gave: (4 x 3/6 + 1 x 2/6) / 5.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | C | 2025-01-21
                    p3 | A | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | B
                    p3 |
                """,
            },
            question=Question(measures=("opr",), by=("practice",)),
            expected="""
                practice | value | chance
                G99001 | 2/5 | 7/15
            """,
        ),
        Spec(
            title="Chance weighs GPs by what they gave at home",
            text="""
                A also gave two contacts to a patient of another practice. These are in A's
                ratio, but not in the practice's supply: A gave one of its three contacts, B two.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | B | G99001 | 2025-01-07
                    p2 | B | G99001 | 2025-01-08
                    p3 | A | G99002 | 2025-01-09
                    p3 | A | G99002 | 2025-01-10
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                    p2 | G99001 | B
                    p3 | G99002 |
                """,
            },
            question=Question(measures=("opr",), by=("practice",)),
            expected="""
                practice | value | n_contacts | chance
                G99001 | 2/5 | 5 | 4/9
            """,
        ),
    ),
)
