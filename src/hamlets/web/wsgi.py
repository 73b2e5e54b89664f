"""The site as a WSGI application, for gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from hamlets.logs import start_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hamlets.web.settings")
start_logging()
application = get_wsgi_application()

from hamlets.web.reading import warming  # noqa: E402 - Django has to be ready

warming.begin()
