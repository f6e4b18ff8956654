"""Safe to log in: a second factor, lockout, sessions that end, and pages that tell no secret."""

import base64
import datetime
import re

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings as read
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client, RequestFactory
from django.urls import get_resolver

from commitments import factors, models, verification
from commitments.actions import Refused
from commitments.ledger import Entry, act, flush
from tests import builders
from tests.builders import by_hand, code
from tests.test_admin import PASSWORD, person
from tracker import requests

pytestmark = pytest.mark.django_db
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.5"}
PAGE, LOGIN = "/admin/second-factor/", "/admin/login/"
TABLES = [model._meta.db_table for model in (models.Factor, models.RecoveryCodes, models.RecoveryCode)]


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    """A clock that stands, so that a code that is shown is the code of now."""
    with time_machine.travel(datetime.datetime(2030, 6, 1, 12, tzinfo=datetime.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def curator():
    """Somebody who may log in by a password."""
    return person("nadia", "curator")


def log_in(user, password=PASSWORD, client=None, **more):
    """(The browser, the answer) of a log-in."""
    client = client or Client()
    return client, client.post(LOGIN, {"username": user, "password": password, "next": "/admin/"}, **more)


def key_shown(client, **more):
    """The stored key of the factor that a page offers, whose shown form it proves to be the same."""
    page = client.get(PAGE, **more).content.decode()
    shown = re.search(r'<code dir="ltr"[^>]*>([A-Z2-7 ]{39})</code>', page)[1].replace(" ", "")
    key = client.session["factor"]
    assert base64.b32decode(shown) == models.Factor(key=key).bin_key != bytes.fromhex(key)
    assert 'src="data:image/svg+xml' in page
    return key


def enrolled(client, **more):
    """(The stored key, the recovery codes) of a factor enrolled by the page."""
    key = key_shown(client, **more)
    page = client.post(PAGE, {"code": code(key)}, **more).content.decode()
    return key, re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page)


def asked(client, path="/admin/", **more):
    """Whether the desk sends a browser to the second factor first."""
    answer = client.get(path, **more)
    if answer.status_code != 302 or not answer["Location"].startswith(LOGIN):
        return False
    return client.get(answer["Location"], **more)["Location"] == answer["Location"].replace(LOGIN, PAGE)


def told(answer):
    return " ".join(re.findall(r'<ul class="errorlist"[^>]*><li>(.*?)</li>', answer.content.decode()))


def every_address(patterns, prefix="/"):
    """An address for each pattern of the desk, with 1 for whatever it wants to know."""
    for pattern in patterns:
        address = prefix + re.sub(r"<[^>]+>", "1", str(pattern.pattern).replace("(?P<url>.*)$", "anything/"))
        if hasattr(pattern, "url_patterns"):
            yield from every_address(pattern.url_patterns, address)
        else:
            yield address


# Who is asked


@pytest.mark.parametrize("each", [pytest.param(1, id="all", marks=pytest.mark.prove), pytest.param(5, id="some")])
def test_where_others_reach_the_desk_nothing_of_it_opens_before_a_second_factor(client, settings, each):
    desk = [part for part in get_resolver().url_patterns if str(part.pattern) == "admin/"]
    addresses = sorted(
        {*every_address(desk)} - {LOGIN, PAGE, "/admin/logout/"}
    )  # what is for who has shown a password alone
    assert len(addresses) > 80
    client.force_login(person("boss", "administrator", is_superuser=True))
    for address in addresses[::each]:
        settings.BEYOND_LOOPBACK = True
        assert client.get(address)["Location"].startswith(LOGIN), address
        settings.BEYOND_LOOPBACK = False
        assert client.post(address, **ELSEWHERE)["Location"].startswith(LOGIN), address
    assert not asked(client)  # from this machine, to a desk that no other machine reaches
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):  # but through a proxy that nobody told us of
        assert asked(client, headers={header: "203.0.113.5"}), header
    settings.BEYOND_LOOPBACK = True
    assert asked(client)
    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_a_first_log_in_enrols_and_goes_on_to_where_it_wanted(curator, settings):
    settings.BEYOND_LOOPBACK = True
    client, answer = log_in("nadia")
    assert answer["Location"] == "/admin/"
    assert asked(client, "/admin/commitments/party/?q=a")
    page = client.get(f"{PAGE}?next=/admin/commitments/party/%3Fq%3Da").content.decode()
    assert '<input type="hidden" name="next" value="/admin/commitments/party/?q=a">' in page
    assert "Not now" not in page
    key, before = key_shown(client), client.session.session_key
    wrong = client.post(PAGE, {"code": code(key, later=9)})
    assert told(wrong) == "This isn&#x27;t the code of this key. Take the newest one; is the phone&#x27;s clock right?"
    assert told(client.post(PAGE, {"code": "¼²½"})) == told(wrong)
    assert client.session["factor"] == key
    assert factors.of(curator) is None
    done = client.post(PAGE, {"code": code(key), "next": "/admin/commitments/party/?q=a"}).content.decode()
    assert 'href="/admin/commitments/party/?q=a"' in done
    assert len(re.findall(r"<code>[a-z2-9]{5}-[a-z2-9]{5}</code>", done)) == 10
    assert "<form" not in done  # nothing that loads another page in this one's place, such as the other language's
    assert client.session.session_key != before
    assert "factor" not in client.session
    assert not asked(client)
    assert "<code>" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(curator, wanted):
    client, _answer = log_in("nadia")
    key = key_shown(client)
    assert 'class="button" href="/admin/"' in client.post(PAGE, {"code": code(key), "next": wanted}).content.decode()


