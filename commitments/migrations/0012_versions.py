"""What follows from a version is worked out for all versions of a statement at once, and what only the database sets isn't queued."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions
from commitments.ledger import HEAD

# What read an entry's columns out of its text until 0025, for a trigger that nothing sets off before.
READ = "CREATE OR REPLACE FUNCTION public.ledger_read() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
PAST = "public.search_texts(text), public.search_column(text[], text[]), public.search_vector(text)"


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0011_parts"),
    ]

    operations = [
        migrations.RunSQL(f"DROP FUNCTION IF EXISTS {PAST}", migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.RemoveTrigger(
            model_name="factor",
            name="capture",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="capture",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="keep_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="fill_search",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="recoverycodes",
            name="capture",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="standing",
            name="keep_standing",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', 'key', 'last_t,drift,throttling_failure_count,throttling_failure_timestamp,last_used_at')",
                    func="RETURN NULL;",
                    hash="b72bd3adf8f087299a66e8476ca6057a2ebe8638",
                    operation='INSERT OR DELETE OR UPDATE OF "confirmed", "created_at", "digits", "id", "key", "name", "step", "t0", "tolerance", "user_id"',
                    pgid="pgtrigger_capture_1179f",
                    table="otp_totp_totpdevice",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', 'from_seq,until_seq')",
                    func="RETURN NULL;",
                    hash="21f200dfa99413a74189f845daf9467f60376eea",
                    operation='INSERT OR DELETE OR UPDATE OF "body", "class", "code", "commitment", "detail", "documents", "emergency", "first_day", "kind", "last_day", "named", "parties", "process", "reason", "record", "ref", "statement", "tombstone", "topics", "version"',
                    pgid="pgtrigger_capture_5c4f0",
                    table="commitments_publication",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="fill_search",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_search()",
                    func="RETURN NULL;",
                    hash="7b2777aa2c4a807492b1c45374f316504c20e088",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_fill_search_25e46",
                    referencing="REFERENCING NEW TABLE AS made ",
                    table="commitments_publication",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ref" IS DISTINCT FROM NEW."ref" OR OLD."kind" IS DISTINCT FROM NEW."kind" OR OLD."record" IS DISTINCT FROM NEW."record" OR OLD."version" IS DISTINCT FROM NEW."version" OR OLD."class" IS DISTINCT FROM NEW."class" OR OLD."reason" IS DISTINCT FROM NEW."reason" OR OLD."tombstone" IS DISTINCT FROM NEW."tombstone" OR OLD."emergency" IS DISTINCT FROM NEW."emergency" OR OLD.body::text IS DISTINCT FROM NEW.body::text OR OLD.detail::text IS DISTINCT FROM NEW.detail::text OR OLD."commitment" IS DISTINCT FROM NEW."commitment" OR OLD."statement" IS DISTINCT FROM NEW."statement" OR OLD."process" IS DISTINCT FROM NEW."process" OR OLD."code" IS DISTINCT FROM NEW."code" OR OLD."documents" IS DISTINCT FROM NEW."documents" OR OLD."parties" IS DISTINCT FROM NEW."parties" OR OLD."topics" IS DISTINCT FROM NEW."topics" OR OLD."named" IS DISTINCT FROM NEW."named" OR OLD."first_day" IS DISTINCT FROM NEW."first_day" OR OLD."last_day" IS DISTINCT FROM NEW."last_day")',
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="a62567556cbfd280e3d13b6d5a0a2f2a0278c241",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_version_ac02e",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycodes",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', 'throttling_failure_count,throttling_failure_timestamp,last_used_at')",
                    func="RETURN NULL;",
                    hash="a191975b7a58f1b568d2108a0146a0774a0ab8e4",
                    operation='INSERT OR DELETE OR UPDATE OF "confirmed", "created_at", "id", "name", "user_id"',
                    pgid="pgtrigger_capture_aeb35",
                    table="otp_static_staticdevice",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_standing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_standing()",
                    func="RETURN NULL;",
                    hash="ad7939c02c5efaea0d5953d3594007bc1080ef6d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_keep_standing_a1b66",
                    referencing="REFERENCING NEW TABLE AS made ",
                    table="commitments_standing",
                    when="AFTER",
                ),
            ),
        ),
        # The values stay: a column that was generated, as in databases that are older than this, becomes a plain one.
        migrations.RunSQL(
            "ALTER TABLE ledger_entry "
            + ", ".join(f'ALTER COLUMN "{name}" DROP EXPRESSION IF EXISTS' for name in HEAD),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(READ, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="read",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_read()",
                    func="RETURN NULL;",
                    hash="44b857dbc41322ba40a9d7deb101bb27e10a189a",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_read_dc5b4",
                    table="ledger_entry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
