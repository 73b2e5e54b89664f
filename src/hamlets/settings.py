"""Settings that come from the environment, read once and checked.

Every variable begins with ``HAMLETS_``; an option of a command always wins
over its variable. Nothing is read from a file in the working folder, so that a
run means the same wherever it starts.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_config_path, user_log_path

from hamlets.errors import UsageError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        """What the environment may set; see :func:`settings`."""

        store: Path
        key_file: Path
        cache_dir: Path | None
        log_file: Path | None
        log_level: str
        wait_seconds: float


DESCRIPTIONS = {
    "HAMLETS_STORE": "The record store that commands use when --store is not given.",
    "HAMLETS_KEY_FILE": "The key that pseudonyms are made with.",
    "HAMLETS_CACHE_DIR": "Where compiled code is kept between runs.",
    "HAMLETS_LOG_FILE": "The log file; set to nothing for no log.",
    "HAMLETS_LOG_LEVEL": "What is logged: debug, info, warning or error.",
    "HAMLETS_WAIT_SECONDS": "How long a load waits for another load of the same store.",
}
"""Each variable and what it is for, as the documentation prints it."""

DEFAULTS = {
    "HAMLETS_STORE": "`hamlets-store` in the working folder",
    "HAMLETS_KEY_FILE": "`pseudonym.key` in the account's configuration folder for hamlets",
    "HAMLETS_CACHE_DIR": "the account's cache folder, else a temporary folder",
    "HAMLETS_LOG_FILE": "`hamlets.log` in the account's log folder for hamlets",
    "HAMLETS_LOG_LEVEL": "`info`",
    "HAMLETS_WAIT_SECONDS": "60",
}
"""What holds where a variable is not set, in words."""


@cache
def _settings_class() -> type[Settings]:
    # pydantic costs a tenth of a second, which `hamlets --help` need not pay.
    from typing import Literal

    from pydantic import Field, field_validator
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="HAMLETS_", extra="ignore", frozen=True)

        store: Path = Path("hamlets-store")
        key_file: Path = Field(
            default_factory=lambda: user_config_path("hamlets", appauthor=False) / "pseudonym.key"
        )
        cache_dir: Path | None = None
        log_file: Path | None = Field(
            default_factory=lambda: user_log_path("hamlets", appauthor=False) / "hamlets.log"
        )
        log_level: Literal["debug", "info", "warning", "error"] = "info"
        wait_seconds: float = Field(default=60.0, ge=0)

        @field_validator("store", "key_file", mode="before")
        @classmethod
        def _not_blank(cls, value: object) -> object:
            # Path("") is the working folder: never what a blank variable means.
            if isinstance(value, str) and not value.strip():
                raise ValueError("is blank")
            return value

        @field_validator("cache_dir", "log_file", mode="before")
        @classmethod
        def _blank_is_none(cls, value: object) -> object:
            return None if isinstance(value, str) and not value.strip() else value

        @field_validator("log_level", mode="before")
        @classmethod
        def _lower(cls, value: object) -> object:
            return value.lower() if isinstance(value, str) else value

    return Settings  # pyright: ignore[reportReturnType] - the same fields, typed above


def settings() -> Settings:
    """Return the settings of this process's environment, as it is now.

    Raises UsageError, naming the variable, where a value cannot be used.
    """
    from pydantic import ValidationError

    try:
        return _settings_class()()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        raise _usage_error(error) from None


def _usage_error(error: ValidationError) -> UsageError:
    first = error.errors(include_url=False, include_input=False)[0]
    variable = "HAMLETS_" + str(first["loc"][0]).upper()
    return UsageError(
        f"The environment variable {variable} cannot be used: {first['msg']}.",
        where=variable,
        hint=f"{DESCRIPTIONS[variable]} Change it or unset it.",
    )


def cache_dir() -> Path:
    """Return a folder that can be written to, for compiled code.

    ``HAMLETS_CACHE_DIR`` where it is set, else the user's cache folder, else a
    temporary folder of this user's own. Call it before numba is imported: numba
    fails on import when its cache cannot be written.
    Raises UsageError where ``HAMLETS_CACHE_DIR`` is set and cannot be written.
    """
    given = os.environ.get("HAMLETS_CACHE_DIR", "").strip()
    if given:
        if not _writable(Path(given)):
            raise UsageError(
                "The folder for compiled code cannot be written to.",
                where="HAMLETS_CACHE_DIR",
                hint="Name a folder that this account may write to, or unset the variable.",
            )
        return Path(given).absolute()
    usual = user_cache_path("hamlets", appauthor=False)
    return usual if _writable(usual) else _temporary_folder()


def compiled_code_dir() -> Path:
    """Return the folder for code compiled from exactly the sources that are installed.

    A compiled function is built into those that call it, and numba looks for changes in the
    caller's file alone: with one folder for all, an upgrade would run parts of the old version.
    """
    sources = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text = path.read_bytes()
        if b"continuity.compiled import" in text or path.name == "compiled.py":
            sources.update(text)
    return cache_dir() / "compiled" / sources.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@cache
def _temporary_folder() -> Path:
    # Never a name that others can guess: compiled code is loaded from here.
    return Path(tempfile.mkdtemp(prefix="hamlets-cache-"))
