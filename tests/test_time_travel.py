"""Any pair of times: what the API answers, against a fold of the ledger in plain Python that knows no SQL and no Standing."""

import contextlib
import copy
import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commitments import actions, models
from commitments.actions import Refused
from commitments.ledger import Entry, act
from tests import builders
from tests.test_standings import CELLS

SCHEDULE = {(status, where): code for status, where, code in CELLS}
REFUSALS = (IntegrityError, Refused)
COMMITMENT, OTHER = "talks-2030-05-04-01", "talks-2030-05-04-02"
DATES = ("2030-05-04", "2030-06-15", "2030-06", "2030", "2030-06-20/2030-08-10", "2031-02-10", "2031-03", "")
STATUSES = (
    "in_progress",
    "stalled",
    "fulfilled",
    "not_fulfilled",
    "partly_fulfilled",
    "no_evidence",
    "being_kept",
    "withdrawn",
)
TERMS = {  # kind, sense, words, EDTF, earliest and latest day
    "later": ("date", "due", "until 1 June 2031", "2031-06-01", None, datetime.date(2031, 6, 1)),
    "sooner": ("date", "due", "by 10 July 2030", "2030-07-10", None, datetime.date(2030, 7, 10)),
    "some day of a month": ("date", "due", "in March 2031", "2031-03", datetime.date(2031, 3, 1), datetime.date(2031, 3, 31)),
    "for a time": ("date", "in_effect", "in 2031", "2031", datetime.date(2031, 1, 1), datetime.date(2031, 12, 31)),
    "an event": ("event", "due", "when the talks end", "", None, None),
    "standing": ("standing", "due", "at all times", "", None, None),
    "none": ("none", "due", "", "", None, None),
}  # fmt: skip


# The desk: what people do, one act or approval each. What the rules refuse, leaves everything as it was.


def create(number, north):
    """Another commitment of the same statement."""
    quote, statement = (
        models.Quote.objects.get(ref="gazette-2030-05-04.quote-1"),
        models.Statement.objects.earliest("ref"),
    )
    obligor = models.Party.objects.get(ref="north" if north else "south")
    builders.commitment(statement, [obligor], [quote], ref=OTHER, title={"en": f"Title {number}"})


def edit(number, other):
    models.Commitment.objects.filter(ref=OTHER if other else COMMITMENT).update(title={"en": f"Title {number}"})


def rename(number, north):
    models.Party.objects.filter(ref="north" if north else "south").update(name={"en": f"Name {number}"})


def redate_statement(number, edtf):
    models.Statement.objects.update_or_create(
        ref="talks-2030-05-04",
        defaults={
            "issued_edtf": edtf or "2030-05",
            "issued_words": f"words {number}",
            "title": {"en": f"Round {number}"},
        },
    )


def bind(number, party):
    """One more obligor, or one less."""
    role = {"commitment_id": COMMITMENT, "party_id": party, "role": "obligor"}
    there = models.CommitmentParty.objects.filter(**role)
    if there.exists():
        there.delete()
    else:
        models.CommitmentParty.objects.create(**role)


def judge(number, status, effective, obligor, disputed, corrects):
    commitment, quote = models.Commitment.objects.get(ref=COMMITMENT), models.Quote.objects.earliest("ref")
    wrong = commitment.assessments.filter(obligor=obligor, corrected_by=None).order_by("-ref").first()
    made = builders.assessment(
        commitment, status, evidence=[quote] if status in models.NEEDS_EVIDENCE or disputed else [], effective=effective,
        searched=[quote.document] if status == "no_evidence" else [], corrects=wrong if corrects else None,
        obligor_id=obligor, effective_words=f"words {number}",
    )  # fmt: skip
    if disputed:
        made.citations.update(stance="disputes")


def extend(number, term, change, other_statement):
    """Another deadline; set by a later statement or the same, in the place of the last one or beside it."""
    kind, sense, words, edtf, earliest, latest = TERMS[term]
    commitment, statement = (
        models.Commitment.objects.get(ref=COMMITMENT),
        models.Statement.objects.get(ref="talks-2030-05-04"),
    )
    if other_statement:
        statement = models.Statement.objects.filter(ref="talks-2030-09").first() or builders.statement(
            "talks-2030-09", issued_words="September 2030", issued_edtf="2030-09", title={"en": "Later"}
        )
    last = models.Deadline.objects.filter(commitment=commitment, replaced_by=None).order_by("-ref").first()
    builders.deadline(
        commitment, statement, deadline_kind=kind, sense=sense, words=words, edtf=edtf, earliest=earliest, latest=latest,
        replaces=last if change else None, change=change if last else "",
    )  # fmt: skip


