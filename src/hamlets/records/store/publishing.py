"""The last steps of a new version, in the order that survives a crash."""

from __future__ import annotations

import getpass
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from hamlets.records.store.files import FileWriter
from hamlets.records.store.layout import FORMAT_VERSION, Layout, write_atomically, write_json
from hamlets.records.store.manifest import Manifest, write_manifest


def publish(
    layout: Layout,
    manifest: Manifest,
    writer: FileWriter | None,
    stage: Callable[[str], None],
    what: str,
) -> None:
    """Serve a new version: its files, its manifest, then CURRENT."""
    stage("publishing")
    layout.files.mkdir(exist_ok=True)
    layout.versions.mkdir(exist_ok=True)
    if writer is not None:
        writer.publish()
    stage("manifest")
    write_manifest(layout, manifest)
    if layout.current_version() is None:
        _write_store_json(layout, manifest)
    stage("switching")
    write_atomically(layout.current, f"{manifest.version}\n".encode())
    with suppress(OSError):
        note_history(layout, manifest, what)


def _write_store_json(layout: Layout, manifest: Manifest) -> None:
    write_json(
        layout.store_json,
        {
            "store_id": uuid.uuid4().hex,
            "format_version": FORMAT_VERSION,
            "identifiable": manifest.identifiable,
            "key_fingerprint": manifest.key_fingerprint,
            "created": now(),
        },
    )


def now() -> str:
    """Return the present moment, ISO 8601 with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def note_history(layout: Layout, manifest: Manifest, what: str) -> None:
    """Add who made which version, when and how. For people; no part of the content."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = "unknown"
    line = {"version": manifest.version, "content_id": manifest.content_id, "who": who,
            "when": now(), "what": what}  # fmt: skip
    with layout.history.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
