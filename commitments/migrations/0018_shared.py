"""Versions that show nothing but another name stand as the one before, by the same rows."""

import django.db.models.deletion
from django.db import migrations, models

from commitments import fields, functions

# The table is written once, with its indexes, and not row by row.
STANDS = """
ALTER TABLE commitments_commitmentindex ADD COLUMN stands varchar(300) COLLATE "C";
ALTER TABLE commitments_commitmentindex ALTER COLUMN stands TYPE varchar(300) COLLATE "C" USING publication_id, ALTER COLUMN stands SET NOT NULL"""
NAMELESS = """
CREATE FUNCTION pg_temp.nameless(body json) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN body -> 'parties' IS NULL OR EXISTS (SELECT FROM json_array_elements(body -> 'parties') p WHERE p ->> 'status' IS NOT NULL) THEN body
    ELSE replace(body::text, '"parties":' || (body -> 'parties')::text || ',', '')::json END $$;
ALTER TABLE commitments_standing ALTER COLUMN body TYPE json USING pg_temp.nameless(body);
DROP FUNCTION pg_temp.nameless(json)"""


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0017_carried"),
    ]

    operations = [
        migrations.RunSQL(
            STANDS,
            migrations.RunSQL.noop,
            [
                migrations.AddField(
                    model_name="commitmentindex",
                    name="stands",
                    field=models.CharField(db_collation="C", default="", max_length=300),
                    preserve_default=False,
                )
            ],
        ),
        migrations.AddIndex(
            model_name="commitmentindex",
            index=models.Index(fields=["stands"], name="search_stands"),
        ),
        migrations.AlterField(
            model_name="standing",
            name="publication",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="commitments.publication",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="index",
            field=fields.Shared(
                default=None,
                from_fields=["publication"],
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="standings",
                to="commitments.commitmentindex",
                to_fields=["stands"],
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(NAMELESS, migrations.RunSQL.noop),
        migrations.RunSQL("DROP FUNCTION public.search_renamed(text[])", migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.RunSQL("ANALYZE commitments_commitmentindex, commitments_standing", migrations.RunSQL.noop),
    ]
