"""Limits: how long a request and how many a minute, whoever the client says that it is; counted by all processes together."""

import gc
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.test import override_settings as overridden

from commitments.api import limits
from tests.api_register import problem
from tracker import PROJECT, requests
from tracker.counters import Counters

LICENCE = "/licence/"
NOON = "2031-06-01T12:00:00Z"


@pytest.fixture
def limited(settings, tmp_path, monkeypatch):
    """A client of a service that takes three requests a minute."""
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path))
    settings.RATE_LIMIT = 3
    with time_machine.travel(NOON, tick=False) as clock:
        client = Client()
        client.clock = clock
        yield client


def test_more_than_the_limit_is_a_429_until_the_minute_is_over(limited):
    for left in (2, 1, 0):
        response = limited.get(LICENCE)
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"minute";q=3;w=60'
        assert response["RateLimit"] == f'"minute";r={left};t=60'
    limited.clock.shift(20)
    refused = limited.get(LICENCE, headers={"origin": "https://front-end.example"})
    assert "Retry-After" in problem(refused, 429)["detail"]
    assert (refused["Retry-After"], refused["RateLimit"]) == ("40", '"minute";r=0;t=40')
    assert refused["Access-Control-Allow-Origin"] == "*"
    limited.clock.shift(39)
    assert limited.head("/nothing")["Retry-After"] == "1"
    limited.clock.shift(1)
    assert limited.get(LICENCE)["RateLimit"] == '"minute";r=2;t=60'


def test_probes_static_files_and_the_desk_are_not_counted(limited, db):
    for path in ("/livez", "/readyz", "/static/commitments/icon.svg", "/admin/login/") * 2:
        response = limited.get(path)
        b"".join(response)  # a file is closed at its end
        assert response.status_code == 200
        assert not {"RateLimit", "RateLimit-Policy"} & set(response.headers)


def test_what_only_begins_like_a_probe_is_counted(limited):
    assert [limited.get(path)["RateLimit"][:12] for path in ("/livezz", "/readyzfoo")] == [
        '"minute";r=2',
        '"minute";r=1',
    ]


