"""What an answer depends on, as its validators: this build, the ledger's head, the UTC day, the address asked for."""

import datetime
import functools
import hashlib
import pathlib
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from ..ledger import Entry

HEAD = f"SELECT seq, at FROM {Entry._meta.db_table} ORDER BY seq DESC LIMIT 1"  # noqa: S608 - asked at every request
HERE = pathlib.Path(__file__).parents[1]
# With another one of these, every answer may be another: our code, pages and codebook, and the packages.
BUILD = sorted([*HERE.rglob("*.py"), *HERE.glob("templates/commitments/*.html"), HERE / "codebook.yaml"])
BUILD += [HERE / "api/examples.json", HERE.parent / "requirements.lock"]


@dataclass(frozen=True)
class Version:
    """What, besides build and address, an answer depends on; since when it is so; the ledger's length then."""

    what: str
    at: datetime.datetime
    size: int = 0


def now() -> datetime.datetime:
    """This instant, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def today() -> datetime.date:
    """The UTC day."""
    return now().date()


@functools.cache
def build() -> str:
    """The build, in short."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in BUILD)).hexdigest()


@functools.cache
def built() -> datetime.datetime:
    """Since when this build is here: the time of its newest file."""
    return datetime.datetime.fromtimestamp(max(file.stat().st_mtime for file in BUILD), datetime.UTC)


def fixed(what: str = "") -> Version:
    """Of an answer that changes with the build alone."""
    return Version(what, built())


def ledger() -> Version:
    """Of an answer that the ledger's head decides. Read before the data: a copy is never older than its tag."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        size, at = cursor.fetchone() or (0, built())
    return Version(str(size), max(at, built()), size)


def data() -> Version:
    """Of an answer that depends on the ledger's head and the day: what is public changes with no other."""
    head, day = ledger(), today()
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return Version(f"{head.what} {day}", max(head.at, midnight), head.size)


def etag(request: HttpRequest, media_type: str, version: Version) -> str:
    """A strong ETag, since the same data gives the same bytes."""
    asked = [build(), version.what, media_type, request.get_host(), request.get_full_path(), request.scheme]
    digest = hashlib.sha256("\n".join(asked).encode()).hexdigest()
    return f'"{digest[:32]}"'


def last_modified(version: Version) -> int | None:
    """Since when it is so, in whole seconds since 1970; None as long as that second can bring another change."""
    second = int(version.at.timestamp())
    return second if second < int(now().timestamp()) else None


def lasting() -> int:
    """For how many seconds a shared cache may answer unasked: a minute, and never into another UTC day."""
    instant = now()
    midnight = datetime.datetime.combine(instant.date(), datetime.time(), datetime.UTC) + datetime.timedelta(days=1)
    return min(60, int((midnight - instant).total_seconds()))
