"""Bundles: the same data gives the same bytes, out and in again, and a damaged one is refused."""

import gc
import hashlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DataError, OperationalError, connections

from commitments import actions, beside, fixtures, models, verification
from commitments.bundle import verify
from commitments.findings import Faulty, Finding
from commitments.ledger import LEASE, Entry, act, chain_hash, leaf_hash
from tests import builders, ending
from tests.builders import bytes_of
from tests.meanwhile import until_it_waits
from tracker import PROJECT


@pytest.fixture
def filled(published_database):
    """A database that holds a published commitment, an assessment and a retraction."""
    made = published_database
    with act(actor="author", reason="judge"):
        judged = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]])
        other = builders.party("league", party_kind="coalition")
    actions.publish([judged, other], by="approver", reason="checked")
    actions.retract(other, by="approver", reason="recorded twice")
    return made


def export(folder, **asked):
    return fixtures.export(folder, by="auditor", reason="take it home", **asked)


def test_a_bundle_has_a_file_a_model_with_sorted_canonical_lines(filled, tmp_path):
    manifest = export(tmp_path / "bundle")
    names = [*map(fixtures.file_of, fixtures.MODELS), "ledger.jsonl"]
    assert [entry["file"] for entry in manifest["files"]] == [f"data/{name}" for name in names]
    for entry in manifest["files"]:
        content = (tmp_path / "bundle" / entry["file"]).read_bytes()
        records = [json.loads(one) for one in content.splitlines()]
        assert (len(records), hashlib.sha256(content).hexdigest()) == (entry["count"], entry["sha256"])
        keys = [record.get("pk", record.get("seq")) for record in records]
        assert keys == sorted(keys)
        for one, record in zip(content.splitlines(), records, strict=True):
            assert one.decode() == json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_no_text_of_a_document_and_no_user_is_in_a_bundle(filled, tmp_path):
    document = filled["document"]
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with act(actor="author", reason="a colleague"):
        user = models.User.objects.create_user("canary-name", password="canary-password")
    key, codes = builders.factor(user)
    hidden = models.RecoveryCode.objects.values_list("token", flat=True)
    export(tmp_path / "bundle")
    assert verify.check(tmp_path / "bundle").findings == []
    content = b"".join(bytes_of(tmp_path / "bundle").values()).decode()
    assert "Enrol a second factor" in content
    assert not [secret for secret in (key, *codes, *hidden) if secret in content]
    assert builders.TEXT[70:] not in content
    assert "canary-password" not in content
    assert "pbkdf2" not in content


