"""The ledger: entries are the changed rows however a write came in, signed, chained, and out of everybody's reach."""

import concurrent.futures
import contextlib
import datetime
import io
import json
import re

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.commands import loaddata
from django.db import DataError, Error, IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.models import signals
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import models, rules, verification
from commitments.ledger import (
    FUNCTIONS,
    GENESIS,
    Entry,
    NotInAct,
    act,
    chain_hash,
    flush,
    grant,
    leaf_hash,
    session_act,
)
from tests import builders
from tests.builders import by_hand

NAME = {"en": "Water"}
ROW = "(ref, state, note, name, definition)"
TOPIC = "commitments_topic"


def entries(since=0):
    """What the ledger has after a size: (table, reference, what happened), in ledger order."""
    kinds = {(True, False): "insert", (False, False): "update", (False, True): "delete"}
    found = Entry.objects.filter(seq__gt=since)
    return [(e.table, e.reference, kinds[e.values["before"] is None, e.values["after"] is None]) for e in found]


def topics(*refs):
    return [models.Topic(ref=ref, name=NAME) for ref in refs]


# Every way in: each writes in its own manner and answers what it changed.


def by_save(made):
    models.Topic(ref="trade", name=NAME).save()
    return [(TOPIC, "trade", "insert")]


def by_saving_again(made):
    made["security"].note = "seen"
    made["security"].save()
    return [(TOPIC, "security", "update")]


def by_update(made):
    models.Topic.objects.filter(ref__in=["security", "water"]).order_by("ref").update(note="seen")
    return [(TOPIC, "security", "update"), (TOPIC, "water", "update")]


def by_bulk_create(made):
    models.Topic.objects.bulk_create(topics("trade", "transport", "energy"))
    return [(TOPIC, "trade", "insert"), (TOPIC, "transport", "insert"), (TOPIC, "energy", "insert")]


def by_bulk_update(made):
    made["security"].note, made["water"].note = "one", "two"
    models.Topic.objects.bulk_update([made["security"], made["water"]], ["note"])
    return [(TOPIC, "security", "update"), (TOPIC, "water", "update")]


def by_upsert(made):
    options = {"update_conflicts": True, "unique_fields": ["ref"], "update_fields": ["name"]}
    models.Topic.objects.bulk_create(topics("security", "trade"), **options)
    return [(TOPIC, "security", "update"), (TOPIC, "trade", "insert")]


def by_update_or_create(made):
    models.Topic.objects.update_or_create(ref="water", defaults={"note": "seen"})
    return [(TOPIC, "water", "update")]


def by_many_to_many_set(made):
    through = models.User.groups.through
    (gone,) = through.objects.values_list("pk", flat=True)
    made["user"].groups.set([made["reviewers"]])
    (new,) = through.objects.values_list("pk", flat=True)
    return [("commitments_user_groups", str(gone), "delete"), ("commitments_user_groups", str(new), "insert")]


def by_many_to_many_clear(made):
    (gone,) = models.User.groups.through.objects.values_list("pk", flat=True)
    made["user"].groups.clear()
    return [("commitments_user_groups", str(gone), "delete")]


def by_delete(made):
    made["water"].delete()
    return [(TOPIC, "water", "delete")]


def by_queryset_delete(made):
    models.Topic.objects.filter(note="").order_by("ref").delete()
    return [(TOPIC, "security", "delete"), (TOPIC, "water", "delete")]


def by_raw_sql(made):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TOPIC} SET note = 'seen' WHERE ref = 'water'")
    return [(TOPIC, "water", "update")]


def by_many_statements(made):
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {TOPIC} SET note = 'seen' WHERE ref = %s", [["water"], ["security"]])
    return [(TOPIC, "water", "update"), (TOPIC, "security", "update")]


def by_one_statement_that_does_three_things(made):
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH gone AS (DELETE FROM {TOPIC} WHERE ref = 'water' RETURNING *), "
            f"seen AS (UPDATE {TOPIC} SET note = 'seen' WHERE ref = 'security') "
            f"INSERT INTO {TOPIC} {ROW} SELECT 'rivers', state, note, name, definition FROM gone"
        )
    return [(TOPIC, "water", "delete"), (TOPIC, "rivers", "insert"), (TOPIC, "security", "update")]


def by_merge(made):
    with connection.cursor() as cursor:
        cursor.execute(
            f"MERGE INTO {TOPIC} t USING (VALUES ('water'), ('trade')) v (ref) ON t.ref = v.ref "
            f"WHEN MATCHED THEN UPDATE SET note = 'seen' "
            f"WHEN NOT MATCHED THEN INSERT {ROW} VALUES (v.ref, 'draft', '', '{{\"en\": \"Trade\"}}', '{{}}')"
        )
    return [(TOPIC, "water", "update"), (TOPIC, "trade", "insert")]


def by_copy(made):
    with connection.cursor() as cursor, cursor.copy(f"COPY {TOPIC} {ROW} FROM STDIN") as copying:
        for ref in ("trade", "energy"):
            copying.write_row((ref, "draft", "", json.dumps(NAME), "{}"))
    return [(TOPIC, "trade", "insert"), (TOPIC, "energy", "insert")]


def by_loaddata(made):
    fields = {"state": "draft", "note": "", "definition": {}, "name": NAME}
    lines = [{"model": "commitments.topic", "pk": ref, "fields": fields} for ref in ("security", "trade")]
    made["path"].write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    call_command(loaddata.Command(), made["path"], stdout=io.StringIO())  # Django's own, which knows of no act
    return [(TOPIC, "security", "update"), (TOPIC, "trade", "insert")]


def by_ignoring_conflicts(made):
    models.Topic.objects.bulk_create(topics("security", "trade"), ignore_conflicts=True)
    return [(TOPIC, "trade", "insert")]


def by_many_to_many_add_and_remove(made):
    through, (gone,) = models.User.groups.through, models.User.groups.through.objects.values_list("pk", flat=True)
    made["user"].groups.add(made["reviewers"])
    made["user"].groups.remove(*made["user"].groups.exclude(pk=made["reviewers"].pk))
    (new,) = through.objects.values_list("pk", flat=True)
    return [("commitments_user_groups", str(new), "insert"), ("commitments_user_groups", str(gone), "delete")]


def by_a_cascade(made):
    (member,) = models.User.groups.through.objects.all()
    Group.objects.get(pk=member.group_id).delete()
    return [
        ("commitments_user_groups", str(member.pk), "delete"),
        ("auth_group", str(member.group_id), "delete"),
    ]


def by_an_anonymous_block(made):
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ DECLARE t record; BEGIN FOR t IN SELECT * FROM {TOPIC} ORDER BY ref LOOP "
            f"UPDATE {TOPIC} SET note = t.ref WHERE ref = t.ref; END LOOP; END $$"
        )
    return [(TOPIC, "security", "update"), (TOPIC, "water", "update")]


