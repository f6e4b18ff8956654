"""An entry comes with its columns; whoever ends a version isn't asked whether he changes what it says."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0024_plain_days"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.RemoveTrigger(
            model_name="entry",
            name="read",
        ),
        migrations.RunSQL("DROP FUNCTION public.ledger_read()", migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="keep_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="1e5a4452524c2e1f492bf6fa4808b5857f5744e2",
                    level="STATEMENT",
                    operation='UPDATE OF "body", "class", "code", "commitment", "detail", "documents", "emergency", "first_day", "kind", "last_day", "named", "parties", "process", "reason", "record", "ref", "statement", "tombstone", "topics", "version"',
                    pgid="pgtrigger_keep_version_ac02e",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
    ]
