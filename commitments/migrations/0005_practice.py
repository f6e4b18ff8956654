"""The shelf refuses what is for practice."""

from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0004_search"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()]
