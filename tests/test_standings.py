"""Standings: the schedule's table cell by cell, deadlines and judgements on any day, and any pair of times in SQL."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, codebook, models, standings
from commitments.ledger import Entry, act
from commitments.standings import Due, Judgement
from tests import builders

MARCH_1 = datetime.date(2031, 3, 1)
MARCH_31 = datetime.date(2031, 3, 31)
DAY = datetime.timedelta(days=1)


def due(ref="d-1", sense="due", kind="date", earliest=None, latest=MARCH_31, **values):
    return Due(ref, sense, kind, earliest, latest, **values)


def judged(status="in_progress", day=MARCH_1, *, order=1, obligor=None, earliest=None, latest=None, **values):
    return Judgement(f"a-{order}", obligor, status, day, order, earliest, latest, (latest or day).isoformat(), **values)


def on(*days):
    """Days of March 2031, or None; 0 is the last of February."""
    return tuple(day if day is None else MARCH_1 + (day - 1) * DAY for day in days)


# A deadline, a day of March 2031 (0: the last of February) and where that day lies.
SITUATIONS = [
    (None, 1, "none"),
    (due(kind="none", latest=None), 1, "none"),
    (due(kind="standing", latest=None), 1, "standing"),
    (due(kind="recurring", latest=None), 1, "standing"),
    (due(kind="event", latest=None), 1, "event"),
    (due(kind="event", latest=None, anchored=True), 1, "event"),
    (due(kind="relative", latest=None), 1, "none"),  # "in the coming months": no day, and nothing to wait for
    (due(kind="relative", latest=None, anchored=True), 1, "event"),  # "60 days after ratification"
    (due(kind="relative"), 31, "before"),
    (due(kind="relative"), 32, "after"),
    (due(latest=None), 1, "open"),
    (due(latest=None, earliest=MARCH_1), 5, "open"),
    (due(), 30, "before"),
    (due(), 31, "before"),  # the day itself is in time
    (due(), 32, "after"),
    (due(earliest=MARCH_1), 0, "before"),  # "in March 2031"
    (due(earliest=MARCH_1), 1, "within"),
    (due(earliest=MARCH_1), 31, "within"),
    (due(earliest=MARCH_1), 32, "after"),
    (due(sense="in_effect", earliest=MARCH_1), 0, "effect_before"),
    (due(sense="in_effect", earliest=MARCH_1), 1, "effect_within"),
    (due(sense="in_effect", earliest=MARCH_1), 31, "effect_within"),
    (due(sense="in_effect", earliest=MARCH_1), 32, "effect_after"),
    (due(sense="in_effect", earliest=MARCH_1, latest=None), 32, "effect_within"),
    (due(sense="in_effect"), 0, "effect_within"),
    (due(sense="in_effect", latest=None), 0, "effect_within"),
    (due(sense="in_effect", kind="standing", earliest=MARCH_1), 0, "standing"),
]


@pytest.mark.parametrize(("deadline", "day", "where"), SITUATIONS)
def test_where_a_day_lies_with_regard_to_a_deadline(deadline, day, where):
    assert standings.situation(deadline, *on(day)) == where


def test_every_situation_has_its_borders_in_the_table():
    assert {where for *_rest, where in SITUATIONS} == set(standings.SITUATIONS)


WORDS = {
    "none": "no_deadline", "event": "awaiting_event", "ahead": "not_due", "OVER": "overdue", "duty": "ongoing_duty",
    "shut": "closed", "?": "met_date_unclear", "met": "met_on_time",
}  # fmt: skip
MATRIX = """
                  none   event   standing  open    before  within  after   effect_before  effect_within  effect_after
