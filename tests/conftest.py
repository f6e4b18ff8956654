"""The tests' databases: one migrated template, a copy for each worker, served by the serving role as in real life."""

import contextlib
import copy
import functools
import gc
import hashlib
import importlib
import os
import pathlib
import pkgutil
import shutil
import threading

import coverage
import psycopg
import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections, transaction
from django.test.testcases import QuietWSGIRequestHandler
from django.utils import translation
from hypothesis import settings as laws
from playwright.sync_api import sync_playwright
from psycopg import sql

import commitments
from commitments import actions, fixtures
from commitments.api import counted, versions
from tests import api_register, builders
from tracker.wsgi import application

PROJECT = pathlib.Path(__file__).parent.parent
SHIPPED = PROJECT / "fixtures"
# No test fails for being slow; a law is tried on a few fixed examples at every commit, on many new ones in `make prove`.
laws.register_profile("every commit", deadline=None, derandomize=True, max_examples=25)
laws.register_profile("prove", deadline=None, max_examples=120)
PROVE = os.environ.get("PROVE", "")  # "all" checks at full size; "again", with another PostgreSQL
laws.load_profile("prove" if PROVE else "every commit")


LONG = (
    *("test_kills.py", "test_time_travel.py", "test_spellings.py", "test_meanwhile_load.py"),
    *("test_search_load.py", "test_intake_load.py", "test_worklists_load.py", "test_pages_load.py"),
    "test_schemathesis.py",
)
# What asks little of the database, or the same of any: one PostgreSQL is enough for it.
ONCE = (
    *("test_schemathesis.py", "test_typescript.py", "test_hostile.py", "test_examples.py", "test_openapi.py"),
    *("test_verify.py", "test_bags.py", "test_dates.py", "test_meanwhile_load.py", "test_worklists_load.py"),
    *("test_admin_browser.py", "test_assessing_browser.py", "test_intake_browser.py", "test_linked_data.py"),
    *("test_formats_load.py", "test_intake_load.py", "test_bench.py", "test_text.py", "test_messages.py"),
)


def is_beyond_sample(item):
    """Whether a case is none of those that its test's mark `sample` names by their numbers."""
    mark = item.get_closest_marker("sample")
    return mark is not None and not set(mark.args).issuperset(item.callspec.indices.values())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """What takes minutes begins first, so that no process is left alone with it at the end.

    Of like cases a sample is enough at every commit. Without the source documents, which are not part of the project,
    the tests that need them are left out, and that is said.
    """
    items.sort(key=lambda item: item.path.name not in LONG)
    left = [] if PROVE else [item for item in items if is_beyond_sample(item)]
    if PROVE == "again":
        left += [item for item in items if item.path.name in ONCE]
    if not os.environ.get("TRACKER_DOCUMENTS"):
        left += [item for item in items if item.get_closest_marker("documents")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart():
    """What a module runs when it is imported counts, whatever imports it first: a test, a set-up or one that isn't counted."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for module in pkgutil.walk_packages(commitments.__path__, "commitments."):
            importlib.import_module(module.name)
        return
    gc.freeze()  # what is imported stays: it needn't be looked through again and again for what can go
    gc.set_threshold(100_000, 50, 100)
    if first := coverage.Coverage.current():
        first.stop()  # pytest-cov counts twice in a worker: this count would go on whenever the one that it reports pauses


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Coverage counts what a test calls; what its set-up runs proves nothing, and takes twice as long when counted.

    The language of the last request stays the thread's: no test begins with what another one left.
    """
    translation.deactivate()
    counting = coverage.Coverage.current()
    if counting:
        counting.stop()
    try:
        return (yield)
    finally:
        if counting:
            counting.start()


def pytest_terminal_summary(terminalreporter):
    """Says what was held against the documents, or that nothing was."""
    found = [dict(report.user_properties).get("checked") for report in terminalreporter.stats.get("passed", ())]
    for line in filter(None, found):
        terminalreporter.write_line(line)
    if not os.environ.get("TRACKER_DOCUMENTS"):
        terminalreporter.write_line(
            "The quotes were not held against the source documents: name their folder in TRACKER_DOCUMENTS."
        )


@pytest.fixture(autouse=True)
def nothing_counted():
    """No test finds what another one had counted: of what a test does to the code or undoes, no key tells."""
    counted.forget()
    application.known.clear()
    application.seen.clear()
    application.lease = versions.Lease()


@pytest.fixture(scope="session")
def documents() -> dict[str, str]:
    """The documents' texts by SHA-256; fails, saying how, where they are not at hand."""
    folder = os.environ.get("TRACKER_DOCUMENTS")
    if not folder:
        pytest.fail("TRACKER_DOCUMENTS is not set: name the folder of the source documents, to prove the quotes.")
    contents = [path.read_bytes() for path in sorted(pathlib.Path(folder).glob("*.txt"))]
    return {hashlib.sha256(content).hexdigest(): content.decode() for content in contents}


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
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), role))


