"""Reading once, as a web process begins, what its first patient page would wait for.

That page costs a second of computing in a new process: libraries are imported, and the staff,
rota and free times of the records are read. A thread does it while nobody waits yet.
"""

from __future__ import annotations

from datetime import date
from threading import Thread

from django.utils import timezone

from hamlets.errors import HamletsError
from hamlets.logs import get_logger
from hamlets.web import dates
from hamlets.web.answers.versions import current_version
from hamlets.web.reading.opened import opened


def begin() -> Thread:
    """Begin to read; return the thread, which ends with the process at the latest."""
    thread = Thread(target=_warm, name="warming", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    try:
        warm(dates.local(timezone.now()).date())
    except (HamletsError, OSError) as error:
        # the page that needs it says what is wrong
        get_logger("reading").warning("not read in advance", why=str(error))


def warm(day: date) -> bool:
    """Read what all patient pages of a day share; return whether there was anything to read."""
    version = current_version()
    if version is None:
        return False
    with opened(version, "", day) as at:
        practices = at.store.labels("practice")
    if practices:
        with opened(version, practices[0], day) as at:
            _ = at.around
    return True
