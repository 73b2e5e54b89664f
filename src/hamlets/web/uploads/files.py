"""Where files that were sent lie: under the workspace folder, for this account alone.

Each sending has a folder with a random name, and each file in it has one too. Their own names
are words to show and nothing else.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from hamlets.web.configuration import workspace_folder

KEEP_SECONDS = 24 * 60 * 60
"""Files that were not loaded by then are removed."""
_TOKEN = re.compile(r"[0-9a-f]{32}")


def uploads_folder() -> Path:
    """Return the folder of all that was sent; nobody else may open it."""
    folder = workspace_folder() / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return folder


def new_folder() -> str:
    """Return the name of a new folder."""
    name = secrets.token_hex(16)
    (uploads_folder() / name).mkdir(mode=0o700)
    return name


def new_name() -> str:
    """Return a name for a file in such a folder."""
    return secrets.token_hex(16)


def path_of(folder: str, stored: str = "") -> Path:
    """Return where a folder or a file in it lies; ValueError for a name that is not ours."""
    if not _TOKEN.fullmatch(folder) or (stored and not _TOKEN.fullmatch(stored)):
        raise ValueError("not a name of a file that was sent")
    return uploads_folder() / folder / stored


def remove(folder: str) -> None:
    """Remove what was sent together. A folder that has gone already is no harm."""
    if folder:
        shutil.rmtree(path_of(folder), ignore_errors=True)


def remove_stale(
    in_use: Collection[str] = (), keep_seconds: float = KEEP_SECONDS, now: float | None = None
) -> int:
    """Remove what was sent more than a day ago and is not in use; return how many folders went."""
    limit = (time.time() if now is None else now) - keep_seconds
    removed = 0
    for folder in uploads_folder().iterdir():
        with suppress(OSError):
            if folder.name not in in_use and folder.stat().st_mtime < limit:
                shutil.rmtree(folder)
                removed += 1
    return removed
