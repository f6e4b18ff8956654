"""Actions: who may move what from where to where, what becomes public, what follows it there, and what never does."""

import datetime
import json

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from commitments import actions, models, rules, transitions
from commitments.ledger import Entry, NotInAct, act
from tests import builders
from tests.builders import by_hand

ALL = {"by": "approver", "reason": "checked"}
LATER = builders.NOW + datetime.timedelta(days=1)


def approve(*records, **values):
    """Publishes, holds the whole shelf against fresh renderings, and answers the new versions' references."""
    published = actions.publish(records, **ALL | values)
    assert actions.stale() == []
    return [publication.ref for publication in published]


def retract(record, **values):
    """Retracts, and holds the rest of the shelf against fresh renderings."""
    tombstone = actions.retract(record, **ALL | values)
    assert actions.stale() == []
    return tombstone


def edit(record, by="author", **values):
    """Changes columns of a record on the desk."""
    with act(actor=by, reason="edit"):
        type(record).objects.filter(pk=record.pk).update(**values)


def public(kind, record=None):
    """What the public reads of a record now, body and detail together; None if there is nothing."""
    found = models.Publication.objects.known_at(None).standing().of(kind)
    found = (found.filter(record=record) if record else found).first()
    return found and found.body_json | found.detail_json


def second(made, **values):
    """Another commitment of the same statement, by the same quote; a draft."""
    with act(actor="author", reason="the other side"):
        return builders.commitment(
            made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02", **values
        )


# Who may move what from where to where

TABLE = """
            submit     send_back  publish    retract
draft       in_review  -          published  -
in_review   -          draft      published  retracted
published   -          -          published  retracted
retracted   -          -          -          -
"""
VERBS, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
MATRIX = [(state, verb, to) for state, *tos in ROWS for verb, to in zip(VERBS, tos, strict=True)]


def test_the_table_of_transitions_is_whole():
    assert [state for state, *_tos in ROWS] == models.State.values
    assert {(state, verb): to for state, verb, to in MATRIX if to != "-"} == {
        (state, verb): to for verb in VERBS for state, to in transitions.ends(verb).items()
    }
    assert transitions.ends("publish_at_once") == transitions.ends("publish")


def in_state(made, state):
    """South in a state, in which only a draft was never public."""
    if state == "draft":
        with act(actor="author", reason="draft"):
            return builders.party("west")
    north = made["north"]
    if state == "in_review":
        edit(north, iso3166="XN")
    if state == "retracted":
        with act(actor="author", reason="draft"):
            north = builders.party("west")
        approve(north)
        retract(north)
    return north


@pytest.mark.no_cover
@pytest.mark.parametrize(("state", "verb", "to"), MATRIX)
def test_each_action_from_each_state(state, verb, to, made):
    record = in_state(made, state)
    versions = models.Publication.objects.filter(record=record.ref).count()
    if verb == "retract" and to != "-":
        with pytest.raises(
            actions.Refused, match="north is shown by commitment talks-2030-05-04-01; change or retract that first"
        ):
            actions.retract(record, **ALL)
    elif to == "-":
        with pytest.raises(actions.Refused, match=r"isn't possible|was never public; discard the draft instead"):
            getattr(actions, verb)(record if verb == "retract" else [record], **ALL)
        record.refresh_from_db()
        assert (record.state, models.Publication.objects.filter(record=record.ref).count()) == (state, versions)
    else:
        getattr(actions, verb)([record], **ALL)
        assert record.state == type(record).objects.get(pk=record.pk).state == to


@pytest.mark.parametrize("state", ["published", "in_review"])
@pytest.mark.no_cover
def test_what_nothing_shows_can_be_retracted(state, made):
    with act(actor="author", reason="draft"):
        west = builders.party("west")
    approve(west)
    if state == "in_review":
        edit(west, iso3166="XW")
    assert retract(west).ref == "party.west.2"
    assert (west.state, public("party", "west")) == ("retracted", None)


@pytest.mark.parametrize("verb", ["submit", "send_back", "publish"])
@pytest.mark.no_cover
def test_an_action_moves_all_or_none(verb, made):
    with act(actor="author", reason="draft"):
        west, gone = builders.party("west"), builders.party("gone")
    approve(gone)
    retract(gone)
    if verb == "send_back":
        actions.submit([west], by="author", reason="please look")
    before = dict(models.Party.objects.values_list("ref", "state"))
    with pytest.raises(actions.Refused, match=f"gone is retracted; {verb} isn't possible"):
        getattr(actions, verb)([west, gone], **ALL)
    assert dict(models.Party.objects.values_list("ref", "state")) == before


