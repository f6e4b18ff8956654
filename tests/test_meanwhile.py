"""Two people on one record: the second save is refused, tells who changed what, keeps what was typed; a double click counts once."""

import re
import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from commitments import actions, models
from commitments.ledger import Entry, act
from tests import builders
from tests.test_admin import COMMITMENT, Inputs, above, at, person, told


@pytest.fixture(scope="module", autouse=True)
def people(nesting):
    """The browsers of two curators, and a published commitment; made once for all tests."""
    builders.published()
    found = [Client(), Client()]
    for client, name in zip(found, ("first", "second"), strict=True):
        client.force_login(person(name, "curator"))
    return found


@pytest.fixture
def two(people, db):
    """The two, in a test whose changes are undone."""
    return people


def opened(client, page):
    """What the browser would send of a page as it was opened."""
    return Inputs(client.get(page).content.decode()).sent


def save(client, page, sent, reason="as the source says", **typed):
    return client.post(page, sent | {"reason": reason} | typed)


def differences(answer):
    """[(row, field, before, theirs, yours)] of the page that came back, as plain text."""
    return [tuple(re.sub("<[^>]+>", "", str(cell)) for cell in each) for each in answer.context["meanwhile"]]


def again(answer):
    """What the browser would send of the page that came back."""
    return Inputs(answer.content.decode()).sent


def test_the_second_save_is_refused_and_tells_before_theirs_and_yours(two):
    first, second = two
    page = at(models.Party, "change", "north")
    one, other = opened(first, page), opened(second, page)
    assert save(first, page, one, "It has an article", **{"name-en": "The North", "iso3166": "XN"}).status_code == 302
    size = Entry.objects.size()
    answer = save(second, page, other, **{"name-en": "Northland"})
    assert answer.status_code == 200
    assert above(answer) == "Nothing was saved: pen-first changed this since you opened the page (north)."
    assert [(line.entry.actor, line.entry.reason) for line in answer.context["by_whom"]] == [
        ("pen-first", "It has an article")
    ]
    assert differences(answer) == [
        ("north", "state", "Published", "In review", "as it was"),
        ("north", "name", "en Northar الشمال", "en The Northar الشمال", "en Northlandar الشمال"),
        ("north", "ISO 3166 code", "–", "XN", "as it was"),
    ]
    assert Entry.objects.size() == size
    kept = again(answer)
    assert (kept["name-en"], kept["iso3166"], kept["reason"]) == ("Northland", "XN", "as the source says")
    assert save(second, page, kept).status_code == 302
    north = models.Party.objects.get(pk="north")
    assert (north.name, north.iso3166) == ({"en": "Northland", "ar": "الشمال"}, "XN")


def test_what_others_did_to_the_parts_is_told_and_kept(two):
    first, second = two
    page = at(models.Commitment, "change", COMMITMENT)
    one, other = opened(first, page), opened(second, page)
    row = {"parties-TOTAL_FORMS": "3", "parties-2-commitment": COMMITMENT, "parties-2-party": "south"}
    changed = {"parties-0-role": "supporter", "parties-1-DELETE": "on", "parties-2-role": "guarantor"} | row
    assert save(first, page, one, **changed).status_code == 302
    typed = {"title-en": "North guards convoys", "parties-1-role": "supporter", "topics-0-topic": "security"}
    answer = save(second, page, other, **typed)
    parts = {(row.rpartition(".")[2], field): rest for row, field, *rest in differences(answer)}
    assert parts["party-1", "role"] == ["Obligor", "Supporter", "as it was"]
    assert parts["party-2", "role"] == ["Beneficiary", "–", "Supporter"]
    assert parts["party-3", "role"] == ["–", "Guarantor", "as it was"]
    kept = again(answer)
    assert (kept["title-en"], kept["parties-0-role"]) == ("North guards convoys", "supporter")
    assert (kept["parties-TOTAL_FORMS"], "parties-1-ref" in kept) == ("1", False)
    assert save(second, page, kept).status_code == 302
    found = models.CommitmentParty.objects.order_by("ref").values_list("ref", "party", "role")
    assert list(found) == [
        (f"{COMMITMENT}.party-1", "north", "supporter"),
        (f"{COMMITMENT}.party-3", "south", "guarantor"),
    ]


