"""Serves the site with granian until told to stop or until the process that started it is gone."""

import os
import signal
import threading

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tracker import local, logs, postgres
from tracker.requests import DESK_SEATS, SEATS

SPARE = 4  # threads for probes and static files while all seats are taken


def _stop_when_orphaned() -> None:
    """Stop at the end of standard input, whose other end the parent holds for as long as it lives."""
    os.read(0, 1)  # not through sys.stdin, whose lock a forked worker would inherit
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve on the local port. Call as the leader of a process group, with a pipe from the parent as input."""
    postgres.ensure()  # this process, too, keeps the cluster up, and stops it if its parent was killed
    threading.Thread(target=_stop_when_orphaned, daemon=True).start()
    Granian(
        "tracker.wsgi:application",
        port=local.port(),
        interface=Interfaces.WSGI,
        blocking_threads=SEATS + DESK_SEATS + SPARE,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        log_dictconfig=logs.CONFIG,
    ).serve()


if __name__ == "__main__":
    main()
