"""Two people on one record: the second save is refused, tells who changed what, keeps what was typed; a double click counts once."""

import random
import re
import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client

from commitments import models
from commitments.ledger import Entry, act
from tests import builders
from tests.test_admin import COMMITMENT, Inputs, above, at, person, told


@pytest.fixture
def two(db):
    """The browsers of two curators, and a published commitment."""
    builders.published()
    found = []
    for name in ("first", "second"):
        client = Client()
        client.force_login(person(name, "curator"))
        found.append(client)
    return found


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


# The law: of two saves at once one is refused, and when it is sent again nothing of either is lost.


FIELDS = {  # by page: its inputs, and what may be typed in those that aren't free
    "party": {
        "name-en": (),
        "name-ar": (),
        "note": (),
        "iso3166": ("XA", "XB"),
        "party_kind": ("coalition", "community"),
    },
    "topic": {"name-en": (), "name-ar": (), "note": (), "definition-en": ()},
}
ALIASES = 3


def record(kind, ref):
    """A record of two people's: a party with its aliases, or a topic."""
    with act(actor="author", reason="for the pairs"):
        if kind == "topic":
            return builders.topic(ref)
        made = builders.party(ref)
        for alias in range(ALIASES):
            models.PartyAlias.objects.create(party=made, name=f"alias {alias}", language="en")
        return made


def changes(rng, kind, who, sent):
    """What one of the two does to a page: {input: value}, never nothing."""
    fields = FIELDS[kind]
    typed = {
        name: rng.choice(fields[name] or [f"{name} of {who}"]) for name in rng.sample([*fields], rng.randint(1, 3))
    }
    if kind == "topic":
        return typed
    for row in rng.sample(range(ALIASES), rng.randint(0, 2)):
        typed |= {f"aliases-{row}-name": f"alias {row} of {who}"}
        if rng.random() < 0.3:
            typed |= {f"aliases-{row}-DELETE": "on"}
    if rng.random() < 0.4:
        added = {"party": sent["aliases-0-party"], "name": f"another of {who}", "language": "ar"}
        typed |= {f"aliases-{ALIASES}-{name}": value for name, value in added.items()}
        typed |= {"aliases-TOTAL_FORMS": str(ALIASES + 1)}
    return typed


def after(kind, sent, typed_in_order):
    """What a page must say once all of these were saved one after the other."""
    fields = {name: sent[name] for name in FIELDS[kind]}
    aliases, added = {row: f"alias {row}" for row in range(ALIASES)}, []
    for typed in typed_in_order:
        fields |= {name: value for name, value in typed.items() if name in fields}
        gone = {row for row in aliases if typed.get(f"aliases-{row}-DELETE")}
        aliases = {row: typed.get(f"aliases-{row}-name", name) for row, name in aliases.items() if row not in gone}
        added += [typed[name] for name in (f"aliases-{ALIASES}-name",) if name in typed]
    return fields, sorted([*aliases.values(), *added]) if kind == "party" else []


def now(kind, client, page):
    """What a page says."""
    sent = opened(client, page)
    aliases = [value for name, value in sent.items() if re.fullmatch(r"aliases-\d+-name", name) and value]
    return {name: sent[name] for name in FIELDS[kind]}, sorted(aliases)


def at_once(clients, page, forms):
    """Both forms sent at the same time, each by its own thread: the two answers."""
    answers, ready = {}, threading.Barrier(2)

    def send(number):
        ready.wait()
        answers[number] = save(clients[number], page, forms[number])
        connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[0], answers[1]]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("seed", "count"), [(0, 4), *(pytest.param(seed, 250, marks=pytest.mark.prove) for seed in (1, 2, 3, 4))]
)
def test_of_two_saves_at_once_nothing_is_lost(fresh_database, seed, count):
    clients = [Client(), Client()]
    for client, name in zip(clients, ("first", "second"), strict=True):
        client.force_login(person(name, "curator"))
    rng = random.Random(seed)
    for n in range(count):
        kind = "topic" if n % 4 else "party"
        made = record(kind, f"{kind}-{n}")
        page = at(type(made), "change", made.ref)
        sent = [opened(client, page) for client in clients]
        typed = [changes(rng, kind, who, sent[0]) for who in ("first", "second")]
        answers = at_once(clients, page, [form | more for form, more in zip(sent, typed, strict=True)])
        codes = [answer.status_code for answer in answers]
        assert sorted(codes) == [200, 302], (n, codes)
        late = codes.index(200)
        assert answers[late].context["meanwhile"], n
        kept, expected = again(answers[late]), after(kind, sent[0], [typed[1 - late], typed[late]])
        assert {name: kept[name] for name in FIELDS[kind]} == expected[0], n
        assert save(clients[late], page, kept).status_code == 302, n
        assert now(kind, clients[late], page) == expected, n
