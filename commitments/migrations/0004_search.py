"""The search column: what `q` looks through."""

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
            name="SearchColumn",
            fields=[
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="commitments.publication",
                    ),
                ),
                ("vector", commitments.fields.VectorField()),
            ],
            options={
                "ordering": ("publication",),
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
            model_name="searchcolumn",
            index=django.contrib.postgres.indexes.GinIndex(fields=["vector"], name="search_vector"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="searchcolumn",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="90acc178cb55bd29b78c8ca570d6e7f6cfec5033",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_24e7d",
                    table="commitments_searchcolumn",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(search.FILL, migrations.RunSQL.noop),
    ]