@pytest.mark.prove
def test_what_stays_on_its_machine_can_be_made_anew_after_a_restore(filled, tmp_path, empty_database):
    actions.attach(filled["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with act(actor="author", reason="a colleague"):
        first = models.User.objects.create_user("colleague", password="long enough")
    builders.factor(first)
    export(tmp_path / "bundle")
    with empty_database():
        fixtures.restore(tmp_path / "bundle")
        document = models.Document.objects.get()
        actions.attach(document, builders.TEXT.encode(), by="author", reason="attach again", now=builders.NOW)
        with act(actor="author", reason="another"):
            other = models.User.objects.create_user("another")
        assert other.pk > first.pk
        builders.factor(other)
        assert list(verification.ledger()) == []


@pytest.mark.no_cover
def test_out_in_and_out_again_gives_the_same_bytes(filled, tmp_path, empty_database):
    export(tmp_path / "one")
    versions = models.Publication.objects.count()
    standings = sorted(
        map(str, models.Standing.objects.values_list("publication", "party", "first", "status", "schedule", "body"))
    )
    with empty_database():
        assert fixtures.restore(tmp_path / "one") > versions
        export(tmp_path / "two")
        assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
        assert (
            sorted(
                map(
                    str,
                    models.Standing.objects.values_list("publication", "party", "first", "status", "schedule", "body"),
                )
            )
            == standings
        )
        assert list(verification.ledger()) == []
        size = Entry.objects.count()
        with act(actor="author", reason="go on"):
            builders.topic("economy")
        assert Entry.objects.latest("seq").seq == size + 1
        assert list(verification.ledger()) == []


def test_an_import_leaves_every_index_and_constraint_as_it_was(filled, tmp_path, empty_database):
    def declared():
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint UNION ALL "
                "SELECT tablename::text, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2, 3"
            )
            return cursor.fetchall()

    export(tmp_path / "bundle")
    with empty_database():
        before = declared()
        fixtures.restore(tmp_path / "bundle")
        assert declared() == before


def test_an_export_replaces_a_bundle_whole_and_leaves_other_folders_alone(filled, tmp_path):
    export(tmp_path / "bundle")
    before = bytes_of(tmp_path / "bundle")
    export(tmp_path / "bundle")
    assert bytes_of(tmp_path / "bundle") == before
    (tmp_path / "bundle/thesis.txt").write_text("mine")
    with pytest.raises(Faulty, match=r"NOT_A_BUNDLE the folder holds thesis\.txt"):
        export(tmp_path / "bundle")
    (tmp_path / "bundle/thesis.txt").unlink()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/letter.txt").write_text("mine")
    with pytest.raises(Faulty, match="NOT_A_BUNDLE"):
        export(tmp_path / "other")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["bundle", "other"]


def test_an_export_that_fails_leaves_the_old_bundle_and_no_half_one(filled, tmp_path, monkeypatch):
    export(tmp_path / "bundle")
    before = bytes_of(tmp_path / "bundle")
    monkeypatch.setattr(fixtures, "ledger", lambda *asked: iter([b"x", 1]))
    with pytest.raises(TypeError):
        export(tmp_path / "bundle")
    assert bytes_of(tmp_path / "bundle") == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_an_export_to_where_nothing_can_be_written_says_so(filled, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match=r"bundle:0 NOT_WRITTEN .*file"):
        call_command("export_fixtures", tmp_path / "file" / "bundle")


@pytest.mark.prove
def test_an_earlier_size_comes_out_of_the_ledger_as_it_was(filled, tmp_path):
    size = Entry.objects.size()
    data = {
        name: content for name, content in bytes_of(exported(tmp_path / "then")).items() if name.startswith("data/")
    }
    at_the_time = max(size, Entry.objects.size())  # with the entry of the key that signed
    with act(actor="author", reason="go on"):
        models.Party.objects.filter(pk="north").update(name={"en": "The North"})
        builders.topic("economy")
        models.PartyAlias.objects.all().delete()
    actions.publish(models.Topic.objects.filter(pk="economy"), by="approver", reason="checked")
    actions.publish(models.Party.objects.filter(pk="north"), by="approver", reason="checked")
    export(tmp_path / "now")
    export(tmp_path / "again", at=at_the_time)
    again = bytes_of(tmp_path / "again")
    assert {name: again[name] for name in data} == data
    assert again == bytes_of(tmp_path / "then")
    assert verify.check(tmp_path / "now", earlier=tmp_path / "then").findings == []


def exported(folder, **asked):
    export(folder, **asked)
    return folder


def test_a_size_that_the_ledger_never_had_is_refused(filled, tmp_path):
    for size in (-1, 10_000):
        with pytest.raises(CommandError, match="NO_SUCH_SIZE the ledger has"):
            call_command("export_fixtures", tmp_path / "bundle", at=size)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def edit_manifest(change):
    """Alters manifest.json and the lists of hashes above it, as somebody would who knows what they do."""

    def edit(bundle):
        manifest = json.loads((bundle / "manifest.json").read_text())
        change(manifest)
        (bundle / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        list_anew(bundle)

    return edit


def list_anew(bundle):
    for name, folder in (("manifest-sha256.txt", "data/"), ("tagmanifest-sha256.txt", "")):
        lines = (bundle / name).read_text().splitlines()
        paths = [line.split("  ")[1] for line in lines]
        assert all(path.startswith(folder) for path in paths)
        hashes = [hashlib.sha256((bundle / path).read_bytes()).hexdigest() for path in paths]
        (bundle / name).write_text("".join(f"{digest}  {path}\n" for digest, path in zip(hashes, paths, strict=True)))


DAMAGE = {
    "a flipped bit": lambda bundle: flip(bundle / "data/quote.jsonl"),
    "a file too many": lambda bundle: (bundle / "extra.txt").write_text("x"),
    "a file too few": lambda bundle: (bundle / "data/party.jsonl").unlink(),
    "a wrong count": edit_manifest(lambda manifest: manifest["files"][0].update(count=9)),
    "another schema": edit_manifest(lambda manifest: manifest.update(schema="0999_x")),
    "no manifest": lambda bundle: (bundle / "manifest.json").unlink(),
}


def test_a_damaged_bundle_is_refused_and_nothing_is_written(filled, tmp_path, empty_database):
    export(tmp_path / "bundle")
    refused = {}
    with empty_database():
        for name, damage in DAMAGE.items():
            damage(shutil.copytree(tmp_path / "bundle", tmp_path / name))
            with pytest.raises(Faulty):
                fixtures.restore(tmp_path / name)
            refused[name] = not (models.Party.objects.exists() or Entry.objects.exclude(actor="migrate").exists())
    assert refused == dict.fromkeys(DAMAGE, True)


def test_a_bundle_of_another_schema_is_told_so_before_it_is_proved(filled, tmp_path, empty_database):
    """Proving takes minutes, and an edited manifest has another hash, too."""
    export(tmp_path / "bundle")
    DAMAGE["another schema"](tmp_path / "bundle")
    with empty_database(), pytest.raises(Faulty) as refused:
        fixtures.restore(tmp_path / "bundle")
    assert [finding.code for finding in refused.value.findings] == ["OTHER_SCHEMA"]


def one_more(manifest):
    about = {"file": "data/zebra.jsonl", "model": "commitments.zebra", "table": "commitments_zebra", "columns": {}}
    manifest["files"].insert(-1, about | {"count": 0, "sha256": hashlib.sha256().hexdigest()})


OTHER_FILES = {
    "one more": one_more,
    "one less": lambda manifest: manifest["files"].pop(0),
    "other columns": lambda manifest: manifest["files"][0].update(columns={"name": "title"}),
}


@pytest.mark.parametrize("how", OTHER_FILES)
def test_a_bundle_of_other_files_than_its_schema_has_is_told_so(filled, tmp_path, empty_database, how):
    """A file more would be lost, and its database could write no bundle any more."""
    export(tmp_path / "bundle")
    edit_manifest(OTHER_FILES[how])(tmp_path / "bundle")
    with empty_database():
        with pytest.raises(Faulty, match="OTHER_SCHEMA its files and their columns aren't those of"):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def test_what_is_no_file_is_never_opened(filled, tmp_path, empty_database):
    """Else a pipe would hold all tables until somebody writes to it."""
    export(tmp_path / "bundle")
    pipe = tmp_path / "bundle/data/topic.jsonl"
    pipe.unlink()
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # so that a test that fails ends
    try:
        with empty_database(), pytest.raises(Faulty, match=r"data/topic.jsonl:0 NOT_A_FILE"):
            fixtures.restore(tmp_path / "bundle")
    finally:
        os.close(held)


def test_what_takes_a_files_place_meanwhile_is_not_opened_either(filled, tmp_path, empty_database, monkeypatch):
    export(tmp_path / "bundle")
    rows = tmp_path / "bundle/data/topic.jsonl"
    held = []

    def exchange(self):
        if not held:
            rows.unlink()
            os.mkfifo(rows)
            held.append(os.open(rows, os.O_RDWR))
        return begun(self)

    begun = fixtures.Proof.begin
    monkeypatch.setattr(fixtures.Proof, "begin", exchange)
    try:
        with empty_database(), pytest.raises(Faulty, match=r"data/topic.jsonl:0 NOT_A_FILE"):
            fixtures.restore(tmp_path / "bundle")
    finally:
        os.close(*held)


def begin_with_a_topic():
    builders.topic("first")


def begin_with_a_group():
    Group.objects.create(name="readers")


WRITERS = {  # who writes first, and what the owner's transactions see
    "a record": (begin_with_a_topic, "read committed"),
    "a group": (begin_with_a_group, "read committed"),
    "a record, and the owner sees what there was when it began": (begin_with_a_topic, "repeatable read"),
}


@pytest.mark.parametrize("who", WRITERS)
def test_what_is_committed_while_an_import_waits_is_not_lost(filled, tmp_path, empty_database, who):
    """The import waits for whoever writes, and finds then that the database isn't empty any more."""
    export(tmp_path / "bundle")
    write, sees = WRITERS[who]
    ended = []

    def restore():
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute("SELECT set_config('default_transaction_isolation', %s, false)", [sees])
            fixtures.restore(tmp_path / "bundle")
        except Faulty as faulty:
            ended.extend(faulty.findings)
        finally:
            connections.close_all()

    with empty_database():
        other = threading.Thread(target=restore, daemon=True)
        with act(actor="author", reason="the first record"):
            write()
            other.start()
            until_it_waits(other)
        other.join(60)
        assert {finding.code for finding in ended} == {"NOT_EMPTY"}
        assert Entry.objects.filter(actor="author").count() == 1
        assert list(verification.ledger()) == []


REFUSALS = {  # what meets an import of a bundle that holds, and what is told of it
    "the database": (
        DataError("a value\nthat it can't take"),
        "REFUSED nothing was written: a value that it can't take",
    ),
    "the disk": (OSError("it went away"), "REFUSED nothing was written: it went away"),
    "a record without a field": (KeyError("role"), "REFUSED nothing was written: KeyError: 'role'"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_an_import_cant_take_in_is_told_in_a_sentence(filled, tmp_path, empty_database, monkeypatch, what):
    export(tmp_path / "bundle")
    error, told = REFUSALS[what]

    def refused(*given, **more):
        raise error

    monkeypatch.setattr(actions, "store", refused)
    with empty_database(), pytest.raises(Faulty, match=told):
        fixtures.restore(tmp_path / "bundle")


def test_a_version_whose_standing_has_a_number_for_a_code_is_refused(filled, tmp_path, empty_database, monkeypatch):
    """As where a forged version says so of one of its parties."""
    export(tmp_path / "bundle")
    work_out = actions.standings_of
    monkeypatch.setattr(actions, "standings_of", lambda *version: [each | {"role": 5} for each in work_out(*version)])
    with empty_database(), pytest.raises(Faulty, match="REFUSED nothing was written: "):
        fixtures.restore(tmp_path / "bundle")


def test_a_database_that_is_away_is_told_at_once(filled, tmp_path, empty_database, monkeypatch):
    export(tmp_path / "bundle")

    def away(parameters):
        raise OperationalError("nobody answers")

    monkeypatch.setattr(fixtures, "proved", lambda *given: pytest.fail("nothing is to be proved"))
    with empty_database():
        connections["owner"].close()
        monkeypatch.setattr(connections["owner"], "get_new_connection", away)
        with pytest.raises(OperationalError, match="nobody answers"):
            fixtures.restore(tmp_path / "bundle")


@pytest.mark.parametrize("how", ["ended from outside", "no room"])
def test_a_proof_that_nobody_could_make_is_told_so(filled, tmp_path, empty_database, monkeypatch, how):
    """As where memory runs out."""
    export(tmp_path / "bundle")
    if how == "no room":
        monkeypatch.setattr(ProcessPoolExecutor, "submit", no_room)
    else:
        monkeypatch.setattr(verify, "check", ending.end)
    with empty_database():
        with pytest.raises(Faulty, match=r"manifest.json:0 UNPROVED what was to prove it had no room to, or was ended"):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def no_room(*given, **more):
    raise OSError("Cannot allocate memory")


def test_an_owner_whose_questions_end_after_a_while_imports_too(filled, tmp_path, empty_database, monkeypatch):
    export(tmp_path / "bundle")
    store = actions.store

    def slow(into, rows, using, **more):
        if into is models.Topic:
            time.sleep(0.5)
            with connections[using].cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.5)")
        store(into, rows, using, **more)

    monkeypatch.setattr(actions, "store", slow)
    with empty_database():
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT set_config(name, '400', false) FROM pg_settings WHERE name = ANY (%s)", [[*fixtures.TIMEOUTS]]
            )
        try:
            assert fixtures.restore(tmp_path / "bundle")
        finally:
            connections["owner"].close()


@pytest.mark.parametrize("name", ["checkpoint.txt", "manifest.json"])
def test_a_tag_file_that_is_another_than_is_listed_is_refused(filled, tmp_path, empty_database, monkeypatch, name):
    """Notes aren't in the manifest; the list of hashes that was proved names them."""
    export(tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    path.write_text(path.read_text() + "\n")
    monkeypatch.setattr(fixtures, "proved", lambda *given: None)
    with empty_database(), pytest.raises(Faulty, match=rf"{name}:0 WRONG_SHA256 it isn't the file that tagmanifest"):
        fixtures.restore(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["publication", "ledger"])
def test_a_file_that_is_another_when_it_is_read_is_refused(filled, tmp_path, empty_database, monkeypatch, name):
    """As where a folder is exchanged meanwhile: what is read isn't what was proved then."""
    export(tmp_path / "bundle")

    def other_hash(manifest):
        (entry,) = (each for each in manifest["files"] if each["file"] == f"data/{name}.jsonl")
        entry["sha256"] = "0" * 64

    edit_manifest(other_hash)(tmp_path / "bundle")
    monkeypatch.setattr(fixtures, "proved", lambda *given: None)
    with empty_database():
        with pytest.raises(Faulty, match=rf"{name}\.jsonl:0 WRONG_SHA256"):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def test_after_an_import_what_was_retracted_stands_nowhere_and_all_else_as_before(
    published_database, tmp_path, empty_database
):
    actions.retract(published_database["commitment"], by="approver", reason="it was never said")

    def stood():
        fields = "publication_id", "party", "role", "first", "until", "status", "schedule", "body"
        return sorted(models.Standing.objects.values_list(*fields))

    before, manifest = stood(), export(tmp_path / "bundle")
    assert any(version.tombstone for version in models.Publication.objects.of("commitment"))
    with empty_database():
        fixtures.restore(tmp_path / "bundle")
        assert stood() == before
        assert export(tmp_path / "again")["digest"] == manifest["digest"]


BESIDE = """
import os, time
from commitments import beside
with beside.process() as another:
    print(another.submit(os.getpid).result(), flush=True)
    another.submit(time.sleep, 600)
    time.sleep(600)
"""


def test_a_process_beside_is_gone_once_the_one_that_started_it_was_killed():
    """Its output ends when nobody can write to it any more."""
    killed = subprocess.Popen([sys.executable, "-c", BESIDE], stdout=subprocess.PIPE, cwd=PROJECT)
    assert int(killed.stdout.readline()) != killed.pid
    killed.kill()
    assert killed.communicate(timeout=60) == (b"", None)


def test_a_process_beside_waits_for_the_end_of_the_other_and_collects_no_garbage(monkeypatch):
    left, (here, there) = threading.Event(), multiprocessing.Pipe()
    monkeypatch.setattr(os, "_exit", lambda code: left.set())
    try:
        beside.begin(there)
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert not left.is_set()
    here.close()
    assert left.wait(60)


def test_a_process_beside_is_not_waited_for_once_nobody_asks_it_any_more():
    with beside.process() as another:
        work = another.submit(time.sleep, 600)
    with pytest.raises(BrokenProcessPool):
        work.result()


def test_an_import_announces_itself_before_anybody_can_see_it(filled, tmp_path, empty_database):
    """Its triggers, which do it for all others, are switched off (`ledger.Announce`)."""
    export(tmp_path / "bundle")
    said = []

    def noted(execute, sql, params, *more):
        said.extend((word, params) for word in ("LOCK TABLE", "pg_sleep", "TRUNCATE") if word in sql)
        return execute(sql, params, *more)

    with empty_database(), connections["owner"].execute_wrapper(noted):
        fixtures.restore(tmp_path / "bundle")
    assert said[:3] == [("LOCK TABLE", None), ("pg_sleep", [2 * LEASE]), ("TRUNCATE", None)]


def numbering():
    """Where the numbers of accounts and groups stand."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT last_value, is_called FROM commitments_user_id_seq UNION ALL SELECT last_value, is_called FROM auth_group_id_seq"
        )
        return cursor.fetchall()


def test_an_import_that_is_refused_leaves_numbers_as_they_were(filled, tmp_path, empty_database, monkeypatch):
    """Those are set before the bundle's proof is known."""
    with act(actor="migrate", reason="some accounts"):
        for name in ("first", "second", "third"):
            models.User.objects.create(username=name, pseudonym=name)
    export(tmp_path / "bundle")

    def numbered(*given):
        during.append(numbering())
        yield Finding("data/ledger.jsonl", 0, "WRONG_END", "its entries became another ledger")

    during = []
    monkeypatch.setattr(fixtures, "_altered", numbered)
    with empty_database():
        before = numbering()
        with pytest.raises(Faulty, match="WRONG_END"):
            fixtures.restore(tmp_path / "bundle")
        assert numbering() == before != during[0]


def test_a_public_bundle_is_no_desk_to_restore(filled, tmp_path, empty_database):
    export(tmp_path / "bundle", kind="public")
    with empty_database(), pytest.raises(Faulty, match=r"manifest.json:1 PUBLIC_ONLY"):
        fixtures.restore(tmp_path / "bundle")


def rewrite(bundle, name, change):
    """Alters a file and every list that has its hash, as somebody would who knows what they do."""
    path = bundle / name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    change(lines)
    path.write_text("".join(lines), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    told = {"sha256": digest, "count": len(lines)}
    edit_manifest(lambda manifest: next(each for each in manifest["files"] if each["file"] == name).update(told))(
        bundle
    )


def swap_words(lines):
    number = next((n for n, line in enumerate(lines) if "author" in line), 0)
    words = ("author", "nobody", 1) if "author" in lines[number] else ("Security", "Fun")
    lines[number] = lines[number].replace(*words)


@pytest.mark.no_cover
def test_a_bundle_whose_rows_and_ledger_disagree_is_refused_before_the_commit(filled, tmp_path, empty_database):
    export(tmp_path / "bundle")
    with empty_database():
        for name, code in {"data/ledger.jsonl": "WRONG_LEAF", "data/topic.jsonl": "ROW_DIFFERS"}.items():
            bundle = shutil.copytree(tmp_path / "bundle", tmp_path / name.replace("/", "-"))
            rewrite(bundle, name, swap_words)
            with pytest.raises(Faulty, match=code):
                fixtures.restore(bundle)
            assert not models.Party.objects.exists()
            assert not Entry.objects.exclude(actor="migrate").exists()


def changed(rows, model):
    """What goes into the database, but for one word, as if something on the way had changed it."""
    for row in rows:
        if model is models.Topic:
            row["name"] = row["name"].replace("Security", "Fun")
        elif model is Entry:
            row["canonical"] = row["canonical"].replace('"author"', '"nobody"')
        yield row


def longer(entries):
    """One that is chained to the last and says of another row what that says."""
    last = entries[-1]
    text = json.dumps(json.loads(last["canonical"]) | {"seq": last["seq"] + 1})
    leaf = leaf_hash(text)
    more = {"seq": last["seq"] + 1, "canonical": text, "leaf": leaf, "chain": chain_hash(last["chain"], leaf)}
    return [*entries, last | more]


ON_THE_WAY = {  # what is changed, how, and what is found
    "a row": (models.Topic, changed, "data/topic.jsonl:0 ROW_DIFFERS what its rows became isn't what it says"),
    "an entry": (Entry, changed, "ledger_entry:[0-9]+ WRONG_LEAF"),
    "the ledger's end": (
        Entry,
        lambda rows, _model: list(rows)[:-1],
        "data/ledger.jsonl:0 WRONG_END its entries became another ledger",
    ),
    "an entry more": (
        Entry,
        lambda rows, _model: longer(list(rows)),
        "data/ledger.jsonl:0 WRONG_END its entries became another ledger",
    ),
    "the ledger's beginning": (Entry, lambda rows, _model: list(rows)[1:], "ledger_entry:2 GAP"),
}


@pytest.mark.parametrize("how", ON_THE_WAY)
def test_what_becomes_something_else_on_the_way_into_the_database_is_refused(
    filled, tmp_path, empty_database, monkeypatch, how
):
    """The bundle holds, and the database proves that it has just that."""
    export(tmp_path / "bundle")
    model, change, found = ON_THE_WAY[how]
    store = actions.store

    def stored(into, rows, using, **more):
        store(into, change(rows, into) if into is model else rows, using, **more)

    monkeypatch.setattr(actions, "store", stored)
    with empty_database():
        with pytest.raises(Exception, match=found):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def test_rows_that_lie_in_another_order_than_their_file_are_the_same_rows(
    filled, tmp_path, empty_database, monkeypatch
):
    export(tmp_path / "bundle")
    store = actions.store
    monkeypatch.setattr(actions, "store", lambda into, rows, *a, **k: store(into, reversed([*rows]), *a, **k))
    with empty_database():
        assert fixtures.restore(tmp_path / "bundle") == Entry.objects.count() + sum(
            model.objects.count() for model in fixtures.MODELS
        )
        assert list(verification.ledger()) == []


def test_a_bundle_that_is_another_once_it_is_proved_is_refused(filled, tmp_path, empty_database, monkeypatch):
    """As where a folder is exchanged while it is read: what was proved is what went in."""
    export(tmp_path / "bundle")
    told = fixtures.proved

    def later(report, tags=None):
        told(report, tags and tags + b"\n")

    monkeypatch.setattr(fixtures, "proved", later)
    with empty_database():
        with pytest.raises(
            Faulty, match=r"tagmanifest-sha256.txt:0 WRONG_SHA256 it isn't the one whose bundle was proved"
        ):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def test_a_filled_database_takes_no_bundle(filled, tmp_path):
    export(tmp_path / "bundle")
    with pytest.raises(Faulty, match="NOT_EMPTY"):
        fixtures.restore(tmp_path / "bundle")


def test_plain_loaddata_reads_each_file_in_the_manifests_order_as_new_entries(
    filled, tmp_path, empty_database, monkeypatch
):
    manifest = export(tmp_path / "bundle")
    counts = {model: model.objects.count() for model in fixtures.MODELS}
    with empty_database():
        for entry in manifest["files"][:-1]:
            monkeypatch.setenv(
                "TRACKER_ACTOR", "second person" if entry["file"] == "data/publication.jsonl" else "first person"
            )
            if entry["count"]:
                call_command("loaddata", tmp_path / "bundle" / entry["file"], verbosity=0)
        assert {model: model.objects.count() for model in fixtures.MODELS} == counts
        loaded = Entry.objects.exclude(actor="migrate")  # who made the groups
        assert loaded.count() == sum(counts.values())
        assert loaded.first().reason.startswith("loaddata ")
        assert models.Commitment.objects.get().state == "published"
        assert list(verification.ledger()) == []
        assert list(verification.shelf()) == []
        assert models.Standing.objects.known_at(None).filter(party="").values("record").distinct().count() == 1


def test_the_commands_write_restore_and_check_a_bundle(filled, tmp_path, empty_database, capsys):
    call_command("export_fixtures", tmp_path / "bundle")
    call_command("verify", "bundle", tmp_path / "bundle")
    with empty_database():
        call_command("import_fixtures", tmp_path / "bundle")
        with pytest.raises(CommandError, match="nothing was written"):
            call_command("import_fixtures", tmp_path / "bundle")
    (tmp_path / "bundle/extra.txt").write_text("x")
    with pytest.raises(SystemExit):
        call_command("verify", "bundle", tmp_path / "bundle", json=True)
    out = capsys.readouterr().out.splitlines()
    assert [line for line in out if line.endswith("findings.")] == ["bundle: 0 findings."]
    assert json.loads(out[-1]).items() >= {"file": "extra.txt", "code": "ADDED_FILE"}.items()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/letter.txt").write_text("mine")
    with pytest.raises(CommandError, match="NOT_A_BUNDLE"):
        call_command("export_fixtures", tmp_path / "letters")


def owner_sql(statement):
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


TAMPERING = {
    "a row changed behind the ledger's back": ("UPDATE commitments_party SET iso3166 = 'XX' WHERE ref = 'north'", "ROW north: it isn't as entry"),
    "a row gone behind its back": ("DELETE FROM commitments_partyalias", "it is gone"),
    "a row slipped in": (
        "INSERT INTO commitments_topic (ref, state, note, name, definition) VALUES ('x', 'draft', '', '{\"en\": \"X\"}', '{}')", "ROW x: the ledger doesn't know it",
    ),
    "an entry changed": ("UPDATE ledger_entry SET canonical = replace(canonical, 'record the', 'forget the') WHERE seq = 8", "8 WRONG_LEAF"),
    "an entry taken out": ("DELETE FROM ledger_entry WHERE seq = 8", "GAP"),
    "an entry's time changed": ("UPDATE ledger_entry SET at = at - interval '1 day' WHERE seq = 9", "9 WRONG_TIME"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
@pytest.mark.sample(0, 1, 2, 5)
def test_verify_finds_what_the_owner_did_with_the_triggers_off(filled, name, capsys):
    statement, words = TAMPERING[name]
    table = next(word for word in statement.split() if word.startswith(("commitments_", "ledger_")))
    with act(actor="author", reason="another name"):
        models.PartyAlias.objects.create(party=filled["south"], name="جنوب", language="ar")
    owner_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner_sql(statement)
    owner_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with pytest.raises(SystemExit):
        call_command("verify", "ledger")
    assert words in capsys.readouterr().out


def test_no_limit_for_requests_ends_a_verification(filled, capsys):
    """A large ledger is one statement of minutes."""
    asked = []

    def slow(execute, sql, params, many, context):
        if "FROM ledger_entry e" in sql:
            asked.append(execute("SELECT pg_sleep(0.6)", None, False, context))
        return execute(sql, params, many, context)

    with connections["default"].cursor() as cursor:
        cursor.execute("SET statement_timeout = '400ms'")
    try:
        with connections["default"].execute_wrapper(slow):
            call_command("verify", "all")
        assert asked
    finally:
        connections["default"].close()
    assert capsys.readouterr().out == "all: 0 findings.\n"


WEAKENING = {
    "a trigger off": ("ALTER TABLE commitments_party DISABLE TRIGGER USER", "commitments_party:0 TRIGGER"),
    "a trigger gone": (
        "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON ledger_entry', tgname) FROM pg_trigger "
        "WHERE tgrelid = 'ledger_entry'::regclass AND tgname LIKE 'pgtrigger_keep%' LIMIT 1); END $$",
        "ledger_entry:0 TRIGGER",
    ),
    "another function": ("CREATE OR REPLACE FUNCTION public.ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "ledger_refuse:0 FUNCTION"),
    "a privilege too many": ("GRANT DELETE ON ledger_entry TO tracker", "ledger_entry:0 PRIVILEGE tracker may SELECT, DELETE"),
}  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.parametrize("name", WEAKENING)
@pytest.mark.sample(0, 1)
def test_verify_finds_a_weakened_guard(filled, name, capsys):
    statement, words = WEAKENING[name]
    owner_sql(statement)
    with pytest.raises(SystemExit):
        call_command("verify", "all")
    assert words in capsys.readouterr().out


def test_verify_finds_a_publication_that_a_fresh_rendering_would_change(filled, capsys):
    owner_sql("ALTER TABLE commitments_publication DISABLE TRIGGER USER")
    owner_sql("UPDATE commitments_publication SET body = '{}' WHERE kind = 'topic'")
    owner_sql("DELETE FROM commitments_standing WHERE status = 'fulfilled'")
    owner_sql("UPDATE commitments_commitmentindex SET vector = 'forged' WHERE publication_id LIKE '%.2'")
    with pytest.raises(SystemExit):
        call_command("verify", "shelf")
    out = capsys.readouterr().out
    assert "STALE topic.security.1: it isn't what a fresh rendering gives" in out
    assert "STALE commitment.talks-2030-05-04-01.2: its standings aren't" in out
    assert "STALE commitment.talks-2030-05-04-01.2: its index isn't that of what it shows" in out
    owner_sql("DELETE FROM commitments_commitmentindex")
    assert "commitment.talks-2030-05-04-01.2: its standings aren't" in "\n".join(map(str, verification.shelf()))


def test_verify_quotes_tells_what_is_not_exact(filled, capsys):
    call_command("verify", "quotes")
    assert capsys.readouterr() == ("quotes: 0 findings.\n", "quotes: 1 of 1\n")
    with act(actor="author", reason="mend the words"):
        quote = filled["quote"]
        quote.exact, quote.end = quote.exact[:-1], quote.end - 1
        quote.save()
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    assert capsys.readouterr().out.splitlines()[0] == (
        "quote:0 QUOTE_UNCHECKED gazette-2030-05-04.quote-1: unchecked in gazette-2030-05-04; "
        f"its text isn't attached, and was last checked with SHA-256 {filled['document'].sha256}"
    )


def test_verify_quotes_tells_what_nobody_ever_checked(filled, capsys):
    with act(actor="author", reason="another quote"):
        builders.quote(filled["document"], "الجنوب ستفتح الحدود", checked=False)
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    told = "quote:0 QUOTE_UNCHECKED gazette-2030-05-04.quote-2: unchecked in gazette-2030-05-04"
    assert capsys.readouterr().out.splitlines() == [told, "quotes: 1 findings."]


def test_verify_quotes_says_all_as_json_lines_if_asked(filled, capsys):
    call_command("verify", "quotes", json=True)
    assert capsys.readouterr() == ("", "")
    with act(actor="author", reason="another place"):
        models.Quote.objects.update(start=1, end=1 + len(filled["quote"].exact))
    with pytest.raises(SystemExit) as ended:
        call_command("verify", "quotes", json=True)
    out, beside = capsys.readouterr()
    assert (ended.value.code, beside) == (1, "")
    assert [json.loads(line)["code"] for line in out.splitlines()] == ["QUOTE_UNCHECKED"]


def test_verify_quotes_changes_no_byte_of_the_database(filled, capsys):
    actions.attach(filled["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with act(actor="author", reason="another place"):
        models.Quote.objects.update(start=1, end=1 + len(filled["quote"].exact))
    before = every_row()
    with connections["default"].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")  # a write would be an error, undone or not
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    assert every_row() == before


def every_row():
    """{table: its rows as text, each with the number of the transaction that wrote it}."""
    with connections["owner"].cursor() as cursor:
        return {
            table: cursor.execute(f'SELECT xmin::text, t::text FROM "{table}" t ORDER BY 2, 1').fetchall()
            for table in connections["owner"].introspection.table_names(cursor)
        }


def test_verify_quotes_shows_a_bar_on_a_terminal(filled, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    call_command("verify", "quotes")
    out, beside = capsys.readouterr()
    assert out == "quotes: 0 findings.\n"
    assert "1/1" in beside
    assert "100%" in beside


def test_verify_quotes_reads_the_attached_texts(filled, capsys):
    actions.attach(filled["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with act(actor="author", reason="another place"):
        models.Quote.objects.update(start=1, end=1 + len(filled["quote"].exact))
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    assert "QUOTE_MOVED" in capsys.readouterr().out


def test_verify_wants_a_folder_with_a_bundle_and_with_it_alone(filled, tmp_path):
    with pytest.raises(CommandError, match="needs the bundle's folder"):
        call_command("verify", "bundle")
    with pytest.raises(CommandError, match="needs the bundle's folder"):
        call_command("verify", "ledger", tmp_path)
    with pytest.raises(CommandError, match="--earlier is for `verify bundle` alone"):
        call_command("verify", "ledger", earlier=tmp_path)


def test_attach_documents_attaches_by_hash_and_names_what_fits_nothing(filled, tmp_path, capsys):
    (tmp_path / "gazette.txt").write_text(builders.TEXT, encoding="utf-8")
    call_command("attach_documents", tmp_path)
    assert capsys.readouterr().out == "1 texts attached, 0 there already, 0 new checks, 0 files fit nothing.\n"
    (tmp_path / "other.txt").write_text("other", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("attach_documents", tmp_path)
    assert "other.txt: no document has its SHA-256." in capsys.readouterr().out
    with pytest.raises(CommandError, match="is no folder"):
        call_command("attach_documents", tmp_path / "nowhere")


def test_where_one_role_does_everything_no_privileges_are_checked(filled, monkeypatch):
    monkeypatch.setitem(connections["owner"].settings_dict, "USER", connections["default"].settings_dict["USER"])
    assert list(verification.ledger()) == []


def test_a_database_without_tables_takes_no_bundle_and_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(fixtures, "is_migrated", lambda: False)
    with pytest.raises(CommandError, match=r"no tables yet; run `manage\.py migrate` first"):
        call_command("import_fixtures", tmp_path)


def test_verify_finds_a_publication_of_what_the_desk_never_had(filled, capsys):
    owner_sql("ALTER TABLE commitments_publication DISABLE TRIGGER USER")
    owner_sql("UPDATE commitments_publication SET record = 'nowhere' WHERE kind = 'topic'")
    with pytest.raises(SystemExit):
        call_command("verify", "shelf")
    assert "STALE topic.security.1: the desk has no such record" in capsys.readouterr().out
