"""Which of an address's formats an Accept gets: by its weights, then by how closely it names one, then by its order."""

import pytest

from tests.api_register import CONVOYS, problem

LIST = "/api/v1/commitments/"
ONE = f"{LIST}{CONVOYS}/"
JSON, LINKED, CSV, LINES = "application/json", "application/ld+json", "text/csv", "application/jsonl"


@pytest.mark.parametrize(
    ("path", "accepted", "given"),
    [
        (ONE, None, JSON),
        (ONE, "", JSON),
        (ONE, "application/ld+json, application/json;q=0.9, */*;q=0.1", LINKED),
        (ONE, "application/json;q=0.9, application/ld+json", LINKED),
        (ONE, "application/json, application/ld+json", JSON),
        (ONE, "application/ld+json, application/json", LINKED),
        (ONE, "*/*, application/json;q=0", LINKED),
        (ONE, "application/*;q=0.5, application/json;q=0.4", LINKED),
        (ONE, 'application/ld+json;profile="https://www.w3.org/ns/anno.jsonld"', LINKED),
        (ONE, "APPLICATION/LD+JSON", LINKED),
        (ONE, "application/ld+json;q=x, application/json;q=0.9", LINKED),
        (LIST, "*/*, text/csv;q=0.1", JSON),
        (LIST, "text/csv, */*", CSV),
        (LIST, "*/*, text/csv", CSV),
        (LIST, "text/*, application/*", CSV),
        (LIST, "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
        ("/", "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "text/html"),
        ("/", "text/html;q=0.5, application/json", JSON),
    ],
)
def test_the_format_is_the_one_that_is_liked_best(client, register, path, accepted, given):
    response = client.get(path, headers={} if accepted is None else {"accept": accepted})
    b"".join(response)
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, given)


@pytest.mark.parametrize(
    "accepted",
    ["application/json;q=0", "*/*;q=0", "application/*;q=0, text/html", "nothing", ",", "application/json;q=nan"],
)
def test_what_is_refused_by_its_weight_is_not_sent(client, register, accepted):
    assert (
        "ask for that in the header Accept"
        in problem(client.get(f"{LIST}facets/", headers={"accept": accepted}), 406)["detail"]
    )


def test_two_ways_to_ask_for_one_format_give_one_answer(client, register):
    first, second = (client.get(ONE, headers={"accept": asked})["ETag"] for asked in (JSON, f"{JSON};q=0.5, */*;q=0.1"))
    assert first == second
