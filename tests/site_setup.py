"""Makes Django ready for tests of the site: a workspace of its own, nothing kept.

Import it before anything of ``hamlets.web``.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

WORKSPACE = tempfile.mkdtemp(prefix="hamlets-site-test-")
atexit.register(shutil.rmtree, WORKSPACE, ignore_errors=True)
os.environ["HAMLETS_WORKSPACE"] = WORKSPACE
os.environ["HAMLETS_STORE"] = f"{WORKSPACE}/no-store"  # until a test makes one
os.environ["HAMLETS_EMAIL_URL"] = "memory"
os.environ["DJANGO_SETTINGS_MODULE"] = "hamlets.web.settings"

import django  # noqa: E402 - the environment comes first
from django.conf import settings  # noqa: E402

django.setup()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, tests alone
