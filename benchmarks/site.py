"""How quickly pages of a running site answer, alone and to many at once.

Start the site first (``hamlets demo``), wait until its answers are there, then:

    python -m benchmarks.site --address http://127.0.0.1:8000 --email E --password P

Each page is asked once by itself after it was not asked for a while ("first"), then 20 times
in a row ("warm"). Then 50 people are there at once and click every 10 seconds, for half a minute;
then 200 arrive within a minute, click every 10 seconds and stay until all have clicked for half a
minute.
Only addresses of this computer are asked.
"""

from __future__ import annotations

import argparse
import re
import statistics
import threading
import time
from urllib.parse import urlsplit

import requests

PAGES = (
    "", "continuity/", "audits/", "audits/case/1/", "workforce/", "named-gps/", "free-wins/",
    "worklists/", "teams/", "patients/", "data/", "people/", "log/",
)  # fmt: skip
PAUSE, STAY = 10.0, 30.0
"""Seconds between two clicks of one person, and how long the last to arrive stays."""
CROWDS = ((50, PAUSE), (200, 60.0))
"""People, and the seconds within which they arrive."""


def signed_in(address: str, email: str, password: str) -> requests.Session:
    """Return a session of somebody who signed in."""
    session = requests.Session()
    form = session.get(f"{address}/account/login/", timeout=60).text
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[0]
    answer = session.post(
        f"{address}/account/login/",
        data={"csrfmiddlewaretoken": token, "login": email, "password": password},
        headers={"Referer": address},
        timeout=60,
    )
    if "/account/login" in answer.url:
        raise SystemExit("That person cannot sign in there.")
    return session


def asked(session: requests.Session, address: str) -> tuple[float, int, int]:
    """Return seconds, status and bytes of one page."""
    start = time.perf_counter()
    answer = session.get(address, timeout=60)
    return time.perf_counter() - start, answer.status_code, len(answer.content)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def crowd(
    session: requests.Session, pages: list[str], people: int, within: float
) -> tuple[list[float], dict[int, int]]:
    """Return the seconds of all answers to so many people, and how many errors of each status."""
    times: list[float] = []
    errors: dict[int, int] = {}
    end = time.monotonic() + within + STAY
    lock = threading.Lock()

    def person(number: int) -> None:
        mine = requests.Session()
        mine.cookies.update(session.cookies)
        time.sleep(within * number / people)
        turn = number
        while time.monotonic() < end:
            try:
                seconds, status, _ = asked(mine, pages[turn % len(pages)])
            except requests.RequestException:
                seconds, status = 60.0, 599  # nobody answered
            turn += 1
            with lock:
                times.append(seconds)
                if status >= 400:
                    errors[status] = errors.get(status, 0) + 1
            time.sleep(PAUSE)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, errors


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--place", default="practice/EX001")
    given = parser.parse_args()
    if urlsplit(given.address).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SystemExit("Only a site on this computer is asked.")
    session = signed_in(given.address, given.email, given.password)
    pages: list[str] = []
    print(f"{'page':<20}{'status':>7}{'kB':>7}{'first ms':>10}{'median ms':>11}{'p95 ms':>8}")
    for name in PAGES:
        address = f"{given.address}/{given.place}/{name}"
        first, status, size = asked(session, address)
        if status == 404:
            continue
        pages.append(address)
        warm = [asked(session, address)[0] for _ in range(20)]
        print(
            f"{name or 'home':<20}{status:>7}{size / 1000:>7.0f}{1000 * first:>10.0f}"
            f"{1000 * statistics.median(warm):>11.0f}{1000 * percentile(warm, 0.95):>8.0f}"
        )
    for people, within in CROWDS:
        times, errors = crowd(session, pages, people, within)
        print(
            f"{people} people within {within:g} s, a click each {PAUSE:g} s: {len(times)} pages, "
            f"{sum(errors.values())} errors {errors or ''}, "
            f"median {1000 * statistics.median(times):.0f} ms, "
            f"p95 {1000 * percentile(times, 0.95):.0f} ms"
        )


if __name__ == "__main__":
    main()