def discard(number, kind):
    """The last draft of a kind, with its parts."""
    draft = actions.KINDS[kind].objects.filter(state="draft").order_by("-ref").first()
    for parts in () if draft is None else ("citations", "searched", "parties", "topics"):
        if hasattr(draft, parts):
            getattr(draft, parts).all().delete()
    if draft:
        draft.delete()


def approve(number):
    """All drafts and proposals, kind by kind; what they name may not be public yet, and is refused then."""
    for kind in ALL:
        if waiting := list(actions.KINDS[kind].objects.exclude(state__in=["published", "retracted"])):
            with contextlib.suppress(*REFUSALS):
                actions.publish(waiting, by="approver", reason=f"checked {number}")


def retract(number, kind):
    """The last public record of a kind."""
    record = actions.KINDS[kind].objects.filter(state="published").order_by("-ref").first()
    if record:
        actions.retract(record, by="approver", reason=f"a mistake {number}")


ALL = ("topic", "document", "party", "statement", "commitment", "deadline", "assessment")
PARTY = st.sampled_from(["north", "south"])
STEPS = st.one_of(
    st.tuples(st.just(create), st.booleans()),
    st.tuples(st.just(edit), st.booleans()),
    st.tuples(st.just(rename), st.booleans()),
    st.tuples(st.just(redate_statement), st.sampled_from(["2030-05-04", "2030-07-02", "2031-01", ""])),
    st.tuples(st.just(bind), PARTY),
    st.tuples(
        st.just(judge),
        st.sampled_from(STATUSES),
        st.sampled_from(DATES),
        st.none() | PARTY,
        st.booleans(),
        st.booleans(),
    ),
    st.tuples(
        st.just(judge), st.sampled_from(STATUSES), st.sampled_from(DATES), st.none(), st.just(False), st.booleans()
    ),
    st.tuples(
        st.just(extend), st.sampled_from(sorted(TERMS)), st.sampled_from(["", "extends", "replaces"]), st.booleans()
    ),
    st.tuples(st.just(discard), st.sampled_from(["deadline", "assessment"])),
    st.tuples(st.just(approve)),
    st.tuples(st.just(retract), st.sampled_from(["deadline", "assessment", "commitment"])),
)
SERIES = st.lists(st.tuples(STEPS, st.sampled_from([True, True, False])), min_size=2, max_size=8)
DAYS = st.one_of(
    st.dates(datetime.date(2030, 4, 1), datetime.date(2031, 12, 31)),
    st.sampled_from([datetime.date.fromisoformat(f"20{day}") for day in (
        "30-05-03", "30-05-04", "30-06-15", "30-06-30", "30-07-01", "30-08-10", "30-12-31", "31-01-31", "31-03-01", "31-03-02")]),
    st.sampled_from([datetime.date.min, datetime.date.max]),
)  # fmt: skip


def do(number, step, *values):
    """One step, in an act of its own."""
    with contextlib.suppress(*REFUSALS):
        if step in (approve, retract):
            step(number, *values)
        else:
            with act(actor="author", reason=f"step {number}"):
                step(number, *values)


# The model: the ledger's entries from the first on, folded into rows; an approval keeps the rows of then.


