"""A plain day's bounds call no function; a party's commitments by deadline are the beginning of one index."""

from django.db import migrations, models

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0023_by_index"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                fields=["party", "due_by", "record"],
                include=("role", "lead", "publication", "first", "until"),
                name="standing_of_party",
            ),
        ),
    ]
