"""The files behind the SOURCE arguments, opened safely.

Folders are walked, zip archives listed, gzip recognised by its first bytes.
Everything a reader opens comes through ``Member.open``, which turns damaged,
hostile and misplaced files into a SourceError that names the file.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, Self, cast

from hamlets.errors import SourceError
from hamlets.records.packed import (
    DEFAULT_MAX_BYTES,
    MAX_FILES,
    READ_ERRORS,
    Archive,
    GuardedStream,
    Gunzip,
    Limits,
    damaged,
    is_hidden,
)

_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".parquet", ".ndjson", ".jsonl", ".json"})
_HEAD = 64
_BITE = 8 * 2**20
_LOOKS_LIKE_A_BOMB = 40
_DEFLATE_LIMIT = 1032
"""Deflate cannot make more than so many bytes of one."""
_BUFFER = 2**20


@dataclass(frozen=True)
class NamedFile:
    """A file that goes by another name than it lies under, such as one that was sent."""

    path: Path
    name: str


Packing = Literal["none", "gzip"]

_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"BZh9", "a bzip2 archive"),
)
"""First bytes of files that people pass by mistake, and what they are."""


@dataclass
class Member:
    """One file of a source: plain, gzipped, or an entry of a zip archive.

    ``name`` is what users are shown; ``size`` the bytes as stored, unpacked
    bytes for zip entries; ``path`` the file itself where it lies on disk and
    is not packed.
    """

    name: str
    size: int
    path: Path | None
    packing: Packing
    _open_raw: Callable[[], BinaryIO] = field(repr=False)
    _packed_size: int | None = field(default=None, repr=False)
    _limits: Limits = field(default_factory=Limits, repr=False)
    _head: bytes | None = field(default=None, repr=False)

    @property
    def logical_name(self) -> str:
        """The last part of the name without ``.gz``, such as ``appointments.csv``."""
        last = PurePosixPath(self.name).name
        return last[:-3] if last.lower().endswith(".gz") else last

    @property
    def stem(self) -> str:
        """The logical name without its ending, lower case."""
        return PurePosixPath(self.logical_name).stem.lower()

    @property
    def suffix(self) -> str:
        """The logical name's ending, lower case, with the dot."""
        return PurePosixPath(self.logical_name).suffix.lower()

    def open(self) -> BinaryIO:
        """Return the unpacked bytes as a buffered stream; errors are SourceErrors."""
        try:
            raw = self._open_raw()
        except OSError as error:
            raise _unopened(self.name, error) from error
        inner, packed = raw, None
        if self.packing == "gzip":
            inner = cast("BinaryIO", Gunzip(raw))
            packed = raw.tell
        if self._packed_size is not None:
            packed = self._declared_size
        stream = GuardedStream(inner, self.name, self._limits, packed)
        return cast("BinaryIO", io.BufferedReader(stream, _BUFFER))

    def _declared_size(self) -> int:
        return self._packed_size or 0

    def open_seekable(self) -> BinaryIO:
        """Return the unpacked bytes as a file that can seek (for Parquet)."""
        if self.path is not None:
            try:
                return self.path.open("rb")
            except OSError as error:
                raise _unopened(self.name, error) from error
        spool = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller
        try:
            with self.open() as stream:
                shutil.copyfileobj(stream, spool, _BUFFER)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return cast("BinaryIO", spool)

    def head(self, size: int = 64 * 1024) -> bytes:
        """Return up to ``size`` first bytes, unpacked."""
        if self._head is None or (len(self._head) < size and len(self._head) >= 64 * 1024):
            with self.open() as stream:
                self._head = stream.read(max(size, 64 * 1024))
        return self._head[:size]

    def try_a_bite(self) -> None:
        """Unpack the beginning while it looks like a bomb: it is then refused at once.

        Reading on guards too, but rows that are parsed on the way take their time.
        """
        in_archive = self._packed_size is not None  # packed twice, so without a limit
        if not in_archive and self.size * _DEFLATE_LIMIT <= self._limits.ratio_after:
            return
        unpacked = 0
        with self.open() as stream:
            while chunk := stream.read(_BITE):
                unpacked += len(chunk)
                if unpacked < _LOOKS_LIKE_A_BOMB * stream.raw.packed_so_far():  # type: ignore[attr-defined]
                    return

    def what_it_is(self) -> str | None:
        """Return what kind of thing this is if it cannot be a table, else None."""
        return _not_a_table(self.head(_HEAD))


