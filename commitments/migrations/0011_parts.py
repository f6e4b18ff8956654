"""A part belongs to the record that its reference begins with: whose work that record is, is read from there."""

from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0010_leading"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()]
