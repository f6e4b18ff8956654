"""What an answer depends on, as its validators: this build, the last public entry, the UTC day, the address asked for."""

import datetime
import functools
import hashlib
import pathlib
import threading
import time
from dataclasses import dataclass

import orjson
from django.db.models import F, Func, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Greatest

from ..checkpoints import Release
from ..ledger import LEASE, Entry
from ..models import Publication, Withholding
from . import planned
from .renderers import raw

HERE = pathlib.Path(__file__).parents[1]
# With another one of these, every answer may be another: our code, pages and codebook, and the packages.
BUILD = sorted([*HERE.rglob("*.py"), *HERE.glob("templates/commitments/*.html"), HERE / "codebook.yaml"])
BUILD += [HERE / "api/examples.json", HERE.parent / "requirements.lock"]


@dataclass(frozen=True)
class Version:
    """What, besides build and address, an answer depends on; since when it is so; the ledger's public length then.

    `last` is that entry as LAST gives it. No day: whatever it is, the answer is the same.
    """

    what: str
    at: datetime.datetime
    size: int = 0
    last: bytes = b""
    day: datetime.date | None = None


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


def shelf() -> QuerySet:
    """The numbers of the ledger's entries that made a version, the last one first."""
    return Publication.objects.filter(from_seq__isnull=False).order_by("-from_seq").values("from_seq")


def others() -> QuerySet:
    """The numbers of all other entries that the public sees, the last one first."""
    tables = [model._meta.db_table for model in (Release, Withholding)]
    # + 0: found by their table, few as they are, and not by reading the ledger from its end
    return Entry.objects.filter(table__in=tables).annotate(number=F("seq") + 0).order_by("-number").values("number")


def size_at(instant: datetime.datetime) -> int:
    """The ledger's public length at an instant: the number of the last entry that made a version; 0 before the first."""
    then = Entry.objects.until(instant).values("seq")[:1]
    return shelf().filter(from_seq__lte=Subquery(then)).values_list("from_seq", flat=True).first() or 0


def _last() -> QuerySet:
    """The last public entry."""
    return Entry.objects.filter(seq=Greatest(Subquery(shelf()[:1]), Subquery(others()[:1])))


LEASED = "SELECT public.ledger_lease()"
# Its number and its instant as a JSON text: another register of the same length has another instant.
NUMBERED = Cast(Func("seq", "at", function="json_build_array", output_field=TextField()), TextField())
LAST = Subquery(_last().values(last=NUMBERED))  # beside other columns


@functools.cache
def last_asked() -> planned.Statement:
    """The statement for LAST alone."""
    return planned.asked("ledger", lambda: _last().values_list(NUMBERED))


def asked_last() -> bytes:
    """LAST, asked for alone; b"" where there is no such entry."""
    return next(iter(planned.found(last_asked())), (b"",))[0]


class Lease:
    """The last public entry, which not all who ask at the same time need ask the database for.

    Whoever makes it another one has announced that for longer than a lease when anybody can see it (`ledger.Announce`).
    So what the database says after it said that nobody has holds for a lease from the first of these two questions on.
    One who asks renews it, if others asked shortly before; they ask for the entry alone. So does everybody for a while
    where there was none to have: a change is announced, the database is a replica, or so far that a lease is over first.
    """

    def __init__(self):
        self.renewing = threading.Lock()
        self.asked = self.vain = 0.0  # when somebody asked at last; until when nobody asks for a lease
        self.held = b"", 0.0  # the entry as LAST gives it; until when

    def holds(self, last: bytes) -> bool:
        """Whether that is known to be the last public entry at this instant."""
        held, until = self.held
        return held == last and time.monotonic() < until

    def ask(self) -> bytes:
        """The last public entry as the database says; b"" where there is none."""
        begun, before = time.monotonic(), self.asked
        self.asked = begun
        alone = self.vain <= begun < before + 2 * LEASE and self.renewing.acquire(blocking=False)
        try:
            seconds = planned.found((LEASED, []))[0][0] if alone else 0.0
            last = asked_last()
            now = time.monotonic()
            if now < begun + seconds:
                self.held = last, begun + seconds
            elif alone:
                self.vain = now + 2 * LEASE
            return last
        finally:
            if alone:
                self.renewing.release()


def ledger(last: str | bytes | None = None) -> Version:
    """Of an answer that the last public entry decides: drafts, whose entries follow, neither change nor show in it.

    It is read before the data or together with it (`last`, as LAST gives it): a copy is never older than its tag.
    """
    last = raw(last or asked_last())
    if not last:
        return Version("0", built())
    size, at = orjson.loads(last)
    return Version(last.decode(), max(datetime.datetime.fromisoformat(at), built()), size, last)


def data(last: str | None = None, day: datetime.date | None = None) -> Version:
    """Of an answer that depends on the last public entry and the day: what is public changes with no other."""
    head, day = ledger(last), day or today()
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return Version(f"{head.what} {day}", max(head.at, midnight), head.size, head.last, day)


def etag(version: Version, media_type: str, origin: str, path: str) -> str:
    """A strong ETag, since the same data gives the same bytes."""
    digest = hashlib.sha256("\n".join([build(), version.what, media_type, origin, path]).encode()).hexdigest()
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
