"""Practice of a patient."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Practice of a patient",
    text="""
        Every patient belongs to one practice in a window: that of their registration on its last
        day, or on the last day they were registered. Contacts on days without a
        registration there are left out; contacts elsewhere while registered count.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="Moved",
            text="""
                p1 moved to G99002 in February: the contacts at G99001 before that are left out.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A | G99001 | 2025-01-07
                    p1 | X | G99002 | 2025-02-10
                    p1 | X | G99002 | 2025-02-11
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 | 2025-02-01
                    p1 | G99002 | 2025-02-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts | upc
                p1 | G99002 | 2 | 1
            """,
        ),
        Spec(
            title="Elsewhere while registered",
            text="""
                The contact at the hub counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | H | U99001 | 2025-01-07
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts | upc
                p1 | G99001 | 2 | 1/2
            """,
        ),
        Spec(
            title="Left before the end",
            text="""
                The last practice within the window is the one; p2 has contacts later, so the
                window goes on.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A | G99001 | 2025-01-07
                    p2 | A | G99001 | 2025-06-07
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 | 2025-03-01
                    p2 | G99001 | 2020-01-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts
                p1 | G99001 | 2
                p2 | G99001 | 1
            """,
        ),
        Spec(
            title="Came back",
            text="""
                A contact counts when the patient was registered at the practice on its day: not
                during the months away, but before them.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2024-01-10
                    p1 | B | G99001 | 2024-06-10
                    p1 | A | G99001 | 2025-01-10
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 | 2024-02-01
                    p1 | G99001 | 2024-09-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts | upc
                p1 | G99001 | 2 | 1
            """,
        ),
        Spec(
            title="Only the practice is known",
            text="""
                Where the patients table names the practice but no dates, it holds for all days,
                wherever the contacts were.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | X | G99002 | 2025-01-06
                    p1 | X | G99002 | 2025-01-07
                    p1 | A | G99001 | 2025-01-08
                """,
                "patients": """
                    patient_id | practice_id
                    p1 | G99001
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts | upc
                p1 | G99001 | 3 | 2/3
            """,
        ),
        Spec(
            title="Without registrations",
            text="""
                The practice with most counted contacts; p2 has as many in both, so the one seen
                last; p3 saw both at the same minute, so the lower id.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | A | G99001 | 2025-01-07
                    p1 | X | G99002 | 2025-01-08
                    p2 | A | G99001 | 2025-01-06
                    p2 | X | G99002 | 2025-01-08
                    p3 | X | G99002 | 2025-01-06
                    p3 | A | G99001 | 2025-01-06
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts
                p1 | G99001 | 3
                p2 | G99002 | 2
                p3 | G99001 | 2
            """,
        ),
        Spec(
            title="Two registrations on one day",
            text="""
                The one that started last.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | X | G99002 | 2025-02-06
                    p1 | X | G99002 | 2025-02-07
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 |
                    p1 | G99002 | 2024-01-01 |
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                patient_id | practice_id | n_contacts
                p1 | G99002 | 2
            """,
        ),
    ),
)
