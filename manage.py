#!/usr/bin/env python3
"""Runs one command on the tracker: prepares the local mode and the database, then hands over to Django."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

from tracker import local, postgres


def main() -> None:
    """Run the command that the arguments name; a fault in the settings or the platform ends as one clear message."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the database is stopped, too
    try:
        if sys.argv[1:2] == ["run"]:
            local.require_free_port()
        local.prepare()
        postgres.ensure()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    except (InterfaceError, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"PostgreSQL went away, or gave up: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
