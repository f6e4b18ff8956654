"""The law of two saves at once: one is refused, and when it is sent again nothing of either is lost."""

import random
import re
import threading

import pytest
from django.db import connections
from django.test import Client

from commitments import models
from commitments.ledger import act
from tests import builders
from tests.test_admin import at, person
from tests.test_meanwhile import again, opened, save

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
    ("seed", "count"), [(0, 2), *(pytest.param(seed, 250, marks=pytest.mark.prove) for seed in (1, 2, 3, 4))]
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