@pytest.mark.parametrize("headers", [{"host": "elsewhere.example"}, {}])
def test_what_is_redirected_or_came_for_another_host_is_counted_too(limited, settings, headers):
    settings.SECURE_SSL_REDIRECT = True
    client = Client()  # whose middleware knows of it
    answers = [client.get(LICENCE, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400 if headers else 301] * 3 + [429]
    assert {answer["X-Content-Type-Options"] for answer in answers} == {"nosniff"}


def test_each_client_has_its_own_count_and_a_64_of_ipv6_is_one(limited):
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        assert limited.get(LICENCE, REMOTE_ADDR=address)["RateLimit"] == '"minute";r=2;t=60'
    assert limited.get(LICENCE, REMOTE_ADDR="2001:db8:0:1:ffff::9")["RateLimit"] == '"minute";r=1;t=60'
    assert limited.get(LICENCE, REMOTE_ADDR="::ffff:192.0.2.1")["RateLimit"] == '"minute";r=1;t=60'


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_no_forged_header_makes_another_client(limited, settings, proxies):
    settings.PROXIES = proxies
    true = ["192.0.2.7", "10.0.0.1"][:proxies]  # what the proxies append
    told = []
    for forged in ("", "203.0.113.1", "203.0.113.2, 203.0.113.3", "unknown", "::1"):
        passed = ",".join(filter(None, [forged, *true]))
        others = {"forwarded": "for=203.0.113.9", "x-real-ip": "203.0.113.9", "x-client-ip": "203.0.113.9"}
        headers = others | ({"x-forwarded-for": passed} if passed else {})
        told.append(limited.get(LICENCE, headers=headers, REMOTE_ADDR="10.0.0.2").status_code)
    assert told == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("proxies", "passed", "client"),
    [
        (0, "203.0.113.1", "10.0.0.2"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.1, 203.0.113.1", "203.0.113.1"),
        (2, "198.51.100.1,203.0.113.1 ,10.0.0.1", "203.0.113.1"),
        (2, "203.0.113.1", "10.0.0.2"),  # came by another way than through both proxies
        (1, None, "10.0.0.2"),
        (1, "", "10.0.0.2"),
        (1, "unknown", "10.0.0.2"),
        (1, "203.0.113.999", "10.0.0.2"),
        (1, "203.0.113.1:4711", "203.0.113.1"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
    ],
)
def test_the_client_is_whom_the_outermost_proxy_saw(settings, proxies, passed, client):
    settings.PROXIES = proxies
    headers = {} if passed is None else {"x-forwarded-for": passed}
    assert requests.client(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.2")) == client


def test_where_nobody_knows_the_client_all_such_count_as_one():
    request = RequestFactory().get("/", REMOTE_ADDR="")
    assert (requests.client(request), requests.network("")) == ("", "")


def test_a_file_that_cannot_be_used_stops_the_start_with_the_way_out(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path))
    settings.RATE_LIMIT = 1
    (tmp_path / "requests").mkdir()
    with pytest.raises(ImproperlyConfigured) as refusal:
        limits.rate(lambda request: None)
    assert str(refusal.value) == (
        f"{tmp_path}/requests can't count requests: Is a directory. Remove it, or run as its owner."
    )


@overridden(RATE_LIMIT=0)
def test_without_a_limit_nothing_is_counted(db):
    assert "RateLimit" not in Client().get(LICENCE)


# Counters


COUNT = """
import json, sys, pathlib
from concurrent.futures import ThreadPoolExecutor
from tracker.counters import Counters
counters = Counters(pathlib.Path(sys.argv[1]), "secret")
with ThreadPoolExecutor(2) as pool:
    print(json.dumps(list(pool.map(lambda _: counters.count("192.0.2.1", 60, 1000.0)[0], range(300)))))
"""


def test_processes_and_their_threads_count_together_and_none_is_lost(tmp_path):
    command = [sys.executable, "-c", COUNT, str(tmp_path / "file")]
    workers = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = [number for worker in workers for number in json.loads(worker.communicate()[0])]
    assert sorted(counts) == list(range(1, 901))
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_window_begins_with_the_first_and_a_clock_put_back_begins_anew(tmp_path):
    counters = Counters(tmp_path / "file", "secret")
    told = [counters.count("a", 60, now) for now in (1000.9, 1059.9, 1060.0, 1000.0)]
    assert told == [(1, 60), (2, 1), (1, 60), (1, 60)]


def test_nobody_can_choose_whose_slot_to_share(tmp_path):
    def shared(secret):
        counters = Counters(tmp_path / secret, secret, slots=50)
        return [counters.count(str(number), 60, 1000.0)[0] for number in range(50)]

    assert shared("one") != shared("another")


# Seats


@pytest.fixture
def seated(monkeypatch):
    """The middleware with one seat, around a view that is what the request's `view` does."""
    monkeypatch.setattr(limits, "WAIT", 0.01)
    middleware = limits.seated(lambda request: request.view(), limits.Seats(1))

    def ask(view=HttpResponse, path=LICENCE):
        request = RequestFactory().get(path)
        request.view = view
        return middleware(request)

    return ask


def full(response) -> None:
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"are answered just now" in response.content


def test_who_finds_no_seat_is_told_so_and_probes_need_none(seated):
    inside = []

    def view():
        inside.extend(seated(path=path) for path in (LICENCE, LICENCE, "/admin/", "/livez", "/readyz", "/static/x.css"))
        return HttpResponse()

    assert seated(view).status_code == 200
    for response in inside[:3]:
        full(response)
    assert [response["Content-Type"] for response in inside[1:3]] == [
        "application/problem+json",
        "text/html; charset=utf-8",
    ]
    assert [response.status_code for response in inside[3:]] == [200] * 3
    assert seated().status_code == 200


def test_while_seats_come_free_one_is_waited_for(seated, monkeypatch):
    monkeypatch.setattr(limits, "WAIT", 60)
    begun, done = threading.Event(), threading.Event()

    def view():
        begun.set()
        assert done.wait(60)
        return HttpResponse()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(seated, view)
        assert begun.wait(60)
        second = pool.submit(seated)
        done.set()
        assert [each.result().status_code for each in (first, second)] == [200, 200]


def test_a_stream_keeps_its_seat_until_it_is_over_or_dropped(seated):
    for end in (lambda stream: stream.close(), lambda stream: b"".join(stream) and stream.close(), lambda stream: None):
        stream = seated(lambda: StreamingHttpResponse([b"one", b"two"]))
        full(seated())
        end(stream)
        del stream
        gc.collect()
        assert seated().status_code == 200


# Lengths


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{'a' * 17_000}", {}, 414),
        (f"/api/v1/commitments/?party={'a' * 17_000}", {}, 414),
        ("/licence/", {"x-anything": "a" * 33_000}, 431),
        ("/licence/", {f"x-{number}": "a" * 400 for number in range(90)}, 431),
        ("/licence/", {"host": "a" * 33_000}, 431),
    ],
)
def test_what_is_too_long_is_refused_before_it_is_read(client, path, headers, status):
    problem(client.get(path, headers=headers), status)


def test_what_a_limit_refuses_carries_the_headers_of_every_answer(client):
    refused = client.get("/licence/", headers={"x-anything": "a" * 33_000}, secure=True)
    assert (refused["X-Content-Type-Options"], refused["Referrer-Policy"]) == ("nosniff", "same-origin")
