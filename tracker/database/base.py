"""Django's own PostgreSQL, with statements that are planned once, and connections whose end is noticed without asking."""

import itertools
import re
import select
from collections import OrderedDict
from collections.abc import Sequence

from django.db.backends.ddl_references import Statement
from django.db.backends.postgresql import base
from django.db.models import Field, Model
from psycopg import Connection, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.types.string import ByteaBinaryLoader

MOST = 100  # statements that the server keeps planned for one connection


def raw(connection: Connection) -> base.ServerBindingCursor:
    """A cursor that gives a text as the bytes that came, in UTF-8: most are sent on as they are."""
    cursor = base.ServerBindingCursor(connection)
    cursor.adapters.register_loader("text", ByteaBinaryLoader)
    cursor.format = pq.Format.BINARY
    return cursor


class Statements:
    """The statements of one connection that its server has planned, by their text and the types of their values.

    They are asked for without the driver's cursor, which takes longer for a small question than its answer does.
    """

    def __init__(self, wrapper: "DatabaseWrapper"):
        self.server = wrapper.connection.pgconn
        self.read = Transformer(raw(wrapper.connection))
        self.names: OrderedDict[tuple, bytes] = OrderedDict()  # the one asked last is the last
        self.numbers = itertools.count()

    def rows(self, sql: str, values: Sequence) -> list[tuple]:
        """The rows of a statement with these values in the places of its `%s`."""
        given = self.read.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = sql, self.read.types
        if key in self.names:
            self.names.move_to_end(key)
        name = self.names.get(key) or self.plan(*key)
        found = self.told(self.server.exec_prepared(name, given, self.read.formats, result_format=pq.Format.BINARY))
        self.read.set_pgresult(found)
        return self.read.load_rows(0, found.ntuples, tuple)

    def plan(self, sql: str, types: tuple[int, ...]) -> bytes:
        """The name of a statement from now on; beyond MOST, the server forgets the one that wasn't asked for longest."""
        name, places = f"planned_{next(self.numbers)}".encode(), itertools.count(1)
        query = re.sub("%s|%%", lambda found: "%" if found[0] == "%%" else f"${next(places)}", sql)
        self.told(self.server.prepare(name, query.encode(), types))
        self.names[sql, types] = name
        if len(self.names) > MOST:
            _key, oldest = self.names.popitem(last=False)
            self.told(self.server.exec_(b"DEALLOCATE " + oldest))
        return name

    def told(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        """The result; what the server refused is raised."""
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            error = error_from_result(result)
            raise error if self.server.status == pq.ConnStatus.OK else OperationalError(str(error))
        return result


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    """As its parent, for cursors of both kinds."""

    def last_executed_query(self, cursor: base.CursorMixin, sql: str, params: Sequence) -> str:
        """What was executed, a planned statement's values in their places."""
        if isinstance(cursor, base.ServerBindingCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class SchemaEditor(base.DatabaseWrapper.SchemaEditorClass):
    """As its parent, without a second index for a text's beginning where the first one finds it: in the order of bytes."""

    def _create_like_index_sql(self, model: type[Model], field: Field) -> Statement | None:
        in_bytes = field.db_parameters(self.connection).get("collation") == "C"
        return None if in_bytes else super()._create_like_index_sql(model, field)


class DatabaseWrapper(base.DatabaseWrapper):
    """As its parent, made for many small questions: none is preceded by another."""

    ops_class, SchemaEditorClass = DatabaseOperations, SchemaEditor
    statements: Statements

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.statements = Statements(self)

    def is_usable(self) -> bool:
        """Whether nobody closed the connection meanwhile: between two questions, a live server has nothing to say."""
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)

    def planned(self, sql: str, values: Sequence) -> list[tuple]:
        """The rows of a statement that the server plans once for all that come after it; texts are bytes, in UTF-8."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self.get_autocommit() and not (self.queries_logged or self.execute_wrappers):
            with self.wrap_database_errors:
                return self.statements.rows(sql, values)
        with self.wrap_database_errors:  # in a transaction, and where it is told what is asked, as any other
            bound = raw(self.connection)
        with self._prepare_cursor(bound) as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()
