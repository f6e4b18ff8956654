"""The first page of a party and a status by deadline is the beginning of one index: standings know their commitment and their place."""

import datetime

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

FILL = """UPDATE commitments_standing s SET record = p.record, lead = s.role = l.role
FROM commitments_publication p, (
  SELECT DISTINCT ON (publication_id, party, first) publication_id, party, first, role FROM commitments_standing ORDER BY 1, 2, 3, id
) l
WHERE p.ref = s.publication_id AND (l.publication_id, l.party, l.first) = (s.publication_id, s.party, s.first)"""


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0009_whole"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="standing", name="standing_by_party"),
        migrations.RemoveIndex(model_name="standing", name="standing_by_whole"),
        migrations.AddField(
            model_name="standing",
            name="record",
            field=models.CharField(db_collation="C", default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="standing", name="lead", field=models.BooleanField(default=True), preserve_default=False
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="standing",
            name="due_by",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    "due_latest", models.Value(datetime.date(9999, 12, 31))
                ),
                output_field=models.DateField(),
            ),
        ),
        migrations.AlterField(  # `standing_once` begins with it
            model_name="standing",
            name="publication",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standings",
                to="commitments.publication",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["party", "role", "status", "due_by", "record"], name="standing_by_party"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("lead", True)),
                fields=["party", "whole", "due_by", "record"],
                include=("publication", "first", "until"),
                name="standing_by_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("party", "")),
                fields=["due_by", "record"],
                include=("publication", "first", "until"),
                name="standing_by_due",
            ),
        ),
    ]
