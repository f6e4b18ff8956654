"""The private cluster: made once, shared by all processes, stopped by the last, and back after any kill."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from commitments import ledger
from tracker import PROJECT, places, postgres

QUICKLY = "from tracker import postgres; postgres.INITDB += ('--no-sync',)"  # nothing of a test must outlive a crash
USE = f"{QUICKLY}; cluster = postgres.ensure(); print(cluster.owner_url, flush=True)"
USE_UNTIL_TOLD = f"{USE}; input()"


@contextlib.contextmanager
def a_folder():
    """A folder that any account may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="tracker test ") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def folder():
    with a_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def used():
    """A data folder whose cluster was made before; each test leaves it stopped."""
    with a_folder() as folder:
        start(USE, folder).communicate()
        yield folder


def start(code, data, **environment):
    """Start a process of its own that runs `code` with `data` as its data folder."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_")}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=ours | {"TRACKER_DATA_DIR": str(data)} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def using(data, code=USE_UNTIL_TOLD):
    """A process that uses the cluster; gives (process, owner's address) and lets it end in the end."""
    with start(code, data) as process:
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        yield process, address
        process.communicate("\n")


def pid_file(data):
    return data / "postgres" / "data" / "postmaster.pid"


def postmaster(data):
    return int(pid_file(data).read_text().split()[0])


def ask(address, *queries):
    """Run queries as a role of the cluster; gives the rows of the last."""
    with psycopg.connect(address) as connection:
        return [connection.execute(query) for query in queries][-1].fetchall()


def test_the_first_start_makes_an_owner_and_a_serving_role_that_owns_nothing(used):
    with using(used) as (_, address):
        roles = ask(
            address,
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolconfig FROM pg_roles "
            "WHERE rolname LIKE 'tracker%' ORDER BY rolname",
        )
        rights = ask(
            address,
            "SELECT has_database_privilege('tracker', 'tracker', 'CONNECT'), "
            "has_database_privilege('tracker', 'tracker', 'TEMP'), has_schema_privilege('tracker', 'public', 'USAGE'), "
            "has_schema_privilege('tracker', 'public', 'CREATE'), "
            "has_schema_privilege('tracker_owner', 'public', 'CREATE')",
        )
    assert roles == [
        (
            "tracker",
            False,
            False,
            False,
            ["statement_timeout=15s", "lock_timeout=5s", "idle_in_transaction_session_timeout=60s"],
        ),
        ("tracker_owner", False, True, False, None),
    ]
    assert rights == [(True, False, True, False, True)]


def test_the_cluster_knows_arabic_letters_and_listens_on_no_network(used):
    with using(used) as (_, address):
        trigrams = ask(address, "CREATE EXTENSION IF NOT EXISTS pg_trgm", "SELECT show_trgm('بغداد')::text")
        assert ask(address, "SHOW listen_addresses") == [("",)]
        assert ask(address, "SHOW server_encoding") == [("UTF8",)]
        assert ask(address, "SHOW fsync") == [("on",)]
    assert trigrams != [("{}",)]


@pytest.mark.prove
def test_the_last_process_stops_the_server_and_the_data_stays(used):
    with using(used) as (_, address):
        ask(address, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('كلمة') RETURNING word")
        with using(used) as (_, second):
            assert second == address
        assert pid_file(used).exists()
    assert not pid_file(used).exists()
    with using(used) as (_, address):
        assert ask(address, "SELECT word FROM kept") == [("كلمة",)]


@pytest.mark.prove
def test_another_client_keeps_the_server_until_the_next_process_ends(used):
    with using(used) as (_, address):
        client = psycopg.connect(address)
    with client:
        assert client.execute("SELECT 1").fetchone() == (1,)
    assert pid_file(used).exists()
    with using(used):
        pass
    assert not pid_file(used).exists()


@pytest.mark.prove
def test_a_killed_process_leaves_a_server_that_the_next_one_uses_and_stops(used):
    with using(used) as (process, _):
        before = postmaster(used)
        process.kill()
        process.wait()
        assert postmaster(used) == before
        with using(used):
            assert postmaster(used) == before
        assert not pid_file(used).exists()
        process.stdin.close()
        process.stdin = None


def test_a_killed_server_is_started_again_with_all_that_was_committed(used):
    again = f"{USE}; input(); print(postgres.ensure().owner_url, flush=True); input()"
    with using(used, again) as (process, address):
        ask(address, "CREATE TABLE committed (word text)", "INSERT INTO committed VALUES ('kept') RETURNING word")
        killed = postmaster(used)
        os.kill(killed, signal.SIGKILL)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == address
        assert postmaster(used) != killed
        assert ask(address, "SELECT word FROM committed") == [("kept",)]


def test_a_replica_gives_nobody_a_lease(folder):
    """It isn't told of the locks by which changes are announced (`ledger.Announce`)."""
    told = USE_UNTIL_TOLD.replace(QUICKLY, f"{QUICKLY}; postgres.SERVER['wal_level'] = 'replica'")
    lease = "SELECT pg_is_in_recovery(), public.ledger_lease()"
    tables = [f"CREATE TABLE public.{table} ()" for table in ledger.ANNOUNCED]
    with using(folder, told) as (_process, address):
        ask(address, *tables, ledger.FUNCTIONS["ledger_lease"], "SELECT")
        assert ask(address, lease) == [(False, ledger.LEASE)]
    (pid_file(folder).parent / "standby.signal").touch()
    with using(folder, told) as (_process, address):
        assert ask(address, lease) == [(True, 0)]


@pytest.mark.prove
def test_a_forked_child_that_ends_leaves_the_server_to_its_parent(used):
    fork = "child = os.fork(); child or sys.exit(); os.waitpid(child, 0); print(cluster.alive())"
    with start(f"import os, sys; {USE}; {fork}", used) as process:
        said, _ = process.communicate()
    assert said.splitlines()[-1] == "True"
    assert not pid_file(used).exists()


@pytest.mark.prove
def test_a_pid_file_that_names_another_program_does_not_hinder_the_start(used):
    pid_file(used).write_text(f"{os.getpid()}\n{used}/postgres/data\n")
    with using(used):
        assert postmaster(used) != os.getpid()


@pytest.mark.parametrize("count", [2, pytest.param(8, marks=pytest.mark.prove)])
def test_processes_that_start_at_once_share_one_server_and_leave_none(folder, count):
    processes = [start(f"{USE}; print(cluster.alive())", folder) for _ in range(count)]
    answers = [process.communicate() for process in processes]
    assert [said.splitlines()[1:] for said, _ in answers] == [["True"]] * count, answers
    assert len({said.splitlines()[0] for said, _ in answers}) == 1
    assert not pid_file(folder).exists()


@pytest.mark.prove
def test_an_interrupted_first_start_is_done_again(folder):
    half_made = folder / "postgres" / "new" / "base"
    half_made.mkdir(parents=True)
    with using(folder) as (_, address):
        assert ask(address, "SELECT current_user::text") == [("tracker_owner",)]
    assert not half_made.exists()


@pytest.mark.prove
def test_a_long_path_has_its_socket_in_a_private_folder_elsewhere(folder):
    data = folder / "a folder, with \"marks\" $HOME 'and' بيانات" / ("long" * 20)
    with using(data) as (_, address):
        socket_folder = Path(conninfo_to_dict(address)["host"])
        assert socket_folder.parent == Path("/tmp")
        assert socket_folder.stat().st_mode & 0o777 == 0o700
    socket_folder.rmdir()


@pytest.mark.prove
def test_a_project_in_a_closed_folder_works_as_root_too(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with using(closed / "data") as _:
        home = (closed / "data" / "postgres").resolve()
    expected = places.ELSEWHERE if os.geteuid() == 0 else closed / "data"
    assert home.parent == expected
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not pid_file(closed / "data").exists()
    shutil.rmtree(home)


def test_an_address_in_the_environment_starts_nothing(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/tracker")
    monkeypatch.setenv("TRACKER_DATA_DIR", str(folder / "data"))
    assert postgres.ensure() is None
    assert not (folder / "data").exists()


def test_a_folder_of_another_account_is_refused_with_the_way_out(folder, monkeypatch):
    def refuse(path, mode=0o777, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ImproperlyConfigured) as refusal:
        places.home(folder)
    assert str(refusal.value) == (
        f"{folder}/postgres: Permission denied for user id {os.geteuid()}. Run as the owner of {folder} or as root, "
        "or set TRACKER_DATA_DIR to a folder of your own."
    )


def test_a_socket_folder_that_others_could_enter_is_refused(folder):
    home = folder / ("long" * 30)
    taken = places.socket_folder(home, os.geteuid(), os.getegid())
    taken.chmod(0o755)
    with pytest.raises(ImproperlyConfigured, match=f"^{taken} must be a private folder of user id {os.geteuid()}"):
        places.socket_folder(home, os.geteuid(), os.getegid())
    taken.rmdir()


def test_a_server_that_cannot_start_says_how_its_log_ends(used):
    broken = "from tracker import postgres; postgres.SERVER['max_connections'] = 'many'; postgres.ensure()"
    patient = broken.replace("postgres.ensure()", "postgres.PATIENCE = 1; postgres.ensure()")
    with start(patient, used) as process:
        _, said = process.communicate()
    assert "PostgreSQL does not start. The end of" in said
    assert 'invalid value for parameter "max_connections": "many"' in said


def test_a_system_without_the_locale_is_told_so(folder):
    lacking = f"{QUICKLY}; postgres.LOCALES = (('--locale=no_WHERE.UTF-8',),); postgres.ensure()"
    with start(lacking, folder) as process:
        _, said = process.communicate()
    assert '/initdb made no database: invalid locale name "no_WHERE.UTF-8"' in said
    assert "If it lacks a locale, install C.UTF-8 (Debian, Ubuntu: it is in libc-bin), or set DATABASE_URL" in said
