"""The curators' door over HTTP: who may do what, each change an act, refusals told at the form, bounded queries."""

import html.parser
import re
import urllib.parse

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from commitments import actions, codebook, models, quotes
from commitments.admin import acts, base, display, forms, moves, review, roles, shelf
from commitments.checkpoints import Release
from commitments.ledger import Entry, act
from commitments.transitions import TRANSITIONS
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published")]

PASSWORD = "a long enough password"
COMMITMENT = "talks-2030-05-04-01"
NEW_PASSWORD = {"usable_password": "true", "password1": "n3w-pass-word", "password2": "n3w-pass-word"}
DEADLINE = {  # a second deadline on the page of the published commitment
    "deadlines-TOTAL_FORMS": "2",
    "deadlines-1-commitment": COMMITMENT,
    "deadlines-1-sense": "due",
    "deadlines-1-deadline_kind": "event",
    "deadlines-1-words": "when the talks end",
}
JUDGEMENT = {
    "commitment": COMMITMENT,
    "status": "stalled",
    "reason_code": "press_report",
    "rationale-en": "Nothing moved.",
    "citations-0-quote": "gazette-2030-05-04.quote-1",
    "citations-0-part": "evidence",
}
READ_ONLY = (models.Publication, Entry, models.QuoteCheck)


class Inputs(html.parser.HTMLParser):
    """What a browser would send back of a page's form if nobody touched it: {name: value}."""

    def __init__(self, page: str):
        super().__init__()
        self.sent: dict[str, str] = {}
        self.inside = self.select = self.textarea = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("id", "").endswith(("_form", "-form"))
        if not self.inside:
            return
        if tag == "input" and "name" in given and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.sent[given["name"]] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.textarea, self.sent[given["name"]] = given["name"], ""
        elif tag == "select":
            self.select = given["name"]
            if "multiple" not in given:  # of which nothing is sent where nothing is chosen
                self.sent[self.select] = ""
        elif tag == "option" and self.select and "selected" in given:
            self.sent[self.select] = given["value"]

    def handle_data(self, data):
        if self.textarea:
            self.sent[self.textarea] += data if self.sent[self.textarea] else data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.textarea = None
        elif tag == "select":
            self.select = None


def person(name, *groups, **values):
    with act(actor="set-up", reason="an account for the test"):
        user = models.User.objects.create_user(
            name, password=PASSWORD, is_staff=True, pseudonym=f"pen-{name}", **values
        )
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return user


@pytest.fixture
def log_in(client):
    def as_somebody(name, *groups, **values):
        client.force_login(person(name, *groups, **values))
        return client

    return as_somebody


@pytest.fixture
def curator(log_in):
    return log_in("curator", "curator")


@pytest.fixture
def reviewer(log_in):
    return log_in("reviewer", "reviewer")


