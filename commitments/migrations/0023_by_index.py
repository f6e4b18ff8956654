"""The ledger's functions look for its rows by index, whatever was known of it when a session began."""

from django.db import migrations

from commitments import functions

# 0021 altered columns, of which nothing is known since. What is known of a few rows leads to worse plans than nothing.
LOOK_ANEW = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM ledger_entry WHERE seq > 1000) THEN ANALYZE ledger_entry; END IF; END $$"
)


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0022_ever"),
    ]

    operations = [
        migrations.RunSQL(LOOK_ANEW, migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
    ]
