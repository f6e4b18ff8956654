"""The database's own rules: a case through SQL for every constraint, trigger and refusal, for whatever role."""

import importlib
import json
import re

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db import models as orm
from django.db.models.fields import AutoFieldMixin
from pgtrigger import registry

from commitments import actions, fields, ledger, models, representations, rules, verification
from commitments.ledger import act
from tests import builders
from tests.builders import by_hand

MODELS = [
    model
    for model in apps.get_app_config("commitments").get_models()
    if not (model._meta.proxy or model in (ledger.Entry, models.CommitmentIndex))  # which the database writes itself
]


def copy(model, changes, where="true", using="default"):
    """Inserts a copy of one good row with other values; "" as a value's reference gives it the next letter."""
    table, pk = model._meta.db_table, model._meta.pk.column
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    listed, chosen = (", ".join(f'{of}"{field.column}"' for field in fields) for of in ("", "n."))
    by_hand(
        f'INSERT INTO "{table}" ({listed}) SELECT {chosen} FROM (SELECT * FROM "{table}" WHERE {where} ORDER BY {pk} LIMIT 1) r, '
        f'jsonb_populate_record(NULL::"{table}", to_jsonb(r) || %s::jsonb) n',
        json.dumps(changes),
        using=using,
    )


def refused(model, changes, where="true", using="default"):
    """(the SQL state's class, the constraint's name) with which the database refuses such a copy."""
    with pytest.raises(IntegrityError) as caught:
        copy(model, changes, where, using)
    error = caught.value.__cause__
    return type(error), error.diag.constraint_name


# What a copy of a good row would have to say to break a constraint: its name, the model, the values, which row to copy.
NEW = "another.part-9"
NOWHEN = {"published_words": "", "published_edtf": "", "published_earliest": None, "published_latest": None}
BROKEN = [
    ("user_pseudonym", models.User, {"id": 999, "username": "other", "pseudonym": ""}),
    ("commitments_user_username_key", models.User, {"id": 999, "pseudonym": "other"}),
    ("commitments_user_pseudonym_key", models.User, {"id": 999, "username": "other"}),
    ("party_iso3166", models.Party, {"ref": "east", "iso3166": "Iraq"}),
    ("alias_once", models.PartyAlias, {"ref": NEW}),
    ("member_once", models.PartyMember, {"ref": NEW}),
    ("member_of_another", models.PartyMember, {"ref": NEW, "member_id": "league"}),
    ("commitments_document_sha256_key", models.Document, {"ref": "copy"}),
    ("document_sha256", models.Document, {"ref": "copy", "sha256": "A" * 64}),
    ("document_characters", models.Document, {"ref": "copy", "characters": 1000, "length": 999}),
    ("document_published", models.Document, {"ref": "copy", "published_edtf": "2030-05"}),  # the days would be finer
    ("document_published", models.Document, {"ref": "copy", "published_latest": "2030-05-05"}),
    ("document_published_words", models.Document, {"ref": "copy", "published_words": ""}),
    ("document_published_known", models.Document, {"ref": "copy"} | NOWHEN),
    ("document_publisher_known", models.Document, {"ref": "copy", "publisher": " \t\n"}),
    ("document_headline_known", models.Document, {"ref": "copy", "headline": ""}),
    (
        "document_address_known",
        models.Document,
        {"ref": "copy", "address": "https://example.org/"},
    ),  # known, and said to be unknown
    ("text_is_hashed", models.DocumentText, {"document_id": "copy", "text": "another"}),
    ("text_is_hashed", models.DocumentText, {"document_id": "copy", "sha256": "0" * 64}),
    ("text_is_hashed", models.DocumentText, {"document_id": "copy", "length": 1}),
    ("text_is_hashed", models.DocumentText, {"document_id": "copy", "characters": 1}),
    ("quote_span", models.Quote, {"ref": NEW, "end": 1000}),
    ("quote_span", models.Quote, {"ref": NEW, "exact": "", "end": 16, "start": 16}),
    ("quote_speaker", models.Quote, {"ref": NEW, "voice": "speaker_reported"}),
    ("check_number_once", models.QuoteCheck, {"ref": NEW}),
    ("statement_issued", models.Statement, {"ref": "another", "issued_earliest": None}),
    ("statement_issued_words", models.Statement, {"ref": "another", "issued_words": ""}),
    ("statement_issued_known", models.Statement, {"ref": "another", "gaps": {"issued": {"en": "It bears no date."}}}),
    ("statement_round_of_process", models.Statement, {"ref": "another", "process_id": None, "round": 1}),
    ("issuer_once", models.StatementIssuer, {"ref": NEW}),
    ("role_once", models.CommitmentParty, {"ref": NEW}),
    ("topic_once", models.CommitmentTopic, {"ref": NEW}),
    ("deadline_within_edtf", models.Deadline, {"ref": NEW, "latest": "2031-03-02"}),
    ("deadline_within_edtf", models.Deadline, {"ref": NEW, "earliest": "2031-02-28"}),
    (
        "deadline_within_edtf",
        models.Deadline,
        {"ref": NEW, "edtf": "2031", "earliest": "2031-03-02"},
    ),  # later than the latest
    ("deadline_within_edtf", models.Deadline, {"ref": NEW, "edtf": ""}),
    ("deadline_undated_kinds", models.Deadline, {"ref": NEW, "deadline_kind": "standing"}),
    ("deadline_words", models.Deadline, {"ref": NEW, "words": ""}),
    ("deadline_change", models.Deadline, {"ref": NEW, "change": "extends"}),
    ("commitments_deadline_replaces_id_key", models.Deadline, {"ref": NEW}, "replaces_id IS NOT NULL"),
    ("deadline_change", models.Deadline, {"ref": NEW, "change": ""}, "replaces_id IS NOT NULL"),
    ("relation_one_target", models.Relation, {"ref": NEW, "target_id": None, "target_statement_id": None}),
    (
        "relation_one_target",
        models.Relation,
        {"ref": NEW, "target_statement_id": "talks-2030-06-01"},
        "target_id IS NOT NULL",
    ),
    ("relation_to_another", models.Relation, {"ref": NEW, "target_id": "talks-2030-06-01-01"}, "target_id IS NOT NULL"),
    ("relation_once", models.Relation, {"ref": NEW}),
    ("assessment_effective", models.Assessment, {"ref": NEW, "effective_edtf": "2030-08"}),
    ("commitments_assessment_corrects_id_key", models.Assessment, {"ref": NEW}, "corrects_id IS NOT NULL"),
    ("search_once", models.AssessmentSearch, {"ref": NEW}),
    ("divergence_once", models.Divergence, {"ref": NEW}),
    ("divergence_of_two", models.Divergence, {"ref": NEW, "other_id": "gazette-2030-05-04.quote-2"}),
    ("citation_one_target", models.Citation, {"ref": NEW, "commitment_id": None}, "commitment_id IS NOT NULL"),
    ("citation_one_target", models.Citation, {"ref": NEW, "deadline_id": "x"}, "commitment_id IS NOT NULL"),
    ("citation_part_fits", models.Citation, {"ref": NEW, "part": "deadline"}, "commitment_id IS NOT NULL"),
    ("citation_part_fits", models.Citation, {"ref": NEW, "part": "chapeau"}, "deadline_id IS NOT NULL"),
    ("citation_stance", models.Citation, {"ref": NEW, "stance": ""}, "assessment_id IS NOT NULL"),
    ("citation_stance", models.Citation, {"ref": NEW, "claimant_id": "north"}, "commitment_id IS NOT NULL"),
    ("citation_once", models.Citation, {"ref": NEW}),
    ("publication_version_once", models.Publication, {"ref": "copy"}),
    ("publication_reason", models.Publication, {"ref": "copy", "version": 2, "tombstone": True, "reason": ""}),
    ("publication_reason", models.Publication, {"ref": "copy", "version": 2, "emergency": True, "reason": ""}),
    ("publication_span", models.Publication, {"ref": "copy", "version": 2, "from_seq": 9, "until_seq": 9}),
    ("key_is_32_bytes", models.SigningKey, {"ref": NEW, "public_key": "short"}),
    ("commitments_signingkey_public_key_key", models.SigningKey, {"ref": NEW}),
    ("checkpoint_of_something", models.Checkpoint, {"size": 0}),
    ("release_of_something", models.Release, {"ref": NEW, "size": 0}),
    ("commitments_release_size_key", models.Release, {"ref": NEW}),
    ("withholding_reason", models.Withholding, {"ref": NEW, "reason": " \n"}),
    ("commitments_withholding_entry_key", models.Withholding, {"ref": NEW}),
    ("standing_once", models.Standing, {"id": 99999}),
    ("standing_span", models.Standing, {"id": 99999, "until": "0001-01-01"}),
]
# The fields whose column the database checks by itself, and a value that each refuses.
WRONG = {
    fields.ReferenceField: (
        "Not a reference",
        "an-end-",
        "-a-start",
        "two--hyphens",
        "part.1",
        "line\nfeed",
        "آذار",
        "",
    ),
    fields.CodeField: ("no_such_code", "Draft "),
    fields.LanguageMapField: (
        None,
        [],
        "text",
        {"en": ""},
        {"en": " \n"},
        {"en": 1},
        {"en": None},
        {"English": "text"},
        {"": "text"},
    ),
    fields.GapsField: (None, [], {"publisher": "why"}, {"publisher": {}}, {"publisher": {"en": " "}}),
    orm.PositiveIntegerField: (-1,),
    orm.PositiveSmallIntegerField: (-1,),
}
FILLED = ({},)  # what a language map refuses beside those where it can't be empty
COLUMNS = [
    (model, field, wrong)
    for model in MODELS
    for field in model._meta.concrete_fields
    for wrong in (
        *WRONG.get(type(field), ()),
        *(FILLED if type(field) is fields.LanguageMapField and not field.blank else ()),
    )
    if wrong is not None
]


