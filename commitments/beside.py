"""A process of its own for a long piece of work, which ends when this one does."""

import atexit
import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor


def process() -> ProcessPoolExecutor:
    """One process, to give one piece of work: it collects no garbage meanwhile, and is gone once this one is, however that ended."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), begin)


def begin() -> None:
    """What the process does first."""
    gc.disable()
    atexit.register(gc.freeze)  # nor is garbage looked for at its end, which takes seconds after a long proof
    threading.Thread(target=end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def end_with(other: multiprocessing.process.BaseProcess) -> None:
    """Ends this process when the other one has: a killed one tells nobody."""
    other.join()
    os._exit(1)