def _point(name):
    """Every connection of this process goes to another database from here on."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = name


def _version(*more) -> str:
    """What a template depends on: every source file that has a say in the schema, and `more`."""
    files = [*(PROJECT / "commitments").glob("*.py"), *(PROJECT / "commitments/migrations").glob("*.py"), *more]
    contents = [file.read_bytes() for file in sorted([*files, PROJECT / "commitments/codebook.yaml"])]
    return hashlib.sha256(b"".join(contents)).hexdigest()[:12]


def _made_once(owner_dsn, kind, version, source, fill):
    """The name of a database that `fill` completes, begun as a copy of `source`: made once for all workers and runs."""
    name, home = f"tracker_{kind}_{version}", settings.DATABASES["owner"]["NAME"]
    with _connect(owner_dsn) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
            for (old,) in connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"tracker_{kind}_%"]
            ).fetchall():
                _drop(connection, old)
            _copy(connection, f"{name}_raw", source)
            _point(f"{name}_raw")
            fill()
            _point(home)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(f"{name}_raw"), sql.Identifier(name))
            )
    return name


def _migrate():
    with connections["owner"].cursor() as cursor:
        role = connections["owner"].ops.quote_name(settings.DATABASES["default"]["USER"])
        cursor.execute(f"REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {role}")
    call_command("migrate", verbosity=0)


@pytest.fixture(scope="session")
def template(owner_dsn, django_db_blocker):
    """The name of a migrated, empty database."""
    with django_db_blocker.unblock():
        return _made_once(owner_dsn, "template", _version(), "template0", _migrate)


@pytest.fixture(scope="session")
def shipped_template(owner_dsn, template, django_db_setup, django_db_blocker):
    """The name of a database restored from the shipped fixtures."""
    version = _version(*(path for path in SHIPPED.rglob("*") if path.is_file()))
    with django_db_blocker.unblock():
        return _made_once(owner_dsn, "shipped", version, template, lambda: fixtures.restore(SHIPPED))


@pytest.fixture(scope="session")
def published_template(owner_dsn, template, django_db_setup, django_db_blocker):
    """The name of a database that holds what `builders.published()` makes."""
    with django_db_blocker.unblock():
        return _made_once(owner_dsn, "published", _version(PROJECT / "tests/builders.py"), template, builders.published)


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


@pytest.fixture
def published_database(owner_dsn, published_template, django_db_blocker):
    """As `fresh_database`, with a published commitment in it; gives what `builders.published()` gave."""
    with django_db_blocker.unblock(), _own(owner_dsn, published_template, f"tracker_published_{os.getpid()}"):
        yield builders.published_before()


@pytest.fixture(scope="module")
def module_database(owner_dsn, template, django_db_setup, django_db_blocker):
    """As `fresh_database`, one for all tests of a module: they only read."""
    name = f"tracker_module_{os.getpid()}"
    with django_db_blocker.unblock(), _own(owner_dsn, template, name):
        yield name


@pytest.fixture(scope="module")
def shipped(owner_dsn, shipped_template, django_db_blocker):
    """A database restored from the shipped fixtures, one for all tests of a module: they only read."""
    with django_db_blocker.unblock(), _own(owner_dsn, shipped_template, f"tracker_records_{os.getpid()}"):
        yield


@pytest.fixture(scope="module")
def nesting(django_db_setup, django_db_blocker):
    """A transaction for the records that all tests of a module share: those of the tests nest in it, and none stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def published(nesting):
    """What `builders.published()` makes, recorded once for all tests of a module."""
    return builders.published()


@pytest.fixture(scope="module")
def attached(published):
    """As `published`, the document's text attached."""
    actions.attach(published["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)


@pytest.fixture
def made(published, db):
    """As `published`, the test's own to change."""
    return copy.deepcopy(published)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The register of api_register, built once for a module."""
    with api_register.shared(django_db_blocker) as records:
        yield records


@pytest.fixture
def register(built, db):
    """The register of api_register, on a day after all that happens in it; what a test adds is undone."""
    with time_machine.travel(api_register.NOW, tick=False):
        yield built


@pytest.fixture
def empty_database(owner_dsn, template):
    """A second, empty database, as a context: inside it every connection goes there."""
    return functools.partial(_own, owner_dsn, template, f"tracker_empty_{os.getpid()}")


@pytest.fixture(scope="module")
def chromium():
    """The browser. Its driver keeps an event loop in this thread, so Django must be told that its calls are meant."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.fail("The browser tests need Chromium. On Debian and Ubuntu: sudo apt-get install chromium")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu", *quiet]) as browser:
            yield browser


@contextlib.contextmanager
def serving(server):
    """The address at which a server answers, in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def served():
    """The address of the site, served from the database that is in use."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(application)
    with serving(server) as address:
        yield address
