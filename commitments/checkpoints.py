"""Checkpoints: the ledger's size and head, signed by a key that is kept outside the database, and releases made of them."""

import base64
import hashlib
import pathlib

import pgtrigger
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import ReferenceField
from .ledger import GENESIS, Announce, Entry, Refuse, recorded

RAW = {"encoding": serialization.Encoding.Raw, "format": serialization.PublicFormat.Raw}
PEM = {"encoding": serialization.Encoding.PEM, "format": serialization.PublicFormat.SubjectPublicKeyInfo}
ED25519 = b"\x01"  # the algorithm's number in a signed note
KEEP = pgtrigger.Update | pgtrigger.Delete


class BadKey(ValueError):
    """The signing key can't be used; the message says why and what to do."""


class SigningKey(models.Model):
    """A public key whose signatures count from its entry in the ledger on. `public_key` is its 32 bytes in base64."""

    ref = ReferenceField()
    public_key = models.CharField(_("public key"), max_length=44, unique=True, db_collation="C")

    class Meta:
        ordering = ("ref",)
        triggers = [*recorded(), Refuse(name="keep_key", operation=KEEP)]
        constraints = (
            models.CheckConstraint(
                condition=models.Q(public_key__regex="^[A-Za-z0-9+/]{43}=$"), name="key_is_32_bytes"
            ),
        )

    def __str__(self) -> str:
        return self.ref

    @property
    def public(self) -> Ed25519PublicKey:
        """The key, to check signatures with."""
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public_key))

    @property
    def pem(self) -> str:
        """The key as other programs read it (SubjectPublicKeyInfo)."""
        return self.public.public_bytes(**PEM).decode()


class Checkpoint(models.Model):
    """The signed note on the ledger when it had `size` entries. A size is signed once; not a record, but a word about all of them."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()

    class Meta:
        ordering = ("size",)
        triggers = [Refuse(name="keep_checkpoint", operation=KEEP | pgtrigger.Truncate)]
        constraints = (models.CheckConstraint(condition=models.Q(size__gt=0), name="checkpoint_of_something"),)

    def __str__(self) -> str:
        return str(self.size)


class Release(models.Model):
    """A public bundle that was published: the ledger's size and head, and the SHA-256 of the list of its data files' hashes."""

    ref = ReferenceField()
    size = models.BigIntegerField(_("entries"), unique=True)
    head = models.CharField(_("head of the chain"), max_length=64)
    digest = models.CharField(_("SHA-256 of its manifest-sha256.txt"), max_length=64)
    note = models.TextField(_("signed note on that"))

    class Meta:
        ordering = ("-size",)
        triggers = [*recorded(), Announce(), Refuse(name="keep_release", operation=KEEP)]
        constraints = (models.CheckConstraint(condition=models.Q(size__gt=0), name="release_of_something"),)

    def __str__(self) -> str:
        return self.ref


def origin(first_chain: str | None) -> str:
    """The ledger's lasting name, by its first entry's chain value (hex; None: it is empty)."""
    return f"commitment-tracker/{first_chain[:32] if first_chain else 'empty'}"


def origin_of(using: str = "default") -> str:
    """This database's ledger's name."""
    return origin(Entry.objects.using(using).filter(seq=1).values_list("chain", flat=True).first())


def head(size: int, using: str = "default") -> str:
    """The chain's value (hex) after `size` entries."""
    return Entry.objects.using(using).values_list("chain", flat=True).get(seq=size) if size else GENESIS


def key_id(name: str, public_key: bytes) -> bytes:
    """The 4 bytes by which a signed note tells a key (C2SP signed-note: of the origin's name and the key)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def text(name: str, size: int, chain: str) -> str:
    """What is signed: origin, size and head, a line each (C2SP tlog-checkpoint)."""
    return f"{name}\n{size}\n{base64.b64encode(bytes.fromhex(chain)).decode()}\n"


def unsigned(name: str, size: int, chain: str) -> str:
    """A note that nobody signed."""
    return text(name, size, chain) + "\n"


def signed(name: str, size: int, chain: str, key: Ed25519PrivateKey, about: str = "") -> str:
    """The note with its signature line; `about` is put behind the origin where it states something else than the head."""
    content = text(name + about, size, chain)
    raw = key.public_key().public_bytes(**RAW)
    signature = base64.b64encode(key_id(name, raw) + key.sign(content.encode())).decode()
    return f"{content}\n— {name} {signature}\n"


def is_note(note: str) -> bool:
    """Whether a note carries a signature, good or bad."""
    return "\n\n— " in note


def is_signed(note: str, name: str, key: Ed25519PublicKey) -> bool:
    """Whether one of the note's signature lines is this key's, and holds."""
    content, _blank, lines = note.partition("\n\n")
    start = f"— {name} "
    for line in lines.splitlines():
        try:
            packed = base64.b64decode(line.removeprefix(start), validate=True)
            key.verify(packed[4:], f"{content}\n".encode())
        except (ValueError, InvalidSignature):
            continue
        if line.startswith(start) and packed[:4] == key_id(name, key.public_bytes(**RAW)):
            return True
    return False


def private_key() -> Ed25519PrivateKey | None:
    """The key that signs here, from the PEM file that TRACKER_SIGNING_KEY names; None if none is named. BadKey if it is no such file."""
    if not settings.SIGNING_KEY:
        return None
    path = pathlib.Path(settings.SIGNING_KEY)
    fix = "Make one, say by `openssl genpkey -algorithm ed25519 -out KEYFILE`, and name it in TRACKER_SIGNING_KEY."
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise BadKey(f"TRACKER_SIGNING_KEY={path} can't be read: {error.strerror}. {fix}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(f"TRACKER_SIGNING_KEY={path} is no private key in PEM without a password. {fix}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"TRACKER_SIGNING_KEY={path} is a key of another kind; Ed25519 is needed. {fix}")
    return key


def public_record(key: Ed25519PrivateKey, name: str) -> SigningKey:
    """The record of a key's public half, unsaved."""
    raw = key.public_key().public_bytes(**RAW)
    return SigningKey(ref=f"key-{key_id(name, raw).hex()}", public_key=base64.b64encode(raw).decode())
