"""Sessions in the database, which end when nobody used them for a while, and some time after their log-in in any case."""

import datetime
import time

from django.conf import settings
from django.contrib.sessions.backends import db

STEP = datetime.timedelta(minutes=1)  # as exactly is known when a session was last used
BEGUN = "begun"  # its log-in, in seconds since 1970


class SessionStore(db.SessionStore):
    """Ends SESSION_COOKIE_AGE seconds after its last use, and SESSION_LASTS after its key was made."""

    def get_session_cookie_age(self) -> int:
        left = self[BEGUN] + settings.SESSION_LASTS - int(time.time())
        return min(super().get_session_cookie_age(), left)

    def save(self, must_create: bool = False) -> None:
        self._get_session(no_load=must_create).setdefault(BEGUN, int(time.time()))
        super().save(must_create)

    def cycle_key(self) -> None:
        """Another key for who has just shown who they are; the time counts from here on."""
        self.pop(BEGUN, None)
        super().cycle_key()

    def load(self) -> dict:
        """What the session holds, {} once it ended. Its use is noted beside what it holds, which another request may be writing."""
        row = self._get_session_from_db()
        self._session_cache = self.decode(row.session_data) if row else {}
        if BEGUN not in self._session_cache:
            self._session_key = None
            return {}
        end = self.get_expiry_date()
        if end - row.expire_date >= STEP:
            self.model.objects.filter(pk=row.pk).update(expire_date=end)
        return self._session_cache