def test_on_this_machine_a_factor_is_as_one_likes_but_then_asked_for_everywhere(curator):
    client, _answer = log_in("nadia")
    other, _answer = log_in("nadia")
    assert (asked(client), asked(other)) == (False, False)
    assert "Not now" in client.get(PAGE).content.decode()
    enrolled(client)
    assert (asked(client), asked(other)) == (False, True)
    again, _answer = log_in("nadia")
    assert asked(again)


# What a code proves


def test_a_code_is_good_once_and_wrong_ones_cost_time(curator, quick):
    key, _codes = enrolled(log_in("nadia")[0])
    client, _answer = log_in("nadia")
    assert told(client.post(PAGE, {"code": code(key)})) == "This code isn&#x27;t right, or was used before."
    soon = client.post(PAGE, {"code": code(key, later=1)})
    assert told(soon) == "A wrong code came before: wait 1 second, then type a new one."
    quick.shift(30)
    assert told(client.post(PAGE, {"code": "000000"})) == told(client.post(PAGE, {"code": "000000"})).replace(
        "Wrong codes came before: wait 2 seconds, then type a new one.",
        "This code isn&#x27;t right, or was used before.",
    )
    quick.shift(30)
    arabic = code(key).translate({ord("0") + number: ord("٠") + number for number in range(10)})
    before = client.session.session_key
    assert client.post(PAGE, {"code": f"{arabic[:3]} {arabic[3:]}", "next": "/admin/"})["Location"] == "/admin/"
    assert client.session.session_key != before
    assert not asked(client)


def test_a_recovery_code_opens_the_desk_once(curator, quick):
    _key, codes = enrolled(log_in("nadia")[0])
    assert len({*codes}) == 10
    client, _answer = log_in("nadia")
    assert client.post(PAGE, {"code": codes[3].upper()})["Location"] == "/admin/"
    assert "You used a recovery code: 9 are left." in client.get("/admin/").content.decode()
    other, _answer = log_in("nadia")
    assert told(other.post(PAGE, {"code": codes[3]})) == "This code isn&#x27;t right, or was used before."
    quick.shift(60)
    assert other.post(PAGE, {"code": codes[4].replace("-", "")})["Location"] == "/admin/"


