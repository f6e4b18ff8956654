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
                    hash="b72dc9c1574772271dff09fa71fb5adf98bf3216",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE",
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
                    hash="1cc0e48b6456c176dc4794bca77b2d28e2c523bb",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE",
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
                    hash="9b8f3bfe26c1d35fcb42e36d48c6c0e6a64e6e96",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_announce_92261",
                    table="commitments_withholding",
                    when="BEFORE",
                ),
            ),
        ),
    ]
