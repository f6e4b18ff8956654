"""What a version is found by ends with the names that it shows, so that a rename takes all else over; standings are looked after in sets."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from commitments import functions, search

# The owner may: what is derived is made anew.
ANEW = f"UPDATE commitments_commitmentindex s SET vector = r.vector FROM {search.ROWS} WHERE s.publication_id = r.ref"  # noqa: S608 - nothing of it is input


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0016_entered"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.RunSQL(ANEW, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="standing",
            name="publication",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standings",
                to="commitments.publication",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="of_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"first\" = '0001-01-01'::date AND NEW.\"party\" = '')",
                    constraint="CONSTRAINT",
                    execute="public.shelf_of_version()",
                    func="RETURN NULL;",
                    hash="8fdeb230f98a0e06ac1c1940259bff5447661654",
                    operation="INSERT",
                    pgid="pgtrigger_of_version_be1c7",
                    table="commitments_standing",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_publication",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="06ec825910dd539ac8ad7b430085329ced908388",
                    level="STATEMENT",
                    operation='UPDATE OF "publication_id"',
                    pgid="pgtrigger_keep_publication_193b0",
                    table="commitments_standing",
                    when="BEFORE",
                ),
            ),
        ),
    ]
