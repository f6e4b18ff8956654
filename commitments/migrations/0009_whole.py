"""The status of the whole stands in the rows of its parties, too, so that the list of a party and a status is one index."""

from django.db import migrations, models

import commitments.fields

STATUSES = [
    "not_assessed", "no_evidence", "not_started", "in_progress", "being_kept", "stalled", "partly_fulfilled", "fulfilled",
    "not_fulfilled", "contrary_action", "withdrawn", "superseded", "unverifiable",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0008_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="whole",
            field=commitments.fields.CodeField(codes=STATUSES, default="not_assessed", max_length=40),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE commitments_standing s SET whole = w.status FROM commitments_standing w "
            "WHERE w.publication_id = s.publication_id AND w.first = s.first AND w.party = '' AND w.status <> s.whole",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                fields=["party", "whole", "until", "first"], include=("publication",), name="standing_by_whole"
            ),
        ),
    ]
