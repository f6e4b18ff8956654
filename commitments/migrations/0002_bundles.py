"""What bundles need: signing keys, checkpoints, releases, withheld entries, public versions in their order."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import commitments.fields
from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0001_first"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("note", models.TextField()),
            ],
            options={
                "ordering": ("size",),
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                ("size", models.BigIntegerField(unique=True, verbose_name="entries")),
                ("head", models.CharField(max_length=64, verbose_name="head of the chain")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256 of its manifest-sha256.txt")),
                ("note", models.TextField(verbose_name="signed note on that")),
            ],
            options={
                "ordering": ("-size",),
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "public_key",
                    models.CharField(db_collation="C", max_length=44, unique=True, verbose_name="public key"),
                ),
            ],
            options={
                "ordering": ("ref",),
            },
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                ("entry", models.BigIntegerField(unique=True, verbose_name="entry")),
                ("table", models.CharField(db_collation="C", max_length=100, verbose_name="table")),
                ("reference", models.CharField(db_collation="C", max_length=300, verbose_name="reference")),
                ("reason", models.TextField(verbose_name="reason")),
            ],
            options={
                "ordering": ("entry",),
            },
        ),
        migrations.AlterField(
            model_name="entry",
            name="canonical",
            field=models.TextField(null=True),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["from_seq"], name="publication_in_order"),
        ),
        migrations.AddConstraint(
            model_name="checkpoint",
            constraint=models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="checkpoint_of_something"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checkpoint",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_checkpoint",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="3f6a772ec8456b770572d3f0a954eb97ca21b356",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_keep_checkpoint_584fd",
                    table="commitments_checkpoint",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="release_of_something"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="f68703bdde0bed6740298a05af9f0b00b1ecb7e5",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_5dcb3",
                    table="commitments_release",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="e428c32d526cb92fa4a0a5cd9b0e0916f32bd5e5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_056a0",
                    table="commitments_release",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="c8f6be26c1caa8745fa94d33d7f30ec86ad6dfae",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_72e94",
                    table="commitments_release",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_release",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="769fa7ab446f690580f4eae714c57cc4659d9c11",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_release_0a42a",
                    table="commitments_release",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("public_key__regex", "^[A-Za-z0-9+/]{43}=$")), name="key_is_32_bytes"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="d6446c5986b1dfa5a8cf8b3fcfab4ae1925ca8e1",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_9a062",
                    table="commitments_signingkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="ad01373f3c8aeaf8a80f7d6ff1cf0cad981c9831",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_e6c96",
                    table="commitments_signingkey",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="6dbc8c451026e892b451754b7094ee4127ca7ae8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_72849",
                    table="commitments_signingkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_key",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="b007cfeb8988c9da5e6e1b3a64a62c5cc1f73617",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_key_0e00d",
                    table="commitments_signingkey",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="withholding",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")),
                name="withholding_reason",
                violation_error_message="Say why the text has to go.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withholding",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="de105619c30007b2e4586c98dd7b2b6522ad2470",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_a517e",
                    table="commitments_withholding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withholding",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="4c7ace3e11fe644009502cb068fc093986b8261f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_0c8d6",
                    table="commitments_withholding",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withholding",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="e875e4cf006f5ae8dea44a2346e7ef8b9842e3ec",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_487ef",
                    table="commitments_withholding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withholding",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_withholding",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="8cbea8d3fc05fe536b35111071c46d9f303fe661",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_withholding_ce287",
                    table="commitments_withholding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="keep_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.body::text IS DISTINCT FROM NEW.body::text OR OLD.detail::text IS DISTINCT FROM NEW.detail::text OR to_jsonb(OLD.*) - '{from_seq,until_seq}'::text[] IS DISTINCT FROM to_jsonb(NEW.*) - '{from_seq,until_seq}'::text[])",
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="eb89399c2e286d2d39fb16c6b586a1eef6e6dad3",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_version_ac02e",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
    ]
