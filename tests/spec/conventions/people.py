"""People."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="People",
    text="""
        Continuity is with people. Staff records that share a person_id are one person; the person
        is shown by the staff record when there is only one, else by the person_id.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="One GP, two staff records",
            text="""
                At the practice and at the hub.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A-hub | U99001 | 2025-01-07
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                """,
                "staff": """
                    staff_id | practice_id | person_id | role
                    A | G99001 | person-1 | gp_partner
                    A-hub | U99001 | person-1 | gp_locum
                """,
            },
            question=Question(measures=("slicc", "upc"), by=("list",)),
            expected="""
                measure | list | value | n_contacts
                slicc | person-1 | 1 | 2
                upc | person-1 | 1 | 2
            """,
        ),
        Spec(
            title="One staff record",
            text="""
                Shown by its own id, although it has a person_id.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "staff": """
                    staff_id | person_id | role
                    A | person-1 | gp_partner
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                list | value
                A | 1
            """,
        ),
    ),
)
