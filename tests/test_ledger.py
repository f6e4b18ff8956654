"""The ledger: entries are the changed rows however a write came in, signed, chained, and out of everybody's reach."""

import concurrent.futures
import datetime
import io
import json

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.commands import loaddata
from django.db import DataError, Error, IntegrityError, ProgrammingError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import models
from commitments.ledger import GENESIS, Entry, NotInAct, act, chain_hash, flush, leaf_hash, session_act
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


@pytest.mark.parametrize("way", WAYS)
def test_the_entries_are_the_changed_rows(way, made):
    size = Entry.objects.count()
    with act(actor="author", reason="write"):
        changed = way(made)
    assert entries(size) == changed
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
        with act(actor="inner", reason="second", door="admin"):
            models.Topic.objects.create(ref="b", name=NAME)
        models.Topic.objects.create(ref="c", name=NAME)
    found = Entry.objects.filter(seq__gt=size)
    assert list(found.values_list("reference", "actor", "reason", "door")) == [
        ("a", "outer", "first", "command"),
        ("b", "inner", "second", "admin"),
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
    assert Entry.objects.size_at(at[1] - datetime.timedelta(microseconds=1)) == 0
    assert {Entry.objects.size_at(instant) for instant in at.values()} <= set(at)
    assert Entry.objects.size_at(max(at.values())) == max(at)


def test_the_columns_say_what_the_hashed_text_says(made):
    for entry in Entry.objects.all():
        names = ("act", "actor", "role", "door", "reason", "table", "reference", "schema")
        assert [getattr(entry, name) for name in names] == [entry.values[name] for name in names]
        assert entry.schema.startswith("0")
        assert str(entry) == f"{entry.seq} {entry.table} {entry.reference}"


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
    assert client.login(username="curator", password="canary")
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
    "delete": "DELETE FROM ledger_entry",
    "truncate": "TRUNCATE ledger_entry",
    "insert": "INSERT INTO ledger_entry (seq, at, canonical, leaf, chain) VALUES (1000000, now(), '{}', '', '')",
}


@pytest.mark.parametrize("what", REACH)
def test_the_serving_role_cannot_touch_the_ledger(what, made):
    with pytest.raises(ProgrammingError, match="permission denied for table ledger_entry"):
        by_hand(REACH[what])


@pytest.mark.parametrize("what", ["update", "delete", "truncate"])
def test_the_owner_is_refused_by_the_trigger(what, fresh_database):
    with pytest.raises(ProgrammingError, match=f"{what.upper()} on ledger_entry is refused: what was recorded stays"):
        by_hand(REACH[what], using="owner")


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
