"""What an answer depends on, as its ETag: this build, the ledger's head, the UTC day, the address asked for."""

import datetime
import functools
import hashlib
import pathlib

from django.http import HttpRequest

from .. import codebook
from ..ledger import Entry

HERE = pathlib.Path(__file__).parent


def today() -> datetime.date:
    """The UTC day."""
    return datetime.datetime.now(datetime.UTC).date()


@functools.cache
def build() -> str:
    """The public door's code, codebook and page, in short: with another one, every answer may be another."""
    files = [*sorted(HERE.glob("*.py")), codebook.PATH, HERE.parent / "templates/commitments/home.html"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def data() -> str:
    """The ledger's head and the UTC day: what is public changes with no other."""
    return f"{Entry.objects.size()} {today()}"


def etag(request: HttpRequest, media_type: str, version: str) -> str:
    """A weak ETag, since a proxy may compress."""
    asked = "\n".join([build(), version, media_type, request.get_host(), request.get_full_path(), request.scheme])
    return f'W/"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'


def is_current(request: HttpRequest, tag: str) -> bool:
    """Whether If-None-Match names this very ETag; `*` says nothing about it."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    return tag.removeprefix("W/") in (each.strip().removeprefix("W/") for each in given.split(","))
