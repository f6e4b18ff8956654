"""Bundles: the same data gives the same bytes, out and in again, and a damaged one is refused."""

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from commitments import actions, fixtures, models, verification
from commitments.findings import Faulty
from commitments.ledger import Entry, act
from tests import builders


@pytest.fixture
def filled(fresh_database):
    """A database that holds a published commitment, an assessment and a retraction."""
    made = builders.published()
    with act(actor="author", reason="judge"):
        judged = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]])
        other = builders.party("league", party_kind="coalition")
    actions.publish([judged, other], by="approver", reason="checked")
    actions.retract(other, by="approver", reason="recorded twice")
    return made


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_bundle_has_a_file_a_model_with_sorted_canonical_lines(filled, tmp_path):
    manifest = fixtures.export(tmp_path / "bundle")
    assert [entry["file"] for entry in manifest["files"]] == [fixtures.file_of(model) for model in fixtures.MODELS] + [
        "ledger.jsonl"
    ]
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
        models.User.objects.create_user("canary-name", password="canary-password")
    fixtures.export(tmp_path / "bundle")
    content = b"".join(bytes_of(tmp_path / "bundle").values()).decode()
    assert builders.TEXT[70:] not in content
    assert "canary-password" not in content
    assert "pbkdf2" not in content


def test_what_stays_on_its_machine_can_be_made_anew_after_a_restore(filled, tmp_path, empty_database):
    actions.attach(filled["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with act(actor="author", reason="a colleague"):
        first = models.User.objects.create_user("colleague", password="long enough")
    fixtures.export(tmp_path / "bundle")
    with empty_database():
        fixtures.restore(tmp_path / "bundle")
        document = models.Document.objects.get()
        actions.attach(document, builders.TEXT.encode(), by="author", reason="attach again", now=builders.NOW)
        with act(actor="author", reason="another"):
            assert models.User.objects.create_user("another").pk > first.pk
        assert list(verification.ledger()) == []


def test_out_in_and_out_again_gives_the_same_bytes(filled, tmp_path, empty_database):
    fixtures.export(tmp_path / "one")
    versions = models.Publication.objects.count()
    standings = sorted(
        map(str, models.Standing.objects.values_list("publication", "party", "first", "status", "schedule", "body"))
    )
    with empty_database():
        assert fixtures.restore(tmp_path / "one") > versions
        fixtures.export(tmp_path / "two")
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


def test_an_export_replaces_a_bundle_whole_and_leaves_other_folders_alone(filled, tmp_path):
    fixtures.export(tmp_path / "bundle")
    (tmp_path / "bundle/stray.txt").write_text("x")
    before = bytes_of(tmp_path / "bundle")
    fixtures.export(tmp_path / "bundle")
    assert bytes_of(tmp_path / "bundle") == {name: content for name, content in before.items() if name != "stray.txt"}
    (tmp_path / "other").mkdir()
    (tmp_path / "other/letter.txt").write_text("mine")
    with pytest.raises(Faulty, match="NOT_A_BUNDLE"):
        fixtures.export(tmp_path / "other")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["bundle", "other"]


def test_an_export_that_fails_leaves_the_old_bundle_and_no_half_one(filled, tmp_path, monkeypatch):
    fixtures.export(tmp_path / "bundle")
    before = bytes_of(tmp_path / "bundle")
    monkeypatch.setattr(fixtures, "ledger", lambda: iter([b"x", 1]))
    with pytest.raises(TypeError):
        fixtures.export(tmp_path / "bundle")
    assert bytes_of(tmp_path / "bundle") == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def edit_manifest(change):
    def edit(bundle):
        manifest = json.loads((bundle / "manifest.json").read_text())
        change(manifest)
        (bundle / "manifest.json").write_text(json.dumps(manifest))

    return edit


DAMAGE = {
    "a flipped bit": (lambda bundle: flip(bundle / "quote.jsonl"), "quote.jsonl:0 WRONG_SHA256"),
    "a file too many": (lambda bundle: (bundle / "extra.txt").write_text("x"), "extra.txt:0 ADDED_FILE"),
    "a file too few": (lambda bundle: (bundle / "party.jsonl").unlink(), "party.jsonl:0 MISSING_FILE"),
    "a wrong count": (
        edit_manifest(lambda manifest: manifest["files"][0].update(count=9)),
        "topic.jsonl:0 WRONG_COUNT",
    ),
    "another schema": (
        edit_manifest(lambda manifest: manifest.update(schema="0999_x")),
        "manifest.json:1 OTHER_SCHEMA",
    ),
    "no manifest": (lambda bundle: (bundle / "manifest.json").unlink(), "manifest.json:1 BAD_MANIFEST"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_bundle_is_refused_and_nothing_is_written(filled, tmp_path, empty_database, name):
    damage, finding = DAMAGE[name]
    fixtures.export(tmp_path / "bundle")
    damage(tmp_path / "bundle")
    with empty_database():
        with pytest.raises(Faulty, match=finding):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()


def rewrite(bundle, name, change):
    """Alters a file and its entry in the manifest, as somebody would who knows what they do."""
    path = bundle / name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    change(lines)
    path.write_text("".join(lines), encoding="utf-8")
    edit_manifest(
        lambda manifest: next(entry for entry in manifest["files"] if entry["file"] == name).update(
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(), count=len(lines)
        )
    )(bundle)


def swap_words(lines):
    lines[0] = lines[0].replace("author", "nobody", 1) if "author" in lines[0] else lines[0].replace("Security", "Fun")


@pytest.mark.parametrize("name", ["ledger.jsonl", "topic.jsonl"])
def test_a_bundle_whose_rows_and_ledger_disagree_is_refused_before_the_commit(filled, tmp_path, empty_database, name):
    fixtures.export(tmp_path / "bundle")
    rewrite(tmp_path / "bundle", name, swap_words)
    with empty_database():
        with pytest.raises(Faulty, match="WRONG_LEAF|ROW"):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()
        assert not Entry.objects.exists()


def test_a_filled_database_takes_no_bundle(filled, tmp_path):
    fixtures.export(tmp_path / "bundle")
    with pytest.raises(Faulty, match="NOT_EMPTY"):
        fixtures.restore(tmp_path / "bundle")


def test_plain_loaddata_reads_each_file_in_the_manifests_order_as_new_entries(
    filled, tmp_path, empty_database, monkeypatch
):
    manifest = fixtures.export(tmp_path / "bundle")
    counts = {model: model.objects.count() for model in fixtures.MODELS}
    with empty_database():
        for entry in manifest["files"][:-1]:
            monkeypatch.setenv(
                "TRACKER_ACTOR", "second person" if entry["file"] == "publication.jsonl" else "first person"
            )
            if entry["count"]:
                call_command("loaddata", tmp_path / "bundle" / entry["file"], verbosity=0)
        assert {model: model.objects.count() for model in fixtures.MODELS} == counts
        assert Entry.objects.count() == sum(counts.values())
        assert Entry.objects.first().reason.startswith("loaddata ")
        assert models.Commitment.objects.get().state == "published"
        assert list(verification.ledger()) == []


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
    assert out[1] == "bundle: 0 findings."
    assert json.loads(out[-1]) == {
        "file": "extra.txt",
        "line": 0,
        "code": "ADDED_FILE",
        "text": "the manifest doesn't list it",
    }
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
    "an entry changed": ("UPDATE ledger_entry SET canonical = replace(canonical, 'record the', 'forget the') WHERE seq = 3", "3 WRONG_LEAF"),
    "an entry taken out": ("DELETE FROM ledger_entry WHERE seq = 3", "GAP"),
    "an entry's time changed": ("UPDATE ledger_entry SET at = at - interval '1 day' WHERE seq = 4", "4 WRONG_TIME"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
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


@pytest.mark.parametrize("name", WEAKENING)
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
    with pytest.raises(SystemExit):
        call_command("verify", "shelf")
    out = capsys.readouterr().out
    assert "STALE topic.security.1: it isn't what a fresh rendering gives" in out
    assert "STALE commitment.talks-2030-05-04-01.2: its standings aren't" in out


def test_verify_quotes_tells_what_is_not_exact(filled, capsys):
    call_command("verify", "quotes")
    assert capsys.readouterr().out == "quotes: 0 findings.\n"
    with act(actor="author", reason="mend the words"):
        quote = filled["quote"]
        quote.exact, quote.end = quote.exact[:-1], quote.end - 1
        quote.save()
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    assert "QUOTE_UNCHECKED gazette-2030-05-04.quote-1: unchecked" in capsys.readouterr().out


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


def test_attach_documents_attaches_by_hash_and_names_what_fits_nothing(filled, tmp_path, capsys):
    (tmp_path / "gazette.txt").write_text(builders.TEXT, encoding="utf-8")
    call_command("attach_documents", tmp_path)
    assert capsys.readouterr().out == "1 texts attached, 0 new checks, 0 files fit nothing.\n"
    (tmp_path / "other.txt").write_text("other", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("attach_documents", tmp_path)
    assert "other.txt: no document has its SHA-256." in capsys.readouterr().out
    with pytest.raises(CommandError, match="is no folder"):
        call_command("attach_documents", tmp_path / "nowhere")
