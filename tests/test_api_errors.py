"""What the API refuses, and how it fails: every time a problem that says what to change, never a stack trace."""

import json
import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import codebook
from commitments.api import views
from tests.api_register import BORDER, BOTH, CONVOYS, DRAFT, RETRACTED, problem

API = "/api/v1/"
LIST = API + "commitments/"


@pytest.fixture
def register(built, db):
    """The register of api_register."""
    return built


def faults(client, query: str, path: str = LIST) -> list[dict]:
    return problem(client.get(f"{path}?{query}"), 400)["errors"]


# Parameters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("obligr=iraq", {"parameter": "obligr", "value": "iraq", "code": "unknown", "nearest": "obligor"}),
        ("format=json", {"parameter": "format", "value": "json", "code": "unknown"}),
        ("zzzzzz", {"parameter": "zzzzzz", "value": "", "code": "unknown"}),
        ("party=a&party=b", {"parameter": "party", "value": "b", "code": "repeated"}),
        ("party=", {"parameter": "party", "value": "", "code": "malformed"}),
        ("party=a,,b", {"parameter": "party", "value": "a,,b", "code": "malformed"}),
        ("party=Iraq", {"parameter": "party", "value": "Iraq", "code": "malformed"}),
        ("party=a%00b", {"parameter": "party", "value": "a\0b", "code": "malformed"}),
        ("party=%FF", {"parameter": "party=%FF", "value": None, "code": "malformed"}),
        ("party=" + ",".join("a" * 51), {"parameter": "party", "value": ",".join("a" * 50) + ",", "code": "malformed"}),
        ("status=fulfiled", {"parameter": "status", "value": "fulfiled", "code": "not_allowed",
                             "nearest": "fulfilled"}),
        ("strength=agrees,Commits", {"parameter": "strength", "value": "agrees,Commits", "code": "not_allowed",
                                     "nearest": "commits"}),
        ("schedule=late", {"parameter": "schedule", "value": "late", "code": "not_allowed", "nearest": "met_late"}),
        ("contested=yes", {"parameter": "contested", "value": "yes", "code": "not_allowed"}),
        ("ordering=title", {"parameter": "ordering", "value": "title", "code": "not_allowed"}),
        ("fields=titel", {"parameter": "fields", "value": "titel", "code": "not_allowed", "nearest": "title"}),
        ("lang=fr", {"parameter": "lang", "value": "fr", "code": "not_allowed"}),
        ("page_size=0", {"parameter": "page_size", "value": "0", "code": "not_allowed"}),
        ("page_size=201", {"parameter": "page_size", "value": "201", "code": "not_allowed"}),
        ("page_size=٥", {"parameter": "page_size", "value": "٥", "code": "not_allowed"}),
        ("as_of=2031-02-29", {"parameter": "as_of", "value": "2031-02-29", "code": "malformed"}),
        ("as_of=today", {"parameter": "as_of", "value": "today", "code": "malformed"}),
        ("due_before=20310301", {"parameter": "due_before", "value": "20310301", "code": "malformed"}),
        ("known_at=2031-03-01T12:00", {"parameter": "known_at", "value": "2031-03-01T12:00", "code": "malformed"}),
        ("known_at=2031-03-01T12:00:00+01:00", {"parameter": "known_at", "value": "2031-03-01T12:00:00 01:00",
                                                "code": "malformed"}),
        ("known_at=2031-03-01T25:00:00Z", {"parameter": "known_at", "value": "2031-03-01T25:00:00Z",
                                           "code": "malformed"}),
        ("cursor=x", {"parameter": "cursor", "value": "x", "code": "malformed"}),
        ("due_after=2031-01-02&due_before=2031-01-01", {"parameter": "due_before", "value": "2031-01-01",
                                                        "code": "contradictory"}),
        ("scorecard=north&obligor=south", {"parameter": "scorecard", "value": "north", "code": "contradictory"}),
    ],
)  # fmt: skip
def test_a_parameter_at_fault_is_named_with_its_value_and_the_nearest_that_is_valid(client, register, query, expected):
    (found,) = faults(client, query)
    assert {name: found[name] for name in found if name not in ("detail", "allowed")} == expected
    assert found["detail"].startswith(expected["parameter"])


def test_an_unknown_code_comes_with_all_codes(client, register):
    (found,) = faults(client, "status=done")
    assert found["allowed"] == list(codebook.codes("status"))
    assert "partly_fulfilled" in found["detail"]


def test_every_fault_is_told_at_once(client, register):
    found = faults(client, "obligr=x&status=y&page_size=0&as_of=never")
    assert sorted(each["parameter"] for each in found) == ["as_of", "obligr", "page_size", "status"]


def test_what_is_valid_is_told_with_the_first_that_is_unknown(client, register):
    found = faults(client, "party=a&party=b&obligr=a&benficiary=b")
    assert [(each["code"], "allowed" in each, each.get("nearest")) for each in found] == [
        ("repeated", False, None),
        ("unknown", True, "obligor"),
        ("unknown", False, "beneficiary"),
    ]


