"""Groups."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Groups",
    text="""
        A result can be split by attributes of the patient, at the end of the window for an index
        and on the day of the contact for a ratio, and by attributes of the contact, for ratios
        only.
    """,
    checked="naive twin",
    specs=(
        Spec(
            title="Age band",
            text="""
                Where only the year of birth is known, the birthday is taken to be 1 July: born
                in 1960, p1 is 64 in the window and 65 after it.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-06-29
                    p1 | A | 2025-06-30
                """,
                "patients": """
                    patient_id | birth_year
                    p1 | 1960
                """,
            },
            question=Question(measures=("upc",), by=("age_band",)),
            expected="""
                age_band | value | n_patients
                45-64 | 1 | 1
            """,
        ),
        Spec(
            title="Age on the day",
            text="""
                The same patient counts in two bands of a ratio.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-06-30
                    p1 | B | 2025-07-01
                """,
                "patients": """
                    patient_id | birth_year | named_staff_id
                    p1 | 1960 | A
                """,
            },
            question=Question(measures=("slicc",), by=("age_band",)),
            expected="""
                age_band | value | n_contacts
                45-64 | 1 | 1
                65-74 | 0 | 1
            """,
        ),
        Spec(
            title="Deprivation",
            text="""
                Deciles in pairs; 1 is the most deprived fifth.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p2 | A | 2025-01-05
                    p2 | B | 2025-01-06
                """,
                "patients": """
                    patient_id | imd_decile
                    p1 | 2
                    p2 | 3
                """,
            },
            question=Question(measures=("upc",), by=("imd_quintile",)),
            expected="""
                imd_quintile | value | n_patients
                1 | 1 | 1
                2 | 1/2 | 1
            """,
        ),
        Spec(
            title="Number of contacts",
            text="""
                In bands.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p2 | A | 2025-01-05
                    p2 | B | 2025-01-06
                    p2 | C | 2025-01-07
                """,
                "staff": """
                    staff_id | role
                    A | gp
                    B | gp
                    C | gp
                """,
            },
            question=Question(measures=("upc",), by=("n_band",)),
            expected="""
                n_band | value | n_patients
                2 | 1 | 1
                3-4 | 1/3 | 1
            """,
        ),
        Spec(
            title="Hours",
            text="""
                Core hours are Monday to Friday from 08:00 to before 18:30; the rest of a
                weekday is evening; bank holidays are weekend. Chance takes the shares of the
                same hours.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06T08:00
                    p1 | B | 2025-01-06T18:29
                    p1 | B | 2025-01-06T18:30
                    p1 | A | 2025-01-11T10:00
                    p1 | B | 2025-04-21T10:00
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
            },
            question=Question(measures=("slicc",), by=("hours",)),
            expected="""
                hours | value | n_contacts | chance
                core | 1/2 | 2 | 1/2
                evening | 0 | 1 | 0
                weekend | 1/2 | 2 | 1/2
            """,
        ),
        Spec(
            title="Mode",
            text="""
                Ratios split the contacts; an index filters them and counts anew, so p1 has no
                value by telephone.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time | mode
                    p1 | A | 2025-01-05 | face_to_face
                    p1 | A | 2025-01-06 | face_to_face
                    p1 | B | 2025-01-07 | telephone
                """,
                "patients": """
                    patient_id | named_staff_id
                    p1 | A
                """,
            },
            question=Question(measures=("slicc", "upc"), by=("mode",)),
            expected="""
                measure | mode | value | n_contacts
                slicc | face_to_face | 1 | 2
                slicc | telephone | 0 | 1
                upc | face_to_face | 1 | 2
                upc | telephone | null | 0
            """,
        ),
        Spec(
            title="Hub",
            text="""
                Whether a contact was away from the patient's own practice.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-05
                    p1 | A | G99001 | 2025-01-06
                    p1 | H | U99001 | 2025-01-07
                """,
                "patients": """
                    patient_id | practice_id | named_staff_id
                    p1 | G99001 | A
                """,
            },
            question=Question(measures=("slicc",), by=("hub",)),
            expected="""
                hub | value | n_contacts
                no | 1 | 2
                yes | 0 | 1
            """,
        ),
        Spec(
            title="Network and borough",
            text="""
                By the practice's network, and the borough above it.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                """,
                "practices": """
                    practice_id | network_id
                    G99001 | N1
                """,
                "networks": """
                    network_id | kind | parent_id
                    N1 | pcn | B1
                    B1 | borough |
                """,
            },
            question=Question(measures=("upc",), by=("network", "borough")),
            expected="""
                network | borough | value
                N1 | B1 | 1
            """,
        ),
    ),
)
