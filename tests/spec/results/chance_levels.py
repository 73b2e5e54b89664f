"""Chance levels."""

from tests.oracles.questions import Question
from tests.spec.tables import Section, Spec

SECTION = Section(
    title="Chance levels",
    text="""
        What an index would be if every contact met a clinician blindly, in proportion to what each
        gave. A patient with three contacts in a practice of five equal GPs has an expected upc of
        0.52: half of what is measured may be nothing at all. The shares are those of the counted
        contacts of all patients of the practice in the window, at the hub too, patients with a
        single contact included.
    """,
    source="exact formulas; the expected maximum of a multinomial by dynamic programming",
    checked="naive twin, enumeration of all sequences, exact rational values",
    specs=(
        Spec(
            title="Five equal GPs, three contacts",
            text="""
                p1 saw A three times; twelve other patients saw the other four GPs once each
                time, so every GP gave three of fifteen contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-06
                    p1 | A | 2025-01-07
                    p1 | A | 2025-01-08
                    b0 | B | 2025-01-06
                    b1 | B | 2025-01-07
                    b2 | B | 2025-01-08
                    c0 | C | 2025-01-06
                    c1 | C | 2025-01-07
                    c2 | C | 2025-01-08
                    d0 | D | 2025-01-06
                    d1 | D | 2025-01-07
                    d2 | D | 2025-01-08
                    e0 | E | 2025-01-06
                    e1 | E | 2025-01-07
                    e2 | E | 2025-01-08
                """,
            },
            question=Question(measures=("upc", "coc", "hi", "k", "mmci"), by=("practice",)),
            expected="""
                measure | practice | value | n_patients | chance | corrected
                upc | G99001 | 1 | 1 | 13/25 | 1
                coc | G99001 | 1 | 1 | 1/5 | 1
                hi | G99001 | 1 | 1 | 7/15 | 1
                k | G99001 | 1 | 1 | 7/25 | 1
                mmci | G99001 | 1 | 1 | 11/35 | 1
            """,
        ),
        Spec(
            title="Matched on the number of contacts",
            text="""
                Two equal GPs: at two contacts chance gives a upc of 3/4, at four 11/16. The
                group expects their mean.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-01-06
                    p2 | A | 2025-01-05
                    p2 | A | 2025-01-06
                    p2 | B | 2025-01-07
                    p2 | B | 2025-01-08
                """,
            },
            question=Question(measures=("upc",)),
            expected="""
                value | n_patients | chance | corrected
                1/2 | 2 | 23/32 | -7/9
            """,
        ),
        Spec(
            title="A row a patient",
            text="""
                Prints what chance would give, not a corrected value: at two contacts that would
                explode.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | B | 2025-01-06
                """,
            },
            question=Question(measures=("upc", "coc")),
            expected="""
                patient_id | upc | expected_upc | coc | expected_coc
                p1 | 1/2 | 3/4 | 0 | 1/2
            """,
        ),
        Spec(
            title="A single clinician",
            text="""
                Chance already gives one, so there is nothing to correct.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                """,
            },
            question=Question(measures=("upc", "coc")),
            expected="""
                measure | value | chance | corrected
                upc | 1 | 1 | null
                coc | 1 | 1 | null
            """,
        ),
        Spec(
            title="The best there is",
            text="""
                Corrected values reach from chance to the best: for entropy that is nought, for
                clinicians one, for mci what one clinician gives at that number of contacts.
            """,
            tables={
                "appointments": """
                    patient_id | staff_id | start_time
                    p1 | A | 2025-01-05
                    p1 | A | 2025-01-06
                    p2 | B | 2025-01-05
                    p2 | B | 2025-01-06
                """,
            },
            question=Question(measures=("entropy", "clinicians", "mci")),
            expected="""
                measure | value | chance | corrected
                entropy | 0 | 1/2 | 1
                clinicians | 1 | 3/2 | 1
                mci | 11/21 | 2/7 | 1
            """,
        ),
    ),
)
