"""Published is what a version bears out, housekeeping says nothing of its own, a check may go with its draft quote."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0013_found"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        pgtrigger.migrations.RemoveTrigger(
            model_name="quotecheck",
            name="keep_check",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('assessment')",
                    func="RETURN NULL;",
                    hash="42443dbf5640cd9020ea433b8a6b353955a478df",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_f916c",
                    table="commitments_assessment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="same_subject",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_same_subject()",
                    func="RETURN NULL;",
                    hash="4e90782db8e156eb50afd66500113feec1ed9182",
                    operation='INSERT OR UPDATE OF "commitment_id", "obligor_id", "corrects_id"',
                    pgid="pgtrigger_same_subject_ddfcb",
                    table="commitments_assessment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('commitment')",
                    func="RETURN NULL;",
                    hash="52b40931fb9a12870190bac2b2f9258dd7b3b071",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_a1a80",
                    table="commitments_commitment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('deadline')",
                    func="RETURN NULL;",
                    hash="0d1199a4ccda985ff00e19921d6923fe25a912ff",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_baea8",
                    table="commitments_deadline",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('document')",
                    func="RETURN NULL;",
                    hash="d63f2c6105e75242648759058c0300b0b2ec1acf",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_3814a",
                    table="commitments_document",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('party')",
                    func="RETURN NULL;",
                    hash="1f72fc3377f746e553e7752c480d3601b480e979",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_23560",
                    table="commitments_party",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('process')",
                    func="RETURN NULL;",
                    hash="5a50417ac203d93ca44d070aa8a72e2b7b9e28d7",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_60804",
                    table="commitments_process",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_own",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_own()",
                    func="RETURN NULL;",
                    hash="fa73a9473f048af8ae2e55abf4cce0d8d52382d5",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_keep_own_604bb",
                    referencing="REFERENCING NEW TABLE AS made ",
                    table="commitments_publication",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_check",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="9794a725eb4b585d91c073557f7689b24a7c3714",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_check_54aba",
                    table="commitments_quotecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_with_quote",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_check()",
                    func="RETURN NULL;",
                    hash="fd044957855dfbe3251437041a247f7b39fa3475",
                    operation="DELETE",
                    pgid="pgtrigger_keep_with_quote_f2ed9",
                    table="commitments_quotecheck",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('relation')",
                    func="RETURN NULL;",
                    hash="8d799efed214ce65b5a3b4b3903b69516705e2c2",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_067a8",
                    table="commitments_relation",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('statement')",
                    func="RETURN NULL;",
                    hash="e6110d5833a68ea96550ef13571eee680917bbf3",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_af0ea",
                    table="commitments_statement",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="borne_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.desk_borne_out('topic')",
                    func="RETURN NULL;",
                    hash="68410f6c48d93cef5594066cc1cbfb71252e6bac",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_borne_out_0500c",
                    table="commitments_topic",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
