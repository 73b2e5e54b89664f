"""Schemes from files: TOML or YAML that people write, and those that Hamlets ships.

scheme = "our-network"
title = "Our network's standards"
shape = "retained_share"
average = "mean"
value = 384000
retained_percent = 30

[[conditions]]
indicator = "diabetes_care_plan"
target = 90
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from pathlib import Path

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.scheme_keys import make_scheme

_MAX_BYTES = 2**18


def preset_names() -> tuple[str, ...]:
    """Return the names of the schemes that Hamlets ships, in order."""
    folder = resources.files("hamlets.networks.payment").joinpath("presets")
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def read_scheme(asked: str | Path) -> Scheme:
    """Return the scheme of a file or of a preset's name.

    A name that is a file is read as one. UnknownPlaceError where there is neither, SourceError
    with what to mend where the scheme is not right.
    """
    path = Path(asked)
    if str(asked) in preset_names() and not path.exists():
        return make_scheme(_preset(str(asked)), str(asked))
    if not path.exists():
        raise UnknownPlaceError(
            "There is no scheme of this name, and no such file.",
            where=str(asked),
            hint=f"The schemes of Hamlets are: {', '.join(preset_names())}.",
        )
    return make_scheme(extended(_file(path), path.name), path.name)


def preset_text(name: str) -> str:
    """Return the file of a preset, to be copied and changed."""
    folder = resources.files("hamlets.networks.payment").joinpath("presets")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _preset(name: str) -> dict[str, object]:
    return tomllib.loads(preset_text(name), parse_float=Decimal)


def _file(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _wrong("The scheme is too large to be one.", path.name, "Check the path.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("The scheme is not UTF-8 text.", path.name, "Save it as UTF-8 text.") from None
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise _wrong(
            f"The scheme cannot be read: {reason}.", path.name, "Check the path."
        ) from None
    read = _yaml if path.suffix.lower() in (".yaml", ".yml") else _toml
    return read(text, path.name)


def _toml(text: str, where: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _wrong("The scheme cannot be read as TOML.", where, f"Mend this: {error}.") from None


def _yaml(text: str, where: str) -> dict[str, object]:
    from hamlets.networks.payment.exact_yaml import read_exact_yaml

    return read_exact_yaml(text, where)


def extended(data: Mapping[str, object], where: str) -> Mapping[str, object]:
    """Return the keys over those of the preset that they extend."""
    name = data.get("extends")
    if name is None:
        return data
    if name not in preset_names():
        raise _wrong(
            "The scheme extends one that Hamlets has not.",
            where,
            f"It can extend: {', '.join(preset_names())}.",
        )
    own = {key: value for key, value in data.items() if key != "extends"}
    # What is to be checked of a preset is told with it; a changed one is the changer's own.
    return {**_preset(str(name)), "scheme": f"{name}, changed", **own}


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)
