"""Bundles out and in, beside what PostgreSQL's COPY and Django's dumpdata take for the same tables."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from tests.bench import databases
from tests.bench.report import Held, Table
from tracker import PROJECT, postgres

OUT = """
import os, pathlib, sys, django, psycopg
django.setup()
from commitments import fixtures
folder = pathlib.Path(sys.argv[1])
with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
    for table in [*(model._meta.db_table for model in fixtures.MODELS), "ledger_entry"]:
        with (folder / table).open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as rows:
            for each in rows:
                file.write(each)
        with (folder / table).open("rb") as file:
            os.fsync(file.fileno())
"""


def timed(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(Seconds, MiB at its peak) that a process takes; CalledProcessError if it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def measure(cluster: postgres.Cluster, size: int, rounds: int) -> tuple[Table, list[Held]]:
    """Export, COPY and dumpdata of one register; the import and the verification of its bundle."""
    database = databases.register(cluster, size)
    given, folder = databases.environment(cluster, database), databases.home() / "out"
    manage = [sys.executable, "manage.py"]
    models = (
        "commitments.entry",
        *(f"commitments.{path.stem}" for path in (PROJECT / "fixtures/data").glob("[!l]*.jsonl")),
    )
    runs: dict[str, Callable[[], tuple[float, float]]] = {
        "export": lambda: timed([*manage, "export_fixtures", str(folder / "bundle")], given),
        "COPY": lambda: timed([sys.executable, "-c", OUT, str(folder)], given),
    }
    taken: dict[str, list[tuple[float, float]]] = {}
    for _round in range(rounds):
        for name, run in runs.items():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            taken.setdefault(name, []).append(run())
    timed([*manage, "export_fixtures", str(folder / "bundle")], given)
    taken["verify the bundle"] = [timed([*manage, "verify", "bundle", str(folder / "bundle")], given)]
    dump = str(folder / "dump.jsonl")
    taken["dumpdata"] = [timed([*manage, "dumpdata", *models, "--format", "jsonl", "--output", dump], given)]
    os.unlink(dump)
    databases.create(cluster, "bench_import")
    empty = databases.environment(cluster, "bench_import")
    databases.manage(empty, "migrate")
    taken["import"] = [timed([*manage, "import_fixtures", str(folder / "bundle")], empty)]
    databases.drop(cluster, "bench_import")
    shutil.rmtree(folder)
    seconds = {name: sorted(each)[len(each) // 2][0] for name, each in taken.items()}
    memory = {name: max(peak for _seconds, peak in each) for name, each in taken.items()}
    rows = [[name, f"{seconds[name]:.1f}", f"{memory[name]:.0f}", str(len(taken[name]))] for name in taken]
    ratios = (
        ("export against COPY of the same tables", "≤ 3 ×", seconds["export"] / seconds["COPY"], 3, True),
        ("export against dumpdata: so many times faster", "≥ 20 ×", seconds["dumpdata"] / seconds["export"], 20, False),
        ("import against export", "≤ 4 ×", seconds["import"] / seconds["export"], 4, True),
    )
    held = [
        Held(about, bound, f"{ratio:.2f} ×", ratio <= limit if most else ratio >= limit)
        for about, bound, ratio, limit, most in ratios
    ]
    held.append(Held("export: peak memory", "< 150 MiB", f"{memory['export']:.0f} MiB", memory["export"] < 150))
    return Table(
        "Bundles", "Medians where there were several rounds.", ["what", "seconds", "MiB at its peak", "rounds"], rows
    ), held
