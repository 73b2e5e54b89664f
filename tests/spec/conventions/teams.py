"""Teams."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Teams",
    text="""
        At team level every clinician is replaced by a team, by one map for each patient that holds
        for the whole window. So people are only ever put together, and no index of concentration
        falls.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="The patient's team first",
            text="""
                The patient's team is that of the named GP at the end of the window. C is in
                both teams and counts as in the patient's; D only in the other; E in none and is
                a team of one.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | C | 2025-01-06
                    p1 | D | 2025-01-07
                    p1 | E | 2025-01-08
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    C | gp_salaried
                    D | gp_salaried
                    E | gp_locum
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                    T2 | G99001
                """,
                "team_members": """
                    team_id | staff_id
                    T1 | A
                    T1 | C
                    T2 | C
                    T2 | D
                """,
            },
            question=Question(measures=("upc", "clinicians"), level="team"),
            expected="""
                patient_id | upc | clinicians
                p1 | 1/2 | 3
            """,
        ),
        Spec(
            title="A member at any time of the window",
            text="""
                B left the team before the contact; the map holds for the whole window all the
                same.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-02-06
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                    T2 | G99001
                """,
                "team_members": """
                    team_id | staff_id | to_date
                    T1 | A |
                    T1 | B | 2025-01-01
                """,
            },
            question=Question(measures=("upc",), level="team"),
            expected="""
                patient_id | upc
                p1 | 1
            """,
        ),
        Spec(
            title="Otherwise a clinician's last team",
            text="""
                C and D were in T2 last; for a patient without a team they are one.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | C | 2025-01-05
                    p1 | D | 2025-02-06
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                    T2 | G99001
                """,
                "team_members": """
                    team_id | staff_id | from_date | to_date
                    T1 | C | 2020-01-01 | 2025-01-01
                    T2 | C | 2025-01-01 |
                    T2 | D | 2020-01-01 |
                """,
            },
            question=Question(measures=("upc",), level="team"),
            expected="""
                patient_id | upc
                p1 | 1
            """,
        ),
        Spec(
            title="The team a named GP leads",
            text="""
                A is in both teams and leads T2: the patient is of T2, and B with them.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-02-06
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                    T2 | G99001
                """,
                "team_members": """
                    team_id | staff_id | lead
                    T1 | A | false
                    T2 | A | true
                    T2 | B | false
                """,
            },
            question=Question(measures=("slicc",), by=("team",), level="team"),
            expected="""
                team | value | n_contacts
                T2 | 1 | 2
            """,
        ),
    ),
)
