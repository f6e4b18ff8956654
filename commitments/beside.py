"""A process of its own for a long piece of work, which ends when this one does."""

import atexit
import contextlib
import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection


@contextlib.contextmanager
def process() -> Iterator[ProcessPoolExecutor]:
    """One process, to give one piece of work: it collects no garbage meanwhile, and is gone once nobody is left here to ask it.

    So it is when this process ended, however that came, and when an error left this context before the work was done.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with ProcessPoolExecutor(1, context, begin, (there,)) as executor, here:
        yield executor


def begin(other: Connection) -> None:
    """What the process does first."""
    gc.disable()
    atexit.register(gc.freeze)  # nor is garbage looked for at its end, which takes seconds after a long proof
    threading.Thread(target=end_with, args=(other,), daemon=True).start()


def end_with(other: Connection) -> None:
    """Ends this process once the other end is closed, as it is when its process was killed; nothing is ever sent."""
    with contextlib.suppress(OSError):  # on some systems, that it is closed is an error
        other.poll(None)
    os._exit(1)
