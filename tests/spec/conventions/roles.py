"""Roles."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Roles",
    text="""
        Contacts with GPs count: all roles that begin with gp, registrars and locums among them.
        Other roles can be asked for by name, or anyone.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="GPs",
            text="""
                The nurse is left out, the registrar is not.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | R | 2025-01-07
                    p1 | N | 2025-01-08
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    R | gp_registrar
                    N | nurse
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_role
                1/2 | 2 | 1
            """,
        ),
        Spec(
            title="Anyone",
            text="""
                No role is left out.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | N | 2025-01-07
                    p1 | N | 2025-01-08
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    N | nurse
                """,
            },
            question=Question(measures=("upc",), roles="any"),
            expected="""
                value | n_contacts | excluded_role
                2/3 | 3 | 0
            """,
        ),
        Spec(
            title="The role of the day",
            text="""
                N qualified on 1 February: the contact in January was not with a GP.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | N | 2025-01-31
                    p1 | N | 2025-02-01
                """,
                "staff": """
                    staff_id | role | start_date | end_date
                    A | gp_partner | |
                    N | other | 2020-01-01 | 2025-02-01
                    N | gp_salaried | 2025-02-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_role
                1/2 | 2 | 1
            """,
        ),
        Spec(
            title="The contact's own role comes first",
            text="""
                Where the row itself says a role, that is the one.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | staff_role
                    p1 | A | 2025-01-06 |
                    p1 | N | 2025-01-07 | gp_locum
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    N | nurse
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts
                1/2 | 2
            """,
        ),
        Spec(
            title="A role nobody knows",
            text="""
                Where some roles are known, an unknown one is not a GP.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | Q | 2025-01-08
                """,
                "staff": """
                    staff_id | role
                    A | gp_partner
                    Q |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_role
                1 | 2 | 1
            """,
        ),
        Spec(
            title="No role known anywhere",
            text="""
                The rule cannot be applied: every clinician counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | Q | 2025-01-07
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_role
                1/2 | 2 | 0
            """,
        ),
    ),
)
