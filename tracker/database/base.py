"""Django's own PostgreSQL, with statements that are planned once, and connections whose end is noticed without asking."""

import select
from collections.abc import Sequence

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    """As its parent, for cursors of both kinds."""

    def last_executed_query(self, cursor: base.CursorMixin, sql: str, params: Sequence) -> str:
        """What was executed, a planned statement's values in their places."""
        if isinstance(cursor, base.ServerBindingCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """As its parent, made for many small questions: none is preceded by another."""

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Whether nobody closed the connection meanwhile: between two questions, a live server has nothing to say."""
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)

    def planned(self) -> CursorWrapper:
        """A cursor that leaves values to the server, which so plans a statement once for all that come after it."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(base.ServerBindingCursor(self.connection))
