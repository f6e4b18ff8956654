#!/usr/bin/env python3
"""Checks a bundle of the commitment tracker: Python 3.9 or newer and this one file, no network, nothing to install.

    python3 verify.py [BUNDLE] [--earlier OLD] [--documents DIR] [--key PEM]

BUNDLE is the folder this file lies in, if none is named. Each check gives a line that says what came of it, each
fault a line `FILE:LINE CODE text`; LINE 0 is the file as a whole. CODES, below, says what each code means.

Take this file from where you trust it: one that comes with a bundle can have been changed with the bundle.
Nothing of the bundle is run, no link in it is followed, and whatever it holds gives findings, never a crash.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # what lies beside this file is never run, whatever its name

import argparse
import base64
import contextlib
import errno
import gc
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unicodedata
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

CHECKS = ("manifests", "leaves", "chain", "signature", "earlier", "state", "rules", "documents")
CODES = {  # code: the check that it belongs to, and what it means
    "NOT_A_BUNDLE": ("manifests", "The folder has none of the files by which a bundle is known."),
    "CALLED_WRONGLY": ("manifests", "What was named beside the bundle can't be read or isn't what it should be."),
    "NOT_A_FILE": ("manifests", "A link, a folder, a pipe or a device stands where only files may; it was not opened."),
    "MISSING_FILE": ("manifests", "A file that is listed, or that every bundle has, isn't there."),
    "ADDED_FILE": ("manifests", "A file is there that isn't listed or that no bundle has."),
    "WRONG_SHA256": ("manifests", "A file's bytes aren't those that were listed."),
    "MANIFEST_LINE": ("manifests", "A line of a list of hashes isn't a hash and a path, is out of order, doesn't belong, or is missing."),
    "BAGIT": ("manifests", "A file that BagIt asks for doesn't say what it must."),
    "MANIFEST": ("manifests", "manifest.json can't be read, isn't written the one way, or says what can't be."),
    "WRONG_COUNT": ("manifests", "A file has another number of lines than manifest.json says."),
    "LONG_LINE": ("manifests", "A line is longer than any record can be; the rest of the file was not read."),
    "NOT_JSON": ("manifests", "A line isn't JSON in UTF-8, or says a key twice."),
    "NOT_CANONICAL": ("manifests", "A line isn't written the one way: keys sorted, no spaces, a line feed at its end."),
    "NOT_A_RECORD": ("manifests", "A line isn't a record of its file's model."),
    "NOT_SORTED": ("manifests", "A record doesn't stand where its key belongs, or stands twice."),
    "NOT_AN_ENTRY": ("leaves", "A line of the ledger isn't an entry, or its text and its number disagree."),
    "WRONG_LEAF": ("leaves", "An entry's text isn't the one that was hashed."),
    "HIDDEN_ENTRY": ("leaves", "An entry's text is missing, and no record says that it was withheld and why."),
    "SHOWN_ENTRY": ("leaves", "An entry shows what this bundle mustn't show: the desk, or what was withheld."),
    "GAP": ("chain", "An entry doesn't have the number after that of the entry before."),
    "WRONG_CHAIN": ("chain", "An entry isn't chained to the one before."),
    "TIME_BACK": ("chain", "An entry is older than one before it."),
    "WRONG_END": ("chain", "The ledger isn't the one that manifest.json names: its origin, size or head is another."),
    "CHECKPOINT": ("signature", "A checkpoint isn't written as a signed note, or isn't where it belongs."),
    "CHECKPOINT_DIFFERS": ("signature", "The ledger isn't the one that a checkpoint states: history was rewritten."),
    "KEY": ("signature", "A public key isn't the one that the record and its name say."),
    "UNKNOWN_KEY": ("signature", "A checkpoint is signed by a key that the record didn't have by then."),
    "WRONG_SIGNATURE": ("signature", "A signature doesn't hold for its text and its key."),
    "PUBLIC_DIFFERS": ("signature", "The data files of a public bundle aren't the ones that were signed: something was taken out or put in."),
    "OTHER_KEY": ("signature", "The checkpoint isn't signed by the key that you brought."),
    "EARLIER_BROKEN": ("earlier", "The earlier bundle doesn't hold together itself, so it proves less."),
    "EARLIER_LONGER": ("earlier", "The earlier bundle has more entries: this one lost its end, or is the older."),
    "EARLIER_DIFFERS": ("earlier", "History was rewritten: an entry isn't the one that the earlier bundle had."),
    "CHECKPOINT_GONE": ("signature", "A checkpoint that was signed, for an earlier bundle or a release, doesn't come with this bundle."),
    "NO_FILE": ("state", "The ledger records a table that this bundle has no file for."),
    "ROW_DIFFERS": ("state", "A record isn't what its last entry says."),
    "ROW_UNRECORDED": ("state", "A record is there that the ledger doesn't know, or that it says was removed."),
    "ROW_MISSING": ("state", "A record that the ledger knows isn't there."),
    "WRONG_SPAN": ("state", "A public version isn't current from its own entry until the next version's."),
    "WRONG_RELEASE": ("state", "A release states another head than the ledger had at its size."),
    "WRONG_NAME": ("state", "A record's key doesn't follow from what it says."),
    "WRONG_VERSION": ("rules", "The public versions of a record aren't 1, 2, 3 …, one changed, or one follows a retraction."),
    "FOUR_EYES": ("rules", "Who approved a version had changed the record since the last approval."),
    "NO_STATEMENT": ("rules", "A public commitment names no statement that was ever public."),
    "NO_OBLIGOR": ("rules", "A public commitment has nobody who owes it."),
    "NO_UNDERTAKING": ("rules", "No quote proves a public commitment."),
    "NO_EVIDENCE": ("rules", "A public judgement that needs evidence has none."),
    "NO_SEARCH": ("rules", "A public judgement that no evidence was found doesn't say where it was looked for."),
    "QUOTE_SPAN": ("rules", "A quote's place doesn't fit its length, or its document's."),
    "WRONG_DAYS": ("rules", "A date's earliest or latest day doesn't follow from its EDTF form, or that is none."),
    "TOO_PRECISE": ("rules", "A date says more than its words do."),
    "DOCUMENT_DIFFERS": ("documents", "Your copy of a document has another length than the record says."),
    "QUOTE_DIFFERS": ("documents", "A quote isn't what stands at its place in your copy of the document."),
}  # fmt: skip
EXITS = {
    0: "every check that was asked for ran and found nothing",
    1: "findings",
    2: "called wrongly, or not a bundle",
    3: "no findings, but something that was asked for was not checked: a signature (none there, or no openssl "
    "that can), or quotes of documents that weren't in the folder",
}

# ---- The format


def words_of(text: str) -> list[str]:
    return text.split()


FULL = words_of(
    "topic process party partyalias partymember document quote quotecheck statement statementissuer commitment "
    "commitmentparty commitmenttopic deadline relation assessment assessmentsearch citation publication signingkey "
    "withholding release"
)
PUBLIC = ["publication", "signingkey", "withholding", "release"]
NAMES = {"full": FULL, "public": PUBLIC}
TABLE = "commitments_"
LOCAL = {  # what the ledger records and no bundle brings
    "auth_group", "commitments_documenttext", "commitments_user", "commitments_user_groups",
    "commitments_user_user_permissions", "auth_group_permissions",
    "otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken",
}  # fmt: skip
RENAMED = {"publication_class": "class"}  # field: its column; a reference to a record adds _id instead
LEDGER, PUBLICATIONS = "data/ledger.jsonl", "data/publication.jsonl"
PAYLOAD_LIST, TAG_LIST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SHOWN = "public.txt"  # in a public bundle: the signed note on its data files
PUBLIC_TABLE = re.compile(rb'"table": ?"commitments_(publication|signingkey|release)"')
FIXED = ("bag-info.txt", "bagit.txt", "checkpoint.txt", "manifest.json", PAYLOAD_LIST, "README.md", "verify.py")
CHECKPOINT = re.compile(r"checkpoints/([1-9][0-9]*)\.txt")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
HEX = re.compile("[0-9a-f]{64}")
HASH = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")
HASHES = re.compile(rb'"chain":"([0-9a-f]{64})","leaf":"([0-9a-f]{64})","seq":([1-9][0-9]{0,17})\}\n')
OPENING, BEFORE_HASHES = b'{"canonical":"', b'","chain":"'
AFTER_TEXT = '","chain":"%s","leaf":"%s","seq":%d}\n'
SHORTEST = len(AFTER_TEXT % ("0" * 64, "0" * 64, 0)) - 1  # without the number
ENTRY = (
    "seq",
    "at",
    "act",
    "actor",
    "role",
    "door",
    "reason",
    "table",
    "reference",
    "schema",
    "salt",
    "before",
    "after",
)
SAID, TYPES = itemgetter(*ENTRY), [int, *[str] * 10]
INSTANT = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
NOTE = re.compile(
    r"(commitment-tracker/(?:[0-9a-f]{32}|empty))\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n\n"
    r"((?:— [^ \n]+ [A-Za-z0-9+/=]+\n)*)"
)
LONGEST = 1 << 24  # bytes in a line or a tag file
MOST = 1000  # findings of one code in one file that are told one by one

# ---- Answers


class Finding(NamedTuple):
    """One fault. `line` counts from 1; 0 is the file as a whole."""

    file: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.code} {self.text}"


class Outcome(NamedTuple):
    """What came of one check: `state` is ok, found, partly or not run; only "ok" means that all of it ran and holds."""

    check: str
    state: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.state}: {self.text}"


class Report(NamedTuple):
    """All findings, check by check and file by file; an outcome for each check; the exit code (EXITS); the SHA-256 of the list of the tag files' hashes."""

    findings: list[Finding]
    outcomes: list[Outcome]
    exit_code: int
    tags: str = ""


class Unusable(Exception):
    """What was named can't be checked at all."""

    def __init__(self, file: object, code: str, text: str):
        self.finding = Finding(shown(str(file)), 0, code, text)
        super().__init__(str(self.finding))


def shown(text: str, most: int = 300) -> str:
    """Text that is safe on one line of any terminal, and not too long for it."""
    safe = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:most])
    return safe if len(text) <= most else f"{safe} …"


