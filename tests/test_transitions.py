"""Who may move what: each transition, role and door against the one table; nobody's own work by any way round; forged posts."""

import importlib
import itertools
import os
import re
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client

from commitments import actions, models, transitions, verification
from commitments.findings import Finding
from commitments.ledger import Entry, act
from tests import builders
from tests.builders import by_hand
from tests.test_admin import at, person, send

pytestmark = pytest.mark.django_db

ROLES = [*transitions.GROUPS, "nobody", "superuser"]
STATES = ("draft", "in_review", "published", "retracted")
ACTIONS = ("submit", "send_back", "publish", "publish_at_once", "retract", "change", "discard")
MOVES = ACTIONS[:5]


def roles_of(role):
    """What the table knows somebody by."""
    known = {"superuser": frozenset(transitions.GROUPS), "nobody": frozenset()}
    return known.get(role, frozenset({role}))


@pytest.fixture(scope="module", autouse=True)
def desk(nesting):
    """A topic in each state, written by one and approved by another; somebody in each role, logged in."""
    with act(actor="set-up", reason="the groups"):
        people = {
            role: person(role.replace(" ", "-"), *([role] if role in transitions.GROUPS else []), **(
                {"is_superuser": True} if role == "superuser" else {}))
            for role in [*ROLES, "writer"]
        }  # fmt: skip
        second = person("second", "reviewer", "emergency publisher")
        people["writer"].groups.add(Group.objects.get(name="curator"))
    told = {"by": second.pseudonym, "reason": "checked"}
    with act(actor="pen-writer", reason="record"):
        topics = {state: builders.topic(f"topic-{number}") for number, state in enumerate(STATES)}
    actions.submit([topics["in_review"], topics["published"], topics["retracted"]], by="pen-writer", reason="look")
    actions.publish([topics["in_review"], topics["retracted"]], **told)
    actions.publish([topics["published"]], emergency=True, **told)
    actions.retract(topics["retracted"], **told)
    with act(actor="pen-writer", reason="a better word"):
        models.Topic.objects.filter(pk="topic-1").update(name={"en": "Safety"})
    return {state: topic.ref for state, topic in topics.items()}


@pytest.fixture(scope="module")
def clients(desk):
    """Each role's browser."""
    found = {}
    for role in ROLES:
        found[role] = Client()
        found[role].force_login(models.User.objects.get(username=role.replace(" ", "-")))
    return found


def state_of(ref):
    """(State, English name) of a topic; None once it is gone."""
    return models.Topic.objects.filter(pk=ref).values_list("state", "name__en").first()


def cells(doors_actions):
    """Each action from each state."""
    return itertools.product(doors_actions, STATES)


# The doors: each tries an action on a topic as somebody; what it may raise is a refusal, and nothing else.


def by_form(role, action, ref, clients):
    page, client = at(models.Topic, "change", ref), clients[role]
    if action == "discard":
        send(client, at(models.Topic, "delete", ref), "try", post="yes")
    elif action == "change":
        send(client, page, "try", **{"name-en": "Another word"})
    else:
        review = f"{at(models.Topic, 'review')}?ref={ref}"
        send(client, review if action.startswith("publish") else page, "try", **{f"_{action}": "1"})


def by_list(role, action, ref, clients):
    answer = send(clients[role], at(models.Topic), "try", action=action, index="0", _selected_action=ref)
    if answer.status_code == 302 and "/review/" in answer["Location"]:
        send(clients[role], answer["Location"], "try", **{f"_{action}": "1"})


def by_command(role, action, ref, clients):
    told = {"TRACKER_ACTOR": f"pen-{role.replace(' ', '-')}", "TRACKER_REASON": "try"}
    with mock.patch.dict(os.environ, told):
        call_command("move", action, f"topic.{ref}")


