"""Waterfall (waterfall)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Waterfall (waterfall)",
    text="""
        Where the contacts of a list went, step by step away from the own GP. The steps sum to one.
        Each contact of slicc's denominator goes to the first of these that fits: another practice
        or the hub; the own GP; the GP's buddy that day; the rest of the team, locums in it too; any
        other locum or registrar; the rest of the practice. Results come in the order own, buddy,
        team, practice, locum, hub.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="Every step once",
            text="""
                Eight contacts of A's list. T is a locum, but in the team; A at the hub is the
                hub. B is in the team, but as A's buddy counts first.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A | G99001 | 2025-01-07
                    p1 | A | G99001 | 2025-01-08
                    p1 | B | G99001 | 2025-01-09
                    p1 | T | G99001 | 2025-01-10
                    p1 | D | G99001 | 2025-01-13
                    p1 | L | G99001 | 2025-01-14
                    p1 | A | U99001 | 2025-01-15
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    B | gp_salaried
                    T | gp_locum
                    D | gp_salaried
                    L | gp_registrar
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                """,
                "team_members": """
                    team_id | staff_id
                    T1 | A
                    T1 | B
                    T1 | T
                """,
                "buddies": """
                    staff_id | buddy_staff_id
                    A | B
                """,
            },
            question=Question(measures=("waterfall",)),
            expected="""
                step | value | n_contacts
                own | 3/8 | 8
                buddy | 1/8 | 8
                team | 1/8 | 8
                practice | 1/8 | 8
                locum | 1/8 | 8
                hub | 1/8 | 8
            """,
        ),
        Spec(
            title="A nurse in the team",
            text="""
                Only contacts with GPs are counted unless anyone is asked for; then a nurse of
                the team is the rest of the team.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | N | 2025-01-07
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    N | nurse
                """,
                "teams": """
                    team_id | practice_id
                    T1 | G99001
                """,
                "team_members": """
                    team_id | staff_id
                    T1 | A
                    T1 | N
                """,
            },
            question=Question(measures=("waterfall",), roles="any"),
            expected="""
                step | value | n_contacts
                own | 1/2 | 2
                team | 1/2 | 2
                hub | 0 | 2
            """,
        ),
    ),
)
