"""From a new text to commitments: attaching, reading, marking; what is proposed, what is refused, what practice is."""

import concurrent.futures
import html
import re
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, intake, models, practice, verification
from commitments.admin import reading, ways
from commitments.ledger import Entry, act
from tests import builders
from tests.test_admin import Inputs, at, document, errors, person, send, size, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("attached")]

GAZETTE = "gazette-2030-05-04"
OPEN = "الجنوب ستفتح الحدود"
NEWS = (
    "Talks at the harbour\n\nNorth said that it would hand the archive over to South by the end of 2030. 🚢 "
    "South is committed to protecting convoys.\nNobody said more."
)


@pytest.fixture
def curator(client):
    client.force_login(person("curator", "curator"))
    return client


def read(ref=GAZETTE, **asked):
    return reverse("admin:commitments_document_read", args=[ref], query=asked or None)


def mark(passage, do="commitment", ref=GAZETTE, text=builders.TEXT):
    start = text.index(passage)
    asked = {"do": do, "start": start, "end": start + len(passage)}
    return reverse("admin:commitments_document_mark", args=[ref], query=asked)


def filled(**changes):
    return {
        "commitment-offered": "talks-2030-05-04",
        "commitment-strength": "commits",
        "commitment-fulfilled_if-en": "The border is open.",
        "commitment-not_fulfilled_if-en": "The border is closed.",
        "party-south": "obligor",
    } | changes


def faults(answer):
    """{field: messages} of all forms of the page that came back."""
    forms = [sheet.form for sheet in answer.context["form"].sheets] + [answer.context["form"].last]
    return {name: list(messages) for form in forms for name, messages in form.errors.items()}


def english(**changes):
    """A second document, in English, with its text."""
    with act(actor="author", reason="another report"):
        made = builders.document("news-2030-06-01", text=NEWS, language="en", **changes)
    actions.attach(made, NEWS.encode(), by="author", reason="attach", now=builders.NOW)
    return made


# Texts


def test_a_new_text_leads_to_its_reading_view_and_says_what_was_kept(curator):
    answer = send(curator, at(models.Document, "add"), **document(text="سطر\r\nسطر"))
    assert answer.url == read("paper-2030-06-01")
    sha256 = models.Document.objects.get(pk="paper-2030-06-01").sha256
    assert (
        f"Text of paper-2030-06-01 kept: 7 characters, 13 bytes, SHA-256 {sha256}. Line ends that the form sent as CR LF are LF."
        in [str(message) for message in answer.wsgi_request._messages]
    )
    again = send(curator, at(models.Document, "add"), **document(ref="paper-2", text="آخر", _addanother="1"))
    assert again.url == at(models.Document, "add")


@pytest.mark.no_cover
def test_a_text_of_several_megabytes_can_be_pasted(curator):
    assert send(curator, at(models.Document, "add"), **document(text="سطر طويل\n" * 200_000)).status_code == 302
    assert models.DocumentText.objects.get(document="paper-2030-06-01").characters == 1_800_000


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6", "utf-16"])
@pytest.mark.no_cover
def test_a_file_in_a_declared_encoding_is_kept_as_utf_8(curator, encoding):
    file = SimpleUploadedFile("a.txt", "سطر\nسطر".encode(encoding))
    assert send(curator, at(models.Document, "add"), **document(file=file, encoding=encoding)).status_code == 302
    kept = models.DocumentText.objects.get(document="paper-2030-06-01")
    assert (kept.text, kept.length) == ("سطر\nسطر", 13)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [("utf-8", "The file's bytes are kept as they are."), ("windows-1256", "The file's text is kept in UTF-8, its")],
)
def test_of_a_file_it_is_told_that_its_line_ends_are_kept(curator, encoding, message):
    file = SimpleUploadedFile("a.txt", "سطر\r\nسطر".encode(encoding))
    answer = send(curator, at(models.Document, "add"), **document(file=file, encoding=encoding))
    assert (
        f"8 characters, 14 bytes, SHA-256 {models.Document.objects.get(pk='paper-2030-06-01').sha256}. {message}"
        in (str(next(iter(answer.wsgi_request._messages))))
    )


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (
            b"a\nb\xe3\xc7",
            "utf-8",
            "a.txt isn't UTF-8: bytes e3 c7 at offset 3 (line 2). Choose the encoding that it has",
        ),
        (b"\xff\xfeab\xe3", "utf-16", "a.txt isn't UTF-16: bytes e3 at offset 4 (line 1)."),
        ("سطر".encode("utf-16-be"), "utf-16", "a.txt has no byte order mark, so which UTF-16 it is can't be told"),
        (b"a\x00b", "utf-8", "text: U+0000 CONTROL CHARACTER at index 1 (line 1): take this character out"),
        (b"a\n\xed\xa0\x80", "utf-8", "a.txt isn't UTF-8: bytes ed a0 80 at offset 2 (line 2)."),
        (b"a\x1bb", "windows-1252", "text: U+001B CONTROL CHARACTER at index 1 (line 1): take this character out"),
        (b" \r\n\t", "utf-8", "Nothing but white space is no text."),
    ],
)
@pytest.mark.sample(0, 2, 3, 6)
def test_a_file_that_is_no_text_is_told_by_place(curator, content, encoding, message):
    before = size()
    answer = send(
        curator, at(models.Document, "add"), **document(file=SimpleUploadedFile("a.txt", content), encoding=encoding)
    )
    assert {field: told[0].startswith(message) for field, told in errors(answer).items()} == {"file": True}
    assert size() == before


