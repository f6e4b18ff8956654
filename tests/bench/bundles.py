"""Bundles out and in, beside what PostgreSQL's COPY and Django's dumpdata take for the same tables."""

import os
import shutil
import subprocess
import sys
import time

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
    bundle, copied, dump = folder / "bundle", folder / "copied", folder / "dump.jsonl"
    taken: dict[str, list[tuple[float, float]]] = {}

    def take(name: str, arguments: list[str], environment: dict[str, str] = given) -> None:
        taken.setdefault(name, []).append(timed(arguments, environment))

    for _round in range(rounds):  # what is compared stands side by side: a machine isn't as fast at all times
        shutil.rmtree(folder, ignore_errors=True)
        copied.mkdir(parents=True)
        take("export", [*manage, "export_fixtures", str(bundle)])
        take("COPY", [sys.executable, "-c", OUT, str(copied)])
        shutil.rmtree(copied)
        databases.create(cluster, "bench_import")
        empty = databases.environment(cluster, "bench_import")
        databases.manage(empty, "migrate")
        take("import", [*manage, "import_fixtures", str(bundle)], empty)
        databases.drop(cluster, "bench_import")
    take("verify the bundle", [*manage, "verify", "bundle", str(bundle)])
    take("dumpdata", [*manage, "dumpdata", *models, "--format", "jsonl", "--output", str(dump)])
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
