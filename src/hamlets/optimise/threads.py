"""Sums on one thread."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Generator[None]:
    """Keep linear algebra to one thread, within a block or a decorated function.

    The searches make thousands of small sums: threads that wait for each other took two to
    four times the time.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