def test_an_action_says_who_why_and_through_which_door(made):
    with act(actor="author", reason="draft"):
        west = builders.party("west")
    actions.submit([west], by="author", reason="please look", door="sql")
    actions.send_back([west], by="approver", reason="which west?", door="sql")
    found = Entry.objects.filter(reference="west").values_list("actor", "reason", "door")
    assert list(found)[1:] == [("author", "please look", "sql"), ("approver", "which west?", "sql")]
    with pytest.raises(NotInAct):
        actions.publish([west], by="approver", reason=" ")


# Four eyes


def change_it(made):
    edit(made["commitment"], by="approver", title={"en": "mine"})


def change_it_by_hand(made):
    by_hand("UPDATE commitments_commitment SET strength = 'asserts'", actor="approver")


def change_it_inside_anothers_act(made):
    with act(actor="author", reason="mine"):
        edit(made["commitment"], by="approver", title={"en": "mine"})
        edit(made["commitment"], by="author", strength="asserts")


def change_it_before_anothers_change(made):
    edit(made["commitment"], by="approver", title={"en": "mine"})
    edit(made["commitment"], by="author", title={"en": "ours"})


def change_it_again_after_anothers_approval(made):
    edit(made["commitment"], by="approver", title={"en": "mine"})
    actions.publish([made["commitment"]], by="second", reason="checked")
    edit(made["commitment"], by="approver", title={"en": "mine again"})


def change_it_before_a_housekeeping_version(made):
    edit(made["commitment"], by="approver", title={"en": "mine"})
    edit(made["north"], name={"en": "Northland"})
    actions.publish([made["north"]], by="second", reason="renamed")


def change_it_before_an_emergency(made):
    edit(made["commitment"], by="approver", title={"en": "mine"})
    actions.publish([made["commitment"]], by="author", reason="at once", emergency=True)


def add_a_part(made):
    with act(actor="approver", reason="mine"):
        models.CommitmentParty.objects.create(commitment=made["commitment"], party=made["south"], role="supporter")


def remove_a_part(made):
    with act(actor="approver", reason="mine"):
        made["commitment"].parties.filter(role="beneficiary").delete()


def change_a_quote(made):
    edit(made["quote"], by="approver", translation={"en": "mine"})


def waive_a_quote(made):
    edit(made["quote"], by="approver", waiver="I say so")


DETOURS = [
    change_it,
    change_it_by_hand,
    change_it_inside_anothers_act,
    change_it_before_anothers_change,
    change_it_again_after_anothers_approval,
    change_it_before_a_housekeeping_version,
    change_it_before_an_emergency,
    add_a_part,
    remove_a_part,
    change_a_quote,
    waive_a_quote,
]


@pytest.mark.no_cover
@pytest.mark.parametrize("detour", DETOURS, ids=lambda detour: detour.__name__)
@pytest.mark.sample(0, 1)
def test_nobody_approves_their_own_work_by_whatever_detour(detour, made):
    detour(made)
    with pytest.raises(
        IntegrityError, match="approver changed it since the last approval, and nobody approves their own work"
    ):
        actions.publish([made["commitment"]], **ALL)
    actions.publish([made["commitment"]], by="third", reason="checked")
    assert actions.stale() == []


def test_whoever_hands_over_sends_back_or_notes_may_still_approve(made):
    edit(made["north"], name={"en": "Northland"})
    actions.send_back([made["north"]], by="approver", reason="and in Arabic?")
    edit(made["north"], by="approver", note="asked for the Arabic name")
    actions.submit([made["north"]], by="approver", reason="never mind")
    assert "party.north.2" in approve(made["north"])


def test_once_another_has_approved_it_whoever_changed_it_may_approve_later_work_of_others(made):
    edit(made["north"], by="approver", name={"en": "Northland"})
    actions.publish([made["north"]], by="second", reason="checked")
    edit(made["north"], iso3166="XN")
    assert "party.north.3" in approve(made["north"])


def test_what_was_changed_and_changed_back_is_approved_by_another_as_a_version_that_reads_as_before(made):
    edit(made["north"], by="approver", name={"en": "mine"})
    edit(made["north"], by="approver", name=made["north"].name)
    with pytest.raises(IntegrityError, match="can't be published: approver changed it since the last approval"):
        actions.publish([made["north"]], **ALL)
    (again,) = actions.publish([made["north"]], **ALL | {"by": "second"})
    first = models.Publication.objects.get(pk="party.north.1")
    assert (again.version, again.publication_class, again.body) == (2, "content", first.body)


