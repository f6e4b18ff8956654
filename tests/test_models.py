"""Models: references, dates, states, what may change, and the design's invariants, each with a try to break it."""

import copy
import datetime
import json
import unicodedata

import pytest
from django.apps import apps
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.models import ProtectedError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import actions, codebook, fields, functions, ledger, models, verification
from commitments.ledger import Entry, act
from commitments.text import visible
from tests import builders
from tests.builders import by_hand


def test_every_model_is_declared_mutable_or_append_only():
    declared = [model for group in models.MUTABILITY.values() for model in group]
    assert len(declared) == len(set(declared))
    assert set(declared) == {
        model for model in apps.get_app_config("commitments").get_models() if not model._meta.proxy
    }
    assert set(builders.CHANGES) == set(declared)


@pytest.mark.no_cover
@pytest.mark.parametrize("using", ["default", "owner"])
def test_what_is_declared_is_what_the_database_enforces(using, fresh_database):
    builders.everything()
    builders.approve_all()
    for declared, group in models.MUTABILITY.items():
        for model in sorted(group, key=lambda model: model.__name__):
            if declared == "append-only" or (declared == "derived" and using == "default"):
                with pytest.raises(ProgrammingError, match=r"permission denied|what was recorded stays"):
                    builders.change(model, using)
            elif declared == "append-only once public" or model is models.Citation:  # of a deadline: a part of it
                with pytest.raises(IntegrityError, match="was public and is append-only: correct it by a new record"):
                    builders.change(model, using)
            else:
                builders.change(model, using)


@pytest.mark.django_db
def test_drafts_of_what_is_append_only_may_change():
    builders.everything()
    for model in (*models.MUTABILITY["append-only once public"], models.Citation):
        assert builders.change(model).startswith("talks-2030-06-01-01.")


@pytest.mark.no_cover
def test_no_migration_is_missing(fresh_database):
    call_command("makemigrations", "commitments", check=True, dry_run=True, verbosity=0)


@pytest.mark.no_cover
def test_every_function_can_be_made_again(fresh_database):
    with connections["owner"].cursor() as cursor:
        for statement in functions.all():
            assert statement.strip().startswith(
                ("CREATE OR REPLACE FUNCTION public.", "CREATE OR REPLACE AGGREGATE public.")
            )
            cursor.execute(statement)
    builders.published()


def test_privileges_are_given_anew_without_harm_and_the_owner_needs_none(fresh_database):
    for role in ("tracker", "tracker_owner"):
        ledger.grant(role)
    builders.published()
    with pytest.raises(ProgrammingError, match="permission denied"):
        by_hand("TRUNCATE commitments_topic CASCADE")


# References


@pytest.mark.django_db
def test_parts_are_numbered_within_their_parent():
    made = builders.everything()
    numbers = {
        models.CommitmentParty: ["party-1", "party-2"],
        models.CommitmentTopic: ["topic-1"],
        models.Deadline: ["deadline-1", "deadline-2"],
        models.Relation: ["relation-1", "relation-2"],
        models.Assessment: ["assessment-1", "assessment-2"],
        models.AssessmentSearch: ["assessment-1.search-1"],
        models.Divergence: ["divergence-1"],
        models.Citation: ["assessment-1.citation-1", "citation-1", "citation-2", "deadline-1.citation-1"],
    }
    for model, expected in numbers.items():
        found = model.objects.filter(ref__startswith="talks-2030-06-01-01.").values_list("ref", flat=True)
        assert [ref.removeprefix("talks-2030-06-01-01.") for ref in found] == expected
    assert [str(made[name]) for name in ("security", "quote", "term")] == [
        "security", "gazette-2030-05-04.quote-1", "talks-2030-06-01-01.deadline-1"
    ]  # fmt: skip
    assert str(models.Standing.objects.earliest("pk")) == "commitment.talks-2030-05-04-01.1 0001-01-01"
    assert str(models.CommitmentIndex.objects.get()) == "commitment.talks-2030-05-04-01.1"
    assert models.CommitmentIndex._meta.get_field("vector").db_type(connections["owner"]) == "tsvector"
    assert str(models.Publication.objects.get(kind="topic")) == "topic.security.1"
    assert str(models.DocumentText.objects.get()) == "gazette-2030-05-04"


