"""Care density (care_density)."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Care density (care_density)",
    text="""
        How many patients a patient's clinicians share, per pair of them: clinicians who often look
        after the same people are thought to know how the other works. The patient counts too.
        Patients are counted over everything the command looks at, so a value can be compared only
        within one command. There is no chance level and no corrected value.
    """,
    formula="`sum over pairs of the patient's clinicians of the patients both saw / (M(M-1)/2)`",
    source="Pollack and others 2013",
    checked="naive twin",
    specs=(
        Spec(
            title="Three clinicians, three pairs",
            text="""
                p1 met A, B and C. A and B share p1 and p2, the other pairs only p1: (2 + 1 + 1)
                / 3. p3 met one clinician and has no value.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | B | 2025-01-20
                    p1 | C | 2025-02-03
                    p2 | A | 2025-01-07
                    p2 | B | 2025-01-21
                    p3 | C | 2025-01-08
                    p3 | C | 2025-01-22
                """,
            },
            question=Question(measures=("care_density",)),
            expected="""
                patient_id | care_density
                p1 | 4/3
                p2 | 2
                p3 | null
            """,
        ),
        Spec(
            title="Patients of other practices count",
            text="""
                B works in two practices: patients of both make the shared patients of A and B,
                whichever practice is looked at.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | practice_id | start_time
                    p1 | A | G99001 | 2025-01-06
                    p1 | B | G99001 | 2025-01-20
                    p2 | A | G99002 | 2025-01-07
                    p2 | B | G99002 | 2025-01-21
                """,
            },
            question=Question(measures=("care_density",), by=("practice",)),
            expected="""
                practice | value | n_patients | chance | corrected
                G99001 | 2 | 1 | null | null
                G99002 | 2 | 1 | null | null
            """,
        ),
    ),
)
