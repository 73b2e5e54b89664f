"""Opening a store for a load: what there is, and whose pseudonyms it keeps."""

from __future__ import annotations

from hamlets.errors import UsageError
from hamlets.records.identity import Identity, pseudonymous
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest, current_manifest


def open_for_load(layout: Layout, *, identifiable: bool) -> tuple[Manifest, Identity]:
    """Return the manifest to build on and the identity to load with. Changes nothing.

    Raises UsageError where the store is of the other kind, StoreError where its
    pseudonyms were made with another key.
    """
    base = current_manifest(layout)
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