def flags(record):
    return list(
        models.Publication.objects.filter(record=record.ref).order_by("version").values_list("version", "emergency")
    )


@pytest.mark.no_cover
def test_an_emergency_needs_one_person_and_stays_flagged_until_a_second_approves(made):
    edit(made["north"], name={"en": "Northland"})
    approve(made["north"], by="author", reason="at once", emergency=True)
    assert flags(made["north"]) == [(1, False), (2, True)]
    with pytest.raises(IntegrityError, match="author changed it since the last approval"):
        actions.publish([made["north"]], by="author", reason="and now for good")
    assert approve(made["north"], by="author", reason="again at once", emergency=True) == []
    assert approve(made["north"]) == ["party.north.3"]
    assert flags(made["north"]) == [(1, False), (2, True), (3, False)]


@pytest.mark.prove
def test_housekeeping_keeps_the_flag_of_an_emergency(made):
    edit(made["commitment"], title={"en": "North protects all convoys"})
    approve(made["commitment"], by="author", reason="at once", emergency=True)
    edit(made["north"], name={"en": "Northland"})
    approve(made["north"])
    assert flags(made["commitment"]) == [(1, False), (2, True), (3, True)]
    assert approve(made["commitment"]) == ["commitment.talks-2030-05-04-01.4"]
    assert flags(made["commitment"])[-1] == (4, False)


# What may not be published, and the words that say why


def a_draft_party(made):
    with act(actor="author", reason="draft"):
        west = builders.party("west")
        models.CommitmentParty.objects.create(commitment=made["commitment"], party=west, role="supporter")
    return [made["commitment"]], "party west is named but not published; publish it first"


def a_draft_topic(made):
    with act(actor="author", reason="draft"):
        models.CommitmentTopic.objects.create(commitment=made["commitment"], topic=builders.topic("trade"))
    return [made["commitment"]], "topic trade is named but not published"


def a_draft_statement(made):
    with act(actor="author", reason="draft"):
        later = builders.statement("talks-2031")
        return [
            builders.commitment(later, [made["north"]], [made["quote"]], "talks-2031-01")
        ], "statement talks-2031 is named but not published"


def a_draft_document(made):
    with act(actor="author", reason="draft"):
        leaflet = builders.document("leaflet", text=builders.TEXT + "!")
        models.Citation.objects.create(quote=builders.quote(leaflet), commitment=made["commitment"], part="chapeau")
    return [made["commitment"]], "document leaflet is named but not published"


def a_draft_target(made):
    target = second(made)
    with act(actor="author", reason="draft"):
        link = models.Relation.objects.create(
            commitment=made["commitment"], target=target, relation_kind="related", scope="same"
        )
    return [link], "commitment talks-2030-05-04-02 is named but not published"


def a_judgement_of_a_draft(made):
    draft = second(made)
    with act(actor="author", reason="draft"):
        return [builders.assessment(draft)], "commitment talks-2030-05-04-02 is named but not published"


def a_deadline_of_a_draft(made):
    draft = second(made)
    with act(actor="author", reason="draft"):
        return [builders.deadline(draft)], "commitment talks-2030-05-04-02 is named but not published"


def a_quote_that_is_not_exact(made):
    edit(made["quote"], exact="x" * len(made["quote"].exact))
    return [made["commitment"]], "quote gazette-2030-05-04.quote-1 is not proven exact and carries no waiver"


def a_quote_that_was_never_checked(made):
    with act(actor="author", reason="draft"):
        unchecked = builders.quote(made["document"], exact="الجنوب ستفتح الحدود", checked=False)
        models.Citation.objects.create(quote=unchecked, commitment=made["commitment"], part="condition")
    return [made["commitment"]], "quote gazette-2030-05-04.quote-2 is not proven exact"


def a_quote_whose_last_check_failed(made):
    found = {
        "sha256": made["document"].sha256,
        "digest": actions.digest(made["quote"].exact),
        "start": made["quote"].start,
    }
    with act(actor="author", reason="check again"):
        models.QuoteCheck.objects.create(quote=made["quote"], level="partial", folding="2", checked_at=LATER, **found)
    edit(made["commitment"], title={"en": "North protects all convoys"})
    return [made["commitment"]], "quote gazette-2030-05-04.quote-1 is not proven exact"


