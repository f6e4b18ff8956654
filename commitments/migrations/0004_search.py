"""What `q` looks through, what is known at second hand only, and how copies differ."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import commitments.fields
from commitments import functions, search


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0003_plans"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.CreateModel(
            name="CommitmentIndex",
            fields=[
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="index",
                        serialize=False,
                        to="commitments.publication",
                    ),
                ),
                ("vector", commitments.fields.VectorField()),
                ("second_hand", models.BooleanField()),
            ],
            options={
                "ordering": ("publication",),
            },
        ),
        migrations.CreateModel(
            name="Divergence",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                ("explanation", commitments.fields.LanguageMapField(default=dict, verbose_name="explanation")),
            ],
            options={
                "verbose_name": "divergence",
                "verbose_name_plural": "divergences",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="fill_search",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_search()",
                    func="RETURN NULL;",
                    hash="083e5085fe751a94f5dd2bbc09f96fa81d36dfa7",
                    operation="INSERT",
                    pgid="pgtrigger_fill_search_25e46",
                    table="commitments_publication",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="commitmentindex",
            index=django.contrib.postgres.indexes.GinIndex(fields=["vector"], name="search_vector"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentindex",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="504aba0b4c8d2f452836ea0c1a3849c6f665cf64",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_68262",
                    table="commitments_commitmentindex",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="divergence",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="divergences",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AddField(
            model_name="divergence",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="commitments.quote",
                verbose_name="the other quote",
            ),
        ),
        migrations.AddField(
            model_name="divergence",
            name="quote",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="commitments.quote",
                verbose_name="quote",
            ),
        ),
        migrations.AddConstraint(
            model_name="divergence",
            constraint=models.UniqueConstraint(fields=("commitment", "quote", "other"), name="divergence_once"),
        ),
        migrations.AddConstraint(
            model_name="divergence",
            constraint=models.CheckConstraint(
                condition=models.Q(("quote", models.F("other")), _negated=True),
                name="divergence_of_two",
                violation_error_message="Name two quotes: a copy doesn't differ from itself.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="divergence",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="9fb60985eb2ba10da96bbf31ce8ad691ecd5daff",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_f8876",
                    table="commitments_divergence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="divergence",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="2e452b4e09d8e9e9099ae83126e1f28e2eb627fd",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_99d09",
                    table="commitments_divergence",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="divergence",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="35118949c0ca60e9f60ae397b7bb72e2f0fcf919",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_f0692",
                    table="commitments_divergence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="divergence",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="37941d7726c77f404ceeeb9c379b0bd68482aa1a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_9dfa0",
                    table="commitments_divergence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="divergence",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('commitment')",
                    func="RETURN NULL;",
                    hash="e4cc9fd3ecb7b0058239de6c6322e64872d1b7c5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_98e71",
                    table="commitments_divergence",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(
            f"INSERT INTO commitments_commitmentindex (publication_id, vector, second_hand) SELECT r.* FROM {search.ROWS}",  # noqa: S608 - nothing of it is input
            migrations.RunSQL.noop,
        ),
    ]
