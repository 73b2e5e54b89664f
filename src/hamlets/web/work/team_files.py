"""The files of a plan for the practice: lists of patients, letters, materials and team pages."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.web.configuration import workspace_folder
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain
from hamlets.web.work.team_plans import stored_here

if TYPE_CHECKING:
    from hamlets.publish.plan_files import Exported
    from hamlets.web.jobs.progress import Progress

INDEX = "index.json"
PARTS = {
    "materials.zip": ("patients/", "reception/"),
    "team-pages.zip": ("teams/",),
}
"""Archives, and where the files in them lie; all else is a file of its own."""


def folder_of(practice: str, plan_id: str) -> Path:
    """Return where the files of a plan lie: in the workspace, never under the web root."""
    safe = "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in practice)
    return workspace_folder() / "plan-files" / safe / plan_id


def make(store: Path, practice: str, progress: Progress, *, plan: str, by: str) -> Plain:
    """Return what was made of a plan: its files lie in the workspace, for the owner alone.

    Earlier files of the plan give way, all at once. ``by`` is kept with them.
    """
    from hamlets.publish.plan_files import Source, plan_files
    from hamlets.publish.plan_parts import Part
    from hamlets.records import open_store
    from hamlets.teams.plans.patients_now import read_patients_now
    from hamlets.teams.plans.people import staff_names

    progress.stage(text("team_work.files"))
    stored = stored_here(store, practice, plan)
    with open_store(store) as opened:
        now = read_patients_now(opened, stored)
        source = Source(stored, now, staff_names(opened), opened.invented, opened.identifiable)
        version = opened.version
    files, said = plan_files(source, set(Part))
    start = stored.standing.adopted_from
    told = {
        "from": start.isoformat() if start else None,
        "version": version,
        "made_at": stored.plan.made_at,
        "by": by,
        "said": said,
    }
    names = _write(folder_of(practice, plan), _gathered(files), told)
    return {"plan_id": plan, "files": names}


def _gathered(files: Iterable[Exported]) -> dict[str, bytes]:
    """Return the files to write by name: sheets and pages together in archives."""
    every = list(files)
    found = {each.path: each.content for each in every if "/" not in each.path}
    for name, folders in PARTS.items():
        inside = [each for each in every if each.path.startswith(folders)]
        if inside:
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
                for each in inside:
                    archive.writestr(each.path, each.content)
            found[name] = held.getvalue()
    return found


def _write(folder: Path, files: Mapping[str, bytes], told: Mapping[str, object]) -> list[str]:
    beside = folder.with_name(f".{folder.name}.new")
    before = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    for above in (folder.parent, folder.parent.parent):
        above.chmod(0o700)
    sizes = {name: len(content) for name, content in files.items()}
    index = json.dumps({**told, "files": sizes}).encode()
    for name, content in {**files, INDEX: index}.items():
        handle = os.open(beside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    beside.rename(folder)
    shutil.rmtree(before, ignore_errors=True)
    return sorted(sizes)
