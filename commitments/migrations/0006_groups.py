"""The groups of the desk, and the rules that bind each move to those who may make it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions
from commitments.ledger import act

# As `transitions` had them when this was written.
GROUPS = ("curator", "reviewer", "emergency publisher", "auditor", "administrator")


def make_groups(apps, schema_editor):
    """Makes the groups that aren't there; what each may do stands in `transitions`, never in the database."""
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    with act(actor="migrate", reason="the groups of the desk", using=schema_editor.connection.alias):
        for name in GROUPS:
            groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("commitments", "0005_practice"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.RemoveTrigger(
            model_name="assessment",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="commitment",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="deadline",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="document",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="party",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="process",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="quote",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="relation",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="statement",
            name="keep_record",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="topic",
            name="keep_record",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('assessment', 'append-only')",
                    func="RETURN NULL;",
                    hash="febc220e098e40b8111401d2f739cb335d7fcf2e",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_3ef38",
                    table="commitments_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('commitment', 'mutable')",
                    func="RETURN NULL;",
                    hash="1bbf7cd7c834801002e3ef2212c43a0b5ef7a32f",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_39eaf",
                    table="commitments_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('deadline', 'append-only')",
                    func="RETURN NULL;",
                    hash="48b3f7f694276e4046a8a8fdc08b03b6858e2efe",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_0566e",
                    table="commitments_deadline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('document', 'mutable')",
                    func="RETURN NULL;",
                    hash="bc8fb182b24aa045a2ecf69a35bc985b098d2e2d",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_ae4ad",
                    table="commitments_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_account()",
                    func="RETURN NULL;",
                    hash="16167f3127aca3e16fa03519180197ac5d6bf289",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_account_2a787",
                    table="auth_group_permissions",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('party', 'mutable')",
                    func="RETURN NULL;",
                    hash="af5bf96b1a12e3444507d25d8b69e0194fe99187",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_e03bc",
                    table="commitments_party",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('process', 'mutable')",
                    func="RETURN NULL;",
                    hash="73264e2e52d192e1073a1a1ee5c446f27f7df1fb",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_43c36",
                    table="commitments_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('quote', 'stateless')",
                    func="RETURN NULL;",
                    hash="ad008a19b475b764e97c445c4d080457fa24a1cc",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_0fdad",
                    table="commitments_quote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_account()",
                    func="RETURN NULL;",
                    hash="8ff3d7d5fc9441104f2e85c956c0a7becb78ea9f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_account_a14bc",
                    table="auth_group",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('relation', 'mutable')",
                    func="RETURN NULL;",
                    hash="19c04b2652a28fa0db04929faa4c679759bf65cf",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_d23c4",
                    table="commitments_relation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('statement', 'mutable')",
                    func="RETURN NULL;",
                    hash="cf491fa5b1104517684ab83c95bb0fcf3bdce0c9",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_f6d12",
                    table="commitments_statement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('topic', 'mutable')",
                    func="RETURN NULL;",
                    hash="0e591be8990fbc193c45c020e0bacf90171883eb",
                    operation="UPDATE OR DELETE OR INSERT",
                    pgid="pgtrigger_keep_record_fc95a",
                    table="commitments_topic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_account()",
                    func="RETURN NULL;",
                    hash="38245e5412ea11e709ebb44986eca014d3ca2e59",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_account_40cea",
                    table="commitments_user",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="usergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_account()",
                    func="RETURN NULL;",
                    hash="f77238eb65ff57fde465c416bc0ff1201a564825",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_account_d3899",
                    table="commitments_user_groups",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_account()",
                    func="RETURN NULL;",
                    hash="2da3067b204d87e16e403f46963481fdb73189e9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_account_43dcc",
                    table="commitments_user_user_permissions",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
