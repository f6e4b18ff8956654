"""Texts attached to documents, and every quote held against them: what is checked, written and refused."""

import datetime
import hashlib

import pytest
from django.core.management import call_command
from django.db import transaction

from commitments import actions, models, verification
from commitments.findings import Finding
from commitments.ledger import Entry, act
from tests import builders
from tests.builders import by_hand

ALL = {"by": "approver", "reason": "checked"}
LATER = builders.NOW + datetime.timedelta(days=1)


@pytest.fixture
def unchecked(db):
    """A document with two quotes that nobody checked: one of its own words, one that isn't there."""
    with act(actor="author", reason="quote"):
        document = builders.document()
        builders.quote(document, checked=False)
        models.Quote.objects.create(
            document=document, exact="غير موجود", start=3, end=12, language="ar", voice="narrative"
        )
    return document


def checks():
    return list(models.QuoteCheck.objects.values_list("ref", "level", "start", "end", "folding", "sha256"))


def test_a_text_is_attached_once_and_every_quote_is_held_against_it(unchecked):
    made = actions.attach(unchecked, builders.TEXT.encode(), by="author", reason="from the archive", now=builders.NOW)
    start = builders.TEXT.index("الشمال ملتزمة")
    sha256 = unchecked.sha256
    assert checks() == [
        ("gazette-2030-05-04.quote-1.check-1", "exact", start, start + 28, "1", sha256),
        ("gazette-2030-05-04.quote-2.check-1", "absent", None, None, "1", sha256),
    ]
    assert [check.checked_at for check in made] == [builders.NOW] * 2
    text = models.DocumentText.objects.get()
    assert (text.text, text.length, text.characters) == (builders.TEXT, len(builders.TEXT.encode()), len(builders.TEXT))
    size = Entry.objects.count()
    assert actions.attach(unchecked, builders.TEXT.encode(), by="author", reason="again", now=LATER) == []
    assert Entry.objects.count() == size


def test_a_text_that_is_there_already_is_not_counted_as_attached(unchecked, tmp_path, capsys):
    (tmp_path / "copy.txt").write_text(builders.TEXT)
    for told in ("1 texts attached, 0 there already, 2 new checks", "0 texts attached, 1 there already, 0 new checks"):
        call_command("attach_documents", str(tmp_path))
        assert capsys.readouterr().out == f"{told}, 0 files fit nothing.\n"


LEVELS = {  # of a quote: its words, the place that it states, and the place that it states next with the level of then
    "exact": ("الشمال ملتزمة", 38, 3, "unchecked"),
    "moved": ("الشمال ملتزمة", 3, 38, "unchecked"),
    "folded": ("الشمال مُلتزمه", 3, 4, "folded"),
    "partial": ("الشمال ملتزمة بحماية سفن", 1, 2, "partial"),
    "absent": ("nothing of the kind at all", 0, 1, "absent"),
}