def check(
    bundle: str | os.PathLike,
    earlier: str | os.PathLike | None = None,
    documents: str | os.PathLike | None = None,
    key: str | os.PathLike | None = None,
    progress: Callable[[Outcome], None] = lambda outcome: None,
    write: Callable[[Any], bytes] | None = None,
) -> Report:
    """Checks a bundle; never raises for what the bundle holds. `progress` gets each check's outcome as it is known.

    earlier: an older bundle, or a checkpoint file. documents: a folder with the auditor's copies of the documents.
    key: a public key (PEM) that the auditor holds from elsewhere. write: what writes records as `line_of` does, if something faster is at hand.
    """
    outcomes = []
    try:
        audit = Audit(*(Path(each) if each else None for each in (bundle, earlier, documents, key)), write or line_of)
        audit.read_tags()
        audit.read_ledger()
        audit.read_rows()
        for name in CHECKS:
            note = getattr(audit, f"check_{name}")()
            outcomes.append(audit.outcome(name, note))
            progress(outcomes[-1])
    except Unusable as error:
        return Report([error.finding], outcomes, 2)
    except OSError as error:  # a file that went, or changed its rights, while it was read
        return Report(
            [Finding(shown(str(error.filename)), 0, "CALLED_WRONGLY", shown(str(error.strerror)))], outcomes, 2
        )
    order = {code: (CHECKS.index(name), place) for place, (code, (name, _)) in enumerate(CODES.items())}
    found = sorted(audit.found, key=lambda each: (order[each.code][0], each.file, each.line, order[each.code][1]))
    left = any(outcome.state in ("partly", "not run") and outcome.check in audit.asked for outcome in outcomes)
    return Report(found, outcomes, 1 if audit.found else 3 if left else 0, audit.sums.get(TAG_LIST, ""))


# ---- Reading


def unique(pairs: list[tuple[str, Any]]) -> dict:
    """An object of JSON; ValueError if it says a key twice, which each reader would understand in its own way."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


class Number(float):
    """A number that isn't whole: not every writer of JSON writes it alike, and one that would can tell it by this."""


DECODER = json.JSONDecoder(object_pairs_hook=unique, parse_constant=refuse, parse_float=Number)
ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False
)
BROKEN = (ValueError, RecursionError)  # what JSON that isn't, or is too deep, raises


def decoded(content: bytes) -> Any:
    """JSON in UTF-8; BROKEN if it isn't that."""
    text = content.decode("utf-8").strip(" \t\n\r")
    value, end = DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("something follows its end")
    return value


def line_of(value: Any) -> bytes:
    """The one way to write a record: canonical JSON and a line feed."""
    return f"{ENCODER.encode(value)}\n".encode()


def unescaped(raw: bytes) -> bytes | None:
    """The text inside a JSON string; None if it isn't written the one way. An entry's text is JSON: only " and \\ are escaped in it."""
    text = raw.translate(None, b"\\")
    if (
        not len(raw) - len(text) == text.count(b'"') == raw.count(b'\\"')
    ):  # nearly always: a backslash before each quote
        pieces = raw.split(b"\\\\")  # from the left, so that none of them ends within an escape
        bare = b"".join(pieces)
        if not bare.count(b"\\") == bare.count(b'"') == bare.count(b'\\"') or b"\0" in raw or b"\1" in raw:
            return None
        text = b"\\".join(piece.translate(None, b"\\") for piece in pieces)
    return None if b"\t" in text or b"\r" in text else text


class Entry(NamedTuple):
    """A line of the ledger: its number, its two hashes, and the text that was hashed (None: it is hidden)."""

    seq: int
    leaf: bytes
    chain: bytes
    text: bytes | None


def entry_of(line: bytes) -> Entry | None:
    """A line of the ledger, read; None if it isn't one, written the one way."""
    text, at = None, 1
    if line.startswith(OPENING):
        at = line.rfind(BEFORE_HASHES) + 2
        text = unescaped(line[len(OPENING) : at - 2])
    found = HASHES.fullmatch(line, at)
    if not found or (at > 1 and not text) or (at == 1 and line[:1] != b"{"):
        return None
    return Entry(int(found[3]), bytes.fromhex(found[2].decode()), bytes.fromhex(found[1].decode()), text)


def next_entry(line: bytes, seq: int, previous: bytes) -> Entry | None:
    """Entry `seq`, if the line is that one, whole and chained to `previous`, as nearly all are; None says nothing.

    From the text follow both hashes, and from these all that stands after it: so nothing of that need be read.
    """
    end = len(line) - SHORTEST - len(str(seq))
    text = unescaped(line[len(OPENING) : end]) if line.startswith(OPENING) else None
    if not text:
        return None
    leaf = hashlib.sha256(b"\0" + text)
    chain = hashlib.sha256(b"\1" + previous + leaf.digest())
    if line[end:] != (AFTER_TEXT % (chain.hexdigest(), leaf.hexdigest(), seq)).encode():
        return None
    return Entry(seq, leaf.digest(), chain.digest(), text)


def first_difference(one: bytes, other: bytes) -> int:
    """The number of the first line in which two texts differ."""
    lines, others = one.split(b"\n"), other.split(b"\n")
    same = 0
    while same < min(len(lines), len(others)) and lines[same] == others[same]:
        same += 1
    return same + 1


def listed(value: Any, *path: str) -> list[dict]:
    """The objects in the list that stands at a path; [] where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A text as it is, "" for all else: what stands in its place may be anything, nested as deep as can be."""
    return value if isinstance(value, str) else ""


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