def test_a_text_that_is_there_already_is_told_with_the_way_to_its_document(curator, made):
    found = errors(send(curator, at(models.Document, "add"), **document(text=builders.TEXT)))
    (told,) = found["sha256"]
    assert told.startswith("A document has this very text already: ")
    assert f'<a href="{at(models.Document, "change", GAZETTE)}">' in told
    assert list(found) == ["sha256"]


@pytest.mark.no_cover
def test_a_pasted_control_character_is_told_by_its_place(curator):
    found = errors(send(curator, at(models.Document, "add"), **document(text="a\nb\u0000")))
    assert any(
        "U+0000 CONTROL CHARACTER at index 3 (line 2): take this character out" in told for told in found["text"]
    )


def test_the_documents_pages_say_how_texts_get_here(curator, made):
    with act(actor="author", reason="no text yet"):
        bare = builders.document("bare", text="بيان")
    for page in (at(models.Document), at(models.Document, "add"), at(models.Document, "change", bare.ref)):
        assert "manage.py attach_documents" in curator.get(page).content.decode()
    full = curator.get(at(models.Document, "change", GAZETTE)).content.decode()
    assert "manage.py attach_documents" not in full
    assert f'href="{read()}"' in full
    answer = curator.get(read("bare"))
    assert (answer.url, told(answer)) == (
        at(models.Document, "change", "bare"),
        "bare has no text yet: paste it, or attach its file, below.",
    )
    assert ">bare has no text yet" in curator.get(answer.url).content.decode()
    assert curator.get(mark("بيان", ref="bare", text="بيان")).url == answer.url
    assert curator.get(read("nothing")).url == reverse("admin:index")


# The reading view


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted), max_size=6))
def test_the_segments_of_a_text_are_the_text_and_each_knows_its_quotes(text, spans):
    spans = [(start, end) for start, end in spans if start < end <= len(text)]
    found, at = intake.segments(text, spans), 0
    assert "".join(piece.text for piece in found) == text
    for piece in found:
        inside = {i for i, (start, end) in enumerate(spans) if start <= at and at + len(piece.text) <= end}
        touching = {i for i, (start, end) in enumerate(spans) if start < at + len(piece.text) and at < end}
        assert set(piece.covered) == inside == touching
        assert set(piece.begins) == {i for i, (start, _end) in enumerate(spans) if start == at}
        at += len(piece.text)


def shown_text(page):
    """What a browser shows as the text, and of which quotes each marked piece is."""
    (text,) = re.findall(r'<div id="text"[^>]*>(.*?)</div>', page, flags=re.DOTALL)
    marks = re.findall(r'<mark class="[^"]*" title="([^"]*)"[^>]*>([^<]*)</mark>', text)
    return html.unescape(re.sub("<[^>]+>", "", text)), [(refs.split(", "), piece) for refs, piece in marks]


def test_the_text_is_shown_as_it_is_with_overlapping_quotes_and_the_ways_to_what_they_prove(curator, made):
    with act(actor="author", reason="quote more"):
        builders.quote(made["document"], exact="القوافل حتى 1 آذار 2031")
        builders.quote(made["document"], exact="في بيان", start=0, end=7)
    page = curator.get(read()).content.decode()
    text, marks = shown_text(page)
    assert text == builders.TEXT
    assert 'dir="rtl" lang="ar" role="textbox"' in page
    first, second = f"{GAZETTE}.quote-1", f"{GAZETTE}.quote-2"
    assert marks == [([first], "الشمال ملتزمة بحماية "), ([first, second], "القوافل"), ([second], " حتى 1 آذار 2031")]
    assert f'href="{at(models.Commitment, "change", "talks-2030-05-04-01")}"' in page
    assert "not there as quoted" in page
    assert re.findall(r'name="do" value="(\w+)">([^<]+)<', page) == [
        ("commitment", "New commitment"),
        ("cite", "Cite it for …"),
        ("evidence", "Evidence for …"),
    ]


def test_a_text_comes_back_from_its_page_character_by_character():
    text = 'a\r\nb\rc <b> & "q" 🚢 \u200f'
    shown = str(reading.verbatim(text))
    assert "\r" not in shown
    assert html.unescape(shown.replace("&#13;", "\r")) == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("لا أحد", "The text doesn't say “لا أحد”: copy the words from it, or count from where to where."),
        ("الشمال", "The text says “الشمال” more than once, at 6, 38: give more of it."),
    ],
)
def test_words_that_are_not_there_once_are_not_chosen(curator, made, words, message):
    answer = curator.get(read(words=words))
    assert [str(each) for each in answer.context["messages"]] == [message]
    assert answer.context["chosen"]["start"] == ""