def _not_a_table(head: bytes) -> str | None:
    for magic, what in _NOT_TABLES:
        if head.startswith(magic):
            return what
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a picture"
    if head.startswith(b"PK\x03\x04"):
        return "a spreadsheet" if b"[Content_Types].xml" in head else "an archive inside another"
    if head.startswith(b"\x1f\x8b"):
        return "a compressed file inside another"
    return None


def _refuse_kind(what: str, where: str) -> SourceError:
    hint = "Pass tables as .csv, .parquet or .ndjson, plain, gzipped or in one zip archive."
    if what in ("a spreadsheet", "an Office document"):
        hint = "Save the sheet as CSV (UTF-8) and pass that file."
    return SourceError(f"This is {what}, not a table.", where=where, hint=hint)


def _unopened(name: str, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError):
        return SourceError(
            "There is no such file or folder.",
            where=name,
            hint="Check the spelling, and the folder you are in.",
        )
    if isinstance(error, PermissionError):
        return SourceError(
            "You may not read this file.",
            where=name,
            hint="Ask its owner for the right to read it.",
        )
    return SourceError(
        "This file cannot be opened.", where=name, hint=error.strerror or "Check the path."
    )


@dataclass
class Source:
    """The members behind the SOURCE arguments. Close it when done."""

    label: str
    """File or folder name of the first argument."""
    members: list[Member]
    ignored: dict[str, str] = field(default_factory=dict)
    """Files of folders and archives that are no tables -> what they are."""
    _archives: list[Archive] = field(default_factory=list, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def close(self) -> None:
        """Close the archives. Streams still open stop working."""
        for archive in self._archives:
            archive.close()

    def names(self) -> list[str]:
        """Return the members' names, as users are shown them."""
        return [m.name for m in self.members]


def open_source(
    paths: Sequence[str | Path | NamedFile], *, max_bytes: int = DEFAULT_MAX_BYTES
) -> Source:
    """Return the files behind these paths; SourceError where one cannot be used.

    ``max_bytes`` is how far one packed file may unpack.
    """
    if not paths:
        raise SourceError("No source was given.", hint="Name a file or a folder to load.")
    return _Opening(Limits(max_bytes=max_bytes)).run(
        [p if isinstance(p, NamedFile) else NamedFile(Path(p), Path(p).name) for p in paths]
    )


class _Opening:
    """Collects the members of one source."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members: list[Member] = []
        self.ignored: dict[str, str] = {}
        self.archives: list[Archive] = []
        self._seen: set[Path] = set()

    def run(self, given: Sequence[NamedFile]) -> Source:
        try:
            for each in given:
                self._add_argument(each.path, each.name)
            if not self.members:
                raise SourceError(
                    "There is no file to read here.",
                    where=", ".join(each.name or str(each.path) for each in given),
                    hint="Pass the folder that holds the files, or the files themselves.",
                )
        except BaseException:
            for archive in self.archives:
                archive.close()
            raise
        _tell_apart(self.members)
        label = given[0].name or given[0].path.resolve().name or "source"
        return Source(label, self.members, self.ignored, self.archives)

    def _add_argument(self, path: Path, name: str) -> None:
        try:
            mode = path.stat().st_mode
        except ValueError as error:
            raise SourceError("This is not a path.", hint="Check the spelling.") from error
        except OSError as error:
            raise _unopened(name or str(path), error) from error
        if stat.S_ISDIR(mode):
            if path.suffix.lower() in (".csv", ".gz", ".zip", ".ndjson", ".json", ".txt"):
                raise SourceError(
                    "This is a folder, but its name is that of a file.",
                    where=path.name,
                    hint="Pass the file inside it, or rename the folder.",
                )
            self._add_folder(path)
        else:
            self._add_file(path, name, inside=False)

    def _add_folder(self, folder: Path) -> None:
        files: list[tuple[Path, str]] = []
        for where, folders, names in os.walk(folder, onerror=_walk_failed):
            folders[:] = sorted(f for f in folders if not is_hidden((f,)))
            for name in sorted(names):
                if not is_hidden((name,)):
                    path = Path(where) / name
                    files.append((path, path.relative_to(folder).as_posix()))
            if len(files) > MAX_FILES:
                raise SourceError(
                    "This folder holds too many files to be one extract.",
                    where=folder.name,
                    hint="Pass the folder of the extract itself.",
                )
        later: list[tuple[Path, str]] = []
        for path, name in files:
            if _first_bytes(path).startswith(b"PK\x03\x04"):
                later.append((path, name))
            else:
                self._add_file(path, name, inside=True)
        # An archive beside the files it was unpacked to would be read twice.
        beside_others = any(m.suffix in _TABLE_ENDINGS for m in self.members)
        for path, name in later:
            if beside_others:
                self.ignored[name] = "an archive beside other files"
            else:
                self._add_file(path, name, inside=True)

    def _add_file(self, path: Path, name: str, *, inside: bool) -> None:
        resolved = path.resolve()
        if resolved in self._seen:
            return
        self._seen.add(resolved)
        try:
            info = path.stat()
        except OSError as error:
            raise _unopened(name, error) from error
        if not stat.S_ISREG(info.st_mode):
            if inside:
                self.ignored[name] = "not a file"
                return
            raise SourceError("This is not a file.", where=name, hint="Pass a file or a folder.")
        if info.st_size == 0 and not inside:
            raise empty_file(name)
        head = _first_bytes(path)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            self._add_archive(path, name, inside=inside)
            return
        gzipped = head.startswith(b"\x1f\x8b")
        what = None if gzipped else _not_a_table(head)
        member = Member(
            name,
            info.st_size,
            None if gzipped else path,
            "gzip" if gzipped else "none",
            lambda: path.open("rb"),
            None,
            self.limits,
        )
        self._take(member, what, inside=inside)

    def _add_archive(self, path: Path, name: str, *, inside: bool) -> None:
        archive = Archive(path, self.limits, path.name if inside else name)
        self.archives.append(archive)
        entries = archive.entries()
        if any(e.filename == "[Content_Types].xml" for e in entries):
            if not inside:
                raise _refuse_kind("a spreadsheet", name)
            self.ignored[name] = "a spreadsheet"
            return
        if not entries:
            raise SourceError(
                "This archive holds no file.",
                where=archive.name,
                hint="Pass an archive with tables.",
            )
        for entry in entries:
            with archive.open(entry) as stream:
                try:
                    head = stream.read(_HEAD)
                except READ_ERRORS as error:
                    raise damaged(f"{archive.name}: {entry.filename}") from error
            if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" not in head:
                raise SourceError(
                    "This archive holds another archive.",
                    where=f"{archive.name}: {entry.filename}",
                    hint="Unpack it, and pass the inner archive.",
                )
            gzipped = head.startswith(b"\x1f\x8b")
            member = Member(
                entry.filename,
                entry.file_size,
                None,
                "gzip" if gzipped else "none",
                _opener(archive, entry),
                min(entry.compress_size, path.stat().st_size),
                self.limits,
            )
            self._take(member, None if gzipped else _not_a_table(head), inside=True)

    def _take(self, member: Member, what: str | None, *, inside: bool) -> None:
        if what is None and member.packing == "gzip":
            what = None if inside else member.what_it_is()
            member.try_a_bite()
        if what is None:
            self.members.append(member)
        elif inside:
            self.ignored[member.name] = what
        else:
            raise _refuse_kind(what, member.name)


def _opener(archive: Archive, entry: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: archive.open(entry)


def _first_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise _unopened(path.name, error) from error


def _walk_failed(error: OSError) -> None:
    raise _unopened(Path(error.filename or "").name, error)


def _tell_apart(members: list[Member]) -> None:
    """Number the names that two members share, so that a message means one file."""
    seen: dict[str, int] = {}
    for member in members:
        seen[member.name] = seen.get(member.name, 0) + 1
        if seen[member.name] > 1:
            member.name = f"{seen[member.name]}/{member.name}"


def empty_file(name: str) -> SourceError:
    """Return the error for a file without a single byte."""
    return SourceError(
        "This file is empty.", where=name, hint="Export it again; not even a header is in it."
    )
