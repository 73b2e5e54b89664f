"""A team model as the file that ``hamlets teams design --model`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w

from hamlets.web.words import text


def as_toml(model: Mapping[str, Any], place: str, number: int) -> str:
    """Return a team model as TOML; answers that ask for nothing are left out."""
    asked = {key: value for key, value in model.items() if value not in ([], {}, None)}
    head = text("teams.toml_head", place=place, n=number)
    return f"# {head}\n\n{tomli_w.dumps(asked)}"
