"""A search looks each match up once: the row that it finds knows the commitment and when its version was current."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from commitments import functions

SPANS = """UPDATE commitments_commitmentindex s SET record = p.record, from_seq = p.from_seq, until_seq = p.until_seq
  FROM commitments_publication p WHERE p.ref = s.publication_id"""


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0012_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="commitmentindex",
            name="from_seq",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="commitmentindex",
            name="record",
            field=models.CharField(db_collation="C", default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="commitmentindex",
            name="until_seq",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["kind", "statement", "record"], name="publication_of_statement"),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.RunSQL(SPANS, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="span_search",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_span()",
                    func="RETURN NULL;",
                    hash="879bae824d0d65ef879a0ff03ca27e5357297a27",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_span_search_6cc6b",
                    referencing="REFERENCING NEW TABLE AS made ",
                    table="commitments_publication",
                    when="AFTER",
                ),
            ),
        ),
    ]
