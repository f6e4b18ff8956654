"""The wiring: where the project stands, where it keeps its data. Knows nothing of the domain."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PROJECT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Return the folder for everything that outlives a run, made if need be: TRACKER_DATA_DIR, else `.data`.

    A relative path counts from the project, so that every command finds the same folder from wherever it is called.
    Raises ImproperlyConfigured, naming the way out, where this account can't write there.
    """
    folder = PROJECT / (os.environ.get("TRACKER_DATA_DIR") or ".data")
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711)  # the database's own account passes through it, whatever the umask
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise ImproperlyConfigured(
            f"User id {os.geteuid()} can't write to {folder}. Run as its owner, or set TRACKER_DATA_DIR to a folder of "
            "your own."
        )
    return folder.resolve()