class Fold:
    """What is public after some entries, and what was approved of each: plain dicts, read out of the hashed texts."""

    def __init__(self, entries):
        self.rows, self.public, self.recorded = {}, {}, {}
        for entry in entries:
            table, ref, row = entry["table"].removeprefix("commitments_"), entry["reference"], entry["after"]
            self.recorded.setdefault(ref, entry["at"][:10])
            self.rows.setdefault(table, {})[ref] = row
            if row is None:
                del self.rows[table][ref]
            elif table == "publication" and row["tombstone"]:
                self.public.pop((row["kind"], row["record"]), None)
            elif (
                table == "publication" and row["class"] != "housekeeping"
            ):  # that shows what was approved, and names of now
                self.public[row["kind"], row["record"]] = self.approved(row["kind"], row["record"])

    def approved(self, kind, ref):
        """A record's own row as it is now, with what of its parts counts here."""
        found = copy.deepcopy(self.rows[kind][ref])
        cited = self.parts("citation", kind, ref)
        if kind == "commitment":
            found["parties"] = [(row["role"], row["party_id"]) for row in self.parts("commitmentparty", kind, ref)]
        if kind == "assessment":
            quotes = [self.rows["quote"][row["quote_id"]] for row in cited]
            days = [self.rows["document"][quote["document_id"]]["published_latest"] for quote in quotes]
            found["counts_from"] = (
                found["effective_latest"] or max(filter(None, days), default=None) or self.recorded[ref]
            )
            found["disputed"] = any(row["stance"] == "disputes" for row in cited)
        return found

    def parts(self, table, kind, ref):
        return [row for row in self.rows.get(table, {}).values() if row.get(f"{kind}_id") == ref]

    def children(self, kind, ref):
        """The public deadlines or assessments of a commitment, in the order of their numbers."""
        found = [row for (other, _), row in self.public.items() if other == kind and row["commitment_id"] == ref]
        return sorted(found, key=lambda row: int(row["ref"].rpartition("-")[2]))

    def answer(self, day):
        """What a list of all commitments should say of them on a day of the world: {reference: what of it is modelled}."""
        return {ref: self.commitment(ref, day.isoformat()) for kind, ref in sorted(self.public) if kind == "commitment"}

    def commitment(self, ref, day):
        own, due = self.public["commitment", ref], self.due(ref, day)
        judged = self.judged(ref, day)
        whole, statement = judged.get(None), self.public["statement", own["statement_id"]]
        order = {"obligor": 0, "beneficiary": 1}
        return {
            "title": own["title"],
            "statement": {"ref": statement["ref"], "title": statement["title"], "issued": issued(statement)},
            "parties": [
                {"ref": party, "name": self.public["party", party]["name"], "role": role}
                | ({"status": judged[party]["status"] if party in judged else None} if role == "obligor" else {})
                for role, party in sorted(own["parties"], key=lambda pair: (order[pair[0]], pair[1]))
            ],
            "due": due and {"ref": due["ref"], "sense": due["sense"], "kind": due["deadline_kind"], "text": due["words"] or None,
                            "edtf": due["edtf"] or None, "earliest": due["earliest"], "latest": due["latest"]},
            "schedule": schedule(due, whole, day),
            "status": whole["status"] if whole else "not_assessed",
            "status_as_of": (whole["effective_edtf"] or whole["counts_from"]) if whole else None,
            "contested": any(row["disputed"] for row in judged.values()),
        }  # fmt: skip

    def due(self, ref, day):
        """The deadline in force: set by then, replaced by none set by then; due ones first, then the earliest."""
        set_by = [row for row in self.children("deadline", ref) if self.set_on(row) <= day]
        left = [row for row in set_by if row["ref"] not in {other["replaces_id"] for other in set_by}]
        return min(
            left, key=lambda row: (row["sense"] != "due", row["latest"] or "9999-12-31", row["ref"]), default=None
        )

    def set_on(self, deadline):
        return self.public["statement", deadline["statement_id"]]["issued_latest"] or ""

    def judged(self, ref, day):
        """The assessment that counts, of the whole (None) and of each obligor judged apart: the last not corrected."""
        public = self.children("assessment", ref)
        corrected = {row["corrects_id"] for row in public}
        counting = [row for row in public if row["counts_from"] <= day and row["ref"] not in corrected]
        return {row["obligor_id"]: row for row in sorted(counting, key=lambda row: row["counts_from"])}


def issued(statement):
    names = {"text": "words", "edtf": "edtf", "earliest": "earliest", "latest": "latest"}
    return {name: statement[f"issued_{column}"] for name, column in names.items()}


def schedule(due, whole, day):
    """The cell of the written-out matrix of the schedule, and whether a fulfilment was in time."""
    code = SCHEDULE[whole["status"] if whole else "not_assessed", where(due, day)]
    if code != "met_on_time":
        return code
    first, last = whole["effective_earliest"], whole["effective_latest"]
    if not whole["effective_edtf"]:
        first = last = None
    return (
        "met_on_time"
        if last and last <= due["latest"]
        else "met_late"
        if first and first > due["latest"]
        else "met_date_unclear"
    )


def where(due, day):
    """Where a day lies with regard to a deadline of one of the kinds in TERMS."""
    if due is None or due["deadline_kind"] != "date":
        return due["deadline_kind"] if due else "none"
    before, after = day < (due["earliest"] or ""), day > due["latest"]
    if due["sense"] == "in_effect":
        return "effect_before" if before else "effect_after" if after else "effect_within"
    return "after" if after else "within" if due["earliest"] and not before else "before"


# The question to the API, and the laws.


def ask(day, known_at=None):
    """{reference: the whole item} of all public commitments, as of a day, as known at an instant (None: now)."""
    times = {"as_of": day.isoformat()} | ({"known_at": known_at.isoformat().replace("+00:00", "Z")} if known_at else {})
    answer = Client(SERVER_NAME="localhost").get("/api/v1/commitments/", times | {"page_size": 200})
    assert answer.status_code == 200, answer.content
    return {item["ref"]: item for item in answer.json()["results"]}


