"""Readers by profile, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from hamlets.errors import SourceError, UsageError
from hamlets.records.batches import Reader, Recognition
from hamlets.records.mapping import Mapping
from hamlets.records.sources import Source


def _csv(mapping: Mapping | None, filled: Collection[str] = ()) -> Reader:
    from hamlets.records.readers.csv_tables import CsvReader

    return CsvReader(mapping, filled)


def _fhir(_mapping: Mapping | None, _filled: Collection[str] = ()) -> Reader:
    from hamlets.records.readers.fhir import FhirReader

    return FhirReader()


def _synthea(_mapping: Mapping | None, _filled: Collection[str] = ()) -> Reader:
    from hamlets.records.readers.synthea import SyntheaReader

    return SyntheaReader()


READERS: dict[str, Callable[..., Reader]] = {
    "csv": _csv,
    "fhir": _fhir,
    "synthea": _synthea,
}
"""Profile -> makes its reader. Imported when asked for: start-up stays quick."""

LOOKED_FOR = (
    "tables named appointments.csv, patients.csv, ... (csv), FHIR R4 resources in .ndjson files "
    "(fhir), or the encounters, patients and organizations files of Synthea (synthea)"
)


def choose_reader(
    source: Source,
    profile: str = "auto",
    mapping: Mapping | None = None,
    filled: Collection[str] = (),
) -> tuple[Reader, str]:
    """Return the reader for this source, and why it is the one (part of a sentence).

    ``filled`` are columns that files of the profile csv may lack. UsageError for a profile
    that there is none of; SourceError where no reader knows the source.
    """
    if profile != "auto":
        return _named(profile, mapping, filled), "it was asked for"
    if mapping is not None:
        return _csv(mapping, filled), f"the mapping file {mapping.name} is for it"
    best: tuple[Recognition, Reader] | None = None
    for make in READERS.values():
        reader = make(None, filled)
        recognition = reader.recognise(source)
        if recognition is not None and (best is None or recognition.score > best[0].score):
            best = recognition, reader
    if best is None:
        raise SourceError(
            "No profile knows these files.",
            where=_found(source),
            hint=f"Looked for {LOOKED_FOR}. Describe any other CSV in a file given with --mapping.",
        )
    return best[1], best[0].why


def _named(profile: str, mapping: Mapping | None, filled: Collection[str]) -> Reader:
    make = READERS.get(profile)
    if make is None:
        raise UsageError(
            f'There is no profile "{profile}".',
            hint=f"The profiles are: auto, {', '.join(READERS)}.",
        )
    if mapping is not None and profile != "csv":
        raise UsageError(
            "A mapping file goes with the profile csv only.",
            hint="Leave out --mapping, or use --profile csv.",
        )
    return make(mapping, filled)


def _found(source: Source) -> str:
    names = source.names()
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown
