"""What HTTP asks beside the answers: validators, caches, conditions, compression, links, other origins, nobody's cookies."""

import datetime
import gzip
import re

import brotli
import pytest
import time_machine
from django.test import override_settings as overridden
from django.utils.http import http_date, parse_http_date
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import actions, models
from commitments.api import base, releases, versions
from commitments.ledger import act
from tests import api_register, builders
from tests.api_register import BORDER, CONVOYS, DRAFT, NOW, RETRACTED, problem
from tracker.compression import chosen

API = "/api/v1/"
LIST = f"{API}commitments/"
ONE = f"{LIST}{CONVOYS}/"
CACHED = [
    *("/", "/licence/", "/licence/data/", "/api/schema/", "/api/docs/", API, LIST, ONE, "/feeds/commitments.atom"),
    *(f"{API}{path}" for path in ("vocabularies/", "vocabularies/status/", "changes/", "timeline/", "releases/")),
    *(f"{ONE}{below}/" for below in ("history", "thread", "parallels")),
    *(f"{LIST}facets/", f"{API}parties/north/scorecard/", f"{API}documents/"),
    *(f"{API}commitments.csv", f"{API}commitments.jsonl", f"{LIST}{CONVOYS}.jsonld"),
]
SEVERAL = {"/", "/api/schema/", LIST, ONE, f"{API}commitments.jsonl"}  # formats at one address, or names of one
FRONT_END = "https://front-end.example"


def body(response) -> bytes:
    return b"".join(response)


def values(response, name: str) -> set[str]:
    """The members of a header that is a list."""
    return set(filter(None, re.split(r",\s*", response.headers.get(name, ""))))


# Validators and caches