@pytest.mark.django_db
def test_numbers_go_on_after_nine_and_are_not_mixed_up_with_other_parents():
    with act(actor="author", reason="many names"):
        north, other = builders.party(), builders.party("north.x-1")
        aliases = [models.PartyAlias.objects.create(party=north, name=f"name {n}", language="en") for n in range(11)]
        alias = models.PartyAlias.objects.create(party=other, name="name", language="en")
    assert [aliases[-1].ref, alias.ref] == ["north.alias-11", "north.x-1.alias-1"]


@pytest.mark.django_db
def test_the_number_of_a_part_is_never_given_twice():
    with act(actor="author", reason="names"):
        north = builders.party()
        models.PartyAlias.objects.create(party=north, name="one", language="en")
        models.PartyAlias.objects.create(party=north, name="two", language="en")
    with act(actor="author", reason="not in any text"):
        north.aliases.all().delete()
    with act(actor="author", reason="found one"):
        assert models.PartyAlias.objects.create(party=north, name="three", language="en").ref == "north.alias-3"


@pytest.mark.django_db
def test_the_reference_of_a_discarded_draft_is_not_used_again():
    with act(actor="author", reason="draft"):
        builders.topic("water")
    with act(actor="author", reason="discard"):
        models.Topic.objects.get().delete()
    with pytest.raises(IntegrityError, match="this reference was used before and is never given again"):  # noqa: SIM117
        with act(actor="author", reason="draft again"):
            builders.topic("water")


def test_a_part_of_nothing_says_so():
    with pytest.raises(ValidationError) as caught:
        models.Citation().save()
    assert caught.value.message_dict == {"commitment": ["Say what this belongs to."]}


# Dates


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("2030-05-04", "2030-05-04", "2030-05-04"),
        ("2030-05", "2030-05-01", "2030-05-31"),
        ("2030", "2030-01-01", "2030-12-31"),
        ("203X", "2030-01-01", "2039-12-31"),
        ("2030-05/..", "2030-05-01", None),
        ("../2030-05", None, "2030-05-31"),
    ],
)
def test_a_date_has_the_days_of_its_form_when_it_is_saved(edtf, earliest, latest):
    with act(actor="author", reason="a document"):
        made = builders.document(published_edtf=edtf)
    made.refresh_from_db()
    found = [day and day.isoformat() for day in (made.published_earliest, made.published_latest)]
    assert found == [earliest, latest]


@pytest.mark.django_db
def test_a_date_that_is_none_is_refused_by_name():
    with pytest.raises(ValidationError) as caught, act(actor="author", reason="a document"):
        builders.document(published_edtf="4 May 2030")
    assert list(caught.value.message_dict) == ["published_edtf"]


def faults(record):
    """{field: messages} of what a form would say; {} if nothing."""
    try:
        record.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.fixture
def filled(db):
    return builders.everything()


def test_the_records_as_built_have_no_fault(filled):
    for name, record in filled.items():
        assert faults(record) == {}, name


WRONG = [  # a record, other values, and the fields that a form then speaks of
    ("document", {"published_edtf": "2030-05-04", "published_words": "May 2030"}, {"published_edtf"}),
    ("document", {"published_edtf": "May"}, {"published_edtf"}),
    ("document", {"publisher": ""}, {"__all__"}),
    ("statement", {"issued_edtf": "2030-05-04", "issued_words": "spring 2030"}, {"issued_edtf"}),
    ("statement", {"issued_edtf": "2030-05-05", "issued_words": "tomorrow"}, {"issued_edtf"}),
    ("statement", {"round": 2}, {"__all__"}),
    ("term", {"edtf": "2031-03-01", "words": "in March 2031"}, {"edtf"}),
    ("term", {"edtf": "March"}, {"edtf"}),
    ("term", {"anchor_edtf": "then"}, {"anchor_edtf"}),
    ("term", {"latest": datetime.date(2031, 3, 2)}, {"__all__"}),
    ("longer", {"replaces": "deadline"}, {"replaces"}),
    ("judged", {"effective_words": "in 2030", "effective_edtf": "2030-07"}, {"effective_edtf"}),
    ("judged", {"obligor": "north"}, {"obligor"}),
    ("corrected", {"corrects": "foreign"}, {"corrects"}),
    ("link", {"target": None}, {"__all__"}),
    ("link", {"target": "opening"}, {"__all__"}),
]