def by_the_row_under_a_cursor(made):
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE rows CURSOR FOR SELECT * FROM {TOPIC} ORDER BY ref DESC FOR UPDATE")
        cursor.execute("FETCH rows")
        cursor.execute(f"UPDATE {TOPIC} SET note = 'seen' WHERE CURRENT OF rows")
        cursor.execute("CLOSE rows")
    return [(TOPIC, "water", "update")]


WAYS = [way for name, way in sorted(globals().items()) if name.startswith("by_") and way is not by_hand]


@pytest.fixture
def made(db, tmp_path):
    """Two topics, and a user in one of two groups."""
    with act(actor="author", reason="make ready"):
        security, water = builders.topic(), builders.topic("water", name=NAME)
        user = models.User.objects.create_user("curator")
        user.groups.add(Group.objects.create(name="curators"))
        reviewers = Group.objects.create(name="reviewers")
    return {
        "security": security,
        "water": water,
        "user": user,
        "reviewers": reviewers,
        "path": tmp_path / "topic.jsonl",
    }


@pytest.mark.no_cover
@pytest.mark.parametrize("way", WAYS)
def test_the_entries_are_the_changed_rows(way, made):
    size = Entry.objects.count()
    with act(actor="author", reason="write"):
        changed = way(made)
    assert sorted(entries(size)) == sorted(changed)  # the rows of one statement come in the order that the server likes
    assert set(Entry.objects.filter(seq__gt=size).values_list("actor", "reason", "door", "role")) == {
        ("author", "write", "command", "tracker")
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_write_without_actor_and_reason_fails_at_its_own_statement(way, made):
    size = Entry.objects.count()
    with (
        pytest.raises((Error, psycopg.Error), match=r"a write to \w+ needs an actor and a reason"),
        transaction.atomic(),
    ):
        way(made)
    assert Entry.objects.count() == size


# The doors: each opens an act of its own, as whoever uses it says.


def post(client, address, sent):
    """Sends a form with what the page that it is on carries."""
    client.post(address, sent | {"announced": client.get(address).context["announced"]})


def at_a_new_form(client, made, **reason):
    sent = {"ref": "trade", "name-en": "Trade", "name-ar": "التجارة"}
    post(client, reverse("admin:commitments_topic_add"), sent | reason)
    return [(TOPIC, "trade", "insert")]


def at_a_form(client, made, **reason):
    sent = {"name-en": "Rivers", "note": "seen"}
    post(client, reverse("admin:commitments_topic_change", args=["water"]), sent | reason)
    return [(TOPIC, "water", "update")]


def at_a_form_with_parts(client, made, **reason):
    forms = {
        "aliases-TOTAL_FORMS": "1",
        "members-TOTAL_FORMS": "0",
        "aliases-INITIAL_FORMS": "0",
        "members-INITIAL_FORMS": "0",
    }
    alias = {"aliases-0-name": "شرق", "aliases-0-language": "ar"}
    sent = {"ref": "east", "party_kind": "state", "name-en": "East"} | forms | alias
    post(client, reverse("admin:commitments_party_add"), sent | reason)
    return [("commitments_party", "east", "insert"), ("commitments_partyalias", "east.alias-1", "insert")]


def at_a_part_of_a_form(client, made, **reason):
    forms = {
        "aliases-TOTAL_FORMS": "3",
        "members-TOTAL_FORMS": "0",
        "aliases-INITIAL_FORMS": "2",
        "members-INITIAL_FORMS": "0",
    }
    alias = {"aliases-0-ref": "north.alias-1", "aliases-0-name": "الشمال", "aliases-0-language": "ar"}
    alias |= {
        "aliases-1-ref": "north.alias-2",
        "aliases-1-name": "Nord",
        "aliases-1-language": "de",
        "aliases-1-DELETE": "on",
    }
    alias |= {"aliases-2-name": "Nordland", "aliases-2-language": "de"}
    alias |= {f"aliases-{number}-party": "north" for number in range(3)}
    sent = {"party_kind": "state", "name-en": "North", "name-ar": "الشمال"} | forms | alias
    post(client, reverse("admin:commitments_party_change", args=["north"]), sent | reason)
    kinds = [("north.alias-1", "update"), ("north.alias-2", "delete"), ("north.alias-3", "insert")]
    return [("commitments_partyalias", ref, what) for ref, what in kinds]


def at_the_page_that_discards(client, made, **reason):
    post(client, reverse("admin:commitments_party_delete", args=["north"]), {"post": "yes"} | reason)
    gone = [(f"north.alias-{number}", "commitments_partyalias") for number in (1, 2)]
    return [(table, ref, "delete") for ref, table in [*gone, ("north", "commitments_party")]]


def at_an_action_on_a_list(client, made, **reason):
    sent = {"action": "submit", "_selected_action": ["security", "water"]}
    post(client, reverse("admin:commitments_topic_changelist"), sent | reason)
    return [(TOPIC, "security", "update"), (TOPIC, "water", "update")]


def at_the_button_of_a_page(client, made, **reason):
    sent = {"name-en": "Water", "_submit": "Submit for review"}
    post(client, reverse("admin:commitments_topic_change", args=["water"]), sent | reason)
    return [(TOPIC, "water", "update")]


def at_an_account(client, made, **reason):
    sent = {"username": "coder", "pseudonym": "coder-7", "usable_password": "false"}
    post(client, reverse("admin:commitments_user_add"), sent | reason)
    (user,) = models.User.objects.filter(username="coder").values_list("pk", flat=True) or [0]
    return [("commitments_user", str(user), "insert")]


FORMS = [form for name, form in sorted(globals().items()) if name.startswith("at_")]


@pytest.fixture
def boss(made, client):
    """Somebody who may do everything, logged in; and a party with two aliases."""
    with act(actor="author", reason="make ready"):
        client.force_login(
            models.User.objects.create_user("boss", pseudonym="boss-1", is_staff=True, is_superuser=True)
        )
        builders.party()
        for name, language in (("شمال", "ar"), ("Nord", "de")):
            models.PartyAlias.objects.create(party_id="north", name=name, language=language)
    return client


@pytest.mark.no_cover
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.sample(0, 1, 2)
def test_the_entries_are_what_a_form_changed_and_signed_by_who_sent_it(form, boss, made):
    size = Entry.objects.count()
    changed = form(boss, made, reason="as the source says")
    assert entries(size) == changed
    assert set(Entry.objects.filter(seq__gt=size).values_list("actor", "reason", "door", "role")) == {
        ("boss-1", "as the source says", "admin", "tracker")
    }
    assert len(set(Entry.objects.filter(seq__gt=size).values_list("act", flat=True))) == 1


@pytest.mark.no_cover
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.sample(0, 1)
def test_a_form_without_a_reason_changes_nothing(form, boss, made):
    size = Entry.objects.count()
    form(boss, made)
    form(boss, made, reason=" \u2003")
    assert entries(size) == []


def by_command(name, *arguments, **options):
    call_command(name, *arguments, stdout=io.StringIO(), **options)


def with_attach_documents(made):
    made["path"].write_text(builders.TEXT, encoding="utf-8")
    by_command("attach_documents", made["path"].parent)
    written = {
        ("commitments_documenttext", "gazette-2030-05-04"),
        ("commitments_quotecheck", "gazette-2030-05-04.quote-1.check-1"),
    }
    return [(table, ref, "insert") for table, ref in sorted(written)]


def with_loaddata(made):
    lines = [{"model": "commitments.topic", "pk": ref, "fields": {"name": NAME}} for ref in ("security", "trade")]
    made["path"].write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    by_command("loaddata", made["path"])
    return [(TOPIC, "security", "update"), (TOPIC, "trade", "insert")]


COMMANDS = [command for name, command in sorted(globals().items()) if name.startswith("with_")]


@pytest.fixture
def told(made, monkeypatch):
    """A document whose text is to be attached, and commands that are told who runs them and why."""
    with act(actor="author", reason="make ready"):
        builders.quote(builders.document(), checked=False)
    monkeypatch.setenv("TRACKER_ACTOR", "curator-3")
    monkeypatch.setenv("TRACKER_REASON", "the new round")
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_the_entries_are_what_a_command_changed_and_signed_as_it_was_told(command, told):
    size = Entry.objects.count()
    changed = command(told)
    assert entries(size) == changed
    assert set(Entry.objects.filter(seq__gt=size).values_list("actor", "reason", "door")) == {
        ("curator-3", "the new round", "command")
    }


@pytest.mark.parametrize("variable", ["TRACKER_ACTOR", "TRACKER_REASON"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_told_white_space_changes_nothing(command, variable, told, monkeypatch):
    monkeypatch.setenv(variable, " ")
    size = Entry.objects.count()
    with pytest.raises(NotInAct, match="empty; say who changes the record and why"):
        command(told)
    assert entries(size) == []


@pytest.mark.parametrize(
    ("command", "options", "what"),
    [
        ("changepassword", {"username": "curator"}, "update"),
        ("createsuperuser", {"username": "boss", "email": "boss@example.org", "interactive": False}, "insert"),
    ],
)
def test_djangos_own_commands_on_accounts_are_acts(command, options, what, told, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a long enough passw0rd")
    size = Entry.objects.count()
    by_command(command, **options)
    flush()
    user = models.User.objects.get(username=options["username"])
    assert entries(size) == [("commitments_user", str(user.pk), what)]
    entry = Entry.objects.latest("seq")
    assert (entry.actor, entry.reason, entry.door) == ("curator-3", "the new round", "command")
    assert user.password not in entry.canonical


def test_a_migration_is_an_act(fresh_database):
    def write(using, **kwargs):
        models.Topic.objects.using(using).create(ref="trade", name=NAME)
        models.Topic.objects.using(using).create(ref="water", name=NAME)

    assert list(verification.ledger()) == []  # a ledger that has just begun
    signals.post_migrate.connect(write, sender=apps.get_app_config("commitments"))
    try:
        by_command("migrate", verbosity=0)
    finally:
        signals.post_migrate.disconnect(write, sender=apps.get_app_config("commitments"))
    found = Entry.objects.filter(table=TOPIC)
    assert list(found.values_list("reference", "actor", "reason", "door", "role")) == [
        (ref, "migrate", "bring the schema up to date", "command", "tracker_owner") for ref in ("trade", "water")
    ]
    assert len(set(found.values_list("act", flat=True))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("actor", "reason"), [("", "why"), ("who", ""), (" \t", "why"), ("who", "\n\u2003")])
def test_who_and_why_are_more_than_white_space(actor, reason):
    with (
        pytest.raises(NotInAct, match=r"^(actor|reason): empty; say who changes the record and why"),
        act(actor=actor, reason=reason),
    ):
        pass  # nothing is reached
    with pytest.raises(ProgrammingError, match="a write to commitments_topic needs an actor and a reason"):
        by_hand(
            f"INSERT INTO {TOPIC} {ROW} VALUES ('a', 'draft', '', '{{\"en\": \"A\"}}', '{{}}')",
            actor=actor,
            reason=reason,
        )


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["", "{}", '{"actor": "", "reason": "why"}', '{"actor": "who", "reason": " "}'])
def test_a_forged_act_signs_nothing(forged):
    with pytest.raises(ProgrammingError, match="a write to commitments_topic has no act"):
        by_hand(f"""
            WITH made AS (INSERT INTO {TOPIC} {ROW} VALUES ('a', 'draft', '', '{{"en": "A"}}', '{{}}') RETURNING ref)
            SELECT set_config('tracker.open', '{forged}', true) FROM made""")


def test_the_act_is_over_when_its_block_is(made):
    with act(actor="author", reason="write"):
        by_save(made)
    with pytest.raises(ProgrammingError, match="needs an actor and a reason"), transaction.atomic():
        by_update(made)


def test_a_door_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="window"), act(actor="author", reason="write", door="window"):
        pass  # nothing is reached


@pytest.mark.parametrize("way", [by_update, by_raw_sql, by_loaddata, by_upsert], ids=lambda way: way.__name__)
def test_a_change_of_nothing_writes_nothing(way, made):
    with act(actor="author", reason="write"):
        way(made)
    size = Entry.objects.count()
    with act(actor="author", reason="write the same again"):
        way(made)
    assert entries(size) == []


def test_each_of_two_changes_of_one_row_has_its_entry(made):
    size = Entry.objects.count()
    with act(actor="author", reason="write twice"):
        for note in ("one", "two"):
            made["water"].note = note
            made["water"].save()
    notes = [(e.values["before"]["note"], e.values["after"]["note"]) for e in Entry.objects.filter(seq__gt=size)]
    assert notes == [("", "one"), ("one", "two")]


def test_nested_acts_keep_their_own_actors(made):
    size = Entry.objects.count()
    with act(actor="outer", reason="first"):
        models.Topic.objects.create(ref="a", name=NAME)
        with act(actor="inner", reason="second", door="sql"):
            models.Topic.objects.create(ref="b", name=NAME)
        models.Topic.objects.create(ref="c", name=NAME)
    found = Entry.objects.filter(seq__gt=size)
    assert list(found.values_list("reference", "actor", "reason", "door")) == [
        ("a", "outer", "first", "command"),
        ("b", "inner", "second", "sql"),
        ("c", "outer", "first", "command"),
    ]
    one, other, same = found.values_list("act", flat=True)
    assert one == same != other


def test_an_inner_act_that_fails_leaves_the_outer_its_own(made):
    size = Entry.objects.count()
    with act(actor="outer", reason="first"):
        with pytest.raises(IntegrityError), act(actor="inner", reason="second"):  # noqa: PT012
            models.Topic.objects.create(ref="b", name=NAME)
            models.Topic.objects.create(ref="c", name={})
        models.Topic.objects.create(ref="d", name=NAME)
    assert list(Entry.objects.filter(seq__gt=size).values_list("reference", "actor")) == [("d", "outer")]


def test_two_actors_of_one_transaction_by_hand_are_each_signed_rightly(made):
    size = Entry.objects.count()
    insert = f"INSERT INTO {TOPIC} {ROW} VALUES ('{{0}}', 'draft', '', '{{{{\"en\": \"A\"}}}}', '{{{{}}}}')"
    with transaction.atomic(), connection.cursor() as cursor:
        for ref, actor, reason in (
            ("a", "one", "first"),
            ("b", "two", "second"),
            ("c", "two", "second"),
            ("d", "one", "third"),
        ):
            cursor.execute(f"SET LOCAL tracker.actor = '{actor}'; SET LOCAL tracker.reason = '{reason}'")
            cursor.execute(insert.format(ref))
        flush()
        cursor.execute("SET LOCAL tracker.actor = ''")
    found = list(Entry.objects.filter(seq__gt=size).values_list("reference", "actor", "reason", "door"))
    assert found == [
        ("a", "one", "first", "sql"),
        ("b", "two", "second", "sql"),
        ("c", "two", "second", "sql"),
        ("d", "one", "third", "sql"),
    ]
    acts = list(Entry.objects.filter(seq__gt=size).values_list("act", flat=True))
    assert (acts[1] == acts[2], len(set(acts))) == (True, 3)


def test_a_roll_back_leaves_no_entry(made):
    size = Entry.objects.count()
    with pytest.raises(DataError), act(actor="author", reason="write"):  # noqa: PT012
        by_save(made)
        flush()
        assert Entry.objects.count() == size + 1
        by_hand("SELECT 1 / 0")
    assert entries(size) == []
    assert not models.Topic.objects.filter(ref="trade").exists()


def test_one_act_across_transactions_is_over_with_its_block(fresh_database):
    with session_act(actor="migrate", reason="two steps", using="default"):
        models.Topic.objects.create(ref="a", name=NAME)
        models.Topic.objects.create(ref="b", name=NAME)
    acts = Entry.objects.filter(actor="migrate", table=TOPIC).values_list("act", flat=True)
    assert (len(acts), len(set(acts))) == (2, 1)
    with pytest.raises(ProgrammingError, match="needs an actor and a reason"):
        models.Topic.objects.create(ref="c", name=NAME)


def recomputes(found):
    """Holds every entry from the first on against its number, its hashes and the time of the one before."""
    chain, at = GENESIS, None
    for number, entry in enumerate(found, 1):
        chain = chain_hash(chain, leaf_hash(entry.canonical))
        assert (entry.seq, entry.values["seq"]) == (number, number)
        assert (entry.leaf, entry.chain) == (leaf_hash(entry.canonical), chain)
        assert f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}" == entry.values["at"]
        assert at is None or at <= entry.at
        at = entry.at


@pytest.mark.no_cover
@pytest.mark.django_db
def test_leaves_and_chain_recompute_without_a_gap():
    builders.everything()
    recomputes(Entry.objects.all())


def test_leaf_and_chain_are_hashes_of_two_kinds():
    leaf = "28a3a18f6cd6406b086e9ffda1f9b8a13dbcf44b0f3f32cb9031a11fd053acf9"  # printf '\\0{}' | sha256sum
    assert leaf_hash("{}") == leaf
    assert chain_hash(GENESIS, leaf) == "1f42ae262679597b1b25a082d99e368464d8a3243613e766350d1cee09893057"


def test_the_size_of_the_ledger_at_an_instant(made):
    at = dict(Entry.objects.values_list("seq", "at"))
    assert Entry.objects.until(at[1] - datetime.timedelta(microseconds=1)).size() == 0
    assert {Entry.objects.until(instant).size() for instant in at.values()} <= set(at)
    assert Entry.objects.until(max(at.values())).size() == max(at)


def test_the_columns_say_what_the_hashed_text_says(made):
    for entry in Entry.objects.all():
        names = ("act", "actor", "role", "door", "reason", "table", "reference", "schema")
        assert [getattr(entry, name) for name in names] == [entry.values[name] for name in names]
        assert entry.schema.startswith("0")
        assert str(entry) == f"{entry.seq} · {entry.reference}"


def test_two_entries_of_equal_content_have_different_hashes(made):
    with act(actor="author", reason="twins"):
        models.Topic.objects.bulk_create(topics("one", "two"))
    one, two = [entry.values for entry in Entry.objects.order_by("-seq")[:2]]
    assert one["salt"] != two["salt"]
    assert len(one["salt"]) == 32


def test_an_entry_has_the_row_before_and_after(made):
    with act(actor="author", reason="write"):
        models.Topic.objects.filter(ref="water").update(note="مياه")
    values = Entry.objects.latest("seq").values
    row = {"ref": "water", "name": NAME, "note": "", "state": "draft", "definition": {}}
    assert (values["before"], values["after"]) == (row, row | {"note": "مياه"})
    assert "مياه" in Entry.objects.latest("seq").canonical


def test_the_history_of_a_record_has_its_parts_and_no_neighbours(made):
    with act(actor="author", reason="write"):
        north, other = builders.party(), builders.party("north-east")
        for party in (north, other):
            models.PartyAlias.objects.create(party=party, name="شمال", language="ar")
    assert list(Entry.objects.of("north").values_list("reference", flat=True)) == ["north", "north.alias-1"]


def test_no_entry_holds_a_password_yet_its_change_is_there(made):
    with act(actor="author", reason="a new password"):
        made["user"].set_password("canary")
        made["user"].save()
    entry = Entry.objects.latest("seq")
    assert (entry.table, entry.values["before"]) == ("commitments_user", entry.values["after"])
    assert not any(
        "password" in (entry.values["before"] or entry.values["after"])
        for entry in Entry.objects.filter(table="commitments_user")
    )
    assert not Entry.objects.filter(canonical__contains=made["user"].password).exists()


@pytest.mark.no_cover
@pytest.mark.django_db
def test_no_entry_holds_a_documents_text_but_its_hash():
    filled = builders.everything()
    (entry,) = Entry.objects.filter(table="commitments_documenttext")
    document = filled["document"]
    assert entry.values["after"] == {
        "document_id": document.ref,
        "sha256": document.sha256,
        "length": document.length,
        "characters": document.characters,
    }
    assert not Entry.objects.filter(canonical__contains="أعلنت الشمال والجنوب في بيان مشترك").exists()


def test_a_log_in_is_no_change_of_the_record(made, client):
    with act(actor="author", reason="a password"):
        made["user"].set_password("canary")
        made["user"].save()
    size = Entry.objects.count()
    assert authenticate(RequestFactory().post("/admin/login/"), username="curator", password="canary") == made["user"]
    client.force_login(made["user"])
    flush()
    assert Entry.objects.count() == size


def test_a_reference_that_was_used_is_never_given_again(made):
    with act(actor="author", reason="discard"):
        models.Topic.objects.filter(ref="water").delete()
    with pytest.raises(
        IntegrityError, match="commitments_topic water: this reference was used before and is never given again"
    ):
        by_hand(f"INSERT INTO {TOPIC} {ROW} VALUES ('water', 'draft', '', '{{\"en\": \"A\"}}', '{{}}')")


REACH = {
    "update": "UPDATE ledger_entry SET leaf = ''",
    "update of nothing": "UPDATE ledger_entry SET leaf = leaf WHERE false",
    "delete": "DELETE FROM ledger_entry",
    "truncate": "TRUNCATE ledger_entry",
    "truncate with others": "TRUNCATE commitments_topic, ledger_entry CASCADE",
    "merge": "MERGE INTO ledger_entry e USING (VALUES (1)) v (seq) ON e.seq = v.seq WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO ledger_entry (seq, at, canonical, leaf, chain) SELECT seq, at, canonical, leaf, chain "
    "FROM ledger_entry ON CONFLICT (seq) DO UPDATE SET leaf = ''",
}
ONLY_SERVING = {
    "insert": "INSERT INTO ledger_entry (seq, at, canonical, leaf, chain) VALUES (1000000, now(), '{}', '', '')",
    "copy": "COPY ledger_entry (seq, at, canonical, leaf, chain) FROM STDIN",
    "lock of rows": "SELECT * FROM ledger_entry FOR UPDATE",
    "lock": "LOCK TABLE ledger_entry IN EXCLUSIVE MODE",
}


@pytest.mark.parametrize("what", REACH | ONLY_SERVING)
def test_the_serving_role_cannot_touch_the_ledger(what, made):
    with pytest.raises(ProgrammingError, match=r"permission denied for table (ledger_entry|commitments_topic)"):
        by_hand((REACH | ONLY_SERVING)[what])


@pytest.mark.parametrize("what", REACH)
def test_the_owner_is_refused_by_the_trigger(what, fresh_database):
    refused = r"(UPDATE|DELETE|TRUNCATE) on \w+ is refused: what was recorded stays"
    with pytest.raises(ProgrammingError, match=refused):
        by_hand(REACH[what], using="owner")
    with pgtrigger.ignore(), pytest.raises(ProgrammingError, match=refused):
        by_hand(REACH[what], using="owner")


TRIGGER = "(SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_entry'::regclass AND tgname LIKE 'pgtrigger_keep_%')"
WAYS_ROUND = {  # what would let a session past the triggers, and how it is refused
    "switching all triggers off": ("SET session_replication_role = replica", "permission denied to set parameter"),
    "by a function": ("SELECT set_config('session_replication_role', 'replica', false)", "permission denied to set parameter"),
    "for later sessions": ("ALTER ROLE tracker SET session_replication_role = replica", "permission denied to set parameter"),
    "for the database": ("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET tracker.actor = ''x''', current_database()); END $$", "must be owner of database"),
    "as the owner": ("SET ROLE tracker_owner", "permission denied to set role"),
    "as the owner from the start": ("SET SESSION AUTHORIZATION tracker_owner", "permission denied to set session authorization"),
    "as a member": ("GRANT tracker_owner TO tracker", "permission denied|must have admin option"),
    "one trigger off": ("ALTER TABLE commitments_topic DISABLE TRIGGER USER", "must be owner of table"),
    "one trigger for replicas only": ("ALTER TABLE commitments_topic ENABLE REPLICA TRIGGER a", "must be owner of table"),
    "one trigger gone": (f"DO $$ BEGIN EXECUTE format('DROP TRIGGER %I ON ledger_entry', {TRIGGER}); END $$", "must be owner of relation"),
    "one trigger of its own": ("CREATE TRIGGER a BEFORE UPDATE ON commitments_topic EXECUTE FUNCTION suppress_redundant_updates_trigger()", "permission denied"),
    "a rule instead": ("CREATE RULE a AS ON INSERT TO ledger_entry DO INSTEAD NOTHING", "must be owner of table"),
    "another function": ("CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'", "permission denied for schema public"),
    "another path of a function": ("ALTER FUNCTION ledger_capture() RESET ALL", "must be owner of function"),
    "the function itself": ("SELECT ledger_capture()", "permission denied for function"),
    "the function for a table of its own": (
        "CREATE TEMP TABLE a (b int); CREATE TRIGGER a AFTER INSERT ON a EXECUTE FUNCTION ledger_capture()",
        "permission denied (for function|to create temporary tables)",
    ),
    "another table": ("DROP TABLE ledger_entry", "must be owner of table"),
    "a column": ("ALTER TABLE commitments_topic DROP COLUMN note", "must be owner of table"),
    "a schema of its own": ("CREATE SCHEMA evil", "permission denied for database"),
    "a transaction that nobody ends": ("PREPARE TRANSACTION 'a'", "prepared transactions are disabled"),
    "a program": ("COPY commitments_topic FROM PROGRAM 'echo'", "permission denied|must be superuser"),
    "numbers": ("SELECT setval('commitments_user_id_seq', 1)", "permission denied for sequence"),
}  # fmt: skip


@pytest.mark.parametrize("what", WAYS_ROUND)
def test_the_serving_role_finds_no_way_round_the_triggers(what, made):
    statement, words = WAYS_ROUND[what]
    with pytest.raises(Error, match=words):
        by_hand(statement)


def test_the_serving_role_gives_itself_no_privilege(made):
    with warnings_of_the_server() as told:
        by_hand("GRANT UPDATE, DELETE ON ledger_entry TO tracker")
    assert told == ['no privileges were granted for "ledger_entry"']
    assert by_hand("SELECT has_any_column_privilege('ledger_entry', 'UPDATE, INSERT')") == [(False,)]


@contextlib.contextmanager
def warnings_of_the_server():
    """What the server says beside its answers."""
    told = []

    def hear(diagnosis):
        told.append(diagnosis.message_primary)

    connection.ensure_connection()
    connection.connection.add_notice_handler(hear)
    try:
        yield told
    finally:
        connection.connection.remove_notice_handler(hear)


def test_no_setting_of_pgtriggers_keeps_an_entry_from_being_written(made):
    size = Entry.objects.count()
    with pgtrigger.ignore(), act(actor="author", reason="write"):
        changed = by_save(made)
    assert entries(size) == changed


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMP TABLE a (b int)",
        "CREATE FUNCTION pg_temp.a() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        'CREATE DOMAIN pg_temp.text AS "char"',
    ],
)
def test_the_serving_role_makes_nothing_not_even_for_a_while(statement, fresh_database):
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT ALL ON DATABASE {fresh_database} TO PUBLIC")
    grant("tracker")
    with pytest.raises(ProgrammingError, match="permission denied (to create temporary tables in|for) database"):
        by_hand(statement)