def test_a_passage_is_found_in_another_spelling(curator, made):
    chosen = curator.get(read(words="الجنوب ستفتح الحدود".replace("ا", "أ"))).context["chosen"]
    assert builders.TEXT[chosen["start"] : chosen["end"]] == OPEN


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "do=commitment",
        "do=other&start=0&end=4",
        "do=cite&start=4&end=4",
        "do=cite&start=0&end=9999",
        "do=cite&start=a&end=b",
    ],
)
def test_a_form_without_a_passage_leads_back_to_the_text(curator, made, asked):
    answer = curator.get(f"{reverse('admin:commitments_document_mark', args=[GAZETTE])}?{asked}")
    assert answer.url == read()
    assert told(answer)


# From a passage to a commitment


def test_a_passage_that_is_too_long_for_a_quote_is_refused_however_it_is_sent(curator, made, monkeypatch):
    monkeypatch.setattr(models.Quote, "LONGEST", len(OPEN) - 1)
    refusal = f"A quote has at most {len(OPEN) - 1} characters, and this one {len(OPEN)}: choose a shorter passage, or several."
    for ask in (curator.get, curator.post):
        answer = ask(mark(OPEN))
        assert (answer.url, told(answer)) == (read(), refusal)
    with pytest.raises(ValidationError, match=refusal):
        models.Quote(exact=OPEN).clean()


def test_a_passage_becomes_a_commitment_with_all_its_parts_in_one_act(curator, made):
    passage = "الجنوب ستفتح الحدود"
    page = mark(passage)
    sent = Inputs(curator.get(page).content.decode()).sent
    assert (sent["commitment-offered"], sent["commitment-ref"]) == ("talks-2030-05-04", "talks-2030-05-04-02")
    assert (sent["commitment-title-ar"], sent["quote-voice"]) == (passage, "statement_reported")
    assert sent["reason"] == f"Recorded from {GAZETTE}"
    near = next(code for code in _choices(curator.get(page), "deadline", "words") if "2031-03-01" in code)
    changes = filled(**{
        "party-north": "beneficiary",
        "deadline-words": near,
        "relation-target": "talks-2030-05-04-01",
        "relation-relation_kind": "related",
        "relation-scope": "different",
        "quote-translation-en": "South will open the border",
    })  # fmt: skip
    before = size()
    answer = send(curator, page, reason="Read and marked", **changes)
    assert answer.status_code == 302, faults(answer)
    quote = models.Quote.objects.checked().get(exact=passage)
    assert answer.url == f"{read()}#at-{quote.start}"
    start = builders.TEXT.index(passage)
    assert (quote.start, quote.end, quote.level, quote.prefix, quote.suffix) == (
        start, start + len(passage), "exact", builders.TEXT[start - 32 : start], ".",
    )  # fmt: skip
    commitment = models.Commitment.objects.get(pk="talks-2030-05-04-02")
    assert commitment.state == "draft"
    assert sorted(commitment.parties.values_list("party", "role")) == [("north", "beneficiary"), ("south", "obligor")]
    assert list(commitment.citations.values_list("quote", "part")) == [(quote.pk, "undertaking")]
    deadline = commitment.deadlines.get()
    assert (deadline.words, deadline.edtf, str(deadline.latest), deadline.statement_id, deadline.anchor_edtf) == (
        "حتى 1 آذار 2031", "2031-03-01", "2031-03-01", "talks-2030-05-04", "",
    )  # fmt: skip
    assert deadline.citations.get().quote.exact == deadline.words
    assert list(commitment.relations.values_list("target", "relation_kind", "scope")) == [
        ("talks-2030-05-04-01", "related", "different")
    ]
    entries = Entry.objects.filter(seq__gt=before)
    assert {(entry.actor, entry.reason, entry.door) for entry in entries} == {
        ("pen-curator", "Read and marked", "admin")
    }
    assert len({entry.act for entry in entries}) == 1


def _choices(answer, prefix, field):
    form = next(sheet.form for sheet in answer.context["form"].sheets if sheet.form.prefix == prefix)
    return [code for code, _label in form.fields[field].choices if code]


def test_a_passage_without_a_deadline_in_or_near_it_becomes_a_commitment_without_one(curator, made):
    with act(actor="author", reason="another report"):
        paper = builders.document("plain", text="North will guard the convoys.", language="en")
    actions.attach(paper, b"North will guard the convoys.", by="author", reason="attach", now=builders.NOW)
    address = mark("North will guard", ref="plain", text="North will guard the convoys.")
    sent = Inputs(curator.get(address).content.decode()).sent | filled()
    chosen = curator.post(address, sent | {"deadline-words": "0-5-date-2031-"})
    assert list(faults(chosen)) == ["words"]
    answer = curator.post(address, sent)
    assert (answer.status_code, told(answer)) == (302, "Recorded: plain.quote-1, talks-2030-05-04-02")


def test_a_form_that_is_sent_twice_makes_its_records_once(curator, made):
    sent = Inputs(curator.get(mark(OPEN)).content.decode()).sent | filled() | {"commitment-ref": ""}
    curator.post(mark(OPEN), sent)
    before = size()
    answer = curator.post(mark(OPEN), sent)
    assert (answer.status_code, told(answer)) == (
        302,
        "This form was sent before: what it asked for is recorded, once.",
    )
    assert (size(), models.Commitment.objects.count()) == (before, 2)
    answer = curator.post(mark(OPEN), sent | {"commitment-title-en": "Other words"})
    assert answer.context["form"].errors[0].startswith("This form was sent before, and that is recorded")
    kept = Inputs(answer.content.decode()).sent
    assert (size(), kept["commitment-title-en"]) == (before, "Other words")
    assert kept["announced"] != sent["announced"]