def test_a_form_names_the_field_at_fault(filled):
    with act(actor="author", reason="judge another"):
        filled["foreign"] = builders.assessment(filled["commitment"])
    for name, values, expected in WRONG:
        record = copy.copy(filled[name])
        for field, value in values.items():
            setattr(record, field, filled.get(value, value) if isinstance(value, str) else value)
        assert set(faults(record)) == expected, (name, values)


def test_a_date_may_count_from_the_day_of_the_document_that_quotes_it(filled):
    filled["second"].issued_words, filled["second"].issued_edtf = "yesterday", "2030-05-03"
    assert faults(filled["second"]) == {}


def test_an_assessment_without_a_commitment_is_a_fault_and_no_crash(filled):
    assert "commitment" in faults(models.Assessment(obligor=filled["north"]))


# States


@pytest.mark.django_db
def test_a_published_record_that_is_saved_with_changes_is_in_review_and_stays_public_as_it_was():
    made = builders.published()
    made["north"].name = {"en": "Northland"}
    with act(actor="author", reason="rename"):
        made["north"].save()
    assert models.Party.objects.get(pk="north").state == "in_review"
    public = models.Publication.objects.known_at(None).get(kind="party", record="north")
    assert (public.version, public.body_json["name"]) == (1, {"en": "North", "ar": "الشمال"})


@pytest.mark.django_db
def test_what_was_read_before_a_change_does_not_bring_back_the_state_of_then():
    made = builders.published()
    mine, theirs = models.Party.objects.get(pk="north"), models.Party.objects.get(pk="north")
    with act(actor="author", reason="rename"):
        mine.name = {"en": "Northland"}
        mine.save()
    with act(actor="author", reason="note"):
        mine.save()  # it still says that it is published
        theirs.note = "ask again"
        theirs.save()
    made["north"].refresh_from_db()
    assert (made["north"].state, made["north"].note) == ("in_review", "ask again")


@pytest.mark.django_db
def test_a_record_can_be_saved_in_part():
    made = builders.published()
    with act(actor="author", reason="note"):
        made["north"].name, made["north"].note = {"en": "Northland"}, "ask again"
        made["north"].save(update_fields=["note"])
    made["north"].refresh_from_db()
    assert (made["north"].name["en"], made["north"].note, made["north"].state) == ("North", "ask again", "published")


# The invariants of the design that a database can hold


OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what a document has, its quotes have
LETTERS = st.characters(exclude_categories=["Cs"]).filter(lambda each: visible(each) == each or each in OVERRIDES)


@pytest.mark.django_db
@settings(max_examples=40)
@given(st.text(LETTERS, min_size=1, max_size=30), st.text(LETTERS, max_size=10))
@pytest.mark.no_cover
def test_invariant_1_no_character_of_a_quote_changes_on_its_way(exact, before):
    with transaction.atomic():
        text = before + exact
        with act(actor="author", reason="quote"):
            document = builders.document(text=text, length=4 * len(text))
            span = {"start": len(before), "end": len(text), "prefix": before, "suffix": "", "translation": {}}
            made = models.Quote.objects.create(document=document, exact=exact, language="ar", voice="narrative", **span)
        made.refresh_from_db()
        assert (text[made.start : made.end], made.exact, made.prefix) == (exact, exact, before)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_invariant_1_nothing_is_normalised_on_the_way_out():
    exact = unicodedata.normalize("NFD", "الشـمال  ملتزمةٌ\u200f بـ«آذار»\r\n")
    text = f"قال: {exact}!"
    with act(actor="author", reason="quote"):
        document = builders.document(text=text)
        quote = builders.quote(document, exact=exact, text=text)
        topic, party = builders.topic(), builders.party()
        statement = builders.statement()
        commitment = builders.commitment(statement, [party], [quote], topics=[topic])
    actions.publish([topic, party, document, statement, commitment], by="approver", reason="checked")
    (shown,) = models.Publication.objects.get(kind="commitment").body_json["quotes"]
    assert (shown["exact"], shown["suffix"], shown["start"]) == (exact, "!", 5)