def at(model, what="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def send(client, address, reason="as the source says", **changes):
    """Opens a form, changes some inputs and sends all of them, as a browser does."""
    sent = Inputs(client.get(address).content.decode()).sent
    return client.post(address, sent | {"reason": reason} | changes)


def errors(answer):
    """{field: messages} of the form that came back; "__all__" for what belongs to none."""
    return {field: list(told) for field, told in answer.context["adminform"].form.errors.items()}


def above(answer):
    """What is told above the form that came back."""
    return " ".join(errors(answer)["__all__"])


def told(answer):
    """The last message that the next page will show."""
    return [str(message) for message in answer.wsgi_request._messages][-1]


def size():
    return Entry.objects.count()


# Who may


@pytest.mark.parametrize(("groups", "status"), [((), 403), (("curator",), 200), (("reviewer",), 200)])
@pytest.mark.no_cover
def test_the_desk_opens_for_curators_and_reviewers(log_in, groups, status):
    assert log_in("somebody", *groups).get(at(models.Commitment)).status_code == status


def test_the_table_of_roles_names_every_move():
    assert {*moves.MOVES, "add", "change", "discard"} == {each.action for each in TRANSITIONS} <= set(roles.MAY)


@pytest.mark.prove
def test_accounts_and_the_entries_on_them_are_for_those_who_keep_accounts(reviewer):
    entry = Entry.objects.filter(table="commitments_user").latest("seq")
    assert reviewer.get(at(models.User)).status_code == 403
    assert "pen-reviewer" not in reviewer.get(at(Entry)).content.decode()
    assert reviewer.get(at(Entry, "change", entry.seq)).status_code == 302
    assert "commitments_user" not in [
        line.entry.table for line in reviewer.get(reverse("admin:index")).context["latest"]
    ]


def test_an_entry_names_its_record_as_forms_do_and_no_table(reviewer):
    entry = Entry.objects.filter(table="commitments_commitmentparty").first()
    told = {"en": ("Kind of record:", "party with a role"), "ar": ("نوع السجل:", "طرف ودوره")}
    for language, said in told.items():
        page = reviewer.get(at(Entry, "change", entry.pk), headers={"Accept-Language": language}).content.decode()
        shown, hashed = page.split("field-canonical")
        assert [each for each in said if each not in shown] == []
        assert ("commitments_" in shown, "commitments_" in hashed) == (False, True)
        assert "historylink" not in shown  # an entry has none


def test_a_review_that_something_else_must_go_before_leads_there(reviewer, made):
    with act(actor="author", reason="draft"):
        leaflet = builders.document("leaflet", text=builders.TEXT + "!")
        models.Citation.objects.create(quote=builders.quote(leaflet), commitment=made["commitment"], part="chapeau")
    page = reviewer.get(f"{at(models.Commitment, 'review')}?ref={COMMITMENT}").content.decode()
    told = page.partition('<p class="errornote">')[2].partition("</p>")[0]
    assert told.startswith("document leaflet is named but not published; publish it first.<br>")
    assert f'<a href="{at(models.Document, "change", "leaflet")}">' in told


def test_a_review_leads_to_what_its_first_refusal_names_alone(log_in, made, monkeypatch):
    with act(actor="pen-both", reason="rename"):
        models.Commitment.objects.update(title={"en": "North guards convoys"})
    preview = actions.preview

    def colleague_cites_meanwhile(*args, **told):
        try:
            return preview(*args, **told)
        finally:
            if not told["emergency"]:
                with act(actor="author", reason="cite"):
                    leaflet = builders.document("leaflet", text=builders.TEXT + "!")
                    quote = builders.quote(leaflet)
                    models.Citation.objects.create(quote=quote, commitment=made["commitment"], part="chapeau")

    monkeypatch.setattr(actions, "preview", colleague_cites_meanwhile)
    page = log_in("both", "reviewer", "emergency publisher").get(f"{at(models.Commitment, 'review')}?ref={COMMITMENT}")
    told = page.content.decode().partition('<p class="errornote">')[2].partition("</p>")[0]
    assert "nobody approves their own work" in told
    assert "leaflet" not in told


@pytest.mark.parametrize("model", READ_ONLY)
def test_shelf_and_ledger_are_for_reading(log_in, made, model):
    boss = log_in("boss", is_superuser=True)
    first = model.objects.first()
    assert boss.get(at(model, "change", first.pk)).status_code == 200
    addresses = [at(model, "add"), at(model, "change", first.pk), at(model, "delete", first.pk)]
    assert [boss.post(address, {"reason": "try", "post": "yes"}).status_code for address in addresses] == [
        403,
        403,
        403,
    ]


def test_a_curator_who_forges_an_approval_changes_nothing(curator, made):
    with act(actor="somebody", reason="rename"):
        made["north"].name = {"en": "The North"}
        made["north"].save()
    before = size()
    assert send(curator, at(models.Party, "change", "north"), _publish="1").status_code == 403
    ticked = {"action": "publish", "index": "0", "_selected_action": "north", "reason": "try"}
    assert curator.post(at(models.Party), ticked).status_code == 302
    assert size() == before


def test_a_quote_is_moved_by_nobody(reviewer, made):
    before = size()
    answer = send(reviewer, at(models.Quote, "change", made["quote"].ref), _send_back="1", **{"translation-en": "Mine"})
    assert above(answer) == f"{made['quote'].ref} has no state of its own: it goes with what cites it."
    assert reviewer.get(f"{at(models.Quote, 'review')}?ref={made['quote'].ref}").status_code == 404
    assert size() == before


# Every change is an act


def test_a_change_carries_the_curator_the_reason_and_the_door(curator, made):
    send(curator, at(models.Party, "change", "north"), reason="It has an article", **{"name-en": "The North"})
    entry = Entry.objects.latest("seq")
    assert (entry.actor, entry.reason, entry.door, entry.reference) == (
        "pen-curator",
        "It has an article",
        "admin",
        "north",
    )
    assert 'value="It has an article"' in curator.get(at(models.Topic, "add")).content.decode()


@pytest.mark.no_cover
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_form_without_a_reason_is_refused_and_keeps_what_was_typed(curator, made, reason):
    before = size()
    answer = send(curator, at(models.Party, "change", "north"), reason=reason, **{"name-en": "The North"})
    assert errors(answer) == {"reason": ["This field is required."]}
    assert Inputs(answer.content.decode()).sent["name-en"] == "The North"
    assert size() == before


def test_no_other_way_in_does_without_a_reason(log_in, made):
    boss = log_in("boss", is_superuser=True)
    with act(actor="author", reason="draft"):
        builders.topic("water")
    before = size()
    password = reverse("admin:auth_user_password_change", args=[models.User.objects.get().pk])
    forged = {
        at(models.Topic, "delete", "water"): {"post": "yes"},
        at(models.Topic): {"action": "submit", "index": "0", "_selected_action": "water"},
        at(models.User, "add"): NEW_PASSWORD | {"username": "new"},
        at(Group, "add"): {"name": "reviewer"},
        password: NEW_PASSWORD | {"set-password": "1"},
    }
    for address, data in forged.items():
        assert boss.post(address, data).status_code in (200, 302), address
    assert size() == before


@pytest.mark.parametrize(
    ("sign", "name"), [("\x00", "U+0000 CONTROL CHARACTER"), ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE")]
)
def test_a_reason_with_a_hostile_character_is_refused_and_keeps_what_was_typed(curator, made, sign, name):
    before = size()
    answer = send(curator, at(models.Party, "change", "north"), reason=f"why {sign}", **{"name-en": "The North"})
    assert errors(answer) == {
        "reason": [f"Reason for this change: {name} at index 4 (line 1): take this character out"]
    }
    assert Inputs(answer.content.decode()).sent["name-en"] == "The North"
    assert size() == before


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["north", "document", "statement", "commitment", "quote"])
@pytest.mark.sample(0, 1)
def test_a_form_that_changes_nothing_writes_nothing(curator, made, name):
    before = size()
    answer = send(curator, at(type(made[name]), "change", made[name].ref))
    assert answer.status_code == 302, errors(answer)
    assert size() == before
    assert told(answer) == "Nothing was changed: the form said what the record says already."


@pytest.mark.no_cover
def test_logging_in_writes_no_entry_but_a_stronger_hash_does(client, settings):
    user = person("curator", "curator")
    before, login = size(), {"username": "curator", "password": PASSWORD}
    assert client.post(reverse("admin:login"), login).status_code == 302
    assert size() == before
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    client.logout()
    assert client.post(reverse("admin:login"), login).status_code == 302
    user.refresh_from_db()
    assert user.password.startswith("pbkdf2_sha256$")
    assert [entry.actor for entry in Entry.objects.filter(seq__gt=before)] == ["login"]


def test_a_forged_row_of_another_record_changes_nothing(curator, made):
    with act(actor="author", reason="draft"):
        builders.commitment(made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02")
    before = size()
    forged = {"parties-0-ref": "talks-2030-05-04-02.party-1", "parties-0-role": "supporter"}
    answer = send(curator, at(models.Commitment, "change", COMMITMENT), **forged)
    assert "isn't this record's" in answer.context["inline_admin_formsets"][0].formset.non_form_errors()[0]
    assert size() == before


def test_a_save_reads_its_rows_once_and_nothing_that_they_name_again(curator, made):
    address = at(models.Commitment, "change", COMMITMENT)
    sent = Inputs(curator.get(address).content.decode()).sent | {"reason": "a better word", "title-en": "Better words"}
    with CaptureQueriesContext(connection) as queries:
        assert curator.post(address, sent).status_code == 302
    asked = [query["sql"].partition(" FROM ")[2].partition(" ")[0].strip('"') for query in queries]
    parts = (models.CommitmentParty, models.Citation, models.Party, models.Quote)
    assert [asked.count(model._meta.db_table) for model in parts] == [1, 1, 0, 0]


def test_a_row_that_nobody_touched_is_still_held_against_what_python_alone_checks(curator, made):
    with act(actor="somebody", reason="by hand"):
        draft = builders.commitment(made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02")
        builders.deadline(draft, words="in the coming months", edtf="2031-03-01")
    answer = send(curator, at(models.Commitment, "change", draft.ref), **{"title-en": "Better words"})
    told = [row for each in answer.context["inline_admin_formsets"] for row in each.formset.errors if row]
    assert [[*row] for row in told] == [["edtf"]]


# Accounts


def test_an_account_is_made_and_given_a_role_without_any_hash_on_a_page(log_in):
    boss = log_in("boss", is_superuser=True)
    group = person("reviewer", "reviewer").groups.get()
    answer = send(boss, at(models.User, "add"), reason="A new colleague", username="new", **NEW_PASSWORD)
    assert answer.status_code == 302
    user = models.User.objects.get(username="new")
    page = at(models.User, "change", user.pk)
    assert send(boss, page, reason="They review", is_staff="on", groups=group.pk).status_code == 302
    assert user.groups.get() == group
    password = reverse("admin:auth_user_password_change", args=[user.pk])
    other = {"password1": "an0ther-word", "password2": "an0ther-word", "set-password": "1", "reason": "They forgot it"}
    assert boss.post(password, NEW_PASSWORD | other).status_code == 302
    user.refresh_from_db()
    assert user.check_password("an0ther-word")
    for address in (page, at(models.User, "history", user.pk), at(models.User)):
        assert "$" not in re.sub(r"<script.*?</script>", "", boss.get(address).content.decode(), flags=re.S)
    history = boss.get(at(models.User, "history", user.pk)).context["lines"]
    reasons = [line.entry.reason for line in history]
    assert reasons == ["They forgot it", "They review", "They review", "A new colleague"]
    assert boss.get(at(models.User, "delete", user.pk)).status_code == 403


def test_people_change_their_own_password(curator):
    data = {"old_password": PASSWORD, "new_password1": "an0ther-word", "new_password2": "an0ther-word"}
    assert curator.post(reverse("admin:password_change"), data).status_code == 302
    assert models.User.objects.get().check_password("an0ther-word")
    assert Entry.objects.latest("seq").actor == "pen-curator"


# Documents and quotes


def document(**changes):
    return {
        "ref": "paper-2030-06-01",
        "document_kind": "news_report",
        "publisher": "The Paper",
        "headline": "خبر",
        "language": "ar",
        "published_words": "1 June 2030",
        "published_edtf": "2030-06-01",
        "gaps-address-en": "The copy names none.",
    } | changes


def test_a_pasted_text_is_counted_hashed_and_shown_right_to_left(curator):
    assert send(curator, at(models.Document, "add"), **document(text="سطر\r\nسطر ثان")).status_code == 302
    kept = models.DocumentText.objects.get()
    assert (kept.text, kept.length, kept.characters) == ("سطر\nسطر ثان", len("سطر\nسطر ثان".encode()), 11)
    assert kept.document.sha256 == kept.sha256
    page = curator.get(at(models.Document, "change", "paper-2030-06-01")).content.decode()
    assert '<div class="source" dir="rtl" lang="ar">سطر\nسطر ثان</div>' in page
    assert 'name="text"' not in page
    assert 'name="sha256"' not in page
    assert "سطر ثان" not in "".join(Entry.objects.values_list("canonical", flat=True))


def test_a_files_exact_bytes_are_kept(curator):
    content = "سطر\r\nسطر".encode()
    assert (
        send(curator, at(models.Document, "add"), **document(file=SimpleUploadedFile("a.txt", content))).status_code
        == 302
    )
    assert models.DocumentText.objects.get().text.encode() == content


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({}, "sha256", "Give the text, or else type this."),
        ({"text": "سطر", "length": "7"}, "length", "The text gives 6 here."),
        ({"text": "a\u0000b"}, "text", "U+0000 CONTROL CHARACTER at index 1"),
        ({"file": SimpleUploadedFile("a.txt", b"\xff\xfe")}, "file", "a.txt isn't UTF-8: bytes ff fe at offset 0"),
        ({"text": "سطر", "publisher": ""}, "publisher", "Fill it, or say under “unknown, and why”"),
        ({"text": "سطر", "gaps-publisher-en": "Why?"}, "publisher", "Fill it, or say under “unknown, and why”"),
        ({"text": "سطر", "published_edtf": "2030-13"}, "published_edtf", "13 is no month"),
        ({"text": "سطر", "published_words": "June 2030"}, "published_edtf", "don't say"),
        ({"text": "سطر", "ref": "Paper 1"}, "ref", "use lower-case letters"),
    ],
)
@pytest.mark.sample(0, 6)
def test_a_wrong_document_is_told_at_its_field(curator, changes, field, message):
    before = size()
    found = errors(send(curator, at(models.Document, "add"), **document(**changes)))
    assert message in " ".join(found[field])
    assert size() == before


def test_a_text_is_attached_later_only_if_it_is_the_one(curator, made):
    page = at(models.Document, "change", "gazette-2030-05-04")
    assert "sha256" in errors(send(curator, page, text="something else"))
    assert send(curator, page, text=builders.TEXT).status_code == 302
    assert made["document"].attached.text == builders.TEXT
    assert models.Document.objects.get().state == "published"


def quote(**changes):
    return {"document": "gazette-2030-05-04", "exact": "الجنوب ستفتح الحدود", "voice": "statement_reported"} | changes


@pytest.fixture
def attached(made):
    with act(actor="author", reason="attach"):
        actions.attach(made["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    return made


def test_a_quotes_place_and_surroundings_follow_from_the_text(curator, attached):
    assert send(curator, at(models.Quote, "add"), **quote()).status_code == 302
    found = models.Quote.objects.checked().latest("ref")
    start = builders.TEXT.index("الجنوب ستفتح الحدود")
    assert (found.ref, found.start, found.end, found.suffix, found.language, found.level) == (
        "gazette-2030-05-04.quote-2", start, start + 19, ".", "ar", "exact",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"exact": "الشمال"}, "start", "begin at 6, 38:"),
        ({"start": "3"}, "start", "begin at 88:"),
        ({"exact": "الجنوب ستغلق الحدود"}, "exact", "doesn't hold these words"),
        ({"exact": "الجنوب ستغلق الحدود", "start": "88"}, "exact", "At 95 it has “ستفتح”, not “ستغلق”."),
        ({"exact": "الجنوب ستفتح الحدود جدا"}, "exact", "At 107 it lacks “جدا”."),
        ({"exact": "اعلنت الشمال والجنوب في بيان مشترك ان الشمال ملتزمه بحمايه القوافل حتي"}, "exact", "“ى”, not “ي”."),
        ({"exact": "اعلنت اَلشمال والجنوبِ في بيانٍ مشتركٍ ان الشمال ملتزمه"}, "exact", " more differences."),
        ({"voice": "speaker_quoted"}, "speaker", "Say who speaks."),
    ],
)
@pytest.mark.sample(0, 1, 2)
def test_a_wrong_quote_is_told_at_its_field(curator, attached, changes, field, message):
    found = errors(send(curator, at(models.Quote, "add"), **quote(**changes)))
    assert list(found) == [field]
    assert message in " ".join(found[field])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Iraq and Jordan sign", ["At 9 it has “Egypt”, not “Jordan”."]),
        ("Iraq and egypt now sign", ["At 9 it has “Egypt”, not “egypt”.", "At 14 it lacks “now”."]),
        ("Iraq and Egypt it sign today", ["“it” stands at 20, elsewhere than in these words."]),
        ("Iraq and Egypt now sign", ["At 14 it lacks “now”."]),
        ("Iraq and sign", ["At 9 it also has “Egypt”."]),
    ],
)  # fmt: skip
def test_each_way_in_which_words_differ_has_a_sentence(words, told):
    assert forms.otherwise(quotes.find("Iraq and Egypt sign it today", words)) == told