@pytest.fixture
def shadows(published_database):
    """A session of a serving role that, against the rule, may make temporary things, and what it published before."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {connection.settings_dict['NAME']} TO tracker")
    connection.close()
    by_hand("CREATE TEMP TABLE opened (here int)")


def test_tables_that_shadow_the_ledgers_change_nothing(shadows):
    for table in ("ledger_entry", "commitments_publication", "commitments_topic", "django_migrations"):
        by_hand(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)")
    size = by_hand("SELECT count(*) FROM public.ledger_entry")[0][0]
    by_hand(f"UPDATE public.{TOPIC} SET note = 'seen'")
    with pytest.raises(IntegrityError, match="security was public: it can be retracted, not deleted"):
        by_hand(f"DELETE FROM public.{TOPIC}")
    assert by_hand("SELECT count(*) FROM public.ledger_entry") == [(size + 1,)]
    assert by_hand("SELECT count(*) FROM pg_temp.ledger_entry") == [(0,)]


def test_a_type_that_shadows_text_lets_nothing_public_be_deleted(shadows):
    by_hand("DELETE FROM commitments_commitmenttopic")
    by_hand(f"DELETE FROM {TOPIC} WHERE false")  # the guard is read, the row's trigger isn't yet
    by_hand('CREATE DOMAIN pg_temp.text AS pg_catalog."char"')  # of which every text is its first letter
    with pytest.raises(IntegrityError, match="security was public: it can be retracted, not deleted"):
        by_hand(f"DELETE FROM {TOPIC}")


def test_a_catalog_that_shadows_the_servers_makes_nobody_the_owner(shadows):
    by_hand(
        "CREATE TEMP TABLE pg_class AS SELECT c.oid, r.oid AS relowner FROM pg_catalog.pg_class c, pg_catalog.pg_roles r "
        "WHERE r.rolname = current_user"
    )
    columns = "publication_id, record, lead, party, role, status, whole, schedule, contested"
    with pytest.raises(IntegrityError, match="is public already: how it stands was worked out then"):
        by_hand(
            f"INSERT INTO commitments_standing ({columns}, first, until) SELECT {columns}, first - 1, first "
            "FROM commitments_standing WHERE first > '2000-01-01'"
        )


def test_every_trigger_function_reads_names_in_a_fixed_order(fresh_database):
    found = by_hand(
        "SELECT proname, proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace "
        "WHERE nspname = 'public' AND prorettype = 'trigger'::regtype AND proname NOT LIKE 'pgtrigger%'"
    )
    declared = {name for name in rules.FUNCTIONS | FUNCTIONS if name.startswith(("desk_", "shelf_", "ledger_"))}
    asked = {
        "desk_may",
        "desk_allow",
        "desk_hands",
        "desk_own_work",
        "ledger_lease",
        "ledger_write",
        "shelf_renamed",
    }  # by the others: no triggers themselves
    assert {name for name, _settings in found} == declared - asked
    assert [name for name, settings in found if "search_path=public, pg_temp" not in (settings or ())] == []


def forge(**said):
    """A topic that a session writes, saying something else of itself between its statement and its end."""
    return by_hand(
        f"WITH made AS (INSERT INTO {TOPIC} {ROW} VALUES ('forged', 'draft', '', %s, '{{}}') RETURNING ref) "
        "SELECT set_config('tracker.open', %s, true) FROM made",
        json.dumps(NAME),
        json.dumps(said),
    )


def test_a_session_may_claim_any_name_but_nothing_that_the_database_knows_better(made):
    """A database can't know who sits before it: whoever has the serving role's password may sign as anybody, as that role."""
    last = Entry.objects.latest("seq")
    told = {"actor": "somebody else", "reason": "a claim", "door": "admin", "id": last.act}
    forge(
        **told,
        seq=1,
        role="tracker_owner",
        at="1999-01-01T00:00:00.000000Z",
        table="x",
        reference="y",
        after=None,
        salt="",
    )
    entry = Entry.objects.latest("seq")
    claimed = (entry.actor, entry.reason, entry.door, entry.act)
    assert claimed == ("somebody else", "a claim", "admin", last.act)
    assert (entry.seq, entry.role, entry.table, entry.reference) == (last.seq + 1, "tracker", TOPIC, "forged")
    assert entry.at >= last.at
    assert entry.values["after"]["name"] == NAME
    assert len(entry.values["salt"]) == 32
    assert set(entry.values) == set(last.values)


WHOLE = {"actor": "who", "reason": "why", "door": "sql", "id": "1"}


@pytest.mark.parametrize(
    "wrong", [{"id": ""}, {"id": None}, {"door": None}, {"door": "window"}, {"actor": "\n"}, {"reason": None}]
)
def test_an_act_that_is_forged_in_part_signs_nothing(wrong, made):
    with pytest.raises(ProgrammingError, match="a write to commitments_topic has no act"):
        forge(**WHOLE | wrong)


@pytest.mark.parametrize("forged", ["[]", '"who"', "{", "7"])
def test_an_act_that_is_no_object_signs_nothing(forged, made):
    with pytest.raises(Error, match="has no act|invalid input syntax|cannot|may not change"):
        by_hand(
            f"WITH made AS (UPDATE {TOPIC} SET note = 'x' RETURNING ref) SELECT set_config('tracker.open', %s, true) FROM made",
            forged,
        )


def test_a_session_that_sets_its_constraints_itself_is_recorded_all_the_same(made):
    size = Entry.objects.count()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL tracker.actor = 'who'; SET LOCAL tracker.reason = 'why'")
        for ref, when in (("water", "IMMEDIATE"), ("security", "DEFERRED")):
            cursor.execute(f"SET CONSTRAINTS ALL {when}")
            cursor.execute(f"UPDATE {TOPIC} SET note = 'seen' WHERE ref = '{ref}'")
        flush()
        cursor.execute("SET LOCAL tracker.actor = ''")
    assert entries(size) == [(TOPIC, "water", "update"), (TOPIC, "security", "update")]


# What an owner can do who switches the triggers off, and what `verify ledger` then finds.

FIRST = "seq = (SELECT min(seq) FROM ledger_entry WHERE reference = 'security')"
LEAF = r"encode(sha256('\x00'::bytea || convert_to(canonical, 'UTF8')), 'hex')"
LAST = "(SELECT max(seq) FROM ledger_entry)"
FORGED = "replace(canonical, 'author', 'nobody')"
INSERT = "INSERT INTO ledger_entry (seq, at, canonical, leaf, chain)"
TAMPERED = {  # statements by the owner, and the findings ("N" stands for the entry of the topic, "L" for the last)
    "a row changed": (
        "UPDATE commitments_party SET iso3166 = 'XX' WHERE ref = 'league'",
        ["commitments_party:P ROW league: it isn't as entry P says"],
    ),
    "an account raised": (
        "UPDATE commitments_user SET is_superuser = true",
        ["commitments_user:U ROW 1: it isn't as entry U says"],
    ),
    "a row gone": (
        "DELETE FROM commitments_partymember",
        ["commitments_partymember:M ROW league.member-1: it is gone"],
    ),
    "a row slipped in": (
        f"INSERT INTO {TOPIC} {ROW} VALUES ('x', 'draft', '', '{{\"en\": \"X\"}}', '{{}}')",
        ["commitments_topic:0 ROW x: the ledger doesn't know it"],
    ),
    "a text changed": (
        f"UPDATE ledger_entry SET canonical = {FORGED} WHERE {FIRST}",
        ["ledger_entry:N WRONG_COLUMN the entry was altered", "ledger_entry:N WRONG_LEAF the entry was altered"],
    ),
    "a column changed": (f"UPDATE ledger_entry SET actor = 'nobody' WHERE {FIRST}", ["ledger_entry:N WRONG_COLUMN the entry was altered"]),
    "a text and its leaf changed": (
        f"UPDATE ledger_entry SET canonical = {FORGED} WHERE {FIRST}; UPDATE ledger_entry SET leaf = {LEAF} WHERE {FIRST}",
        ["ledger_entry:N WRONG_CHAIN the entry was altered", "ledger_entry:N WRONG_COLUMN the entry was altered"],
    ),
    "a leaf changed": (
        f"UPDATE ledger_entry SET leaf = repeat('0', 64) WHERE {FIRST}",
        ["ledger_entry:N WRONG_CHAIN the entry was altered", "ledger_entry:N WRONG_LEAF the entry was altered"],
    ),
    "a chain changed": (
        f"UPDATE ledger_entry SET chain = repeat('0', 64) WHERE {FIRST}",
        ["ledger_entry:N WRONG_CHAIN the entry was altered", "ledger_entry:N+1 WRONG_CHAIN the entry was altered"],
    ),
    "a time changed": (
        f"UPDATE ledger_entry SET at = at - interval '1 hour' WHERE seq = {LAST}",
        ["ledger_entry:L WRONG_TIME the entry was altered"],
    ),
    "an entry removed": (
        f"DELETE FROM ledger_entry WHERE {FIRST}",
        ["ledger_entry:N+1 GAP the entry was altered",
         "ledger_entry:N+1 WRONG_CHAIN the entry was altered"],
    ),
    "the first entry removed": (
        "DELETE FROM ledger_entry WHERE seq = 1",
        ["auth_group:0 ROW 1: the ledger doesn't know it", "ledger_entry:2 GAP the entry was altered",
         "ledger_entry:2 WRONG_CHAIN the entry was altered"],
    ),
    "the last entry removed": (
        f"DELETE FROM ledger_entry WHERE seq = {LAST}",
        ["commitments_user:0 ROW 1: the ledger doesn't know it"],
    ),
    "an entry added": (
        f"{INSERT} SELECT seq + 1, at, canonical, leaf, chain FROM ledger_entry WHERE seq = {LAST}",
        ["ledger_entry:L+1 GAP the entry was altered", "ledger_entry:L+1 WRONG_CHAIN the entry was altered",
         "ledger_entry:L+1 WRONG_COLUMN the entry was altered"],
    ),
}  # fmt: skip


@pytest.fixture
def owner(published_database):
    """A published commitment, a party with a part and an account after it; and what runs SQL there as the owner."""
    with act(actor="author", reason="an account"):
        north = published_database["north"]
        models.PartyMember.objects.create(party=builders.party("league"), member=north)
        models.User.objects.create_user("curator")
    with connections["owner"].cursor() as cursor:
        yield cursor.execute


def numbered(finding):
    """A finding of TAMPERED with its numbers: of the first entry, of the last, and of three that it names."""
    last = Entry.objects.latest("seq").seq
    of = Entry.objects.values_list("seq", flat=True).filter
    first = of(reference="security").earliest("seq")
    numbers = {
        "N+1": first + 1,
        "N": first,
        "L+1": last + 1,
        "L": last,
        "U": last,
        "P": of(reference="league").get(),
        "M": of(reference="league.member-1").get(),
    }
    return re.sub(r"(?<=[: ])([NLUPM](\+1)?)(?= )", lambda found: str(numbers[found[0]]), finding)


@pytest.mark.no_cover
def test_verify_finds_each_alteration_of_rows_and_entries(owner):
    found, expected = {}, {}
    for name, (statements, findings) in TAMPERED.items():
        tables = sorted(set(re.findall(r"(?:UPDATE|FROM|INTO) (commitments_\w+|ledger_entry)", statements)))
        expected[name] = [numbered(finding) for finding in findings]
        with builders.undone("owner"):
            for table in tables:
                owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            owner(statements)
            for table in tables:
                owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            found[name] = [str(finding) for finding in sorted(verification.ledger("owner"))]
    assert found == expected


SWAP = """
DO $$ DECLARE t record; said text; BEGIN
  SELECT tgname AS name, pg_get_triggerdef(oid) AS made, obj_description(oid) AS note INTO t FROM pg_trigger
    WHERE tgrelid = '{0}'::regclass AND tgname LIKE 'pgtrigger_{1}_%';
  EXECUTE format('DROP TRIGGER %I ON {0}', t.name);
  EXECUTE regexp_replace(t.made, '{2}', '{3}');
  EXECUTE format('COMMENT ON TRIGGER %I ON {0} IS %L', t.name, t.note);