def test_a_code_is_its_owners_alone(curator):
    key, codes = enrolled(log_in("nadia")[0])
    other = person("other", "curator")
    builders.factor(other)
    for stolen in (code(key, later=1), codes[0]):
        with pytest.raises(Refused):
            factors.show(other, stolen.replace("-", ""))


def test_another_factor_takes_ones_place_only_with_a_code_of_the_present_one(curator, quick):
    client, _answer = log_in("nadia")
    key, codes = enrolled(client)
    new = key_shown(client)
    assert new != key
    assert told(client.post(PAGE, {"code": code(new), "present": "000000"})) == (
        "This code isn&#x27;t right, or was used before."
    )
    assert factors.of(curator).key == key
    quick.shift(60)
    wrong = client.post(PAGE, {"code": "000000", "present": codes[0]})
    assert "isn&#x27;t the code of this key" in told(wrong)
    page = client.post(PAGE, {"code": code(new), "present": codes[0]}).content.decode()  # still good
    assert factors.of(curator).key == new
    assert models.RecoveryCode.objects.count() == 10
    assert codes[1] not in page
    assert not asked(client)


def test_of_two_who_enrol_at_once_the_second_finds_the_firsts(curator):
    key = factors.new_key()
    builders.factor(curator)
    with pytest.raises(Refused, match="Another second factor was enrolled meanwhile"):
        factors.enrol(factors.proved(curator, key=key, code=code(key)), instead=None)
    assert models.Factor.objects.count() == 1


def test_without_the_servers_secret_a_copy_of_the_database_makes_no_code(curator, settings):
    key, codes = builders.factor(curator)
    stored = by_hand("SELECT key FROM otp_totp_totpdevice"), by_hand("SELECT token FROM otp_static_statictoken")
    assert stored[0] == [(key,)]
    assert not {*codes} & {token for (token,) in stored[1]}
    now = code(key, later=1)
    settings.SECRET_KEY = "yet another" * 10
    for each in (now, codes[0]):
        with pytest.raises(Refused):
            factors.show(curator, each)


# What the ledger knows


def test_enrolling_and_taking_away_are_in_the_ledger_and_no_key_or_code_is(curator):
    client, _answer = log_in("nadia")
    size = Entry.objects.size()
    key, codes = enrolled(client)
    entries = Entry.objects.filter(seq__gt=size).order_by("seq")
    assert {(each.actor, each.reason, each.door, each.act) for each in entries} == {
        (curator.pseudonym, "Enrol a second factor", "admin", entries[0].act)
    }
    assert [each.table for each in entries] == [TABLES[0], TABLES[1]] + [TABLES[2]] * 10
    assert entries[0].values["after"]["user_id"] == curator.pk
    kept = {*by_hand("SELECT token FROM otp_static_statictoken")}
    secrets = [key, models.Factor(key=key).bin_key.hex(), *codes, *(each.replace("-", "") for each in codes)]
    whole = "".join(Entry.objects.values_list("canonical", flat=True))
    assert not [secret for secret in [*secrets, *(token for (token,) in kept)] if secret in whole]
    size = Entry.objects.size()
    again, _answer = log_in("nadia")
    again.post(PAGE, {"code": "000000"})
    assert Entry.objects.size() == size  # a log-in is no change of the record
    with time_machine.travel(datetime.datetime(2030, 6, 1, 13, tzinfo=datetime.UTC), tick=False):
        again, _answer = log_in("nadia")
        again.post(PAGE, {"code": code(key)})
        assert not asked(again)
        assert Entry.objects.size() == size
        log_in("nadia")[0].post(PAGE, {"code": codes[0]})
    (gone,) = Entry.objects.filter(seq__gt=size)  # but a recovery code is gone
    assert (gone.table, gone.actor, gone.reason, gone.values["after"]) == (
        *(TABLES[2], curator.pseudonym, "Show the second factor", None),
    )
    assert [each for each in verification.ledger() if each.file in TABLES] == []


