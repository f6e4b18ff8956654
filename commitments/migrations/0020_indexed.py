"""Each index once: none for beginnings beside one that finds them, none that another begins with; rows of a page by hash."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# As the schema editor makes none of them any more (`tracker.database`).
TWICE = """
DO $$
DECLARE twice regclass;
BEGIN
  FOR twice IN SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relname LIKE '%\\_like' AND c.relnamespace = 'public'::regnamespace AND i.indnatts = 1 AND i.indcollation[0] = 'pg_catalog."C"'::regcollation
  LOOP
    EXECUTE format('DROP INDEX %s', twice);
  END LOOP;
END $$"""


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0019_announced"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="commitmentindex",
            name="search_stands",
        ),
        migrations.AlterField(
            model_name="assessmentsearch",
            name="assessment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="searched",
                to="commitments.assessment",
                verbose_name="assessment",
            ),
        ),
        migrations.AlterField(
            model_name="citation",
            name="quote",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="citations",
                to="commitments.quote",
                verbose_name="quote",
            ),
        ),
        migrations.AlterField(
            model_name="commitmentparty",
            name="commitment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parties",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AlterField(
            model_name="commitmenttopic",
            name="commitment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="topics",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AlterField(
            model_name="divergence",
            name="commitment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="divergences",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AlterField(
            model_name="partyalias",
            name="party",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="aliases",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        migrations.AlterField(
            model_name="partymember",
            name="party",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        migrations.AlterField(
            model_name="quotecheck",
            name="quote",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="commitments.quote",
                verbose_name="quote",
            ),
        ),
        migrations.AlterField(
            model_name="relation",
            name="commitment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AlterField(
            model_name="statementissuer",
            name="statement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="issuers",
                to="commitments.statement",
                verbose_name="statement",
            ),
        ),
        migrations.AddIndex(
            model_name="commitmentindex",
            index=django.contrib.postgres.indexes.HashIndex(fields=["stands"], name="search_by_stands"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.HashIndex(fields=["ref"], name="publication_by_ref"),
        ),
        migrations.RunSQL(TWICE, migrations.RunSQL.noop),
    ]