class Folder:
    """A bundle's regular files; links, pipes and folders elsewhere than in a bundle are noted and never opened."""

    ROOMS = ("checkpoints", "data", "keys")

    def __init__(self, path: Path):
        self.path, self.files, self.odd = path, {}, []
        self._list("")

    def _list(self, room: str) -> None:
        try:
            inside = sorted(os.scandir(self.path / room), key=lambda each: each.name)
        except OSError as error:
            if not room:
                raise Unusable(self.path, "NOT_A_BUNDLE", f"it can't be opened: {error.strerror}") from error
            self.odd.append((room, f"it can't be opened: {error.strerror}"))
            return
        for each in inside:
            name = f"{room}/{each.name}" if room else each.name
            if each.is_symlink():
                self.odd.append((name, "it is a link"))
            elif each.is_file(follow_symlinks=False) and not os.access(each.path, os.R_OK):
                self.odd.append((name, "it can't be opened"))
            elif each.is_file(follow_symlinks=False):
                self.files[name] = each.stat(follow_symlinks=False).st_size
            elif each.is_dir(follow_symlinks=False) and name in self.ROOMS:
                self._list(name)
            else:
                self.odd.append((name, "it is no file"))

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file; OSError if meanwhile something else took its place: a link isn't followed, nor a pipe waited for."""
        odd = sum(getattr(os, each, 0) for each in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
        with open(self.path / name, "rb", 1 << 18, opener=lambda path, flags: os.open(path, flags | odd)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it is no file any more", name)
            yield file

    def lines(self, name: str, digest: Any = None) -> Iterator[tuple[int, bytes]]:
        """(Number, bytes) of each line, which are hashed on the way; a longer one than LONGEST comes in pieces."""
        with self.open(name) as file:
            number = 0
            while line := file.readline(LONGEST):
                number += 1
                if digest:
                    digest.update(line)
                yield number, line

    def read(self, name: str) -> bytes | None:
        """A small file's bytes; None if it isn't there, or isn't small."""
        if self.files.get(name, LONGEST + 1) > LONGEST:
            return None
        with self.open(name) as file:
            return file.read(LONGEST)

    def sha256(self, name: str) -> str:
        """A file's SHA-256 (hex)."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


class Note(NamedTuple):
    """A checkpoint: what is signed, what that states (head: 32 bytes), and its signatures as (name, key id, signature)."""

    text: bytes
    origin: str
    size: int
    head: bytes
    signatures: list[tuple[str, str, bytes]]


def note_of(content: bytes | None) -> Note | None:
    """A checkpoint file, read; None if it is none."""
    try:
        found = NOTE.fullmatch((content or b"").decode("utf-8"))
        head = base64.b64decode(found[3], validate=True)
        signatures = []
        for line in found[4].splitlines():
            _dash, name, packed = line.split(" ")
            raw = base64.b64decode(packed, validate=True)
            if len(raw) != 68 or base64.b64encode(raw).decode() != packed:
                return None
            signatures.append((name, raw[:4].hex(), raw[4:]))
    except (ValueError, TypeError):
        return None
    if base64.b64encode(head).decode() != found[3]:
        return None
    return Note("\n".join([*found.groups()[:3], ""]).encode(), found[1], int(found[2]), head, signatures)


def manifest_fault(value: Any) -> str:
    """What is wrong with manifest.json; "" if nothing."""
    rules = {
        "files": lambda it: isinstance(it, list) and len(it) > 1 and all(isinstance(each, dict) for each in it),
        "format": lambda it: type(it) is int and it == 2,
        "head": lambda it: isinstance(it, str) and bool(HEX.fullmatch(it)),
        "kind": lambda it: it in tuple(NAMES),
        "origin": lambda it: isinstance(it, str),
        "schema": lambda it: isinstance(it, str),
        "size": is_count,
    }
    if not isinstance(value, dict) or sorted(value) != sorted(rules):
        return f"it doesn't say exactly {', '.join(rules)}"
    for key, rule in rules.items():
        if not rule(value[key]):
            return f"{key}: its value can't be"
    *records, ledger = value["files"]
    names = [text_of(each.get("file"))[5:-6] for each in records]
    for each, name in zip([*records, ledger], [*names, None]):  # noqa: B905 - Python 3.9 knows no strict
        if not _is_described(each, name):
            return f"files: the description of {shown(text_of(each.get('file')), 60)} can't be"
    known = [name for name in names if name in NAMES[value["kind"]]]
    if known != NAMES[value["kind"]] or len(set(names)) < len(names) or (value["kind"] == "public" and known != names):
        return f"files: a {value['kind']} bundle has {', '.join(NAMES[value['kind']])}, in this order"
    return ""


def _is_described(each: dict, name: str | None) -> bool:
    """Whether manifest.json describes a file of records as it must, or the ledger (no name)."""
    about = {"file": LEDGER}
    if name is not None:
        about = {"file": f"data/{name}.jsonl", "model": f"commitments.{name}", "table": f"{TABLE}{name}"}
    columns = each.get("columns", {})
    return (
        each.keys() == {*about, "count", "sha256"} | ({"columns"} if name is not None else set())
        and all(each[key] == wanted for key, wanted in about.items())
        and (name is None or re.fullmatch("[a-z]+", name) is not None)
        and is_count(each["count"])
        and HEX.fullmatch(text_of(each["sha256"])) is not None
        and isinstance(columns, dict)
        and all(column in (f"{field}_id", RENAMED.get(field)) for field, column in columns.items())
    )


def entry_fault(values: Any, seq: int) -> str:
    """What is wrong with what an entry says, "" if nothing; ValueError says it, too."""
    try:
        *_, before, after = said = SAID(values)
    except (KeyError, TypeError):
        return f"it doesn't say all of {', '.join(ENTRY)}"
    if [*map(type, said[:-2])] != TYPES:
        return f"{', '.join(ENTRY)}: one of them isn't what it should be"
    if said[0] != seq:
        return f"its text is that of entry {said[0]}"
    if not INSTANT.fullmatch(values["at"]):
        return f"at: {shown(values['at'], 60)} is no instant"
    date.fromisoformat(values["at"][:10])  # ValueError where a month has no such day
    if {type(before), type(after)} - {type(None)} != {dict}:
        return "before and after: missing, or no rows"
    if values["table"].startswith(TABLE) and values["table"] not in LOCAL:
        for row in (before, after):
            if row is not None and row.get("ref") != values["reference"]:
                return f"{shown(values['reference'], 60)} isn't the ref of its row"
    return ""


def is_public(table: str, after: dict | None) -> bool:
    """Whether a public bundle shows an entry: public versions, keys, releases, and what of these was withheld."""
    if table == f"{TABLE}withholding":
        return (after or {}).get("table") == f"{TABLE}publication"
    return table.startswith(TABLE) and table[len(TABLE) :] in PUBLIC


def until_of(line: bytes) -> tuple[int | None, bytes]:
    """A public version's `until_seq`, and its line with null instead: a later entry sets it, so its own can't say it."""
    head, mark, rest = line.rpartition(b'"until_seq":')
    value, comma, tail = rest.partition(b",")
    if not mark or not re.fullmatch(b"[1-9][0-9]{0,17}", value):
        return None, line
    return int(value), b"".join((head, mark, b"null", comma, tail))


def copies_in(folder: Path, wanted: set[str]) -> dict[str, Path]:
    """The files of a folder, and of those in it, whose SHA-256 is wanted; links aren't followed."""
    found = {}
    for room, rooms, names in os.walk(folder):
        rooms.sort()
        for path in (Path(room, name) for name in sorted(names)):
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                if digest in wanted:
                    found.setdefault(digest, path)
    return found


# ---- Ed25519, by openssl

SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of an Ed25519 key
VECTOR = (  # RFC 8032, 7.1, test 2: key, message, signature
    bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    b"\x72",
    bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
)


def pem(key: bytes) -> bytes:
    """A public key of 32 bytes as other programs read it."""
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(SPKI + key) + b"\n-----END PUBLIC KEY-----\n"


def key_in(content: bytes) -> bytes | None:
    """The 32 bytes of the one Ed25519 public key in a PEM file; None if it holds none."""
    found = re.fullmatch(rb"\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*", content)
    try:
        raw = base64.b64decode(b"".join(found[1].split()), validate=True)
    except (ValueError, TypeError):
        return None
    return raw[len(SPKI) :] if raw.startswith(SPKI) and len(raw) == len(SPKI) + 32 else None


def key_id(origin: str, key: bytes) -> str:
    """The 4 bytes (hex) by which a signed note names its key: of the origin, the algorithm and the key."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + key).hexdigest()[:8]


def holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether openssl finds that the signature is the key's and the message's."""
    with tempfile.TemporaryDirectory() as folder:
        public, said, sealed = (os.path.join(folder, name) for name in ("key.pem", "message", "signature"))
        for path, content in ((public, pem(key)), (said, message), (sealed, signature)):
            Path(path).write_bytes(content)
        command = [
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            public,
            "-rawin",
            "-in",
            said,
            "-sigfile",
            sealed,
        ]
        try:
            return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


def why_no_openssl() -> str:
    """Why signatures can't be checked here; "" if they can: a known good one holds, and a known bad one doesn't."""
    if not shutil.which("openssl"):
        return "there is no openssl here"
    key, message, signature = VECTOR
    able = holds(key, message, signature) and not holds(key, message + b"\0", signature)
    return "" if able else "the openssl here can't check Ed25519 (take OpenSSL 3)"


def read_key(path: Path) -> bytes:
    """The auditor's own public key; Unusable if the file holds none."""
    try:
        key = key_in(path.read_bytes()) if path.stat().st_size < LONGEST else None
    except OSError as error:
        raise Unusable(path, "CALLED_WRONGLY", f"it can't be read: {error.strerror}") from error
    if key is None:
        raise Unusable(path, "CALLED_WRONGLY", "it is no Ed25519 public key in PEM")
    return key


# ---- Dates (EDTF, ISO 8601-2)

PARTS = {  # what may follow the year: its first and last month; a season's depend on the hemisphere, 14 is next February
    **{f"{month:02}": (month, month) for month in range(1, 13)},
    **dict.fromkeys(("21", "22", "23"), (1, 12)),
    **{str(33 + quarter): (3 * quarter + 1, 3 * quarter + 3) for quarter in range(4)},
    **{str(37 + third): (4 * third + 1, 4 * third + 4) for third in range(3)},
    "24": (1, 14),
    "40": (1, 6),
    "41": (7, 12),
}
SIMPLE = re.compile("([0-9]{2}(?:[0-9]{2}|[0-9]X|XX))(?:-([0-9]{2})(?:-([0-9]{2}))?)?[~?%]?")
ENDLESS = ("", "..")


def sides(edtf: str) -> tuple[str, str]:
    """The two ends of a form; a simple date is both."""
    if edtf.startswith("[") and edtf.endswith("]") and ".." in edtf:
        first, _, last = edtf[1:-1].partition("..")
        return first or "..", last or ".."
    first, slash, last = edtf.partition("/")
    return (first, last) if slash else (edtf, edtf)


def bounds(edtf: str) -> tuple[str | None, str | None]:
    """The earliest and the latest day (ISO 8601) that a form can mean; ValueError if it is none that the tracker keeps."""
    if not edtf:
        return None, None
    first, last = (None if end in ENDLESS else _span(end) for end in sides(edtf))
    if not (first or last) or (first and last and first[0] > last[1]):
        raise ValueError(f"EDTF {edtf!r} has no end that is a date, or its first is the later one")
    return first and first[0].isoformat(), last and last[1].isoformat()


@lru_cache(maxsize=1 << 12)
def _span(edtf: str) -> tuple[date, date]:
    match = SIMPLE.fullmatch(edtf)
    if not match or (match[2] and (match[2] not in PARTS or "X" in match[1])):
        raise ValueError(f"EDTF {edtf!r} is none of the forms that the tracker keeps")
    year, part, day = match.groups()
    first, last = PARTS.get(part or "", (1, 12))
    early, late = int(year.replace("X", "0")), int(year.replace("X", "9")) + (last > 12)
    last -= 12 * (last > 12)
    if day is None:
        return date(early, first, 1), date(late, last, monthrange(late, last)[1])
    if first != last:
        raise ValueError(f"EDTF {edtf!r}: only a month has days")
    return (date(early, first, int(day)),) * 2


# ---- What the words of a date certainly don't say

MONTHS = (
    "january jan يناير kanun2 جانفي نار|february feb شباط فبراير فيفري فبرائر نوار|march mar اذار مارس|"
    "april apr نيسان ابريل افريل ايبريل طير|may ايار مايو ماي ماء|june jun حزيران يونيو يونيه يوني جوان|"
    "july jul تموز يوليو يوليه يولي جويليه يوليوز ناصر|august aug اب اغسطس اوت غشت اغشت هانيبال|"
    "september sept sep ايلول سبتمبر شتنبر شتمبر|october oct tishrin1 اكتوبر اوكتوبر تمور|"
    "november nov tishrin2 نوفمبر نونبر نوفنبر حرث|december dec kanun1 ديسمبر دجنبر دجمبر دسمبر"
)
NAMED = {name: number for number, names in enumerate(MONTHS.split("|"), 1) for name in names.split()}
TWINS = (  # the months that two words name
    (re.compile("كانون (?:ال)?اول"), " kanun1 "), (re.compile("كانون (?:ال)?ثان[ي]?"), " kanun2 "),
    (re.compile("تشرين (?:ال)?اول"), " tishrin1 "), (re.compile("تشرين (?:ال)?ثان[ي]?"), " tishrin2 "),
    (re.compile(r"\b(?:[وبل]?(?:ال)?(?:عام|سنه)|year) (?=\d{4}\b)"), " "),  # the year 2031: only a year
    (re.compile(rf"\b(?:شهر|month of) (?=(?:{'|'.join(NAMED)})\b)"), " "),
    (re.compile(r"\b(?:[وبل]?ال(?:عام|سنه|شهر)|(?:the|this|next|coming|current) (?:year|month))\b"), " season "),
    (re.compile(r"\b\d{3}0 s\b"), " decade "),
)  # fmt: skip
# Words that stand for a year, a month or a season that isn't named: from them no day follows.
COARSE = {*words_of("season spring springtime summer summertime autumn fall winter wintertime ربيع صيف خريف شتاء فصل")}
# Words that can stand for a number, count days or months, name a day, or belong to another calendar: from
# them a day can follow in ways that only the tracker itself works out, so where one stands nothing is certain.
LOOSE = frozenset(
    words_of(
        "one a an two three four five six seven eight nine ten eleven twelve dozen thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first second "
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
        "seventeenth eighteenth nineteenth twentieth thirtieth twenties thirties forties fifties sixties seventies eighties "
        "nineties last final closing monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday "
        "sat sunday sun hour day week fortnight month "
        "quarter semester half third trimester year decade century midyear midmonth midcentury q h fy fiscal financial "
        "today now present yesterday tomorrow muharram safar rabi jumada rajab shaban shaaban ramadan ramadhan ramazan "
        "shawwal shawal dhu dhul zul zil ah hijri w i ii iii iv v vi vii viii ix x xi xii couple weekend annual annually eid "
        "واحد واحده احد احدي حادي حاديه اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي ثلاث ثلاثه اربع اربعه خمس خمسه ست "
        "سته سبع سبعه ثمان ثماني ثمانيه تسع تسعه عشر عشره عشرون عشرين ثلاثون ثلاثين اربعون اربعين خمسون خمسين ستون ستين "
        "سبعون سبعين ثمانون ثمانين تسعون تسعين مئه مائه ميه مئتان مئتين مائتان مائتين الف الاف الفان الفين اول اولي ثان "
        "ثاني ثانيه ثالث ثالثه رابع رابعه خامس خامسه سادس سادسه سابع سابعه ثامن ثامنه تاسع تاسعه عاشر عاشره اخير اخيره "
        "اخر فاتح غره عشرينيات ثلاثينيات اربعينيات خمسينيات ستينيات سبعينيات ثمانينيات تسعينيات اثنين ثلاثاء ثلاثا "
        "اربعاء اربعا خميس جمعه سبت احد ساعه ساعتين ساعتان يوم يوما يومين يومان اسبوع اسبوعا اسبوعين "
        "اسبوعان شهر شهرا شهرين شهران شهري ربع ثلاثي نصف سداسي ثلث عام عاما سنه عامين عامان سنتين سنتان عقد عقدا عقدين "
        "عقدان قرن قرنا قرنين قرنان راس امس بارحه غد غدا الان يومنا محرم صفر جمادي رجب شعبان رمضان شوال ذو ذي ذوالقعده "
        "ذوالحجه ه هج هجري هجريه هجره عيد ماليه مالي كانون تشرين عشرينات ثلاثينات اربعينات خمسينات ستينات سبعينات "
        "ثمانينات تسعينات مئتا مئتي مائتي ثلاثمئه ثلاثمائه اربعمئه اربعمائه خمسمئه خمسمائه ستمئه ستمائه سبعمئه سبعمائه "
        "ثمانمئه ثمانمائه تسعمئه تسعمائه الفا الفي"
    )
)
COUNTED = frozenset(  # units that need a figure beside them
    words_of(
        "hours days weeks fortnights months quarters semesters halves years decades centuries ساعات ايام اسابيع اشهر شهور "
        "ارباع اعوام سنوات سنين سنوت عقود قرون"
    )
)
WRITTEN_ON = ["", *words_of("ال و ف ب ل ك لل وال فال بال كال وب ول وك فب فل وبال ولل")]
LETTERS = str.maketrans({"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": "", "ٱ": "ا"})


@lru_cache(maxsize=1 << 12)
def tokens_of(words: str) -> tuple[str, ...]:
    """The figures and folded words of a text; Arabic words also without what is written onto them."""
    plain = words
    if not words.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", words) if unicodedata.category(c) not in ("Mn", "Cf"))
    text = " ".join(re.findall(r"\d+|[^\W\d_]+", plain.casefold().translate(LETTERS)))
    for pattern, name in TWINS:
        text = pattern.sub(name, text)
    forms = ((token[len(prefix) :] for prefix in WRITTEN_ON if token.startswith(prefix)) for token in text.split())
    return tuple(form for each in forms for form in each if form)


def finer(edtf: str, words: str, anchor: str | None = None) -> str | None:
    """What of an EDTF form the words certainly don't say ("the day of 2020-08-15"); None where that isn't certain.

    anchor: the EDTF date that the words count from; "" if there is none, None if it isn't known here.
    """
    tokens = tokens_of(words)
    figures = [int(token) for token in tokens if token.isdecimal() and len(token) <= 4]
    odd = any(token.isdecimal() and (len(token) > 4 or 31 < int(token) < 1600) for token in tokens)
    if odd or not LOOSE.isdisjoint(tokens) or (figures and not COUNTED.isdisjoint(tokens)):
        return None
    ends = sides(edtf)
    if ends[0] != edtf and anchor is None:
        return None  # a span may begin or end at the day that it counts from
    for side, end in enumerate(ends):
        if end in ENDLESS or (ends[0] != edtf and anchor and bounds(end)[side] == bounds(anchor)[side]):
            continue
        what = _finer(end.rstrip("~?%"), ends[0] != edtf, tokens, figures, anchor)
        if what:
            return f"the {what} of {end}"
    return None


def _finer(end: str, spanning: bool, tokens: tuple[str, ...], figures: list[int], anchor: str | None) -> str | None:
    """day, month, season or part, or year: what the words don't say of one end. A span can end the day before what is named, or after."""
    year, part, day = SIMPLE.fullmatch(end).groups()
    near = (-1, 0, 1) if spanning else (0,)
    months = {NAMED[token] for token in tokens if token in NAMED} | {each for each in figures if each <= 12}
    at_edge = spanning and day and int(day) in (1, monthrange(int(year), int(part))[1])
    if day and not at_edge and not any(int(day) + step in figures for step in near):
        return "day"
    if not COARSE.isdisjoint(tokens):
        return None
    if part and int(part) > 12:
        return None if months else "season or part"
    years = {each for each in figures if each >= 1600}
    of_year = spanning and part in ("01", "12") and (not months or len(years) > 1)  # the month can be another year's
    if part and not of_year and not any((int(part) + step - 1) % 12 + 1 in months for step in near):
        return "month"
    if "X" in year or anchor is None or any(int(year) + step in years for step in near):
        return None
    early, late = bounds(anchor)
    if anchor and not (early and late and not int(early[:4]) - 1 <= int(year) <= int(late[:4]) + 1):
        return None
    return "year"


# ---- The rules

WHEN = {"document": "published", "statement": "issued", "assessment": "effective"}  # the date that a record carries
NEEDS = {
    **dict.fromkeys(("fulfilled", "partly_fulfilled", "not_fulfilled", "contrary_action"), "NO_EVIDENCE"),
    "no_evidence": "NO_SEARCH",
}
WORDS_OF = {
    "NO_OBLIGOR": "nobody owes it", "NO_UNDERTAKING": "no quote proves it",
    "NO_EVIDENCE": "its status needs evidence", "NO_SEARCH": "no_evidence, but no document was searched",
}  # fmt: skip
PROVED_BY = {  # code: the list of a body that must not be empty, or lack an object that says this
    "NO_OBLIGOR": ("parties", "role", "obligor"), "NO_UNDERTAKING": ("quotes", "part", "undertaking"),
    "NO_EVIDENCE": ("evidence", "part", "evidence"), "NO_SEARCH": ("searched", None, None),
}  # fmt: skip
# What is approved with its record.
PART = re.compile("(?:alias|member|issuer|party|topic|citation|divergence|search)-[0-9]+")
CITING = ("commitment_id", "deadline_id", "assessment_id")
UNWATCHED = (f"{TABLE}publication", f"{TABLE}quotecheck")  # what an approval itself writes


def without_moves(row: dict | None) -> dict | None:
    """A row without what no approval looks at."""
    return row and {name: value for name, value in row.items() if name not in ("state", "note")}


def date_faults(kind: str, words: Any, edtf: Any, days: tuple, anchor: str | None) -> Iterator[tuple[str, str]]:
    """(Code, text) for a date: its words, its EDTF form, its (earliest, latest) day, what it counts from (see `finer`)."""
    try:
        first, last = ends = bounds(edtf or "")
        if kind == "deadline":  # within the form: "by 1 March" has no earliest day
            early, late = (day or None for day in days)
            fits = (early is None or (early >= first if first else bool(edtf))) and (
                early is None or late is None or early <= late
            )
            fits = fits and (late is None or (late <= last if last else bool(edtf)))
        else:
            fits = ends == days
        finest = finer(edtf, words or "", anchor) if edtf and (words or kind != "assessment") else None
    except (ValueError, TypeError, AttributeError) as error:
        yield "WRONG_DAYS", f"it can't be read: {error}"
        return
    if not fits:
        yield "WRONG_DAYS", f"its earliest and latest day aren't those of {edtf or 'no date'}"
    if finest:
        yield "TOO_PRECISE", f"“{words}” doesn't say {finest}"


def span_fault(exact: Any, start: Any, end: Any) -> str:
    """What is wrong with a quote's place; "" if nothing."""
    if not (isinstance(exact, str) and is_count(start) and is_count(end)):
        return "its words, start or end aren't what they should be"
    return (
        ""
        if exact and end - start == len(exact)
        else f"{end} - {start} isn't {len(exact)}, the number of its characters"
    )


def needs(kind: str, status: Any) -> tuple[str, ...]:
    """The codes of what a public record of a kind must not lack."""
    if kind == "commitment":
        return "NO_OBLIGOR", "NO_UNDERTAKING"
    code = NEEDS.get(text_of(status)) if kind == "assessment" else None
    return (code,) if code else ()


class Version(NamedTuple):
    """A public version of a record, as far as the rules need it."""

    version: Any
    seq: int
    ref: str
    approved: bool  # by a second person: no housekeeping, no emergency
    fresh: bool  # nothing that a first version can't be
    tombstone: bool
    withheld: bool


class About(NamedTuple):
    """A file of records, as manifest.json describes it."""

    file: str
    name: str
    table: str
    fields: dict[str, str]  # column → field, where they differ

    @property
    def model(self) -> str:
        return f"commitments.{self.name}"

    def record(self, row: dict, seq: int) -> dict:
        """The record of a row that entry `seq` wrote; a Publication's `until_seq` is put in as null."""
        fields = row.copy()
        ref = fields.pop("ref")
        # a row that has a column and a field of one name keeps both, and so is no record's
        for column in [each for each, field in self.fields.items() if each in row and field not in row]:
            fields[self.fields[column]] = fields.pop(column)
        if self.name == "publication":
            fields["from_seq"], fields["until_seq"] = seq, None
        return {"fields": fields, "model": self.model, "pk": ref}


class Last(NamedTuple):
    """What the last entry of a record says: its line in the ledger, and the SHA-256 of the record's line (None: removed)."""

    line: int
    digest: bytes | None


class Place(NamedTuple):
    """Where a rule is broken: a line; `ref` is a public version's, whose own line is better where it has one."""

    file: str
    line: int
    ref: str = ""


class Quoted(NamedTuple):
    """A quote to hold against its document (its SHA-256, or its reference); the texts only where documents were named."""

    place: Place
    document: str
    start: int
    end: int
    texts: tuple | None  # exact, prefix, suffix; None if not asked for, or waived


class Paper(NamedTuple):
    """A document, as recorded."""

    place: Place
    length: Any
    characters: Any


class Earlier:
    """What the auditor kept: an older bundle's chain and checkpoints, or one checkpoint file; which entries it shows."""

    def __init__(self, path: Path):
        self.name, self.chains, self.faults, self.notes, self.public = str(path), bytearray(), [], {}, set()
        if path.is_dir():
            self.folder = Folder(path)
            self._read_ledger()
            for name in sorted(self.folder.files):
                if name == "checkpoint.txt" or name.startswith("checkpoints/"):
                    self._read_note(f"{path}/{name}", self.folder.read(name))
        elif path.is_file() and path.stat().st_size < LONGEST:
            self._read_note(str(path), path.read_bytes())
        if not self.chains and not self.notes:
            raise Unusable(path, "CALLED_WRONGLY", "the earlier one is neither a bundle nor a checkpoint")
        self.size = max([len(self.chains) // 32, *(note.size for note in self.notes.values())])

    def _read_ledger(self) -> None:
        """The chain, as far as it holds; what can't be read ends it."""
        if LEDGER not in self.folder.files:
            return
        previous, place = bytes(32), f"{self.name}/{LEDGER}"
        for number, line in self.folder.lines(LEDGER):
            entry = entry_of(line)
            if entry is None or entry.seq != number:
                self.faults.append((place, number, "it isn't an entry, so what follows was not compared"))
                return
            _seq, leaf, chain, text = entry
            wrong = text is not None and hashlib.sha256(b"\0" + text).digest() != leaf
            if wrong or hashlib.sha256(b"\1" + previous + leaf).digest() != chain:
                self.faults.append((place, number, f"entry {number} doesn't hold"))
            previous = chain
            self.chains += chain
            if text is not None:
                self.public |= {number} if PUBLIC_TABLE.search(text) else set()

    def _read_note(self, path: str, content: bytes | None) -> None:
        note = note_of(content)
        if note is None and self.chains:
            self.faults.append((path, 1, "it isn't written as a signed note"))
        elif note:
            self.notes[path] = note
            own = bytes(self.chains[32 * note.size - 32 : 32 * note.size])
            if note.size and own and own != note.head:
                self.faults.append((path, 3, f"its own ledger has another head at entry {note.size}"))


# ---- The audit


class Audit:
    """Reads a bundle once, file by file, keeping hashes and not rows; then each check says what it found."""

    def __init__(
        self,
        bundle: Path,
        earlier: Path | None,
        documents: Path | None,
        key: Path | None,
        write: Callable[[Any], bytes],
    ):
        self.write = write
        self.folder = Folder(bundle)
        if not {"bagit.txt", "manifest.json", PAYLOAD_LIST} & self.folder.files.keys():
            raise Unusable(bundle, "NOT_A_BUNDLE", f"it holds none of bagit.txt, manifest.json and {PAYLOAD_LIST}")
        self.earlier = Earlier(earlier) if earlier else None
        self.documents = documents
        if documents and not documents.is_dir():
            raise Unusable(documents, "CALLED_WRONGLY", "the documents' folder isn't a folder")
        self.key = read_key(key) if key else None
        self.asked = {"signature"} | ({"earlier"} if earlier else set()) | ({"documents"} if documents else set())
        self.found: list[Finding] = []
        self.told: Counter = Counter()
        self.sums: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.manifest: dict = {}
        self.kind = ""
        self.abouts: list[About] = []
        self.chains = bytearray()  # 32 bytes an entry
        self.hidden: list[int] = []
        self.last: dict[str, dict[str, Last]] = defaultdict(dict)  # table → reference
        self.keys: dict[str, tuple[bytes, int]] = {}  # id → key, entry
        self.withheld: dict[int, tuple[str, str]] = {}  # entry → table, reference
        self.withheld_last: dict[tuple[str, str], int] = {}  # (table, reference) → the last such entry
        self.released: set[int] = set()  # sizes of releases
        self.unproven = 0
        self.pending: list[tuple[Place, str, str]] = []
        self.shelf: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self.spans: dict[str, tuple[int, int | None]] = {}  # a version's line and until_seq
        self.changes: dict[tuple[str, str], int] = {}  # (reference, actor) → their last entry
        self.part_changes: dict[tuple[str, str], int] = {}
        self.cited: dict[str, dict[str, str]] = defaultdict(dict)  # record → citation → quote
        self.approvals: list[tuple[tuple[str, str], Version, Place, int, str]] = []
        self.stated: list[tuple[Place, str]] = []  # the statements that commitments name
        self.proofs: set[tuple[str, str]] = set()  # (code, record): the desk has what the code's absence would be
        self.demands: list[tuple[Place, str, str]] = []
        self.quotes: list[Quoted] = []
        self.papers: dict[str, Paper] = {}  # by SHA-256
        self.sha256_of: dict[str, str] = {}  # by reference, on the desk

    def add(self, file: str, line: int, code: str, text: str) -> None:
        """Notes a finding; of a code that a file is full of, the first MOST."""
        self.told[file, code] += 1
        if self.told[file, code] <= MOST:
            self.found.append(Finding(shown(file), line, code, shown(text)))

    def outcome(self, name: str, note: tuple[str, str]) -> Outcome:
        """A check's outcome: its findings, or else what the check itself says."""
        count = sum(number for (_, code), number in self.told.items() if CODES[code][0] == name)
        if not count:
            return Outcome(name, note[0], shown(note[1], 10_000))
        many = ", the first of each kind are told" if any(each > MOST for each in self.told.values()) else ""
        return Outcome(name, "found", f"{count:,} finding{'s' * (count > 1)}{many}")

    @property
    def size(self) -> int:
        return len(self.chains) // 32

    def head(self, size: int) -> bytes:
        """The chain's value after `size` entries."""
        return bytes(self.chains[32 * size - 32 : 32 * size]) if size else bytes(32)

    @property
    def origin(self) -> str:
        return f"commitment-tracker/{self.head(1).hex()[:32] if self.size else 'empty'}"

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """The lines of a payload file, which are counted and hashed on the way; none where there is no such file."""
        if name not in self.folder.files:
            return
        digest, number = hashlib.sha256(), 0
        for number, line in self.folder.lines(name, digest):
            if len(line) == LONGEST and not line.endswith(b"\n"):
                self.add(name, number, "LONG_LINE", f"it is longer than {LONGEST:,} bytes")
                self.sums[name] = self.folder.sha256(name)
                return
            yield number, line
        self.sums[name], self.counts[name] = digest.hexdigest(), number

    # -- Reading

    def tag(self, name: str) -> bytes | None:
        """A tag file's bytes, as `Folder.read`; its sum is that of what was read, whatever comes after."""
        content = self.folder.read(name)
        if content is not None:
            self.sums[name] = hashlib.sha256(content).hexdigest()
        return content

    def read_tags(self) -> None:
        """manifest.json, which says what the other files are."""
        content = self.tag("manifest.json")
        if content is None:
            if "manifest.json" in self.folder.files:
                self.add("manifest.json", 0, "MANIFEST", f"it is longer than {LONGEST:,} bytes")
            return
        try:
            value = decoded(content)
            again = f"{json.dumps(value, indent=1, sort_keys=True)}\n".encode()
        except BROKEN as error:
            self.add("manifest.json", 1, "MANIFEST", f"it can't be read: {error}")
            return
        if again != content:
            self.add("manifest.json", first_difference(content, again), "MANIFEST", "it isn't written the one way")
        fault = manifest_fault(value)
        if fault:
            self.add("manifest.json", 0, "MANIFEST", fault)
            return
        self.manifest, self.kind = value, value["kind"]
        for each in value["files"][:-1]:
            fields = {column: field for field, column in each["columns"].items()}
            self.abouts.append(About(each["file"], each["model"].partition(".")[2], each["table"], fields))

    def read_ledger(self) -> None:
        """Each entry's hashes, and what it says of the state and the rules."""
        self.tables = {about.table: about for about in self.abouts}
        self.notes = {about.table: getattr(self, f"_note_{about.name}", None) for about in self.abouts}
        previous: bytes | None = bytes(32)
        expected, last = 1, ""
        for number, line in self.lines(LEDGER):
            whole = next_entry(line, expected, previous) if previous is not None else None
            entry = whole or entry_of(line)
            if entry is None:
                self._broken_entry(number, line)
                previous, expected = None, expected + 1
                self.chains += bytes(32)
                continue
            seq, _leaf, chain, text = entry
            if not whole:
                self._odd_entry(number, entry, expected, previous)
            previous, expected = chain, seq + 1
            self.chains += chain
            if text is None:
                self.hidden.append(seq)
            else:
                last = self._read_entry(number, seq, text, last)

    def _odd_entry(self, number: int, entry: Entry, expected: int, previous: bytes | None) -> None:
        """What is wrong with an entry that isn't simply the next one; one that is hidden may be right."""
        seq, leaf, chain, text = entry
        if seq != expected:
            self.add(LEDGER, number, "GAP", f"it is entry {seq}, where {expected} belongs")
        if text is not None and hashlib.sha256(b"\0" + text).digest() != leaf:
            self.add(LEDGER, number, "WRONG_LEAF", f"entry {seq} isn't the text that was hashed")
        if previous is not None and hashlib.sha256(b"\1" + previous + leaf).digest() != chain:
            self.add(LEDGER, number, "WRONG_CHAIN", f"entry {seq} isn't chained to the one before")

    def _broken_entry(self, number: int, line: bytes) -> None:
        try:
            canonical = line_of(decoded(line)) == line
        except BROKEN as error:
            self.add(LEDGER, number, "NOT_JSON", f"it can't be read: {error}")
            return
        if canonical:
            self.add(LEDGER, number, "NOT_AN_ENTRY", "it isn't a text with its hashes and its number, nor these alone")
        else:
            self.add(LEDGER, number, "NOT_CANONICAL", "it isn't written the one way")

    def _read_entry(self, number: int, seq: int, text: bytes, last: str) -> str:
        """Takes in one entry; answers the latest time so far."""
        try:
            values = decoded(text)
            fault = entry_fault(values, seq)
            if not fault:
                self._record(number, seq, values)
        except BROKEN as error:
            fault = f"its text can't be read: {error}"
        if fault:
            self.add(LEDGER, number, "NOT_AN_ENTRY", f"entry {seq}: {fault}")
            return last
        if values["at"] < last:
            self.add(LEDGER, number, "TIME_BACK", f"entry {seq} is of {values['at']}, one before it of {last}")
        return max(values["at"], last)

    def _record(self, number: int, seq: int, values: dict) -> None:
        table, ref, before, after = values["table"], values["reference"], values["before"], values["after"]
        about = self.tables.get(table)
        if self.kind == "public" and not is_public(table, after):
            self.add(LEDGER, number, "SHOWN_ENTRY", f"entry {seq} shows a row of {table}")
        if about:
            digest = None if after is None else hashlib.sha256(self.write(about.record(after, seq))).digest()
            self.last[table][ref] = Last(number, digest)
            note = self.notes.get(table)
            if note:
                note(Place(LEDGER, number, ref), seq, values)
        elif self.kind == "full" and table not in LOCAL:
            self.add(LEDGER, number, "NO_FILE", f"{table} is recorded, and no file holds it")
        moved = before is not None and after is not None and without_moves(before) == without_moves(after)
        if self.kind == "full" and table not in UNWATCHED and not moved:
            self.changes[ref, values["actor"]] = seq
            record, _dot, part = ref.rpartition(".")
            if PART.fullmatch(part):
                self.part_changes[record, values["actor"]] = seq

    def _note_citation(self, place: Place, seq: int, values: dict) -> None:
        for row in filter(None, (values["before"], values["after"])):
            for record in (row.get(column) for column in CITING):
                if isinstance(record, str):
                    self.cited[record].pop(place.ref, None)
                    if row is values["after"]:
                        self.cited[record][place.ref] = text_of(row.get("quote_id"))

    def _note_signingkey(self, place: Place, seq: int, values: dict) -> None:
        encoded = (values["after"] or {}).get("public_key")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (ValueError, TypeError):
            key = b""
        name = key_id(self.origin, key)
        if len(key) != 32 or place.ref != f"key-{name}":
            self.add(LEDGER, place.line, "KEY", f"{place.ref}: its bytes and its name don't fit this ledger")
        else:
            self.keys.setdefault(name, (key, seq))

    def _note_withholding(self, place: Place, seq: int, values: dict) -> None:
        row = values["after"] or {}
        entry = row.get("entry")
        if type(entry) is not int or not 0 < entry < seq or place.ref != f"withholding-{entry}":
            self.add(LEDGER, place.line, "WRONG_NAME", f"{place.ref} names no entry before it")
        else:
            named = text_of(row.get("table")), text_of(row.get("reference"))
            self.withheld[entry] = named
            self.withheld_last[named] = max(entry, self.withheld_last.get(named, 0))

    def _note_release(self, place: Place, seq: int, values: dict) -> None:
        row = values["after"] or {}
        size = row.get("size")
        if type(size) is not int or not 0 < size < seq or place.ref != f"release-{size}":
            self.add(LEDGER, place.line, "WRONG_NAME", f"{place.ref} names no size that the ledger had before")
        elif row.get("head") != self.head(size).hex():
            self.add(LEDGER, place.line, "WRONG_RELEASE", f"{place.ref} has another head than entry {size}")
        else:
            self.released.add(size)

    def _note_publication(self, place: Place, seq: int, values: dict) -> None:
        row, actor = values["after"] or {}, values["actor"]
        if values["before"] is not None or not row:
            self.pending.append(
                (place, "WRONG_VERSION", f"{place.ref}: entry {seq} changed it, and versions don't change")
            )
            return
        version = self._shelve(place.ref, seq, row, withheld=False)
        kind, record, body = row.get("kind"), row.get("record"), row.get("body")
        if version is None:
            self.pending.append((place, "WRONG_VERSION", f"{place.ref}: its kind or record is none"))
        elif not version.tombstone:
            self._read_body(place, kind, record, body if isinstance(body, dict) else {})
            quotes = self.cited[record].values() if record in self.cited else ()
            touched = max(
                [self.changes.get((each, actor), 0) for each in (record, *quotes)]
                + [self.part_changes.get((record, actor), 0)]
            )
            if version.approved and touched:
                self.approvals.append(((kind, record), version, place, touched, actor))

    def _shelve(self, ref: str, seq: int, row: dict, withheld: bool) -> Version | None:
        kind, record, housekeeping = row.get("kind"), row.get("record"), row.get("class") == "housekeeping"
        if not (isinstance(kind, str) and isinstance(record, str)):
            return None
        approved, tombstone = not housekeeping and row.get("emergency") is not True, row.get("tombstone") is True
        version = Version(row.get("version"), seq, ref, approved, not (housekeeping or tombstone), tombstone, withheld)
        self.shelf[kind, record].append(version)
        return version

    def _read_body(self, place: Place, kind: str, record: str, body: dict) -> None:
        """The rules that a public version keeps by what it shows."""
        for code in needs(kind, body.get("status")):
            name, key, value = PROVED_BY[code]
            if not any(key is None or each.get(key) == value for each in listed(body, name)):
                self.pending.append((place, code, f"{place.ref}: {WORDS_OF[code]}"))
        shown_date = body if kind == "deadline" else body.get(WHEN.get(kind, ""))
        if isinstance(shown_date, dict):
            anchor = body.get("anchor") if kind == "deadline" else None
            known = (
                (anchor.get("edtf") or "")
                if isinstance(anchor, dict)
                else ""
                if kind in ("document", "assessment")
                else None
            )
            days = shown_date.get("earliest"), shown_date.get("latest")
            self._date(place, kind, shown_date.get("text"), shown_date.get("edtf"), days, known)
        if kind == "commitment":
            statement = body.get("statement")
            self.stated.append((place, text_of(statement.get("ref") if isinstance(statement, dict) else None)))
        elif kind == "document":
            self.papers[text_of(body.get("sha256"))] = Paper(place, body.get("length"), body.get("characters"))
        elif kind == "quote":
            document, checked = body.get("document"), body.get("verification")
            waived = isinstance(checked, dict) and checked.get("waiver")
            self._quote(
                place, text_of(document.get("sha256") if isinstance(document, dict) else None), body, bool(waived)
            )

    def _date(self, place: Place, kind: str, words: Any, edtf: Any, days: tuple, anchor: Any) -> None:
        self.pending += [
            (place, code, f"{place.ref}: {text}") for code, text in date_faults(kind, words, edtf, days, anchor)
        ]

    def _quote(self, place: Place, document: str, row: dict, waived: bool) -> None:
        exact, start, end = row.get("exact"), row.get("start"), row.get("end")
        fault = span_fault(exact, start, end)
        if fault:
            self.pending.append((place, "QUOTE_SPAN", f"{place.ref}: {fault}"))
        else:
            texts = (exact, row.get("prefix"), row.get("suffix")) if self.documents and not waived else None
            self.quotes.append(Quoted(place, document, start, end, texts))

    def read_rows(self) -> None:
        """Each record's line against its last entry, and on the desk against the rules."""
        for about in self.abouts:
            previous, marker = b"", f',"model":"{about.model}","pk":"'.encode()
            last = self.last[about.table]
            rule = getattr(self, f"_rule_{about.name}", None) if self.kind == "full" else None
            for number, line in self.lines(about.file):
                until, plain = (None, line) if about.file != PUBLICATIONS else until_of(line)
                key = line.rpartition(marker)[2][:-3]
                known = last.get(key.decode("utf-8", "replace"))
                if known and known.digest == hashlib.sha256(plain).digest():
                    row = json.loads(line) if rule else {"pk": key.decode()}  # as written here: no key is twice in it
                    del last[row["pk"]]
                else:
                    row = self._odd_row(about, number, line, last)
                if key <= previous and row:
                    self.add(about.file, number, "NOT_SORTED", f"{shown(row['pk'])} belongs before the record above it")
                previous = key
                if about.file == PUBLICATIONS and row:
                    self.spans[row["pk"]] = number, until
                if rule and row:
                    rule(Place(about.file, number, row["pk"]), row["fields"])

    def _odd_row(self, about: About, number: int, line: bytes, last: dict[str, Last]) -> dict | None:
        """What is wrong with a line that isn't its last entry's; the record, if it is one."""
        try:
            row = decoded(line)
            again = line_of(row)
        except BROKEN as error:
            self.add(about.file, number, "NOT_JSON", f"it can't be read: {error}")
            return None
        if again != line:
            self.add(about.file, number, "NOT_CANONICAL", "it isn't written the one way")
        fields = row.get("fields") if isinstance(row, dict) else None
        if not isinstance(fields, dict) or set(row) != {"fields", "model", "pk"} or row["model"] != about.model:
            self.add(about.file, number, "NOT_A_RECORD", f"it is no record of {about.model}")
            return None
        ref = row["pk"]
        if not isinstance(ref, str):
            self.add(about.file, number, "NOT_A_RECORD", "its pk isn't text")
            return None
        known, seq = last.pop(ref, None), fields.get("from_seq")
        if about.name == "publication" and type(seq) is int and self.withheld.get(seq) == (about.table, ref):
            self._shelve(ref, seq, {**fields, "class": fields.get("publication_class")}, withheld=True)
            if fields.get("body") != {} or fields.get("detail") != {}:
                self.add(about.file, number, "ROW_DIFFERS", f"{ref}: its text is withheld, and stands here")
        elif self._is_unproven(about.table, ref, known):
            self.unproven += 1
        elif known is None or known.digest is None:
            since = "the ledger doesn't know it" if known is None else f"{LEDGER}:{known.line} removed it"
            self.add(about.file, number, "ROW_UNRECORDED", f"{ref}: {since}")
        elif hashlib.sha256(until_of(again)[1] if about.file == PUBLICATIONS else again).digest() != known.digest:
            self.add(about.file, number, "ROW_DIFFERS", f"{ref}: it isn't what {LEDGER}:{known.line} says")
        return row

    def _is_unproven(self, table: str, ref: str, known: Last | None) -> bool:
        """Whether a record's last entry is withheld: then nothing says what it must be."""
        return self.withheld_last.get((table, ref), 0) > (known.line if known else 0)

    # -- The desk's rules, record by record

    def _rule_document(self, place: Place, row: dict) -> None:
        self._dated_row(place, "document", row, "")
        self.sha256_of[place.ref] = text_of(row.get("sha256"))
        self.papers[text_of(row.get("sha256"))] = Paper(place, row.get("length"), row.get("characters"))

    def _rule_statement(self, place: Place, row: dict) -> None:
        self._dated_row(place, "statement", row, None)

    def _rule_assessment(self, place: Place, row: dict) -> None:
        self._dated_row(place, "assessment", row, "")
        self._demand(place, "assessment", row)

    def _rule_commitment(self, place: Place, row: dict) -> None:
        self._demand(place, "commitment", row)

    def _rule_deadline(self, place: Place, row: dict) -> None:
        days = row.get("earliest"), row.get("latest")
        self._date(place, "deadline", row.get("words"), row.get("edtf"), days, row.get("anchor_edtf"))

    def _rule_quote(self, place: Place, row: dict) -> None:
        self._quote(place, text_of(row.get("document")), row, bool(row.get("waiver")))

    def _rule_citation(self, place: Place, row: dict) -> None:
        codes = {"undertaking": ("NO_UNDERTAKING", "commitment"), "evidence": ("NO_EVIDENCE", "assessment")}
        code, column = codes.get(text_of(row.get("part")), ("", "commitment"))
        self.proofs.add((code, text_of(row.get(column))))

    def _rule_commitmentparty(self, place: Place, row: dict) -> None:
        if row.get("role") == "obligor":
            self.proofs.add(("NO_OBLIGOR", text_of(row.get("commitment"))))

    def _rule_assessmentsearch(self, place: Place, row: dict) -> None:
        self.proofs.add(("NO_SEARCH", text_of(row.get("assessment"))))

    def _dated_row(self, place: Place, kind: str, row: dict, anchor: str | None) -> None:
        words, edtf, first, last = (row.get(f"{WHEN[kind]}_{end}") for end in ("words", "edtf", "earliest", "latest"))
        self._date(place, kind, words, edtf, (first, last), anchor)

    def _demand(self, place: Place, kind: str, row: dict) -> None:
        if row.get("state") == "published":
            self.demands += [(place, code, place.ref) for code in needs(kind, row.get("status"))]

    # -- The checks: each adds what only all files together show, and answers (state, words) for when nothing was found

    def check_manifests(self) -> tuple[str, str]:
        """The BagIt lists, manifest.json and the files agree, and each file is written the one way."""
        for name, why in self.folder.odd:
            self.add(name, 0, "NOT_A_FILE", f"{why}, and a bundle is files alone")
        payload = {each["file"]: each for each in self.manifest.get("files", [])}
        for name, each in payload.items():
            if self.counts.get(name, each["count"]) != each["count"]:
                self.add(
                    name, 0, "WRONG_COUNT", f"it has {self.counts[name]:,} lines, {each['count']:,} in manifest.json"
                )
            if self._sum(name) not in (None, each["sha256"]):
                self.add(name, 0, "WRONG_SHA256", "its SHA-256 isn't the one in manifest.json")
        pems = {f"keys/{name}.pem" for name in self.keys}
        tags = {name for name in self.folder.files if CHECKPOINT.fullmatch(name)} | {*FIXED} | pems
        tags |= {SHOWN} & self.folder.files.keys() if self.kind == "public" else set()
        there = {name for name in self.folder.files if name.startswith("data/")}
        payload_files = {*payload, LEDGER} if payload else there
        listed_files = self._check_list(PAYLOAD_LIST, payload_files) | self._check_list(TAG_LIST, tags)
        wanted = payload_files | tags | {TAG_LIST}
        for name in sorted(self.folder.files.keys() - wanted):
            self.add(name, 0, "ADDED_FILE", "no such bundle has it, or manifest.json doesn't name it")
        for name in sorted(wanted - self.folder.files.keys() - listed_files):
            self.add(name, 0, "MISSING_FILE", "every such bundle has it")
        total = sum(self.folder.files[name] for name in there)
        identifier = f"{self.manifest.get('origin')}/{self.manifest.get('size')}/{self.kind}"
        info = "".join(
            f"{key}: {value}\n"
            for key, value in (
                ("Bag-Software-Agent", "commitment tracker"),
                ("External-Identifier", identifier),
                ("Payload-Oxum", f"{total}.{len(there)}"),
            )
        )
        for name, wanted in (("bagit.txt", BAGIT), ("bag-info.txt", info.encode())):
            content = self.folder.read(name)
            if name in self.folder.files and content != wanted and (name == "bagit.txt" or self.manifest):
                self.add(name, first_difference(content or b"", wanted), "BAGIT", "it doesn't say what it must here")
        return "ok", f"{len(self.folder.files):,} files, {sum(self.counts.values()):,} lines"

    def _sum(self, name: str) -> str | None:
        if name not in self.sums and name in self.folder.files:
            self.sums[name] = self.folder.sha256(name)
        return self.sums.get(name)

    def _check_list(self, name: str, wanted: set[str]) -> set[str]:
        """A list of hashes against the files; answers the paths that it lists."""
        previous, found, number = "", set(), 0
        for number, line in enumerate((self.tag(name) or b"").splitlines(keepends=True), 1):
            match = HASH.fullmatch(line.decode("utf-8", "replace"))
            may_be = (
                name == TAG_LIST
                and match
                and (CHECKPOINT.fullmatch(match[2]) or (match[2] == SHOWN and self.kind == "public"))
            )
            if not match or not (match[2] in wanted or may_be):
                self.add(name, number, "MANIFEST_LINE", "it is no SHA-256 and path of a file that belongs here")
                continue
            path = match[2]
            if path <= previous:
                self.add(name, number, "MANIFEST_LINE", f"{path} belongs before the line above it")
            previous = path
            found.add(path)
            if path not in self.folder.files:
                self.add(path, 0, "MISSING_FILE", f"{name}:{number} lists it")
            elif self._sum(path) != match[1]:
                self.add(path, 0, "WRONG_SHA256", f"its SHA-256 isn't the one in {name}:{number}")
        for path in sorted((wanted & self.folder.files.keys()) - found) if name in self.folder.files else ():
            self.add(name, number, "MANIFEST_LINE", f"no line lists {path}")
        return found

    def check_leaves(self) -> tuple[str, str]:
        """Each entry's text is what was hashed; what is hidden may be."""
        hidden = set(self.hidden)
        if self.kind == "full":
            for seq in self.hidden:
                if seq not in self.withheld:
                    self.add(LEDGER, seq, "HIDDEN_ENTRY", f"entry {seq} has no text, and no record says why")
        for seq in sorted(self.withheld.keys() - hidden):
            self.add(LEDGER, seq, "SHOWN_ENTRY", f"entry {seq} is said to be withheld")
        if not self.size:
            return "not run", f"{LEDGER} has no entries"
        return "ok", f"{self.size - len(hidden):,} entries, and {len(hidden):,} of which only the hashes are here"

    def check_chain(self) -> tuple[str, str]:
        """The chain is whole, and ends as manifest.json says."""
        if not self.manifest:
            return "not run", "manifest.json can't be read, so nothing says where the chain ends"
        ends = {"origin": self.origin, "size": self.size, "head": self.head(self.size).hex()}
        for name, value in ends.items():
            if self.manifest[name] != value:
                self.add(LEDGER, self.size, "WRONG_END", f"{name}: {value}, in manifest.json {self.manifest[name]}")
        return "ok", f"{self.size:,} entries, head {self.head(self.size).hex()[:16]}…"

    def check_signature(self) -> tuple[str, str]:
        """The checkpoints state this ledger, and are signed by keys that the record had by then."""
        for name, (key, _) in sorted(self.keys.items()):
            path = f"keys/{name}.pem"
            if path in self.folder.files and self.folder.read(path) != pem(key):
                self.add(path, 0, "KEY", "it isn't the key that the record says")
        notes: dict[str, Note] = {}
        for path in sorted(self.folder.files):
            place = CHECKPOINT.fullmatch(path)
            if not (place or path == "checkpoint.txt"):
                continue
            content = self.folder.read(path)
            note = note_of(content)
            if note is None:
                self.add(path, 1, "CHECKPOINT", "it isn't written as a signed note")
            elif hashlib.sha256(content).hexdigest() != self._sum(path):
                self.add(path, 0, "CHECKPOINT", "it changed while it was read")
            elif place and (str(note.size) != place[1] or note.size >= self.size or not note.signatures):
                self.add(
                    path,
                    2,
                    "CHECKPOINT",
                    f"no signed checkpoint of fewer than {self.size} entries is in the file of its size",
                )
            else:
                notes[path] = note
                self._check_note(path, note, bool(place))
        why = why_no_openssl() if any(note.signatures for note in notes.values()) else ""
        for path, note in notes.items():
            for number, (origin, name, signature) in enumerate(note.signatures, 5):
                key, since = self.keys.get(name, (b"", 0))
                if not key or since > note.size or origin != note.origin:
                    self.add(path, number, "UNKNOWN_KEY", f"the record had no key {name} by entry {note.size}")
                elif not why and not holds(key, note.text, signature):
                    self.add(path, number, "WRONG_SIGNATURE", f"it isn't the signature of {name}")
        for size in sorted(self.released):
            if size < self.size and f"checkpoints/{size}.txt" not in self.folder.files:
                self.add(
                    f"checkpoints/{size}.txt", 0, "CHECKPOINT_GONE", f"release-{size} was signed, and this isn't here"
                )
        own, unsaid = notes.get("checkpoint.txt"), self._check_shown(why)
        if self.key:
            self._check_key(self.key, notes)
        if why:
            return "not run", f"{why}; no signature was checked"
        if own is None or not own.signatures:
            return "not run", "checkpoint.txt carries no signature"
        keys = ", ".join(sorted({name for _, name, _ in own.signatures}))
        if unsaid:
            return "partly", f"the chain is signed by {keys}; {unsaid}"
        return "ok", f"checkpoint.txt and {len(notes) - 1:,} earlier, signed; this one by {keys}"

    def _check_shown(self, why: str) -> str:
        """The data files of a public bundle are those that were signed; else says why nobody can tell what was taken out."""
        if self.kind != "public":
            return ""
        if SHOWN not in self.folder.files:
            return f"{SHOWN}, which signs what is public, isn't here: what was taken out can't be told"
        content, first = self.folder.read(SHOWN) or b"", f"{self.origin}/public\n".encode()
        note = note_of(f"{self.origin}\n".encode() + content[len(first) :]) if content.startswith(first) else None
        if note is None or not note.signatures:
            self.add(SHOWN, 1, "CHECKPOINT", "it isn't a signed note on what is public of this ledger")
            return ""
        if (note.size, note.head) != (self.size, hashlib.sha256(self.folder.read(PAYLOAD_LIST) or b"").digest()):
            self.add(SHOWN, 3, "PUBLIC_DIFFERS", f"it isn't about these data files, as {PAYLOAD_LIST} lists them")
        said = first + note.text.partition(b"\n")[2]
        for number, (_origin, name, signature) in enumerate(note.signatures, 5):
            key, since = self.keys.get(name, (b"", 0))
            if not key or since > note.size or (self.key and name != key_id(self.origin, self.key)):
                self.add(SHOWN, number, "UNKNOWN_KEY", f"{name} isn't a key that counts by entry {note.size}")
            elif not why and not holds(key, said, signature):
                self.add(SHOWN, number, "WRONG_SIGNATURE", f"it isn't the signature of {name}")
        return ""

    def _check_note(self, path: str, note: Note, earlier: bool) -> None:
        if note.origin != self.origin:
            self.add(path, 1, "CHECKPOINT_DIFFERS", f"it states {note.origin}, the ledger is {self.origin}")
        elif not earlier and note.size != self.size:
            self.add(path, 2, "CHECKPOINT_DIFFERS", f"it states {note.size} entries, the ledger has {self.size}")
        elif note.head != self.head(note.size):
            self.add(path, 3, "CHECKPOINT_DIFFERS", f"the ledger has another head at entry {note.size}")

    def _check_key(self, key: bytes, notes: dict[str, Note]) -> None:
        name = key_id(self.origin, key)
        signed = {path: note for path, note in notes.items() if any(each[1] == name for each in note.signatures)}
        if "checkpoint.txt" not in signed or self.keys.get(name, (b"", 0))[0] != key:
            upto = max((note.size for note in signed.values()), default=0)
            text = f"it signed up to entry {upto}" if upto else "it signed nothing here"
            self.add("checkpoint.txt", 0, "OTHER_KEY", f"your key is {name}: {text}")

    def check_earlier(self) -> tuple[str, str]:
        """The earlier ledger is how this one begins."""
        if not self.earlier:
            return "not run", "no earlier bundle was named (--earlier)"
        old = self.earlier
        for name, line, text in old.faults:
            self.add(name, line, "EARLIER_BROKEN", text)
        for path, note in sorted(old.notes.items()):
            if note.origin != self.origin:
                self.add(LEDGER, 1, "EARLIER_DIFFERS", f"{path} is of another ledger, {note.origin}")
            elif note.size <= self.size and note.head != self.head(note.size):
                self.add(LEDGER, note.size, "EARLIER_DIFFERS", f"the chain up to here isn't that of {path}")
            kept = "checkpoint.txt" if note.size == self.size else f"checkpoints/{note.size}.txt"
            if note.signatures and note.size <= self.size and kept not in self.folder.files:
                self.add(kept, 0, "CHECKPOINT_GONE", f"{path} was signed, and isn't here")
        if old.size > self.size:
            self.add(LEDGER, self.size, "EARLIER_LONGER", f"{old.size:,} entries there, {self.size:,} here")
        common = min(len(old.chains), len(self.chains))
        if old.chains[:common] != self.chains[:common]:
            pairs = range(0, common, 32)
            first = next(at for at in pairs if old.chains[at : at + 32] != self.chains[at : at + 32]) // 32 + 1
            self.add(LEDGER, first, "EARLIER_DIFFERS", f"from here on it isn't the ledger of {old.name}")
        hidden = set(self.hidden) - self.withheld.keys()
        for seq in sorted(hidden & old.public):
            self.add(LEDGER, seq, "EARLIER_DIFFERS", f"entry {seq} was public in {old.name}, and is hidden here")
        return "ok", f"the {old.size:,} entries of {old.name} are how this ledger begins"

    def check_state(self) -> tuple[str, str]:
        """The records are what the ledger says that they are."""
        if not self.manifest or LEDGER not in self.folder.files:
            return "not run", "manifest.json or the ledger is missing or can't be read"
        for about in self.abouts:
            for ref, known in self.last[about.table].items():
                if known.digest is not None and not self._is_unproven(about.table, ref, known):
                    self.add(
                        LEDGER, known.line, "ROW_MISSING", f"{ref}: {about.file} doesn't have what this entry left"
                    )
        for versions in self.shelf.values():
            versions.sort(key=lambda each: (each.seq, each.ref))
            for version, after in zip(versions, [*versions[1:], None]):  # noqa: B905 - Python 3.9 knows no strict
                line, until = self.spans.get(version.ref, (0, None))
                if line and until != (after.seq if after else None):
                    self.add(
                        PUBLICATIONS, line, "WRONG_SPAN", f"{version.ref}: until_seq isn't the next version's entry"
                    )
        unproven = f"; not compared: {self.unproven:,} whose last entry is withheld" if self.unproven else ""
        rows = sum(count for name, count in self.counts.items() if name != LEDGER)
        return "partly" if unproven else "ok", f"{rows:,} records follow from the ledger{unproven}"

    def check_rules(self) -> tuple[str, str]:
        """What must hold of whatever is public, and of places and dates on the desk."""
        if not self.manifest:
            return "not run", "manifest.json is missing or can't be read"
        self._check_versions()
        known = {
            record
            for (kind, record), made in self.shelf.items()
            if kind == "statement" and any(each.withheld or not each.tombstone for each in made)
        }
        for place, statement in self.stated:
            if statement not in known:
                self.pending.append((place, "NO_STATEMENT", f"{place.ref}: {statement} was never public"))
        lost = any(table != f"{TABLE}publication" for table, _ in self.withheld.values())
        for place, code, record in self.demands:
            if (code, record) not in self.proofs and not lost:
                self.pending.append((place, code, f"{record}: {WORDS_OF[code]}"))
        for quote in self.quotes:
            paper = self.papers.get(self._sha256(quote))
            if paper and not (is_count(paper.characters) and quote.end <= paper.characters):
                self.pending.append(
                    (
                        quote.place,
                        "QUOTE_SPAN",
                        f"{quote.place.ref} ends at {quote.end}, beyond its document's end",
                    )
                )
            elif not paper and self.kind == "full" and not lost:
                self.pending.append((quote.place, "QUOTE_SPAN", f"{quote.place.ref}: its document isn't in the record"))
        self._tell()
        count = sum(map(len, self.shelf.values()))
        if self.kind == "public":
            return "partly", f"{count:,} public versions hold; not run: four eyes, for who changed what isn't public"
        if self.withheld:
            return "partly", f"{count:,} public versions hold, and the desk; not run: what needs a withheld entry"
        return "ok", f"{count:,} public versions, and the desk"

    def _tell(self) -> None:
        """Tells what is pending, at the version's own line where it has one."""
        for place, code, text in self.pending:
            line = self.spans.get(place.ref, (0, None))[0] if place.file == LEDGER else 0
            self.add(PUBLICATIONS if line else place.file, line or place.line, code, text)
        self.pending.clear()

    def _check_versions(self) -> None:
        for (kind, _record), made in self.shelf.items():
            gone = False
            for number, version in enumerate(made, 1):
                fault = ""
                if version.version != number or (number == 1 and not (version.fresh or version.withheld)):
                    fault = f"it can't be version {number} of its record"
                elif gone and kind != "quote":  # a quote comes back with what cites it
                    fault = "its record was retracted before"
                if fault:
                    self.pending.append(
                        (Place(LEDGER, version.seq, version.ref), "WRONG_VERSION", f"{version.ref}: {fault}")
                    )
                gone = version.tombstone and not version.withheld
        for key, version, place, touched, actor in self.approvals:
            since = max((each.seq for each in self.shelf[key] if each.seq < version.seq and each.approved), default=0)
            if touched > since:
                self.pending.append(
                    (place, "FOUR_EYES", f"{place.ref}: {actor} changed it in {LEDGER}:{touched} and approved it")
                )

    def _sha256(self, quote: Quoted) -> str:
        """A public version names its document by its SHA-256, a record of the desk by its reference."""
        return quote.document if quote.place.file == LEDGER else self.sha256_of.get(quote.document, "")

    def check_documents(self) -> tuple[str, str]:
        """The quotes stand where they say in the auditor's own copies."""
        if not self.documents:
            return "not run", "no folder of documents was named (--documents)"
        if not self.manifest:
            return "not run", "manifest.json is missing or can't be read"
        copies = copies_in(self.documents, set(self.papers))
        quotes = defaultdict(list)
        for quote in self.quotes:
            if quote.texts:
                quotes[self._sha256(quote)].append(quote)
        for sha256, path in sorted(copies.items()):
            self._check_copy(self.papers[sha256], path, quotes[sha256])
        self._tell()
        done = f"{sum(len(quotes[sha256]) for sha256 in copies):,} quotes, as recorded and as published, hold in {len(copies):,} documents"
        missing = sorted(self.papers.keys() - copies.keys())
        if missing:
            left = sum(len(quotes[sha256]) for sha256 in missing)
            names = ", ".join(f"{self.papers[sha256].place.ref} (SHA-256 {sha256})" for sha256 in missing)
            return "partly", f"{done}; not run: {left:,} quotes of what {self.documents} hasn't got: {names}"
        return "ok", done

    def _check_copy(self, paper: Paper, path: Path, quotes: list[Quoted]) -> None:
        content = path.read_bytes()
        try:
            text = content.decode("utf-8")
        except ValueError:
            text = ""
        if (len(content), len(text)) != (paper.length, paper.characters):
            text_of = f"{len(content)} bytes and {len(text)} characters in UTF-8"
            self.pending.append((paper.place, "DOCUMENT_DIFFERS", f"{paper.place.ref}: {path.name} has {text_of}"))
        for quote in quotes:
            exact, prefix, suffix = quote.texts
            around = isinstance(prefix, str) and isinstance(suffix, str)
            around = around and text[: quote.start].endswith(prefix) and text[quote.end :].startswith(suffix)
            if text[quote.start : quote.end] != exact or not around:
                self.pending.append(
                    (quote.place, "QUOTE_DIFFERS", f"{quote.place.ref}: {path.name} has other words there")
                )


# ---- The command


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Checks a bundle of the commitment tracker, offline.",
        epilog="Exit codes: " + "; ".join(f"{code} {words}" for code, words in EXITS.items()) + ".",
    )
    parser.add_argument(
        "bundle", nargs="?", default=Path(__file__).absolute().parent, help="its folder (else this file's)"
    )
    parser.add_argument("--earlier", metavar="OLD", help="an older bundle, or a checkpoint.txt that you kept")
    parser.add_argument("--documents", metavar="DIR", help="a folder with your own copies of the documents")
    parser.add_argument("--key", metavar="PEM", help="the public key, from where you trust it")
    options = parser.parse_args(arguments)
    gc.disable()  # nothing here goes in circles, and looking for circles takes a tenth of the time
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    report = check(options.bundle, options.earlier, options.documents, options.key, progress=tell)
    for finding in report.findings:
        tell(finding)
    tell(f"exit code {report.exit_code}: {EXITS[report.exit_code]}")
    gc.freeze()  # nor are they looked for at the end
    return report.exit_code


def tell(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
