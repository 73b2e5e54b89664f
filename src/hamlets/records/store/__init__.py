"""The record store: numbered, immutable versions of the canonical tables on disk."""
