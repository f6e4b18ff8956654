"""A whole list in one answer, batch by batch as the database gives it, so that it takes no more memory than a page."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

import orjson
from django.db import Error, connection
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse

from . import formats, renderers

BATCH = 200  # rows that are read and written at once
PATIENCE = 60  # seconds for the one query of a download; any other question has settings.TIMEOUTS
BOM = "\ufeff"  # without it, spreadsheets read Arabic in another encoding


def table(items: Callable[[Sequence], Iterable[bytes]], fields: Sequence[str] | None, lang: str | None) -> tuple:
    """(The head, how a batch of rows follows) of a CSV table."""
    columns = formats.columns(fields, lang)

    def batch(rows: Sequence) -> bytes:
        read = map(orjson.loads, items(rows))
        return formats.table([column.read(item) for column in columns] for item in read).encode()

    return (BOM + formats.table([[column.name for column in columns]])).encode(), batch


def lines(items: Callable[[Sequence], Iterable[bytes]], fields: Sequence[str] | None, lang: str | None) -> tuple:
    """(The head, how a batch of rows follows) of JSON Lines."""
    return b"", lambda rows: b"".join([b"%b\n" % item for item in items(rows)])


WRITERS = {renderers.CSV: table, renderers.JSONLines: lines, renderers.NDJSON: lines}


@contextlib.contextmanager
def patient() -> Iterator[None]:
    """Gives the queries inside more time than others have."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{PATIENCE}s'")
        try:
            yield
        finally:
            with contextlib.suppress(Error):  # a connection that is lost takes the setting along
                cursor.execute("RESET statement_timeout")


def batches(rows: QuerySet) -> Iterator[list[tuple]]:
    """The rows, read by a cursor of the server: as they all stood at one moment."""
    found = rows.iterator(chunk_size=BATCH)
    return iter(lambda: list(islice(found, BATCH)), [])


def answer(rows: QuerySet, head: bytes, batch: Callable[[Sequence], bytes]) -> StreamingHttpResponse:
    """The stream. The first batch is read at once, so that a database that fails can still be told by the status."""
    found = batches(rows)
    with patient():
        begun = head + b"".join(map(batch, islice(found, 1)))
    return StreamingHttpResponse(chain([begun], map(batch, found)))


def described(response: HttpResponseBase, media_type: str, name: str) -> HttpResponseBase:
    """The same, as a download of this name."""
    response["Content-Type"] = f"{media_type}; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def export(renderer: renderers.Format, rows: Callable[[], QuerySet], name: str, method: str, *how) -> HttpResponseBase:
    """A list's rows in a format that is streamed; for HEAD, nothing is read."""
    nothing = method == "HEAD"  # a stream, too: its length isn't known
    response = StreamingHttpResponse(()) if nothing else answer(rows(), *WRITERS[type(renderer)](*how))
    return described(response, renderer.media_type, f"{name}.{renderer.extension}")
