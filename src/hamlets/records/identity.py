"""Who a patient is: NHS numbers, pseudonyms and the key they are made with.

A store made without ``--identifiable`` knows a patient only as a keyed
BLAKE2b hash. The key lies outside the store; the store keeps its fingerprint,
since a load with another key would split every patient in two.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hamlets.errors import StoreError

KEY_FILE_VARIABLE = "HAMLETS_KEY_FILE"
_KEY_BYTES = 32
_DIGEST_BYTES = 16
_TEN_DIGITS = re.compile(r"\d{10}|\d{3} \d{3} \d{4}|\d{3}-\d{3}-\d{4}", re.ASCII)


def nhs_number(text: str) -> str | None:
    """Return the ten digits of a valid, allocated NHS number, else None.

    Numbers of one repeated digit (9999999999) pass the check digit and stand
    for "not known" in many systems: they are no one's number.
    """
    if not 10 <= len(text) <= 12 or _TEN_DIGITS.fullmatch(text) is None:
        return None
    import nhs_number as package

    digits = text.replace(" ", "").replace("-", "")
    if len(set(digits)) == 1 or not package.is_valid(digits):
        return None
    if package.REGION_UNALLOCATED.contains_number(digits):
        return None
    return digits


@dataclass(frozen=True)
class Identity:
    """Makes the digests by which patients and households are found again.

    ``key`` is None in an identifiable store: its digests only index.
    """

    key: bytes | None

    @property
    def identifiable(self) -> bool:
        return self.key is None

    @property
    def fingerprint(self) -> str | None:
        """Tell one key from another without giving it away."""
        if self.key is None:
            return None
        return hashlib.blake2b(b"fingerprint", key=self.key, digest_size=8).hexdigest()

    def person(self, digits: str) -> bytes:
        """Return the 16-byte digest of an NHS number."""
        return self._digest(b"nhs\0" + digits.encode())

    def source_patient(self, source: str, patient_id: str) -> bytes:
        """Return the 16-byte digest of a source's own patient id."""
        return self._digest(b"id\0" + source.encode() + b"\0" + patient_id.encode())

    def household(self, source: str, household_id: str) -> str:
        """Return the pseudonym of a source's household."""
        return self._digest(b"household\0" + source.encode() + b"\0" + household_id.encode()).hex()

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, key=self.key or b"", digest_size=_DIGEST_BYTES).digest()


def key_file() -> Path:
    """Return where the pseudonym key lies."""
    from hamlets.settings import settings

    return settings().key_file


def pseudonymous(expected_fingerprint: str | None) -> Identity:
    """Return the identity made with the user's key.

    A key is made where there is none and ``expected_fingerprint`` is None (a
    new store). Raises StoreError where the key of an existing store is missing
    or another one.
    """
    path = key_file()
    key = _read_key(path)
    if key is None:
        if expected_fingerprint is not None:
            raise StoreError(
                "The key this store's pseudonyms were made with is not here.",
                where=path.name,
                hint=f"Put the key file in its place, or name it in {KEY_FILE_VARIABLE}.",
            )
        key = _make_key(path)
    identity = Identity(key)
    if expected_fingerprint is not None and identity.fingerprint != expected_fingerprint:
        raise StoreError(
            "This store's pseudonyms were made with another key.",
            where=path.name,
            hint=f"Name the key file of this store in {KEY_FILE_VARIABLE}; nothing was changed.",
        )
    return identity


def _read_key(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path) from error
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise _unusable(path) from error
    if len(key) != _KEY_BYTES:
        raise _unusable(path)
    return key


def _make_key(path: Path) -> bytes:
    """Write a new key that only its owner can read, and return it."""
    key = secrets.token_bytes(_KEY_BYTES)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(beside, flags, stat.S_IRUSR | stat.S_IWUSR), "w") as stream:
            stream.write(key.hex() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        # A link fails where another process has just made the key: that one stands.
        try:
            os.link(beside, path)
        except FileExistsError:
            return _read_key(path) or key
    except OSError as error:
        raise StoreError(
            "The key for pseudonyms cannot be written.",
            where=path.name,
            hint=f"Name a file you can write in {KEY_FILE_VARIABLE}.",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return key


def _unusable(path: Path) -> StoreError:
    return StoreError(
        "The key file for pseudonyms cannot be read as a key of 64 hexadecimal digits.",
        where=path.name,
        hint=f"Name the right file in {KEY_FILE_VARIABLE}.",
    )