END $$"""
WEAKENED = {  # statements by the owner, and the findings
    "all triggers of a table off": (
        "ALTER TABLE ledger_entry DISABLE TRIGGER USER",
        "ledger_entry:0 TRIGGER keep is switched off",
    ),
    "a trigger of other columns": (
        SWAP.format("commitments_publication", "capture", ", detail", ""), "commitments_publication:0 TRIGGER capture is another",
    ),
    "a trigger of other rows": (
        SWAP.format("commitments_publication", "fill_search", "made", "others"), "commitments_publication:0 TRIGGER fill_search is another",
    ),
    "a trigger for replicas only": (
        "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE ledger_entry ENABLE REPLICA TRIGGER %I', tgname) FROM pg_trigger "
        "WHERE tgrelid = 'ledger_entry'::regclass AND tgname LIKE 'pgtrigger_keep_%'); END $$",
        "ledger_entry:0 TRIGGER keep is switched off",
    ),
    "a trigger gone": (
        "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON ledger_entry', tgname) FROM pg_trigger "
        "WHERE tgrelid = 'ledger_entry'::regclass AND tgname LIKE 'pgtrigger_keep_%'); END $$",
        "ledger_entry:0 TRIGGER keep is uninstalled",
    ),
    "a trigger swapped, its mark kept": (
        SWAP.format("ledger_entry", "keep", "ledger_refuse", "suppress_redundant_updates_trigger").replace("STATEMENT", "ROW"),
        "ledger_entry:0 TRIGGER keep is another",
    ),
    "a trigger that hides a column, its mark kept": (
        SWAP.format("commitments_party", "capture", "''ref'', ''''", "''ref'', ''iso3166''"),
        "commitments_party:0 TRIGGER capture is another",
    ),
    "a trigger that misses deletions, its mark kept": (
        SWAP.format("commitments_party", "capture", "OR DELETE ", ""), "commitments_party:0 TRIGGER capture is another",
    ),
    "a trigger that fires on a condition, its mark kept": (
        SWAP.format("commitments_publication", "follow", r"WHEN \(.*\) EXECUTE", "WHEN (false) EXECUTE"),
        "commitments_publication:0 TRIGGER follow is another",
    ),
    "a trigger of nobody's": (
        "CREATE TRIGGER a BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ledger_entry:0 TRIGGER a is nobody's",
    ),
    "a rule of nobody's": ("CREATE RULE a AS ON INSERT TO ledger_entry DO INSTEAD NOTHING", "ledger_entry:0 TRIGGER the rule a is nobody's"),
    "another function": (
        "CREATE OR REPLACE FUNCTION public.ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "ledger_refuse:0 FUNCTION the function isn't the declared one",
    ),
    "a function that reads names elsewhere": (
        "ALTER FUNCTION ledger_capture() SET search_path = pg_temp, public", "ledger_capture:0 FUNCTION the function isn't the declared one",
    ),
    "a function with fewer rights": (
        "ALTER FUNCTION shelf_rules() SECURITY INVOKER", "shelf_rules:0 FUNCTION the function isn't the declared one",
    ),
    "a function's twin": (
        "CREATE FUNCTION public.is_language_map(value text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "is_language_map:0 FUNCTION the function isn't the declared one",
    ),
    "a privilege too many": ("GRANT DELETE ON ledger_entry TO tracker", "ledger_entry:0 PRIVILEGE tracker may SELECT, DELETE"),
    "a privilege for a column": ("GRANT UPDATE (leaf) ON ledger_entry TO tracker", "ledger_entry:0 PRIVILEGE tracker may SELECT, UPDATE"),
    "a privilege for everybody": ("GRANT TRUNCATE ON ledger_entry TO PUBLIC", "ledger_entry:0 PRIVILEGE tracker may SELECT, TRUNCATE"),
    "a privilege too few": (f"REVOKE DELETE ON {TOPIC} FROM tracker", f"{TOPIC}:0 PRIVILEGE tracker may SELECT, INSERT, UPDATE"),
    "a function for everybody": (
        "GRANT EXECUTE ON FUNCTION ledger_capture() TO PUBLIC", "database:0 PRIVILEGE tracker may execute ledger_capture",
    ),
    "things for a while": (
        "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$",
        "database:0 PRIVILEGE tracker may make temporary tables",
    ),
    "things of its own": ("GRANT CREATE ON SCHEMA public TO tracker", "database:0 PRIVILEGE tracker may make tables"),
}  # fmt: skip


def test_verify_finds_each_weakening_of_the_guards(owner):
    found = {}
    for name, (statement, *_findings) in WEAKENED.items():
        with builders.undone("owner"):
            owner(statement)
            found[name] = [str(finding) for finding in sorted(verification.ledger("owner"))]
    assert found == {name: findings for name, (_statement, *findings) in WEAKENED.items()}


def test_entries_come_in_number_order_without_gap_or_fork_from_many_writers(fresh_database):
    def write(writer):
        try:
            for number in range(4):
                with act(actor=f"writer-{writer}", reason=f"act {number}"):
                    models.Topic.objects.bulk_create(topics(f"t-{writer}-{number}-a", f"t-{writer}-{number}-b"))
        finally:
            connections["default"].close()

    size = Entry.objects.count()
    connections["default"].close()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    found = list(Entry.objects.filter(seq__gt=size))
    assert sorted(entry.reference for entry in found) == sorted(
        f"t-{w}-{n}-{x}" for w in range(8) for n in range(4) for x in "ab"
    )
    assert all(entry.actor == f"writer-{entry.reference[2]}" for entry in found)
    recomputes(Entry.objects.all())
    by_act = {}
    for entry in found:
        by_act.setdefault(entry.act, []).append(entry.seq)
    assert all(last == first + 1 for first, last in by_act.values())  # an act's entries stand together


REFS = st.sampled_from(["a", "b", "c", "d"])
NOTES = st.sampled_from(["", "seen", "ملاحظة"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), REFS, NOTES),
        st.tuples(st.just("change"), REFS, NOTES),
        st.tuples(st.just("discard"), REFS),
        st.tuples(st.just("by hand"), NOTES, NOTES),
        st.tuples(st.just("upsert"), REFS, NOTES),
        st.tuples(st.just("undo"), REFS, NOTES),
        st.tuples(st.just("other act")),
    ),
    max_size=12,
)


def step(what, *values):
    """One operation of a random series; what it can't do, it leaves."""
    if what == "create":
        if not Entry.objects.filter(table=TOPIC, reference=values[0]).exists():
            models.Topic.objects.create(ref=values[0], note=values[1], name=NAME)
    elif what == "change":
        models.Topic.objects.filter(ref=values[0]).update(note=values[1])
    elif what == "discard":
        models.Topic.objects.filter(ref=values[0]).delete()
    elif what == "by hand":
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TOPIC} SET note = %s WHERE note = %s", values)
    elif what == "upsert":
        if models.Topic.objects.filter(ref=values[0]).exists():
            topic = models.Topic(ref=values[0], note=values[1], name=NAME)
            models.Topic.objects.bulk_create(
                [topic], update_conflicts=True, unique_fields=["ref"], update_fields=["note"]
            )
    elif what == "undo":
        with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
            models.Topic.objects.filter(ref=values[0]).update(note=values[1])
            flush()
            raise ZeroDivisionError
    else:
        with act(actor="another", reason="in between"):
            models.Topic.objects.filter(note="").update(note="seen")
    flush()


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=4))
@pytest.mark.no_cover
def test_a_fold_of_the_ledger_gives_the_very_rows(acts):
    with transaction.atomic():
        for number, steps in enumerate(acts):
            with act(actor=f"author-{number}", reason="a random series"):
                for one in steps:
                    step(*one)
        rows = {}
        for entry in Entry.objects.filter(table=TOPIC):
            values = entry.values
            assert rows.get(entry.reference) == values["before"]
            assert values["before"] != values["after"]
            rows[entry.reference] = values["after"]
        there = by_hand(f"SELECT ref, to_jsonb(t) FROM {TOPIC} t")
        assert {ref: row for ref, row in rows.items() if row} == {
            ref: json.loads(row) if isinstance(row, str) else row for ref, row in there
        }
        transaction.set_rollback(True)


def test_a_session_that_begins_with_an_empty_ledger_never_reads_it_from_end_to_end(fresh_database):
    """What PostgreSQL knows of a table is from when it had a page; a session keeps its plans for as long as nobody looks anew."""
    asked = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'ledger_entry'"
    with act(actor="author", reason="one after the other"), connection.cursor() as cursor:
        flush()
        cursor.execute(asked)
        (before,) = cursor.fetchone()
        for number in range(12):  # a plan is kept from the sixth time on
            party = builders.party(f"party-{number}")
            models.PartyAlias.objects.bulk_create(
                models.PartyAlias(ref=f"{party.pk}.alias-{n}", party=party, name=f"Name {n}", language="en")
                for n in (1, 2)
            )
            flush()
        cursor.execute(asked)
        assert cursor.fetchone() == (before,)
