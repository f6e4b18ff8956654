"""Text that must go on legal demand: gone from everywhere, said in public, and everything else still verifies."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction

from commitments import actions, fixtures, models, releases, verification, withholding
from commitments.bundle import verify
from commitments.findings import Faulty
from commitments.ledger import Entry, act
from tests import builders
from tests.meanwhile import until_it_waits

WORDS = 'a "slander" that a court forbade'


@pytest.fixture(autouse=True)
def kept(published_database, settings, tmp_path):
    """A public party whose first name held the words, and whose second doesn't."""
    settings.RELEASES = tmp_path / "releases"
    rename({"en": WORDS})
    return published_database


def rename(name):
    with act(actor="author", reason="rename"):
        models.Party.objects.filter(pk="north").update(name=name)
    actions.publish(models.Party.objects.filter(pk="north"), by="approver", reason="checked")


def withhold(**asked):
    return withholding.withhold(WORDS, **{"by": "operator", "reason": "order 12/2031 of a court"} | asked)


def test_text_goes_from_entries_and_public_versions_and_the_record_says_why(kept, tmp_path):
    rename({"en": "North"})
    held = withholding.entries(WORDS)
    made = withhold()
    assert [each.entry for each in made] == held
    assert len(held) > 3
    assert withholding.entries(WORDS) == []
    assert set(Entry.objects.filter(canonical=None).values_list("seq", flat=True)) == set(held)
    versions = models.Publication.objects.filter(pk__in=[each.reference for each in made])
    assert {(each.body, each.detail, each.tombstone, each.reason) for each in versions} == {
        ("{}", "{}", True, "order 12/2031 of a court")
    }
    assert [*verification.ledger(), *verification.shelf()] == []
    for kind in ("full", "public"):
        fixtures.export(tmp_path / kind, kind=kind, by="auditor", reason="take it home")
        assert verify.check(tmp_path / kind).findings == []
        everything = b"".join(path.read_bytes() for path in (tmp_path / kind).rglob("*") if path.is_file()).decode()
        assert "slander" not in everything
        assert "order 12/2031" in everything


@pytest.mark.no_cover
def test_the_past_says_that_it_is_gone(kept, client):
    size = Entry.objects.size()
    at = Entry.objects.get(seq=size).at.isoformat().replace("+00:00", "Z")
    rename({"en": "North"})
    withhold()
    assert client.get(f"/api/v1/parties/north/?known_at={at}").status_code == 410
    assert client.get(f"/api/v1/commitments/?known_at={at}").json()["count"] == 0
    assert client.get("/api/v1/parties/north/").json()["name"] == {"en": "North"}
    assert client.get("/readyz").json()["status"] == "ok"


@pytest.mark.prove
def test_a_bundle_with_withheld_entries_comes_in_again(kept, tmp_path, empty_database):
    rename({"en": "North"})
    withhold()
    told = {"by": "auditor", "reason": "take it home"}
    fixtures.export(tmp_path / "one", **told)
    with empty_database():
        fixtures.restore(tmp_path / "one")
        fixtures.export(tmp_path / "two", **told)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_what_still_holds_the_text_is_named_and_nothing_is_done(kept):
    with pytest.raises(
        actions.Refused, match=r"Still public: commitment\.talks-2030-05-04-01\.[0-9]+, party\.north\.2"
    ):
        withhold()
    assert not models.Withholding.objects.exists()
    assert not Entry.objects.filter(canonical=None).exists()


@pytest.mark.parametrize("earlier", [False, True], ids=["an entry's", "that of one withheld before"])
def test_a_reference_that_holds_the_text_is_named_and_nothing_is_done(kept, earlier):
    """It stays: others name the record by it, and a Withholding says by it whose entry it was."""
    with act(actor="author", reason="a topic"):
        topic = builders.topic("some-person", name={"en": WORDS})
    with act(actor="author", reason="a mistake"):
        topic.delete()
    if earlier:
        rename({"en": "North"})
        withhold()
    before = Entry.objects.size()
    with pytest.raises(actions.Refused, match=r"References stay, and these hold the text: some-person\."):
        withholding.withhold("some-person", by="operator", reason="order 13")
    assert (Entry.objects.size(), list(verification.ledger())) == (before, [])


