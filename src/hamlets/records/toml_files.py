"""Small TOML files that people write: the mapping of a source, the model of teams."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hamlets.errors import SourceError


def read_toml(path: Path, kind: str, most_bytes: int) -> dict[str, object]:
    """Return what a TOML file holds; SourceError says why it cannot be read, and what to do.

    ``kind`` is what the file should be, in words: "mapping file".
    """

    def wrong(message: str, hint: str) -> SourceError:
        return SourceError(message, where=path.name, hint=hint)

    try:
        if path.stat().st_size > most_bytes:
            raise wrong(f"The {kind} is too large to be one.", "Check the path.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise wrong(f"There is no such {kind}.", "Check the path.") from error
    except (OSError, ValueError) as error:
        if isinstance(error, tomllib.TOMLDecodeError):
            hint = f"Mend this: {error}."
        elif isinstance(error, UnicodeDecodeError):
            hint = "Save it as UTF-8 text."
        else:
            hint = "Pass a text file that you may read."
        raise wrong(f"The {kind} cannot be read as TOML.", hint) from error
