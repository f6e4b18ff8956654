"""Searching a hundred thousand commitments: by indexes alone, however often a word stands in one of a hundred."""

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

MANY = """
ALTER TABLE commitments_publication DISABLE TRIGGER USER;
ALTER TABLE commitments_standing DISABLE TRIGGER USER;
INSERT INTO commitments_publication (ref, kind, record, version, class, reason, tombstone, emergency, body, detail, from_seq,
    commitment, statement, process, code, documents, parties, topics, named)
  SELECT 'commitment.many-' || n || '.1', kind, 'many-' || n, 1, class, reason, tombstone, emergency, body, detail, from_seq,
    'many-' || n, statement, process, code, documents, parties, topics, named
    FROM commitments_publication, generate_series(1, 100000) n WHERE kind = 'commitment' AND until_seq IS NULL;
INSERT INTO commitments_standing (publication_id, record, lead, party, role, first, until, status, whole, schedule, contested, due_latest, body)
  SELECT 'commitment.many-' || n || '.1', 'many-' || n, s.lead, s.party, s.role, s.first, s.until, s.status, s.whole, s.schedule, s.contested, s.due_latest, s.body
    FROM commitments_standing s JOIN commitments_publication p ON p.ref = s.publication_id AND p.until_seq IS NULL
      AND p.kind = 'commitment' AND p.record NOT LIKE 'many-%', generate_series(1, 100000) n WHERE s.party = '';
INSERT INTO commitments_commitmentindex (publication_id, stands, second_hand, record, from_seq, vector)
  SELECT 'commitment.many-' || n || '.1', 'commitment.many-' || n || '.1', true, 'many-' || n, s.from_seq,
    array_to_tsvector(ARRAY['frequent', 'w' || n, 'h' || n % 100, '@' || (date '2025-01-01' + n % 5000)]) || s.vector
    FROM generate_series(1, 100000) n, commitments_commitmentindex s;
ALTER TABLE commitments_standing ENABLE TRIGGER USER;
ALTER TABLE commitments_publication ENABLE TRIGGER USER;
ANALYZE
"""
LIST = "/api/v1/commitments/"
ASKED = ["w77", "h7 w77", '"convoys" h7', "h7", "w777*", "4 May 2031 h7", "-w77", "h7&ordering=relevance", "nothing"]
PARTED = ["وقوافل h7", "h7 وبالقوافل وبالجبال"]  # what is left of their words is looked up before


@pytest.mark.prove
def test_a_search_reads_indexes_alone_at_a_hundred_thousand_commitments(published_database, client, record_property):
    with connections["owner"].cursor() as cursor:
        cursor.execute(MANY)
    for asked in ASKED + PARTED:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LIST}?q={asked}").status_code == 200
        searched = [query["sql"] for query in queries if "tsquery" in query["sql"]]
        counted = "relevance" not in asked  # the same words were counted before, in another order
        assert len(searched) == 1 + counted + (asked in PARTED), asked
        for query in searched[-1 - counted :]:  # the look-up before reads one row of each word, whatever its plan
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query.replace("%", "%%"))
                assert "Seq Scan" not in "\n".join(line for (line,) in cursor.fetchall()), (asked, query)
    record_property(
        "checked", f"{len(ASKED + PARTED)} searches of 100,000 commitments, none of which reads a table from end to end"
    )