def a_statement_dated_by_an_unproven_quote(made):
    with act(actor="author", reason="draft"):
        unchecked = builders.quote(made["document"], exact="الجنوب ستفتح الحدود", checked=False)
    edit(made["statement"], issued_quote=unchecked)
    return [made["statement"]], "quote gazette-2030-05-04.quote-2 is not proven exact"


def no_evidence_without_saying_where_it_was_searched(made):
    with act(actor="author", reason="judge"):
        return [
            builders.assessment(made["commitment"], "no_evidence")
        ], "no_evidence must say which documents were searched"


def fulfilled_without_evidence(made):
    with act(actor="author", reason="judge"):
        return [builders.assessment(made["commitment"], "fulfilled")], "fulfilled needs evidence"


def a_commitment_without_an_obligor(made):
    by_hand("DELETE FROM commitments_commitmentparty WHERE role = 'obligor'", actor="author")
    return [made["commitment"]], "it has no obligor"


def a_commitment_without_an_undertaking(made):
    by_hand("UPDATE commitments_citation SET part = 'chapeau'", actor="author")
    return [made["commitment"]], "no quote proves its undertaking"


FAULTS = [
    a_draft_party,
    a_draft_topic,
    a_draft_statement,
    a_draft_document,
    a_draft_target,
    a_judgement_of_a_draft,
    a_deadline_of_a_draft,
    a_quote_that_is_not_exact,
    a_quote_that_was_never_checked,
    a_quote_whose_last_check_failed,
    a_statement_dated_by_an_unproven_quote,
    no_evidence_without_saying_where_it_was_searched,
    fulfilled_without_evidence,
    a_commitment_without_an_obligor,
    a_commitment_without_an_undertaking,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_may_not_be_published_leaves_nothing_behind(fault, made):
    records, words = fault(made)
    before = list(models.Publication.objects.values_list("ref", "until_seq")), Entry.objects.count()
    with pytest.raises((IntegrityError, actions.Refused), match=words):
        actions.publish(records, **ALL)
    assert (list(models.Publication.objects.values_list("ref", "until_seq")), Entry.objects.count()) == before
    assert type(records[0]).objects.get(pk=records[0].pk).state != "published"


def test_a_waiver_lets_an_inexact_quote_through_and_is_public(made):
    edit(made["quote"], exact="x" * len(made["quote"].exact), waiver="The scan is unreadable here.")
    approve(made["commitment"])
    (shown,) = public("commitment")["quotes"]
    assert shown["verification"] | {"checked_at": None, "sha256": None} == {
        "level": "unchecked", "waiver": "The scan is unreadable here.", "checked_at": None, "sha256": None
    }  # fmt: skip


def test_records_that_name_each_other_are_published_together_in_any_order(made):
    target = second(made)
    with act(actor="author", reason="draft"):
        link = models.Relation.objects.create(
            commitment=target, target=made["commitment"], relation_kind="related", scope="same"
        )
        judged = builders.assessment(target)
        back = models.Relation.objects.create(
            commitment=made["commitment"], target=target, relation_kind="related", scope="same"
        )
    assert approve(back, judged, link, target) == [
        "relation.talks-2030-05-04-01.relation-1.1",
        "relation.talks-2030-05-04-02.relation-1.1",
        "assessment.talks-2030-05-04-02.assessment-1.1",
        "commitment.talks-2030-05-04-02.1",
        "commitment.talks-2030-05-04-01.2",
    ]


def test_what_is_published_is_what_the_desk_holds_not_what_the_caller_does(made):
    edit(made["north"], name={"en": "Northland"})
    made["north"].name = {"en": "Neverland"}
    approve(made["north"])
    assert public("party", "north")["name"] == {"en": "Northland"}


def test_publishing_what_is_public_as_it_is_makes_no_version(made):
    size = Entry.objects.count()
    assert approve(*[made[name] for name in ("north", "statement", "commitment", "deadline")]) == []
    assert Entry.objects.count() == size


# What follows, and what doesn't


def test_a_rename_reaches_every_record_that_shows_the_name_as_housekeeping(made):
    edit(made["north"], name={"en": "Northland"})
    assert approve(made["north"]) == [
        "party.north.2",
        "statement.talks-2030-05-04.2",
        "commitment.talks-2030-05-04-01.2",
    ]
    classes = (
        models.Publication.objects.known_at(None).filter(version=2).values_list("kind", "publication_class", "reason")
    )
    assert sorted(classes) == [
        ("commitment", "housekeeping", "checked"),
        ("party", "correction", "checked"),
        ("statement", "housekeeping", "checked"),
    ]
    assert public("statement")["issuers"][0] == {"ref": "north", "name": {"en": "Northland"}}
    assert public("commitment")["parties"][0] == {"ref": "north", "name": {"en": "Northland"}, "role": "obligor"}


def versions_that_stand():
    """By the number of a version, that of the one whose standings it has."""
    found = models.CommitmentIndex.objects.order_by("pk").values_list("publication", "stands")
    return {ref.rpartition(".")[2]: stands.rpartition(".")[2] for ref, stands in found}


def test_who_is_called_otherwise_stands_as_before_by_the_same_rows(made):
    rows = models.Standing.objects.count()
    edit(made["north"], name={"en": "Northland"})
    approve(made["north"])
    edit(made["commitment"], strength="asserts")
    approve(made["commitment"])
    assert (versions_that_stand(), models.Standing.objects.count()) == ({"1": "1", "2": "1", "3": "3"}, 2 * rows)
    (standing,) = models.Standing.objects.known_at(None).as_of(datetime.date(2030, 7, 1)).filter(party="")
    assert standing.index.publication_id == "commitment.talks-2030-05-04-01.3"
    assert actions.stale() == []


def test_whoever_is_approved_with_who_is_called_otherwise_all_stand(made):
    edit(made["north"], name={"en": "Northland"})
    edit(made["south"], iso3166="XS")
    assert len(approve(made["north"], made["south"])) == 4
    for ref in ("north", "south"):
        edit(made[ref], name={"en": f"{ref} of now"})
    approve(made["north"], made["south"])
    assert versions_that_stand() == {"1": "1", "2": "1", "3": "3"}
    assert actions.stale() == []
    assert models.Standing.objects.known_at(None).filter(party="", until="9999-12-31").count() == 1


def test_what_shows_one_of_two_that_are_called_otherwise_stands_as_before(made):
    with act(actor="author", reason="another"):
        west = builders.party("west")
    approve(west)
    rows = models.Standing.objects.count()
    edit(made["north"], name={"en": "Northland"})
    edit(west, name={"en": "Westland"})
    approve(made["north"], west)
    assert (versions_that_stand(), models.Standing.objects.count()) == ({"1": "1", "2": "1"}, rows)


def test_where_an_obligor_is_judged_apart_each_day_shows_the_name_of_now(made):
    with act(actor="author", reason="judged apart"):
        judged = builders.assessment(made["commitment"], "stalled", obligor=made["north"])
    approve(judged)
    edit(made["north"], name={"en": "Northland"})
    approve(made["north"])
    assert versions_that_stand() == {"1": "1", "2": "2", "3": "3"}
    bodies = models.Standing.objects.known_at(None).filter(party="").values_list("body", flat=True)
    named = [json.loads(body)["parties"][0]["name"] for body in bodies if '"parties"' in body]
    assert named
    assert all(name == {"en": "Northland"} for name in named)
    assert actions.stale() == []


def test_names_with_any_characters_change_at_once_wherever_they_are_shown(made):
    for name, other in (('100 % \\ "a"', '","ref":"south'), ('{"en":"b"},"ref":"north"', "$1 %s \n")):
        edit(made["north"], name={"en": name})
        edit(made["south"], name={"en": other})
        assert len(approve(made["north"], made["south"])) == 4
        assert [party["name"]["en"] for party in public("commitment")["parties"]] == [name, other]


@pytest.mark.no_cover
def test_who_keeps_its_name_is_shown_as_before(made):
    edit(made["north"], iso3166="XN")
    assert approve(made["north"]) == ["party.north.2"]


def test_a_rename_takes_no_unapproved_edit_along(made):
    edit(made["commitment"], title={"en": "canary"}, strength="asserts")
    edit(made["statement"], title={"en": "canary"})
    edit(made["north"], name={"en": "Northland"})
    with act(actor="author", reason="a draft part"):
        models.CommitmentParty.objects.create(commitment=made["commitment"], party=made["south"], role="guarantor")
        builders.assessment(made["commitment"], "stalled")
        builders.deadline(made["commitment"], replaces=made["deadline"], change="replaces")
    approve(made["north"])
    shown = public("commitment")
    assert shown["title"] == {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"}
    assert (shown["strength"], shown["statement"]["title"]["en"]) == ("commits", "Joint statement of North and South")
    assert [(party["name"]["en"], party["role"]) for party in shown["parties"]] == [
        ("Northland", "obligor"),
        ("South", "beneficiary"),
    ]
    assert ([deadline["ref"] for deadline in shown["deadlines"]], shown["assessments"]) == (
        ["talks-2030-05-04-01.deadline-1"],
        [],
    )
    made["commitment"].refresh_from_db()
    assert (made["commitment"].state, made["commitment"].title) == ("in_review", {"en": "canary"})


def rename_a_speaker(made):
    with act(actor="author", reason="a spokesman"):
        west = builders.party("west", party_kind="person")
        spoken = builders.quote(made["document"], exact="الجنوب ستفتح الحدود", voice="speaker_quoted", speaker=west)
        models.Citation.objects.create(quote=spoken, commitment=made["commitment"], part="chapeau")
    approve(west, made["commitment"])
    edit(west, name={"en": "Renamed"})
    return west, lambda: public("commitment")["citations"][1]["speaker"]["name"]


def rename_a_claimant(made):
    with act(actor="author", reason="a claim"):
        judged = builders.assessment(made["commitment"])
        west = builders.party("west")
        models.Citation.objects.create(
            quote=made["quote"], assessment=judged, part="evidence", stance="disputes", claimant=west
        )
    approve(west, judged)
    edit(west, name={"en": "Renamed"})
    return west, lambda: public("commitment")["assessments"][0]["evidence"][0]["claimant"]["name"]


def rename_a_member(made):
    with act(actor="author", reason="a league"):
        league = builders.party("league", party_kind="coalition")
        west = builders.party("west")
        models.PartyMember.objects.create(party=league, member=west)
    approve(west, league)
    edit(west, name={"en": "Renamed"})
    return west, lambda: public("party", "league")["members"][0]["name"]


def retitle_a_statement(made):
    edit(made["statement"], title={"en": "Renamed"})
    return made["statement"], lambda: public("deadline")["set_by"]["title"]


def retitle_a_target(made):
    target = second(made)
    with act(actor="author", reason="a link"):
        link = models.Relation.objects.create(
            commitment=made["commitment"], target=target, relation_kind="related", scope="same"
        )
    approve(target, link)
    edit(target, title={"en": "Renamed"})
    return target, lambda: public("commitment", "talks-2030-05-04-01")["relations"][0]["target"]["title"]


def retitle_a_target_statement(made):
    with act(actor="author", reason="a link"):
        later = builders.statement("talks-2031")
        link = models.Relation.objects.create(
            commitment=made["commitment"], target_statement=later, relation_kind="related", scope="same"
        )
    approve(later, link)
    edit(later, title={"en": "Renamed"})
    return later, lambda: public("commitment")["relations"][0]["target_statement"]["title"]


def rename_a_process(made):
    with act(actor="author", reason="a process"):
        talks = models.Process.objects.create(ref="talks", name={"en": "Talks"})
        models.Statement.objects.filter(pk=made["statement"].pk).update(process=talks)
    approve(talks, made["statement"])
    edit(talks, name={"en": "Renamed"})
    return talks, lambda: public("statement")["process"]["name"]


def another_headline_of_a_searched_document(made):
    with act(actor="author", reason="a search"):
        leaflet = builders.document("leaflet", text=builders.TEXT + "!")
        judged = builders.assessment(made["commitment"], "no_evidence", searched=[leaflet])
    approve(leaflet, judged)
    edit(leaflet, headline="Renamed")
    return leaflet, lambda: {"en": public("commitment")["assessments"][0]["searched"][0]["headline"]}


def another_translation_of_a_shared_quote(made):
    other = second(made)
    approve(other)
    edit(made["quote"], translation={"en": "Renamed"})
    return other, lambda: public("commitment", "talks-2030-05-04-01")["quotes"][0]["translation"]


def another_translation_of_the_quote_that_dates_a_statement(made):
    edit(made["statement"], issued_quote=made["quote"])
    approve(made["statement"])
    edit(made["quote"], translation={"en": "Renamed"})
    return made["commitment"], lambda: public("statement")["issued_quote"]["translation"]


RENAMES = [
    rename_a_speaker,
    rename_a_claimant,
    rename_a_member,
    retitle_a_statement,
    retitle_a_target,
    retitle_a_target_statement,
    rename_a_process,
    another_headline_of_a_searched_document,
    another_translation_of_a_shared_quote,
    another_translation_of_the_quote_that_dates_a_statement,
]


@pytest.mark.prove
@pytest.mark.parametrize("rename", RENAMES, ids=lambda rename: rename.__name__)
@pytest.mark.sample(0, 1, 2, 3)
def test_a_new_name_is_shown_wherever_the_old_one_was_at_any_depth(rename, made):
    record, shown = rename(made)
    assert shown() != {"en": "Renamed"}
    approve(record)
    assert shown() == {"en": "Renamed"}


def test_an_approved_judgement_changes_its_commitments_status_and_takes_no_edit_along(made):
    edit(made["commitment"], title={"en": "canary"})
    with act(actor="author", reason="judge"):
        judged = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]], effective="2030-07-15")
    assert approve(judged) == ["assessment.talks-2030-05-04-01.assessment-1.1", "commitment.talks-2030-05-04-01.2"]
    shown = public("commitment")
    assert shown["title"]["en"] == "North protects convoys"
    assert [assessment["status"] for assessment in shown["assessments"]] == ["fulfilled"]
    standing = models.Standing.objects.known_at(None).as_of(datetime.date(2030, 7, 15)).get(party="")
    assert (standing.status, standing.schedule, standing.publication.version) == ("fulfilled", "met_on_time", 2)
    assert models.Publication.objects.get(ref="commitment.talks-2030-05-04-01.2").publication_class == "housekeeping"


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["deadline", "relation", "assessment"])
def test_what_is_retracted_leaves_its_commitment_and_a_tombstone(kind, made):
    with act(actor="author", reason="more"):
        relation = models.Relation.objects.create(
            commitment=made["commitment"], target_statement=made["statement"], relation_kind="related", scope="same"
        )
        judged = builders.assessment(made["commitment"], "stalled")
    approve(relation, judged)
    record = {"deadline": made["deadline"], "relation": relation, "assessment": judged}[kind]
    assert [shown["ref"] for shown in public("commitment")[f"{kind}s"]] == [record.ref]
    tombstone = retract(record, reason="misread")
    assert (tombstone.body, tombstone.detail, tombstone.reason, tombstone.publication_class) == (
        "{}",
        "{}",
        "misread",
        "retraction",
    )
    assert (tombstone.kind, tombstone.record, tombstone.commitment) == (kind, record.ref, "talks-2030-05-04-01")
    assert public("commitment")[f"{kind}s"] == []
    assert models.Publication.objects.known_at(None).get(record=record.ref).tombstone
    day = models.Standing.objects.known_at(None).as_of(datetime.date(2031, 3, 2)).get(party="")
    assert (day.schedule, day.status) == (
        "no_deadline" if kind == "deadline" else "overdue", "not_assessed" if kind == "assessment" else "stalled"
    )  # fmt: skip