def test_invariant_1_a_false_check_proves_nothing_where_the_text_is_attached(filled):
    by_hand("UPDATE commitments_quote SET exact = 'الجنوب ستغلق الحدود' WHERE ref = 'gazette-2030-05-04.quote-2'")
    with act(actor="author", reason="say that it is exact"):
        models.QuoteCheck.objects.create(
            quote=filled["spoken"], level="exact", start=filled["spoken"].start, end=filled["spoken"].end, folding="1",
            sha256=filled["document"].sha256, digest=actions.digest("الجنوب ستغلق الحدود"), checked_at=builders.NOW,
        )  # fmt: skip
    assert models.Quote.objects.checked().get(pk=filled["spoken"].pk).level == "exact"
    with pytest.raises(
        IntegrityError, match=r"quote gazette-2030-05-04.quote-2 is not proven exact and carries no waiver"
    ):
        actions.publish([filled["process"], filled["second"]], by="approver", reason="checked")


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["role = 'obligor'", "part = 'undertaking'"])
@pytest.mark.no_cover
def test_invariant_2_nothing_is_published_without_an_obligor_and_an_undertaking(lost):
    made = builders.published()
    table = "commitments_commitmentparty" if "role" in lost else "commitments_citation"
    by_hand(f"DELETE FROM {table} WHERE {lost}")
    with pytest.raises(IntegrityError, match=r"it has no obligor|no quote proves its undertaking"):
        actions.publish([made["commitment"]], by="approver", reason="checked")


def test_invariant_2_nothing_is_published_without_a_statement(filled):
    with pytest.raises(
        actions.Refused, match="statement talks-2030-06-01 is named but not published; publish it first"
    ):
        actions.publish([filled["opening"]], by="approver", reason="checked")
    with pytest.raises(IntegrityError, match='null value in column "statement_id"'):
        by_hand("UPDATE commitments_commitment SET statement_id = NULL")


@pytest.mark.django_db
@pytest.mark.no_cover
def test_invariant_3_what_claims_something_needs_evidence():
    made = builders.published()
    for status in ("fulfilled", "partly_fulfilled", "not_fulfilled", "contrary_action"):
        with act(actor="author", reason="judge"):
            judged = builders.assessment(made["commitment"], status)
        with pytest.raises(IntegrityError, match=f"{status} needs evidence"):
            actions.publish([judged], by="approver", reason="checked")


FINER = (  # what the database refuses to say of a date
    "commitments_document SET published_edtf = '2030-05'",  # and the day of before
    "commitments_document SET published_edtf = '', published_words = 'in the coming months'",
    "commitments_statement SET issued_latest = issued_latest + 1",
    "commitments_statement SET issued_words = ''",
    "commitments_deadline SET latest = '2031-02-28', earliest = '2031-02-28'",
    "commitments_deadline SET edtf = '2031-02-30'",
    "commitments_deadline SET edtf = 'in March'",
    "commitments_deadline SET words = ''",
    "commitments_deadline SET deadline_kind = 'event'",
)


def test_invariant_4_no_day_is_finer_than_its_form_and_no_form_without_words(filled):
    for finer in FINER:
        with pytest.raises(IntegrityError, match=r"check constraint|EDTF"):
            by_hand(f"UPDATE {finer} WHERE state = 'draft'" if "deadline" in finer else f"UPDATE {finer}")


@pytest.mark.django_db
def test_invariant_5_any_pair_of_times_is_one_question_to_the_database(django_assert_num_queries):
    builders.published()
    size = Entry.objects.count()
    with django_assert_num_queries(1):
        found = (
            models.Standing.objects.known_at(size).as_of(datetime.date(2031, 3, 2)).filter(schedule="overdue", party="")
        )
        assert [row.due_latest for row in found.order_by("due_latest")] == [datetime.date(2031, 3, 1)]
    with django_assert_num_queries(1):
        assert [row.record for row in models.Publication.objects.known_at(size).standing().of("topic")] == ["security"]


def test_invariant_6_nothing_that_was_public_is_deleted_links_and_drafts_may_go(filled):
    with pytest.raises((IntegrityError, ProtectedError)), act(actor="author", reason="away"):
        filled["north"].delete()
    for name in ("deadline", "security"):
        with pytest.raises(IntegrityError, match=r"was public: it can be retracted, not deleted|violates foreign key"):
            by_hand(f"DELETE FROM {filled[name]._meta.db_table} WHERE ref = %s", filled[name].ref)
    with act(actor="author", reason="discard"):
        filled["mention"].delete()
        models.CommitmentTopic.objects.all().delete()
        models.PartyMember.objects.all().delete()
        models.PartyAlias.objects.all().delete()
    tombstone = actions.retract(filled["deadline"], by="approver", reason="misread")
    assert (tombstone.tombstone, tombstone.reason) == (True, "misread")
    assert Entry.objects.filter(reference="league.alias-1").count() == 2