def test_without_the_text_a_quote_needs_its_start_and_stays_unchecked(curator, made):
    assert list(errors(send(curator, at(models.Quote, "add"), **quote()))) == ["start"]
    assert send(curator, at(models.Quote, "add"), **quote(start="88")).status_code == 302
    assert models.Quote.objects.checked().latest("ref").level == "unchecked"


@pytest.mark.no_cover
def test_only_a_reviewer_lets_a_quote_pass_that_is_not_exact(client, attached):
    page = at(models.Quote, "add")
    for name, kept in (("curator", ""), ("reviewer", "The scan is poor.")):
        client.force_login(person(name, name))
        send(client, page, **quote(waiver="The scan is poor."))
        assert models.Quote.objects.latest("ref").waiver == kept


# Characters that no record may hold

HOSTILE = {
    "\0": "U+0000 CONTROL CHARACTER",
    "\x1b": "U+001B CONTROL CHARACTER",
    "\ufdd0": "U+FDD0 NONCHARACTER",
    "\u202e": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "\u2067": "U+2067 RIGHT-TO-LEFT ISOLATE",
}
WRITTEN = [  # page, its arguments, the input
    (models.Party, "north", "name-en"),
    (models.Party, "north", "note"),
    (models.Party, "north", "aliases-0-name"),
    (models.Document, "gazette-2030-05-04", "headline"),
    (models.Document, "gazette-2030-05-04", "publisher"),
    (models.Statement, "talks-2030-05-04", "title-ar"),
    (models.Statement, "talks-2030-05-04", "issued_words"),
    (models.Commitment, COMMITMENT, "title-en"),
    (models.Quote, "gazette-2030-05-04.quote-1", "translation-en"),
]