def test_a_retracted_commitment_stands_no_longer_and_its_last_words_stay_in_history(made):
    size = Entry.objects.count()
    retract(made["commitment"])
    assert not models.Standing.objects.known_at(None).exists()
    assert models.Standing.objects.known_at(size).exists()
    assert (
        models.Publication.objects.of("commitment").standing().known_at(size).get().body_json["strength"] == "commits"
    )
    with pytest.raises(actions.Refused, match="talks-2030-05-04-01 is retracted; publish isn't possible"):
        actions.publish([made["commitment"]], **ALL)


@pytest.mark.parametrize("name", ["security", "north", "document", "statement"])
def test_what_another_record_shows_is_not_retracted_under_it(name, made):
    with pytest.raises(actions.Refused, match=rf"{made[name].ref} is shown by \w+ \S+; change or retract that first"):
        actions.retract(made[name], **ALL)


@pytest.mark.no_cover
def test_a_target_can_be_retracted_once_nothing_links_to_it(made):
    target = second(made)
    with act(actor="author", reason="a link"):
        link = models.Relation.objects.create(
            commitment=made["commitment"], target=target, relation_kind="related", scope="same"
        )
    approve(target, link)
    with pytest.raises(actions.Refused, match="is shown by commitment talks-2030-05-04-01"):
        actions.retract(target, **ALL)
    retract(link)
    retract(target)