@pytest.mark.no_cover
def test_a_passage_that_is_quoted_already_is_not_quoted_again(curator, made):
    page = mark(made["quote"].exact)
    answer = curator.get(page)
    assert f"{GAZETTE}.quote-1 is used again" in answer.content.decode()
    assert send(curator, page, **filled()).status_code == 302
    assert made["quote"].citations.count() == 2
    assert models.Quote.objects.count() == 1


@pytest.mark.no_cover
def test_submitting_takes_the_document_the_statement_and_the_parts_along(curator, made):
    paper = english(published_words="1 June 2030", published_edtf="2030-06-01")
    with act(actor="author", reason="the harbour talks"):
        talks = builders.statement(
            "harbour-talks", [made["north"]], issued_words="1 June 2030", issued_edtf="2030-06-01"
        )
    page = mark("hand the archive over to South by the end of 2030", ref=paper.ref, text=NEWS)
    (code,) = _choices(curator.get(page), "deadline", "words")
    changes = filled(
        **{
            "commitment-offered": "harbour-talks",
            "deadline-words": code,
            "_submit": "1",
            "party-south": "",
            "party-north": "obligor",
        }
    )
    answer = send(curator, page, **changes)
    assert answer.status_code == 302, faults(answer)
    commitment = models.Commitment.objects.get(pk="harbour-talks-01")
    for record in (paper, talks):
        record.refresh_from_db()
    states = {record.state for record in (commitment, commitment.deadlines.get(), paper, talks)}
    assert states == {"in_review"}
    assert commitment.deadlines.get().citations.get().quote == commitment.citations.get().quote
    assert commitment.citations.get().quote.language == "en"


def test_offsets_count_code_points(curator, made):
    paper = english()
    passage = "South is committed to protecting convoys"
    page = mark(passage, ref=paper.ref, text=NEWS)
    silent = curator.get(mark("Nobody said more", ref=paper.ref, text=NEWS)).context["form"]
    assert [sheet.form.prefix for sheet in silent.sheets] == ["quote", "commitment", "party", "relation"]
    similar = curator.get(page)
    assert _choices(similar, "relation", "similar") == ["talks-2030-05-04-01"]
    changes = filled(
        **{
            "commitment-offered": "",
            "commitment-statement": "talks-2030-05-04",
            "party-south": "",
            "party-other0": "south",
            "party-role0": "obligor",
        }
    )
    assert send(curator, page, **changes).status_code == 302
    quote = models.Quote.objects.checked().get(document=paper.ref)
    assert (quote.exact, quote.level, NEWS[quote.start : quote.end]) == (passage, "exact", passage)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"commitment-strength": ""}, "strength"),
        ({"commitment-offered": ""}, "offered"),
        ({"commitment-offered": "elsewhere"}, "offered"),
        ({"commitment-ref": "talks-2030-05-04-01"}, "ref"),
        ({"commitment-title-ar": ""}, "title"),
        ({"party-south": ""}, "__all__"),
        ({"party-south": "owner"}, "south"),
        ({"party-other0": "north"}, "role0"),
        ({"quote-voice": "speaker_quoted"}, "speaker"),
        ({"deadline-words": "0-9-date-2031-"}, "words"),
        ({"relation-relation_kind": "related"}, "relation_kind"),
        ({"relation-target": "talks-2030-05-04-01", "relation-relation_kind": "related"}, "scope"),
        (
            {"relation-similar": "talks-2030-05-04-09", "relation-relation_kind": "related", "relation-scope": "same"},
            "similar",
        ),
        ({"reason": " "}, "reason"),
    ],
)
@pytest.mark.sample(0, 1, 5, 7, 10)
def test_a_wrong_form_comes_back_as_it_was_filled_in_and_nothing_is_written(curator, made, changes, fault):
    before = size()
    answer = send(curator, mark(OPEN), **filled() | changes)
    assert answer.status_code == 200
    assert fault in faults(answer)
    assert Inputs(answer.content.decode()).sent["commitment-fulfilled_if-en"] == "The border is open."
    assert size() == before


def opened(name, passage=OPEN):
    """Somebody's browser at the form for a passage: (the browser, what the form would send)."""
    browser = Client()
    browser.force_login(models.User.objects.filter(username=name).first() or person(name, "curator"))
    return browser, Inputs(browser.get(mark(passage)).content.decode()).sent | filled()


def test_a_proposed_reference_that_was_taken_meanwhile_becomes_the_next_one_by_itself(made):
    (one, first), (two, second) = opened("one"), opened("two", "الشمال والجنوب")
    assert first["commitment-ref"] == second["commitment-ref"] == "talks-2030-05-04-02"
    assert told(one.post(mark(OPEN), first)).endswith("Recorded: gazette-2030-05-04.quote-2, talks-2030-05-04-02")
    page = mark("الشمال والجنوب")
    slip = two.post(page, second | {"commitment-strength": ""})
    assert list(faults(slip)) == ["strength"]
    again = Inputs(slip.content.decode()).sent | {"commitment-strength": "agrees", "reason": "as the source says"}
    answer = two.post(page, again)
    assert answer.status_code == 302, faults(answer)
    assert told(answer).endswith(
        "talks-2030-05-04-03. talks-2030-05-04-02 was taken meanwhile: the next reference, talks-2030-05-04-03, was given."
    )
    made_ = models.Commitment.objects.get(pk="talks-2030-05-04-03")
    assert (made_.strength, made_.citations.get().quote.exact) == ("agrees", "الشمال والجنوب")