@pytest.mark.django_db(databases=["default", "owner"])
def test_invariant_7_and_8_each_row_of_each_table_is_as_its_last_entry_says_signed_and_approved_by_another():
    builders.everything()
    builders.approve_all()
    assert not Entry.objects.filter(actor="").exists()
    assert not Entry.objects.filter(reason="").exists()
    assert list(verification.ledger()) == []
    approvers = set(Entry.objects.filter(table="commitments_publication").values_list("actor", flat=True))
    assert approvers == {"approver"}


@pytest.mark.django_db
def test_invariant_8_nobody_approves_their_own_work():
    made = builders.published()
    with act(actor="author", reason="rename"):
        models.Party.objects.filter(pk="north").update(name={"en": "Northland"})
    with pytest.raises(
        IntegrityError, match="author changed it since the last approval, and nobody approves their own work"
    ):
        actions.publish([made["north"]], by="author", reason="looks good to me")


def test_invariant_9_no_draft_note_or_text_is_on_the_shelf(filled):
    by_hand("UPDATE commitments_party SET note = 'canary'")
    by_hand('UPDATE commitments_commitment SET title = \'{"en": "canary"}\'')
    by_hand("UPDATE commitments_statement SET note = 'canary', title = '{\"en\": \"canary\"}' WHERE state = 'draft'")
    actions.publish([filled["north"], filled["league"]], by="approver", reason="checked")
    shelf = json.dumps(
        [list(model.objects.values()) for model in (models.Publication, models.Standing)],
        default=str,
        ensure_ascii=False,
    )
    assert "canary" not in shelf
    assert builders.TEXT not in shelf
    assert "أعلنت الشمال والجنوب في بيان مشترك أن الشمال" not in shelf


@pytest.mark.django_db
@pytest.mark.no_cover
def test_invariant_10_the_order_of_insertion_makes_no_difference_to_what_is_public():
    def bodies(turned):
        with transaction.atomic():
            with act(actor="author", reason="record"):
                parties = [builders.party(ref) for ref in (["south", "north"] if turned else ["north", "south"])]
                topics = [builders.topic(ref) for ref in (["trade", "security"] if turned else ["security", "trade"])]
                quote = builders.quote(document := builders.document())
                statement = builders.statement(issuers=parties)
                made = builders.commitment(statement, parties, [quote], topics=topics)
            records = [*parties, *topics, document, statement, made]
            actions.publish(records[::-1] if turned else records, by="approver", reason="checked")
            found = sorted(models.Publication.objects.values_list("ref", "body", "detail"))
            transaction.set_rollback(True)
        return found

    assert bodies(turned=False) == bodies(turned=True)


def test_invariant_11_a_reference_never_changes(filled):
    for table in ("party", "partyalias", "commitment", "citation", "deadline"):
        with pytest.raises(IntegrityError, match="is a lasting reference and can't become another"):
            by_hand(
                f"UPDATE commitments_{table} SET ref = 'another' WHERE ref = (SELECT max(ref) FROM commitments_{table})"
            )


@pytest.mark.django_db
def test_invariant_12_a_pseudonym_is_made_once_and_lasts():
    with act(actor="admin", reason="a new curator"):
        user = models.User.objects.create_user("m.curator", email="m@example.org")
        other = models.User.objects.create_user("n.curator", pseudonym="gardener")
    assert user.pseudonym.startswith("person-")
    assert other.pseudonym == "gardener"
    with act(actor="admin", reason="a new address"):
        user.email = "n@example.org"
        user.save()
    with pytest.raises(ProgrammingError, match="UPDATE on commitments_user is refused: what was recorded stays"):
        by_hand("UPDATE commitments_user SET pseudonym = 'another'")


# Columns and QuerySets


