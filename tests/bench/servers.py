"""The servers that are compared, each a process of its own on the loopback address, all with two workers."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.bench import databases
from tracker import PROJECT, logs, postgres

WORKERS, THREADS = 2, 2
GRANIAN = (
    "granian",
    "--interface",
    "wsgi",
    "--workers",
    str(WORKERS),
    "--blocking-threads",
    str(THREADS),
    "--no-access-log",
)
TABLES = (
    "party",
    "topic",
    "document",
    "statement",
    "commitment",
    "commitmentparty",
    "commitmenttopic",
    "quote",
    "assessment",
)
FTS = """CREATE VIRTUAL TABLE quote_fts USING fts5(exact, content='quote', content_rowid='id');
INSERT INTO quote_fts (rowid, exact) SELECT id, exact FROM quote"""


@dataclass
class Server:
    """A running server: where it is, and how it is asked for the same things as the others."""

    base: str
    process: subprocess.Popen
    templates: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)

    def path(self, question: str, **values) -> str:
        return self.templates[question].format(**{name: quote(str(value)) for name, value in values.items()})

    def get(self, path: str, **headers: str) -> tuple[int, dict, bytes]:
        """(Status, headers, body) of one answer."""
        with contextlib.closing(http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=600)) as to:
            to.request("GET", path, headers=self.headers | headers)
            answer = to.getresponse()
            return answer.status, dict(answer.headers), answer.read()

    def memory(self) -> float:
        """MiB that its processes hold, what they share counted once (PSS)."""
        return sum(_held(pid) for pid in [self.process.pid, *_children(self.process.pid)]) / 1024


def _children(pid: int) -> list[int]:
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_children(child)]
    return found


def _held(pid: int) -> int:
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


API = "/api/v1/commitments/"
TEMPLATES = {
    "ours": {
        "list": API + "?party={party}&status={status}&ordering=due",
        "detail": API + "{ref}/",
        "search": API + "?q={q}",
        "ranked": API + "?q={q}&ordering=relevance",
        "facets": API + "facets/?party={party}&status={status}",
        "facets_all": API + "facets/",
        "as_of": API + "?party={party}&status={status}&ordering=due&as_of={day}",
        "scorecard": "/api/v1/parties/{party}/scorecard/",
    },
    "plain": {
        "list": "/commitments/?party={party}&status={status}&ordering=deadline,ref",
        "detail": "/commitments/{ref}/",
        "search": "/commitments/?search={q}",
    },
    "bare": {
        "list": "/list?party={party}&status={status}",
        "detail": "/detail?ref={ref}",
        "search": "/search?q={q}",
    },
    "datasette": {
        "list": "/register/list.json?party={party}&status={status}&_shape=objects&_json=statement&_json=parties&_json=topics&_json=quotes",
        "detail": "/register/detail.json?ref={ref}&_shape=objects&_json=statement&_json=parties&_json=topics&_json=quotes"
        "&_json=assessments",
        "search": "/register/search.json?q={q}&_shape=objects&_json=statement&_json=parties&_json=topics&_json=quotes",
    },
}


def sqlite(cluster: postgres.Cluster, database: str) -> pathlib.Path:
    """The file that Datasette serves: the plain tables with the same indexes, and a full-text index of the quotes."""
    file = databases.home() / database / "register.db"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        draft = file.with_suffix(".part")
        draft.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(draft)) as to, databases.connect(cluster, database) as connection:
            for table in TABLES:
                with connection.transaction(), connection.cursor(name="rows") as cursor:
                    cursor.execute(f"SELECT * FROM plain.{table} ORDER BY id")
                    names = [each.name for each in cursor.description]
                    marks = ", ".join("?" * len(names))
                    to.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {', '.join(map(_declared, names[1:]))})")
                    rows = (tuple(map(_plain, row)) for row in cursor)
                    to.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
                for name in ("ref", *(each for each in names if each.endswith("_id"))):
                    if name in names:
                        to.execute(f"CREATE INDEX {table}_{name} ON {table} ({name})")
            to.executescript(f"{FTS}; ANALYZE;")
            to.commit()
        draft.rename(file)
    return file


def _declared(name: str) -> str:
    return f'"{name}" {"INTEGER" if name.endswith("_id") or name in ("start", "end") else "TEXT"}'


def _plain(value):
    return value if isinstance(value, str | int | None) else str(value)


def commands(cluster: postgres.Cluster, database: str) -> dict[str, tuple[list[str], dict[str, str]]]:
    """How each server is started, and in which environment; `{port}` in a command is its port."""
    environment = databases.environment(cluster, database, PYTHONDONTWRITEBYTECODE="1")
    bin_ = pathlib.Path(sys.executable).parent
    config = databases.home() / "logs.json"
    config.write_text(json.dumps(logs.CONFIG))
    granian = [str(bin_ / GRANIAN[0]), *GRANIAN[1:], "--port", "{port}"]
    found = {
        "ours": ([*granian, "--log-config", str(config), "tracker.wsgi:application"], environment),
        "plain": ([*granian, "tests.bench.peers.plain.wsgi:application"], environment),
        "bare": ([*granian, "tests.bench.peers.bare:application"], environment),
    }
    datasette = databases.home() / "peers/bin/datasette"
    if datasette.exists():
        file = sqlite(cluster, database)
        metadata = str(databases.PEERS / "datasette.yml")
        settings = ("--setting", "sql_time_limit_ms", "20000")
        served = [str(datasette), "serve", "-i", str(file), "-m", metadata, "-p", "{port}", *settings]
        found["datasette"] = (served, environment)
    return found


@contextlib.contextmanager
def running(
    cluster: postgres.Cluster, database: str, names: tuple[str, ...] = tuple(TEMPLATES)
) -> Iterator[dict[str, Server]]:
    """The servers by name, answering; stopped at the end."""
    servers = {}
    try:
        for name, (command, environment) in commands(cluster, database).items():
            if name in names:
                servers[name] = _start(name, command, environment)
        yield servers
    finally:
        for server in servers.values():
            os.killpg(server.process.pid, signal.SIGTERM)
        for server in servers.values():
            server.process.wait(20)


def _start(name: str, command: list[str], environment: dict[str, str]) -> Server:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [part.replace("{port}", str(port)) for part in command]
    with (databases.home() / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    server, limit = Server(f"http://127.0.0.1:{port}", process, TEMPLATES[name]), time.monotonic() + 60
    while True:
        try:
            server.get("/")
            return server
        except OSError:
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"{name} doesn't start; see {databases.home() / name}.log") from None
            time.sleep(0.1)
