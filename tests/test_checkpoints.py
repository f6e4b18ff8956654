"""Checkpoints: a size is signed once, by a key that the ledger knows, and nobody alters what was signed."""

import base64
import contextlib
import shutil
import subprocess
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction

from commitments import checkpoints, fixtures, verification
from commitments.checkpoints import Checkpoint, SigningKey
from commitments.ledger import Entry, act
from tests import builders

ORIGIN = "commitment-tracker/" + "ab" * 16
HEAD = "cd" * 32


@pytest.fixture
def key(tmp_path, settings):
    """Another key than this installation's, named in the settings."""
    return use(ed25519.Ed25519PrivateKey.generate(), tmp_path / "key.pem", settings)


def use(key, path, settings):
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*plain))
    settings.SIGNING_KEY = str(path)
    return key


def export(folder, **asked):
    return fixtures.export(folder, by="auditor", reason="take it home", **asked)


def test_a_note_says_origin_size_and_head_and_openssl_finds_its_signature_good(tmp_path):
    key = ed25519.Ed25519PrivateKey.generate()
    note = checkpoints.signed(ORIGIN, 7, HEAD, key)
    content, _blank, signature = note.partition("\n\n")
    assert content.split("\n") == [ORIGIN, "7", base64.b64encode(bytes.fromhex(HEAD)).decode()]
    assert signature.startswith(f"— {ORIGIN} ")
    record = checkpoints.public_record(key, ORIGIN)
    packed = base64.b64decode(signature.split()[-1])
    assert record.ref == f"key-{packed[:4].hex()}"
    (tmp_path / "key.pem").write_text(record.pem)
    (tmp_path / "note").write_text(content + "\n")
    (tmp_path / "signature").write_bytes(packed[4:])
    openssl = shutil.which("openssl") or pytest.fail("openssl is missing; install it, say by apt-get install openssl")
    command = [
        openssl,
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "note",
        "-sigfile",
        "signature",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


ALTERED = {
    "another size": lambda note: note.replace("\n7\n", "\n8\n"),
    "another signature": lambda note: note[:-5] + ("AAAA" if note[-5:-1] != "AAAA" else "BBBB") + "\n",
    "another name before it": lambda note: note.replace(f"— {ORIGIN}", "— nobody"),
    "another key's number": lambda note: note.replace(
        note.split()[-1], base64.b64encode(b"1234" + base64.b64decode(note.split()[-1])[4:]).decode()
    ),
    "no signature": lambda note: note.partition("\n\n")[0] + "\n\n",
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_note_is_not_signed(name):
    key = ed25519.Ed25519PrivateKey.generate()
    note = checkpoints.signed(ORIGIN, 7, HEAD, key)
    assert checkpoints.is_signed(note, ORIGIN, key.public_key())
    assert not checkpoints.is_signed(ALTERED[name](note), ORIGIN, key.public_key())
    assert not checkpoints.is_signed(note, ORIGIN, ed25519.Ed25519PrivateKey.generate().public_key())


def test_a_size_that_was_signed_ships_its_note_and_needs_no_key(published_database, key, tmp_path, settings):
    first = export(tmp_path / "first")
    assert first["signed"]
    settings.SIGNING_KEY = ""
    assert export(tmp_path / "second") == first
    assert (tmp_path / "first/checkpoint.txt").read_text() == (tmp_path / "second/checkpoint.txt").read_text()
    assert Checkpoint.objects.count() == 1


def test_a_change_of_key_is_an_entry_of_its_own(published_database, key, tmp_path, settings):
    export(tmp_path / "one")
    other = use(ed25519.Ed25519PrivateKey.generate(), tmp_path / "other.pem", settings)
    assert export(tmp_path / "one")["size"] == Entry.objects.size()  # signed already: no new key is needed
    with act(actor="author", reason="go on"):
        builders.topic("economy")
    export(tmp_path / "two")
    entries = Entry.objects.filter(table="commitments_signingkey").order_by("seq")
    assert [(entry.actor, entry.reason) for entry in entries] == [("auditor", "take it home")] * 2
    assert SigningKey.objects.get(pk=entries[1].reference).public == other.public_key()
    assert sorted(path.name for path in (tmp_path / "two/keys").iterdir()) == sorted(
        f"{entry.reference.removeprefix('key-')}.pem" for entry in entries
    )
    assert [path.name for path in (tmp_path / "two/checkpoints").iterdir()] == [f"{entries[0].seq}.txt"]
    assert list(verification.ledger()) == []


def test_an_export_whose_key_is_known_waits_for_nobody_who_writes(published_database, key, tmp_path):
    export(tmp_path / "one")
    with act(actor="author", reason="go on"):
        builders.topic("economy")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK TABLE commitments_signingkey IN SHARE ROW EXCLUSIVE MODE")
        assert export(tmp_path / "two")["signed"]


def test_a_key_that_another_export_records_at_the_same_moment_is_recorded_once(
    published_database, key, tmp_path, monkeypatch
):
    @contextlib.contextmanager
    def later(**told):
        monkeypatch.undo()
        export(tmp_path / "other")
        with act(**told):
            yield

    monkeypatch.setattr(fixtures, "act", later)
    assert export(tmp_path / "mine")["signed"]
    assert (SigningKey.objects.count(), list(verification.ledger())) == (1, [])


def test_of_two_exports_that_find_a_key_missing_one_records_it(published_database, key, tmp_path, monkeypatch):
    find, looks, mine = fixtures._unrecorded, [], threading.current_thread()

    def export_too():
        try:
            export(tmp_path / "other")
        finally:
            connections.close_all()

    other = threading.Thread(target=export_too, daemon=True)

    def found(asked):
        record = find(asked)
        if threading.current_thread() is mine:
            looks.append(record)
            if len(looks) == 2:  # under the lock, before it is recorded
                other.start()
                other.join(60)
        return record

    monkeypatch.setattr(fixtures, "_unrecorded", found)
    assert export(tmp_path / "mine")["signed"]
    assert (tmp_path / "other/checkpoint.txt").exists()
    assert (SigningKey.objects.count(), list(verification.ledger())) == (1, [])


def test_a_size_before_the_keys_entry_stays_unsigned(published_database, key, tmp_path):
    size = Entry.objects.size()
    export(tmp_path / "now")
    assert not export(tmp_path / "then", at=size)["signed"]
    assert (tmp_path / "then/checkpoint.txt").read_text().endswith("=\n\n")
    assert Checkpoint.objects.count() == 1


def test_without_a_key_a_bundle_is_made_and_says_that_nobody_signed_it(published_database, settings, tmp_path, capsys):
    settings.SIGNING_KEY = ""
    call_command("export_fixtures", tmp_path / "bundle")
    assert "not signed (TRACKER_SIGNING_KEY names no key)" in capsys.readouterr().out
    assert not Checkpoint.objects.exists()


def test_an_empty_ledger_has_a_bundle_and_nothing_to_sign(fresh_database, key, tmp_path):
    with connections["owner"].cursor() as cursor:  # as before the groups were recorded
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER; DELETE FROM ledger_entry")
    made = export(tmp_path / "bundle")
    assert (made["size"], made["origin"], made["signed"]) == (0, "commitment-tracker/empty", False)


BAD_KEYS = {
    "no such file": (lambda path: None, "can't be read: No such file"),
    "no key": (lambda path: path.write_text("x"), "is no private key in PEM"),
    "another kind": (
        lambda path: path.write_bytes(
            rsa.generate_private_key(65537, 2048).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        "is a key of another kind; Ed25519 is needed",
    ),
}


def test_a_key_that_cannot_sign_stops_the_export_saying_why(published_database, settings, tmp_path):
    settings.SIGNING_KEY = str(tmp_path / "key.pem")
    size = Entry.objects.size()
    for make, words in BAD_KEYS.values():
        make(tmp_path / "key.pem")
        with pytest.raises(CommandError, match=rf"TRACKER_SIGNING_KEY=.*key.pem {words}.*openssl genpkey"):
            call_command("export_fixtures", tmp_path / "bundle")
        assert not (tmp_path / "bundle").exists()
        assert Entry.objects.size() == size


def test_what_was_signed_stays(published_database, key, tmp_path):
    export(tmp_path / "bundle")
    for alias in ("default", "owner"):
        for statement in (
            "UPDATE commitments_checkpoint SET note = ''",
            "DELETE FROM commitments_checkpoint",
            "TRUNCATE commitments_checkpoint",
            "DELETE FROM commitments_signingkey",
            "UPDATE commitments_signingkey SET public_key = public_key",
        ):
            with pytest.raises(ProgrammingError, match="refused|permission denied"):
                builders.by_hand(statement, using=alias)


FORGED = {
    "a note on another ledger": (lambda note: note.replace("commitment-tracker/", "other/"), "CHECKPOINT"),
    "a note that nobody signed": (lambda note: note.partition("\n\n")[0] + "\n\n", "SIGNATURE"),
}


def test_verify_finds_a_forged_checkpoint(published_database, key, tmp_path):
    size = export(tmp_path / "bundle")["size"]
    note = Checkpoint.objects.get().note
    found = {}
    for name, (forge, _code) in FORGED.items():
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE commitments_checkpoint DISABLE TRIGGER USER")
            cursor.execute("UPDATE commitments_checkpoint SET note = %s", [forge(note)])
            cursor.execute("ALTER TABLE commitments_checkpoint ENABLE TRIGGER USER")
        found[name] = [(finding.line, finding.code) for finding in verification.ledger()]
    assert found == {name: [(size, code)] for name, (_forge, code) in FORGED.items()}


def test_keys_checkpoints_releases_and_withheld_entries_are_called_by_their_references(db):
    made = builders.everything()
    called = [str(made[name]) for name in ("key", "release", "withholding")] + [str(Checkpoint.objects.get())]
    assert called == [made["key"].pk, "release-1", "withholding-999999", "1"]
