"""What follows from a version is entered in the ledger with its statement, all of it at once."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0015_nearer"),
    ]

    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS public.search_kept(text)", migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="shelf_rules",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="shelf_rules",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"class\" = 'housekeeping'))",
                    constraint="CONSTRAINT",
                    execute="public.shelf_rules()",
                    func="RETURN NULL;",
                    hash="d64a82d69586a7d0a6b43bdb2b1487d86e5b137b",
                    operation="INSERT",
                    pgid="pgtrigger_shelf_rules_23d5d",
                    table="commitments_publication",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="follow",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"class\" = 'housekeeping')",
                    constraint="CONSTRAINT",
                    execute="public.shelf_follow()",
                    func="RETURN NULL;",
                    hash="88b7dd895ac2d295be23b3cfdc2ec9f48062f640",
                    operation="INSERT",
                    pgid="pgtrigger_follow_e4fb3",
                    table="commitments_publication",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="enter",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_enter()",
                    func="RETURN NULL;",
                    hash="fe5bb8ade500e7dc237324c66492b06b58b6eda2",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_enter_57b7b",
                    referencing="REFERENCING NEW TABLE AS made ",
                    table="commitments_publication",
                    when="AFTER",
                ),
            ),
        ),
    ]