def by_sql(role, action, ref, clients):
    """The state by hand, with the version on the shelf that belongs to it."""
    who = {"actor": f"pen-{role.replace(' ', '-')}", "reason": "try"}
    if action == "discard":
        by_hand("DELETE FROM commitments_topic WHERE ref = %s", ref, **who)
    elif action == "change":
        by_hand('UPDATE commitments_topic SET name = \'{"en": "Another word"}\' WHERE ref = %s', ref, **who)
    else:
        if action in ("publish", "publish_at_once", "retract"):
            last = models.Publication.objects.filter(kind="topic", record=ref).order_by("-version").first()
            version = last.version + 1 if last else 1
            by_hand(
                "INSERT INTO commitments_publication (ref, kind, record, version, class, reason, tombstone, emergency, body, detail, commitment, "
                "statement, process, code, documents, parties, topics, named) VALUES (%s, 'topic', %s, %s, %s, 'try', %s, %s, "
                "'{}', '{}', '', '', '', '', '{}', '{}', '{}', '{}')",
                f"topic.{ref}.{version}", ref, version, "retraction" if action == "retract" else "content",
                action == "retract", action == "publish_at_once", **who,
            )  # fmt: skip
        ends = transitions.ends(action)
        to = ends.get(state_of(ref)[0], next(iter(ends.values())))
        by_hand("UPDATE commitments_topic SET state = %s WHERE ref = %s", to, ref, **who)


DOORS = {"form": by_form, "list": by_list, "command": by_command, "sql": by_sql}
TRIED = {"form": ACTIONS, "list": MOVES, "command": MOVES, "sql": ACTIONS}


def tried(door, role, action, ref, clients):
    """Tries it; answers the words of a refusal that comes as an exception, "" for none."""
    try:
        DOORS[door](role, action, ref, clients)
    except (IntegrityError, CommandError, actions.Refused) as refusal:
        return str(refusal)
    return ""


def outcome(door, role, action, state, desk, clients):
    """What became of it: the state that the topic has then, None of a topic that is gone, "unchanged" if nothing happened."""
    ref = desk[state]
    with builders.undone():
        before, size = state_of(ref), Entry.objects.size()
        refused = tried(door, role, action, ref, clients)
        words = (
            "may not",
            "isn't possible",
            "was public",
            "retracted",
            "never public",
            "nothing of it was approved before",
        )
        assert not refused or any(each in refused for each in words), refused
        after = state_of(ref)
        if Entry.objects.size() == size:
            assert after == before
            return "unchanged"
        return after and after[0]


def expected(action, state, role):
    """What the table says of it."""
    if not transitions.allowed(action, state, roles_of(role)):
        return "unchanged"
    return transitions.ends(action)[state] or None


def wrong(door, role, desk, clients):
    """{(action, state): (what became of it, what the table says)} where the two differ."""
    found = {}
    for action, state in cells(TRIED[door]):
        told = outcome(door, role, action, state, desk, clients), expected(action, state, role)
        if told[0] != told[1]:
            found[action, state] = told
    return found


SAMPLE = [("sql", "emergency publisher"), ("command", "reviewer")]  # for every commit; the others are for `make prove`


@pytest.mark.parametrize(
    ("door", "role"),
    [
        pytest.param(*each, marks=[] if each in SAMPLE else pytest.mark.prove)
        for each in itertools.product(DOORS, ROLES)
    ],
)
def test_exactly_the_cells_of_the_table_succeed(door, role, desk, clients):
    assert wrong(door, role, desk, clients) == {}


def test_the_docs_show_the_table_as_the_command_prints_it(capsys):
    call_command("transitions")
    page = (builders.TESTS.parent / "docs/curators.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- manage.py transitions -->\n")[2].partition("<!-- end -->")[0]
    assert shown == capsys.readouterr().out == transitions.markdown()


def test_the_groups_are_made_by_a_migration_in_an_act():
    assert set(Group.objects.values_list("name", flat=True)) >= set(transitions.GROUPS)
    made = Entry.objects.filter(table="auth_group", actor="migrate").order_by().values_list("reason", "door").distinct()
    assert list(made) == [("the groups of the desk", "command")]


def test_groups_that_are_there_are_not_made_again():
    size = Entry.objects.size()
    migration = importlib.import_module("commitments.migrations.0006_groups")
    migration.make_groups(apps, connection.schema_editor())
    assert Entry.objects.size() == size


