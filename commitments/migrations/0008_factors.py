"""Second factors in the ledger: who enrolled one and whose was taken away, without keys and codes."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0007_characters"),
        ("otp_static", "0003_add_timestamps"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.CreateModel(
            name="Factor",
            fields=[],
            options={
                "verbose_name": "second factor",
                "verbose_name_plural": "second factors",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("otp_totp.totpdevice",),
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("otp_static.statictoken",),
        ),
        migrations.CreateModel(
            name="RecoveryCodes",
            fields=[],
            options={
                "verbose_name": "recovery codes",
                "verbose_name_plural": "recovery codes",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("otp_static.staticdevice",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="88f9e81635b64f5b8d5f4307d1e5558631b1e4b8",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_0ecd7",
                    table="otp_totp_totpdevice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', 'key', 'last_t,drift,throttling_failure_count,throttling_failure_timestamp,last_used_at')",
                    func="RETURN NULL;",
                    hash="ab03f01a67025f21222375b8e5fa93d95e8d23d9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_1179f",
                    table="otp_totp_totpdevice",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="10656fb5959113d0c6f4e990f0591d77ee17b37c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_01180",
                    table="otp_totp_totpdevice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_factor",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_factor()",
                    func="RETURN NULL;",
                    hash="d1dd638f1f440b7e011d9bed1a5a16c18a9bd035",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_factor_0e420",
                    table="otp_totp_totpdevice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="9791f5d23d0df442e22c39c3e418921cb3479258",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_1ba70",
                    table="otp_static_statictoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', 'token', '')",
                    func="RETURN NULL;",
                    hash="2518ad2e665e9a55de94fe7da86e49aaa6bfd7e1",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_8dc94",
                    table="otp_static_statictoken",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="aa7e7e7a1450d657f89c5aa2699ba3622751f619",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_7263d",
                    table="otp_static_statictoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_factor",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_factor()",
                    func="RETURN NULL;",
                    hash="bc29ceb0791544690e292f1324dab39c3a1a076c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_factor_0d678",
                    table="otp_static_statictoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycodes",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="b8eb9639bc3e8d1a2155750b26598e7bc87814af",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_aafdb",
                    table="otp_static_staticdevice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycodes",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', 'throttling_failure_count,throttling_failure_timestamp,last_used_at')",
                    func="RETURN NULL;",
                    hash="f7449c48280b937d5a74edbebc748b6fc304e876",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_aeb35",
                    table="otp_static_staticdevice",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycodes",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="0764762c36c5a3d558a7e3a3ed2a1c8e149801d7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_67305",
                    table="otp_static_staticdevice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycodes",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_factor",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_factor()",
                    func="RETURN NULL;",
                    hash="f0a48dac097afee442c3f48dac893611b232acd0",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_keep_factor_ac370",
                    table="otp_static_staticdevice",
                    when="BEFORE",
                ),
            ),
        ),
    ]
