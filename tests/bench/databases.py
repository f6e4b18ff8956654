"""The databases that are measured: one for each size, filled once from a bundle as any import is."""

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
from psycopg import sql

from tracker import PROJECT, data_dir, local, postgres

PEERS = pathlib.Path(__file__).parent / "peers"
# As docs/operations.md advises for a machine of 8 GiB.
ADVISED = {"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min", "random_page_cost": "1.1"}
WRITE = (
    "import pathlib, django; django.setup(); from tests.bench import register; register.write(pathlib.Path({!r}), {})"
)


def home() -> pathlib.Path:
    """The folder of everything that is measured, apart from any real data."""
    folder = data_dir()
    folder = folder if folder.name == "bench" else folder / "bench"
    os.environ["TRACKER_DATA_DIR"] = str(folder)
    return data_dir()


def prepare() -> postgres.Cluster:
    """The private cluster of the benchmark, running until this process ends."""
    home()
    postgres.SERVER.update(ADVISED)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    local.prepare()
    return postgres.ensure()


def address(cluster: postgres.Cluster, role: str, database: str) -> str:
    """The address of a database for a role."""
    return f"postgresql://{role}@{quote(str(cluster.socket), safe='')}:5432/{database}"


def environment(cluster: postgres.Cluster, database: str, **more: str) -> dict[str, str]:
    """What a process needs to work on a database."""
    urls = {name: address(cluster, role, database) for name, role in ROLES.items()}
    return os.environ | urls | {"DJANGO_SETTINGS_MODULE": "tracker.settings", "PYTHONPATH": str(PROJECT)} | more


ROLES = {"DATABASE_URL": "tracker", "DATABASE_OWNER_URL": "tracker_owner"}


def connect(cluster: postgres.Cluster, database: str, role: str = "tracker_owner") -> psycopg.Connection:
    """A connection to a database, each statement a transaction of its own."""
    return psycopg.connect(address(cluster, role, database), autocommit=True)


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Runs one of the tracker's commands."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def exists(cluster: postgres.Cluster, name: str) -> bool:
    """Whether a database is there; a half-made one has another name."""
    with connect(cluster, "tracker") as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def create(cluster: postgres.Cluster, name: str, template: str = "template0") -> None:
    """Makes a database for the two roles, in place of a half-made one."""
    with connect(cluster, "tracker") as connection:
        made = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(made))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, sql.Identifier(template)))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO tracker").format(made))
    with connect(cluster, name) as connection:
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO tracker")


def drop(cluster: postgres.Cluster, name: str) -> None:
    """Removes a database; whoever vacuums it just then is sent away by the server, which FORCE isn't allowed to do."""
    with connect(cluster, "tracker") as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def rename(cluster: postgres.Cluster, old: str, new: str) -> None:
    """Gives a database another name."""
    with connect(cluster, "tracker") as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def bundle(cluster: postgres.Cluster, size: int) -> pathlib.Path:
    """The folder of the bundle of so many commitments, written once."""
    folder = home() / f"bundle-{size}"
    if not (folder / "manifest.json").exists():
        shutil.rmtree(folder.with_name(f"{folder.name}-work"), ignore_errors=True)
        create(cluster, "bench_empty")
        given = environment(cluster, "bench_empty")
        manage(given, "migrate")
        subprocess.run([sys.executable, "-c", WRITE.format(str(folder), size)], cwd=PROJECT, env=given, check=True)
    return folder


def register(cluster: postgres.Cluster, size: int) -> str:
    """The name of the database with so many commitments, imported once, and beside it what the peers read."""
    name = f"bench_{size}"
    if not exists(cluster, name):
        folder, raw = bundle(cluster, size), f"{name}_raw"
        create(cluster, raw)
        given = environment(cluster, raw)
        manage(given, "migrate")
        manage(given, "import_fixtures", str(folder))
        with connect(cluster, raw) as connection:
            connection.execute((PEERS / "tables.sql").read_text(encoding="utf-8"))
            connection.execute("VACUUM ANALYZE")
        rename(cluster, raw, name)
    return name


def multiplied(cluster: postgres.Cluster, size: int, base: int = 100_000) -> str:
    """The name of a database whose shelf holds `size` commitments: that of a register, copied under other references.

    The ledger and the desk stay the register's: an import of a million takes hours, and readers see the shelf alone.
    """
    name = f"bench_{size}"
    if not exists(cluster, name):
        create(cluster, f"{name}_raw", register(cluster, base))
        with connect(cluster, f"{name}_raw") as connection:
            for copy in range(1, size // base):
                connection.execute(
                    (PEERS / "multiply.sql").read_text(encoding="utf-8").replace("COPY_", f"copy-{copy}-")
                )
            connection.execute("VACUUM ANALYZE")
        rename(cluster, f"{name}_raw", name)
    return name


def rows(cluster: postgres.Cluster, database: str, query: str) -> Iterator[tuple]:
    """The rows of a query."""
    with connect(cluster, database) as connection:
        yield from connection.execute(query)
