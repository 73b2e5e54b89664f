"""The head of the audit chain, written down once a day outside the database.

Whoever changes the database and works out the whole chain again still cannot change these.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from hamlets.web.audit.models import Entry, Head
from hamlets.web.configuration import workspace_folder


def heads_file() -> Path:
    """Return the file of daily heads: a day, a number and a hash a line."""
    return workspace_folder() / "audit-heads.txt"


def write_down(today: date | None = None) -> bool:
    """Write today's head down if that was not done yet; return whether it was written."""
    day = (today or datetime.now(UTC).date()).isoformat()
    path = heads_file()
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    if lines and lines[-1].split(" ")[0] >= day:
        return False
    head = Head.objects.filter(pk=1).first()
    if head is None or not head.number:
        return False
    with path.open("a", encoding="ascii") as file:
        path.chmod(0o600)
        file.write(f"{day} {head.number} {head.hash}\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def compare() -> str | None:
    """Return the first day whose head the chain does not hold any more; None where all hold."""
    path = heads_file()
    if not path.exists():
        return None
    written = [line.split(" ") for line in path.read_text(encoding="ascii").splitlines()]
    numbers = [int(parts[1]) for parts in written if len(parts) == 3]
    hashes = dict(Entry.objects.filter(number__in=numbers).values_list("number", "hash"))
    for parts in written:
        if len(parts) != 3 or hashes.get(int(parts[1])) != parts[2]:
            return parts[0]
    return None


def prove(today: date | None = None) -> bool:
    """Look over the whole chain, keep what was found, and write its head down if it holds.

    Once a day by the worker: a page shows the last result and does not read the chain itself.
    """
    from hamlets.web.audit import chain

    holds = chain.verify().holds and compare() is None
    day = (today or datetime.now(UTC).date()).isoformat()
    path = _proof_file()
    beside = path.with_suffix(".new")
    beside.write_text(f"{day} {'whole' if holds else 'broken'}\n", encoding="ascii")
    beside.replace(path)
    if holds:
        write_down(today)
    return holds


def last_proof() -> tuple[date, bool] | None:
    """Return the day of the last look over the chain and whether it was whole."""
    try:
        day, _, found = _proof_file().read_text(encoding="ascii").strip().partition(" ")
    except FileNotFoundError:
        return None
    return date.fromisoformat(day), found == "whole"


def _proof_file() -> Path:
    return workspace_folder() / "audit-proof.txt"