# The shelf against itself


def test_a_proposal_for_a_quote_is_not_stale(made):
    with act(actor="author", reason="a better translation"):
        models.Quote.objects.update(translation={"en": "North protects convoys"})
    assert actions.stale() == []


@pytest.mark.parametrize("state", ["published", "in_review"])
def test_a_body_that_nobody_approved_is_stale(made, state):
    edit(made["north"], name={"en": "Upper North"})
    if state == "in_review":  # the desk says something else then, and isn't asked
        edit(made["statement"], title={"en": "A proposal"})
    with act(actor="approver", reason=ALL["reason"]):
        actions.publish([made["north"]], **ALL)
        version = models.Publication.objects.get(kind="statement", until_seq=None)
        kept = {name: getattr(version, name) for name in (*rules.COLUMNS, "kind", "record", "named", "detail")}
        models.Publication.objects.create(
            ref="statement.talks-2030-05-04.3", version=3, publication_class="housekeeping",
            body=version.body.replace("Upper North", "Nowhere"), **kept,
        )  # fmt: skip
    assert actions.stale() == [("statement.talks-2030-05-04.3", "it isn't what a fresh rendering gives")]


def test_how_a_version_stands_is_made_with_it_and_never_changed_afterwards(made):
    version = models.Publication.objects.get(kind="commitment")
    for statement in ("UPDATE commitments_standing SET status = 'fulfilled'", "DELETE FROM commitments_standing"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            by_hand(statement)
    row = models.Standing(
        publication=version, party="south", role="obligor", first="2030-01-01", until="2031-01-01",
        record=version.record, lead=True, status="fulfilled", whole="fulfilled", schedule="closed", contested=False,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="is public already: how it stands was worked out then"):
        row.save()


# Texts and checks


def test_without_a_text_a_quote_keeps_its_recorded_check(made):
    with act(actor="author", reason="check"):
        assert actions.check_quotes(models.Quote.objects.all(), now=LATER) == []
    assert models.Quote.objects.checked().get().level == "exact"


@pytest.mark.no_cover
@pytest.mark.django_db
def test_a_retracted_commitment_takes_its_deadlines_and_assessments_along(made):
    with act(actor="author", reason="judge"):
        judged = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]])
    actions.publish([judged], by="approver", reason="checked")
    tombstone = actions.retract(made["commitment"], by="approver", reason="not an undertaking")
    assert (tombstone.kind, tombstone.record) == ("commitment", made["commitment"].ref)
    left = models.Publication.objects.known_at(None).filter(commitment=made["commitment"].ref)
    assert {(publication.kind, publication.tombstone) for publication in left} == {
        ("commitment", True),
        ("deadline", True),
        ("assessment", True),
    }
    assert models.Assessment.objects.get().state == models.Deadline.objects.get().state == "retracted"
    assert actions.stale() == []


