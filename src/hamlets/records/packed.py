"""Packed files opened safely: bombs, damage and hostile archives become sentences."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from hamlets.errors import SourceError

RATIO_LIMIT = 200
"""Unpacked bytes per packed byte beyond which a file is a bomb."""
RATIO_AFTER = 64 * 2**20
"""Bytes unpacked before the ratio counts: small files may be very regular."""
DEFAULT_MAX_BYTES = 64 * 2**30
"""Bytes one packed file may unpack to."""
MAX_FILES = 100_000
"""Files in one folder or archive."""

READ_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError)
ZIP_ERRORS = (NotImplementedError, RuntimeError, ValueError, struct.error)
"""What zipfile raises, beside these, over a directory of entries with flipped bits."""


@dataclass(frozen=True)
class Limits:
    """How far a packed file may unpack."""

    max_bytes: int = DEFAULT_MAX_BYTES
    ratio: int = RATIO_LIMIT
    ratio_after: int = RATIO_AFTER

    def broken_by(self, unpacked: int, packed: int) -> bool:
        """Return whether this much unpacked from that much packed is too much."""
        if unpacked > self.max_bytes:
            return True
        return unpacked > self.ratio_after and unpacked > self.ratio * max(packed, 1)


def unpacks_too_far(where: str) -> SourceError:
    """Return the error for a bomb."""
    return SourceError(
        "This compressed file unpacks to far more than a table would.",
        where=where,
        hint="Unpack it yourself, check what is in it, and pass the unpacked file.",
    )


def damaged(where: str) -> SourceError:
    """Return the error for a file that ends early or has wrong checksums."""
    return SourceError(
        "This file is damaged or was cut short.",
        where=where,
        hint="Copy or export it again, and check that the copy finished.",
    )


class GuardedStream(io.RawIOBase):
    """A stream that stops at the limits and speaks in sentences when damaged."""

    def __init__(
        self, inner: BinaryIO, name: str, limits: Limits, packed: Callable[[], int] | None
    ) -> None:
        super().__init__()
        self._inner = inner
        self._name = name
        self._limits = limits
        self._packed = packed
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            data = self._inner.read(len(view))
        except READ_ERRORS as error:
            raise damaged(self._name) from error
        view[: len(data)] = data
        self._unpacked += len(data)
        if self._packed is not None and self._limits.broken_by(self._unpacked, self._packed()):
            raise unpacks_too_far(self._name)
        return len(data)

    def packed_so_far(self) -> int:
        """Return how many packed bytes were read, as far as is known."""
        return self._packed() if self._packed is not None else self._unpacked

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


class Gunzip(gzip.GzipFile):
    """A gzip stream that closes the file it reads."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._raw = raw

    def close(self) -> None:
        super().close()
        self._raw.close()


class Archive:
    """A zip archive, opened when first needed and closed with its source."""

    def __init__(self, path: Path, limits: Limits, name: str = "") -> None:
        self.path = path
        self.name = name or path.name
        self.limits = limits
        self._zip: zipfile.ZipFile | None = None

    def zip(self) -> zipfile.ZipFile:
        if self._zip is None:
            try:
                self._zip = zipfile.ZipFile(self.path)
            except (*READ_ERRORS, *ZIP_ERRORS) as error:
                raise damaged(self.name) from error
        return self._zip

    def entries(self) -> list[zipfile.ZipInfo]:
        """Return the archive's readable entries; SourceError if it is hostile."""
        entries = [e for e in self.zip().infolist() if not e.is_dir()]
        if len(entries) > MAX_FILES:
            raise unpacks_too_far(self.name)
        for entry in entries:
            _check_entry_name(entry.filename, self.name)
        # Overlapping entries share packed bytes, so the archive's own size is the
        # honest measure, not the sum of what the entries say they take.
        if self.limits.broken_by(sum(e.file_size for e in entries), self.path.stat().st_size):
            raise unpacks_too_far(self.name)
        return [e for e in entries if not is_hidden(PurePosixPath(e.filename).parts)]

    def open(self, entry: zipfile.ZipInfo) -> BinaryIO:
        """Open one entry; SourceError where it is locked or damaged."""
        if entry.flag_bits & 0x1:
            raise SourceError(
                "This archive is locked with a password.",
                where=f"{self.name}: {entry.filename}",
                hint="Unpack it with its password and pass the unpacked files.",
            )
        try:
            return cast("BinaryIO", self.zip().open(entry))
        except (*READ_ERRORS, *ZIP_ERRORS) as error:
            raise damaged(f"{self.name}: {entry.filename}") from error

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()
            self._zip = None


def _check_entry_name(name: str, archive: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", name):
        raise SourceError(
            "This archive has a file that would land outside its folder.",
            where=archive,
            hint="Do not use this archive; ask for a new one from where it came.",
        )


def is_hidden(parts: Sequence[str]) -> bool:
    """Return whether a path is hidden, or one of those that macOS adds to archives."""
    return any(p.startswith(".") or p == "__MACOSX" for p in parts)