@pytest.mark.parametrize("many", [21, 999, 1001, 3999])
def test_of_many_faults_the_first_are_told_and_what_is_valid_once(client, register, many):
    response = client.get(f"{LIST}?{'a&' * many}")
    told = problem(response, 400)
    assert told["detail"] == f"{many} faults in the query; the first 20 are in `errors`."
    assert ["allowed" in each for each in told["errors"]] == [True] + [False] * 19
    assert {each["detail"] for each in told["errors"][1:]} == {"a isn't a parameter of this address."}
    assert len(response.content) < 4000


def test_a_long_value_is_cut(client, register):
    (found,) = faults(client, "party=" + "a" * 1000)
    assert found["value"] == "a" * 100


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "path",
    [
        *views.RESOURCES,
        *(f"{name}/x" for name in views.RESOURCES if name not in ("changes", "timeline")),
        *("commitments/x/history", "commitments/x/thread", "commitments/facets", "parties/x/scorecard"),
    ],
)
def test_every_route_refuses_what_it_does_not_know(client, register, path):
    (found,) = faults(client, "colour=red", f"{API}{path}/")
    assert (found["parameter"], found["code"]) == ("colour", "unknown")


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/licence/", "/api/schema/", "/api/docs/", API])
def test_routes_without_parameters_refuse_any(client, register, path):
    assert faults(client, "lang=en", path)[0]["code"] == "unknown"


def test_a_cursor_of_another_order_is_refused(client, register):
    following = client.get(f"{LIST}?page_size=1&ordering=due").json()["next"]
    cursor = following.partition("cursor=")[2]
    assert faults(client, f"cursor={cursor}")[0]["parameter"] == "cursor"
    assert client.get(f"{LIST}?cursor={cursor}&ordering=due").status_code == 200


def onward(client, query: str) -> str:
    """The cursor of the second page."""
    return client.get(f"{LIST}?{query}").json()["next"].rpartition("cursor=")[2]


TIMES = [
    "as_of=2031-01-01",
    "as_of=9999-12-31",
    "known_at=2099-01-01",
    "known_at=9999-12-31T23:59:59Z&as_of=2031-01-01",
]


@pytest.mark.parametrize("times", TIMES)
def test_a_walk_takes_its_times_along_and_may_leave_them_out(client, register, times):
    cursor = onward(client, f"page_size=1&{times}")
    pages = [client.get(f"{LIST}?page_size=1&{asked}cursor={cursor}").json() for asked in (f"{times}&", "")]
    assert pages[0]["results"] == pages[1]["results"] != []


@pytest.mark.parametrize(("times", "name"), [("as_of=2031-01-01", "as_of"), ("known_at=2099-01-01", "known_at")])
def test_a_cursor_of_another_time_is_refused(client, register, times, name):
    for walk in ("page_size=1", "page_size=1&as_of=2030-12-31&known_at=2098-01-01"):
        (found,) = faults(client, f"{times}&cursor={onward(client, walk)}")
        assert (found["parameter"], found["code"]) == (name, "contradictory")


def test_a_cursor_of_a_register_that_is_yet_to_be_is_refused(client, register):
    ordering, backwards, _size, *rest = json.loads(urlsafe_b64decode(onward(client, "page_size=1") + "=="))
    forged = json.dumps([ordering, backwards, 10**15, *rest], separators=(",", ":")).encode()
    (found,) = faults(client, f"cursor={urlsafe_b64encode(forged).decode().rstrip('=')}")
    assert (found["parameter"], found["code"]) == ("cursor", "malformed")


@pytest.mark.no_cover
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_a_cursor_made_up_is_refused(client, register, text):
    response = client.get(f"{LIST}?cursor={quote(text, safe='')}")
    assert problem(response, 400)["errors"][0]["parameter"] == "cursor"


NAMES = sorted(views.Commitments.filterset_class.base_filters)
BITS = st.sampled_from(
    ["%00", "%FF", "%", "&", "=", ",", "'", '"', "\\", "1", "-", "2031-03-01", "north", "é", "%D8%B4", "+", ";", "NaN"]
)


@pytest.mark.no_cover
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.lists(BITS, max_size=4).map("".join)), max_size=3))
def test_no_query_breaks_the_service(client, register, pairs):
    response = client.get(LIST, QUERY_STRING="&".join(f"{name}={value}" for name, value in pairs))
    if response.status_code != 200:
        assert problem(response, 400)["errors"]


def test_a_query_too_long_is_refused(client, register):
    problem(client.get(f"{LIST}?party={'a' * 9000}"), 414)


# Methods and formats


WRITING = ["post", "put", "patch", "delete", "trace"]