@pytest.mark.no_cover
@pytest.mark.parametrize("path", CACHED)
@pytest.mark.sample(0, 1, 2, 3, 4, 5)
def test_every_answer_has_validators_and_comes_as_304_to_who_has_it(client, register, path):
    first = client.get(path)
    assert first.status_code == 200
    assert re.fullmatch('"[0-9a-f]{32}"', first["ETag"])
    assert parse_http_date(first["Last-Modified"]) < NOW.timestamp()
    assert first["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert values(first, "Vary") == {"Accept-Encoding"} | ({"Accept"} if path in SEVERAL else set())
    whole = body(first)
    conditions = (
        {"if-none-match": first["ETag"]},
        {"if-none-match": f'"x", W/{first["ETag"]}'},
        {"if-none-match": "*"},
        {"if-modified-since": first["Last-Modified"]},
    )
    for headers in conditions:
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again["ETag"].removeprefix("W/") == first["ETag"]
        assert {name: again[name] for name in ("Cache-Control", "Last-Modified", "Vary")} == {
            name: first[name] for name in ("Cache-Control", "Last-Modified", "Vary")
        }
        assert not {"Content-Type", "Content-Encoding", "Link"} & set(again.headers)
    head = client.head(path)
    told = {"X-Request-ID", "Content-Length"} if first.streaming else {"X-Request-ID"}
    assert {name: value for name, value in head.headers.items() if name not in told} == {
        name: value for name, value in first.headers.items() if name not in told
    }
    assert body(head) == b""
    assert body(client.get(path)) == whole  # a strong tag: byte for byte


CONDITIONS = {
    "a tag before a date": ({"if-none-match": '"x"', "if-modified-since": "{later}"}, 200),
    "a tag that matches before a date that doesn't": ({"if-none-match": "{tag}", "if-modified-since": "{before}"}, 304),
    "changed since": ({"if-modified-since": "{before}"}, 200),
    "unchanged since": ({"if-modified-since": "{later}"}, 304),
    "no date": ({"if-modified-since": "yesterday"}, 200),
    "no tag": ({"if-none-match": "x"}, 200),
    "the tag that is wanted": ({"if-match": "{tag}"}, 200),
    "any tag that is wanted": ({"if-match": "*"}, 200),
    "another tag that is wanted": ({"if-match": '"x"'}, 412),
    "a weak tag, which is never sure enough": ({"if-match": "W/{tag}"}, 412),
    "the wanted before the known": ({"if-match": '"x"', "if-none-match": "{tag}"}, 412),
    "unmodified since": ({"if-unmodified-since": "{at}"}, 200),
    "modified since": ({"if-unmodified-since": "{before}"}, 412),
    "a tag that is wanted before a date": ({"if-match": "{tag}", "if-unmodified-since": "{before}"}, 200),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("case", CONDITIONS)
@pytest.mark.sample(0, 1, 2, 3, 4, 5)
def test_conditions_hold_in_the_order_of_rfc_9110(client, register, case):
    headers, status = CONDITIONS[case]
    first = client.get(LIST)
    at = parse_http_date(first["Last-Modified"])
    known = {"tag": first["ETag"], "at": http_date(at), "before": http_date(at - 1), "later": http_date(at + 99)}
    response = client.get(LIST, headers={name: value.format(**known) for name, value in headers.items()})
    assert response.status_code == status
    if status == 412:
        assert "If-Match" in problem(response, 412)["detail"]


@pytest.mark.parametrize("path", [f"{API}commitments.csv", f"{API}commitments.jsonl"])
def test_a_download_that_a_condition_refuses_is_closed(client, register, path):
    later = http_date(NOW.timestamp())
    assert client.get(path, headers={"if-modified-since": later}).status_code == 304
    problem(client.get(path, headers={"if-match": '"x"'}), 412)
    assert client.get(path).status_code == 200


def test_a_condition_says_nothing_about_what_is_not_there(client, register):
    for headers in ({"if-none-match": "*"}, {"if-modified-since": http_date(NOW.timestamp())}, {"if-match": '"x"'}):
        problem(client.get(f"{LIST}{DRAFT}/", headers=headers), 404)
        problem(client.get(f"{LIST}{RETRACTED}/", headers=headers), 410)
        problem(client.get(f"{LIST}?colour=red", headers=headers), 400)


def test_what_changes_gives_other_validators_and_midnight_is_a_change(client, register):
    first = client.get(LIST)
    assert first["Last-Modified"] == "Sun, 01 Jun 2031 00:00:00 GMT"
    with time_machine.travel(NOW + datetime.timedelta(hours=12), tick=False):
        second = client.get(LIST, headers={"if-modified-since": first["Last-Modified"]})
        assert (second.status_code, second["ETag"] == first["ETag"]) == (200, False)
        assert "Last-Modified" not in second  # this second may bring another change
    with time_machine.travel(NOW + datetime.timedelta(hours=12, seconds=1), tick=False):
        assert client.get(LIST)["Last-Modified"] == "Mon, 02 Jun 2031 00:00:00 GMT"


def test_work_on_the_desk_changes_no_public_answer_nor_header(client, register):
    paths = (
        f"{API}topics/?page_size=1",
        f"{API}topics/?page_size=1&known_at=2999-01-01",
        LIST,
        f"{API}changes/",
        f"{API}releases/",
        "/",
    )
    before = {path: (body(first), beside_the_id(first)) for path in paths if (first := client.get(path))}
    with act(actor="author", reason="a draft"):
        builders.topic("energy")
    assert {path: (body(again), beside_the_id(again)) for path in paths if (again := client.get(path))} == before


@pytest.mark.parametrize("kind", ["version", "release", "withholding"])
def test_whatever_becomes_public_changes_the_validators(client, register, kind):
    before = client.get(f"{API}releases/")["ETag"]
    match kind:
        case "version":
            actions.retract(register["border"], by="approver", reason="It repeated another one.")
        case "release":
            api_register.release()
        case "withholding":
            told = {"ref": "withholding-1", "entry": 1, "table": "commitments_topic", "reference": "security"}
            with act(actor="operator", reason="order of a court"):
                models.Withholding.objects.create(reason="order of a court", **told)
    assert client.get(f"{API}releases/")["ETag"] != before


def test_the_date_of_a_change_is_told_when_its_second_is_over(client, register):
    with act(actor="author", reason="more"):
        topic = builders.topic("energy")
    actions.publish([topic], by="approver", reason="checked")
    at = versions.ledger().at.replace(microsecond=999_999)
    with time_machine.travel(at, tick=False):
        assert "Last-Modified" not in client.get(f"{API}changes/")
    with time_machine.travel(at + datetime.timedelta(microseconds=1), tick=False):
        assert client.get(f"{API}changes/")["Last-Modified"] == http_date(at.timestamp())


@pytest.mark.parametrize(("clock", "seconds"), [("12:00:00", 60), ("23:59:00", 60), ("23:59:30", 30), ("23:59:59", 1)])
def test_no_shared_cache_keeps_an_answer_into_another_day(client, register, clock, seconds):
    with time_machine.travel(f"2031-06-01T{clock}Z", tick=False):
        assert client.get(LIST)["Cache-Control"] == f"public, max-age=0, s-maxage={seconds}"


@pytest.mark.no_cover
def test_what_depends_on_the_moment_and_every_refusal_is_kept_by_nobody(client, register):
    for path in ("/livez", "/readyz", f"{LIST}{DRAFT}/", f"{LIST}{RETRACTED}/", "/nothing", f"{LIST}?colour=red"):
        response = client.get(path)
        assert response["Cache-Control"] == "no-store"
        assert not {"ETag", "Last-Modified"} & set(response.headers)


def test_an_answer_of_other_code_is_another(client, register, monkeypatch):
    paths = ("/licence/", API, f"{API}vocabularies/", f"{API}changes/", ONE)
    before = {path: client.get(path)["ETag"] for path in paths}
    assert len(set(before.values())) == len(paths)
    monkeypatch.setattr(versions, "build", lambda: "another")
    assert not {path for path in paths if client.get(path)["ETag"] == before[path]}
    names = {file.name for file in versions.BUILD}
    assert names > {"parallels.py", "codebook.yaml", "home.html", "requirements.lock"}


# What an answer depends on


def beside_the_id(response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "X-Request-ID"}


@pytest.mark.no_cover
def test_no_answer_depends_on_cookies_languages_or_origins(client, register):
    with act(actor="set-up", reason="an account for the test"):
        chief = models.User.objects.create_superuser("chief")
    plain = {path: (body(first), beside_the_id(first)) for path in CACHED if (first := client.get(path))}
    client.force_login(chief)
    client.cookies["django_language"] = "ar"
    assert 'lang="ar"' in client.get("/admin/").content.decode()  # in this very thread
    for path in CACHED:
        again = client.get(path, headers={"accept-language": "ar", "origin": FRONT_END})
        assert (body(again), beside_the_id(again)) == plain[path], path
        assert not again.cookies
        assert "Content-Language" not in again


# Compression


@pytest.mark.no_cover
@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
@pytest.mark.parametrize("path", ["/", "/api/schema/", LIST, "/feeds/commitments.atom", f"{API}commitments.csv"])
def test_an_answer_comes_compressed_to_who_can_read_that(client, register, path, coding, unpack):
    first = client.get(path)
    packed = client.get(path, headers={"accept-encoding": coding})
    assert packed["Content-Encoding"] == coding
    assert packed["ETag"] == f"W/{first['ETag']}"
    assert packed["Vary"] == first["Vary"]
    content = body(packed)
    assert packed.streaming or packed["Content-Length"] == str(len(content))
    assert unpack(content) == body(first)
    head = client.head(path, headers={"accept-encoding": coding})
    assert (head["ETag"], head["Content-Encoding"]) == (packed["ETag"], coding)
    again = client.get(path, headers={"accept-encoding": coding, "if-none-match": packed["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, packed["ETag"])


@pytest.mark.no_cover
def test_what_is_small_or_a_refusal_or_the_desks_is_not_compressed(client, register):
    small = client.get(f"{LIST}?fields=status", headers={"accept-encoding": "gzip"})
    assert "Accept-Encoding" in values(small, "Vary")
    assert len(small.content) < 1024
    for path in (f"{LIST}?fields=status", "/livez", f"{LIST}?{'x&' * 2000}", "/admin/login/"):
        response = client.get(path, headers={"accept-encoding": "gzip, br"})
        assert "Content-Encoding" not in response, path
    assert not releases.Zip.compressible


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None), ("identity", None), ("deflate", None), ("*;q=0", None), ("gzip;q=0", None), ("gzip;q=nan", None),
        ("gzip;q=0.5, identity", None), ("gzip", "gzip"), ("GZIP ; Q=0.5", "gzip"), ("gzip, br", "br"), ("*", "br"),
        ("br;q=0.5, gzip;q=0.6", "gzip"), ("br;q=0, *", "gzip"), ("zstd, gzip;q=0.001", "gzip"),
    ],
)  # fmt: skip
def test_the_coding_is_the_one_that_is_liked_best(accepted, coding):
    assert chosen(accepted) == coding


# Links


def links(response) -> dict[str, list[str]]:
    """{relation: addresses} of the header Link."""
    found = {}
    for address, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', response["Link"]):
        found.setdefault(relation, []).append(address)
    return found


HERE = "http://testserver"
BESIDE = {
    "describedby": [f"{HERE}{API}vocabularies/"],
    "license": [f"{HERE}/licence/data/"],
    "service-desc": [f"{HERE}/api/schema/"],
    "service-doc": [f"{HERE}/api/docs/"],
}


def test_a_list_links_to_its_pages_and_its_other_formats(client, register):
    first = client.get(f"{LIST}?page_size=1&party=north&lang=ar")
    following = first.json()["next"]
    asked = "party=north&lang=ar"
    assert links(first) == BESIDE | {
        "next": [following],
        "alternate": [
            f"{HERE}{API}commitments.csv?{asked}",
            f"{HERE}{API}commitments.jsonl?{asked}",
            f"{HERE}/feeds/commitments.atom?{asked}",
        ],
    }
    second = client.get(following)
    assert links(second)["prev"] == [second.json()["previous"]]
    for address in links(first)["alternate"]:
        assert client.get(address.removeprefix(HERE)).status_code == 200
    assert links(client.get(f"{API}commitments.csv?{asked}"))["alternate"][0] == f"{HERE}{LIST}?{asked}"


def test_lists_that_are_read_on_link_to_what_follows(client, register, monkeypatch):
    for path in (f"{API}changes/?page_size=2", f"{LIST}{CONVOYS}/thread/?page_size=1", f"{API}timeline/?page_size=1"):
        answer = client.get(path)
        assert links(answer).get("next", [None]) == [answer.json()["next"]]
    monkeypatch.setattr("commitments.api.feed.SHOWN", 1)
    feed = client.get("/feeds/commitments.atom")
    assert links(feed)["next"][0] in feed.content.decode()


def test_a_commitment_links_to_its_linked_data_and_what_has_no_other_format_to_none(client, register):
    assert links(client.get(f"{ONE}?as_of=2031-01-01&lang=ar")) == BESIDE | {
        "alternate": [f"{HERE}{LIST}{CONVOYS}.jsonld?as_of=2031-01-01"]
    }
    assert links(client.get(f"{LIST}{CONVOYS}.jsonld")) == BESIDE | {"alternate": [f"{HERE}{ONE}"]}
    assert links(client.get(f"{API}parties/north/")) == links(client.get("/")) == BESIDE


def test_links_never_make_the_headers_too_long_for_a_proxy(client, register):
    long = client.get(f"{LIST}?party={','.join(['a' * 150] * 45)}")
    assert (long.status_code, len(long["Link"]) <= base.LONGEST_LINKS) == (200, True)
    assert set(links(long)) == set(BESIDE)


# Other origins


@pytest.mark.no_cover
def test_any_page_of_any_origin_may_read_and_see_what_counts(client, register):
    for path in (LIST, ONE, f"{LIST}{DRAFT}/", "/nothing", "/feeds/commitments.atom", "/", "/readyz"):
        for headers in ({}, {"origin": FRONT_END}):
            response = client.get(path, headers=headers)
            assert response["Access-Control-Allow-Origin"] == "*"
            assert values(response, "Access-Control-Expose-Headers") >= {"ETag", "Link", "X-Request-ID", "RateLimit"}
            assert "Access-Control-Allow-Credentials" not in response
            assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def preflight(client, path=LIST, origin=FRONT_END):
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "if-none-match"}
    return client.options(path, headers={"origin": origin} | asked)


@pytest.mark.no_cover
def test_a_browser_that_asks_beforehand_hears_what_may_be_sent(client, register):
    response = preflight(client)
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Vary" not in response
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert {"If-None-Match", "X-Request-ID"} <= values(response, "Access-Control-Allow-Headers")
    assert response["Access-Control-Max-Age"] == "86400"


@pytest.mark.no_cover
def test_the_desk_is_for_no_other_origin(client, register):
    response = client.get("/admin/login/", headers={"origin": FRONT_END})
    assert not [name for name in response.headers if name.startswith("Access-Control-")]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in preflight(client, "/admin/login/")


@pytest.mark.no_cover
@overridden(CORS_ALLOW_ALL_ORIGINS=False, CORS_ALLOWED_ORIGINS=[FRONT_END])
def test_where_origins_are_named_the_others_are_refused_and_the_answer_depends_on_it(client, register):
    for ask in (client.get, client.head):
        response = ask(LIST, headers={"origin": FRONT_END})
        assert response["Access-Control-Allow-Origin"] == FRONT_END
        for headers in ({}, {"origin": "https://front-end.example.evil.example"}, {"origin": "null"}):
            response = ask(LIST, headers=headers)
            assert "Access-Control-Allow-Origin" not in response
            assert "origin" in values(response, "Vary")
    for path in (LIST, "/%0Anothing"):
        assert preflight(client, path)["Access-Control-Allow-Origin"] == FRONT_END
    assert "Access-Control-Allow-Origin" not in preflight(client, origin="https://elsewhere.example")


# OPTIONS, and what every answer says of itself


OPTIONAL = [LIST, f"{LIST}?q=convoys", "/", "/livez", "/api/schema/", "/api/docs/", f"{API}commitments.csv"]


@pytest.mark.no_cover
@pytest.mark.parametrize("path", OPTIONAL)
def test_options_say_what_may_be_asked(client, register, path):
    response = client.options(path)
    assert (response.status_code, response["Allow"]) == (200, "GET, HEAD, OPTIONS")
    assert "origin" not in values(response, "Vary")
    told = response.json()
    assert told["methods"] == ["GET", "HEAD", "OPTIONS"]
    assert client.get(path, headers={"accept": told["formats"][-1]}).status_code == 200
    assert ("party" in told["parameters"]) is (path.partition("?")[0] in (LIST, f"{API}commitments.csv"))


@pytest.mark.no_cover
def test_no_answer_names_the_software_behind_it(client, register):
    for path in ("/", LIST, f"{LIST}{DRAFT}/", "/admin/login/", "/static/commitments/icon.svg"):
        response = client.get(path)
        body(response)  # a file is closed at its end
        assert response["Server"] == "tracker"
        assert not {"X-Powered-By", "Via"} & set(response.headers)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
        assert "default-src 'none'" in response["Content-Security-Policy"]


READ = ("accept-encoding", "if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "origin", "x-request-id",
        "x-forwarded-for", "access-control-request-method", "accept-language", "range", "forwarded")  # fmt: skip
ODD = st.one_of(
    st.sampled_from(
        ["", "*", ",", ";", '"', 'W/"', "gzip;q=", "br;q=1e9", "Sun, 99 Foo 0000 99:99:99 GMT", "\x00", "\n", "\x1b[2J"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=60),
    st.sampled_from(["a", "9", '"x",', "gzip,", "::1,"]).map(lambda bit: bit * 400),
)


@pytest.mark.no_cover
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.dictionaries(st.sampled_from(READ), ODD, max_size=5), path=st.sampled_from([LIST, ONE, "/nothing", "/"]))
def test_no_header_breaks_the_service(client, register, sent, path):
    for ask in (client.get, client.options):
        response = ask(path, headers=sent)
        body(response)
        assert response.status_code in (200, 304, 404, 412)
        assert all(value.isprintable() for value in response.headers.values())


KINDS = (
    "commitments",
    "statements",
    "processes",
    "documents",
    "parties",
    "topics",
    "assessments",
    "quotes",
    "relations",
)


@pytest.mark.no_cover
def test_a_draft_can_be_told_from_nothing_on_no_route(client, register):
    with act(actor="author", reason="drafts of every kind"):
        talks = models.Process.objects.create(ref="hidden", name={"en": "Hidden"})
        made = {
            "processes": talks.ref,
            "statements": builders.statement("hidden-1", issuers=[register["north"]], process=talks, round=9).ref,
            "documents": builders.document("hidden-2").ref,
            "parties": builders.party("hidden-3").ref,
            "topics": builders.topic("hidden-4").ref,
            "commitments": DRAFT,
            "assessments": f"{DRAFT}.assessment-1",
            "quotes": f"{DRAFT}.quote-1",
            "relations": f"{DRAFT}.relation-1",
        }
    paths = [f"{API}{kind}/{{}}/" for kind in KINDS]
    paths += [f"{LIST}{{}}/{below}/" for below in ("history", "thread", "parallels")]
    paths += [f"{LIST}{{}}.jsonld", f"{API}parties/{{}}/scorecard/"]
    number = {"x-request-id": "the-same-for-both"}
    for path in paths:
        kind = path.removeprefix(API).partition("/")[0]
        answers = [client.get(path.format(ref), headers=number) for ref in (made[kind], "nobody-ever-wrote-this")]
        assert {each.status_code for each in answers} == {404}
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers


@pytest.mark.no_cover
def test_a_retracted_commitment_answers_410_with_its_tombstone_in_every_form(client, register):
    for path in (f"{LIST}{RETRACTED}/", f"{LIST}{RETRACTED}.jsonld", f"{LIST}{RETRACTED}/thread/"):
        assert problem(client.get(path), 410)["tombstone"]["ref"] == RETRACTED
    assert client.get(f"{LIST}{BORDER}/").status_code == 200
