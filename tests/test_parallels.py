"""Copies side by side: what differs word by word, what is known at second hand only, what the curator says of it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, models, parallels, quotes, verification
from commitments.ledger import act
from tests import builders

pytestmark = pytest.mark.django_db

TEXT = "اتفق الطرفان: الشمال ملتزمة بحماية القوافل كلها. North is committed to protect convoys."
OTHER = "الشمال ملتزمه بحماية كل القوافل"
PASSAGE = "الشمال ملتزمة بحماية القوافل كلها"
API = "/api/v1/commitments/talks-2030-05-04-01/"


def words(quote, other):
    """(op, word of the one, word of the other) of each difference."""
    return [
        (row["op"], row["quote"] and quote[slice(*row["quote"])], row["other"] and other[slice(*row["other"])])
        for row in quotes.compare(quote, other)
    ]


def test_quotes_are_compared_word_by_word():
    assert words("the committee meets every three months", "the Committee convenes each three months here") == [
        ("folded", "committee", "Committee"),
        ("changed", "meets", "convenes"),
        ("changed", "every", "each"),
        ("added", None, "here"),
    ]
    assert words(PASSAGE, OTHER) == [
        ("folded", "ملتزمة", "ملتزمه"),
        ("added", None, "كل"),
        ("dropped", "كلها", None),
    ]
    assert words("one two", "two one") == [("moved", "two", "two")]


BITS = st.lists(st.sampled_from(["North", "north", "protects", "convoys", "الشمال", "،", " "]), max_size=9).map(
    " ".join
)


@given(BITS, BITS)
def test_equal_quotes_have_no_differences_and_others_have_some(one, other):
    assert quotes.compare(one, one) == []
    if one.split() != other.split():
        assert quotes.compare(one, other) != []
    for row in quotes.compare(one, other):
        for span, content in ((row["quote"], one), (row["other"], other)):
            assert span is None or 0 <= span[0] < span[1] <= len(content)


def cited(ref, part, document, exact, language="en", start=0):
    return {
        "ref": ref,
        "part": part,
        "exact": exact,
        "language": language,
        "start": start,
        "document": {"ref": document},
    }


def compared(citations, kinds):
    return [(row.quote, row.other) for each in parallels.parallels(citations, kinds) for row in each.comparisons]


def test_each_copy_is_compared_with_the_likest_one():
    """The sentences of two reports in another order, one of them twice in the second, and one in another language."""
    meet, leave = "The committee meets every month in Baghdad", "The last combat forces leave Iraq this year"
    citations = [
        cited("a.quote-1", "undertaking", "a", meet, start=1),
        cited("a.quote-2", "undertaking", "a", leave, start=2),
        cited("a.quote-3", "undertaking", "a", "تجتمع اللجنة", "ar", start=3),
        cited("b.quote-1", "undertaking", "b", "this year all combat forces leave Iraq", start=1),
        cited("b.quote-2", "undertaking", "b", "the committee will meet in Baghdad every month", start=2),
        cited("b.quote-3", "undertaking", "b", "combat forces leave", start=3),
        cited("b.quote-4", "undertaking", "b", "تجتمع الَلجنة", "ar", start=4),
    ]
    assert compared(citations, {"a": "news_report", "b": "news_report"}) == [
        ("a.quote-2", "b.quote-1"), ("a.quote-1", "b.quote-2"), ("a.quote-2", "b.quote-3"), ("a.quote-3", "b.quote-4"),
    ]  # fmt: skip


def test_the_official_text_is_what_a_copy_is_compared_with_where_it_says_the_same():
    citations = [
        cited("a.quote-1", "undertaking", "a", "the last combat forces leave this year"),
        cited("b.quote-1", "undertaking", "b", "the last combat forces leave this year"),
        cited("b.quote-2", "undertaking", "b", "advisers stay", start=9),
        cited("c.quote-1", "undertaking", "c", "advisers stay"),
        cited("z.quote-1", "undertaking", "z", "the last combat units will leave this year"),
    ]
    assert compared(citations, {"a": "news_report", "b": "news_report", "c": "news_report", "z": "official_text"}) == [
        ("z.quote-1", "a.quote-1"), ("z.quote-1", "b.quote-1"), ("z.quote-1", "b.quote-2"), ("b.quote-2", "c.quote-1"),
    ]  # fmt: skip


def test_the_official_text_comes_first_and_of_two_that_are_as_like_the_first_is_compared():
    report, other, text = (
        cited("a.quote-1", "undertaking", "a", "x y"),
        cited("b.quote-1", "undertaking", "b", "س", "ar"),
        cited("z.quote-1", "undertaking", "z", "x z"),
    )
    again = cited("z.quote-2", "undertaking", "z", "x q", start=9)
    chapeau = cited("a.quote-2", "chapeau", "a", "They agreed")
    kinds = {"a": "news_report", "b": "translation", "z": "official_text"}
    found = parallels.parallels([report, other, text, again, chapeau], kinds)
    assert [(each.part, each.second_hand) for each in found] == [("undertaking", False), ("chapeau", True)]
    assert found[0].quotes == [text, again, report, other]
    assert found[0].comparisons == [
        parallels.Comparison("z.quote-1", "a.quote-1", [{"op": "changed", "quote": (2, 3), "other": (2, 3)}])
    ]
    assert found[1].comparisons == []


@pytest.fixture
def made(db):
    """As `builders.published()`, and a second report of the same undertaking cited beside the first."""
    made = builders.published()
    with act(actor="author", reason="a second copy"):
        made["other"] = builders.document("herald-2030-05-04", text=TEXT)
        made["copy"] = builders.quote(made["other"], PASSAGE, TEXT)
        models.Citation.objects.create(quote=made["copy"], commitment=made["commitment"], part="undertaking")
    actions.publish([made["other"], made["commitment"]], by="approver", reason="checked")
    return made


def diverge(made, **values):
    said = {"quote": made["quote"], "other": made["copy"], "explanation": {"en": "Only one says all.", "ar": "كلها"}}
    return models.Divergence(commitment=made["commitment"], **said | values)


def test_copies_stand_side_by_side_with_their_differences_and_the_curators_note(client, made):
    with act(actor="author", reason="they differ"):
        note = diverge(made)
        note.full_clean(exclude=["ref"])
        note.save()
    actions.publish([made["commitment"]], by="approver", reason="checked")
    answer = client.get(API + "parallels/").json()
    assert answer["ref"] == "talks-2030-05-04-01"
    (found,) = answer["results"]
    first, second = found["quotes"]
    assert (found["part"], found["second_hand"]) == ("undertaking", True)
    assert [(each["ref"], each["document_kind"]) for each in (first, second)] == [
        ("gazette-2030-05-04.quote-1", "news_report"), ("herald-2030-05-04.quote-1", "news_report")
    ]  # fmt: skip
    assert [(row["op"], row["quote"], second["exact"][row["other"]["start"] : row["other"]["end"]]) for row in found["comparisons"][0]["differences"]] == [
        ("added", None, "كلها")
    ]  # fmt: skip
    noted = {"between": [first["ref"], second["ref"]], "explanation": {"en": "Only one says all.", "ar": "كلها"}}
    assert found["divergences"] == [noted]
    assert client.get(API).json()["divergences"] == [noted]
    assert list(verification.shelf()) == []


def test_what_only_reports_prove_is_known_at_second_hand_until_the_official_text_is_cited(client, made):
    def known():
        one = client.get(API).json()["second_hand"]
        assert client.get("/api/v1/commitments/?second_hand=true").json()["count"] == int(one)
        assert client.get("/api/v1/commitments/?second_hand=false&fields=title").json()["count"] == int(not one)
        return one

    assert known() is True
    with act(actor="author", reason="it is the ministry's own"):
        official = models.Document.objects.get(ref=made["other"].ref)
        official.document_kind = "official_text"
        official.save()
    assert known() is True
    actions.publish([official], by="approver", reason="checked")
    assert known() is False
    assert list(verification.shelf()) == []


def test_parallels_of_what_was_retracted_and_of_what_never_was(client, made):
    actions.retract(made["commitment"], by="approver", reason="It repeated another one.")
    assert client.get(API + "parallels/").status_code == 410
    assert client.get("/api/v1/commitments/nowhere/parallels/").status_code == 404


def test_a_divergence_is_between_two_quotes_that_are_cited(made):
    with act(actor="author", reason="another"):
        elsewhere = builders.quote(made["document"], exact=builders.TEXT[:4])
    with pytest.raises(ValidationError, match="gazette-2030-05-04.quote-2 is not cited for this commitment"):
        diverge(made, other=elsewhere).full_clean(exclude=["ref"])
    with pytest.raises(ValidationError, match="a copy doesn't differ from itself"):
        diverge(made, other=made["quote"]).full_clean(exclude=["ref"])


@pytest.mark.no_cover
def test_the_form_shows_the_copies_with_what_differs_marked(client, made):
    with act(actor="administrator", reason="a new colleague"):
        client.force_login(models.User.objects.create_superuser("boss", password="a password that nobody reads"))
    shown = client.get(reverse("admin:commitments_commitment_change", args=["talks-2030-05-04-01"])).content.decode()
    assert '<table class="beside"><caption>Undertaking: known at second hand only</caption>' in shown
    assert "<mark>كلها</mark></td>" in shown
    assert 'dir="rtl" lang="ar"' in shown


@pytest.mark.no_cover
def test_the_form_shows_the_undertaking_before_all_else(client, made):
    with act(actor="administrator", reason="a new colleague, and what stands above"):
        client.force_login(models.User.objects.create_superuser("boss", password="a password that nobody reads"))
        above = [(made["document"], builders.TEXT), (made["other"], TEXT)]
        for document, text in above:
            quote = builders.quote(document, text[:4], text)
            models.Citation.objects.create(quote=quote, commitment=made["commitment"], part="chapeau")
    shown = client.get(reverse("admin:commitments_commitment_change", args=["talks-2030-05-04-01"])).content.decode()
    assert 0 < shown.index("<caption>Undertaking") < shown.index("<caption>Chapeau")
