"""The WSGI application, for any server: production settings, unless `manage.py run` starts it."""

import functools
import os

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")


class Request(WSGIRequest):
    """As Django's; which host was asked is made out once."""

    @functools.cached_property
    def host(self) -> str:
        return super().get_host()

    def get_host(self) -> str:
        return self.host


_framework = get_wsgi_application()
_framework.request_class = Request
application = import_string(settings.AGAIN)(_framework)

# Once a request, at its end, is enough to see to connections; nothing is kept in caches, nor what was asked of the database.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
