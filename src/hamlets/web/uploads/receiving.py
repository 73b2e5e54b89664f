"""Taking in files as they come: straight to the disk, counted on the way, never in memory."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from hamlets.web.uploads import files

MOST_FILES = 60
_NAME_LENGTH = 120
SLACK = 1024 * 1024
"""What a form is larger than its files."""
DRAINED = 8
"""A sending of up to so many times the limit is read to its end, so that the browser listens."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One file that came in whole."""

    stored: str
    name: str
    size: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "stored": self.stored, "name": self.name, "size": self.size, "sha256": self.sha256
        }  # fmt: skip


class NoFiles(FileUploadHandler):
    """What every page but one does with a file: nothing of it is kept."""

    def new_file(self, *_args: Any, **_kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never reached."""

    def file_complete(self, file_size: int) -> None:
        """Never reached."""


class Receiving(FileUploadHandler):
    """Writes the files of one sending to a folder of their own, up to a limit."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__()
        self.limit = limit_bytes
        self.folder = ""
        self.received: list[Received] = []
        self.seen = 0
        """Files that came, kept or not."""
        self.taken = False
        """Whether somebody took what came: until then it is removed at the end."""
        self.sent_bytes = 0
        """Bytes of files that came, kept or not."""
        self.too_large = False
        self.too_many = False
        self.no_room = False
        self._stream: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._stored = ""

    @property
    def problem(self) -> bool:
        """Whether what came is not to be kept."""
        return self.too_large or self.too_many or self.no_room

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen += 1
        if len(self.received) >= MOST_FILES:
            self.too_many = True
        if self.problem:
            raise SkipFile
        self.folder = self.folder or files.new_folder()
        self._stored, self._digest = files.new_name(), hashlib.sha256()
        path = files.path_of(self.folder, self._stored)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(number, "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.sent_bytes += len(raw_data)
        if self.sent_bytes > self.limit:
            self.too_large = True
        if self._stream is None:
            return
        if self.too_large:
            self._drop()
            return
        self._digest.update(raw_data)
        try:
            self._stream.write(raw_data)
        except OSError:
            self.no_room = True
            self._drop()

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self._stream is None:
            return None
        try:
            self._stream.close()
        except OSError:
            self.no_room = True
        self._stream = None
        if self.no_room:
            self._drop()
            return None
        name = (self.file_name or "")[-_NAME_LENGTH:]
        self.received.append(Received(self._stored, name, file_size, self._digest.hexdigest()))
        return UploadedFile(name=name, size=file_size)

    def upload_interrupted(self) -> None:
        """Leave nothing of what came."""
        self.clean_up()

    def clean_up(self) -> None:
        """Remove what came."""
        self._drop()
        files.remove(self.folder)
        self.folder, self.received = "", []

    def _drop(self) -> None:
        """Forget the file that is coming in: its bytes are of no more use."""
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None
        if self.folder and self._stored:
            files.path_of(self.folder, self._stored).unlink(missing_ok=True)
            self._stored = ""


def drain(request: HttpRequest, most: int) -> None:
    """Read what is sent and keep nothing: a browser hears an answer when it has sent all."""
    left = most
    with suppress(UnreadablePostError):
        while left > 0 and (chunk := request.read(min(_CHUNK, left))):
            left -= len(chunk)


def digest_of(received: list[Received]) -> str:
    """Return a SHA-256 over files that does not depend on their names or order."""
    told = "\n".join(sorted(each.sha256 for each in received))
    return hashlib.sha256(told.encode()).hexdigest()