def test_each_level_is_shown_wherever_it_was_found_and_kept_without_the_text(fresh_database, capsys):
    with act(actor="author", reason="quote"):
        document, rest = builders.document(), {"language": "ar", "voice": "narrative"}
        for level, (exact, start, _then, _next) in LEVELS.items():
            builders.quote(
                document,
                exact,
                exact,
                False,
                **rest | {"start": start, "end": start + len(exact), "ref": f"leaflet-{level}"},
            )
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)

    def shown():
        return {quote.ref.removeprefix("leaflet-"): quote.level for quote in models.Quote.objects.checked()}

    assert shown() == {level: level for level in LEVELS}
    by_hand("DELETE FROM commitments_documenttext")
    assert shown() == {level: level for level in LEVELS}
    with pytest.raises(SystemExit):
        call_command("verify", "quotes")
    told = [line for line in capsys.readouterr().out.splitlines() if " QUOTE_" in line]
    against = f"in {document.ref}; its text isn't attached, and was last checked with SHA-256 {document.sha256}"
    assert told == [
        f"quote:0 QUOTE_{level.upper()} leaflet-{level}: {level} {against}"
        for level in sorted(LEVELS)
        if level != "exact"
    ]
    for level, (exact, _start, then, _next) in LEVELS.items():
        by_hand(
            'UPDATE commitments_quote SET start = %s, "end" = %s WHERE ref = %s',
            then,
            then + len(exact),
            f"leaflet-{level}",
        )
    assert shown() == {level: after for level, (*_, after) in LEVELS.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("context", [{"prefix": "words that nobody wrote "}, {"suffix": " nor these"}])
def test_verify_finds_a_context_that_the_text_does_not_have(context):
    with act(actor="author", reason="quote"):
        document = builders.document()
        right, wrong = (builders.quote(document, checked=False, **each) for each in ({}, context))
    words = f"{wrong.ref}: its prefix or suffix isn't what stands around it in {document.ref}"
    assert len(list(verification.quotes_())) == 2  # unchecked
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    assert list(verification.quotes_()) == [Finding("quote", 0, "QUOTE_CONTEXT", words)]
    assert [quote.level for quote in models.Quote.objects.checked()] == ["exact", "exact"], right.ref


def test_a_check_is_written_only_where_the_result_differs(unchecked):
    actions.attach(unchecked, builders.TEXT.encode(), by="author", reason="from the archive", now=builders.NOW)
    quote = models.Quote.objects.get(pk="gazette-2030-05-04.quote-1")
    with act(actor="author", reason="edit"):
        models.Quote.objects.filter(pk=quote.pk).update(start=0, end=28)
    with act(actor="author", reason="check again"):
        (made,) = actions.check_quotes(models.Quote.objects.order_by("ref"), now=LATER)
    assert (made.ref, made.level, made.start) == ("gazette-2030-05-04.quote-1.check-2", "moved", quote.start)


def test_a_text_that_was_taken_away_may_be_attached_again(unchecked):
    for reason in ("from the archive", "a better scan of the same words"):
        actions.attach(unchecked, builders.TEXT.encode(), by="author", reason=reason, now=builders.NOW)
        by_hand("DELETE FROM commitments_documenttext")
    assert len(checks()) == 2


def test_another_text_is_refused(unchecked):
    other = (builders.TEXT + "!").encode()
    ours = hashlib.sha256(other).hexdigest()
    with pytest.raises(actions.Refused, match=f"gazette-2030-05-04 has SHA-256 {unchecked.sha256}, this text {ours}"):
        actions.attach(unchecked, other, by="author", reason="from the archive", now=builders.NOW)
    assert not models.DocumentText.objects.exists()


@pytest.mark.django_db
def test_a_text_with_control_characters_is_refused_with_the_place():
    text = "من\x00هنا"
    with act(actor="author", reason="record"):
        document = builders.document(text=text)
    with pytest.raises(ValueError, match=r"text: U\+0000 CONTROL CHARACTER at index 2"):
        actions.attach(document, text.encode(), by="author", reason="from the archive", now=builders.NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("من\x00هنا".encode(), "text: U+0000 CONTROL CHARACTER at index 2 (line 1): take this character out"),
        ("a\nb\ufffe".encode(), "text: U+FFFE NONCHARACTER at index 3 (line 2): take this character out"),
        (b"one\xed\xa0\x80", "text: no UTF-8 at byte 3: invalid continuation byte."),  # a lone surrogate
    ],
)
def test_the_command_names_the_file_that_cannot_be_a_text_and_the_place(tmp_path, capsys, content, told):
    with act(actor="author", reason="record"):
        values = {"sha256": hashlib.sha256(content).hexdigest(), "length": len(content), "characters": len(content)}
        builders.document(**values)
    (tmp_path / "copy.txt").write_bytes(content)
    with pytest.raises(SystemExit):
        call_command("attach_documents", tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        f"copy.txt: {told}", "0 texts attached, 0 there already, 0 new checks, 1 files fit nothing.",
    ]  # fmt: skip
    assert not models.DocumentText.objects.exists()


@pytest.mark.django_db
def test_a_text_keeps_its_overrides(tmp_path):
    with act(actor="author", reason="record"):
        document = builders.document(text="one \u202etwo")
    actions.attach(document, "one \u202etwo".encode(), by="author", reason="from the archive", now=builders.NOW)
    assert document.attached.text == "one \u202etwo"


def test_a_text_that_is_not_the_documents_own_proves_nothing(unchecked):
    actions.attach(unchecked, builders.TEXT.encode(), by="author", reason="from the archive", now=builders.NOW)
    by_hand("UPDATE commitments_document SET sha256 = repeat('0', 64)")
    with act(actor="author", reason="check again"), transaction.atomic():
        assert actions.check_quotes(models.Quote.objects.all(), now=LATER) == []
    assert {quote.level for quote in models.Quote.objects.checked()} == {"unchecked"}
