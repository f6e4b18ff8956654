"""The start page, the lists and the form for an assessment at a hundred thousand commitments: few queries, no long boxes."""

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments import actions, models
from commitments.admin import worklists
from commitments.ledger import act
from tests import builders
from tests.test_admin import at, person
from tests.test_intake_load import SIZES, copy_rows

pytestmark = pytest.mark.prove  # tests/test_worklists.py and test_assessing.py ask the same of a small register

SHELVED = """
ALTER TABLE commitments_publication DISABLE TRIGGER USER;
ALTER TABLE commitments_standing DISABLE TRIGGER USER;
INSERT INTO commitments_publication (ref, kind, record, version, class, reason, tombstone, emergency, body, detail, from_seq,
    commitment, statement, process, code, documents, parties, topics, named)
  SELECT 'commitment.' || c.ref || '.1', kind, c.ref, 1, class, reason, tombstone, emergency, '{}', '{}', from_seq,
    c.ref, statement, process, code, documents, parties, topics, '{}'
    FROM commitments_publication p, commitments_commitment c
   WHERE p.kind = 'commitment' AND p.until_seq IS NULL AND c.ref LIKE 's-%';
WITH told AS MATERIALIZED (SELECT s.* FROM commitments_standing s JOIN commitments_publication p ON p.ref = s.publication_id
    WHERE p.until_seq IS NULL AND p.record NOT LIKE 's-%')
INSERT INTO commitments_standing (publication_id, record, lead, party, role, first, until, status, whole, schedule, contested, due_latest, body)
  SELECT 'commitment.' || c.ref || '.1', c.ref, lead, party, role, first, until, status, whole, schedule, contested, due_latest, NULL
    FROM told, commitments_commitment c WHERE c.ref LIKE 's-%';
INSERT INTO commitments_commitmentindex (publication_id, stands, second_hand, record, from_seq, vector)
  SELECT ref, ref, true, record, from_seq, '' FROM commitments_publication WHERE kind = 'commitment' AND record LIKE 's-%';
ALTER TABLE commitments_standing ENABLE TRIGGER USER;
ALTER TABLE commitments_publication ENABLE TRIGGER USER;
"""


def test_start_page_and_worklists_ask_at_most_12_queries_with_100000_commitments(published_database):
    document, commitment = published_database["document"], published_database["commitment"]
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with connections["owner"].cursor() as cursor:
        for table in SIZES:
            copy_rows(cursor, table, SIZES)
        cursor.execute(SHELVED)
        cursor.execute("ANALYZE")
    with act(actor="author", reason="judge"):
        builders.assessment(commitment, evidence=[published_database["quote"]])
    client = Client()
    client.force_login(person("reviewer", "reviewer"))
    most = {reverse("admin:index"): 12}
    most[reverse("admin:commitments_commitment_assess", args=[commitment.pk])] = 20
    for worklist in worklists.WORKLISTS.values():
        most |= {f"{at(model)}?work={worklist.name}": 12 for model in worklist.lists}
    for asked in ("obligor=north&status=not_assessed", "due=203X&schedule=not_due"):
        most[f"{at(models.Commitment)}?{asked}"] = 12
    client.get(reverse("admin:index"))
    for page, bound in most.items():
        with CaptureQueriesContext(connection) as queries:
            body = client.get(page).content.decode()
        assert len(queries) <= bound, page
        assert body.count("<option") < 120, page
