"""What a site may be told by its environment, read once and checked.

All of it has a default that works on one computer: SQLite in the workspace folder, a
secret made on the first start, plain HTTP on a loopback address.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hamlets.errors import UsageError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
"""The names of this computer itself."""

_MEGABYTE = 1024 * 1024
_ENTRA = ("login.microsoftonline.com", "login.windows.net")
_ENTRA_FOR_ALL = ("common", "organizations", "consumers")


class WebSettings(BaseSettings):
    """The settings of a site; each is the environment variable ``HAMLETS_`` and its name."""

    model_config = SettingsConfigDict(
        env_prefix="HAMLETS_", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    workspace: Path = Path("hamlets-workspace")
    """Folder of the site's own data: database, uploads, secret."""
    database_url: str = ""
    """``postgresql://person@host/name``; without one SQLite in the workspace."""
    site_hosts: str = "127.0.0.1,localhost,[::1]"
    """Names the site answers to, with commas. Anything but loopback asks for HTTPS."""
    secret_key: str = Field(default="", repr=False)
    """Signs sessions; without one a secret is made once and kept in the workspace."""
    nhs_branding: bool = False
    """The NHS header, for NHS organisations only: the logo is a protected mark."""
    upload_limit_mb: int = Field(default=1024, gt=0)
    """The largest file that may be uploaded, in megabytes."""
    job_memory_mb: int = Field(default=4096, gt=0)
    """Memory a job may take before it is stopped, in megabytes."""
    job_seconds: int = Field(default=3600, gt=0)
    """Seconds a job may take before it is stopped."""
    demo: bool = False
    """Whether people of the demonstration may sign in; loopback and invented data only."""
    oidc_name: str = "NHSmail"
    """What people call their work account, for the words of the sign-in page."""
    oidc_server: str = ""
    """Address of an OpenID Connect provider; sign-in through it is offered where it is set."""
    oidc_client: str = ""
    """The site's own name at that provider."""
    oidc_secret: str = Field(default="", repr=False)
    """The secret that goes with it."""
    oidc_domains: str = ""
    """Ends of addresses that this provider alone gives out, with commas, as ``nhs.net``. They
    count as proved though it does not say so; Entra never does."""
    email_url: Literal["console", "memory"] | str = "console"
    """``smtp://host:port`` or ``console``: where invitations and password resets go."""
    email_from: str = "hamlets@localhost"
    """The sender of invitations and password resets."""

    @field_validator("workspace", mode="before")
    @classmethod
    def _not_blank(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise ValueError("is blank")
        return value

    @property
    def hosts(self) -> list[str]:
        """The names the site answers to."""
        return [name.strip() for name in self.site_hosts.split(",") if name.strip()]

    @property
    def loopback_only(self) -> bool:
        """Whether nobody but this computer can reach the site under its names."""
        return all(name in LOOPBACK for name in self.hosts)

    @property
    def upload_limit_bytes(self) -> int:
        return self.upload_limit_mb * _MEGABYTE


@cache
def web_settings() -> WebSettings:
    """Return the settings of this process's environment; UsageError names a wrong variable."""
    try:
        return WebSettings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = "HAMLETS_" + str(first["loc"][0]).upper()
        raise UsageError(
            f"The environment variable {variable} cannot be used: {first['msg']}.",
            where=variable,
            hint="Change it or unset it.",
        ) from None


def workspace_folder() -> Path:
    """Return the workspace folder, made for this account alone."""
    folder = web_settings().workspace.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key() -> str:
    """Return the secret that signs sessions: the one given, else made once and kept."""
    given = web_settings().secret_key
    if given:
        return given
    path = workspace_folder() / "secret-key"
    try:
        # one winner where two processes start at once
        with path.open("x", encoding="ascii") as new:
            path.chmod(0o600)
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def work_accounts() -> dict[str, object]:
    """Return the accounts package's description of the provider of work accounts, if there is one.

    UsageError for a provider whose word would prove nothing: one that is asked without HTTPS, or
    Entra's address for every organisation at once, where anybody can give any e-mail address.
    """
    chosen = web_settings()
    if not chosen.oidc_server:
        return {}
    parts = urlsplit(chosen.oidc_server)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise UsageError(
            "Work accounts need an address that begins with https.",
            where="HAMLETS_OIDC_SERVER",
            hint="Ask your provider for the address of its OpenID Connect metadata.",
        )
    first = parts.path.strip("/").split("/")[0].lower()
    if parts.hostname in _ENTRA and first in _ENTRA_FOR_ALL:
        raise UsageError(
            f"The address ends in /{first}, which lets every organisation sign in.",
            where="HAMLETS_OIDC_SERVER",
            hint="Put your own tenant there: https://login.microsoftonline.com/TENANT/v2.0.",
        )
    server: dict[str, object] = {"server_url": chosen.oidc_server.rstrip("/")}
    domains = [name.strip().lstrip("@") for name in chosen.oidc_domains.split(",")]
    if any(domains):
        server["verified_email"] = [name for name in domains if name]
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "employer",
                    "name": chosen.oidc_name,
                    "client_id": chosen.oidc_client,
                    "secret": chosen.oidc_secret,
                    "settings": server,
                }
            ],
        }
    }


def database() -> dict[str, object]:
    """Return Django's description of the database; UsageError for an address it cannot use."""
    url = web_settings().database_url
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": workspace_folder() / "workspace.sqlite3",
            "OPTIONS": {
                # a write that waits, instead of one that fails half-way through a request
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise UsageError(
            "The address of the database cannot be used.",
            where="HAMLETS_DATABASE_URL",
            hint="Write it as postgresql://person:password@host:5432/name.",
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