@pytest.mark.parametrize("typed", ["talks-2030-05-04-01", "talks-2030-05-04-07"])
def test_a_reference_typed_by_hand_that_is_taken_is_told_with_the_next_one(curator, made, typed):
    with act(actor="author", reason="a draft that is discarded"):
        builders.commitment(made["statement"], [], [], ref="talks-2030-05-04-07").delete()
    before = size()
    answer = send(curator, mark(OPEN), **filled(**{"commitment-ref": typed, "commitment-title-en": "Kept"}))
    told_ = f"{typed} is taken, and a reference is never given again: the next free one is talks-2030-05-04-08."
    assert (faults(answer), size()) == ({"ref": [told_]}, before)
    assert Inputs(answer.content.decode()).sent["commitment-title-en"] == "Kept"


def test_a_reference_that_was_proposed_for_another_statement_becomes_that_of_the_chosen_one(made):
    with act(actor="author", reason="another statement"):
        builders.statement("talks-2030-05-02", issued_words="2 May 2030", issued_edtf="2030-05-02")
    forms = [opened("one"), opened("two", "الشمال والجنوب"), opened("three", "في بيان")]
    other = {"commitment-offered": "talks-2030-05-02"}  # chosen where no script brings its reference along
    given = []
    for (browser, sent), passage, typed in zip(
        forms, (OPEN, "الشمال والجنوب", "في بيان"), ({}, {}, {"commitment-ref": "talks-archive-7"}), strict=True
    ):
        assert sent["commitment-ref"] == "talks-2030-05-04-02"
        answer = browser.post(mark(passage), sent | other | typed)
        assert answer.status_code == 302, faults(answer)
        given.append(told(answer).rpartition(" ")[2])
        if len(given) == 1:
            with act(actor="author", reason="what was proposed is taken meanwhile"):
                builders.commitment(made["statement"], [], [], ref="talks-2030-05-04-02")
    assert given == ["talks-2030-05-02-01", "talks-2030-05-02-02", "talks-archive-7"]