def test_a_factor_is_its_owners_to_give_and_its_keepers_to_take(curator):
    keeper, other = person("keeper", "administrator"), person("other", "curator")
    key, _codes = builders.factor(curator)
    statements = (
        f"INSERT INTO {TABLES[0]} SELECT 99, name, confirmed, key, step, t0, digits, tolerance, drift, last_t, user_id FROM {TABLES[0]}",
        f"UPDATE {TABLES[0]} SET key = '00'",
        f"UPDATE {TABLES[0]} SET user_id = {other.pk}",
        f"INSERT INTO {TABLES[2]} (device_id, token) SELECT id, 'x' FROM {TABLES[1]}",
        f"UPDATE {TABLES[2]} SET token = 'x'",
    )
    for who in (keeper.pseudonym, other.pseudonym, "somebody"):
        for statement in statements[1:]:
            with pytest.raises(IntegrityError, match="a second factor of .* is not for .* to give or change"):
                by_hand(statement, actor=who)
    with pytest.raises(IntegrityError, match="a second factor of"):
        by_hand(statements[2], actor=curator.pseudonym)
    with pytest.raises(IntegrityError, match="may not people"):
        by_hand(f"DELETE FROM {TABLES[2]}", actor=other.pseudonym)
    with pytest.raises(ProgrammingError, match="needs an actor and a reason"), transaction.atomic():
        models.Factor.objects.filter(key=key).update(key="00")
    assert factors.of(curator).key == key
    by_hand(f"DELETE FROM {TABLES[2]}", actor=keeper.pseudonym)


# Taking one away


def test_who_keeps_the_accounts_takes_a_factor_away_with_a_reason_and_its_owner_is_logged_out(curator):
    theirs, _answer = log_in("nadia")
    enrolled(theirs)
    browser = Client()
    browser.force_login(person("keeper", "administrator"))
    address = f"/admin/commitments/user/{curator.pk}/factor/"
    page = browser.get(f"/admin/commitments/user/{curator.pk}/change/").content.decode()
    assert re.search(
        rf'since \u20682030-06-01 12:00 UTC\u2069 <a class="button" href="{address}">Take it away</a>', page
    ), page[page.find("since") :][:200]
    assert '<td class="field-factor_brief">yes</td>' in browser.get("/admin/commitments/user/?q=nadia").content.decode()
    assert "nadia is logged out everywhere" in browser.get(address).content.decode()
    size = Entry.objects.size()
    assert told(browser.post(address, {"reason": " "})) == "This field is required."
    assert Entry.objects.size() == size
    assert browser.post(address, {"reason": "the phone is lost"}, follow=True).context["messages"]
    entries = Entry.objects.filter(seq__gt=size)
    assert {(each.reason, each.door, each.actor) for each in entries} == {("the phone is lost", "admin", "pen-keeper")}
    assert {each.table for each in entries} == {*TABLES}
    assert factors.of(curator) is None
    assert theirs.get("/admin/")["Location"].startswith(LOGIN)
    assert browser.get("/admin/").status_code == 200
    again = browser.post(address, {"reason": "the phone is lost"}, follow=True).content.decode()
    assert "There is no second factor of nadia." in again
    history = browser.get(f"/admin/commitments/user/{curator.pk}/history/").content.decode()
    assert "the phone is lost" in history
    assert "second factor" in history


def test_nobody_else_takes_one_away_and_ones_own_is_replaced(curator):
    builders.factor(curator)
    address = f"/admin/commitments/user/{curator.pk}/factor/"
    for group in ("curator", "reviewer", "emergency publisher", "auditor"):
        browser = Client()
        browser.force_login(person(group.replace(" ", "-"), group))
        assert browser.post(address, {"reason": "for fun"}).status_code == 403
    assert factors.of(curator)
    keeper = person("keeper", "administrator")
    browser.force_login(keeper)
    assert browser.get(f"/admin/commitments/user/{keeper.pk}/factor/")["Location"] == PAGE
    assert browser.get("/admin/commitments/user/999999/factor/").status_code == 404


