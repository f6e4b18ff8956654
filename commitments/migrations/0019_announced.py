"""Who is about to change what is public announces it, so that readers needn't ask each time whether it changed."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0018_shared"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="announce",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_announce()",
                    func="RETURN NULL;",
                    hash="d46eef49b64338c579ff7c9fe27f6a421076a044",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_announce_245f0",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="release",
            trigger=pgtrigger.compiler.Trigger(
                name="announce",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_announce()",
                    func="RETURN NULL;",
                    hash="8dea6d90c670d0ca390be00244ed3711305dc93f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_announce_4defd",
                    table="commitments_release",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withholding",
            trigger=pgtrigger.compiler.Trigger(
                name="announce",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_announce()",
                    func="RETURN NULL;",
                    hash="6327b3a7e232c4f068d650cff927ba7da4401a5a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_announce_92261",
                    table="commitments_withholding",
                    when="BEFORE",
                ),
            ),
        ),
    ]