@pytest.mark.no_cover
@pytest.mark.parametrize("methods", [WRITING[:1], pytest.param(WRITING[1:], marks=pytest.mark.prove)])
@pytest.mark.parametrize(
    "path", [LIST, f"{LIST}{CONVOYS}/", API + "vocabularies/", "/", "/livez", "/api/schema/", "/api/docs/"]
)
def test_nothing_can_be_written(client, register, methods, path):
    for method in methods:
        response = getattr(client, method)(path)
        problem(response, 405)
        assert response["Allow"] == "GET, HEAD, OPTIONS", method


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_what_is_no_question_is_refused_beside_the_routes_too(client, method):
    refused = getattr(client, method)("/static/commitments/home.css")
    problem(refused, 405)
    assert refused["Allow"] == "GET, HEAD"
    problem(getattr(client, method)(LIST[:-1]), 404)  # where nothing is: the slash is missing


def test_an_address_without_its_slash_leads_to_the_right_one(client):
    for ask in (client.get, client.head):
        moved = ask(LIST[:-1])
        assert (moved.status_code, moved["Location"]) == (301, LIST)


def test_another_format_is_refused_naming_ours(client, register):
    assert "application/json" in problem(client.get(LIST, HTTP_ACCEPT="application/xml"), 406)["detail"]
    assert "text/html" in problem(client.get("/", HTTP_ACCEPT="image/png"), 406)["detail"]
    browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get(LIST, HTTP_ACCEPT=browsers)["Content-Type"] == "application/json"


def test_a_body_that_is_not_json_is_refused(client, register):
    problem(client.generic("GET", LIST, "<x/>", content_type="text/xml"), 415)
    problem(client.get(LIST, headers={"transfer-encoding": "chunked", "content-type": "text/plain"}), 415)
    assert client.generic("GET", LIST, "{}", content_type="application/json").status_code == 200


# What isn't there


@pytest.mark.parametrize(
    "path",
    ["/nothing/here", "/favicon.ico", "/i18n/x", "/i18n/setlang/x", "/static/nothing.css", API + "nothing/", f"{LIST}Iraq/", f"{LIST}%00/", f"{LIST}%FF/", f"{LIST}a/b/",
     f"{LIST}../x/", "/api/v2/commitments/", API + "vocabularies/colour/", f"/{'a' * 3000}"],
)  # fmt: skip
def test_an_unknown_path_is_a_problem(client, register, path):
    problem(client.get(path), 404)


def test_a_draft_answers_as_an_unknown_reference_does(client, register):
    number = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    answers = []
    for ref in (DRAFT, "nobody-ever-wrote-this", f"{DRAFT}.deadline-1"):
        response = client.get(f"{LIST}{ref}/")
        headers = {name: number.sub("", value) for name, value in response.headers.items()}
        answers.append((response.status_code, number.sub("", response.content.decode()), headers))
    assert answers[0] == answers[1] == answers[2]
    lists = [client.get(f"{API}assessments/?commitment={ref}").json() for ref in (DRAFT, "nobody-ever-wrote-this")]
    assert lists[0] == lists[1] == {"count": 0, "next": None, "previous": None, "results": []}


def test_what_was_not_public_yet_was_unknown_then(client, register):
    problem(client.get(f"{LIST}{BORDER}/?known_at=2020-01-01"), 404)
    problem(client.get(f"{LIST}{RETRACTED}/?known_at=2020-01-01"), 404)


def test_the_admin_keeps_its_own_pages(client, register):
    assert "problem" not in client.get("/admin/nothing/")["Content-Type"]


def test_a_forged_host_is_refused(client, register):
    problem(client.get("/", HTTP_HOST="elsewhere.example"), 400)


# Request ids


def test_a_sane_request_id_is_kept_and_any_other_replaced(client, register):
    assert client.get("/livez", HTTP_X_REQUEST_ID="front-end-0042")["X-Request-ID"] == "front-end-0042"
    for insane in ("short", "a" * 101, "has space", "line\nbreak", "é" * 10):
        given = client.get("/livez", HTTP_X_REQUEST_ID=insane)["X-Request-ID"]
        assert str(uuid.UUID(given)) == given
    assert problem(client.get(LIST + "x/", HTTP_X_REQUEST_ID="front-end-0042"), 404)["request_id"] == "front-end-0042"


def test_every_answer_has_a_request_id(client, register):
    for path in ("/", "/livez", LIST, f"{LIST}{BOTH}/", API + "vocabularies/", "/licence/", "/nothing", "/admin/"):
        assert client.get(path)["X-Request-ID"]


# Failures


def test_a_bug_is_a_problem_without_a_trace(client, register, monkeypatch):
    def broken(self):
        raise RuntimeError("secret-in-a-message")

    monkeypatch.setattr(views.Shelf, "columns", broken)
    client.raise_request_exception = False
    response = client.get(API + "parties/")
    assert "secret" not in json.dumps(problem(response, 500))