def test_an_account_that_is_inactive_may_nothing_by_any_door(desk, clients):
    with act(actor="set-up", reason="gone"):
        models.User.objects.filter(username="reviewer").update(is_active=False)
    assert [outcome(door, "reviewer", "publish", "in_review", desk, clients) for door in DOORS] == ["unchanged"] * 4


@pytest.mark.parametrize("role", ["curator", "auditor"])
def test_nobody_but_who_keeps_accounts_gives_a_role_by_sql(role):
    user = models.User.objects.get(username=role)
    who = {"actor": user.pseudonym, "reason": "try"}
    group = Group.objects.get(name="reviewer").pk
    for statement, values in (
        ("INSERT INTO commitments_user_groups (user_id, group_id) VALUES (%s, %s)", (user.pk, group)),
        ("UPDATE commitments_user SET is_superuser = true WHERE id = %s", (user.pk,)),
        ("UPDATE commitments_user SET password = 'x' WHERE id <> %s", (user.pk,)),
        ("UPDATE auth_group SET name = 'reviewers' WHERE id = %s", (group,)),
    ):
        with builders.undone(), pytest.raises(IntegrityError, match=f"pen-{role} may not people"):
            by_hand(statement, *values, **who)
    by_hand("UPDATE commitments_user SET password = 'x' WHERE id = %s", user.pk, **who)


def test_a_part_is_changed_by_those_who_may(desk):
    statement = (
        "INSERT INTO commitments_partyalias (ref, party_id, name, language) VALUES ('west.alias-1', 'west', 'W', 'en')"
    )
    with act(actor="pen-writer", reason="draft"):
        builders.party("west")
    with pytest.raises(IntegrityError, match=r"west.alias-1: pen-auditor may not change"), builders.undone():
        by_hand(statement, actor="pen-auditor")
    by_hand(statement, actor="pen-curator")


def test_a_quote_is_let_pass_by_those_who_may(desk):
    builders.published()
    statement = "UPDATE commitments_quote SET waiver = 'The scan is poor.' WHERE ref = 'gazette-2030-05-04.quote-1'"
    with builders.undone(), pytest.raises(IntegrityError, match="quote-1: pen-curator may not waive"):
        by_hand(statement, actor="pen-curator")
    by_hand(statement, actor="pen-reviewer")


def test_a_record_is_added_as_a_draft_or_submitted_by_those_who_may(desk):
    statement = "INSERT INTO commitments_topic (ref, state, note, name, definition) VALUES ('new', %s, '', '{\"en\": \"N\"}', '{}')"
    for actor, state in (("pen-auditor", "draft"), ("pen-curator", "published"), ("pen-superuser", "retracted")):
        with builders.undone(), pytest.raises(IntegrityError, match=f"new: {actor} may not"):
            by_hand(statement, state, actor=actor)
    by_hand(statement, "in_review", actor="pen-curator")


def test_no_state_is_claimed_that_the_shelf_does_not_bear_out(desk):
    with builders.undone(), pytest.raises(IntegrityError, match="can't become published: it has no public version"):
        by_hand("UPDATE commitments_topic SET state = 'published' WHERE ref = 'topic-0'")
    with builders.undone(), pytest.raises(IntegrityError, match="can't become retracted: it has no tombstone"):
        by_hand("UPDATE commitments_topic SET state = 'retracted' WHERE ref = 'topic-1'", actor="pen-reviewer")
    with builders.undone(), pytest.raises(IntegrityError, match="may not move it from published to draft"):
        by_hand("UPDATE commitments_topic SET state = 'draft' WHERE ref = 'topic-2'")


def test_what_a_command_calls_published_and_is_not_public_is_named_by_verify(desk):
    by_hand(
        "INSERT INTO commitments_topic (ref, state, note, name, definition) VALUES ('new', 'published', '', '{\"en\": \"N\"}', '{}')"
    )
    told = "new: it is called published, and nothing of it is public"
    assert list(verification.shelf()) == [Finding("commitments_topic", 0, "STALE", told)]


@pytest.mark.parametrize("wrong", ["topic.nowhere", "quote.topic-1", "nonsense"])
def test_the_command_says_what_it_can_not_move(wrong):
    with pytest.raises(CommandError, match=f"{wrong} is no record. Name it as KIND.REF; the kinds are process, topic"):
        call_command("move", "publish", wrong)