def every_error(answer):
    """All messages of a page that came back, of its form and of the parts beside it."""
    formsets = answer.context["inline_admin_formsets"]
    found = [answer.context["adminform"].form.errors, *(each for part in formsets for each in part.formset.errors)]
    return " ".join(told for errors in found for messages in errors.values() for told in messages)


@pytest.mark.no_cover
@pytest.mark.parametrize(("model", "ref", "field"), WRITTEN, ids=[f"{row[0].__name__} {row[2]}" for row in WRITTEN])
@pytest.mark.sample(0)
def test_a_refused_character_is_told_with_its_place(curator, attached, model, ref, field):
    before, page = size(), at(model, "change", ref)
    whole = {"aliases-TOTAL_FORMS": "1", "aliases-0-party": ref, "aliases-0-language": "en"} if "alias" in field else {}
    for hostile, called in list(HOSTILE.items())[: len(HOSTILE) if field == "name-en" else 1]:
        answer = send(curator, page, **whole, **{field: f"one{hostile}two"})
        assert f": {called} at index 3 (line 1): take this character out" in every_error(answer), (hostile, called)
    assert size() == before


@pytest.mark.no_cover
def test_a_refused_character_in_a_quote_is_told_with_its_place(curator, attached):
    page = at(models.Quote, "change", "gazette-2030-05-04.quote-1")
    for hostile, called in list(HOSTILE.items())[:3]:
        found = errors(send(curator, page, exact=f"one{hostile}two"))
        assert found["exact"] == [f"Exact words: {called} at index 3 (line 1): take this character out"]
    exact = "الشمال ملتزمة بحماية القوافل".replace(" ", " \u202e", 1)
    assert errors(send(curator, page, exact=exact))["exact"][1:] == ["At 44 it has “ ”, not “ \\u202e”."]


@pytest.mark.parametrize(
    "address",
    [
        "party/?state=%00", "party/a%00b/change/", "entry/?table=%00", "quote/add/?document=%00",
        "../autocomplete/?app_label=commitments&model_name=partymember&field_name=member&term=a%00",
    ],
)  # fmt: skip
@pytest.mark.sample(0, 1)
def test_an_address_with_a_nul_finds_nothing_and_breaks_nothing(log_in, address):
    answer = log_in("boss", is_superuser=True).get(
        urllib.parse.urljoin(f"{reverse('admin:index')}commitments/", address)
    )
    assert answer.status_code in (200, 400)


def test_a_choice_with_a_nul_is_refused(curator, attached):
    before = size()
    answer = send(curator, at(models.Quote, "add"), **quote(document="a\0b"))
    assert (answer.status_code, list(errors(answer))) == (200, ["document"])
    assert size() == before


@pytest.mark.no_cover
def test_a_pasted_text_may_hold_overrides_and_nothing_else_that_is_refused(curator, made):
    for hostile, called in list(HOSTILE.items())[:3]:
        found = errors(send(curator, at(models.Document, "add"), **document(text=f"one{hostile}two")))
        assert found["text"] == [f"Text: paste it: {called} at index 3 (line 1): take this character out"]
    assert send(curator, at(models.Document, "add"), **document(text="one\u202etwo")).status_code == 302
    assert models.DocumentText.objects.get().text == "one\u202etwo"


@pytest.fixture
def overridden(made):
    """A document with an override in it, and a quote of it, as they stand."""
    text = "The council \u202emeets\u202c twice."
    with act(actor="author", reason="record"):
        leaflet = builders.document("leaflet", text)
        actions.attach(leaflet, text.encode(), by="author", reason="attach", now=builders.NOW)
        return builders.quote(leaflet, "council \u202emeets\u202c", text)


def test_a_quote_keeps_the_overrides_that_its_document_has(curator, overridden):
    page = at(models.Quote, "change", overridden.ref)
    assert send(curator, page, **{"translation-en": "It meets"}).status_code == 302
    kept = models.Quote.objects.checked().get(ref=overridden.ref)
    assert (kept.exact, kept.level, kept.translation) == (overridden.exact, "exact", {"en": "It meets"})


def test_what_a_quote_says_of_itself_may_hold_no_override(overridden):
    overridden.waiver = "\u202eThe scan is poor."
    with pytest.raises(ValidationError, match=r"waiver: U\+202E RIGHT-TO-LEFT OVERRIDE at index 0"):
        overridden.full_clean()


def test_a_quote_whose_document_is_not_given_may_hold_no_override(curator, overridden):
    answer = send(curator, at(models.Quote, "add"), exact="a \u202eb", voice="narrative", language="en", start="0")
    assert list(errors(answer)) == ["document", "exact"]
    assert "U+202E RIGHT-TO-LEFT OVERRIDE at index 2" in errors(answer)["exact"][0]