@pytest.mark.no_cover
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("later", "level"),
    [
        ("SELECT 1", "exact"),
        ("UPDATE commitments_quote SET translation = '{}'", "exact"),
        ("UPDATE commitments_quote SET exact = reverse(exact)", "unchecked"),
        ('UPDATE commitments_quote SET start = start + 1, "end" = "end" + 1', "unchecked"),
        ("UPDATE commitments_document SET sha256 = repeat('0', 64)", "unchecked"),
    ],
)
def test_a_check_holds_as_long_as_quote_and_document_are_those_that_were_checked(later, level):
    builders.published()
    by_hand(later)
    assert models.Quote.objects.checked().get().level == level


@pytest.mark.django_db
def test_only_the_last_check_counts():
    made = builders.published()
    quote = made["quote"]
    with act(actor="author", reason="check again"):
        models.QuoteCheck.objects.create(
            quote=quote, level="moved", start=1, end=2, sha256="", digest="", folding="1", checked_at=builders.NOW
        )
    assert models.Quote.objects.checked().get().level == "unchecked"
    assert list(models.QuoteCheck.objects.values_list("number", "ref")) == [
        (1, "gazette-2030-05-04.quote-1.check-1"), (2, "gazette-2030-05-04.quote-1.check-2")
    ]  # fmt: skip
    found = {"level": "absent", "sha256": "", "digest": "", "folding": "1", "checked_at": builders.NOW}
    with act(actor="author", reason="restore"):  # with a reference and a number of its own
        ref = "gazette-2030-05-04.quote-1.check-7"
        models.QuoteCheck(ref=ref, number=7, quote=quote, **found).save(force_insert=True)
    assert quote.checks.latest("number").number == 7


@pytest.mark.no_cover
@pytest.mark.django_db
def test_versions_known_at_a_size_of_the_ledger():
    made = builders.published()
    sizes = [0, Entry.objects.count()]
    with act(actor="author", reason="rename"):
        models.Topic.objects.filter(pk="security").update(name={"en": "Safety"})
    actions.publish([made["security"]], by="approver", reason="checked")
    sizes.append(Entry.objects.count())
    with act(actor="author", reason="a topic without commitments"):
        trade = builders.topic("trade")
    actions.publish([trade], by="approver", reason="checked")
    sizes.append(Entry.objects.count())
    actions.retract(trade, by="approver", reason="it is no topic")
    versions = models.Publication.objects.of("topic")
    assert [list(versions.known_at(size).values_list("ref", flat=True)) for size in (*sizes, None)] == [
        [],
        ["topic.security.1"],
        ["topic.security.2"],
        ["topic.security.2", "topic.trade.1"],
        ["topic.security.2", "topic.trade.2"],
    ]
    assert [publication.record for publication in versions.known_at(None).standing()] == ["security"]


def test_codes_have_labels_in_the_language_of_whoever_reads():
    with translation.override("ar"):
        arabic = str(models.Strength.COMMITS.label)
    with translation.override("en"):
        english = str(models.Strength.COMMITS.label)
    assert {"en": english, "ar": arabic} == codebook.codes("strength")["commits"]["label"]
    assert str(models.Strength.COMMITS.label) == english  # whatever the language of the site


def test_ready_json_is_the_very_text():
    field = models.Publication._meta.get_field("body")
    publication = models.Publication(body={"ب": 1, "a": [1, 2]}, detail='{"a": 1}')
    assert field.to_python(publication.body) == '{"a":[1,2],"ب":1}'
    assert (field.to_python(None), field.get_prep_value("{}")) == (None, "{}")
    assert field.db_type(connections["default"]) == "json"  # not jsonb, which would put the keys in another order
    assert publication._meta.get_field("detail").value_to_string(publication) == '{"a": 1}'
    assert fields.canonical({"b": None, "a": "\u200f"}) == '{"a":"\u200f","b":null}'


@pytest.mark.django_db
@pytest.mark.no_cover
def test_a_publication_gives_its_json_read():
    builders.published()
    publication = models.Publication.objects.get(kind="commitment")
    assert publication.body_json["strength"] == "commits"
    assert publication.detail_json["test"]["fulfilled"] == {"en": "Convoys pass unharmed."}


@pytest.mark.django_db
def test_a_quote_knows_the_direction_of_its_script(filled):
    assert (filled["quote"].dir, models.Quote(language="en").dir) == ("rtl", "ltr")


def test_the_models_pass_djangos_own_checks():
    assert checks.run_checks() == []
