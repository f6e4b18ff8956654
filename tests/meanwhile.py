"""Two who work on the database at the same time."""

import threading
import time

from django.db import connections

WAITING = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def until_it_waits(other: threading.Thread) -> None:
    """Comes back once somebody waits for a table; AssertionError if the other one came to its end without."""
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            assert other.is_alive(), "it didn't wait"
            time.sleep(0.01)