def test_a_quote_without_its_text_keeps_overrides_that_the_last_check_proved(curator, overridden):
    builders.by_hand("DELETE FROM commitments_documenttext")
    overridden.full_clean()
    with act(actor="author", reason="another place"):
        models.Quote.objects.filter(ref=overridden.ref).update(start=0, end=len(overridden.exact))
    with pytest.raises(ValidationError, match=r"exact: U\+202E RIGHT-TO-LEFT OVERRIDE at index 8"):
        models.Quote.objects.get(ref=overridden.ref).full_clean()


def test_no_page_of_the_desk_shows_an_override_but_as_its_escape(log_in, overridden):
    boss = log_in("boss", is_superuser=True)
    pages = [
        at(models.Quote), at(models.Quote, "history", overridden.ref), at(models.Quote, "change", overridden.ref),
        at(models.Document, "change", "leaflet"), at(Entry, "change", Entry.objects.get(reference=overridden.ref).seq),
    ]  # fmt: skip
    for page in [*pages, at(models.Quote, "delete", overridden.ref), reverse("admin:index")]:
        shown = re.sub(r"<textarea.*?</textarea>", "", boss.get(page).content.decode(), flags=re.DOTALL)
        assert "\u202e" not in shown, page
        assert "\\u202e" in shown or page not in pages, page


def test_the_pages_beside_a_text_show_an_override_as_its_escape_and_keep_its_place(log_in, overridden, made):
    other = "The council \u202emeets\u202c twice a year."
    with act(actor="author", reason="a second copy"):
        second = builders.document("second", other)
        actions.attach(second, other.encode(), by="author", reason="attach", now=builders.NOW)
        for quote in (overridden, builders.quote(second, other, other)):
            models.Citation.objects.create(quote=quote, commitment=made["commitment"], part="condition")
    boss = log_in("boss", is_superuser=True)
    read = reverse("admin:commitments_document_read", args=["leaflet"])
    mark = reverse("admin:commitments_document_mark", args=["leaflet"]) + "?start=4&end=19&do=commitment"
    for page in (at(models.Commitment, "change", COMMITMENT), read, mark, f"{read}?words=%E2%80%AEzzz"):
        shown = re.sub(r"<textarea.*?</textarea>", "", boss.get(page).content.decode(), flags=re.DOTALL)
        signs = re.findall(r'<bdi class="sign" title="(.*?)">(.)</bdi>', shown)
        assert all(title == ascii(sign)[1:-1] for title, sign in signs)
        assert "\u202e" not in re.sub(r'<bdi class="sign" title=".*?">.</bdi>', "", shown), page
        assert "\\u202e" in shown, page
    assert (
        '<mark class="quote">council <bdi class="sign" title="\\u202e">\u202e</bdi>meets'
        in boss.get(mark).content.decode()
    )
    assert 'value="council meets"' in boss.get(mark).content.decode()


def test_a_quotes_page_shows_its_last_check_and_what_differs(log_in, made, attached):
    reviewer, document = log_in("checker", "reviewer"), models.Document.objects.get(pk="gazette-2030-05-04")
    add = at(models.Quote, "add")
    data = quote(document=document.pk, exact="الشمال ملتزمه بحماية السفن", waiver="The scan is poor.", start="")
    found = errors(send(reviewer, add, **data))
    begins = builders.TEXT.index("الشمال ملتزمة")
    assert found["start"] == [f"Type where the words should stand; the nearest passage begins at {begins}."]
    found = errors(send(reviewer, add, **data | {"exact": "nothing of the kind"}))
    assert found["start"] == ["Type where the words should stand."]
    assert send(reviewer, add, **data | {"start": "3"}).status_code == 302
    kept = models.Quote.objects.latest("ref")
    body = reviewer.get(at(models.Quote, "change", kept.ref)).content.decode()
    level = display.code("level", "partial")
    checked = r'<bdi dir="ltr">[-0-9]+ [:0-9]+ UTC</bdi>'
    assert re.search(rf"<div>{re.escape(level)} on {checked}, against SHA-256 {document.sha256}</div>", body)
    assert f"<div>The passage is characters {begins} to " in body
    assert "<div>At 45 it has “ملتزمة”, not “ملتزمه”.</div>" in body
    assert "<div>At 58 it lacks “السفن”.</div>" in body


# Commitments and what belongs to them


def test_language_maps_are_typed_by_language_and_others_stay(curator, made):
    with act(actor="author", reason="add French"):
        made["north"].name = {"en": "North", "ar": "الشمال", "fr": "Nord"}
        made["north"].save()
    page = at(models.Party, "change", "north")
    body = curator.get(page).content.decode()
    assert '<input type="text" name="name-ar" id="id_name-ar" value="الشمال" dir="rtl" lang="ar"' in body
    assert "{&quot;en" not in body
    send(curator, page, **{"name-en": " The North ", "name-ar": ""})
    made["north"].refresh_from_db()
    assert made["north"].name == {"en": "The North", "fr": "Nord"}


@pytest.mark.no_cover
def test_codes_are_chosen_by_label_with_their_definitions(curator, made):
    body = curator.get(at(models.Commitment, "change", COMMITMENT)).content.decode()
    entry = codebook.codes("strength")["commits"]
    assert f'<p class="definition" aria-live="polite">{entry["definition"]["en"]}</p>' in body
    assert "<dt>Intends</dt>" in body


@pytest.mark.prove
def test_a_new_deadline_is_set_by_the_commitments_own_statement(curator, made):
    assert send(curator, at(models.Commitment, "change", COMMITMENT), **DEADLINE).status_code == 302
    kept = models.Deadline.objects.latest("ref")
    assert (kept.ref, kept.statement_id, kept.state) == (f"{COMMITMENT}.deadline-2", "talks-2030-05-04", "draft")


def test_an_assessment_names_its_assessor_and_codebook_by_itself(curator, made):
    data = JUDGEMENT | {"citations-0-stance": "supports"}
    answer = send(curator, at(models.Assessment, "add"), assessor="forged", **data)
    assert answer.status_code == 302, errors(answer)
    kept = models.Assessment.objects.get()
    assert (kept.assessor, kept.codebook_version) == ("pen-curator", codebook.read()["version"])
    assert kept.citations.get().stance == "supports"


@pytest.mark.no_cover
def test_evidence_without_a_stance_is_told_at_its_row(curator, made):
    answer = send(curator, at(models.Assessment, "add"), **JUDGEMENT)
    rows = answer.context["inline_admin_formsets"][0].formset
    assert rows.errors[0] == {"stance": ["Evidence, and evidence alone, has a stance."]}


@pytest.mark.no_cover
def test_an_assessment_of_nothing_is_told_at_its_field(curator, made):
    found = errors(send(curator, at(models.Assessment, "add"), obligor="north", status="stalled"))
    assert found["commitment"] == ["This field is required."]


