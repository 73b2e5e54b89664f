"""Whether the site on this computer answers: ``python -m hamlets.web.healthy [PORT]``."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

from hamlets.web.configuration import web_settings


def main(port: str = "8000") -> int:
    """Return 0 if the site answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/health/")
    asked.add_header("Host", web_settings().hosts[0])
    asked.add_header("X-Forwarded-Proto", "https")
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - our own address
            return 0 if answer.read() == b"ok\n" else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