def test_an_operator_takes_one_away_by_a_command(curator, capsys, monkeypatch):
    builders.factor(curator)
    monkeypatch.setenv("TRACKER_REASON", "nobody else can log in")
    call_command("reset_factor", "nadia")
    flush()
    assert capsys.readouterr().out == "The second factor of nadia is gone, and so are their sessions.\n"
    last = Entry.objects.latest("seq")
    assert (last.actor, last.reason, last.door) == ("reset_factor", "nobody else can log in", "command")
    for name, words in (("nadia", "There is no second factor of nadia."), ("nobody", "No account is called nobody.")):
        with pytest.raises(CommandError, match=words):
            call_command("reset_factor", name)


# Guessing passwords


@pytest.mark.no_cover
def test_five_wrong_passwords_lock_the_name_and_the_address_for_a_quarter_of_an_hour(curator, quick):
    person("other", "curator")
    size = Entry.objects.size()
    tries = [log_in("nadia", f"guess {number}", **ELSEWHERE)[1].status_code for number in range(5)]
    assert tries == [200, 200, 200, 200, 429]
    for name, more in (("nadia", ELSEWHERE), ("nadia", {}), ("nobody", ELSEWHERE)):  # the name, and the address
        _client, answer = log_in(name, **more)
        assert (answer.status_code, answer["Retry-After"]) == (429, "900")
        assert "Too many wrong passwords for this name, or from this address." in answer.content.decode()
        assert name not in answer.content.decode()
    assert log_in("other", "wrong", REMOTE_ADDR="203.0.113.6")[1].status_code == 200
    quick.shift(14 * 60)
    assert log_in("nadia", **ELSEWHERE)[1].status_code == 429  # and this doesn't make it longer
    quick.shift(61)
    assert log_in("nadia", **ELSEWHERE)[1].status_code == 302
    assert Entry.objects.size() == size
    assert not AccessAttempt.objects.filter(username="nadia").exists()


@pytest.mark.no_cover
def test_who_has_an_account_buys_no_more_guesses_with_it(curator):
    person("other", "curator")
    for _round in range(2):
        for _try in range(2):
            assert log_in("nadia", "guess", **ELSEWHERE)[1].status_code == 200
        assert log_in("other", **ELSEWHERE)[1].status_code == 302
    assert log_in("nadia", "guess", **ELSEWHERE)[1].status_code == 429


@pytest.mark.no_cover
def test_a_clients_own_word_on_its_address_opens_no_lock(curator, settings):
    for settings.PROXIES, passed in (
        (0, "198.51.100.{0}"),
        (1, "198.51.100.{0}, 203.0.113.7"),
        (2, "198.51.100.{0}, 203.0.113.8, 10.0.0.1"),
    ):
        proxy = "203.0.113.9" if settings.PROXIES == 0 else "127.0.0.1"
        tries = [
            log_in(f"name-{number}", "guess", REMOTE_ADDR=proxy, headers={"X-Forwarded-For": passed.format(number)})[1].status_code
            for number in range(5)
        ]  # fmt: skip
        assert tries == [200, 200, 200, 200, 429]
    assert {*AccessAttempt.objects.values_list("ip_address", flat=True)} == {
        "203.0.113.9",
        "203.0.113.7",
        "203.0.113.8",
    }


