"""Named GP."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Named GP",
    text="""
        The GP who was named for the patient on the day of the contact. Someone who was not a
        partner or salaried GP that day, or had left, is not a named GP, and the patient then has
        none.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="A gap between two entries",
            text="""
                Nobody was named on 15 January, whatever the extract says today.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-15
                    p1 | B | 2025-01-25
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | A | 2020-01-01 | 2025-01-10
                    p1 | B | 2025-01-20 |
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                list | value | n_contacts
                A | 1 | 1
                B | 1 | 1
            """,
        ),
        Spec(
            title="Two entries at once",
            text="""
                The one that began later.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | B | 2025-01-05
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | A | 2020-01-01 |
                    p1 | B | 2024-01-01 |
                """,
            },
            question=Question(measures=("slicc",), by=("list",)),
            expected="""
                list | value | n_contacts
                B | 1 | 1
            """,
        ),
        Spec(
            title="Only today's value",
            text="""
                Where no dates are known it holds for all days.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2023-06-05
                    p1 | B | 2025-01-05
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="Registrars and locums",
            text="""
                They give contacts and can be the usual provider, but are never the named GP.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | R | 2025-01-05
                    p1 | R | 2025-01-06
                    p2 | L | 2025-01-07
                    p3 | A | 2025-01-08
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | R
                    p2 | L
                    p3 | A
                """,
                "staff": """
                    staff_id | role
                    R | gp_registrar
                    L | gp_locum
                    A | gp_salaried
                """,
            },
            question=Question(measures=("slicc", "upc")),
            expected="""
                measure | value | n_patients | n_contacts
                slicc | 1 | 1 | 1
                upc | 1 | 1 | 2
            """,
        ),
        Spec(
            title="A role nobody knows",
            text="""
                Where some roles are known, someone whose role is not is no GP, and so not a
                named one either.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p2 | A | 2025-01-06
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                    p2 | Q
                """,
                "staff": """
                    staff_id | role
                    A | gp_salaried
                    Q |
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_patients | n_contacts
                1 | 1 | 1
            """,
        ),
        Spec(
            title="Has left",
            text="""
                From the day the named GP is gone the patient has none.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-02-05
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
                "staff": """
                    staff_id | role | end_date
                    A | gp_partner | 2025-02-01
                    B | gp_partner |
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_contacts
                1 | 1
            """,
        ),
        Spec(
            title="Somebody who has not begun",
            text="""
                Before the first day of the post the role is unknown, and nobody is named. So is
                it for the contacts: without a role of their own they are not with a GP.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-02-05
                    p1 | B | 2025-02-06
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | B | 2020-01-01 |
                """,
                "staff": """
                    staff_id | role | start_date
                    A | gp_partner |
                    B | gp_partner | 2025-02-01
                """,
            },
            question=Question(measures=("slicc",)),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="The list of an index",
            text="""
                An index of a patient goes to the list the patient is on at the end of the
                window.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p1 | B | 2025-02-05
                """,
                "named_gps": """
                    patient_id | staff_id | from_date | to_date
                    p1 | A | 2020-01-01 | 2025-02-01
                    p1 | B | 2025-02-01 |
                """,
            },
            question=Question(measures=("upc",), by=("list",)),
            expected="""
                list | value | n_patients
                B | 2/3 | 1
            """,
        ),
    ),
)
