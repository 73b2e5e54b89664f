"""Who may write, and which versions are being read.

Locks are the kernel's (``flock``): they go when their process goes, however
it ends.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from hamlets.errors import StoreBusyError, StoreError
from hamlets.records.store.layout import Layout, damaged

_POLL_SECONDS = 0.1


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()} (process {os.getpid()})"


@contextmanager
def writer_lock(
    layout: Layout, wait_seconds: float, waiting: Callable[[], None] | None = None
) -> Generator[None]:
    """Hold the store's one writer lock; StoreBusyError after ``wait_seconds``.

    ``waiting`` is called once where another has the lock.
    """
    with _held(layout.lock, "The store is", wait_seconds, waiting):
        yield


@contextmanager
def plans_lock(layout: Layout, wait_seconds: float) -> Generator[None]:
    """Hold the lock of those who write plans; StoreBusyError after ``wait_seconds``.

    It is not the writer lock: a plan can be kept while an extract is loaded. Who needs both
    takes the writer lock first.
    """
    with _held(layout.plans / "lock", "The plans are", wait_seconds, None):
        yield


@contextmanager
def _held(
    path: Path, what: str, wait_seconds: float, waiting: Callable[[], None] | None
) -> Generator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+b")
    except OSError as error:
        raise StoreError(
            "The store's folder cannot be written to.",
            where=path.parent.name,
            hint=error.strerror or "Check its owner and rights.",
        ) from error
    with stream:
        _wait(stream, what, wait_seconds, waiting)
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        _say(stream, json.dumps({"who": _who(), "since": since}))
        try:
            yield
        finally:
            _say(stream, "")


def _wait(
    stream: BinaryIO, what: str, wait_seconds: float, waiting: Callable[[], None] | None
) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _busy(stream, what) from None
            if waiting is not None:
                waiting()
                waiting = None
            time.sleep(_POLL_SECONDS)


def _busy(stream: BinaryIO, what: str) -> StoreBusyError:
    stream.seek(0)
    who, since = "another process", "an unknown time"
    with suppress(ValueError, KeyError, TypeError):
        held = json.loads(stream.read())
        who, since = str(held["who"]), str(held["since"])
    return StoreBusyError(
        f"{what} being written by {who} since {since}.",
        where="lock",
        hint="Try again when it is done, or wait longer with --wait.",
    )


def _say(stream: BinaryIO, text: str) -> None:
    # What the lock file says is for people; a full disk must not stop a load here.
    with suppress(OSError):
        stream.truncate(0)
        stream.write(text.encode())
        stream.flush()


def lock_version(layout: Layout, version: int) -> BinaryIO | None:
    """Return a handle that keeps a version from being pruned, None where it is gone."""
    path = layout.manifest(version)
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise damaged(layout.relative(path)) from error
    fcntl.flock(stream, fcntl.LOCK_SH)
    if os.fstat(stream.fileno()).st_nlink == 0:
        # Pruned between opening and locking.
        stream.close()
        return None
    return stream


@contextmanager
def unread_version(layout: Layout, version: int) -> Generator[bool]:
    """Yield whether nobody reads a version, and keep it so while in the block."""
    with layout.manifest(version).open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
