"""A reference is never given again, though all its entries are withheld."""

from django.db import migrations, models

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0021_bytes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="withholding",
            index=models.Index(fields=["table", "reference"], name="withholding_by_reference"),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
    ]