def test_the_groups_that_others_chose_meanwhile_are_chosen_when_the_page_comes_back(two):
    keepers = [Client(), Client()]
    for client, name in zip(keepers, ("keeper", "other-keeper"), strict=True):
        client.force_login(person(name, "administrator"))
    user = person("new", "curator")
    page = at(models.User, "change", user.pk)
    sent = [opened(client, page) for client in keepers]
    auditor, reviewer = (str(Group.objects.get(name=name).pk) for name in ("auditor", "reviewer"))
    assert save(keepers[0], page, sent[0], groups=[auditor, reviewer]).status_code == 302
    answer = save(keepers[1], page, sent[1], username="newer")
    shown = answer.context["adminform"].form["groups"].value()
    assert shown == sorted(map(int, (auditor, reviewer)))
    assert save(keepers[1], page, again(answer) | {"groups": shown}).status_code == 302
    user.refresh_from_db()
    assert (user.username, set(user.groups.values_list("name", flat=True))) == ("newer", {"auditor", "reviewer"})


def test_a_draft_that_was_discarded_meanwhile_comes_back_with_what_was_typed(two):
    first, second = two
    with act(actor="author", reason="draft"):
        builders.topic("water")
    page, gone = at(models.Topic, "change", "water"), at(models.Topic, "delete", "water")
    one, other = opened(first, gone), opened(second, page)
    assert save(first, gone, one, "Not a topic").status_code == 302
    answer = save(second, page, other, **{"name-en": "Rivers"})
    assert "pen-first changed this since you opened the page (water)" in above(answer)
    assert again(answer)["name-en"] == "Rivers"
    assert not models.Topic.objects.filter(pk="water").exists()


def test_what_was_retracted_meanwhile_keeps_what_was_typed(two):
    first, _second = two
    with act(actor="author", reason="draft"):
        west = builders.party("west")
    builders.actions.publish([west], by="approver", reason="checked")
    page = at(models.Party, "change", "west")
    sent = opened(first, page)
    builders.actions.retract(west, by="approver", reason="There is none")
    answer = save(first, page, sent, **{"name-en": "Westland"})
    assert again(answer)["name-en"] == "Westland"
    assert "approver changed this" in above(answer)


def test_a_list_refuses_what_was_changed_since_it_was_shown(two):
    first, second = two
    with act(actor="author", reason="draft"):
        builders.topic("water")
    page = at(models.Topic)
    sent = opened(second, page) | {"action": "submit", "index": "0", "_selected_action": "water"}
    change = at(models.Topic, "change", "water")
    assert save(first, change, opened(first, change), "A better word", **{"name-en": "Rivers"}).status_code == 302
    answer = save(second, page, sent)
    assert answer.status_code == 200
    assert differences(answer) == [("water", "name", "en Securityar الأمن", "en Riversar الأمن", "as it was")]
    assert models.Topic.objects.get(pk="water").state == "draft"
    assert second.post(page, again(answer)).status_code == 302
    assert models.Topic.objects.get(pk="water").state == "in_review"


def test_discarding_is_refused_where_the_draft_was_changed_since(two):
    first, second = two
    with act(actor="author", reason="draft"):
        builders.topic("water")
    page, change = at(models.Topic, "delete", "water"), at(models.Topic, "change", "water")
    sent = opened(second, page)
    assert save(first, change, opened(first, change), **{"name-en": "Rivers"}).status_code == 302
    answer = save(second, page, sent)
    assert told(answer) == "Nothing was saved: pen-first changed this since you opened the page (water)."
    assert models.Topic.objects.filter(pk="water").exists()


def test_a_document_is_discarded_with_no_more_than_was_shown_of_its_quotes_checks_and_text(two):
    first, _second = two
    text = "News. It would open the border."
    with act(actor="author", reason="draft"):
        paper = builders.document("news", text=text, language="en")
        quote = builders.quote(paper, "It would", text, checked=False)
    page = at(models.Document, "delete", "news")
    sent = opened(first, page)
    for changed, change in {
        "news.quote-2, news.quote-2.check-1": lambda: builders.quote(paper, "the border", text),
        "news.quote-1": lambda: models.Quote.objects.filter(pk=quote.pk).update(translation={"ar": "قد"}),
        "news, news.quote-1.check-1": lambda: actions.attach(
            paper, text.encode(), by="colleague", reason="attach", now=builders.NOW
        ),
    }.items():
        with builders.undone():
            with act(actor="colleague", reason="mark"):
                change()
            size = Entry.objects.size()
            refused = f"Nothing was saved: colleague changed this since you opened the page ({changed})."
            assert (told(save(first, page, sent, post="yes")), Entry.objects.size()) == (refused, size)
    assert told(save(first, page, sent, post="yes")) == "The document “news” was deleted successfully."
    assert not models.Quote.objects.filter(document="news").exists()


