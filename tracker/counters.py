"""Counts of what each client did in its window: one small file, mapped into the memory of all processes of a machine."""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
from pathlib import Path

SLOTS = 2**20  # 8 MiB, of which only what is used takes room
SLOT = struct.Struct("=II")  # when the window began, in seconds since 1970, and how many came since


class Counters:
    """Fixed windows by key. Keys are hashed with a secret, so that nobody can choose to share another's slot.

    Two keys share a slot, and so their count, once in a million pairs. Nothing lasts beyond its window: a lost or a
    half-written file does no harm. A process that is killed lets go of its lock.
    """

    def __init__(self, file: Path, secret: str, slots: int = SLOTS):
        self.secret, self.slots = hashlib.blake2b(secret.encode()).digest(), slots
        self.file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self.file, slots * SLOT.size)
        self.memory = mmap.mmap(self.file, slots * SLOT.size)
        self.lock = threading.Lock()  # the file's lock is the process's, for all its threads

    def count(self, key: str, window: int, now: float) -> tuple[int, int]:
        """(How many came of this key in its window, this one included; after how many seconds the window ends)."""
        digest = hashlib.blake2b(key.encode(), key=self.secret, digest_size=8).digest()
        place = SLOT.size * (int.from_bytes(digest) % self.slots)
        with self.lock:
            fcntl.lockf(self.file, fcntl.LOCK_EX, SLOT.size, place)
            try:
                begun, many = SLOT.unpack_from(self.memory, place)
                if not begun <= now < begun + window:  # over; or of a clock that was put back since
                    begun, many = int(now), 0
                many = min(many + 1, 2**32 - 1)
                SLOT.pack_into(self.memory, place, begun, many)
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN, SLOT.size, place)
        return many, begun + window - int(now)
