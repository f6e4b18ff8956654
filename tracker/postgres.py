"""Finds or starts PostgreSQL: DATABASE_URL if set, else a private cluster on a Unix socket in the data folder."""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.pq import PGconn, Ping

from tracker import data_dir, places, programs

SERVER = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "wal_level": "minimal",  # nobody replicates a private cluster, and an import writes its tables once instead of twice
    "max_wal_senders": "0",
    "jit": "off",  # costs more than it saves on queries of milliseconds
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
INITDB = ("-D", "new", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--data-checksums", "--no-instructions")
# Never the character type C, nor PostgreSQL's own C.UTF-8 beside it: with either, trigram search drops every Arabic
# letter (measured on 15 and 18). Where a system lacks C.UTF-8, its American English sorts and classifies alike.
LOCALES = (("--locale=C.UTF-8",), ("--locale=C", "--lc-ctype=en_US.UTF-8"))
TIMEOUTS = {"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"}
ROLES = """
DO $$ BEGIN
    IF to_regrole('tracker_owner') IS NULL THEN CREATE ROLE tracker_owner; END IF;
    IF to_regrole('tracker') IS NULL THEN CREATE ROLE tracker; END IF;
END $$;
ALTER ROLE tracker_owner LOGIN CREATEDB NOCREATEROLE NOSUPERUSER;
ALTER ROLE tracker LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER;
""" + "".join(f"ALTER ROLE tracker SET {name} = '{value}';\n" for name, value in TIMEOUTS.items())
RIGHTS = """
REVOKE ALL ON DATABASE tracker FROM PUBLIC;
GRANT CONNECT ON DATABASE tracker TO tracker;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tracker;
"""
SET_UP = "set up " + hashlib.sha256((ROLES + RIGHTS).encode()).hexdigest()[:16]
PATIENCE = 20  # seconds for a server to start: that long, a killed one's processes may still be going
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Cluster:
    """A private cluster: its folder (`data`, `log`, locks), its programs, the account that runs it, its socket."""

    home: Path
    programs: Path
    uid: int
    gid: int
    socket: Path

    @property
    def url(self) -> str:
        """Address for the serving role, which owns nothing."""
        return self._address("tracker", "tracker")

    @property
    def owner_url(self) -> str:
        """Address for the role that owns the database: migrations, import, tests."""
        return self._address("tracker_owner", "tracker")

    @property
    def superuser_url(self) -> str:
        """Address for the bootstrap superuser, in the database `postgres`; nothing in daily use needs it."""
        return self._address("postgres", "postgres")

    def alive(self) -> bool:
        """Tell whether the server takes connections."""
        return self._ping() == Ping.OK

    def _address(self, role: str, database: str) -> str:
        return f"postgresql://{role}@{quote(str(self.socket), safe='')}:5432/{database}"

    def _ping(self) -> Ping:
        return PGconn.ping(f"{self.superuser_url}?connect_timeout=5".encode())

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        # In the cluster's folder, so that all paths are short words: pg_ctl hands them to a shell.
        # What it says goes to a file: the server keeps that open, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [self.programs / program, *arguments],
                cwd=self.home,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
                **places.as_account(self.uid, self.gid),
            )
            said.seek(0)
            done.stdout = said.read().strip()
            return done

    def _make(self) -> None:
        """Make the cluster's files under another name first, so that an interruption leaves nothing half-made."""
        for locale in LOCALES:
            shutil.rmtree(self.home / "new", ignore_errors=True)
            done = self._run("initdb", *INITDB, *locale)
            if done.returncode == 0:
                (self.home / "new").rename(self.home / "data")
                return
        error = done.stdout.partition("initdb: error: ")[2] or done.stdout
        raise ImproperlyConfigured(
            f"{self.programs}/initdb made no database: {error}. If it lacks a locale, install C.UTF-8 (Debian, "
            "Ubuntu: it is in libc-bin), or set DATABASE_URL to a server's address."
        )

    def _start(self) -> None:
        """Start the server unless it runs; keep trying for a while."""
        log = self.home / "log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.rename(self.home / "log.old")
        quoted = '"' + str(self.socket).replace('"', '""') + '"'
        settings = SERVER | {"unix_socket_directories": quoted}
        options = shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        begun = time.monotonic()
        while (state := self._ready()) != Ping.OK:
            # A server that answers but takes no connections yet is repairing itself after a kill: that ends.
            if time.monotonic() - begun > (600 if state == Ping.REJECT else PATIENCE):
                last = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
                raise ImproperlyConfigured("\n".join([f"PostgreSQL does not start. The end of {log}:", *last]))
            if state == Ping.REJECT:
                time.sleep(0.1)
                continue
            self._forget_the_dead()
            self._run("pg_ctl", "start", "-s", "-w", "-D", "data", "-l", "log", "-o", options)

    def _ready(self) -> Ping:
        """Tell whether the server takes connections; if it does, see to it that it is set up."""
        state = self._ping()
        try:
            if state == Ping.OK:
                self._set_up()
        except psycopg.OperationalError:  # killed since it answered
            state = Ping.NO_RESPONSE
        return state

    def _forget_the_dead(self) -> None:
        """Remove the pid files of a killed server whose number another program has by now (common in containers)."""
        for file in (self.home / "data/postmaster.pid", self.socket / f"{places.SOCKET}.lock"):
            with contextlib.suppress(OSError, IndexError):
                command = Path(f"/proc/{file.read_text().split()[0]}/comm").read_text().strip()
                if command not in ("postgres", "postmaster", "pg_ctl"):
                    file.unlink()

    def _set_up(self) -> None:
        """Bring roles, database and rights to what this module says, unless a comment says they are."""
        with psycopg.connect(self.superuser_url, autocommit=True) as admin:
            told = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'tracker'"
            row = admin.execute(told).fetchone()
            if row == (SET_UP,):
                return
            admin.execute(ROLES)
            if row is None:
                admin.execute("CREATE DATABASE tracker OWNER tracker_owner")
            with psycopg.connect(self._address("postgres", "tracker"), autocommit=True) as inside:
                inside.execute(RIGHTS)
            admin.execute(f"COMMENT ON DATABASE tracker IS '{SET_UP}'")

    def _stop_if_unused(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            with psycopg.connect(self.superuser_url, autocommit=True, connect_timeout=5) as admin:
                for _ in range(10):  # a client that has just gone is still listed for a moment
                    if not (others := admin.execute(CLIENTS).fetchone()[0]):
                        break
                    time.sleep(0.1)
            if not others:
                self._run("pg_ctl", "stop", "-s", "-w", "-t", "60", "-m", "fast", "-D", "data")


_cluster: Cluster | None = None
_users: int | None = None  # holds a shared lock on the file `users`, as every process does that uses the cluster


def ensure() -> Cluster | None:
    """Return the private cluster, running and set up; None where DATABASE_URL names a server, as then none is needed.

    Safe to call again and from several processes at once; the last process to end stops the cluster. Raises
    ImproperlyConfigured, naming the fix, where there is no PostgreSQL or the account may not use the cluster.
    """
    global _cluster
    if os.environ.get("DATABASE_URL"):
        return None
    if _cluster and _cluster.alive():
        return _cluster
    home, uid, gid = places.home(data_dir())
    with _lock(home):
        made_by = home / "data/PG_VERSION"
        folder = programs.choose(int(made_by.read_text()) if made_by.exists() else None, home)
        if not places.may_pass(folder / "postgres", uid, gid):
            folder = programs.copy_of_wheel(folder, home)
        _cluster = Cluster(home, folder, uid, gid, places.socket_folder(home, uid, gid))
        _join()
        if not made_by.exists():
            _cluster._make()
        _cluster._start()
    return _cluster


def _open(file: Path) -> int:
    """Open a lock file, made with the same owner as its folder, so that root and the owner can take turns."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    if os.geteuid() == 0:
        os.fchown(handle, file.parent.stat().st_uid, file.parent.stat().st_gid)
    return handle


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop the cluster; a killed process lets go by itself."""
    handle = _open(home / "lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _join() -> None:
    """Count this process among the cluster's users until it ends; in a forked child, besides its parent."""
    global _users
    inherited, _users = _users, _open(_cluster.home / "users")
    fcntl.flock(_users, fcntl.LOCK_SH)
    if inherited is not None:
        os.close(inherited)
    else:
        atexit.register(_leave, os.getpid())
        os.register_at_fork(after_in_child=_join)


def _leave(joined_as: int) -> None:
    """At the process's end, stop the cluster if nobody else uses it. Under the lock, so that of two the last does."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.SIG_IGN)
    if joined_as == os.getpid() and "django.db" in sys.modules:  # a forked child's connections are its parent's
        sys.modules["django.db"].connections.close_all()
    with _lock(_cluster.home):
        fcntl.flock(_users, fcntl.LOCK_UN)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(_users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _cluster._stop_if_unused()
        os.close(_users)
