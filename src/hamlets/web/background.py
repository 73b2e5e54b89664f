"""The site as a process of its own: ``python -m hamlets.web.background PORT``."""

from __future__ import annotations

import sys

from hamlets.web import serving

if __name__ == "__main__":
    sys.exit(serving.run(serving.commands("127.0.0.1", int(sys.argv[1]))))
