"""The compiler behind the kernel: where its cache lies, how functions are declared.

Numba is imported here and nowhere else, so that the cache folder is set before
the import: a read-only installation without a writable home would otherwise
fail at the first call. Every compiled function has one explicit signature;
Arrow buffers are read-only and would otherwise compile everything twice.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hamlets.settings import compiled_code_dir

_KEPT_DAYS = 60


def _forget_old(folder: Path) -> None:
    """Remove what was compiled from other sources and has not been used for long."""
    for other in folder.parent.glob("*"):
        if other != folder and time.time() - other.stat().st_mtime > _KEPT_DAYS * 86400:
            shutil.rmtree(other, ignore_errors=True)


if "NUMBA_CACHE_DIR" not in os.environ:
    _folder = compiled_code_dir()
    os.environ["NUMBA_CACHE_DIR"] = str(_folder)
    if not _folder.exists():
        _forget_old(_folder)

import numba  # noqa: E402 - only once the folder is set
from numba import types  # noqa: E402


def _array(dtype: Any, dimensions: int, readonly: bool) -> Any:
    return types.Array(dtype, dimensions, "C", readonly=readonly)


#: Inputs may be read-only Arrow buffers; outputs (names ending in _) are written to.
i1 = _array(types.int8, 1, True)
i4 = _array(types.int32, 1, True)
i8 = _array(types.int64, 1, True)
f8 = _array(types.float64, 1, True)
u1 = _array(types.uint8, 1, True)
i4x2 = _array(types.int32, 2, True)
f8x2 = _array(types.float64, 2, True)
u1x2 = _array(types.uint8, 2, True)
i1_ = _array(types.int8, 1, False)
i4_ = _array(types.int32, 1, False)
i8_ = _array(types.int64, 1, False)
f8_ = _array(types.float64, 1, False)
u1_ = _array(types.uint8, 1, False)
i8x2 = _array(types.int64, 2, True)
i8x2_ = _array(types.int64, 2, False)
f8x2_ = _array(types.float64, 2, False)
integer = types.int64
boolean = types.boolean
void = types.void


def compiled(result: Any, *arguments: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function for exactly these types, without the GIL, cached on disk."""
    return numba.njit(result(*arguments), cache=True, nogil=True, error_model="numpy")
