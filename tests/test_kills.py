"""`kill -9` of the server and of PostgreSQL while several people save forms: what was acknowledged is there once, whole."""

import collections
import contextlib
import http.client
import http.cookiejar
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.test_local import site as site  # the fixture
from tracker import PROJECT

KILLS = 50 if os.environ.get("PROVE") == "again" else 100  # of each; the second PostgreSQL is tried half as often
WRITERS = 4
BETWEEN = 2  # acknowledged forms from one kill to the next, so that each finds writers at work
PATIENCE = 120  # seconds in which the service is back by itself, or it isn't
ADD = "/admin/commitments/party/add/"
LIST = "/admin/commitments/party/"
PARTS = 2  # rows that a form writes beside the record's own
STATE = """
import json
from commitments import models
from commitments.ledger import Entry
entries = Entry.objects.filter(reference__startswith="kill-").order_by("seq")
print(json.dumps({
    "entries": list(entries.values_list("reference", "act", "actor", "reason")),
    "rows": [*models.Party.objects.filter(ref__startswith="kill-").values_list("ref", flat=True),
             *models.PartyAlias.objects.filter(ref__startswith="kill-").values_list("ref", flat=True)],
}))
"""


class Stay(urllib.request.HTTPRedirectHandler):
    """Answers a redirect as it is: where it leads says whether a form was taken."""

    def redirect_request(self, *told):
        return None


class Curator(threading.Thread):
    """Somebody logged in who saves one new party after the other, each with its aliases, whatever the answers are."""

    def __init__(self, site, number, password):
        super().__init__(daemon=True)
        self.address, self.number, self.password = f"http://127.0.0.1:{site.port}", number, password
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), Stay)
        self.sent, self.taken, self.answers, self.page = [], [], collections.Counter(), ""
        self.over = threading.Event()

    def ask(self, path, sent=None):
        """(status, where it leads) of an answer; (None, "") if none came."""
        body = sent and urllib.parse.urlencode(sent).encode()
        try:
            with self.opener.open(f"{self.address}{path}", body, timeout=20) as answer:
                self.page = answer.read().decode()
                return answer.status, ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Location", "")
        except (OSError, http.client.HTTPException):
            return None, ""

    def send(self, path, **sent):
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        return self.ask(path, sent | {"csrfmiddlewaretoken": token})

    def log_in(self):
        self.ask("/admin/login/")
        answer = self.send("/admin/login/", username="curator", password=self.password, next="/admin/")
        assert answer == (302, "/admin/"), answer

    def announced(self):
        """The number of the act that an empty form announces; None if no form comes."""
        found = self.ask(ADD)[0] == 200 and re.search('name="announced" value="([^"]+)"', self.page)
        return found and found[1]

    def form(self, ref, announced):
        """What a browser sends of a new party with its aliases."""
        sent = {"ref": ref, "announced": announced, "party_kind": "state", "name-en": ref, "reason": f"save {ref}", "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0, "aliases-TOTAL_FORMS": PARTS, "aliases-INITIAL_FORMS": 0}  # fmt: skip
        for part in range(PARTS):
            sent |= {f"aliases-{part}-name": f"{ref} {part}", f"aliases-{part}-language": "en"}
        return sent

    def run(self):
        while not self.over.is_set():
            announced, ref = self.announced(), f"kill-{self.number}-{len(self.sent)}"
            if announced:
                self.sent.append(ref)
                answer = self.send(ADD, **self.form(ref, announced))
                self.answers[answer] += 1
            if announced and answer == (302, LIST):
                self.taken.append(ref)
            else:
                time.sleep(0.05)  # nobody presses the button faster than that


def kill(number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def children(number):
    found = subprocess.run(["pgrep", "-P", str(number)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def kill_server(site):
    """The server itself, or one of its workers."""
    while not (servers := children(site.process.pid)):  # just killed: its workers still answer for a moment
        time.sleep(0.01)
    kill(random.choice([*servers, *children(servers[0])]))


def kill_database(site):
    """Every process of PostgreSQL."""
    postmaster = site.postmaster()
    for number in (postmaster, *children(postmaster)):
        kill(number)


@contextlib.contextmanager
def curators(site):
    """Several of them at work; in the end each has had the answer to its last form."""
    password = next(line.split()[1] for line in site.process.stdout if line.startswith("  curator"))
    found = [Curator(site, number, password) for number in range(WRITERS)]
    for curator in found:
        curator.log_in()
        curator.start()
    try:
        yield found
    finally:
        for curator in found:
            curator.over.set()
        for curator in found:
            curator.join()


def taken(found):
    return sum(len(curator.taken) for curator in found)


def wait_for_forms(site, found, before):
    """Returns when a few more forms were taken since: somebody is at work, and the service is there."""
    limit = time.monotonic() + PATIENCE
    while taken(found) < before + BETWEEN:
        assert site.process.poll() is None, site.errors.read_text()
        assert time.monotonic() < limit, [curator.answers for curator in found]
        time.sleep(0.01)


def command(site, *words):
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    return done.stdout


def kill_and_kill_again(site, victim, times):
    site.start()
    with curators(site) as found:
        wait_for_forms(site, found, 0)
        for _ in range(times):
            before = taken(found)
            victim(site)
            wait_for_forms(site, found, before)
    holds(site, found)
    return f"{victim.__name__}: {times} times; {taken(found)} of {sum(len(curator.sent) for curator in found)} forms were taken"


def holds(site, found):
    """Each form that was taken is there once with its entries, each other one whole or not at all; and the chain verifies."""
    state = json.loads(command(site, "shell", "-v", "0", "-c", STATE))
    rows, entries = collections.Counter(state["rows"]), collections.defaultdict(list)
    for reference, act, actor, reason in state["entries"]:
        entries[reference.partition(".")[0]].append((reference, act, actor, reason))
    for curator in found:
        for ref in curator.sent:
            whole = [ref, *(f"{ref}.alias-{part}" for part in range(1, PARTS + 1))]
            if ref in curator.taken or entries[ref]:
                assert [reference for reference, *_signed in entries[ref]] == whole
                assert len({tuple(signed) for _reference, *signed in entries[ref]}) == 1
                assert entries[ref][0][3] == f"save {ref}"
            there = len(whole) if entries[ref] else 0
            assert [rows.pop(one) for one in whole if one in rows] == [1] * there
    assert not rows
    assert command(site, "verify", "ledger") == "ledger: 0 findings.\n"
    answers = sum((curator.answers for curator in found), collections.Counter())
    refused = {answer for answer in answers if answer != (302, LIST)}
    assert all(status is None or status >= 400 for status, _where in refused), answers


@pytest.mark.prove
@pytest.mark.parametrize("victim", [kill_server, kill_database])
def test_every_form_that_was_taken_is_there_once_and_whole_after_kills(victim, site, record_property):
    begun = time.monotonic()
    told = kill_and_kill_again(site, victim, KILLS)
    record_property("checked", f"{told}; {time.monotonic() - begun:.0f} s.")