def test_every_rule_of_the_desks_tables_is_told_at_some_field():
    shown = (*models.MUTABILITY["mutable"], *models.MUTABILITY["append-only once public"])
    rules = {constraint.name for model in shown for constraint in model._meta.constraints}
    assert rules == set(acts.FIELDS)


def cells(answer):
    """{reference: its row's cells as plain text, by column} of a list."""
    rows = re.findall(r"<tr>(.*?)</tr>", answer.content.decode().partition("<tbody>")[2], flags=re.S)
    plain = [
        {name: re.sub("<[^>]+>", "", cell) for name, cell in re.findall(r'class="field-(\w+).*?">(.*?)</t[dh]>', row)}
        for row in rows
    ]
    return {row.pop("ref"): row for row in plain}


@pytest.fixture
def next_day():
    """The day is one after all that `made` holds; asked for before anybody logs in."""
    with time_machine.travel(builders.NOW, tick=False):
        yield


@pytest.fixture
def judged(made):
    """The published commitment, stalled since 2024, beside a draft; {reference of the assessment}."""
    with act(actor="author", reason="judge"):
        assessment = builders.assessment(
            made["commitment"], "stalled", evidence=[made["quote"]], effective="2024-07", obligor=made["north"]
        )
        whole = builders.assessment(made["commitment"], "in_progress", evidence=[made["quote"]], effective="2024-07")
        builders.commitment(made["statement"], [made["south"]], [made["quote"]], ref="talks-2030-05-04-02")
    actions.publish([whole], by="approver", reason="checked")
    return assessment, whole


def test_the_list_of_commitments_tells_who_owes_what_by_when_and_how_it_stands(next_day, curator, judged):
    found = cells(curator.get(at(models.Commitment)))
    shown = {ref: (row["obligors"], row["status"], row["due"]) for ref, row in found.items()}
    assert shown == {
        COMMITMENT: ("North", "In progress", "2031-03-01"),
        "talks-2030-05-04-02": ("–", "–", "–"),
    }


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status=in_progress", {COMMITMENT}),
        ("status=stalled", set()),
        ("topic=security", {COMMITMENT}),
        ("q=talks-2030-05-04", {COMMITMENT, "talks-2030-05-04-02"}),
    ],
)
def test_commitments_are_found_by_status_topic_and_statement(next_day, curator, judged, asked, found):
    assert set(cells(curator.get(f"{at(models.Commitment)}?{asked}"))) == found


def test_a_commitments_page_lists_its_assessments_and_leads_to_another(curator, judged):
    body = curator.get(at(models.Commitment, "change", COMMITMENT)).content.decode()
    lines = [re.sub("<[^>]+>|[\u2068\u2069]", "", line) for line in re.findall("<li>(.*? · <bdi>.*?)</li>", body)]
    own, whole = judged
    assert lines == [
        f"Stalled · {own.ref} · North · 2024-07 · Draft",
        f"In progress · {whole.ref} · the whole · 2024-07 · Published · Correct",
    ]
    assert f'href="{at(models.Assessment, "change", own.ref)}"' in body
    (address,) = re.findall(r'<a href="([^"]+)">Assess</a>', body)
    assert "Counts as fulfilled if" in curator.get(address).content.decode()


def test_a_retracted_commitment_and_a_retracted_document_still_open(curator, attached):
    actions.retract(attached["commitment"], by="approver", reason="A double")
    pages = [at(models.Commitment, "change", COMMITMENT), at(models.Commitment, "add")]
    with act(actor="author", reason="a copy"):
        copy = builders.document("copy-2030-05-04", text="بيان")
    actions.publish([copy], by="approver", reason="checked")
    with act(actor="author", reason="attach"):
        actions.attach(copy, "بيان".encode(), by="author", reason="attach", now=builders.NOW)
    actions.retract(copy, by="approver", reason="A double")
    assert [curator.get(page).status_code for page in [*pages, at(models.Document, "change", copy.ref)]] == [200] * 3
    assert cells(curator.get(at(models.Commitment)))[COMMITMENT]["status"] == "–"


# States


@pytest.mark.no_cover
def test_a_reviewer_who_changed_a_record_can_not_approve_it(reviewer, made):
    page = at(models.Party, "change", "north")
    assert send(reviewer, page, **{"name-en": "The North"}).status_code == 302
    before = size()
    review = f"{at(models.Party, 'review')}?ref=north"
    refused = reviewer.get(review).context["refused"]
    assert "pen-reviewer changed it since the last approval, and nobody approves their own work" in refused
    assert above(send(reviewer, page, _publish="1")) == "Review it first: nothing becomes public that wasn't shown."
    assert size() == before


@pytest.mark.no_cover
def test_a_commitment_takes_its_deadlines_along(client, made):
    curator, reviewer = person("curator", "curator"), person("reviewer", "reviewer")
    client.force_login(curator)
    row = DEADLINE | {"title-en": "North protects all convoys"}
    assert send(client, at(models.Commitment, "change", COMMITMENT), **row).status_code == 302
    deadline = models.Deadline.objects.latest("ref")
    assert send(client, at(models.Deadline, "change", deadline.ref), _submit="1").status_code == 302
    client.force_login(reviewer)
    ticked = {"action": "publish", "index": "0", "_selected_action": COMMITMENT, "select_across": "1"}
    answer = send(client, at(models.Commitment), "checked", **ticked)
    assert client.get(answer["Location"]).context["reason"] == "checked"
    answer = send(client, answer["Location"], "checked", _publish="1")
    assert told(answer) == f"Approved and published: {COMMITMENT}"
    deadline.refresh_from_db()
    assert deadline.state == "published"
    public = models.Publication.objects.known_at(None).of("commitment").get()
    assert public.body_json["title"]["en"] == "North protects all convoys"


def test_sending_back_and_retracting_are_told_in_the_history(reviewer):
    with act(actor="somebody", reason="rename"):
        process = models.Process.objects.create(ref="harbour", name={"en": "Harbour talks"})
        actions.publish([process], by="approver", reason="checked")
        process.name = {"en": "The harbour talks"}
        process.save()
    page = at(models.Process, "change", "harbour")
    assert told(send(reviewer, page, reason="No article, please", _send_back="1")) == "Sent back: harbour"
    assert [move.name for move in reviewer.get(page).context["moves"]] == ["submit"]
    assert send(reviewer, page, _submit="1").status_code == 302
    assert [move.name for move in reviewer.get(page).context["moves"]] == ["send_back", "retract"]
    assert reviewer.get(page).context["reviewed"]
    assert told(send(reviewer, page, reason="There are no such talks", _retract="1")) == "Retracted: harbour"
    lines = reviewer.get(at(models.Process, "history", "harbour")).context["lines"]
    assert [(line.entry.reason, line.done) for line in lines[:2]] == [
        ("There are no such talks", "changed"),
        ("There are no such talks", "version 2: the mark that it was retracted"),
    ]
    assert [move.name for move in reviewer.get(page).context["moves"]] == []
    assert send(reviewer, page, **{"name-en": "Back again"}).status_code == 302
    process.refresh_from_db()
    assert (process.state, process.name) == ("retracted", {"en": "The harbour talks"})