# Nobody's own work, by any door, by whatever way round


def edited(ref="topic-1", by="pen-reviewer", **values):
    with act(actor=by, reason="edit"):
        models.Topic.objects.filter(pk=ref).update(**values or {"name": {"en": "Mine"}})


def an_edit():
    edited()


def something_trivial_published_first_then_an_edit():
    edited(by="pen-writer", definition={"en": "A trifle"})
    actions.publish([models.Topic.objects.get(pk="topic-1")], by="pen-second", reason="a trifle")
    edited()


def an_edit_before_anothers():
    edited()
    edited(by="pen-writer", definition={"en": "Ours"})


def an_edit_sent_back_and_submitted_by_another():
    edited()
    topic = models.Topic.objects.get(pk="topic-1")
    actions.send_back([topic], by="pen-second", reason="why?")
    actions.submit([topic], by="pen-writer", reason="because")


def an_account_that_the_writer_made():
    with act(actor="pen-keeper", reason="a second account"):
        models.User.objects.filter(username="reviewer").update(first_name="Another")
    edited(by="pen-keeper")


def an_account_whose_role_the_writer_gave():
    with act(actor="pen-keeper", reason="a role"):
        models.User.objects.get(username="reviewer").groups.add(Group.objects.get(name="auditor"))
    edited(by="pen-keeper")


def an_account_of_an_account_that_the_writer_made():
    person("middle", "administrator")
    with act(actor="pen-keeper", reason="a second account"):
        models.User.objects.filter(username="middle").update(first_name="Another")
    with act(actor="pen-middle", reason="a third account"):
        models.User.objects.filter(username="reviewer").update(first_name="Yet another")
    edited(by="pen-keeper")


def a_writer_whose_account_the_approver_made():
    person("puppet", "curator")
    with act(actor="set-up", reason="a keeper, too"):
        models.User.objects.get(username="reviewer").groups.add(Group.objects.get(name="administrator"))
    with act(actor="pen-reviewer", reason="a new password"):
        models.User.objects.filter(username="puppet").update(password="x")
    edited(by="pen-puppet")


def an_emergency_that_the_approver_published():
    edited(by="pen-writer")
    with act(actor="set-up", reason="a role"):
        models.User.objects.get(username="reviewer").groups.add(Group.objects.get(name="emergency publisher"))
    topic = models.Topic.objects.get(pk="topic-1")
    actions.publish([topic], by="pen-reviewer", reason="at once", emergency=True)


WAYS_ROUND = [
    an_edit,
    something_trivial_published_first_then_an_edit,
    an_edit_before_anothers,
    an_edit_sent_back_and_submitted_by_another,
    an_account_that_the_writer_made,
    an_account_whose_role_the_writer_gave,
    an_account_of_an_account_that_the_writer_made,
    a_writer_whose_account_the_approver_made,
    an_emergency_that_the_approver_published,
]
FEW = (
    something_trivial_published_first_then_an_edit,
    an_account_of_an_account_that_the_writer_made,
)  # for every commit


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("role", "way_round"),
    [
        pytest.param(
            role, way, id=f"{way.__name__}-{role}", marks=[] if role == "reviewer" and way in FEW else pytest.mark.prove
        )
        for role, way in itertools.product(("reviewer", "superuser"), WAYS_ROUND)
    ],
)
def test_nobody_approves_their_own_work_by_any_door(way_round, role, desk, clients):
    """The reviewer as such, or made a superuser."""
    with act(actor="set-up", reason="somebody who keeps accounts"):
        models.User.objects.filter(username="reviewer").update(is_superuser=role == "superuser")
    person("keeper", "administrator", "curator")
    way_round()
    before, size = state_of("topic-1"), Entry.objects.size()
    browser = {"reviewer": Client()}
    browser["reviewer"].force_login(models.User.objects.get(username="reviewer"))
    for door in DOORS:
        with builders.undone():
            refused = tried(door, "reviewer", "publish", "topic-1", browser)
            assert door in ("form", "list") or "since the last approval" in refused, (door, refused)
            assert (state_of("topic-1"), Entry.objects.size()) == (before, size), door
    with builders.undone():
        DOORS["command"]("second", "publish", "topic-1", browser)