@pytest.mark.parametrize("first", [None, models.Publication], ids=["desk", "shelf"])
def test_whoever_is_writing_is_waited_for_and_not_ended(kept, first):
    """In whatever order: an approval writes the shelf, and the desk after."""
    rename({"en": "North"})
    made = []

    def take():
        try:
            made.extend(withhold())
        finally:
            connections.close_all()

    other = threading.Thread(target=take, daemon=True)
    with act(actor="author", reason="another name"), connections["default"].cursor() as cursor:
        if first:
            cursor.execute(f"LOCK TABLE {first._meta.db_table} IN ROW EXCLUSIVE MODE")
            other.start()
            until_it_waits(other)
        models.PartyAlias.objects.create(party_id="north", name=WORDS, language="en")
        if not first:
            other.start()
            until_it_waits(other)
    other.join(60)
    assert "north.alias-1" in {each.reference for each in made}
    assert (withholding.entries(WORDS), list(verification.ledger())) == ([], [])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"reason": f"it says {WORDS}"}, "mustn't repeat"),
        ({"by": WORDS}, "mustn't repeat"),
        ({"reason": " "}, "reason: empty"),
    ],
)
def test_the_reason_is_there_and_does_not_repeat_the_text(kept, asked, words):
    rename({"en": "North"})
    with pytest.raises(ValueError, match=words):
        withhold(**asked)
    assert not models.Withholding.objects.exists()


def test_a_few_characters_are_too_little_to_go_by(kept):
    with pytest.raises(actions.Refused, match="at least 8 characters"):
        withholding.withhold("a", by="operator", reason="order")


def test_a_size_from_before_is_not_exported_and_its_release_not_served(kept, tmp_path):
    release = releases.publish(by="person-1", reason="monthly")
    rename({"en": "North"})
    withhold()
    assert not releases.path_of(release).exists()
    with pytest.raises(Faulty, match="WITHHELD_LATER text of it had to go later; export at entry"):
        releases.archive(release)


def test_the_command_lists_first_and_withholds_when_told(kept, tmp_path, capsys):
    rename({"en": "North"})
    (tmp_path / "words.txt").write_text(f"{WORDS}\n", encoding="utf-8")
    call_command("withhold", tmp_path / "words.txt", reason="order 12")
    assert "entries hold the text" in capsys.readouterr().out
    assert not models.Withholding.objects.exists()
    call_command("withhold", tmp_path / "words.txt", reason="order 12", yes=True)
    assert f"{models.Withholding.objects.count()} entries are hashes now." in capsys.readouterr().out
    (tmp_path / "short.txt").write_text("a")
    with pytest.raises(CommandError, match="at least 8"):
        call_command("withhold", tmp_path / "short.txt", reason="order 12", yes=True)
    with pytest.raises(CommandError, match="can't be read"):
        call_command("withhold", tmp_path / "nowhere.txt", reason="order 12")


HALF_DONE = {
    "an entry hidden without a word": (
        "ledger_entry",
        "UPDATE ledger_entry SET canonical = NULL WHERE seq = 2",
        "HIDDEN",
    ),
    "a version that still speaks": (
        "commitments_publication",
        "UPDATE commitments_publication SET body = '{\"name\": 1}' WHERE ref = 'party.north.2'",
        "NOT_WITHHELD",
    ),
}


@pytest.mark.parametrize("name", HALF_DONE)
def test_verify_finds_what_was_hidden_or_left_behind_the_records_back(kept, name):
    table, statement, code = HALF_DONE[name]
    rename({"en": "North"})
    withhold()
    with connections["owner"].cursor() as cursor:
        for step in (
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            statement,
            f"ALTER TABLE {table} ENABLE TRIGGER USER",
        ):
            cursor.execute(step)
    assert code in {found.code for found in verification.ledger()}


def test_the_desk_tells_a_withheld_entry_from_others(kept, client):
    rename({"en": "North"})
    made = withhold()
    with act(actor="set-up", reason="an account for the test"):
        client.force_login(models.User.objects.create_superuser("chief"))
    for address in (f"/admin/commitments/entry/{made[0].entry}/change/", "/admin/commitments/entry/"):
        assert "withheld" in client.get(address).content.decode()


def test_words_that_no_entry_holds_change_nothing(kept):
    size = Entry.objects.size()
    assert withholding.withhold("never said by anybody", by="operator", reason="order 12") == []
    assert Entry.objects.size() == size