not_assessed      none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
no_evidence       none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
not_started       none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
in_progress       none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
being_kept        none   event   duty      ahead   ahead   ahead   duty    ahead          duty           shut
stalled           none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
partly_fulfilled  none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
fulfilled         none   ?       shut      ?       met     met     met     shut           shut           shut
not_fulfilled     none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
contrary_action   none   event   duty      ahead   ahead   ahead   OVER    ahead          duty           shut
withdrawn         shut   shut    shut      shut    shut    shut    shut    shut           shut           shut
superseded        shut   shut    shut      shut    shut    shut    shut    shut           shut           shut
unverifiable      none   event   duty      ahead   ahead   ahead   shut    ahead          duty           shut
"""
WHERE = {  # a deadline and a day for each of the situations
    "none": (None, 1),
    "event": (due(kind="event", latest=None), 1),
    "standing": (due(kind="standing", latest=None), 1),
    "open": (due(latest=None), 1),
    "before": (due(earliest=MARCH_1), 0),
    "within": (due(earliest=MARCH_1), 31),
    "after": (due(earliest=MARCH_1), 32),
    "effect_before": (due(sense="in_effect", earliest=MARCH_1), 0),
    "effect_within": (due(sense="in_effect", earliest=MARCH_1), 31),
    "effect_after": (due(sense="in_effect", earliest=MARCH_1), 32),
}
COLUMNS, *ROWS = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [(status, where, WORDS[word]) for status, *words in ROWS for where, word in zip(COLUMNS, words, strict=True)]


@pytest.mark.parametrize(("status", "where", "code"), CELLS)
def test_each_cell_of_the_schedule(status, where, code):
    deadline, day = WHERE[where]
    fulfilled_early = judged(status, earliest=MARCH_1 - DAY, latest=MARCH_1 - DAY)
    assert standings.schedule(deadline, fulfilled_early, *on(day)) == code


def test_the_schedule_without_any_judgement_is_that_of_not_assessed():
    for where, (deadline, day) in WHERE.items():
        expected = next(code for status, column, code in CELLS if (status, column) == ("not_assessed", where))
        assert standings.schedule(deadline, None, *on(day)) == expected


def test_the_matrix_has_every_status_and_every_situation_and_gives_every_code_but_one():
    assert [status for status, *_words in ROWS] == list(codebook.codes("status"))
    assert list(standings.SITUATIONS) == COLUMNS
    assert {code for _status, _where, code in CELLS} | {"met_late"} == set(codebook.codes("schedule"))


MET = [  # the deadline's earliest and latest day, those of the fulfilment, and whether it was in time
    ((None, 31), (10, 10), "met_on_time"),
    ((None, 31), (31, 31), "met_on_time"),  # on the day itself
    ((None, 31), (32, 32), "met_late"),  # the day after
    ((None, 31), (20, 31), "met_on_time"),  # some day in these
    ((None, 31), (20, 32), "met_date_unclear"),
    ((None, 31), (31, 40), "met_date_unclear"),
    ((None, 31), (32, 40), "met_late"),
    ((None, 31), (None, None), "met_date_unclear"),  # nobody says when
    ((None, 31), (None, 31), "met_on_time"),  # "by the end of March"
    ((None, 31), (None, 32), "met_date_unclear"),
    ((None, 31), (32, None), "met_late"),  # "since April"
    ((None, 31), (31, None), "met_date_unclear"),
    ((1, 31), (0, 0), "met_on_time"),  # earlier than asked is in time
    ((1, 31), (1, 31), "met_on_time"),
    ((1, 31), (32, 32), "met_late"),
]


@pytest.mark.parametrize(("asked", "done", "code"), MET)
def test_whether_a_fulfilment_was_in_time(asked, done, code):
    deadline = due(earliest=on(asked[0])[0], latest=on(asked[1])[0])
    fulfilment = judged("fulfilled", earliest=on(done[0])[0], latest=on(done[1])[0])
    assert [standings.schedule(deadline, fulfilment, day) for day in on(0, 31, 32)] == [code] * 3


IN_FORCE = [  # deadlines, a day of March, the reference of the one that counts
    ([], 1, None),
    ([due("a")], 1, "a"),
    ([due("a", set_on=MARCH_1)], 0, None),  # its statement isn't out yet
    ([due("a", set_on=MARCH_1)], 1, "a"),
    ([due("a"), due("b", latest=MARCH_1)], 1, "b"),  # the earlier of two
    ([due("b"), due("a")], 1, "a"),  # the same day: by reference
    ([due("a", latest=None), due("b")], 1, "b"),  # a known day before an unknown
    ([due("a", sense="in_effect", latest=MARCH_1), due("b")], 1, "b"),  # what is due before what is in effect
    ([due("a"), due("b", replaces="a", set_on=MARCH_1, latest=MARCH_31 + DAY)], 0, "a"),  # not yet extended
    ([due("a"), due("b", replaces="a", set_on=MARCH_1, latest=MARCH_31 + DAY)], 1, "b"),
    ([due("a"), due("b", replaces="a", latest=MARCH_1), due("c", replaces="b", set_on=MARCH_1)], 0, "b"),
    ([due("a"), due("b", replaces="a", latest=MARCH_1), due("c", replaces="b", set_on=MARCH_1)], 1, "c"),
]


@pytest.mark.parametrize(("deadlines", "day", "ref"), IN_FORCE)
def test_which_deadline_is_in_force(deadlines, day, ref):
    for order in itertools.permutations(deadlines):
        found = standings.in_force(order, *on(day))
        assert (found and found.ref) == ref


IN_OFFICE = [  # judgements, a day of March, the order number of the one that counts for each obligor
    ([], 1, {}),
    ([judged(order=1)], 0, {}),
    ([judged(order=1)], 1, {None: 1}),
    ([judged(order=1), judged(order=2, day=MARCH_31)], 30, {None: 1}),
    ([judged(order=1), judged(order=2, day=MARCH_31)], 31, {None: 2}),
    ([judged(order=2), judged(order=1, day=MARCH_31)], 31, {None: 1}),  # by the world's day before the ledger's order
    ([judged(order=9), judged(order=10)], 1, {None: 10}),  # a tie goes by the ledger, and by number
    ([judged(order=1), judged(order=2, corrects="a-1")], 1, {None: 2}),
    ([judged(order=1), judged(order=2, day=MARCH_31, corrects="a-1")], 1, {}),  # what was corrected never counts
    ([judged(order=1), judged(order=2, obligor="north")], 1, {None: 1, "north": 2}),
    ([judged(order=1, obligor="south"), judged(order=2, obligor="north")], 1, {"south": 1, "north": 2}),
]


@pytest.mark.parametrize(("judgements", "day", "orders"), IN_OFFICE)
def test_which_judgements_count(judgements, day, orders):
    for order in itertools.permutations(judgements):
        assert {obligor: found.order for obligor, found in standings.in_office(order, *on(day)).items()} == orders


def test_an_obligor_without_a_judgement_of_its_own_has_that_of_the_whole():
    (span,) = standings.spans(
        [], [judged("stalled", datetime.date.min), judged("fulfilled", datetime.date.min, order=2, obligor="north")]
    )
    assert (span.status(), span.status("north"), span.status("south")) == ("stalled", "fulfilled", "stalled")
    assert not span.contested


def test_disputing_evidence_makes_it_contested_as_long_as_its_judgement_counts():
    found = standings.spans([], [judged(disputed=True), judged(order=2, day=MARCH_31)])
    assert [(span.first, span.contested) for span in found] == [
        (datetime.date.min, False), (MARCH_1, True), (MARCH_31, False)
    ]  # fmt: skip


def test_spans_cut_where_the_schedule_changes_and_nowhere_else():
    deadline = due(earliest=MARCH_1, set_on=MARCH_1 - DAY)
    found = standings.spans(
        [deadline], [judged("fulfilled", MARCH_31 + 2 * DAY, earliest=MARCH_31 + 2 * DAY, latest=MARCH_31 + 2 * DAY)]
    )
    assert [(span.first, span.until, span.schedule()) for span in found] == [
        (datetime.date.min, MARCH_1 - DAY, "no_deadline"),
        (MARCH_1 - DAY, MARCH_31 + DAY, "not_due"),
        (MARCH_31 + DAY, MARCH_31 + 2 * DAY, "overdue"),
        (MARCH_31 + 2 * DAY, datetime.date.max, "met_late"),
    ]


EDGES = (datetime.date.min, datetime.date.min + DAY, datetime.date.max - DAY, datetime.date.max)
DAYS = st.one_of(st.integers(0, 60).map(lambda number: MARCH_1 + number * DAY), st.sampled_from(EDGES))
PAIRS = st.tuples(st.none() | DAYS, st.none() | DAYS).map(
    lambda pair: tuple(sorted(pair)) if None not in pair else pair
)


@st.composite
def deadlines(draw):
    found = []
    for number in range(draw(st.integers(0, 4))):
        earliest, latest = draw(PAIRS)
        found.append(
            Due(
                f"d-{number}", draw(st.sampled_from(["due", "in_effect"])),
                draw(st.sampled_from(list(codebook.codes("deadline_kind")))),
                earliest, latest, draw(st.booleans()), draw(st.none() | DAYS),
                draw(st.none() | st.sampled_from([f"d-{n}" for n in range(5)])),
            )
        )  # fmt: skip
    return found


@st.composite
def judgements(draw):
    found = []
    for number in range(draw(st.integers(0, 4))):
        earliest, latest = draw(PAIRS)
        found.append(
            Judgement(
                f"a-{number}", draw(st.sampled_from([None, "north", "south"])),
                draw(st.sampled_from(list(codebook.codes("status")))),
                draw(DAYS), number, earliest, latest, "", draw(st.booleans()),
                draw(st.none() | st.sampled_from([f"a-{n}" for n in range(5)])),
            )
        )  # fmt: skip
    return found


@given(deadlines(), judgements())
def test_spans_are_the_whole_of_time_without_gap_or_overlap_and_neighbours_differ(dues, judged):
    found = standings.spans(dues, judged)
    assert all(span.first < span.until for span in found)
    assert [span.until for span in found] == [span.first for span in found[1:]] + [datetime.date.max]
    assert found[0].first == datetime.date.min
    for one, other in itertools.pairwise(found):
        assert any(
            getattr(one, what)(obligor) != getattr(other, what)(obligor)
            for what in ("judgement", "schedule")
            for obligor in (None, "north", "south")
        ) or one.due != other.due  # fmt: skip


@given(deadlines(), judgements(), DAYS.filter(lambda day: day < datetime.date.max))
@pytest.mark.prove
def test_a_span_says_what_its_deadlines_and_judgements_say_on_each_of_its_days(dues, judged, day):
    (span,) = [span for span in standings.spans(dues, judged) if span.first <= day < span.until]
    assert span.due == standings.in_force(dues, day)
    assert span.judgements == standings.in_office(judged, day)
    for obligor in (None, "north", "south"):
        assert span.schedule(obligor) == standings.schedule(span.due, span.judgement(obligor), day)


# On the shelf: the same questions in SQL, for any day of the world and any size of the ledger.


def answer(day, size=None, **filters):
    """(status, schedule) of the one commitment on a day, as known at a size of the ledger; None if there was none."""
    found = models.Standing.objects.known_at(size).as_of(day).filter(**{"party": ""} | filters)
    return found.values_list("status", "schedule").get() if found else None


def approve(*records):
    actions.publish(records, by="approver", reason="checked")
    return Entry.objects.count()


@pytest.mark.django_db
@pytest.mark.no_cover
def test_any_pair_of_times_a_late_correction_changes_answers_only_for_later_ones():
    before = Entry.objects.count()
    made = builders.published()
    empty = Entry.objects.count()
    with act(actor="author", reason="judge"):
        wrong = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]], effective="2030-07-15")
    judged_at = approve(wrong)
    with act(actor="author", reason="it was another convoy"):
        right = builders.assessment(made["commitment"], "stalled", effective="2030-07-15", corrects=wrong)
    corrected_at = approve(right)
    day, eve = datetime.date(2030, 7, 15), datetime.date(2030, 7, 14)
    assert {
        size: (answer(eve, size), answer(day, size)) for size in (before, empty, judged_at, corrected_at, None)
    } == {
        before: (None, None),
        empty: (("not_assessed", "not_due"), ("not_assessed", "not_due")),
        judged_at: (("not_assessed", "not_due"), ("fulfilled", "met_on_time")),
        corrected_at: (("not_assessed", "not_due"), ("stalled", "not_due")),
        None: (("not_assessed", "not_due"), ("stalled", "not_due")),
    }


@pytest.mark.no_cover
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("edtf", "first_day"),
    [
        ("2030-07-15", datetime.date(2030, 7, 15)),
        ("2030-07", datetime.date(2030, 7, 31)),
        ("2030", datetime.date(2030, 12, 31)),
        ("2030-07-01/2030-08-10", datetime.date(2030, 8, 10)),
        ("", datetime.date(2030, 5, 4)),  # unknown: the day of the document that proves it
    ],
)
@pytest.mark.sample(0, 1)
def test_an_imprecise_judgement_counts_from_its_last_day(edtf, first_day):
    made = builders.published()
    with act(actor="author", reason="judge"):
        found = builders.assessment(made["commitment"], "partly_fulfilled", evidence=[made["quote"]], effective=edtf)
    approve(found)
    assert answer(first_day - DAY)[0] == "not_assessed"
    assert answer(first_day)[0] == "partly_fulfilled"
    assert models.Publication.objects.of("assessment").get().last_day == first_day


@pytest.mark.no_cover
@pytest.mark.django_db
def test_a_judgement_without_a_day_counts_from_the_last_of_the_documents_that_prove_it():
    made = builders.published()
    with act(actor="author", reason="judge"):
        later = builders.document(
            "gazette-2030-09", text=builders.TEXT + "!", published_words="9/2030", published_edtf="2030-09"
        )
        proofs = [builders.quote(later), made["quote"]]
        found = builders.assessment(made["commitment"], "fulfilled", evidence=proofs, effective="")
    approve(later, found)
    assert models.Publication.objects.of("assessment").get().last_day == datetime.date(2030, 9, 30)


@pytest.mark.django_db
@pytest.mark.parametrize("published", ["2030-05-04", ""])
def test_a_judgement_without_any_day_counts_from_the_day_of_recording(published):
    made = builders.published()
    gaps = {"address": {"en": "None."}, "published": {"en": "It bears no date."}}
    with act(actor="author", reason="judge"):
        found = builders.assessment(made["commitment"], "no_evidence", searched=[made["document"]], effective="")
        if not published:  # evidence of a document without a day says nothing of the day either
            undated = builders.document(
                "leaflet", text=builders.TEXT + "!", published_words="", published_edtf="", gaps=gaps
            )
            models.Citation.objects.create(
                quote=builders.quote(undated), assessment=found, part="evidence", stance="context"
            )
            approve(undated)
    approve(found)
    today = Entry.objects.filter(reference=found.ref).earliest("seq").at.astimezone(datetime.UTC).date()
    assert (answer(today - DAY)[0], answer(today)[0]) == ("not_assessed", "no_evidence")


@pytest.mark.django_db
@pytest.mark.no_cover
def test_the_schedule_turns_on_the_day_after_the_latest():
    builders.published()
    assert (answer(MARCH_1), answer(MARCH_1 + DAY)) == (("not_assessed", "not_due"), ("not_assessed", "overdue"))


@pytest.mark.django_db
@pytest.mark.no_cover
def test_an_extended_deadline_counts_from_the_day_of_the_statement_that_extends_it():
    made = builders.published()
    with act(actor="author", reason="the next round"):
        later = builders.statement("talks-2031-02-10", issued_words="10 February 2031", issued_edtf="2031-02-10")
        longer = builders.deadline(
            made["commitment"], later, replaces=made["deadline"], change="extends",
            words="until 1 June 2031", edtf="2031-06-01", latest=datetime.date(2031, 6, 1),
        )  # fmt: skip
    approve(later, longer)
    ends = models.Standing.objects.known_at(None).filter(party="").values_list("due_latest", flat=True)
    days = [datetime.date(2031, 2, 9), datetime.date(2031, 2, 10), MARCH_1 + DAY, datetime.date(2031, 6, 2)]
    assert [ends.as_of(day).get() for day in days] == [MARCH_1, *[datetime.date(2031, 6, 1)] * 3]
    assert [answer(day)[1] for day in days] == ["not_due", "not_due", "not_due", "overdue"]


@pytest.mark.django_db
@pytest.mark.no_cover
def test_each_party_has_its_own_row_the_judged_obligor_its_own_status():
    made = builders.published()
    with act(actor="author", reason="judge"):
        models.CommitmentParty.objects.create(commitment=made["commitment"], party=made["south"], role="obligor")
        whole = builders.assessment(made["commitment"], "in_progress")
        own = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]], obligor=made["north"])
    approve(made["commitment"], whole, own)
    rows = models.Standing.objects.known_at(None).as_of(datetime.date(2030, 8, 1)).exclude(party="")
    assert sorted(rows.values_list("party", "role", "status", "schedule")) == [
        ("north", "obligor", "fulfilled", "met_on_time"),
        ("south", "beneficiary", "in_progress", "not_due"),
        ("south", "obligor", "in_progress", "not_due"),
    ]


@pytest.mark.django_db
@pytest.mark.no_cover
def test_a_deadline_at_the_end_of_time_stands():
    builders.published(
        deadline_values={
            "words": "9999",
            "edtf": "9999-12-31",
            "latest": datetime.date.max,
            "earliest": datetime.date.max,
        }
    )
    assert answer(datetime.date.max - DAY) == ("not_assessed", "not_due")
