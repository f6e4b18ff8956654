"""What follows from a judgement: what was foreseen is what the public sees once it is approved."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import actions, judging, models
from commitments.ledger import act
from tests import api_register, builders

pytestmark = pytest.mark.django_db

TODAY = api_register.NOW.date()
JUDGED = [  # status, obligor, effective date, whether its evidence disputes it, what it corrects
    ("fulfilled", None, "2030-12-31", False, None),
    ("fulfilled", "south", "2031-05", False, None),
    ("withdrawn", None, "", True, None),
    ("stalled", "north", "2031-01-20", False, "assessment-2"),
    ("not_fulfilled", None, "2029", False, "assessment-1"),
]
STATUSES = [status for status in models.Status.values if status != "no_evidence"]
# Obligor, what it corrects: a judgement of the same.
WHOSE = [(None, None), ("north", None), ("south", None), (None, "assessment-1"), ("north", "assessment-2")]
DATES = st.sampled_from(["", "2030-08/..", "../2031", "2029", "2030-12", "2030-12-15", "2031-01-20", "2031-06", "2033"])


def foresee(commitment, quote, status, obligor, effective, disputed, corrects):
    """What is foreseen, and what is public after approval: each {day: {obligor: (status, schedule)}}."""
    told = {
        "obligor_id": obligor,
        "effective_edtf": effective,
        "corrects_id": corrects and f"{commitment.pk}.{corrects}",
    }
    judged = models.Assessment(commitment=commitment, status=status, **told)
    days = models.dates.bounds(effective)
    day = judging.counts_from(days.latest, [quote.document], TODAY)
    asked = sorted({day, TODAY, datetime.date(2030, 1, 1), datetime.date(2034, 1, 1)})
    found = judging.foreseen(commitment, judging.judgement(judged, day, days, disputed), asked)
    before = public(commitment, asked)
    with builders.undone():
        with act(actor="author", reason="judge"):
            made = builders.assessment(
                commitment, status, effective=effective, **{k: v for k, v in told.items() if k != "effective_edtf"}
            )
            stance = "disputes" if disputed else "supports"
            models.Citation.objects.create(quote=quote, assessment=made, part="evidence", stance=stance)
        actions.publish([made], by="approver", reason="checked")
        after = public(commitment, asked)
    return found, before, after


def public(commitment, days):
    """How the shelf says that it stands: {day: {obligor (None: the whole): (status, schedule)}}."""
    shelf = models.Standing.objects.known_at(None).filter(publication__record=commitment.pk, role__in=["", "obligor"])
    return {
        day: {row.party or None: (row.status, row.schedule) for row in shelf.as_of(day)} for day in days
    }  # fmt: skip


def check(register, *case):
    found, before, after = foresee(register["both"], register["attacked"], *case)
    for day, lines in found.items():
        assert {line.obligor: (line.status[0], line.schedule[0]) for line in lines} == before[day]
        assert {line.obligor: (line.status[1], line.schedule[1]) for line in lines} == after[day]
        assert all(line.changed == (before[day][line.obligor] != after[day][line.obligor]) for line in lines)


@pytest.mark.no_cover
@pytest.mark.sample(1, 3)
@pytest.mark.parametrize("case", JUDGED, ids=lambda case: f"{case[0]} {case[2]}")
def test_what_is_foreseen_is_what_the_public_sees_after_approval(register, case):
    check(register, *case)


@pytest.mark.prove
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each judgement is undone
@given(st.sampled_from(STATUSES), st.sampled_from(WHOSE), DATES, st.booleans())
def test_whatever_is_judged_what_is_foreseen_is_what_the_public_sees(register, status, whose, effective, disputed):
    obligor, corrects = whose
    check(register, status, obligor, effective, disputed, corrects)


def test_of_a_commitment_that_is_not_public_everything_on_the_desk_counts(register):
    draft = register["draft"]
    with act(actor="author", reason="draft"):
        builders.deadline(draft, words="by 1 March 2031", language="en")
        builders.assessment(draft, "in_progress", evidence=[register["attacked"]], effective="2031-01")
    judged = models.Assessment(commitment=draft, status="fulfilled", effective_edtf="2031-02")
    days = models.dates.bounds("2031-02")
    new = judging.judgement(judged, days.latest, days, disputed=False)
    ((whole, north),) = judging.foreseen(draft, new, [TODAY]).values()
    assert (whole.obligor, whole.status, whole.schedule) == (
        None, ("in_progress", "fulfilled"), ("overdue", "met_on_time"),
    )  # fmt: skip
    assert (north.obligor, north.status) == ("north", ("in_progress", "fulfilled"))


@pytest.mark.parametrize(
    ("status", "evidence", "searched", "said"),
    [
        *((status, 0, 1, "needs evidence") for status in models.NEEDS_EVIDENCE),
        ("no_evidence", 1, 0, "says where somebody looked"),
        *((status, 1, 0, "") for status in models.NEEDS_EVIDENCE),
        ("no_evidence", 0, 1, ""),
        ("in_progress", 0, 0, ""),
    ],
)
def test_a_judgement_that_rests_on_nothing_is_told_the_rule(status, evidence, searched, said):
    told = judging.lacking(status, evidence=evidence, searched=searched)
    assert (said in told) if said else told == ""