@pytest.fixture
def filled(db):
    return builders.everything()


def declared(model):
    """The names of a model's constraints, those of its columns among them."""
    table = model._meta.db_table
    names = {constraint.name for constraint in model._meta.constraints}
    names |= {f"{table}_{field.column}_check" for field in model._meta.concrete_fields if type(field) in WRONG}
    return names | {
        f"{table}_{field.column}_key" for field in model._meta.concrete_fields if field.unique and not field.primary_key
    }


def test_every_constraint_has_a_case():
    cases = {name for name, *_rest in BROKEN} | {
        f"{model._meta.db_table}_{field.column}_check" for model, field, _wrong in COLUMNS
    }
    assert cases == set().union(*map(declared, MODELS))


@pytest.mark.django_db
def test_the_database_has_the_declared_constraints_and_no_other():
    tables = [model._meta.db_table for model in MODELS]
    found = by_hand(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text = ANY(%s) UNION "
        "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid "
        "WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text = ANY(%s)",
        tables,
        tables,
    )
    assert {name for (name,) in found} == set().union(*map(declared, MODELS))


# Each index of ours: its table, whether it is unique, its columns with how they are compared, which rows it has.
INDEXES = """
SELECT x.indexrelid::regclass::text, x.indrelid::regclass::text, x.indisunique, coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       ARRAY(SELECT concat_ws(' ', pg_get_indexdef(x.indexrelid, place + 1, false), x.indclass[place]::oid, x.indoption[place])
               FROM generate_series(0, x.indnkeyatts - 1) place)
  FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am ON pg_am.oid = c.relam
 WHERE amname = 'btree' AND x.indrelid::regclass::text ~ '^(commitments|ledger)_' AND x.indrelid::regclass::text <> ALL (%s)"""


