"""Counted contacts."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Counted contacts",
    text="""
        A contact counts when the patient came. What is left out is counted in the excluded columns
        of the result, each row by the first rule that leaves it out.
    """,
    checked="naive twin, SQL twin",
    specs=(
        Spec(
            title="The status words that count",
            text="""
                Arrived and attended count; a booked, missed or cancelled contact does not, nor
                one whose status is blank.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | status
                    p1 | A | 2025-01-06 | attended
                    p1 | C | 2025-01-08 | booked
                    p1 | C | 2025-01-09 | did_not_attend
                    p1 | C | 2025-01-10 | cancelled
                    p1 | C | 2025-01-11 |
                    p1 | B | 2025-01-12 | arrived
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_status
                1/2 | 2 | 4
            """,
        ),
        Spec(
            title="No status at all",
            text="""
                An extract without a status column: every row counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-07
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_status
                1/2 | 2 | 0
            """,
        ),
        Spec(
            title="After death",
            text="""
                A contact recorded after the day of death is left out; one on that day counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | B | 2025-01-08
                """,
                "patients": """
                    patient_id | death_date
                    p1 | 2025-01-07
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts
                1 | 2
            """,
        ),
        Spec(
            title="After the registration ended",
            text="""
                The end of a registration is the first day that no longer counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | B | 2025-01-08
                """,
                "registrations": """
                    patient_id | practice_id | from_date | to_date
                    p1 | G99001 | 2020-01-01 | 2025-01-08
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts
                1 | 2
            """,
        ),
        Spec(
            title="Repeats are kept",
            text="""
                Two contacts with one clinician on one day are two contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06T09:00
                    p1 | A | 2025-01-06T15:00
                    p1 | B | 2025-01-07
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts
                2/3 | 3
            """,
        ),
        Spec(
            title="Group contacts",
            text="""
                All ways of contact count but groups; a blank one counts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | mode
                    p1 | A | 2025-01-06 | face_to_face
                    p1 | A | 2025-01-07 | telephone
                    p1 | A | 2025-01-08 |
                    p1 | B | 2025-01-09 | group
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_mode
                1 | 3 | 1
            """,
        ),
        Spec(
            title="Some ways of contact only",
            text="""
                Others are left out and counted.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | mode
                    p1 | A | 2025-01-06 | face_to_face
                    p1 | B | 2025-01-07 | face_to_face
                    p1 | A | 2025-01-08 | telephone
                """,
            },
            question=Question(measures=("upc",), modes=("face_to_face",)),
            expected="""
                value | n_contacts | excluded_mode
                1/2 | 2 | 1
            """,
        ),
        Spec(
            title="Without a clinician",
            text="""
                Such a contact is in no part of any measure, and shown apart.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | | 2025-01-07
                    p1 | B | 2025-01-08
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_contacts | excluded_no_clinician
                1/2 | 2 | 1
            """,
        ),
    ),
)