@pytest.mark.no_cover
def test_no_subscriber_has_another_address_for_each_guess():
    for address, seen in (
        ("2001:db8:0:1:ffff::9", "2001:db8:0:1::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("", None),
    ):
        assert requests.subscriber(RequestFactory().get("/", REMOTE_ADDR=address)) == seen


# Sessions


@pytest.mark.no_cover
def test_each_log_in_has_a_session_key_of_its_own(curator):
    client = Client()
    client.get(LOGIN)
    keys = []
    for _time in range(2):
        log_in("nadia", client=client)
        keys.append(client.session.session_key)
    assert len({*keys}) == 2
    stolen = Client()
    stolen.cookies["sessionid"] = keys[0]
    assert stolen.get("/admin/")["Location"].startswith(LOGIN)


@pytest.mark.no_cover
def test_a_session_ends_when_nobody_uses_it_and_in_any_case(curator, quick):
    client, _answer = log_in("nadia")
    cookie = client.cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")  # gone with the browser
    idle, _answer = log_in("nadia")
    quick.shift(2 * 3600 + 1)
    assert idle.get("/admin/")["Location"].startswith(LOGIN)
    client, _answer = log_in("nadia")
    for _hour in range(11):
        quick.shift(3600)
        assert client.get("/admin/password_change/").status_code == 200
    quick.shift(3601)
    assert client.get("/admin/")["Location"].startswith(LOGIN)


@pytest.mark.no_cover
def test_a_session_that_nobody_began_here_is_none(curator):
    client, _answer = log_in("nadia")
    session = client.session
    del session["begun"]
    row = session.model.objects.get(pk=session.session_key)
    row.session_data = session.encode(session._session)
    row.save()
    assert client.get("/admin/")["Location"].startswith(LOGIN)


# What no page tells


@pytest.fixture
def full(curator):
    """A desk with all that there is, and an account with canaries: (the boss's browser, what no page may hold)."""
    builders.everything()
    key, codes = builders.factor(curator)
    with act(actor="set-up", reason="canaries"):
        models.User.objects.filter(pk=curator.pk).update(email="canary@example.org")
    boss = Client(raise_request_exception=False)
    boss.force_login(person("boss", "administrator", is_superuser=True))
    tokens = [token for (token,) in by_hand("SELECT token FROM otp_static_statictoken")]
    hashes = models.User.objects.values_list("password", flat=True)
    sessions = [key for (key,) in by_hand("SELECT session_key FROM django_session")]
    secret = ["canary@example.org", key, models.Factor(key=key).bin_key.hex(), *codes, *tokens, *hashes, *sessions]
    return boss, [*secret, read.SECRET_KEY, "Traceback", "/site-packages/"]


def pages(models):
    """The address of each page of the desk, records of each kind among them."""
    yield from ("/admin/", "/admin/password_change/", PAGE, "/admin/jsi18n/", "/admin/anything/", "/admin/login/")
    for model in models:
        kind = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield from (kind, f"{kind}add/")
        for record in model._default_manager.order_by("-pk")[:3]:
            yield from (f"{kind}{record.pk}/{page}/" for page in ("change", "history", "delete", "password", "factor"))


@pytest.mark.parametrize(
    "some",
    [
        pytest.param(None, id="all", marks=pytest.mark.prove),
        pytest.param({models.User, Group}, id="accounts", marks=pytest.mark.no_cover),
    ],
)
def test_no_page_holds_an_e_mail_a_secret_or_a_stack_trace(full, some):
    boss, secrets = full
    for address in pages(some or admin.site._registry):
        answer = boss.get(address)
        held = [secret for secret in secrets if secret in answer.content.decode()]
        assert (held, answer.status_code < 500) == ([], True), address
    assert not {"axes", "otp_totp", "otp_static"} & {model._meta.app_label for model in admin.site._registry}


@pytest.mark.no_cover
def test_a_page_that_fails_says_nothing_of_why(curator, monkeypatch):
    boss = Client(raise_request_exception=False)
    boss.force_login(curator)
    monkeypatch.setattr("commitments.admin.worklists.lines", lambda request: 1 / 0)
    answer = boss.get("/admin/")
    assert answer.status_code == 500
    assert not [word for word in ("ZeroDivision", "Traceback", "File", "worklists") if word in answer.content.decode()]
    assert "<h1>Something went wrong here</h1>" in answer.content.decode()
