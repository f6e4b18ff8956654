"""What a version is found by ends with the names that it shows, so that a rename takes all else over from the version before."""

from django.db import migrations

from commitments import functions, search

# The owner may: what is derived is made anew.
ANEW = f"""UPDATE commitments_commitmentindex s SET vector = r.vector FROM {search.ROWS} WHERE s.publication_id = r.ref"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0016_entered"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.RunSQL(ANEW, migrations.RunSQL.noop),
    ]
