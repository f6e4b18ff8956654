"""Representations: each public shape as a whole, and what it shows of the records that it names."""

import copy
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import models, representations
from commitments.ledger import act
from tests import builders

pytestmark = pytest.mark.no_cover

SHA256 = hashlib.sha256(builders.TEXT.encode()).hexdigest()
NORTH, SOUTH = {"en": "North", "ar": "الشمال"}, {"en": "South", "ar": "الجنوب"}
JOINT = {"en": "Joint statement of North and South", "ar": "بيان مشترك"}
MAY_4 = {"text": "4 May 2030", "edtf": "2030-05-04", "earliest": "2030-05-04", "latest": "2030-05-04"}
JUNE_1 = {"text": "1 June 2030", "edtf": "2030-06-01", "earliest": "2030-06-01", "latest": "2030-06-01"}
JULY = {"text": "", "edtf": "2030-07", "earliest": "2030-07-01", "latest": "2030-07-31"}
DOCUMENT = {"ref": "gazette-2030-05-04", "publisher": "The Gazette", "sha256": SHA256}
TRANSLATION = {"en": "North is committed to protecting convoys"}
VERIFIED = {"level": "exact", "checked_at": "2030-06-01T12:00:00Z", "sha256": SHA256, "waiver": None}
FIRST = {
    "document": DOCUMENT, "exact": "الشمال ملتزمة بحماية القوافل", "language": "ar", "dir": "rtl",
    "translation": TRANSLATION,
    "voice": "statement_reported", "speaker": None, "start": 38, "end": 66,
    "prefix": "الشمال والجنوب في بيان مشترك أن ",
    "suffix": " حتى 1 آذار 2031، وأن الجنوب ستف", "verification": VERIFIED,
}  # fmt: skip
SPOKEN = {
    "document": DOCUMENT, "exact": "الجنوب ستفتح الحدود", "language": "ar", "dir": "rtl", "translation": TRANSLATION,
    "voice": "speaker_quoted", "speaker": {"ref": "south", "name": SOUTH}, "start": 88, "end": 107,
    "prefix": "ية القوافل حتى 1 آذار 2031، وأن ", "suffix": ".", "verification": VERIFIED,
}  # fmt: skip
CITED = {"ref": "gazette-2030-05-04.quote-2"} | SPOKEN
TERM = {
    "commitment": "talks-2030-06-01-01", "sense": "due", "kind": "date", "text": "حتى 1 آذار 2031", "language": "ar",
    "edtf": "2031-03-01", "earliest": None, "latest": "2031-03-01", "anchor": None,
    "set_by": {"ref": "talks-2030-06-01", "title": JOINT, "issued": JUNE_1}, "replaces": None, "change": None,
    "citations": [CITED | {"part": "deadline"}],
}  # fmt: skip
LONGER = TERM | {"replaces": "talks-2030-06-01-01.deadline-1", "change": "replaces", "citations": []}
JUDGED = {
    "commitment": "talks-2030-06-01-01", "obligor": {"ref": "south", "name": SOUTH}, "status": "in_progress",
    "effective": JULY,
    "counts_from": "2030-07-31", "reason": "press_report", "rationale": {"en": "The Gazette says so."},
    "assessor": "coder-1",
    "codebook_version": "1.0", "corrects": None,
    "searched": [{"ref": "gazette-2030-05-04", "publisher": "The Gazette", "headline": "الشمال والجنوب يتفقان"}],
    "evidence": [CITED | {"part": "evidence", "stance": "disputes", "claimant": {"ref": "north", "name": NORTH}}],
}  # fmt: skip
RIGHT = JUDGED | {"corrects": "talks-2030-06-01-01.assessment-1", "searched": [], "evidence": []}
LINK = {
    "commitment": "talks-2030-06-01-01", "kind": "related", "scope": "wider", "explanation": {},
    "target_statement": None,
    "target": {"ref": "talks-2030-05-04-01", "title": {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"}},
}  # fmt: skip
MENTION = LINK | {"target": None, "target_statement": {"ref": "talks-2030-05-04", "title": JOINT}}
OPENING = {
    "title": {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"}, "strength": "commits",
    "statement": {"ref": "talks-2030-06-01", "title": JOINT, "issued": JUNE_1},
    "parties": [{"ref": "south", "name": SOUTH, "role": "obligor"}, {"ref": "north", "name": NORTH,
    "role": "beneficiary"}],
    "topics": ["security"], "quotes": [CITED | {"part": "undertaking"}],
}  # fmt: skip
SHAPES = {
    "topic.security": {"name": {"en": "Security", "ar": "الأمن"}, "definition": {}},
    "process.talks": {"name": {"en": "Talks", "ar": "محادثات"}, "description": {}},
    "party.league": {
        "kind": "coalition", "name": {"en": "League"}, "iso3166": None, "aliases": [{"name": "العصبة",
        "language": "ar"}],
        "members": [{"ref": "north", "name": NORTH}],
    },
    "document.gazette-2030-05-04": {
        "kind": "news_report", "publisher": "The Gazette", "headline": "الشمال والجنوب يتفقان", "address": None,
        "language": "ar",
        "dir": "rtl", "published": MAY_4, "sha256": SHA256, "length": 192, "characters": 108,
        "unknown": {"address": {"en": "The copy names none."}},
    },
    "document.leaflet": {
        "kind": "news_report", "publisher": None, "headline": "الشمال والجنوب يتفقان", "address": None,
        "language": "ar",
        "dir": "rtl", "published": None, "sha256": hashlib.sha256("بيان".encode()).hexdigest(), "length": 8,
        "characters": 4,
        "unknown": builders.UNKNOWN,
    },
    "quote.gazette-2030-05-04.quote-1": FIRST,
    "quote.gazette-2030-05-04.quote-2": SPOKEN,
    "statement.talks-2030-05-04": {
        "kind": "joint_statement", "title": JOINT, "issued": MAY_4, "issued_quote": None, "place": {},
        "process": None, "round": None,
        "issuers": [{"ref": "north", "name": NORTH}, {"ref": "south", "name": SOUTH}], "unknown": {},
    },
    "statement.talks-2030-06-01": {
        "kind": "joint_statement", "title": JOINT, "issued": JUNE_1, "place": {}, "round": 2,
        "issued_quote": {key: CITED[key] for key in ("ref", "exact", "language", "dir", "translation", "document")},
        "process": {"ref": "talks", "name": {"en": "Talks", "ar": "محادثات"}}, "issuers": [{"ref": "north",
        "name": NORTH}],
        "unknown": {},
    },
    "deadline.talks-2030-06-01-01.deadline-1": TERM,
    "deadline.talks-2030-06-01-01.deadline-2": LONGER,
    "relation.talks-2030-06-01-01.relation-1": LINK,
    "relation.talks-2030-06-01-01.relation-2": MENTION,
    "assessment.talks-2030-06-01-01.assessment-1": JUDGED,
    "assessment.talks-2030-06-01-01.assessment-2": RIGHT,
    "commitment.talks-2030-06-01-01": OPENING,
}  # fmt: skip
DETAIL = {
    "condition": {},
    "test": {
        "fulfilled": {"en": "Convoys pass unharmed."},
        "not_fulfilled": {"en": "A convoy is attacked unpunished."},
    },
    "citations": [
        CITED | {"part": "undertaking"},
        FIRST | {"ref": "gazette-2030-05-04.quote-1", "part": "chapeau"},
    ],
    "divergences": [
        {
            "between": ["gazette-2030-05-04.quote-2", "gazette-2030-05-04.quote-1"],
            "explanation": {"en": "Other words."},
        }
    ],
    "deadlines": [{"ref": f"talks-2030-06-01-01.deadline-{n}"} | shape for n, shape in enumerate((TERM, LONGER), 1)],
    "relations": [{"ref": f"talks-2030-06-01-01.relation-{n}"} | shape for n, shape in enumerate((LINK, MENTION), 1)],
    "assessments": [
        {"ref": f"talks-2030-06-01-01.assessment-{n}"} | shape for n, shape in enumerate((JUDGED, RIGHT), 1)
    ],
}


@pytest.fixture
def shelf(db):
    """{kind.reference: its current version} of all that the builders make, approved."""
    builders.everything()
    builders.approve_all()
    return {f"{version.kind}.{version.record}": version for version in models.Publication.objects.known_at(None)}


def test_every_kind_of_record_has_a_shape():
    assert set(representations.RENDER) == {
        model.kind() if hasattr(model, "kind") else "quote" for model in models.RECORDS
    }
    assert {kind for kind, _fields in representations.EMBEDDED.values()} <= set(representations.RENDER)
    assert {key.partition(".")[0] for key in SHAPES} == set(representations.RENDER)
    assert list(representations.RENDER)[-1] == "commitment"  # it shows all the others, so it is shelved last


def test_each_public_shape(shelf):
    for key, shape in SHAPES.items():
        assert shelf[key].body_json == shape, key


def test_the_details_of_a_commitment_and_of_nothing_else(shelf):
    assert shelf["commitment.talks-2030-06-01-01"].detail_json == DETAIL
    assert {version.detail for version in shelf.values() if version.kind != "commitment"} == {"{}"}


COLUMNS = {  # what one filters by: code, commitment, statement, process, documents, parties, topics, first and last day
    "topic.security": ("", "", "", "", [], [], [], None, None),
    "process.talks": ("", "", "", "", [], [], [], None, None),
    "party.league": ("coalition", "", "", "", [], ["north"], [], None, None),
    "document.leaflet": ("news_report", "", "", "", [], [], [], None, None),
    "document.gazette-2030-05-04": ("news_report", "", "", "", [], [], [], "2030-05-04", "2030-05-04"),
    "quote.gazette-2030-05-04.quote-2": ("speaker_quoted", "", "", "", ["gazette-2030-05-04"], ["south"], [], None,
    None),
    "statement.talks-2030-06-01": ("joint_statement", "", "", "talks", [], ["north"], [], "2030-06-01", "2030-06-01"),
    "deadline.talks-2030-06-01-01.deadline-1": (
        "date", "talks-2030-06-01-01", "talks-2030-06-01", "", ["gazette-2030-05-04"], [], [], None, "2031-03-01"
    ),
    "relation.talks-2030-06-01-01.relation-1": ("related", "talks-2030-06-01-01", "", "", [], [], [], None, None),
    "relation.talks-2030-06-01-01.relation-2": ("related", "talks-2030-06-01-01", "talks-2030-05-04", "", [], [], [],
    None, None),
    "assessment.talks-2030-06-01-01.assessment-1": (
        "in_progress", "talks-2030-06-01-01", "", "", ["gazette-2030-05-04"], ["south"], [], "2030-07-01", "2030-07-31"
    ),
    "commitment.talks-2030-06-01-01": (
        "commits", "talks-2030-06-01-01", "talks-2030-06-01", "talks", ["gazette-2030-05-04"], ["north", "south"],
        ["security"], None, None
    ),
}  # fmt: skip


def test_the_columns_that_one_filters_by(shelf):
    names = ("code", "commitment", "statement", "process", "documents", "parties", "topics")
    for key, expected in COLUMNS.items():
        days = [day and day.isoformat() for day in (shelf[key].first_day, shelf[key].last_day)]
        assert (*[getattr(shelf[key], name) for name in names], *days) == expected, key


def test_a_version_knows_all_that_it_shows(shelf):
    assert shelf["commitment.talks-2030-06-01-01"].named == [
        "commitment.talks-2030-05-04-01", "document.gazette-2030-05-04", "party.north", "party.south",
        "quote.gazette-2030-05-04.quote-1", "quote.gazette-2030-05-04.quote-2", "statement.talks-2030-05-04",
        "statement.talks-2030-06-01", "topic.security",
    ]  # fmt: skip
    assert shelf["statement.talks-2030-06-01"].named == [
        "document.gazette-2030-05-04", "party.north", "process.talks", "quote.gazette-2030-05-04.quote-2"
    ]  # fmt: skip


def test_a_commitment_with_its_day_has_the_contracts_keys(shelf):
    version = shelf["commitment.talks-2030-06-01-01"]
    (row,) = version.index.standings.filter(party="", first__lte="2030-08-01", until__gt="2030-08-01")
    whole = version.body_json | json.loads(row.body)
    assert {"ref", "url", *whole} == {
        "ref", "url", "title", "strength", "statement", "parties", "topics", "due", "schedule", "status",
        "status_as_of", "contested",
        "quotes",
    }  # fmt: skip
    assert json.loads(row.body) == {
        "parties": [{"ref": "south", "name": SOUTH, "role": "obligor", "status": "in_progress"}, {"ref": "north",
        "name": NORTH, "role": "beneficiary"}],
        "due": {"ref": "talks-2030-06-01-01.deadline-2", "sense": "due", "kind": "date", "text": "حتى 1 آذار 2031",
        "edtf": "2031-03-01",
                "earliest": None, "latest": "2031-03-01"},
        "schedule": "not_due", "status": "not_assessed", "status_as_of": None, "contested": False,
    }  # fmt: skip


@pytest.mark.django_db
def test_an_anchored_deadline_shows_what_it_counts_from():
    relative = {
        "deadline_kind": "relative",
        "words": "خلال 60 يوما",
        "edtf": "",
        "latest": None,
        "anchor_words": "from ratification",
    }
    builders.published(deadline_values=relative)
    body = models.Publication.objects.get(kind="deadline").body_json
    assert (body["anchor"], body["edtf"], body["latest"]) == ({"text": "from ratification", "edtf": None}, None, None)


@pytest.mark.django_db
def test_an_unchecked_quote_says_so():
    with act(actor="author", reason="quote"):
        quote = builders.quote(builders.document(), checked=False, waiver="As on the poster.")
    assert representations.quote(quote).body["verification"] == {
        "level": "unchecked", "checked_at": None, "sha256": None, "waiver": "As on the poster."
    }  # fmt: skip


def test_no_shape_has_a_private_note_a_state_or_its_own_reference(shelf):
    for key, version in shelf.items():
        assert not {"ref", "url", "note", "state"} & set(version.body_json), key


# Naming and filling in


def test_names_finds_records_at_any_depth():
    assert sorted(representations.names([OPENING, {"deadlines": [TERM]}])) == sorted(
        [("statement", "talks-2030-06-01"), ("party", "south"), ("party", "north"), ("topic", "security"),
         ("quote", "gazette-2030-05-04.quote-2"), ("document", "gazette-2030-05-04"), ("party", "south"),
         ("quote", "gazette-2030-05-04.quote-2"), ("document", "gazette-2030-05-04"), ("party", "south"),
         ("statement", "talks-2030-06-01")]
    )  # fmt: skip
    assert list(representations.names([None, 1, "x", {"speaker": None}, {"target": None}])) == []


def look_up(kind, ref):
    """What a small shelf says of a record: everything has a name of its own, and a quote a document."""
    return {"name": {"en": f"{kind} {ref}"}, "title": {"en": ref}, "issued": None, "publisher": "P", "headline": "H",
    "sha256": "0",
            "exact": "x", "language": "en", "dir": "ltr", "translation": {}, "document": {"ref": "d-1"}}  # fmt: skip


def test_embedding_fills_in_what_is_shown_and_keeps_what_is_said_of_the_link():
    filled = representations.embed(
        {"parties": [{"ref": "north", "role": "obligor"}], "speaker": None, "target": {"ref": "c-1"}}, look_up
    )
    assert filled == {
        "parties": [{"ref": "north", "role": "obligor", "name": {"en": "party north"}}],
        "speaker": None,
        "target": {"ref": "c-1", "title": {"en": "c-1"}},
    }


REFS = st.sampled_from(["a", "b"]).map(lambda ref: {"ref": ref})
LEAVES = st.one_of(st.none(), st.integers(0, 2), st.text(max_size=3))
SHAPE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["kind", "note", "deadlines"]), inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["members", "parties", "quotes", "evidence"]), st.lists(REFS, max_size=2), max_size=2
        ),
        st.dictionaries(st.sampled_from(["speaker", "statement", "issued_quote"]), st.none() | REFS, max_size=2),
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(SHAPE)
def test_filling_in_again_changes_nothing_and_the_shape_given_stays_as_it_was(shape):
    before = copy.deepcopy(shape)
    once = representations.embed(shape, look_up)
    assert shape == before
    assert representations.embed(once, look_up) == once
    assert set(representations.names(shape)) <= set(representations.names(once))


@pytest.mark.no_cover
def test_of_named_kinds_others_show_the_name_alone():
    shown = {}
    for kind, fields in representations.EMBEDDED.values():
        shown.setdefault(kind, set()).add(fields)
    assert {kind for kind, fields in shown.items() if fields == {("name",)}} == representations.NAMED
