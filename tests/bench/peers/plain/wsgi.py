"""The application, for a server."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.peers.plain.settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