DJANGOS = ["commitments_user_groups", "commitments_user_user_permissions"]  # which it makes and indexes itself


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another():
    found = by_hand(INDEXES, DJANGOS)
    assert len(found) > 60
    for name, table, unique, rows, columns in found:
        longer = [
            other
            for other, its_table, _unique, its_rows, its_columns in found
            if other != name and (its_table, its_rows, its_columns[: len(columns)]) == (table, rows, columns)
        ]
        assert unique or not longer, f"{name}: {longer} would do"


BEGINNINGS = [
    (models.Party, "ref", "commitments_party_pkey"),
    (models.Commitment, "ref", "commitments_commitment_pkey"),
    (models.Publication, "ref", "commitments_publication_pkey"),
    (ledger.Entry, "reference", "entry_by_prefix"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "column", "index"), BEGINNINGS)
def test_the_beginning_of_a_reference_is_found_by_an_index_of_references(model, column, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = model.objects.order_by().filter(**{f"{column}__startswith": "seen-"}).explain()
    assert re.search(rf"{index}.*\n.*Index Cond: .*>= 'seen-'.*< 'seen\.'", plan), plan


def test_a_migration_takes_an_index_for_beginnings_where_another_finds_them(fresh_database):
    """As Django made them before."""
    twice = importlib.import_module("commitments.migrations.0020_indexed").TWICE
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE INDEX party_ref_like ON commitments_party (ref varchar_pattern_ops)")
        cursor.execute("CREATE INDEX user_email_like ON commitments_user (email varchar_pattern_ops)")
        cursor.execute(twice)
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname IN ('party_ref_like', 'user_email_like')")
        assert cursor.fetchall() == [("user_email_like",)]


@pytest.mark.django_db
def test_no_reference_has_an_index_for_its_beginning_alone():
    twice = by_hand(
        "SELECT x.indexrelid::regclass::text FROM pg_index x JOIN pg_opclass o ON o.oid = x.indclass[0] "
        "WHERE o.opcname LIKE '%pattern_ops' AND x.indcollation[0] = '\"C\"'::regcollation"
    )
    assert twice == []


def test_the_columns_are_checked_in_the_database_as_they_are_declared(fresh_database):
    again = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass"
    with connections["owner"].cursor() as cursor:
        for model, field in {(model, field) for model, field, _wrong in COLUMNS}:
            table = model._meta.db_table
            declared = field.db_check(connections["owner"])
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT declared CHECK ({declared})')
            cursor.execute(f"{again} UNION {again}", [f"{table}_{field.column}_check", table, "declared", table])
            assert len(cursor.fetchall()) == 1, field
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT declared')


def test_each_constraint_refuses_what_breaks_it(filled):
    for name, model, changes, *where in BROKEN:
        assert refused(model, changes, *where)[1] == name, (model, changes)


FIRST = {  # where another rule of the same row refuses it before the column's own
    "commitments_citation_part_check": "citation_part_fits",
    "commitments_citation_stance_check": "citation_stance",
}


def test_each_column_refuses_what_it_cannot_hold(filled):
    for model, field, wrong in COLUMNS:
        changes = {model._meta.pk.column: 99999 if model is models.Standing else NEW, field.column: wrong}
        name = f"{model._meta.db_table}_{field.column}_check"
        assert refused(model, changes) == (psycopg.errors.CheckViolation, FIRST.get(name, name)), (field, wrong)


ANEW = {
    models.QuoteCheck: {"number": 9},
    models.Citation: {"quote_id": "gazette-2030-05-04.quote-1"},
}  # else it is there already


def test_each_link_leads_somewhere(filled):
    links = [(model, field) for model in MODELS for field in model._meta.concrete_fields if field.remote_field]
    for model, field in links:
        where = f"{field.column} IS NOT NULL"
        own = {} if field.primary_key else {model._meta.pk.column: 99999 if model is models.Standing else NEW}
        if issubclass(model, models.Numbered):  # whose reference begins with its parent's
            row = model.objects.exclude(**{field.name: None}).order_by("ref").first()
            where = f"ref = '{row.ref}'"
            own = {"ref": f"{'nowhere' if field.name in model.PARENTS else row.parent}.{model.SUFFIX}-9"}
        changes = own | ANEW.get(model, {}) | {field.column: "nowhere"}
        assert refused(model, changes, where)[0] is psycopg.errors.ForeignKeyViolation, field


def test_each_column_that_needs_a_value_has_one(filled):
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if not (field.null or field.generated):
                assert refused(model, {field.column: None})[0] is psycopg.errors.NotNullViolation, field


def test_each_primary_key_names_one_row(filled):
    unique = {models.User: {"username": "other", "pseudonym": "other"}, models.Standing: {"party": "other"}}
    for model in MODELS:
        assert refused(model, unique.get(model, {}))[0] is psycopg.errors.UniqueViolation, model


@pytest.mark.no_cover
def test_the_owner_is_refused_all_the_same(fresh_database):
    builders.everything()
    for name, model, changes, *where in BROKEN:
        assert refused(model, changes, *where, using="owner")[1] == name, (model, changes)
    with pytest.raises(ProgrammingError, match="what was recorded stays"):
        by_hand("UPDATE commitments_standing SET publication_id = 'nowhere'", using="owner")


@pytest.mark.parametrize("wrong", WRONG[fields.ReferenceField])
def test_a_form_refuses_the_references_that_the_database_refuses(wrong):
    with pytest.raises(ValidationError) as caught:
        models.Topic(ref=wrong, name={"en": "Water"}).full_clean(validate_unique=False, validate_constraints=False)
    assert set(caught.value.message_dict) == {"ref"}


@pytest.mark.parametrize("wrong", [value for value in WRONG[fields.LanguageMapField] + FILLED if value is not None])
def test_a_form_refuses_the_language_maps_that_the_database_refuses(wrong):
    with pytest.raises(ValidationError) as caught:
        models.Topic(ref="water", name=wrong).full_clean(validate_unique=False, validate_constraints=False)
    assert set(caught.value.message_dict) == {"name"}


@pytest.mark.parametrize("wrong", [value for value in WRONG[fields.GapsField] if value is not None])
def test_a_form_refuses_the_gaps_that_the_database_refuses(wrong):
    with pytest.raises(ValidationError):
        models.Document._meta.get_field("gaps").clean(wrong, None)


def test_a_form_refuses_hidden_characters_in_a_name_and_says_which():
    with pytest.raises(ValidationError, match=r"name\.en: U\+202E RIGHT-TO-LEFT OVERRIDE at index 2"):
        fields.check_language_map({"en": "No\u202eth"}, "name")


# The triggers: what each model's declaration promises.

APPEND_ONLY = {models.Deadline, models.Assessment}
PARTS = {models.PartyAlias, models.PartyMember, models.StatementIssuer, models.CommitmentParty, models.CommitmentTopic,
         models.AssessmentSearch, models.Citation, models.Divergence}  # fmt: skip
LASTING = (  # what says that a primary key stays: a trigger of its own or the ledger's, a link, or that all stays
    "is a lasting reference and can't become|a primary key is lasting and can't become|violates foreign key|"
    "what was recorded stays|permission denied|for somebody to give or change"
)
# No records: made anew from the Publications at any time, and a word about all records.
MADE_WITHOUT = {models.Standing, models.CommitmentIndex, models.Checkpoint}


def triggers(model):
    return {trigger.name for other, trigger in registry.registered() if other._meta.db_table == model._meta.db_table}


def test_each_table_of_a_record_has_the_triggers_of_the_ledger():
    tables = {model._meta.db_table for model, _trigger in registry.registered()}
    assert tables == {model._meta.db_table for model in MODELS if model not in MADE_WITHOUT} | {
        "commitments_user_groups", "commitments_user_user_permissions", "auth_group", "auth_group_permissions",
        "otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken",
        "ledger_entry", "commitments_standing", "commitments_commitmentindex", "commitments_checkpoint",
    }  # fmt: skip
    for model in registry.registered():
        if model[0] not in (ledger.Entry, *MADE_WITHOUT):
            assert {"guard", "capture", "no_truncate"} <= triggers(model[0]), model


def test_each_record_and_part_has_the_triggers_that_keep_it():
    for model in (*models.RECORDS, *PARTS):
        assert ("keep_record" in triggers(model), "reopen" in triggers(model)) == (True, model in PARTS)
    assert triggers(models.Quote) >= {"reopen_citing"}
    assert triggers(models.Publication) >= {"shelf_rules", "keep_version", "keep_deleted"}


@pytest.mark.django_db
def test_no_trigger_can_be_switched_off_by_a_setting_of_the_session():
    for statement in (
        "SET LOCAL session_replication_role = replica",
        "SET LOCAL tracker.anything = 'x'; SET ROLE tracker_owner",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            by_hand(statement)
    with pgtrigger.ignore(), pytest.raises(ProgrammingError, match="needs an actor and a reason"), transaction.atomic():
        builders.topic()


def test_the_serving_role_owns_nothing_and_changes_no_definition(filled):
    guard = next(trigger for model, trigger in registry.registered() if model is models.Topic)
    statements = (
        "ALTER TABLE commitments_topic DISABLE TRIGGER ALL",
        "ALTER TABLE commitments_topic DROP CONSTRAINT commitments_topic_name_check",
        f"DROP TRIGGER {guard.get_pgid(models.Topic)} ON commitments_topic",
        "CREATE OR REPLACE FUNCTION public.ledger_guard() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL $$",
        "CREATE TABLE public.mine (id integer)",
        "SELECT public.ledger_capture()",
        "UPDATE django_migrations SET name = 'another'",
        "UPDATE commitments_publication SET body = '{}'",
        "DELETE FROM commitments_publication",
        "UPDATE commitments_quotecheck SET level = 'exact'",
    )
    for statement in statements:
        with pytest.raises(ProgrammingError, match=r"must be owner|permission denied|not owner"):
            by_hand(statement)


def test_no_domain_table_is_emptied_at_one_stroke_by_anybody(fresh_database):
    for table in sorted({model._meta.db_table for model, _trigger in registry.registered()}):
        with pytest.raises(ProgrammingError, match="permission denied for table"):
            by_hand(f'TRUNCATE "{table}" CASCADE')
        with pytest.raises(ProgrammingError, match=r"TRUNCATE on .* is refused: what was recorded stays"):
            by_hand(f'TRUNCATE "{table}" CASCADE', using="owner")


@pytest.mark.no_cover
def test_no_primary_key_changes_in_any_table(fresh_database):
    made = builders.everything()
    with act(actor="author", reason="who may do what"):
        group = Group.objects.create(name="curators")
        group.permissions.add(Permission.objects.earliest("pk"))
        made["user"].groups.add(group)
        made["user"].user_permissions.add(Permission.objects.earliest("pk"))
    builders.factor(made["user"])
    for model, trigger in registry.registered():
        if isinstance(trigger, ledger.Capture):
            table, pk = model._meta.db_table, model._meta.pk.column
            other = f"{pk} + 1000" if isinstance(model._meta.pk, AutoFieldMixin) else "'another'"
            statement = f'UPDATE "{table}" SET {pk} = {other} WHERE {pk} = (SELECT {pk} FROM "{table}" LIMIT 1)'
            for using in ("default", "owner"):
                with pytest.raises((IntegrityError, ProgrammingError)) as caught:
                    by_hand(statement, using=using)
                assert re.search(LASTING, str(caught.value)), (table, caught.value)


def test_what_only_grows_is_kept_from_the_owner_too(published_database):
    written = ("publication SET body = '{}'", "publication SET reason = '{}'", "quotecheck SET level = '{}'")
    for statement in (*(f"UPDATE commitments_{each}" for each in written), "DELETE FROM commitments_publication"):
        with pytest.raises(ProgrammingError, match=r"(UPDATE|DELETE) on .* is refused: what was recorded stays"):
            by_hand(statement, using="owner")
    for using in ("default", "owner"):
        with pytest.raises(IntegrityError, match="check-1 stays: a check goes with its quote alone"):
            by_hand("DELETE FROM commitments_quotecheck", using=using)


@pytest.fixture
def approved(filled):
    """All that the builders make, published."""
    builders.approve_all()
    return filled


def test_a_published_record_that_changes_is_in_review_again_or_refuses(approved):
    for model in set(models.RECORDS) - {models.Quote}:
        before = sorted(models.Publication.objects.known_at(None).of(model.kind()).values_list("ref", "body"))
        if model in APPEND_ONLY:
            with pytest.raises(IntegrityError, match="was public and is append-only: correct it by a new record"):
                builders.change(model)
        else:
            assert model.objects.get(pk=builders.change(model)).state == "in_review", model
        assert sorted(models.Publication.objects.known_at(None).of(model.kind()).values_list("ref", "body")) == before


@pytest.mark.parametrize("how", ["change", "remove"])
def test_a_change_of_a_part_is_a_change_of_its_record(how, approved):
    for model in PARTS:
        parts = model.objects.filter(deadline=None) if model is models.Citation else model.objects.all()
        part = parts.order_by("-ref").first()
        link = next(name for name in model.PARENTS if getattr(part, f"{name}_id"))
        parent = model._meta.get_field(link).related_model
        table = model._meta.db_table
        set_ = builders.CHANGES[model] if model is not models.Citation else "part = 'condition'"
        statement = {
            "change": f"UPDATE {table} SET {set_} WHERE ref = %s",
            "remove": f"DELETE FROM {table} WHERE ref = %s",
        }
        with builders.undone():
            if parent in APPEND_ONLY:
                with pytest.raises(IntegrityError, match=f"{part.parent} was public and is append-only"):
                    by_hand(statement[how], part.ref)
            else:
                by_hand(statement[how], part.ref)
                assert parent.objects.get(pk=part.parent).state == "in_review", model


def test_a_part_that_is_added_is_a_change_of_its_record(approved):
    additions = (
        lambda: models.PartyAlias.objects.create(party=approved["north"], name="the north", language="en"),
        lambda: models.CommitmentTopic.objects.create(commitment=approved["opening"], topic=approved["trade"]),
        lambda: models.Citation.objects.create(
            commitment=approved["opening"], quote=approved["quote"], part="condition"
        ),
    )
    for add, parent in zip(additions, ("north", "opening", "opening"), strict=True):
        with builders.undone():
            with act(actor="author", reason="one more"):
                add()
            approved[parent].refresh_from_db()
            assert approved[parent].state == "in_review"
    with pytest.raises(IntegrityError, match="was public and is append-only"), act(actor="author", reason="one more"):
        models.AssessmentSearch.objects.create(assessment=approved["judged"], document=approved["leaflet"])


def test_a_part_stays_with_the_record_that_its_reference_names(approved):
    with pytest.raises(IntegrityError, match=r"talks-2030-05-04-01.citation-1 is no part of talks-2030-06-01-01"):
        by_hand(
            "UPDATE commitments_citation SET commitment_id = 'talks-2030-06-01-01' "
            "WHERE commitment_id = 'talks-2030-05-04-01'"
        )


def test_a_note_or_a_state_alone_reopens_nothing(filled):
    by_hand("UPDATE commitments_party SET note = 'ask again'")
    by_hand("UPDATE commitments_deadline SET note = 'ask again'")
    assert dict(models.Party.objects.values_list("ref", "state")) == {
        "league": "draft",
        "north": "published",
        "south": "published",
    }
    assert models.Deadline.objects.get(ref="talks-2030-05-04-01.deadline-1").state == "published"


def test_no_statement_makes_new_content_published(filled):
    by_hand("UPDATE commitments_party SET name = '{\"en\": \"A\"}' WHERE ref = 'north'")
    by_hand("UPDATE commitments_party SET name = '{\"en\": \"B\"}', state = 'published' WHERE ref = 'north'")
    assert models.Party.objects.get(pk="north").state == "in_review"


def test_a_retracted_record_no_longer_changes(approved):
    actions.retract(approved["link"], by="approver", reason="not in the text")
    with pytest.raises(IntegrityError, match="was retracted and no longer changes"):
        by_hand("UPDATE commitments_relation SET scope = 'same' WHERE state = 'retracted'")
    by_hand("UPDATE commitments_relation SET note = 'talked about' WHERE state = 'retracted'")


def test_what_was_public_is_not_deleted(approved):
    for model in models.RECORDS:
        for ref in model.objects.values_list("ref", flat=True):
            with pytest.raises(IntegrityError, match=f"{ref} was public: it can be retracted, not deleted"):
                by_hand(f"DELETE FROM {model._meta.db_table} WHERE ref = %s", ref)


def test_a_change_of_a_quote_reopens_all_that_show_it_and_nothing_else(approved):
    by_hand(f"UPDATE commitments_quote SET translation = {builders.OTHER} WHERE ref = 'gazette-2030-05-04.quote-2'")
    kinds = [kind for kind in models.RECORDS if kind is not models.Quote]
    reopened = {record.ref for kind in kinds for record in kind.objects.filter(state="in_review")}
    assert reopened == {approved[name].ref for name in ("opening", "term", "judged", "second")}


def test_a_quote_saved_as_it_was_reopens_nothing(approved):
    by_hand("UPDATE commitments_quote SET language = language")
    assert set(models.Commitment.objects.values_list("state", flat=True)) == {"published"}


# The shelf: what must hold before a version is public, whoever inserts it.


def shelve(kind, record, version, using="default", actor="approver", **values):
    """Puts a version on the shelf by hand."""
    row = {
        "publication_class": "content",
        "reason": "by hand",
        "tombstone": False,
        "emergency": False,
        "body": "{}",
    } | values
    with act(actor=actor, reason="publish by hand", using=using):
        models.Publication.objects.using(using).create(
            ref=f"{kind}.{record}.{version}", kind=kind, record=record, version=version, **row
        )


def no_obligor(made):
    by_hand("DELETE FROM commitments_commitmentparty WHERE role = 'obligor'")
    shelve("commitment", "talks-2030-05-04-01", 2)


def no_undertaking(made):
    by_hand("DELETE FROM commitments_citation WHERE part = 'undertaking'")
    shelve("commitment", "talks-2030-05-04-01", 2)


def draft_statement(made):
    shelve("commitment", "talks-2030-06-01-01", 1)


def no_evidence(made):
    by_hand("UPDATE commitments_assessment SET status = 'fulfilled' WHERE corrects_id IS NOT NULL")
    shelve("assessment", made["corrected"].ref, 1)


def nothing_searched(made):
    by_hand("UPDATE commitments_assessment SET status = 'no_evidence' WHERE corrects_id IS NOT NULL")
    shelve("assessment", made["corrected"].ref, 1)


def unproven_quote(made):
    by_hand('UPDATE commitments_quote SET start = start + 1, "end" = "end" + 1')
    shelve("commitment", "talks-2030-05-04-01", 2)


def own_work(made):
    by_hand("UPDATE commitments_party SET iso3166 = 'QN' WHERE ref = 'north'", actor="approver")
    shelve("party", "north", 2)


def account(pseudonym, actor="set-up", **values):
    with act(actor=actor, reason="an account"):
        models.User.objects.create_user(pseudonym, pseudonym=pseudonym, is_superuser=True, **values)


def an_account_of_the_writers(made):
    account("writer")
    account("approver", actor="writer")
    by_hand("UPDATE commitments_party SET iso3166 = 'QN' WHERE ref = 'north'", actor="writer")
    shelve("party", "north", 2)


def no_account(made):
    account("writer")
    by_hand("UPDATE commitments_party SET iso3166 = 'QN' WHERE ref = 'north'", actor="writer")
    shelve("party", "north", 2)


def no_role(made):
    account("approver", is_active=False)
    shelve("party", "north", 2)


def version_skipped(made):
    shelve("party", "north", 3)


def retracted_before(made):
    actions.retract(made["deadline"], by="approver", reason="misread")
    shelve("deadline", made["deadline"].ref, 3)


def nothing_there(made):
    shelve("topic", "nowhere", 1)


def never_approved(made):
    shelve("party", "league", 1, publication_class="housekeeping")


def for_practice(made):
    shelve("party", "practice-1-east", 1)


def housekept(made, **values):
    """A housekeeping version of the statement that shows North, by hand."""
    last = models.Publication.objects.get(pk="statement.talks-2030-05-04.1")
    kept = {name: getattr(last, name) for name in (*rules.COLUMNS, "named", "body", "detail")}
    shelve("statement", last.record, 2, publication_class="housekeeping", **kept | values)


def said_otherwise(made):
    housekept(
        made,
        body=json.dumps(models.Publication.objects.get(pk="statement.talks-2030-05-04.1").body_json | {"round": 7}),
    )


def of_another(made):
    last = models.Publication.objects.get(pk="statement.talks-2030-05-04.1").body_json
    housekept(made, body=json.dumps(last | {"issuers": [{"ref": "league", "name": {"en": "League"}}]}))


def in_other_roles(made):
    last = models.Publication.objects.known_at(None).get(kind="commitment", record=made["commitment"].pk)
    kept = {name: getattr(last, name) for name in (*rules.COLUMNS, "named", "detail")}
    swapped = {"obligor": "beneficiary", "beneficiary": "obligor"}
    parties = [each | {"role": swapped[each["role"]]} for each in last.body_json["parties"]]
    told = {"publication_class": "housekeeping", "body": json.dumps(last.body_json | {"parties": parties})}
    shelve("commitment", last.record, last.version + 1, **kept | told)


def filed_otherwise(made):
    housekept(made, parties=["league"])


REFUSALS = {
    "it is for practice and never public": for_practice,
    "its version is not the next one": version_skipped,
    "it was retracted": retracted_before,
    "nothing of it was approved before": never_approved,
    "%s changed it since the last approval, and nobody approves their own work": own_work,
    "%s changed it since the last approval and shares hands with %s: one made or changed the account of the other": an_account_of_the_writers,
    "%s changed it with an account, and %s has none to approve it with": no_account,
    "%s may not": no_role,
    "the desk has no such record": nothing_there,
    "it has no obligor": no_obligor,
    "no quote proves its undertaking": no_undertaking,
    "its statement is not published": draft_statement,
    "%s needs evidence": no_evidence,
    "no_evidence must say which documents were searched": nothing_searched,
    "quote %s is not proven exact and carries no waiver": unproven_quote,
}


def test_every_fault_of_the_shelf_has_a_case():
    source = rules.FUNCTIONS["shelf_rules"] + rules.FUNCTIONS["desk_own_work"]
    faults = re.findall(r"(?:fault := |THEN |format\()'([^']+)'", source)
    assert set(faults) == set(REFUSALS)


def test_nothing_becomes_public_against_the_rules(filled):
    for words, try_it in REFUSALS.items():
        words = re.escape(words).replace("%s", ".*")
        with builders.undone(), pytest.raises(IntegrityError, match=f"can't be published: {words}"):
            try_it(filled)


def before_what_it_follows(made):
    """The later version first: the earlier one says then that the two say otherwise."""
    last = models.Publication.objects.get(pk="statement.talks-2030-05-04.1")
    kept = {field.attname: getattr(last, field.attname) for field in last._meta.concrete_fields} | {"from_seq": None}
    with act(actor="approver", reason="by hand"):
        for version, class_, body in ((3, "housekeeping", last.body), (2, "content", '{"title": {"en": "Another"}}')):
            told = {"ref": f"statement.talks-2030-05-04.{version}", "version": version, "body": body}
            models.Publication.objects.create(**kept | told | {"publication_class": class_})


def test_housekeeping_says_of_its_own_what_was_said_before(filled):
    for forge in (said_otherwise, of_another, in_other_roles, filed_otherwise, before_what_it_follows):
        with (
            builders.undone(),
            pytest.raises(
                IntegrityError, match="says something else of its own than the version before it: no housekeeping does"
            ),
        ):
            forge(filled)
    by_hand("UPDATE commitments_party SET name = '{\"en\": \"Upper North\"}' WHERE ref = 'north'")
    made = actions.publish([models.Party.objects.get(pk="north")], by="approver", reason="renamed")
    assert ("statement.talks-2030-05-04.2", "housekeeping") in [(each.ref, each.publication_class) for each in made]


def test_every_standing_is_that_of_a_version(filled):
    first, later = "party = '' AND first = '0001-01-01'", "party <> ''"
    for where, words in ((first, "is no version that could stand"), (later, "has no standing from the first day on")):
        with pytest.raises(IntegrityError, match=f"nowhere {words}"):
            copy(models.Standing, {"id": 99999, "publication_id": "nowhere"}, where)


def test_what_shows_others_is_what_is_filled_in():
    assert {*rules.SHOWING} == {*representations.EMBEDDED}


def test_a_state_is_called_published_only_after_a_version_with_all_that_changed(filled):
    """Also by who wrote none of it: what was never made public isn't called so."""
    for change in (
        'UPDATE commitments_commitment SET title = \'{"en": "Other"}\'',
        "UPDATE commitments_commitmentparty SET role = 'guarantor' WHERE role = 'beneficiary'",
        'UPDATE commitments_quote SET translation = \'{"en": "Other"}\'',
    ):
        with builders.undone():
            by_hand(change)
            published = "UPDATE commitments_commitment SET state = 'published' WHERE ref = 'talks-2030-05-04-01'"
            with builders.undone(), pytest.raises(IntegrityError, match="changed after its last public version"):
                by_hand(published, actor="approver")
            with builders.undone(), pytest.raises(IntegrityError, match="changed after its last public version"):
                by_hand(f"UPDATE commitments_commitment SET strength = 'agrees'; {published}", actor="approver")
            actions.publish([filled["commitment"]], by="approver", reason="checked")
            assert models.Commitment.objects.get(pk="talks-2030-05-04-01").state == "published", change


def test_an_assessment_corrects_one_of_the_same_commitment_and_obligor(filled):
    """By SQL, whichever of the two rows says otherwise; both at once may change."""
    with act(actor="author", reason="judge another one"):
        builders.assessment(filled["commitment"], obligor=filled["south"])
    for change in (
        "obligor_id = NULL WHERE corrects_id IS NOT NULL",
        f"obligor_id = 'north' WHERE ref = '{filled['judged'].ref}'",
        f"corrects_id = '{filled['corrected'].ref}' WHERE commitment_id = 'talks-2030-05-04-01'",
    ):
        with builders.undone(), pytest.raises(IntegrityError, match="judges another commitment or obligor than"):
            by_hand(f"UPDATE commitments_assessment SET {change}")
    by_hand("UPDATE commitments_assessment SET obligor_id = 'north'")


FOLLOWING = {
    "it is for practice and never public": ("party", "practice-1-east", 1),
    "its version is not the next one": ("party", "north", 3),
    "it was retracted": ("deadline", "talks-2030-05-04-01.deadline-1", 3),
    "nothing of it was approved before": ("party", "league", 1),
}


def test_no_version_that_follows_from_others_becomes_public_against_the_rules(filled):
    actions.retract(filled["deadline"], by="approver", reason="misread")
    for words, (kind, record, version) in FOLLOWING.items():
        last = models.Publication.objects.filter(kind=kind, record=record).order_by("version").last()
        kept = {each.attname: getattr(last, each.attname) for each in last._meta.concrete_fields} if last else {}
        told = {name: value for name, value in kept.items() if name not in ("ref", "kind", "record", "version")}
        with pytest.raises(IntegrityError, match=f"can't be published: {words}"), transaction.atomic():
            shelve(kind, record, version, **told | {"publication_class": "housekeeping"})
    account("approver", is_active=False)
    last = models.Publication.objects.get(ref="statement.talks-2030-05-04.1")
    kept = {each.attname: getattr(last, each.attname) for each in last._meta.concrete_fields}
    told = {name: value for name, value in kept.items() if name not in ("ref", "kind", "record", "version")}
    with pytest.raises(IntegrityError, match="statement talks-2030-05-04 can't be published: approver may not"):
        shelve("statement", last.record, 2, **told | {"publication_class": "housekeeping"})


@pytest.mark.no_cover
def test_the_owner_is_bound_by_the_rules_of_the_shelf(fresh_database):
    builders.everything()
    with pytest.raises(IntegrityError, match="its statement is not published"):
        shelve("commitment", "talks-2030-06-01-01", 1, using="owner")


def test_a_tombstone_needs_something_to_take_back(filled):
    with pytest.raises(IntegrityError, match="nothing of it was approved before"):
        shelve("party", "league", 1, publication_class="retraction", tombstone=True)


def test_each_status_that_claims_something_needs_evidence_and_no_other(filled):
    for status in set(models.Status.values) - {"no_evidence"}:
        with builders.undone():
            by_hand("UPDATE commitments_assessment SET status = %s WHERE corrects_id IS NOT NULL", status)
            if status in ("fulfilled", "partly_fulfilled", "not_fulfilled", "contrary_action"):
                with pytest.raises(IntegrityError, match=f"{status} needs evidence"):
                    shelve("assessment", filled["corrected"].ref, 1)
            else:
                shelve("assessment", filled["corrected"].ref, 1)
                assert models.Publication.objects.of("assessment").known_at(None).count() == 1


def test_the_span_of_a_version_is_the_ledgers_to_say(filled):
    shelve("party", "league", 1, from_seq=1, until_seq=10**9)
    (entry,) = ledger.Entry.objects.filter(reference="party.league.1")
    assert models.Publication.objects.filter(record="league").values_list("from_seq", "until_seq").get() == (
        entry.seq,
        None,
    )


def test_so_is_that_of_versions_that_follow_from_others_all_of_a_statement_at_once(filled):
    kept = {
        each.record: {field.attname: getattr(each, field.attname) for field in each._meta.concrete_fields}
        for each in models.Publication.objects.of("party")
    }

    def following(record, version, **values):
        told = {"ref": f"party.{record}.{version}", "version": version, "publication_class": "housekeeping"}
        return models.Publication(**kept[record] | told | {"from_seq": 1, "until_seq": 10**9} | values)

    size = ledger.Entry.objects.size()
    with act(actor="approver", reason="by hand"):
        models.Publication.objects.bulk_create([following("south", 2), following("north", 2)])
        entered = models.Publication.objects.filter(version=2).values_list("record", "from_seq", "until_seq")
        assert set(entered) == {("south", size + 1, None), ("north", size + 2, None)}  # at once, and in their order
    assert models.Publication.objects.get(ref="party.north.1").until_seq == size + 2
    with act(actor="approver", reason="the later one first"):
        models.Publication.objects.bulk_create([following("north", 4), following("north", 5)])
        models.Publication.objects.bulk_create([following("north", 3)])
    spans = models.Publication.objects.filter(record="north").order_by("version").values_list("from_seq", "until_seq")
    assert [each[1] for each in spans][:-1] == [each[0] for each in spans][1:]
    assert list(verification.ledger()) == []
    hostile = pytest.raises(IntegrityError, match="party.south.3: reason: U\\+202E: no record may hold")
    with hostile, act(actor="approver", reason="hostile"):
        models.Publication.objects.bulk_create([following("south", 3, reason="\u202e")])


def test_every_refusal_of_the_ledger_and_the_desk_is_met_by_a_test():
    """Each sentence with which a function refuses is in a test's own words."""
    tests = "".join(path.read_text(encoding="utf-8") for path in builders.TESTS.glob("test_*.py"))
    for name, source in {**rules.FUNCTIONS, **ledger.FUNCTIONS}.items():
        for sentence in re.findall(r"RAISE EXCEPTION '((?:[^']|'')+)'", source):
            pieces = [piece.strip(" :") for piece in sentence.replace("''", "'").split("%")]
            assert max(reversed(pieces), key=len) in tests, (name, sentence)


def test_only_capture_and_shelf_run_as_the_owner_and_within_a_fixed_path(fresh_database):
    found = by_hand(
        "SELECT proname, proconfig[1] FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    assert sorted(found) == [
        (name, "search_path=public, pg_temp")
        for name in ("ledger_capture", "shelf_enter", "shelf_follow", "shelf_rules", "shelf_search", "shelf_span")
    ]


# Whenever a check is asked for, it sees all that was changed before


def early(rule, model):
    """SQL that has a deferred rule checked at once from here on."""
    trigger = next(each for each in model._meta.triggers if each.name == rule)
    return f"SET CONSTRAINTS {trigger.get_pgid(model)} IMMEDIATE"


def version_after(last, **values):
    """SQL that inserts the version after another one, with some other values."""
    columns = [field.column for field in models.Publication._meta.concrete_fields]
    listed = ", ".join(f'"{name}"' for name in columns)
    told = json.dumps({"from_seq": None, "until_seq": None} | values).replace("'", "''")
    of_it = f"SELECT * FROM commitments_publication WHERE ref = '{last}'"
    row = f"jsonb_populate_record(NULL::commitments_publication, to_jsonb(p) || '{told}'::jsonb || jsonb_build_object('body', p.body))"
    return f"INSERT INTO commitments_publication ({listed}) SELECT {listed} FROM (SELECT (r).* FROM (SELECT {row} AS r FROM ({of_it}) p) x) y"


FORGED = {
    "an edit, with the shelf's rule asked before it is recorded": (
        "UPDATE commitments_party SET name = '{\"en\": \"Forged\"}' WHERE ref = 'north'",
        early("shelf_rules", models.Publication),
        version_after("party.north.1", ref="party.north.2", version=2),
        "UPDATE commitments_party SET state = 'published' WHERE ref = 'north'",
    ),
    "a new record, with the shelf's rule asked before it is recorded": (
        "INSERT INTO commitments_topic (ref, state, note, name, definition) VALUES ('mine', 'draft', '', '{\"en\": \"Mine\"}', '{}')",
        early("shelf_rules", models.Publication),
        version_after("topic.security.1", ref="topic.mine.1", record="mine"),
        "UPDATE commitments_topic SET state = 'published' WHERE ref = 'mine'",
    ),
    "an edit, called published before it is recorded": (
        "UPDATE commitments_party SET name = '{\"en\": \"Forged\"}' WHERE ref = 'north'",
        early("borne_out", models.Party),
        "UPDATE commitments_party SET state = 'published' WHERE ref = 'north'",
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_in_whichever_order_checks_are_asked_nobody_approves_what_they_wrote(db, forged):
    builders.published()
    with pytest.raises(IntegrityError, match=r"north|mine") as refusal:
        by_hand(";".join(FORGED[forged]), actor="solo")
    assert re.search(r"nobody approves their own work|changed after its last public version", str(refusal.value)), (
        refusal.value
    )
