"""The tests' databases: one migrated template, a copy for each worker, served by the serving role as in real life."""

import contextlib
import functools
import hashlib
import os
import pathlib

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from hypothesis import settings as laws
from psycopg import sql

PROJECT = pathlib.Path(__file__).parent.parent
# No test fails for being slow; a law is tried on a few fixed examples at every commit, on many new ones in `make prove`.
laws.register_profile("every commit", deadline=None, derandomize=True, max_examples=25)
laws.register_profile("prove", deadline=None)
laws.load_profile("prove" if os.environ.get("PROVE") else "every commit")


def pytest_collection_modifyitems(config, items):
    """Without the source documents, which are not part of the project, the tests that need them are left out, and that is said."""
    if os.environ.get("TRACKER_DOCUMENTS"):
        return
    left = [item for item in items if item.get_closest_marker("documents")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_terminal_summary(terminalreporter):
    """Says what was held against the documents, or that nothing was."""
    found = [dict(report.user_properties).get("checked") for report in terminalreporter.stats.get("passed", ())]
    for line in filter(None, found):
        terminalreporter.write_line(line)
    if not os.environ.get("TRACKER_DOCUMENTS"):
        terminalreporter.write_line(
            "The quotes were not held against the source documents: name their folder in TRACKER_DOCUMENTS."
        )


@pytest.fixture(scope="session")
def owner_dsn(django_db_blocker):
    """How the owner reaches the server; databases are made and dropped through it."""
    return connections["owner"].get_connection_params() | {"dbname": settings.DATABASES["owner"]["NAME"]}


def _connect(owner_dsn, dbname=None):
    parameters = {key: owner_dsn[key] for key in ("host", "port", "user", "password") if owner_dsn.get(key)}
    return psycopg.connect(**parameters, dbname=dbname or owner_dsn["dbname"], autocommit=True)


def _drop(connection, name):
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _copy(connection, name, template):
    _drop(connection, name)
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), role))


def _point(name):
    """Every connection of this process goes to another database from here on."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = name


def _schema() -> str:
    """What the migrated template depends on: every source file that has a say in the schema."""
    files = sorted((PROJECT / "commitments").glob("*.py")) + sorted((PROJECT / "commitments/migrations").glob("*.py"))
    return hashlib.sha256(
        b"".join(file.read_bytes() for file in [*files, PROJECT / "commitments/codebook.yaml"])
    ).hexdigest()[:12]


@pytest.fixture(scope="session")
def template(owner_dsn, django_db_blocker):
    """The name of a migrated, empty database; made once for all workers."""
    home = settings.DATABASES["owner"]["NAME"]
    name = f"tracker_template_{_schema()}"
    with django_db_blocker.unblock(), _connect(owner_dsn) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
            for (old,) in connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'tracker_template_%'"
            ).fetchall():
                _drop(connection, old)
            _copy(connection, f"{name}_raw", "template0")
            with _connect(owner_dsn, f"{name}_raw") as raw:
                raw.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
                raw.execute(
                    sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(
                        sql.Identifier(settings.DATABASES["default"]["USER"])
                    )
                )
            _point(f"{name}_raw")
            call_command("migrate", verbosity=0)
            _point(home)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(f"{name}_raw"), sql.Identifier(name))
            )
    return name


@pytest.fixture(scope="session")
def django_db_setup(owner_dsn, template, django_db_blocker, request):
    """The worker's own database, a copy of the template; the default alias is the serving role."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    home = settings.DATABASES["owner"]["NAME"]
    name = f"tracker_test_{worker}_{os.getpid()}"
    with django_db_blocker.unblock(), _connect(owner_dsn) as connection:
        _copy(connection, name, template)
        _point(name)
        yield
        _point(home)
        _drop(connection, name)


@contextlib.contextmanager
def _own(owner_dsn, template, name):
    before = settings.DATABASES["owner"]["NAME"]
    with _connect(owner_dsn) as connection:
        _copy(connection, name, template)
        _point(name)
        yield
        _point(before)
        _drop(connection, name)


@pytest.fixture
def fresh_database(owner_dsn, template, django_db_setup, django_db_blocker):
    """A database of the test's own, for what commits: a copy of the template that is dropped afterwards."""
    name = f"tracker_fresh_{os.getpid()}"
    with django_db_blocker.unblock(), _own(owner_dsn, template, name):
        yield name


@pytest.fixture(scope="module")
def module_database(owner_dsn, template, django_db_setup, django_db_blocker):
    """As `fresh_database`, one for all tests of a module: they only read."""
    name = f"tracker_module_{os.getpid()}"
    with django_db_blocker.unblock(), _own(owner_dsn, template, name):
        yield name


@pytest.fixture
def empty_database(owner_dsn, template):
    """A second, empty database, as a context: inside it every connection goes there."""
    return functools.partial(_own, owner_dsn, template, f"tracker_empty_{os.getpid()}")
