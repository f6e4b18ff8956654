"""Many processes that write at once while a reader follows what is public: entries a second, and whether all of it holds.

`.venv/bin/python -m tests.writers` makes a database of its own in the cluster of this installation, and drops it again.
"""

import argparse
import contextlib
import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import django
from django.apps import apps

if (
    not apps.ready
):  # as a command, or as one of its processes: with the settings that serve, not with those of the tests
    from tracker import local

    local.prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from commitments import actions, models, verification
from commitments.ledger import Entry, act

BOUND = 500  # entries a second, at the least
WORK = 0.02  # seconds inside each transaction
PARTS = 3  # written with each record
EACH = 10  # of as many acts, one is followed by an approval: two more entries, one of them public
PATIENCE = 300  # seconds in which every process comes to its end, or something is wrong
SPAWN = multiprocessing.get_context("spawn")


def by_sql(after: int) -> list[int]:
    """The numbers of the next public entries."""
    public = Entry.objects.filter(table=models.Publication._meta.db_table, seq__gt=after).order_by("seq")
    return list(public.values_list("seq", flat=True)[:200])


def by_api(after: int) -> list[int]:
    """The same, as a mirror reads them."""
    answer = Client(SERVER_NAME="localhost").get("/api/v1/changes/", {"after": after, "page_size": 200})
    return [change["seq"] for change in answer.json()["results"]]


READERS = {"sql": by_sql, "api": by_api}


@dataclass(frozen=True)
class Outcome:
    """What came of a run: `entries` in `seconds`, `public` of them, and in words what doesn't hold."""

    writers: int
    seconds: float
    entries: int
    public: int
    faults: list[str]

    @property
    def rate(self) -> float:
        """Entries a second."""
        return self.entries / self.seconds

    def __str__(self) -> str:
        holds = "; ".join(self.faults) or "no gap, no fork, every public entry read once"
        return (
            f"{self.writers} writers, {WORK * 1000:.0f} ms inside each transaction, {self.seconds:.1f} s: {self.entries} entries, "
            f"{self.rate:.0f} a second ({self.public} public); {holds}."
        )


def point(database: str) -> None:
    """Every connection of this process goes to another database from here on."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = database


def elsewhere(module: str, name: str, database: str, *rest) -> None:
    """What a process of its own runs: a function of a module that can only be imported once Django is set up, as it is here."""
    point(database)
    getattr(importlib.import_module(module), name)(*rest)
    connections.close_all()


def work() -> None:
    """What an act does beside writing, with its transaction open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [WORK])


def write(database: str, number: int, ready, stop, told) -> None:
    """A writer: acts of a record and its parts, now and then an approval, until told to stop; tells how many of both were done."""
    point(database)
    done = approved = 0
    ready.wait(PATIENCE)
    while not stop.is_set():
        ref, name = f"party-{number}-{done}", {"en": f"Party {done} of writer {number}", "ar": "طرف"}
        with act(actor=f"author-{number}", reason=f"act {done}"):
            party = models.Party.objects.create(ref=ref, party_kind="state", name=name)
            models.PartyAlias.objects.bulk_create(
                models.PartyAlias(ref=f"{ref}.alias-{n}", party=party, name=f"اسم {n}", language="ar")
                for n in range(1, PARTS + 1)
            )
            work()
        done += 1
        if done % EACH == 1:
            with act(actor=f"approver-{number}", reason="checked"):
                work()
                actions.publish([party], by=f"approver-{number}", reason="checked")
            approved += 1
    connections.close_all()
    told.put((number, done, approved))


def read(database: str, reader: str, ready, stop, told) -> None:
    """The reader: asks for what comes after the last entry that it saw, until all writers are done and nothing is left."""
    point(database)
    seen: list[int] = []
    ready.wait(PATIENCE)
    while True:
        over = stop.is_set()
        page = READERS[reader](seen[-1] if seen else 0)
        seen += page
        if not page and over:
            break
        time.sleep(WORK if not page else 0)
    connections.close_all()
    told.put(seen)


def run(database: str, *, seconds: float, writers: int, reader: str = "api") -> Outcome:
    """Lets `writers` processes write for `seconds` into a migrated database, and holds what they left against what they told."""
    point(database)
    before = Entry.objects.count()
    connections.close_all()
    ready, stop, over = SPAWN.Barrier(writers + 2), SPAWN.Event(), SPAWN.Event()
    told, seen = SPAWN.Queue(), SPAWN.Queue()
    processes = [SPAWN.Process(target=write, args=(database, number, ready, stop, told)) for number in range(writers)]
    processes.append(SPAWN.Process(target=read, args=(database, reader, ready, over, seen)))
    for process in processes:
        process.start()
    try:
        ready.wait(PATIENCE)
        begun = time.monotonic()
        stop.wait(seconds)
        stop.set()
        acts = [told.get(timeout=PATIENCE) for _ in range(writers)]
        lasted = time.monotonic() - begun
        over.set()
        read_by = seen.get(timeout=PATIENCE)
    finally:
        for process in processes:
            process.join(5)
            process.kill()
    return Outcome(writers, lasted, Entry.objects.count() - before, len(read_by), list(_faults(before, acts, read_by)))


def _faults(before: int, acts: list[tuple[int, int, int]], seen: list[int]) -> Iterator[str]:
    """What doesn't hold of the database after a run."""
    numbers = list(Entry.objects.order_by("seq").values_list("seq", flat=True))
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the numbers have a gap"
    if len(numbers) - before != sum((1 + PARTS) * done + 2 * approved for _number, done, approved in acts):
        yield "the entries aren't those of the acts that were acknowledged"
    refs = {f"party-{number}-{n}" for number, done, _approved in acts for n in range(done)}
    if set(models.Party.objects.filter(ref__startswith="party-").values_list("ref", flat=True)) != refs:
        yield "the rows aren't those of the acts that were acknowledged"
    public = list(
        Entry.objects.filter(table=models.Publication._meta.db_table).order_by("seq").values_list("seq", flat=True)
    )
    if seen != public:
        yield f"of {len(public)} public entries the reader saw {len(seen)}, {len(set(seen))} different ones"
    yield from (str(finding) for finding in verification.ledger())


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """The name of a migrated database that is there for the run alone."""
    name, role = f"tracker_writers_{os.getpid()}", settings.DATABASES["default"]["USER"]
    home = settings.DATABASES["owner"]["NAME"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        cursor.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
    point(name)
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        call_command("migrate", verbosity=0)
        yield name
    finally:
        point(home)
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> int:
    """The command: prints one line; 0 if all holds and the bound is reached, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--reader", choices=READERS, default="api", help="how the reader asks for public changes")
    asked = parser.parse_args()
    with own_database() as database:
        outcome = run(database, seconds=asked.seconds, writers=asked.writers, reader=asked.reader)
    print(outcome)
    return 1 if outcome.faults or outcome.rate < BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
