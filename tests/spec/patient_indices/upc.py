"""Usual provider (upc)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Usual provider (upc)",
    text="""
        How much of a patient's care came from the one clinician they saw most: the contacts with
        that clinician over all contacts. The usual provider need not be the named GP.
    """,
    formula="`max(n_i) / n`, n_i the contacts with clinician i, n all of them",
    source="Breslau and Reeb 1975; conventions as in Sidaway-Lee and others 2023",
    checked="naive twin, SQL twin, published examples, exact rational values",
    specs=(
        Spec(
            title="Four contacts, two with the same GP",
            text="""
                The clinician seen most gave two of the four contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p1 | C | 2025-02-17
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | n_contacts | upc
                p1 | 4 | 1/2
            """,
        ),
        Spec(
            title="A group is the mean of its patients",
            text="""
                Every patient with enough contacts weighs the same, however many contacts they
                had. A patient with a single contact has no value and is counted apart.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | C | 2025-01-08
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_patients | n_contacts | excluded_min_n
                7/12 | 2 | 5 | 1
            """,
        ),
        Spec(
            title="At team level",
            text="""
                Each clinician is first replaced by their team; then the same formula. Here A
                and B are in the team of the patient's named GP.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-20
                    p1 | B | 2025-02-03
                    p1 | C | 2025-02-17
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
                """,
            },
            question=Question(measures=("upc",), level="team"),
            expected="""
                patient_id | n_contacts | upc
                p1 | 4 | 3/4
            """,
        ),
        Spec(
            title="At practice level",
            text="""
                Each clinician is replaced by the practice where the contact took place.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | B | G99001 | 2025-01-20
                    p1 | X | U99001 | 2025-02-03
                """,
            },
            question=Question(measures=("upc",), level="practice"),
            expected="""
                patient_id | practice_id | n_contacts | upc
                p1 | G99001 | 3 | 2/3
            """,
        ),
    ),
)