def test_a_day_that_nobody_approved_doesnt_reach_the_shelf_with_a_judgement(made):
    with act(actor="author", reason="another day"):
        models.Document.objects.update(published_edtf="2030-05-09", published_words="9 May 2030",
                                       published_earliest="2030-05-09", published_latest="2030-05-09")  # fmt: skip
        judged = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]], effective="")
    (first, *_rest) = actions.publish([judged], by="approver", reason="checked")
    assert first.body_json["counts_from"] == "2030-05-04"
    with act(actor="author", reason="judge again"):
        later = builders.assessment(made["commitment"], "stalled", evidence=[made["quote"]], effective="")
    published = actions.publish([later, made["document"]], by="approver", reason="checked")
    assert next(each for each in published if each.record == later.ref).body_json["counts_from"] == "2030-05-09"


def test_a_quote_goes_with_the_last_record_that_showed_it_and_comes_back_when_cited_again(made):
    quote = made["quote"].ref
    with act(actor="author", reason="the same words once more"):
        twin = builders.commitment(made["statement"], [made["north"]], [made["quote"]], "talks-2030-05-04-02")
    actions.publish([twin], by="approver", reason="checked")
    actions.retract(made["commitment"], by="approver", reason="recorded twice")
    assert not current("quote", quote).tombstone
    actions.retract(twin, by="approver", reason="recorded wrongly")
    gone = current("quote", quote)
    assert (gone.tombstone, gone.reason, gone.publication_class) == (True, "recorded wrongly", "retraction")
    with act(actor="author", reason="recorded anew"):
        again = builders.commitment(made["statement"], [made["north"]], [made["quote"]], "talks-2030-05-04-03")
    actions.publish([again], by="approver", reason="checked")
    back = current("quote", quote)
    assert (back.tombstone, back.version, back.body_json["exact"]) == (False, gone.version + 1, made["quote"].exact)


def current(kind, record):
    return models.Publication.objects.known_at(None).of(kind).get(record=record)


def test_who_changed_another_kind_of_record_of_that_name_may_approve_this_one(made):
    with act(actor="approver", reason="a topic of the party's name"):
        builders.topic("league")
    with act(actor="author", reason="a party of the topic's name"):
        league = builders.party("league", party_kind="coalition")
    (version,) = actions.publish([league], by="approver", reason="checked")
    assert (version.kind, version.record) == ("party", "league")
