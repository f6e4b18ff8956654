"""What was measured, kept by part, and written into docs/performance.md."""

import json
import os
import pathlib
import platform
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import version

from tracker import PROJECT

PAGE = PROJECT / "docs/performance.md"
BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of what was measured -->"


@dataclass(frozen=True)
class Held:
    """One bound: what it is about, the bound, what was measured, whether it holds."""

    about: str
    bound: str
    measured: str
    held: bool


@dataclass(frozen=True)
class Table:
    """A table of figures."""

    title: str
    about: str
    head: list[str]
    rows: list[list[str]]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Rows as Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])


def keep(folder: pathlib.Path, part: str, size: int, tables: list[Table], held: list[Held], seconds: float) -> None:
    """Keeps the results of one part, in place of its last ones, and writes all that is kept into the page."""
    file = folder / "results.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[part] = {
        "size": size, "seconds": round(seconds), "tables": [asdict(each) for each in tables], "held": [asdict(each) for each in held],
        "machine": machine(),
    }  # fmt: skip
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    before, _mark, rest = text.partition(BEGIN)
    _old, _mark, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{written(kept)}\n{END}{after}", encoding="utf-8")


def written(kept: dict) -> str:
    """All parts as Markdown: the bounds first, then the tables."""
    rows = [
        [part, each["about"], each["bound"], each["measured"], "yes" if each["held"] else "**no**"]
        for part, found in kept.items()
        for each in found["held"]
    ]
    said = ["### Bounds\n", table(["part", "of what", "bound", "measured", "held"], rows)]
    for part, found in kept.items():
        said.append(
            f"### {part}\n\n{found['machine']} {found['size']:,} commitments; the part took {found['seconds']} s.\n"
        )
        for each in found["tables"]:
            said.append(f"**{each['title']}.** {each['about']}".rstrip() + f"\n\n{table(each['head'], each['rows'])}")
    return "\n".join(said)


def machine() -> str:
    """The machine and the versions."""
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ("Django", "djangorestframework", "psycopg", "granian", "orjson")
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}, {packages}; "
        f"commit {commit()}; load of the machine at the end {load:.1f}."
    )


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
