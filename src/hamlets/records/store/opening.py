"""Opening a store for a load: what there is, and whose pseudonyms it keeps."""

from __future__ import annotations

from hamlets.errors import UsageError
from hamlets.records.identity import Identity, pseudonymous
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest, current_manifest

INVENTED = "invented"
"""The source of simulated data. It never shares a store with anything else."""


def check_not_mixed(layout: Layout, base: Manifest | None, source: str) -> None:
    """Stop with a UsageError where invented and other data would come together."""
    if base is None or not base.sources:
        return
    if source == INVENTED and set(base.sources) != {INVENTED}:
        raise UsageError(
            "This store holds data that is not invented, and invented data would be mixed into it.",
            where=layout.root.name,
            hint="Name another folder with --store.",
        )
    if source != INVENTED and INVENTED in base.sources:
        raise UsageError(
            "This store holds invented data, and other data must not be mixed into it.",
            where=layout.root.name,
            hint="Name another folder with --store.",
        )


def open_for_load(
    layout: Layout, *, identifiable: bool, source: str = ""
) -> tuple[Manifest, Identity]:
    """Return the manifest to build on and the identity to load with. Changes nothing.

    Raises UsageError where the store is of the other kind or ``source`` may not be
    mixed with what it holds, StoreError where its pseudonyms were made with another key.
    """
    base = current_manifest(layout)
    if source:
        check_not_mixed(layout, base, source)
    if base is not None and base.identifiable != identifiable:
        keeps = "keeps NHS numbers" if base.identifiable else "keeps pseudonyms only"
        raise UsageError(
            f"This store {keeps}, and a store cannot be of both kinds.",
            where=layout.root.name,
            hint="Load with --identifiable."
            if base.identifiable
            else "Leave out --identifiable, or name another store.",
        )
    if identifiable:
        identity = Identity(None)
    else:
        identity = pseudonymous(base.key_fingerprint if base is not None else None)
    if base is None:
        base = Manifest(0, identifiable, identity.fingerprint)
    return base, identity
