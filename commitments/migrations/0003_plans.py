"""The shelf's rules are planned for the ledger as it is, not as it was when a session began."""

from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0002_bundles"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()]
