"""Says where the private cluster stands and which account runs it, as root and as an ordinary user."""

import contextlib
import hashlib
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from tracker import PROJECT

# For a project in a folder that is closed to the account that runs the server, when root starts it.
ELSEWHERE = Path("/var/lib/commitment-tracker")
SOCKET = ".s.PGSQL.5432"


def as_account(uid: int, gid: int) -> dict:
    """Return the options that make a subprocess run as another account; PostgreSQL refuses to run as root."""
    return {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}


def may_pass(path: Path, uid: int, gid: int) -> bool:
    """Tell whether the account can enter the folder, or execute the file, at `path`."""
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", path]
    return subprocess.run(test, cwd="/", check=False, **as_account(uid, gid)).returncode == 0


def _account(made: Path) -> tuple[int, int]:
    """Return (uid, gid) of the account for the server: whoever made the cluster; else us, or for root another."""
    if made.exists():
        return made.stat().st_uid, made.stat().st_gid
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    for look_up, key in ((pwd.getpwuid, PROJECT.stat().st_uid), (pwd.getpwnam, "postgres"), (pwd.getpwnam, "nobody")):
        with contextlib.suppress(KeyError):
            if (entry := look_up(key)).pw_uid != 0:
                return entry.pw_uid, entry.pw_gid
    raise ImproperlyConfigured("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`.")


def home(data: Path) -> tuple[Path, int, int]:
    """Return (folder, uid, gid) of the cluster that belongs to a data folder; makes the folder, private."""
    link = data / "postgres"
    try:
        uid, gid = _account(link / "data")
        if not os.path.lexists(link) and not may_pass(data, uid, gid):
            away = ELSEWHERE / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
            sys.stderr.write(f"User id {uid}, which runs PostgreSQL, can't enter {data}: the database is in {away}.\n")
            with contextlib.suppress(FileExistsError):
                link.symlink_to(away)
        found = link.resolve()
        if found.parent == ELSEWHERE and not ELSEWHERE.exists():
            ELSEWHERE.mkdir(parents=True, exist_ok=True)
            ELSEWHERE.chmod(0o755)
        found.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(found, uid, gid)
        found.chmod(0o700)
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{error.filename}: {error.strerror} for user id {os.geteuid()}. Run as the owner of {data} or as root, "
            "or set TRACKER_DATA_DIR to a folder of your own."
        ) from error
    return found, uid, gid


def socket_folder(home: Path, uid: int, gid: int) -> Path:
    """Return the private folder of the socket: the cluster's own, or one in /tmp where that path is too long.

    The folder in /tmp has a name that others can guess: it is used only if it is this account's and closed to others.
    """
    if len(os.fsencode(home / SOCKET)) < 100:
        return home
    folder = Path("/tmp", "commitment-tracker-" + hashlib.sha256(os.fsencode(home)).hexdigest()[:16])  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid == 0 == os.geteuid():
        os.chown(folder, uid, gid, follow_symlinks=False)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise ImproperlyConfigured(f"{folder} must be a private folder of user id {uid}. Remove it and try again.")
    return folder