@pytest.mark.parametrize("what", ["add", "change", "list", "delete"])
def test_a_form_that_is_sent_twice_counts_once(two, what):
    first, _second = two
    with act(actor="author", reason="draft"):
        builders.topic("water")
    page = (
        at(models.Topic, what, "water")
        if what in ("change", "delete")
        else at(models.Topic, *(["add"] if what == "add" else []))
    )
    typed = {"name-en": "Rivers"} | ({"ref": "rivers"} if what == "add" else {})
    if what == "list":
        typed = {"action": "submit", "index": "0", "_selected_action": "water"}
    sent = opened(first, page)
    answers = [save(first, page, sent, **typed)]
    size = Entry.objects.size()
    answers.append(save(first, page, sent, **typed))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Entry.objects.size() == size


@pytest.mark.parametrize("what", ["add", "change", "list"])
def test_a_form_that_is_sent_again_for_something_else_is_refused_and_kept(two, what):
    first, _second = two
    with act(actor="author", reason="draft"):
        builders.topic("water")
    page = at(models.Topic, *{"add": ["add"], "change": ["change", "water"], "list": []}[what])
    typed = {"name-en": "Rivers"} | ({"ref": "rivers"} if what == "add" else {})
    if what == "list":
        typed = {"action": "submit", "index": "0", "_selected_action": "water"}
    sent = opened(first, page)
    assert save(first, page, sent, **typed).status_code == 302
    size = Entry.objects.size()
    answer = save(first, page, sent, **typed, **({} if what == "list" else {"_submit": "1"}), note="a word more")
    assert Entry.objects.size() == size
    if what == "list":
        assert told(answer).startswith("This form was sent before, and that is recorded")
        return
    message = {
        "add": "This form was sent before, and that is recorded",
        "change": "Nothing was saved: pen-first changed",
    }
    assert message[what] in above(answer)
    kept = again(answer)
    assert (kept["note"], kept["announced"] != sent["announced"]) == ("a word more", True)
    if what == "change":
        assert save(first, page, kept).status_code == 302
        assert models.Topic.objects.get(pk="water").note == "a word more"


@pytest.mark.no_cover
def test_a_form_of_another_person_or_none_at_all_is_refused(two):
    first, second = two
    page = at(models.Party, "change", "north")
    sent, size = opened(first, page), Entry.objects.size()
    answer = save(second, page, sent, **{"name-en": "The North"})
    assert above(answer) == "This form was opened by pen-first: open the page again."
    for forged in ("", "nonsense"):
        answer = save(first, page, sent, announced=forged, **{"name-en": "The North"})
        assert above(answer) == "This form wasn't made here, or is another version's: open the page again."
    assert Entry.objects.size() == size


def log_in(client, name):
    """Logs in as a browser does, which gives another token against forgery."""
    client.force_login(models.User.objects.get(username=name))
    client.cookies["csrftoken"] = uuid.uuid4().hex


@pytest.mark.parametrize("way", ["logged out", "logged in anew"])
def test_what_was_typed_outlives_the_end_of_a_log_in(two, way):
    browser, page = Client(enforce_csrf_checks=True), at(models.Topic, "add")
    log_in(browser, "first")
    sent = opened(browser, page) | {"ref": "rivers", "name-en": "Rivers", "reason": "as the source says"}
    sent |= {"password1": "nobody's but theirs"}
    if way == "logged out":
        browser.session.flush()
        answer = browser.post(page, sent)
        assert "You are logged out" in answer.content.decode()
        sent = again(answer)
        assert not {"csrfmiddlewaretoken", "password1"} & sent.keys()  # nothing is done before the person is known
    log_in(browser, "first")
    answer = browser.post(page, sent)
    assert (answer.status_code, models.Topic.objects.filter(pk="rivers").exists()) == (403, False)
    assert browser.post(page, again(answer)).status_code == 302
    assert models.Topic.objects.get(pk="rivers").name == {"en": "Rivers"}


@pytest.mark.parametrize("announced", ["", "forged", "another's"])
def test_a_form_that_was_not_made_for_this_person_is_not_handed_back_to_be_sent(two, announced):
    page, browser = at(models.Topic, "add"), Client(enforce_csrf_checks=True)
    told = opened(two[1], page)["announced"] if announced == "another's" else announced
    log_in(browser, "first")
    answer = browser.post(page, {"announced": told, "ref": "rivers", "name-en": "Rivers", "reason": "forged"})
    assert (answer.status_code, again(answer)) == (403, {})
    assert "Open it again" in answer.content.decode()
