"""What ends the process that it is asked of, for tests of who waits for it."""

import os


def end(*given, **more):
    os._exit(9)
