"""Hostile characters: every door refuses them, what let them in before is found, and a document's own overrides stay."""

import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections

from commitments import actions, fixtures, functions, models, verification
from commitments.findings import Faulty
from commitments.ledger import HOSTILE, act
from commitments.text import REFUSED, Hostile
from tests import builders
from tests.builders import by_hand

EACH = ("\x01", "\x08", "\x0c", "\x7f", "\x85", "\ufdd0", "\uffff", "\U0001fffe", "\u202e", "\u2066")
named = [f"U+{ord(character):04X}" for character in EACH]


@pytest.fixture
def party(db):
    with act(actor="author", reason="record"):
        return builders.party()


@pytest.mark.django_db
def test_the_database_knows_the_very_characters_that_python_knows():
    with connection.cursor() as cursor:
        there = "SELECT string_agg(chr(p), '') FROM generate_series(1, 1114111) p WHERE p NOT BETWEEN 55296 AND 57343"
        cursor.execute(f"SELECT found[1] FROM regexp_matches(({there}), '[{HOSTILE}]', 'g') found")
        found = [character for (character,) in cursor.fetchall()]
    there = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x110000))))
    assert found == [each[0] for each in REFUSED.finditer(there)]


@pytest.mark.parametrize(
    "column", ["note = %s", "name = jsonb_build_object('en', %s)", "name = jsonb_build_object(%s, 'x')"]
)
@pytest.mark.parametrize("character", EACH, ids=named)
def test_no_sql_writes_one(character, column, party):
    point, field = f"U\\+{ord(character):04X}", column.split(" ")[0]
    with pytest.raises(
        IntegrityError, match=f"commitments_party north: {field}: {point}: no record may hold|is_filled_map|check"
    ):
        by_hand(f"UPDATE commitments_party SET {column} WHERE ref = 'north'", f"one{character}two")


@pytest.mark.parametrize("part", ["actor", "reason"])
@pytest.mark.parametrize("character", EACH, ids=named)
def test_no_act_is_signed_or_reasoned_with_one(character, part, party):
    said = {"actor": "author", "reason": "why"} | {part: f"one{character}two"}
    with pytest.raises(
        IntegrityError, match=f"commitments_party north: the act's {part}: U\\+{ord(character):04X}: no record"
    ):
        by_hand("UPDATE commitments_party SET note = 'seen' WHERE ref = 'north'", **said)
    with (
        pytest.raises(
            Hostile, match=rf"^{part}: U\+{ord(character):04X} .* at index 3 \(line 1\): take this character out$"
        ),
        act(**said),
    ):
        pass  # nothing is reached
    with pytest.raises(Hostile, match=f"^{'reason' if part == 'reason' else 'actor'}: "):
        actions.publish([party], by=said["actor"], reason=said["reason"])


@pytest.mark.django_db
@pytest.mark.parametrize("character", EACH, ids=named)
def test_loaddata_loads_none(character, tmp_path):
    row = {"model": "commitments.topic", "pk": "water", "fields": {"name": {"en": f"Wa{character}ter"}}}
    (tmp_path / "topic.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(
        IntegrityError, match=rf"commitments_topic water: name: U\+{ord(character):04X}: no record may hold"
    ):
        call_command("loaddata", str(tmp_path / "topic.jsonl"), verbosity=0)


def test_what_only_looks_like_one_in_json_is_none(party):
    said = 'C:\\banners\\flags\\u0001 "\\b" \\\\b\t\r\n\u200f\u2028'
    by_hand("UPDATE commitments_party SET note = %s WHERE ref = 'north'", said)
    party.refresh_from_db()
    assert party.note == said


@pytest.mark.django_db
def test_a_documents_overrides_stay_in_its_text_its_quotes_and_what_is_public_of_them():
    content = builders.TEXT.replace("ملتزمة", "\u202bملتزمة\u202c")
    made = builders.published()
    with act(actor="author", reason="another copy"):
        document = builders.document("copy", content)
        actions.attach(document, content.encode(), by="author", reason="attach", now=builders.NOW)
        quote = builders.quote(document, "الشمال \u202bملتزمة\u202c بحماية", content)
        models.Citation.objects.create(quote=quote, commitment=made["commitment"], part="undertaking")
    actions.publish([document, made["commitment"]], by="approver", reason="checked")
    assert "\u202b" in models.Publication.objects.known_at(None).get(kind="commitment").body
    with pytest.raises(
        IntegrityError, match=r"commitments_quote copy\.quote-1: translation: U\+202B: no record may hold"
    ):
        by_hand("UPDATE commitments_quote SET translation = jsonb_build_object('en', exact) WHERE ref = 'copy.quote-1'")
    assert list(verification.ledger()) == []


def test_one_that_is_there_already_is_found_and_no_import_brings_it(fresh_database, tmp_path, empty_database):
    with act(actor="author", reason="record"):
        builders.party()
    export = {"by": "operator", "reason": "for the auditor"}
    with connections["owner"].cursor() as cursor:  # as before this rule
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public.hostile_in(source text, content jsonb) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'"
        )
        by_hand("UPDATE commitments_party SET note = %s", "one\x01two", reason="a\x7fb")
        cursor.execute(next(sql for sql in functions.all() if "public.hostile_in(source" in sql))
    found = [
        "commitments_party:0 HOSTILE north: note: U+0001: no record may hold this character",
        "ledger_entry:7 HOSTILE its actor or reason holds a character that no record may hold",
    ]
    assert sorted(map(str, verification.ledger())) == found
    fixtures.export(tmp_path / "bundle", **export)
    with empty_database(), pytest.raises(Faulty) as refusal:
        fixtures.restore(tmp_path / "bundle")
    assert str(refusal.value).splitlines() == found
