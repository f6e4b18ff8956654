"""Pages of lists: one walk shows one moment, whoever writes meanwhile, and no page is too long."""

import pytest
import time_machine

from commitments import actions
from commitments.api import renderers
from commitments.ledger import act
from tests import api_register, builders
from tests.api_register import BORDER, BOTH, CONVOYS

pytestmark = pytest.mark.no_cover

API = "http://testserver/api/v1/"
MIB = 1024 * 1024


def pages(client, path: str):
    """The pages of a walk along `next`."""
    following = API + path
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content.decode()
        assert len(response.content) < MIB
        yield response.json()
        following = response.json()["next"]


def met(page: dict) -> list[str]:
    return [each["ref"] for each in page["results"]]


def test_a_walk_shows_the_day_on_which_it_began(client, register):
    with time_machine.travel("2031-03-01T23:59:59Z", tick=False):
        first = client.get(f"{API}commitments/?page_size=1&ordering=-ref").json()
    with time_machine.travel("2031-03-02T00:00:00Z", tick=False):
        rest = client.get(first["next"].replace("page_size=1", "page_size=5")).json()["results"]
        now = client.get(f"{API}commitments/?ordering=-ref").json()["results"][1:]
    assert [(each["ref"], each["schedule"]) for each in rest] == [(BORDER, "overdue"), (CONVOYS, "not_due")]
    assert [(each["ref"], each["schedule"]) for each in now] == [(BORDER, "overdue"), (CONVOYS, "overdue")]


def test_the_pages_of_a_thread_are_of_one_moment(client, register):
    path = f"{API}commitments/{CONVOYS}/thread/?page_size=1"
    first = client.get(path).json()
    with act(actor="author", reason="one step more, between the two that there are"):
        early = builders.assessment(register["convoys"], "fulfilled", [register["reported"]], effective="2030-06-01")
    actions.publish([early], by="approver", reason="checked")
    numbers = [page["results"][0]["number"] for page in pages(client, path.removeprefix(API))]
    second = client.get(first["next"]).json()
    assert (first["count"], second["count"], len(numbers)) == (
        second["count"] + 1,
        first["count"] - 1,
        first["count"] + 1,
    )
    assert [each["number"] for page in (first, second) for each in page["results"]] == [1, 2]
    assert first["next"].startswith(f"{path}&after=1&as_of=2031-06-01&known_at=")


@pytest.mark.prove
def test_a_page_ends_early_rather_than_be_too_long(client, register):
    words = "القوافل " * 15_000
    with act(actor="author", reason="long quotes"):
        text = words + api_register.TEXT
        source = builders.document("long-2030", text=text)
        quote = builders.quote(source, words.strip(), text)
        long = [
            api_register.commitment(register["first"], f"long-{n}", {"en": "Long"}, [register["north"]], quote)
            for n in range(5)
        ]
    actions.publish([source, *long], by="approver", reason="checked")
    walked = list(pages(client, "commitments/?page_size=200"))
    assert [ref for page in walked for ref in met(page)] == [*(each.ref for each in long), CONVOYS, BORDER, BOTH]
    assert len(walked) > 2
    back = [client.get(walked[-1]["previous"]).json()]
    while back[0]["previous"]:
        back.insert(0, client.get(back[0]["previous"]).json())
    assert [ref for page in [*back, walked[-1]] for ref in met(page)] == [ref for page in walked for ref in met(page)]


@pytest.mark.prove
def test_one_row_is_shown_however_long_it_is(client, register, monkeypatch):
    monkeypatch.setattr(renderers, "FULL", 1)
    walked = list(pages(client, "commitments/?ordering=-due"))
    assert [met(page) for page in walked] == [[CONVOYS], [BORDER], [BOTH]]