def modelled(found):
    """Of the API's items, what the model knows."""
    names = ("title", "statement", "parties", "due", "schedule", "status", "status_as_of", "contested")
    return {ref: {name: item[name] for name in names} for ref, item in found.items()}


LATE_CORRECTION = [
    ((judge, "fulfilled", "2030-06-15", None, False, False), True),
    ((rename, True), True),
    ((judge, "not_fulfilled", "2030-06", None, True, True), True),
    ((retract, "assessment"), False),
    ((judge, "in_progress", "", "north", False, False), True),
]
ALL_ELSE = [
    ((extend, "later", "extends", True), True),
    ((redate_statement, "2030-07-02"), False),
    ((bind, "south"), True),
    ((create, False), False),
    ((discard, "deadline"), True),
    ((extend, "for a time", "replaces", False), True),
    ((edit, False), False),
    ((retract, "deadline"), False),
    ((judge, "fulfilled", "2031-03", "south", False, False), True),
    ((retract, "commitment"), False),
]


def as_a_fold_of_the_ledger_would(steps, days):
    """Makes the steps, and asserts that each answer on these days, at once and afterwards, follows from the ledger."""
    with transaction.atomic():
        builders.published()
        then = []  # after each step: the ledger's size, the instant, and what the API answered at once
        for number, ((step, *values), at_once) in enumerate(steps):
            do(number, step, *values)
            if at_once:
                do(number, approve)
            last = Entry.objects.latest("seq")
            then.append((last.seq, last.at, [ask(day) for day in days]))
        entries = [entry.values for entry in Entry.objects.order_by("seq")]
        for size, instant, answers in then:
            fold = Fold(entries[:size])
            for day, answer in zip(days, answers, strict=True):
                assert modelled(answer) == fold.answer(day)
                assert ask(day, instant) == answer  # whatever came later
        transaction.set_rollback(True)


@pytest.mark.no_cover
@pytest.mark.django_db
def test_a_late_correction_is_answered_as_a_fold_of_the_ledger_would():
    days = [datetime.date(2030, 6, 14), datetime.date(2030, 6, 15), datetime.date(2031, 3, 2)]
    as_a_fold_of_the_ledger_would(LATE_CORRECTION, days)


@pytest.mark.prove
@pytest.mark.django_db
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SERIES, st.lists(DAYS, min_size=2, max_size=2, unique=True))
@example(ALL_ELSE, [datetime.date(2030, 9, 29), datetime.date(2031, 3, 1), datetime.date(2031, 4, 1)])
def test_any_pair_of_times_is_answered_as_a_fold_of_the_ledger_would(steps, days):
    as_a_fold_of_the_ledger_would(steps, days)


def after(*steps):
    """The instant at which these steps, each approved, were done."""
    for number, (step, *values) in enumerate(steps):
        do(number, step, *values)
        do(number, approve)
    return Entry.objects.latest("seq").at


def statuses(known_at, *days):
    return [ask(datetime.date.fromisoformat(day), known_at)[COMMITMENT]["status"] for day in days]


@pytest.mark.no_cover
@pytest.mark.django_db
def test_a_late_correction_changes_answers_for_later_known_at_alone():
    builders.published()
    first = after((judge, "fulfilled", "2030-06-15", None, False, False))
    before = ask(datetime.date(2030, 7, 1), first)
    second = after((judge, "not_fulfilled", "2030-06", None, False, True))
    assert statuses(first, "2030-06-14", "2030-06-15", "2030-06-30") == ["not_assessed", "fulfilled", "fulfilled"]
    assert statuses(second, "2030-06-15", "2030-06-29", "2030-06-30") == [*["not_assessed"] * 2, "not_fulfilled"]
    assert ask(datetime.date(2030, 7, 1), first) == before


@pytest.mark.django_db
@pytest.mark.no_cover
def test_between_two_acts_the_earlier_is_what_is_known():
    builders.published()
    first = Entry.objects.latest("seq").at
    with act(actor="author", reason="another name"):
        models.Party.objects.filter(ref="north").update(name={"en": "Norland"})
    proposed = Entry.objects.latest("seq").at
    actions.publish([models.Party.objects.get(ref="north")], by="approver", reason="checked")
    last, moment = Entry.objects.latest("seq").at, datetime.timedelta(microseconds=1)

    def name(known_at):
        return ask(datetime.date(2030, 7, 1), known_at)[COMMITMENT]["parties"][0]["name"]["en"]

    known = [name(instant) for instant in (first, proposed, proposed + moment, last, last + moment, None)]
    assert known == ["North"] * 3 + ["Norland"] * 3
    assert ask(datetime.date(2030, 7, 1), Entry.objects.get(seq=1).at - moment) == {}
