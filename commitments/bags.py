"""A BagIt folder (RFC 8493), written beside its place and put there whole or not at all; and a record's line in it."""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator

import orjson

from .bundle import verify
from .findings import Faulty, Finding

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST = "manifest.json"
SWAP = {"linux": ("renameat2", 2), "darwin": ("renameatx_np", 2)}  # the system's call and its flag for an exchange


def line(value: object) -> bytes:
    """A record as `verify.line_of` writes it, several times as fast; what can't be written so is left to that.

    Of numbers that aren't whole this is so where `verify` read them (`verify.Number`); no column of ours holds one.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return verify.line_of(value)


class Bag:
    """A bag in the making: payload files under `data/`, tag files beside, and the lists of their hashes."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.payload, self.tags, self.bytes = folder, {}, {}, 0
        (folder / "data").mkdir()

    def data(self, name: str, lines: Iterable[bytes]) -> dict:
        """Writes a payload file line by line; answers {"file", "sha256", "count"}."""
        digest, count, path = hashlib.sha256(), 0, f"data/{name}"
        with (self.folder / path).open("wb") as file:
            for one in lines:
                file.write(one)
                digest.update(one)
                count += 1
            self.bytes += file.tell()
        self.payload[path] = digest.hexdigest()
        return {"file": path, "sha256": self.payload[path], "count": count}

    def tag(self, path: str, content: str) -> None:
        """Writes a tag file."""
        target = self.folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content.encode())
        self.tags[path] = hashlib.sha256(content.encode()).hexdigest()

    def digest(self) -> str:
        """The SHA-256 of the list of the payload's hashes, by which a bundle's data is known."""
        return hashlib.sha256(_hashes(self.payload).encode()).hexdigest()

    def close(self, identifier: str) -> None:
        """Writes what BagIt asks for, and all of it to the disk."""
        self.tag("bagit.txt", DECLARATION)
        oxum = f"{self.bytes}.{len(self.payload)}"
        lines = "Bag-Software-Agent: commitment tracker", f"External-Identifier: {identifier}", f"Payload-Oxum: {oxum}"
        self.tag("bag-info.txt", "".join(f"{each}\n" for each in lines))
        self.tag("manifest-sha256.txt", _hashes(self.payload))
        (self.folder / "tagmanifest-sha256.txt").write_text(_hashes(self.tags), encoding="utf-8")
        for path in [*self.folder.rglob("*"), self.folder]:
            flush(path)


def _hashes(files: dict[str, str]) -> str:
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items()))


def flush(path: pathlib.Path) -> None:
    """Waits until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def replacing(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """A work folder that takes `folder`'s place in one step when the block ends well; else nothing changes.

    Faulty if `folder` is neither free, nor empty, nor a bundle, or can't be written; what a killed export left is removed.
    """
    work = None
    try:
        if strangers := sorted(set(_files(folder)) - _listed(folder)):
            text = f"the folder holds {strangers[0]}, which no bundle of ours lists; name an empty or a new one"
            fault(folder, "NOT_A_BUNDLE", text)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        work = pathlib.Path(tempfile.mkdtemp(dir=folder.parent, prefix=_prefix(folder)))
        with _locked(work):
            yield work
            work.chmod(0o755)
            if folder.exists():
                exchange(work, folder)
            else:
                work.rename(folder)
            flush(folder.parent)
    except OSError as error:
        fault(
            folder, "NOT_WRITTEN", f"{error.strerror}: {error.filename or folder}; what was there before is as it was"
        )
    finally:
        if work:
            shutil.rmtree(work, ignore_errors=True)


def _files(folder: pathlib.Path) -> list[str]:
    """What a folder holds, by path; [] where there is none."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]


def _listed(folder: pathlib.Path) -> set[str]:
    """What a bag's own lists name, themselves included."""
    lists = [folder / "manifest-sha256.txt", folder / "tagmanifest-sha256.txt"]
    lines = [line for each in lists if each.is_file() for line in each.read_text(errors="replace").splitlines()]
    return {line.partition("  ")[2] for line in lines} | {each.name for each in lists}


def fault(folder: pathlib.Path, code: str, text: str) -> None:
    """Raises Faulty about a folder."""
    raise Faulty([Finding(folder.name, 0, code, text)])


def _prefix(folder: pathlib.Path) -> str:
    return f".{folder.name}-part-"


@contextlib.contextmanager
def _locked(work: pathlib.Path) -> Iterator[None]:
    """Holds a work folder, so that another export tells it from one that was left behind."""
    handle = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _clear(folder: pathlib.Path) -> None:
    for left in sorted(folder.parent.glob(f"{_prefix(folder)}*")):
        with contextlib.suppress(BlockingIOError), _locked(left):
            shutil.rmtree(left)


def exchange(one: pathlib.Path, other: pathlib.Path) -> None:
    """Lets two folders of one file system change places; in one step wherever the system can."""
    name, flag = SWAP.get(sys.platform, ("", 0))
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    here = ctypes.c_int(-100 if sys.platform == "linux" else -2)  # AT_FDCWD
    if call and not call(here, os.fsencode(one), here, os.fsencode(other), ctypes.c_uint(flag)):
        return
    aside = one.with_name(f"{one.name}-old")  # a file system without the exchange: two steps, the old one never lost
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def manifest(kind: str, name: str, size: int, head: str, schema: str, files: list[dict]) -> str:
    """The bundle's own table of contents, in the order in which its files load."""
    content = {"format": 2, "kind": kind, "origin": name, "size": size, "head": head, "schema": schema, "files": files}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"
