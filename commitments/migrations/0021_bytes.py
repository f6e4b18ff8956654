"""The ledger's references compare as bytes, as everybody's do."""

from django.db import migrations, models

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0020_indexed"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="entry", name="entry_by_prefix"),
        migrations.RemoveIndex(model_name="entry", name="entry_by_reference"),
        migrations.AlterField(
            model_name="entry",
            name="reference",
            field=models.TextField(db_collation="C", null=True),
        ),
        migrations.AlterField(
            model_name="entry",
            name="table",
            field=models.TextField(db_collation="C", null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["table", "reference", "seq"], name="entry_by_reference"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["reference", "seq"], name="entry_by_prefix"),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
    ]
