"""A solver kept from writing to standard output, which is the program's own for results."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def quiet() -> Generator[None]:
    """Send what compiled code prints nowhere.

    HiGHS prints a line when it solves again for the parts beside whole numbers, whatever its
    options are; between the brackets of a JSON object it would spoil it.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # standard output is closed, so nothing can be written there
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        # What is still in the buffer of compiled code would come out later.
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
