"""Every shape that the five documents hold (docs/decisions.md, record 1) stands in the shipped record."""

import pytest
from django.db.models import Count, Q

from commitments.models import Assessment, Citation, Commitment, Deadline, Document, Party, Quote, Relation, Statement

OWES = Q(parties__role="obligor")


def owing(number, **conditions):
    """Commitments with so many obligors."""
    return Commitment.objects.annotate(obligors=Count("parties", filter=OWES)).filter(obligors=number, **conditions)


SHAPES = {
    "joint agreement": lambda: owing(2, strength="agrees"),
    "joint intention": lambda: owing(2, strength="intends"),
    "one side bound inside a joint text": lambda: owing(
        1, strength="commits", statement__statement_kind="joint_statement"
    ).filter(parties__role="beneficiary"),
    "one side's support": lambda: owing(1, strength="supports"),
    "one side's aim": lambda: owing(1, strength="intends"),
    "an abstention": lambda: Commitment.objects.filter(
        citations__quote__exact__contains="لا تسعى", deadlines__deadline_kind="standing"
    ),
    "a plain future": lambda: Commitment.objects.filter(strength="commits", citations__quote__exact__contains="ستواصل"),
    "a need seen": lambda: Commitment.objects.filter(strength="recognises"),
    "plans talked about": lambda: Commitment.objects.filter(strength="discusses"),
    "a meeting agreed": lambda: Commitment.objects.filter(strength="agrees", citations__quote__exact__contains="اجتماع"),
    "a duty with no named doer": lambda: Commitment.objects.filter(citations__quote__exact__contains="صیاغة جدول زمني"),
    "a duty inside another": lambda: Commitment.objects.filter(
        citations__quote__exact__contains="سلامة مستشاري", deadlines__sense="in_effect"
    ),
    "a promise of one side told by the other": lambda: Commitment.objects.filter(
        citations__quote__voice="speaker_quoted", statement__statement_kind="unilateral_statement"
    ),
    "a promise by a person": lambda: Quote.objects.filter(speaker__party_kind="person"),
    "a date: full day, two names of one month": lambda: Statement.objects.filter(
        issued_words__contains="تموز/يوليو", issued_edtf="2021-07-26"
    ),
    "a date: the end of a year": lambda: Deadline.objects.filter(words__contains="نهاية", edtf="2021", latest="2021-12-31"),
    "a date: a day": lambda: Deadline.objects.filter(edtf="2021-12-31", earliest=None, latest="2021-12-31"),
    "a date: month without a year": lambda: Assessment.objects.filter(effective_edtf="2020-08"),
    "a date: vague period": lambda: Deadline.objects.filter(deadline_kind="relative", edtf=""),
    "a date: event": lambda: Deadline.objects.filter(deadline_kind="event"),
    "a date: two days": lambda: Statement.objects.filter(issued_edtf="2023-08-07/2023-08-08"),
    "a date: a weekday counted from the report": lambda: Statement.objects.filter(issued_words__contains="الخميس").exclude(
        issued_edtf=""
    ),
    "a date: numeric": lambda: Document.objects.filter(published_words="27-1-2024", published_edtf="2024-01-27"),
    "a document without a publisher": lambda: Document.objects.filter(publisher="", gaps__has_key="publisher"),
    "a document without a full date": lambda: Document.objects.exclude(published_edtf__regex=r"^\d{4}-\d\d-\d\d$"),
    "an undated statement": lambda: Statement.objects.filter(issued_edtf="", gaps__has_key="issued"),
    "obligor: a state": lambda: Party.objects.filter(party_kind="state", roles__role="obligor"),
    "obligor: a coalition": lambda: Party.objects.filter(party_kind="coalition", roles__role="obligor"),
    "obligor: a joint body": lambda: Party.objects.filter(party_kind="joint_body", roles__role="obligor"),
    "restatement: one statement in two documents": lambda: Commitment.objects.annotate(
        copies=Count("citations__quote__document", distinct=True, filter=Q(citations__part="undertaking"))
    ).filter(copies__gt=1),
    "restatement: again, in another statement": lambda: Relation.objects.filter(relation_kind="reaffirms"),
    "narrowing": lambda: Relation.objects.filter(relation_kind="specifies", scope="narrower"),
    "outcome told later by the parties": lambda: Assessment.objects.filter(
        status="fulfilled", citations__quote__document="dar-al-hayat-2021-04-09"
    ),
    "outcome: figures in a report": lambda: Citation.objects.filter(part="evidence", quote__exact__contains="2500"),
    **{f"voice: {voice}": lambda voice=voice: Quote.objects.filter(voice=voice) for voice in Quote._meta.get_field("voice").codes.values},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_of_the_documents_stands_in_the_record(shipped, shape):
    assert SHAPES[shape]().exists()
