"""No record holds a control character, a non-character or, outside of what documents say, a bidi override; no text is too long to search."""

from django.db import migrations

from commitments import functions


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0006_groups"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.RunSQL(  # only of long texts is the column another one now
            "UPDATE commitments_commitmentindex i SET vector = r.vector FROM public.search_rows(ARRAY(SELECT p.ref::text "
            "FROM commitments_publication p JOIN commitments_commitmentindex ON p.ref = publication_id "
            "WHERE octet_length(body::text) + octet_length(detail::text) > 20000)) r WHERE r.ref = i.publication_id",
            migrations.RunSQL.noop,
        ),
    ]