PARTS_OF_OTHERS = {
    "moved from another record": "UPDATE commitments_citation SET commitment_id = 'talks-2030-05-04-02', part = 'chapeau' WHERE commitment_id = 'talks-2030-05-04-01'",
    "under another's reference": "INSERT INTO commitments_commitmentparty (ref, commitment_id, party_id, role) "
    "VALUES ('talks-2030-05-04-01.party-9', 'talks-2030-05-04-02', 'north', 'guarantor')",
}


@pytest.mark.no_cover
@pytest.mark.parametrize("way", PARTS_OF_OTHERS)
def test_no_part_hides_its_author_under_the_reference_of_another_record(way):
    made = builders.published()
    with act(actor="author", reason="another commitment"):
        builders.commitment(made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02")
    with pytest.raises(IntegrityError, match=r"talks-2030-05-04-01\.\w+-\d is no part of talks-2030-05-04-02"):
        by_hand(PARTS_OF_OTHERS[way], actor="pen-reviewer")


@pytest.mark.no_cover
def test_who_changed_a_part_approves_its_record_neither():
    made = builders.published()
    with act(actor="pen-reviewer", reason="another name"):
        models.PartyAlias.objects.create(party=made["north"], name="Northland", language="en")
    with pytest.raises(IntegrityError, match="pen-reviewer changed it since the last approval"):
        actions.publish([made["north"]], by="pen-reviewer", reason="checked")


def test_what_somebody_with_an_account_wrote_is_not_approved_without_one():
    edited(by="pen-writer")
    topic = models.Topic.objects.get(pk="topic-1")
    with pytest.raises(IntegrityError, match="pen-writer changed it with an account, and nobody-known has none"):
        actions.publish([topic], by="nobody-known", reason="checked")


# The review


def review(client, *refs, model=models.Topic):
    address = f"{at(model, 'review')}?" + "&".join(f"ref={ref}" for ref in refs)
    return address, client.get(address)


def first_message(answer):
    """The first of what is told above a page."""
    return str(next(iter(answer.context["messages"])))


def plain(shown):
    return [(each.record, each.new, each.follows, [(c["field"], c["items"]) for c in each.changes]) for each in shown]


def plain_changes(shown):
    return [{name: re.sub("<[^>]+>", "", str(value)) for name, value in change.items()} for change in shown.changes]


def test_a_review_shows_what_approval_would_make_public_and_whatever_shows_it(desk, clients):
    made = builders.published()
    with act(actor="pen-writer", reason="rename"):
        models.Party.objects.filter(pk="north").update(name={"en": "Northland"})
    size = Entry.objects.size()
    _address, page = review(clients["reviewer"], "north", model=models.Party)
    assert plain(page.context["versions"]) == [
        ("north", False, False, [("Name – Arabic", ""), ("Name – English", "")]),
        ("talks-2030-05-04", False, True, [("Issuing parties – Name – Arabic", "north"), ("Issuing parties – Name – English", "north")]),
        ("talks-2030-05-04-01", False, True, [("Parties – Name – Arabic", "north · obligor"), ("Parties – Name – English", "north · obligor")]),
    ]  # fmt: skip
    assert [str(page.context["versions"][0].changes[1][side]) for side in ("before", "after")] == [
        '<bdi dir="ltr" lang="en">North</bdi>',
        '<bdi dir="ltr" lang="en">Northland</bdi>',
    ]
    assert [move.name for move in page.context["moves"]] == ["send_back", "publish"]
    assert Entry.objects.size() == size
    assert made["north"].ref == "north"


def test_a_review_takes_deadlines_and_relations_along_and_shows_a_new_record_whole(desk, clients):
    made = builders.published()
    with act(actor="pen-writer", reason="draft"):
        other = builders.commitment(made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02")
        deadline = builders.deadline(other)
    actions.submit([other, deadline], by="pen-writer", reason="look")
    address, page = review(clients["reviewer"], other.ref, model=models.Commitment)
    shown = page.context["versions"]
    assert [(each.record, each.new) for each in shown] == [(deadline.ref, True), (other.ref, True)]
    assert "Strength" in [change["field"] for change in shown[1].changes]
    answer = send(clients["reviewer"], address, "checked", _publish="1")
    assert (answer.status_code, answer["Location"]) == (302, at(models.Commitment, "change", other.ref))
    deadline.refresh_from_db()
    assert deadline.state == "published"


def test_nothing_becomes_public_that_was_not_shown(desk, clients):
    address, page = review(clients["reviewer"], "topic-1")
    edited(by="pen-writer", name={"en": "Something else"})
    sent = {"announced": page.context["announced"], "seen": page.context["seen"], "reason": "checked", "_publish": "1"}
    before = Entry.objects.size()
    answer = clients["reviewer"].post(address, sent)
    assert "What would become public isn't what was shown any more" in first_message(answer)
    unseen = clients["reviewer"].post(address, sent | {"seen": "", "announced": answer.context["announced"]})
    assert "nothing becomes public that wasn't shown" in first_message(unseen)
    without = clients["reviewer"].post(address, sent | {"reason": " "})
    assert "give the reason, too" in first_message(without)
    assert Entry.objects.size() == before


def test_a_review_of_nothing_leads_back_to_the_list(clients):
    _address, page = review(clients["reviewer"], "nowhere")
    assert (page.status_code, page["Location"]) == (302, at(models.Topic))


def test_several_records_are_reviewed_and_approved_together_once(desk, clients):
    with act(actor="pen-writer", reason="draft"):
        more = [builders.topic(f"more-{n}") for n in range(2)]
    actions.submit(more, by="pen-writer", reason="look")
    address, page = review(clients["reviewer"], "more-0", "more-1")
    sent = {"announced": page.context["announced"], "seen": page.context["seen"], "reason": "checked", "_publish": "1"}
    answers = [clients["reviewer"].post(address, sent) for _twice in range(2)]
    assert [answer["Location"] for answer in answers] == [at(models.Topic)] * 2
    assert models.Publication.objects.filter(record__startswith="more-").count() == 2


def test_an_approval_with_many_followers_counts_them(desk, clients, monkeypatch):
    builders.published()
    edited("security", by="pen-writer")
    monkeypatch.setattr(actions, "SHOWN", 0)
    _address, page = review(clients["reviewer"], "security")
    assert [each.record for each in page.context["versions"]] == ["security"]
    assert "1 public record shows these and is rendered anew, too." in page.content.decode()


def test_an_emergency_is_public_flagged_and_stays_so_until_a_second_person_approves(desk, clients, client):
    made = builders.published()
    with act(actor="pen-emergency-publisher", reason="at once"):
        models.Commitment.objects.filter(pk=made["commitment"].ref).update(title={"en": "North protects all convoys"})
    address, page = review(clients["emergency publisher"], made["commitment"].ref, model=models.Commitment)
    assert [move.name for move in page.context["moves"]] == ["publish_at_once"]
    assert (
        send(clients["emergency publisher"], address, "It is wrong and harms", _publish_at_once="1").status_code == 302
    )
    history = f"/api/v1/commitments/{made['commitment'].ref}/history/"
    assert client.get(history).json()["results"][0]["emergency"] is True
    page = clients["reviewer"].get(at(models.Commitment, "change", made["commitment"].ref))
    assert page.context["reviewed"]
    _address, page = review(clients["superuser"], made["commitment"].ref, model=models.Commitment)
    (confirmed,) = [each for each in page.context["versions"] if not each.follows]
    assert (confirmed.new, confirmed.emergencies) == (False, [("pen-emergency-publisher", "It is wrong and harms")])
    assert [(each["field"], each["before"], each["after"]) for each in plain_changes(confirmed)] == [
        ("Title – Arabic", "الشمال تحمي القوافل", "–"),
        ("Title – English", "North protects convoys", "North protects all convoys"),
    ]
    told = clients["reviewer"].get(at(models.Commitment, "history", made["commitment"].ref)).context["lines"]
    assert [line.done for line in told if "version 2" in line.done] == ["version 2 made public in an emergency"]
    assert send(clients["reviewer"], address, "Rightly so", _publish="1").status_code == 302
    assert client.get(history).json()["results"][0]["emergency"] is False
    assert not clients["reviewer"].get(at(models.Commitment, "change", made["commitment"].ref)).context["reviewed"]


def test_own_work_is_told_in_the_review_where_only_an_emergency_is_left(desk, clients):
    edited(by="pen-superuser")
    _address, page = review(clients["superuser"], "topic-1")
    assert "pen-superuser changed it since the last approval" in page.context["refused"]
    assert [move.name for move in page.context["moves"]] == ["send_back", "publish_at_once"]


def test_a_comment_that_sends_back_is_shown_to_the_author(desk, clients):
    address, _page = review(clients["reviewer"], "topic-1")
    assert send(clients["reviewer"], address, "Which safety, whose?", _send_back="1").status_code == 302
    page = clients["curator"].get(at(models.Topic, "change", "topic-1"))
    assert (page.context["sent_back"].actor, page.context["sent_back"].reason) == (
        "pen-reviewer",
        "Which safety, whose?",
    )
    assert "Which safety, whose?" in page.content.decode()
    assert clients["curator"].get(at(models.Topic, "change", "topic-0")).context["sent_back"] is None


# Forged posts


def test_a_review_that_sent_back_is_not_told_as_an_approval_when_it_is_sent_again(desk, clients):
    address, page = review(clients["reviewer"], "topic-1")
    sent = {"announced": page.context["announced"], "seen": page.context["seen"], "reason": "Whose?"}
    assert clients["reviewer"].post(address, sent | {"_send_back": "1"}).status_code == 302
    answer = clients["reviewer"].post(address, sent | {"_publish": "1"})
    messages = [str(each) for each in answer.context["messages"]]
    assert (messages[0], messages[1][:50]) == (
        "Sent back: topic-1",
        "This form was sent before, and that is recorded; t",
    )
    assert state_of("topic-1")[0] == "draft"


@pytest.mark.parametrize("role", ["curator", *(pytest.param(role, marks=pytest.mark.prove) for role in ROLES[3:6])])
def test_a_forged_post_of_whoever_may_not_changes_nothing(role, desk, clients):
    client, size = clients[role], Entry.objects.size()
    honest = clients["reviewer"].get(at(models.Topic, "change", "topic-1")).context["announced"]
    own = (
        clients["curator"].get(at(models.Topic, "change", "topic-1")).context["announced"] if role == "curator" else ""
    )
    forged = [f"_{name}" for name in MOVES if not transitions.allowed(name, "in_review", roles_of(role))]
    for announced, name in itertools.product((honest, own), forged):
        sent = {"announced": announced, "reason": "try", "name-en": "Safety", "seen": "0" * 64, name: "1"}
        for page in (at(models.Topic, "change", "topic-1"), f"{at(models.Topic, 'review')}?ref=topic-1"):
            assert client.post(page, sent).status_code in (200, 302, 403)
        ticked = {"action": name.strip("_"), "index": "0", "_selected_action": "topic-1", "select_across": "1"}
        assert client.post(at(models.Topic), ticked | sent).status_code in (200, 302, 403)
    assert Entry.objects.size() == size


@pytest.mark.no_cover
def test_hidden_fields_extra_rows_and_anothers_record_change_nothing(desk, clients):
    builders.published()
    with act(actor="pen-writer", reason="draft"):
        builders.party("west")
        models.PartyAlias.objects.create(party_id="west", name="W", language="en")
    size, page = Entry.objects.size(), at(models.Party, "change", "north")
    row = {
        "aliases-TOTAL_FORMS": "1",
        "aliases-0-party": "west",
        "aliases-0-name": "forged",
        "aliases-0-language": "en",
    }
    for forged in (
        {"state": "published", "ref": "south", "_state": "published"},
        row,
        row | {"aliases-INITIAL_FORMS": "1", "aliases-0-ref": "west.alias-1"},
        {"aliases-TOTAL_FORMS": "-1"},
        {"aliases-TOTAL_FORMS": "x"},
    ):
        assert send(clients["curator"], page, "try", **forged).status_code in (200, 302)
        assert Entry.objects.size() == size, forged