def test_what_was_public_and_is_append_only_takes_a_note_and_nothing_else(curator, made):
    page = at(models.Deadline, "change", f"{COMMITMENT}.deadline-1")
    assert send(curator, page, note="Ask again in May", words="until whenever").status_code == 302
    made["deadline"].refresh_from_db()
    assert (made["deadline"].note, made["deadline"].words, made["deadline"].state) == (
        "Ask again in May",
        "حتى 1 آذار 2031",
        "published",
    )
    row = {"deadlines-0-sense": "in_effect"}
    answer = send(curator, at(models.Commitment, "change", COMMITMENT), **row)
    assert "was public and is append-only" in above(answer)


@pytest.mark.no_cover
def test_the_history_shows_each_field_before_and_after(curator, made):
    page = at(models.Commitment, "change", COMMITMENT)
    send(curator, page, reason="All of them", **{"title-en": "North protects all convoys"})
    lines = curator.get(at(models.Commitment, "history", COMMITMENT)).context["lines"]
    entry, changes = lines[0].entry, lines[0].changes
    assert (entry.actor, entry.reason, entry.door, lines[0].done) == ("pen-curator", "All of them", "admin", "changed")
    shown = {str(change.field): re.sub("<[^>]+>", "", f"{change.before} → {change.after}") for change in changes}
    assert shown == {
        "state": "Published → In review",
        "title": "en North protects convoysar الشمال تحمي القوافل → "
        "en North protects all convoysar الشمال تحمي القوافل",
    }
    tables = ("citation", "commitment", "commitmentparty", "commitmenttopic", "deadline", "publication")
    assert sorted({line.entry.table for line in lines}) == [f"commitments_{table}" for table in tables]


def test_a_draft_is_discarded_with_its_parts_and_what_was_public_never(curator, made):
    with act(actor="author", reason="draft"):
        builders.commitment(made["statement"], [made["north"]], [made["quote"]], ref="talks-2030-05-04-02")
    page = at(models.Commitment, "delete", "talks-2030-05-04-02")
    assert "talks-2030-05-04-02.party-1" in curator.get(page).content.decode()
    assert send(curator, page, "Not an undertaking", post="yes").status_code == 302
    assert {entry.reason for entry in Entry.objects.of("talks-2030-05-04-02").filter(seq__gt=size() - 3)} == {
        "Not an undertaking"
    }
    assert not models.Commitment.objects.filter(pk="talks-2030-05-04-02").exists()
    assert (
        curator.post(at(models.Commitment, "delete", COMMITMENT), {"post": "yes", "reason": "try"}).status_code == 403
    )
    again = {"ref": "talks-2030-05-04-02", "statement": "talks-2030-05-04", "title-en": "Again", "strength": "commits",
             "fulfilled_if-en": "Yes", "not_fulfilled_if-en": "No"}  # fmt: skip
    answer = send(curator, at(models.Commitment, "add"), **again)
    assert "was used before and is never given again" in above(answer)


def test_a_draft_that_others_name_is_kept(curator):
    with act(actor="author", reason="draft"):
        statement = builders.statement("talks-2030-06-01", issuers=[builders.party("east")])
    answer = curator.get(at(models.Party, "delete", "east"))
    assert f"{statement.ref}.issuer-1" in answer.content.decode()
    assert models.Party.objects.filter(pk="east").exists()


# Bounded pages


@pytest.fixture
def many(made):
    """A few dozen commitments, one of them with a dozen of each part."""
    with act(actor="author", reason="many"):
        parties = [builders.party(f"party-{n}") for n in range(12)]
        quotes = [builders.quote(made["document"], exact=builders.TEXT[n : n + 6]) for n in range(12)]
        big = builders.commitment(made["statement"], parties, quotes, ref="big")
        for n in range(12):
            builders.deadline(big, words=f"by 1 March 2031, {n}")
        others = [
            builders.commitment(made["statement"], [made["north"]], [made["quote"]], ref=f"other-{n}")
            for n in range(40)
        ]
        for other in others[:12]:
            models.Relation.objects.create(commitment=big, relation_kind="related", scope="same", target=other)
        assessment = builders.assessment(big, evidence=quotes, searched=[made["document"]])
    return {models.Commitment: "big", models.Statement: "talks-2030-05-04", models.Assessment: assessment.ref}


@pytest.mark.prove
def test_pages_ask_a_bounded_number_of_queries(log_in, many):
    boss = log_in("boss", is_superuser=True)
    boss.get(reverse("admin:index"))
    asked = {}
    for model in admin.site._registry:
        first = many.get(model) or model.objects.values_list("pk", flat=True).first()
        pages = {at(model): 12, f"{at(model)}?q=north": 12}
        if first:
            pages |= {at(model, "change", first): 20, at(model, "history", first): 12}
        if model not in (*READ_ONLY, Release):  # those are for auditors to make
            pages |= {at(model, "add"): 20}
        for page, most in pages.items():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert boss.get(page).status_code == 200, page
            if len(queries) > most:
                asked[page] = len(queries)
            whole = [query["sql"] for query in queries if "COUNT(*)" in query["sql"] and "LIMIT" not in query["sql"]]
            assert whole == [], page
    assert asked == {}


@pytest.mark.prove
def test_no_select_box_lists_the_rows_of_a_table(curator, many):
    body = curator.get(at(models.Commitment, "change", "big")).content.decode()
    assert body.count('<option value="party-3"') == 1
    assert '<option value="other-20"' not in body


def test_records_are_found_by_a_part_of_their_arabic_or_english_name(curator, made):
    address = reverse("admin:autocomplete")
    where = {"app_label": "commitments", "model_name": "commitmentparty", "field_name": "party"}
    for term in ("orth", "شمال", "nor"):
        found = curator.get(address, where | {"term": term}).json()
        assert found == {
            "results": [{"id": "north", "text": "\u2068North\u2069 · north"}],
            "pagination": {"more": False},
        }


def test_a_long_list_is_counted_no_further_than_its_limit(curator, many, monkeypatch):
    monkeypatch.setattr(base.BoundedPaginator, "LIMIT", 3)
    answer = curator.get(at(models.Commitment))
    assert "The first 3 commitments: search or filter to see others" in answer.content.decode()
    assert shelf.PublicationPage.paginator is base.BoundedPaginator


