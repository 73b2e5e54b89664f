"""Plans in the store's folder ``plans``: which there are, and whether they are whole.

What a plan says is known to ``hamlets.teams.plans``; here only its files are looked at. A
plan is outside the numbered versions: a folder with ``plan.toml``, which names the checksums
of the other files and its own seal.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

from hamlets.errors import StoreDamagedError
from hamlets.records.store.layout import Layout

PLAN_FILE = "plan.toml"
SEAL = "seal"
_PLAN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}-[1-9][0-9]{0,6}", re.ASCII)


def is_plan_id(text: str) -> bool:
    """Return whether a text can be the id of a plan: never a path, never a hidden name."""
    return _PLAN_ID.fullmatch(text) is not None


def plan_ids(layout: Layout) -> list[str]:
    """Return the ids of the plans that are there, by name and then number."""
    try:
        found = [path.name for path in layout.plans.iterdir() if is_plan_id(path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found, key=_place)


def _place(plan_id: str) -> tuple[str, int, str]:
    name, _, number = plan_id.rpartition("-")
    return name.casefold(), int(number), name


def seal_of(data: dict[str, Any]) -> str:
    """Return the checksum of what a plan.toml says, whatever its spaces and comments."""
    said = {key: value for key, value in data.items() if key != SEAL}
    text = json.dumps(said, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_plan_file(layout: Layout, plan_id: str) -> dict[str, Any]:
    """Return what a plan.toml says; StoreDamagedError where it is missing, broken or edited."""
    path = layout.plans / plan_id / PLAN_FILE
    where = layout.relative(path)
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreDamagedError(
            f"Plan {plan_id} cannot be read.",
            where=where,
            hint="Bring its folder back from a copy, or design the teams again.",
        ) from error
    if data.get(SEAL) != seal_of(data):
        raise StoreDamagedError(
            f"Plan {plan_id} was changed by another hand than Hamlets'.",
            where=where,
            hint="Bring its folder back from a copy. To change a plan, design the teams again.",
        )
    return data


def check_files(layout: Layout, plan_id: str, data: dict[str, Any]) -> None:
    """Raise StoreDamagedError where a file of a plan differs from its checksum."""
    for name, sha in sorted(file_sums(data).items()):
        path = layout.plans / plan_id / name
        try:
            with path.open("rb") as stream:
                same = hashlib.file_digest(stream, "sha256").hexdigest() == sha
        except OSError:
            same = False
        if not same:
            raise StoreDamagedError(
                f"A file of plan {plan_id} is missing or differs from its checksum.",
                where=layout.relative(path),
                hint="Bring its folder back from a copy, or design the teams again.",
            )


def file_sums(data: dict[str, Any]) -> dict[str, str]:
    """Return the checksum by file name that a plan.toml gives."""
    files = data.get("files")
    if not isinstance(files, dict):
        return {}
    named = cast("dict[str, Any]", files)
    return {Path(name).name: str(value) for name, value in named.items()}


def check_plans(layout: Layout) -> tuple[int, list[str]]:
    """Return how many files plans have, and a line for each plan with something wrong."""
    files, problems = 0, list[str]()
    for plan_id in plan_ids(layout):
        files += 1
        try:
            data = read_plan_file(layout, plan_id)
            files += len(file_sums(data))
            check_files(layout, plan_id, data)
        except StoreDamagedError as error:
            problems.append(f"{error.where}: {error.message}")
    return files, problems
