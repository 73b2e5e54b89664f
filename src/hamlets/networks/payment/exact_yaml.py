"""YAML in which a number stays what was written: 80.1, and not the nearest binary fraction."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import yaml

from hamlets.errors import SourceError
from hamlets.networks.plain_yaml import PlainLoader


class _Exact(PlainLoader):
    """Numbers with a point are exact."""


def _number(loader: Any, node: Any) -> object:
    text = str(loader.construct_scalar(node))
    try:
        return Decimal(text.replace("_", ""))
    except ArithmeticError:
        return text


_add = cast("Callable[[str, Any], None]", _Exact.add_constructor)
_add("tag:yaml.org,2002:float", _number)


def read_exact_yaml(text: str, where: str) -> dict[str, object]:
    """Return the keys of a YAML text; SourceError names the line that cannot be read."""
    try:
        found = yaml.load(text, _Exact)  # noqa: S506 - a safe loader, see _Exact
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = (error.problem or "it cannot be read").rstrip(".")
        raise SourceError(
            "The scheme cannot be read as YAML.",
            where=f"{where}{line}",
            hint=f"Mend this: {problem}.",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SourceError(
            "The scheme cannot be read as YAML.", where=where, hint="Check colons and indents."
        ) from None
    if not isinstance(found, dict):
        raise SourceError(
            "The scheme holds no keys.", where=where, hint="Write lines such as average: mean"
        )
    return cast("dict[str, object]", found)
