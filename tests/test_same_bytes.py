"""Same data, same bytes: whatever the database's version and language, the place, the hash seed, and whoever writes meanwhile."""

import os
import pathlib
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from commitments import fixtures
from commitments.ledger import Entry, act
from tests import builders
from tests.builders import bytes_of
from tests.conftest import _connect, _point
from tracker import programs

PROJECT = pathlib.Path(__file__).parent.parent


def export(folder, **asked):
    fixtures.export(folder, by="auditor", reason="compare", **asked)
    return bytes_of(folder)


def carried(folder, **variables):
    """What comes out of a cluster of its own that took in the shipped bundle, in an environment with these variables."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "LC_", "LANG"))
    }
    environment |= variables | {"TRACKER_DATA_DIR": str(folder / "data")}
    for command in (["migrate", "-v", "0"], ["import_fixtures", "fixtures"], ["export_fixtures", str(folder / "out")]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=PROJECT, env=environment, check=True, capture_output=True
        )
    return bytes_of(folder / "out")


@pytest.mark.prove
def test_two_versions_of_postgresql_two_places_and_two_hash_seeds_give_the_shipped_bytes(tmp_path):
    shipped = bytes_of(PROJECT / "fixtures")
    found = programs.choose(None, tmp_path)
    here = {"LC_ALL": "C", "TZ": "Asia/Baghdad", "PYTHONHASHSEED": "1", "TRACKER_POSTGRES_BIN": str(found)}
    there = {
        "LC_ALL": "C.UTF-8",
        "TZ": "America/New_York",
        "PYTHONHASHSEED": "2",
        "TRACKER_POSTGRES_BIN": str(programs.wheel()),
    }
    for name, variables in (("here", here), ("there", there)):
        (tmp_path / name).mkdir()
        assert carried(tmp_path / name, **variables) == shipped


@pytest.fixture
def arabic(owner_dsn, django_db_setup, django_db_blocker):
    """A migrated database that sorts by the rules of Arabic; of a server built without ICU, one of its other locale."""
    name, home = f"tracker_arabic_{os.getpid()}", settings.DATABASES["owner"]["NAME"]
    with django_db_blocker.unblock(), _connect(owner_dsn) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        knows = server.execute("SELECT 1 FROM pg_collation WHERE collname = 'ar-x-icu'").fetchone()
        locale = "icu ICU_LOCALE 'ar'" if knows else "builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER {locale} LOCALE 'C.UTF-8'")
        _point(name)
        call_command("migrate", verbosity=0)
        yield
        _point(home)
        server.execute(f"DROP DATABASE {name}")


@pytest.mark.prove
def test_a_database_that_sorts_by_another_language_gives_the_shipped_bytes(arabic, tmp_path):
    fixtures.restore(PROJECT / "fixtures")
    assert export(tmp_path / "out") == bytes_of(PROJECT / "fixtures")
    size = Entry.objects.size() - 5
    assert list(map(len, export(tmp_path / "then", at=size).values()))


@pytest.mark.prove
def test_a_bundle_of_one_size_stays_the_same_while_others_write(published_database, tmp_path):
    first = export(tmp_path / "bundle")
    size, over = Entry.objects.size(), threading.Event()

    def write():
        number = 0
        try:
            while not over.is_set():
                number += 1
                with act(actor="author", reason="meanwhile"):
                    builders.topic(f"topic-{number}")
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _turn in range(5):
            assert export(tmp_path / "bundle", at=size) == first
    finally:
        over.set()
        writer.join()
    assert Entry.objects.size() > size
