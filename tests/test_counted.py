"""What is kept in memory: asked once, never stale, never more than a number of answers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments import actions
from commitments.api import counted
from commitments.ledger import act
from tests import builders

COUNTED = ("commitments/", "commitments/facets/", "parties/north/scorecard/", "statements/")


@pytest.mark.parametrize("path", COUNTED)
def test_what_was_counted_is_asked_once_and_anew_after_a_change(db, client, path):
    made = builders.published()
    first = client.get(f"/api/v1/{path}").json()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/api/v1/{path}").json() == first
    assert not [each["sql"] for each in queries if "COUNT(" in each["sql"].upper()]
    with act(actor="author", reason="a second undertaking"):
        more = builders.statement(
            "talks-2031-05-04", [made["north"]], issued_words="4 May 2031", issued_edtf="2031-05-04"
        )
        other = builders.commitment(more, [made["north"]], [made["quote"]], "talks-2031-05-04-01")
    actions.publish([more, other], by="approver", reason="compared")
    after = client.get(f"/api/v1/{path}").json()
    number = (lambda found: found["commitments"]["count"]) if "scorecard" in path else (lambda found: found["count"])
    assert (number(first), number(after)) == (1, 2)


def test_the_oldest_answer_goes_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(counted, "KEPT", 2)
    asked = [counted.once(question, lambda question=question: question * 2) for question in (1, 2, 1, 3)]
    assert asked == [2, 4, 2, 6]
    assert [counted.once(1, lambda: "anew"), counted.once(3, lambda: "anew"), counted.once(2, lambda: "anew")] == [
        2,
        6,
        "anew",
    ]