@pytest.mark.no_cover
def test_what_can_no_longer_change_on_the_desk_gets_blocks_in_the_texts_place(kept):
    rename({"en": "North"})
    words = "الشمال ملتزمة"
    length = len(kept["quote"].exact)
    with act(actor="author", reason="judge"):
        judged = builders.assessment(
            kept["commitment"], "fulfilled", evidence=[kept["quote"]], rationale={"en": f"said: {words}"}
        )
    actions.publish([judged], by="approver", reason="checked")
    actions.retract(kept["commitment"], by="approver", reason="forbidden by a court")
    made = withholding.withhold(words, by="operator", reason="order 12")
    judged.refresh_from_db()
    assert judged.rationale == {"en": f"said: {'█' * len(words)}"}
    quote = models.Quote.objects.get(pk=kept["quote"].pk)
    assert (words in quote.exact, len(quote.exact), quote.exact.count("█")) == (False, length, len(words))
    assert {each.table for each in made} >= {f"commitments_{name}" for name in ("assessment", "quote", "publication")}
    assert [*verification.ledger(), *verification.shelf()] == []


def test_a_record_whose_past_was_withheld_is_published_again(kept):
    rename({"en": "North"})
    withhold()
    rename({"en": "The North"})
    assert models.Publication.objects.known_at(None).of("party").get(record="north").body_json["name"] == {
        "en": "The North"
    }


def test_an_archive_that_another_machine_still_has_is_not_served(kept):
    release = releases.publish(by="person-1", reason="monthly")
    archive = releases.path_of(release).read_bytes()
    rename({"en": "North"})
    withhold()
    releases.path_of(release).write_bytes(archive)
    with pytest.raises(Faulty, match="WITHHELD_LATER"):
        releases.archive(release)


def test_a_reference_is_never_given_again_though_nothing_is_left_of_its_entries(kept):
    """Neither by who asks for the next one, nor by SQL."""
    with act(actor="author", reason="another name"):
        alias = models.PartyAlias.objects.create(party_id="north", name=WORDS, language="en")
    first = alias.ref
    with act(actor="author", reason="it was forbidden"):
        alias.delete()
    rename({"en": "North"})
    withhold()
    assert not Entry.objects.filter(reference=first).exists()
    with act(actor="author", reason="a third one"):
        other = models.PartyAlias.objects.create(party_id="north", name="Norden", language="de")
    assert (first, other.ref) == ("north.alias-1", "north.alias-2")
    said = {"party_id": "north", "name": "Norden", "language": "da"}
    with (
        pytest.raises(IntegrityError, match=r"north\.alias-1: this reference was used before"),
        transaction.atomic(),
        act(actor="author", reason="a first one"),
    ):
        models.PartyAlias.objects.create(ref="north.alias-1", **said)


def test_nobody_gets_a_withheld_number_after_an_import(kept, tmp_path, empty_database):
    with act(actor="migrate", reason="an account"):
        person = models.User.objects.create(username=WORDS[:150], pseudonym="whoever")
    with act(actor="migrate", reason="it goes by another name"):
        models.User.objects.filter(pk=person.pk).delete()
    rename({"en": "North"})
    withhold()
    assert not Entry.objects.filter(table="commitments_user", reference=str(person.pk)).exists()
    fixtures.export(tmp_path / "bundle", by="auditor", reason="take it home")
    with empty_database():
        fixtures.restore(tmp_path / "bundle")
        with act(actor="migrate", reason="an account"):
            assert models.User.objects.create(username="other", pseudonym="other").pk > person.pk


def test_an_account_with_a_number_that_is_none_is_refused_in_a_sentence(kept, tmp_path, empty_database):
    """As nobody withholds, but a bundle may hold it and verify."""
    with act(actor="migrate", reason="an account"):
        models.User.objects.create(username="someone", pseudonym="whoever")
    entry = Entry.objects.get(table="commitments_user")
    with transaction.atomic(using="owner"):
        with act(actor="operator", reason="order 12", using="owner"):
            told = {"ref": f"withholding-{entry.seq}", "table": entry.table, "reference": "1_0", "reason": "order 12"}
            made = models.Withholding.objects.using("owner").create(entry=entry.seq, **told)
        withholding._hollow([made], "what no row says", "owner")
    fixtures.export(tmp_path / "bundle", by="auditor", reason="take it home")
    assert verify.check(tmp_path / "bundle").findings == []
    with empty_database():
        with pytest.raises(Faulty, match="REFUSED commitments_user is numbered, and one can't be 1_0"):
            fixtures.restore(tmp_path / "bundle")
        assert not models.Party.objects.exists()
