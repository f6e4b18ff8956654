"""The local mode of `make run` and `manage.py`: a stored secret, loopback hosts, plain HTTP, one port."""

import contextlib
import hashlib
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from tracker import PROJECT, data_dir

HOSTS = "127.0.0.1,localhost,[::1]"
SHIPPED = PROJECT / "fixtures"


def prepare() -> bool:
    """Set the local mode in the environment, children included, and return True; False for an operator's settings.

    An operator is whoever sets DJANGO_SECRET_KEY or DJANGO_ALLOWED_HOSTS: then production settings hold, or refuse.
    """
    if os.environ.get("DJANGO_SECRET_KEY") or os.environ.get("DJANGO_ALLOWED_HOSTS"):
        return False
    os.environ.update(DJANGO_SECRET_KEY=secret(), DJANGO_ALLOWED_HOSTS=HOSTS, DJANGO_PLAIN_HTTP="1")
    os.environ.setdefault("TRACKER_SIGNING_KEY", str(signing_key()))
    return True


def secret() -> str:
    """Return this installation's random secret, made at the first call and readable by its owner only."""
    file = _made_once("secret-key", lambda: secrets.token_urlsafe(64))
    try:
        return file.read_text()
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{file} belongs to another user. Run as that user, or set TRACKER_DATA_DIR to a folder of your own."
        ) from error


def signing_key() -> Path:
    """Return the file of this installation's key for signing checkpoints, made at the first call."""
    return _made_once("signing-key.pem", _new_key)


def _new_key() -> str:
    from cryptography.hazmat.primitives import serialization as form  # slow to load, and needed just once
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    plain = form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(*plain).decode()


def _made_once(name: str, make: Callable[[], str]) -> Path:
    file = data_dir() / name
    if not file.exists():
        # Linked into place when complete: of two first calls one wins, and a kill leaves no half of a secret.
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=name) as draft:
            draft.write(make())
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, file)
    return file


def port() -> int:
    """Return the port to serve on: TRACKER_PORT, else 8000."""
    told = os.environ.get("TRACKER_PORT") or "8000"
    if not (told.isascii() and told.isdigit() and 1 <= int(told) <= 65535):
        raise ImproperlyConfigured(f"TRACKER_PORT={told!r} is no port. Set it to a number from 1 to 65535, say 8001.")
    return int(told)


def require_free_port() -> None:
    """Raise ImproperlyConfigured, naming the way out, where another program listens on the port."""
    address = ("127.0.0.1", port())
    with socket.socket() as knock, socket.socket() as probe:
        knock.settimeout(2)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Binding finds most; where one program may bind beside another's wildcard address, a connection finds it.
        try:
            if knock.connect_ex(address) == 0:
                raise OSError("another program answers there")
            probe.bind(address)
        except OSError as error:
            raise ImproperlyConfigured(
                f"Port {port()} on 127.0.0.1 can't be used: {error.strerror or error}. Stop that program, or choose "
                f"another port: TRACKER_PORT={port() % 65535 + 1} make run"
            ) from error


def answers() -> bool:
    """Tell whether a program takes connections on the port."""
    with socket.socket() as knock:
        knock.settimeout(2)
        return knock.connect_ex(("127.0.0.1", port())) == 0


def shipped() -> str:
    """Return the digest of the shipped records' manifests, "" where none are shipped."""
    manifests = sorted(SHIPPED.glob("*manifest*"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in manifests)).hexdigest() if manifests else ""


def taken() -> str:
    """Return the digest of the shipped records that this installation took last, "" for none."""
    file = _taken_file()
    return file.read_text() if file.exists() else ""


def take_shipped() -> None:
    """Note that this installation has the records that are shipped now."""
    _taken_file().write_text(shipped())


def _taken_file() -> Path:
    return data_dir() / "shipped"
