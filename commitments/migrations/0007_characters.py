"""No record holds a control character, a non-character or, outside of what documents say, a bidi override."""

from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0005_practice"),
    ]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()]