def test_a_document_and_a_statement_of_the_same_reference_are_numbered_side_by_side(made):
    both = threading.Barrier(2, timeout=30)

    def number(first, then):
        try:
            with transaction.atomic():
                intake.in_turn(first)
                both.wait()  # each holds what it took first
                intake.in_turn(then)
            return True
        finally:
            connections.close_all()

    documents, statements = [[model(ref=ref) for ref in "xy"] for model in (models.Document, models.Statement)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert list(pool.map(number, documents, reversed(statements))) == [True, True]


def discard(client, record):
    """What the page says that discards a draft, and whether it is gone once its form is sent."""
    page = at(type(record), "delete", record.pk)
    shown = client.get(page).content.decode()
    send(client, page, "Marked by mistake", post="yes")
    return shown, not type(record).objects.filter(pk=record.pk).exists()


def test_what_was_marked_by_mistake_is_discarded_with_its_checks_and_its_document(curator, made):
    paper = english(published_words="1 June 2030", published_edtf="2030-06-01")
    page = mark("it would hand the archive over to South", ref=paper.pk, text=NEWS)
    near = next(code for code in _choices(curator.get(page), "deadline", "words"))
    assert send(curator, page, **filled(**{"deadline-words": near})).status_code == 302
    commitment = models.Commitment.objects.get(ref="talks-2030-05-04-02")
    quote = commitment.citations.get().quote
    for record in (paper, quote):  # what is cited stays, and says by what
        shown, gone = discard(curator, record)
        assert (gone, f"{commitment.pk}.citation-1" in shown) == (False, True)
    with builders.undone():
        assert all(discard(curator, record)[1] for record in (commitment.deadlines.get(), commitment, quote))
        assert models.Quote.objects.filter(document=paper).count() == 1  # of the deadline's words
    assert all(discard(curator, record)[1] for record in (commitment.deadlines.get(), commitment))
    before = size()
    shown, gone = discard(curator, paper)
    assert gone, shown
    assert not models.Quote.objects.filter(document=paper.pk).exists()
    told_ = {
        (entry.reference.removeprefix("news-2030-06-01"), entry.values["after"], entry.actor, entry.reason)
        for entry in Entry.objects.filter(seq__gt=before)
    }
    kept = ("", ".quote-1", ".quote-1.check-1", ".quote-2", ".quote-2.check-1")
    assert told_ == {(ref, None, "pen-curator", "Marked by mistake") for ref in kept}
    assert list(verification.ledger()) == []
    made["quote"].refresh_from_db()
    assert curator.get(at(models.Quote, "delete", made["quote"].pk)).status_code == 403


def test_a_check_goes_by_no_way_but_with_its_quote_that_was_never_public(curator, made):
    with act(actor="author", reason="mark"):
        draft = intake.quote(found_in(made["document"], OPEN), now=builders.NOW, voice="narrative")
    check = "DELETE FROM commitments_quotecheck WHERE quote_id = %s"
    both = f"WITH c AS ({check}) DELETE FROM commitments_quote WHERE ref = %s"
    for ref, statement, refusal in (
        (draft.pk, check, "check-1 stays: a check goes with its quote alone"),
        (made["quote"].pk, check, "check-1 stays: a check goes with its quote alone"),
        (made["quote"].pk, both, "was public: it can be retracted, not deleted"),
    ):
        with builders.undone(), pytest.raises(IntegrityError, match=refusal):
            builders.by_hand(statement, *[ref] * statement.count("%s"))
    person("auditor", "auditor")
    with builders.undone(), pytest.raises(IntegrityError, match="pen-auditor may not discard"):
        builders.by_hand(both, draft.pk, draft.pk, actor="pen-auditor")
    builders.by_hand(both, draft.pk, draft.pk, actor="pen-curator")
    with act(actor="author", reason="mark"):
        again = intake.quote(found_in(made["document"], OPEN), now=builders.NOW, voice="narrative")
    assert (draft.pk, again.pk) == (f"{GAZETTE}.quote-2", f"{GAZETTE}.quote-3")  # never given again


# Citing, and evidence


def test_a_passage_is_cited_for_a_commitment_or_a_deadline_that_there_is(curator, made):
    page = mark("الشمال والجنوب في بيان مشترك", do="cite")
    assert _choices(curator.get(page), "cite", "offered") == ["talks-2030-05-04-01"]
    told = {"cite-offered": "talks-2030-05-04-01", "cite-part": "chapeau"}
    assert send(curator, page, **told).status_code == 302
    page = mark("حتى 1 آذار 2031", do="cite")
    told = {"cite-deadline": "talks-2030-05-04-01.deadline-1", "cite-part": "deadline"}
    answer = send(curator, page, **told)
    assert "was public and is append-only" in answer.context["form"].errors[0]
    with act(actor="author", reason="a second deadline"):
        term = builders.deadline(made["commitment"])
    assert send(curator, page, **told | {"cite-deadline": term.ref}).status_code == 302
    found = (
        models.Citation.objects.exclude(quote=made["quote"]).order_by("ref").values_list("ref", "part", "quote__exact")
    )
    assert list(found) == [
        ("talks-2030-05-04-01.citation-2", "chapeau", "الشمال والجنوب في بيان مشترك"),
        (f"{term.ref}.citation-1", "deadline", "حتى 1 آذار 2031"),
    ]
    assert "proves one thing" in send(curator, page, **{"cite-part": "deadline"}).context["form"].errors[0]
    assert "Evidence proves" in send(curator, page, **told | {"cite-part": "chapeau"}).context["form"].errors[0]


def test_a_passage_is_evidence_for_a_new_assessment_and_for_one_that_there_is(curator, made):
    page = mark(OPEN, do="evidence")
    judgement = {
        "evidence-stance": "supports", "evidence-claimant": "south", "assessment-offered": "talks-2030-05-04-01",
        "assessment-status": "in_progress", "assessment-reason_code": "press_report", "assessment-rationale-en": "It says so.",
    }  # fmt: skip
    answer = send(curator, page, **judgement)
    assert answer.status_code == 302, faults(answer)
    kept = models.Assessment.objects.get()
    assert (kept.ref, kept.assessor, kept.status) == ("talks-2030-05-04-01.assessment-1", "pen-curator", "in_progress")
    other = mark("الشمال ملتزمة", do="evidence")
    told = {"evidence-stance": "disputes", "evidence-assessment": kept.ref}
    assert send(curator, other, **told).status_code == 302
    assert sorted(kept.citations.values_list("stance", "claimant", "part")) == [
        ("disputes", None, "evidence"),
        ("supports", "south", "evidence"),
    ]
    assert "offered" in faults(send(curator, mark("في بيان", do="evidence"), **judgement | {"assessment-offered": ""}))
    assert "stance" in faults(send(curator, other, **told | {"evidence-stance": ""}))


# What is proposed


def found_in(made, passage, text=builders.TEXT):
    start = text.index(passage)
    return intake.passage(made, start, start + len(passage))


def test_deadline_words_are_proposed_from_the_passage_else_from_beside_it(made):
    paper = english(published_words="1 June 2030", published_edtf="2030-06-01")
    inside = intake.deadlines(
        found_in(paper, "hand the archive over to South by the end of 2030", NEWS), ["2030-06-01"]
    )
    assert [(each.words, each.kind, each.edtf, str(each.latest), each.anchor) for each in inside] == [
        ("by the end of 2030", "date", "2030", "2030-12-31", "")
    ]
    beside = intake.deadlines(found_in(paper, "hand the archive over", NEWS), [""])
    assert [(each.words, NEWS[each.start : each.end]) for each in beside] == [("by the end of 2030",) * 2]
    assert intake.deadlines(found_in(paper, "Nobody said more", NEWS), [""]) == []


def test_words_that_count_from_a_day_are_proposed_for_each_day_that_is_known():
    with act(actor="author", reason="relative words"):
        text = "North will pay within six months."
        paper = builders.document("relative", text=text, language="en")
    actions.attach(paper, text.encode(), by="author", reason="attach", now=builders.NOW)
    passage = found_in(paper, "North will pay", text)
    found = intake.deadlines(passage, ["2030-05-04", "2030-06-01", "2030-05-04"])
    assert [(each.edtf, str(each.latest), each.anchor) for each in found] == [
        ("2030-05-04/2030-11-04", "2030-11-04", "2030-05-04"),
        ("2030-06-01/2030-12-01", "2030-12-01", "2030-06-01"),
    ]
    (unknown,) = intake.deadlines(passage, [""])
    assert (unknown.kind, unknown.edtf, unknown.latest) == ("relative", "", None)


def proposed(text, anchor):
    """(EDTF, anchor) of what is proposed for a document that says only this."""
    with act(actor="author", reason="words that count"):
        paper = builders.document(f"counting-{len(text)}", text=text, language="ar" if "ا" in text else "en")
    actions.attach(paper, text.encode(), by="author", reason="attach", now=builders.NOW)
    found = intake.deadlines(found_in(paper, text, text), [anchor])
    return [(each.kind, each.edtf, each.latest, each.anchor) for each in found]


def test_words_that_count_from_an_event_are_proposed_without_a_day():
    for text in (
        "The council agreed to withdraw within three months of the elections.",
        "The sides will hand over the base within 30 days of signature.",
        "Two months after the census the lists will be closed.",
        "Once the government is formed, the base is handed over within 30 days.",
        "تنسحب القوات خلال شهرين من تشكيل الحكومة.",
    ):
        assert [each[0:4:3] for each in proposed(text, "2021-04-07")] == [("relative", "")], text
        assert [each[1:3] for each in proposed(f"{text} ", "2021-04-07")] == [("", None)], text


def test_words_that_count_from_the_statement_itself_are_proposed_with_its_day():
    for text in (
        "The sides will hand over the base within 30 days of this statement.",
        "The sides will hand over the base within 30 days from the date of the signing of this agreement.",
        "The two sides will hand over the base within 30 days from today.",
        "تسلم القاعدة خلال ثلاثين يوما من تاريخ صدور هذا البيان.",
    ):
        assert [each[1:4:2] for each in proposed(text, "2021-04-07")] == [("2021-04-07/2021-05-07", "2021-04-07")], text


def test_a_deadline_that_counts_from_the_statement_says_from_which_day(curator, made):
    text = "South will open the border within six months."
    with act(actor="author", reason="relative words"):
        paper = builders.document("relative", text=text, language="en")
    actions.attach(paper, text.encode(), by="author", reason="attach", now=builders.NOW)
    page = mark("South will open the border within six months", ref="relative", text=text)
    code = _choices(curator.get(page), "deadline", "words")[0]
    assert send(curator, page, **filled(**{"deadline-words": code})).status_code == 302
    deadline = models.Deadline.objects.latest("ref")
    assert (deadline.anchor_words, deadline.anchor_edtf, deadline.deadline_kind) == (
        "4 May 2030",
        "2030-05-04",
        "relative",
    )


def test_similar_commitments_are_those_of_other_statements_that_are_not_surely_later(made, monkeypatch):
    with act(actor="author", reason="other statements"):
        later = builders.statement("talks-2031", [made["south"]], issued_words="1 June 2031", issued_edtf="2031-06-01")
        builders.commitment(later, [made["south"]], [made["quote"]], ref="talks-2031-01")
        stranger = builders.statement("strangers", [builders.party("east")])
        undated = {"issued_words": "", "issued_edtf": "", "gaps": {"issued": {"en": "No document says."}}}
        undated = builders.statement("undated", [made["north"]], **undated)
    same = found_in(made["document"], made["quote"].exact)
    assert [each.commitment.pk for each in intake.similar(same)] == ["talks-2030-05-04-01", "talks-2031-01"]
    assert [each.commitment.pk for each in intake.similar(same, later)] == ["talks-2030-05-04-01"]
    assert intake.similar(same, made["statement"]) == []
    assert [each.commitment.pk for each in intake.similar(same, stranger)] == ["talks-2030-05-04-01"]
    assert [each.commitment.pk for each in intake.similar(same, undated)] == ["talks-2030-05-04-01", "talks-2031-01"]
    assert intake.similar(found_in(made["document"], "مشترك"), later) == []
    monkeypatch.setattr(intake, "COMPARED", 1)
    assert [each.commitment.pk for each in intake.similar(same)] == ["talks-2031-01"]


def test_without_a_date_the_statements_of_its_quotes_alone_are_offered(made):
    with act(actor="author", reason="a leaflet"):
        leaflet = builders.document(
            "leaflet", text="بيان", publisher="", published_words="", published_edtf="", gaps=builders.UNKNOWN
        )
    assert intake.other_statements(leaflet) == []
    assert intake.next_references([]) == {}
    with pytest.raises(actions.Refused, match="leaflet has no text yet"):
        intake.passage(leaflet, 0, 1)


# Who may


@pytest.mark.parametrize(("groups", "status"), [((), 403), (("auditor",), 200), (("reviewer",), 200)])
def test_the_text_is_read_by_those_who_may_see_the_desk(client, made, groups, status):
    client.force_login(person("somebody", *groups))
    answer = client.get(read())
    assert answer.status_code == status
    assert (b'id="offers"' in answer.content) == ("reviewer" in groups)


def test_an_auditor_who_forges_a_form_changes_nothing(client, made):
    client.force_login(person("auditor", "auditor"))
    before = size()
    assert client.get(mark(OPEN)).status_code == 403
    sent = {
        "do": "cite",
        "start": 0,
        "end": 6,
        "cite-offered": "talks-2030-05-04-01",
        "cite-part": "chapeau",
        "reason": "try",
    }
    assert client.post(mark(OPEN), sent).status_code == 403
    assert client.post(reverse("admin:commitments_document_practice"), {"reason": "try"}).status_code == 403
    assert size() == before


@pytest.mark.no_cover
def test_a_form_of_another_person_or_of_nobodys_changes_nothing(curator, made):
    sent = Inputs(curator.get(mark(OPEN)).content.decode()).sent | filled()
    before = size()
    forged = curator.post(mark(OPEN), sent | {"announced": "forged"})
    assert forged.context["form"].errors == [
        "This form wasn't made here, or is another version's: open the page again."
    ]
    curator.force_login(person("other", "curator"))
    before = size()
    answer = curator.post(mark(OPEN), sent)
    assert answer.context["form"].errors == ["This form was opened by pen-curator: open the page again."]
    assert size() == before


# Practice


def practise(client, **changes):
    page = client.get(at(models.Document)).content.decode()
    announced = re.search('name="announced" value="([^"]+)"', page)[1]
    return client.post(
        reverse("admin:commitments_document_practice"), {"announced": announced, "reason": "To learn"} | changes
    )


@pytest.fixture
def practised(curator):
    assert practise(curator).status_code == 302
    return curator


def test_the_practice_text_is_made_by_a_button_and_again_with_another_number(curator, made):
    assert told(practise(curator)) == "Made for practice, never to be public: practice-1-en, practice-1-ar"
    assert told(practise(curator)) == "Made for practice, never to be public: practice-2-en, practice-2-ar"
    assert told(practise(curator, reason="")) == "Nothing was changed: give the reason, too."
    page = curator.get(read("practice-1-ar")).content.decode()
    assert "For practice: nothing made here is ever public." in page
    assert 'dir="rtl" lang="ar"' in page
    for language in practice.TEXTS:
        kept = models.DocumentText.objects.get(document=f"practice-1-{language}")
        assert kept.document.state == "draft"
        assert len(re.findall(r"^\d\. ", kept.text, flags=re.MULTILINE)) == 4


def test_a_double_click_makes_one_practice_text(curator, made):
    page = curator.get(at(models.Document)).content.decode()
    sent = {"announced": re.search('name="announced" value="([^"]+)"', page)[1], "reason": "To learn"}
    for _click in range(2):
        curator.post(reverse("admin:commitments_document_practice"), sent)
    assert models.Statement.objects.filter(ref__startswith="practice-").count() == 1


def test_what_is_for_practice_is_never_published(practised, made):
    text = models.DocumentText.objects.get(document="practice-1-en").text
    page = mark(
        "Westmark will open the northern lock of the lake to Sarmoun's fishing boats by 30 September 2031",
        ref="practice-1-en",
        text=text,
    )
    told = filled(**{"commitment-offered": "practice-1", "party-practice-1-westmark": "obligor", "_submit": "1"})
    del told["party-south"]
    assert send(practised, page, **told).status_code == 302
    commitment = models.Commitment.objects.get(pk="practice-1-01")
    assert commitment.state == "in_review"
    records = [
        commitment,
        commitment.statement,
        models.Document.objects.get(pk="practice-1-en"),
        models.Party.objects.get(pk="practice-1-westmark"),
    ]
    before = size()
    for record in records:
        with pytest.raises(actions.Refused, match=f"{record.ref} is for practice and is never published"):
            actions.publish([record], by="approver", reason="try")
    assert models.Publication.objects.filter(record__startswith="practice-").count() == 0  # by SQL: tests/test_rules.py
    assert size() == before


def test_a_real_commitment_that_cites_practice_is_not_published(practised, made):
    document = models.Document.objects.get(pk="practice-1-en")
    with act(actor="author", reason="a slip"):
        quote = builders.quote(document, exact="Westmark", text=document.attached.text)
        slip = builders.commitment(made["statement"], [made["north"]], [quote], ref="talks-2030-05-04-02")
    with pytest.raises(actions.Refused, match="document practice-1-en is named but not published"):
        actions.publish([slip], by="approver", reason="try")


# Bounded pages


@pytest.mark.parametrize("do", [None, *ways.MODES])
@pytest.mark.sample(0)
@pytest.mark.no_cover
def test_reading_and_marking_ask_a_bounded_number_of_queries(curator, made, do):
    with act(actor="author", reason="many"):
        quotes = [builders.quote(made["document"], exact=builders.TEXT[n : n + 6]) for n in range(12)]
        for n in range(20):
            other = builders.commitment(made["statement"], [made["north"]], quotes[:3], ref=f"other-{n}")
            builders.deadline(other)
        models.Deadline.objects.update(words=F("words"))
    page = mark(OPEN, do=do) if do else read()
    curator.get(page)
    with CaptureQueriesContext(connection) as queries:
        body = curator.get(page).content.decode()
    assert len(queries) <= 20
    assert body.count("<option") < 80