def test_an_arabic_session_is_right_to_left_with_arabic_labels_of_codes(curator, made):
    curator.post(reverse("set_language"), {"language": "ar", "next": "/admin/"})
    body = curator.get(at(models.Commitment)).content.decode()
    assert '<html lang="ar" dir="rtl">' in body
    assert codebook.label("strength", "commits", "ar") in body
    assert '<bdi dir="rtl" lang="ar">الشمال تحمي القوافل</bdi>' in body


def test_an_arabic_session_is_told_in_arabic_what_is_refused(log_in, made):
    both = log_in("both", "curator", "reviewer")
    both.post(reverse("set_language"), {"language": "ar", "next": "/admin/"})
    page = at(models.Statement, "change", "talks-2030-05-04")
    assert errors(send(both, page, issued_edtf="2030-02-30")) == {
        "issued_edtf": [
            "صيغة EDTF \u2068'2030-02-30'\u2069: أيام \u20682030-02\u2069 من 01 إلى \u206828\u2069؛ صحّح اليوم أو احذفه"
        ]
    }
    assert errors(send(both, page, issued_edtf="2030-05-04", issued_words="May 2030"))["issued_edtf"] == [
        "الألفاظ «\u2068May 2030\u2069» لا تدل على ما في \u20682030-05-04\u2069 من تحديد (اليوم): اكتب \u20682030-05\u2069."
    ]
    answer = send(both, page, **{"title-en": "Other talks"})
    assert answer.status_code == 302
    review = both.get(at(models.Statement, "review") + "?ref=talks-2030-05-04").content.decode()
    assert "غيّره \u2068pen-both\u2069 بعد آخر اعتماد، ولا أحد يعتمد عمل نفسه" in review
    assert '<p class="errornote">قواعد السجل ترفض هذا: لا يمكن النشر (بيان \u2068talks-2030-05-04\u2069)' in review


def test_pages_that_are_not_there_or_not_allowed_keep_the_readers_language(log_in, made):
    keeper = log_in("keeper", "administrator")
    keeper.post(reverse("set_language"), {"language": "ar", "next": "/admin/"})
    assert "محرِّر" in keeper.get(at(Group)).content.decode()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = keeper.cookies
    for answer, status, called in (
        (keeper.get(at(models.Commitment)), 403, "غير مسموح"),
        (keeper.get("/admin/commitments/nothing/at/all/"), 404, "تعذر العثور على الصفحة"),
        (keeper.get("/admin/?q=%00"), 400, "تعذرت قراءة هذا الطلب"),
        (strict.post("/admin/logout/"), 403, "لم يُحفظ شيء"),
    ):
        page = answer.content.decode()
        assert (answer.status_code, re.findall("<h1>(.*?)</h1>", page)) == (status, [called])
        assert '<html lang="ar" dir="rtl">' in page
        assert '<div id="site-name"><a href="/admin/">سجل متابعة التعهدات</a></div>' in page


def test_references_and_dates_run_from_left_to_right_in_arabic_too(curator, judged):
    curator.post(reverse("set_language"), {"language": "ar", "next": "/admin/"})
    for model in (models.Deadline, models.Statement, models.Document, models.Assessment):
        page = curator.get(at(model)).content.decode()
        assert re.search(r'<td class="field-\w*edtf_brief"><bdi dir="ltr">20\d\d-', page), model
    page = curator.get(at(models.Document, "add")).content.decode()
    turned = [
        tag
        for tag in re.findall(r'<input type="(?:text|url)"[^>]*>', page)
        if re.search('name="(ref|address|language|published_edtf|sha256)"', tag) and 'dir="ltr"' not in tag
    ]
    assert turned == []
    assert re.search('<input type="text" name="reason"[^>]* dir="auto"', page)


def test_a_review_calls_codes_by_their_labels():
    with translation.override("ar"):
        told = {
            "reason": "press_report",
            "dir": "rtl",
            "kind": "reaffirms",
            "sense": "due",
            "scope": "same",
            "status": "stalled",
        }
        shown = {name: re.sub("<[^>]+>", "", str(review._value(code, name))) for name, code in told.items()}
        assert [name for name, label in shown.items() if re.search("[a-z]", label)] == []
        assert (shown["dir"], shown["reason"]) == (
            "من اليمين إلى اليسار",
            codebook.label("reason_code", "press_report", "ar"),
        )


def test_the_history_of_an_account_speaks_the_readers_language(log_in, made):
    boss = log_in("boss", "administrator", is_superuser=True)
    builders.factor(made := person("nadia", "curator"))
    boss.post(reverse("set_language"), {"language": "ar", "next": "/admin/"})
    shown = re.sub(
        "<[^>]+>", "\n", boss.get(at(models.User, "history", made.pk)).content.decode().partition("<tbody>")[2]
    )
    plain = {line.strip() for line in shown.splitlines()}
    assert {"محرِّر", "نعم", "لا", "مؤكَّد", "وقت الإنشاء"} <= plain
    assert not {"True", "False", "Confirmed", "Step", "Created at"} & plain
    page = boss.get(at(models.User, "change", made.pk)).content.decode()
    assert re.search('<option value="[0-9]+" selected>محرِّر</option>', page)
    page = boss.get(f"/admin/commitments/user/{made.pk}/password/").content.decode()
    assert "إن عُطِّل ضاعت كلمة المرور الحالية." in page
    assert "Whether the user" not in page


# Nobody makes more of themselves


def account(name):
    found = models.User.objects.get(username=name)
    return found.is_superuser, found.is_staff, found.roles


def test_nobody_changes_their_own_role_nor_makes_another_more_than_they_are(log_in):
    other, boss = person("other"), log_in("boss", "administrator")
    reviewers = str(Group.objects.get(name="reviewer").pk)
    own = models.User.objects.get(username="boss")
    send(boss, at(models.User, "change", own.pk), is_superuser="on", groups=[reviewers], first_name="B")
    send(boss, at(models.User, "change", other.pk), is_superuser="on", groups=[reviewers])
    assert (account("boss"), account("other")) == ((False, True, {"administrator"}), (False, True, {"reviewer"}))
    assert models.User.objects.get(username="boss").first_name == "B"


def test_who_may_do_everything_is_kept_by_their_like(log_in):
    chief, boss = person("chief", is_superuser=True), log_in("boss", "administrator")
    before, change = size(), at(models.User, "change", chief.pk)
    words = {"password1": "quite another word", "password2": "quite another word", "usable_password": "true"}
    for name in ("auth_user_password_change", "commitments_user_factor"):
        assert boss.post(reverse(f"admin:{name}", args=[chief.pk]), {"reason": "try"} | words).status_code == 403
    assert boss.post(change, {"reason": "try", "username": "chief"}).status_code == 403
    assert size() == before
    assert boss.get(change).status_code == 200
    chief = log_in("second", is_superuser=True)
    send(chief, at(models.User, "change", models.User.objects.get(username="boss").pk), is_superuser="on")
    assert account("boss")[0]
