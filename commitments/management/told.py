"""Who runs a command and why, as the ledger will say: TRACKER_ACTOR and TRACKER_REASON, else the command's name and its line."""

import os
import sys


def told(command: str, *arguments: object) -> dict[str, str]:
    """{"by", "reason"} of a command; without arguments, its line is the one that was typed."""
    line = " ".join([command, *(map(str, arguments) if arguments else sys.argv[2:])])
    return {"by": os.environ.get("TRACKER_ACTOR") or command, "reason": os.environ.get("TRACKER_REASON") or line}
