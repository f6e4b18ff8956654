"""Settings: local by `manage.py`, strict otherwise, and loud about what is missing or wrong."""

import json
import logging
import os
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import PROJECT
from tracker.logs import JSONLines
from tracker.middleware import desk_headers, public

PRODUCTION = {
    "DJANGO_SECRET_KEY": "ten random" * 5,
    "DJANGO_ALLOWED_HOSTS": "tracker.example.org, www.example.org",
    "DATABASE_URL": "postgresql://tracker:word@db.example.org/tracker",
    "DATABASE_OWNER_URL": "postgresql://tracker_owner:word@db.example.org/tracker",
}
LOCALLY = " (To try the tracker on this machine: `make run`, which needs no settings.)"


@pytest.fixture
def load(monkeypatch):
    """Read the settings afresh under the variables given, and no others of ours."""

    def read(**variables):
        ours = ("DJANGO_", "DATABASE_", "TRACKER_CORS", "TRACKER_PROXIES", "TRACKER_RATE")
        for name in [name for name in os.environ if name.startswith(ours)]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(PROJECT / "tracker" / "settings.py"))

    return read


def run(*arguments, cwd=PROJECT, **variables):
    """Run Python under the variables given, and no others of ours."""
    others = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=others | variables, capture_output=True, text=True, check=False
    )


def refusal(load, **variables):
    with pytest.raises(ImproperlyConfigured) as refused:
        load(**variables)
    return str(refused.value)


def test_production_needs_a_secret(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_SECRET_KEY": ""}) == (
        "DJANGO_SECRET_KEY is not set. It signs the curators' sessions; whoever knows it can act as any of them. Set "
        "it to 50 or more random characters, say from `python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        + LOCALLY
    )


def test_a_short_secret_is_refused_and_not_repeated(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_SECRET_KEY": "short"}) == (
        "DJANGO_SECRET_KEY has 5 characters, too few to be safe from guessing. Set 50 or more, at random: "
        "`python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`."
    )


def test_production_needs_hosts(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_ALLOWED_HOSTS": ""}) == (
        "DJANGO_ALLOWED_HOSTS is not set. Answers to any other host name are refused, since such a name can be forged. "
        "Set it to the site's host names, comma-separated, say `tracker.example.org`." + LOCALLY
    )


def test_an_owner_without_a_serving_role_is_refused(load):
    assert refusal(load, **PRODUCTION | {"DATABASE_URL": ""}) == (
        "DATABASE_OWNER_URL is set and DATABASE_URL is not: migrations would reach another database than the site. "
        "Set both, the second for a role that owns nothing; or neither, to use a private database."
    )


@pytest.mark.parametrize("address", ["sqlite:///db.sqlite3", "mysql://host/tracker", "nonsense", "postgresql://host/"])
def test_any_other_database_is_refused(load, address):
    assert refusal(load, **PRODUCTION | {"DATABASE_URL": address}) == (
        "DATABASE_URL is no address of a PostgreSQL database, and the history needs PostgreSQL's triggers. Write it as "
        "postgresql://USER:PASSWORD@HOST:5432/NAME, or unset it to use a private database."
    )


def test_a_switch_is_one_or_zero(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_DEBUG": "yes"}) == (
        "DJANGO_DEBUG='yes' is neither yes nor no. Set it to 1 or 0."
    )


def test_stack_traces_are_never_shown_to_others(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_DEBUG": "1"}) == (
        "DJANGO_DEBUG=1 shows stack traces and settings, and DJANGO_ALLOWED_HOSTS has names by which others reach this "
        "site. Unset DJANGO_DEBUG, or allow only 127.0.0.1,localhost,[::1]."
    )
    read = load(**PRODUCTION | {"DJANGO_DEBUG": "1", "DJANGO_ALLOWED_HOSTS": "localhost, [::1]"})
    assert (read["DEBUG"], read["BEYOND_LOOPBACK"]) == (True, False)


def test_behind_tls_each_cookie_is_this_hosts_own(load):
    for variables, secure in (
        ({}, True),
        ({"DJANGO_PLAIN_HTTP": "1", "DJANGO_PROXY_SSL_HEADER": "X-Forwarded-Proto"}, True),
        ({"DJANGO_PLAIN_HTTP": "1"}, False),
    ):
        read = load(**PRODUCTION, **variables)
        for cookie, name in (("SESSION", "sessionid"), ("CSRF", "csrftoken"), ("LANGUAGE", "django_language")):
            found = [read[f"{cookie}_COOKIE_{what}"] for what in ("NAME", "SECURE", "HTTPONLY")]
            assert found == ["__Host-" * secure + name, secure, True]
            assert (read.get(f"{cookie}_COOKIE_DOMAIN"), read.get(f"{cookie}_COOKIE_PATH")) == (
                None,
                None,
            )  # the host's
    assert load(**PRODUCTION)["BEYOND_LOOPBACK"]


def test_a_number_is_whole(load):
    assert refusal(load, **PRODUCTION | {"DJANGO_HSTS_SECONDS": "-1"}) == (
        "DJANGO_HSTS_SECONDS='-1' is no whole number. Set it to 0 or more, say 31536000."
    )


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("TRACKER_RATE_LIMIT", "many", 600),
        ("TRACKER_RATE_LIMIT", "-1", 600),
        ("TRACKER_RATE_LIMIT", "1000000000", 600),
        ("TRACKER_PROXIES", "10.0.0.1", 1),
        ("TRACKER_PROXIES", "٢", 1),
    ],
)
def test_a_number_of_requests_or_proxies_is_whole(load, name, value, example):
    assert refusal(load, **PRODUCTION, **{name: value}) == (
        f"{name}={value!r} is no whole number. Set it to 0 or more, say {example}."
    )


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("https://a.example/", "https://a.example/"),
        ("https://a.example, b.example", "b.example"),
        ("*, https://a.example", "*"),
        ("https://*.example", "https://*.example"),
        ("null", "null"),
        ("https://a.example,", ""),
        ("HTTPS://A.EXAMPLE", "HTTPS://A.EXAMPLE"),
    ],
)
def test_what_is_no_origin_is_refused(load, value, wrong):
    assert refusal(load, **PRODUCTION, TRACKER_CORS_ORIGINS=value) == (
        f"TRACKER_CORS_ORIGINS: {wrong!r} is no origin. Set it to `*` for any, or to origins as browsers send them, "
        "comma-separated, without a path: `https://www.example.org,http://localhost:3000`."
    )


def test_any_origin_may_read_unless_some_are_named(load):
    for variables, everybody, named in (
        ({}, True, []),
        ({"TRACKER_CORS_ORIGINS": "*"}, True, []),
        ({"TRACKER_CORS_ORIGINS": "https://a.example, http://[::1]:3000"}, False,
         ["https://a.example", "http://[::1]:3000"]),
    ):  # fmt: skip
        read = load(**PRODUCTION, **variables)
        assert (read["CORS_ALLOW_ALL_ORIGINS"], read["CORS_ALLOWED_ORIGINS"]) == (everybody, named)


def test_limits_are_off_and_no_proxy_is_trusted_unless_told(load):
    read = load(**PRODUCTION)
    assert (read["RATE_LIMIT"], read["PROXIES"]) == (0, 0)
    read = load(**PRODUCTION, TRACKER_RATE_LIMIT="600", TRACKER_PROXIES="2")
    assert (read["RATE_LIMIT"], read["PROXIES"]) == (600, 2)


def test_the_serving_role_has_timeouts_on_any_server_and_the_owner_has_none(load):
    read = load(**PRODUCTION)["DATABASES"]
    serving, owner = (read[alias]["OPTIONS"] for alias in ("default", "owner"))
    assert serving.pop("options") == (
        "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
        " -c plan_cache_mode=force_generic_plan"
    )
    assert serving == owner
    assert serving["connect_timeout"] == 5
    own = PRODUCTION["DATABASE_URL"] + "?options=-c%20statement_timeout%3D60s&connect_timeout=2"
    options = load(**PRODUCTION | {"DATABASE_URL": own})["DATABASES"]["default"]["OPTIONS"]
    assert (options["options"], str(options["connect_timeout"])) == ("-c statement_timeout=60s", "2")


def test_production_is_bound_to_https(load):
    read = load(**PRODUCTION)
    assert read["ALLOWED_HOSTS"] == ["tracker.example.org", "www.example.org"]
    expected = {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
    }
    assert {name: read[name] for name in expected} == expected
    assert {alias: database["USER"] for alias, database in read["DATABASES"].items()} == {
        "default": "tracker",
        "owner": "tracker_owner",
    }


def test_a_proxy_may_end_https_and_redirect_itself(load):
    read = load(**PRODUCTION, DJANGO_PROXY_SSL_HEADER="X-Forwarded-Proto", DJANGO_SSL_REDIRECT="0")
    assert read["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert read["SECURE_SSL_REDIRECT"] is False


def test_one_address_serves_and_owns_where_no_owner_is_named(load):
    read = load(**PRODUCTION | {"DATABASE_OWNER_URL": ""})
    owner, serving = read["DATABASES"]["owner"], read["DATABASES"]["default"]
    assert owner | {"OPTIONS": {}} == serving | {"OPTIONS": {}}


def test_a_socket_in_a_folder_with_capitals_and_spaces_is_understood(load):
    read = load(**PRODUCTION | {"DATABASE_URL": "postgresql://tracker@%2FMy%20Data%2Fpostgres:5432/tracker"})
    database = read["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("/My Data/postgres", 5432, "tracker")


def test_djangos_deployment_check_finds_nothing():
    told = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (told.returncode, told.stdout) == (0, "System check identified no issues (0 silenced).\n"), told.stderr


def test_a_server_started_by_an_operator_refuses_to_go_without_settings():
    told = run("-c", "import tracker.wsgi")
    assert told.returncode == 1
    assert "ImproperlyConfigured: DJANGO_SECRET_KEY is not set." in told.stderr


def test_manage_says_what_is_wrong_in_one_line_from_any_folder(tmp_path):
    told = run(PROJECT / "manage.py", "check", cwd=tmp_path, **PRODUCTION | {"DJANGO_SECRET_KEY": ""})
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("DJANGO_SECRET_KEY is not set. ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("more", [[], ["--traceback"]])
def test_manage_says_in_one_line_that_the_database_is_away(more):
    away = {"DATABASE_URL": "postgresql://tracker@127.0.0.1:1/tracker", "DATABASE_OWNER_URL": ""}
    told = run(PROJECT / "manage.py", "import_fixtures", "fixtures", *more, **PRODUCTION | away)
    assert (told.returncode, told.stdout) == (1, "")
    if more:
        assert told.stderr.startswith("Traceback")
    else:
        assert told.stderr.startswith("PostgreSQL went away, or gave up: ")
        assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(("path", "styles"), [("/", "'self'"), ("/api/docs/", "'self' 'unsafe-inline'")])
def test_every_answer_forbids_what_is_not_from_here(path, styles):
    answer = public(desk_headers(lambda request: HttpResponse()))(RequestFactory().get(path))
    assert answer["Content-Security-Policy"] == (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


@settings(deadline=None)
@given(message=st.text(), argument=st.text(st.characters(codec=None)))
def test_no_input_can_break_or_fake_a_log_line(message, argument):
    record = logging.LogRecord("any", logging.WARNING, "file", 1, "%s|%s", (message, argument), None)
    line = JSONLines().format(record)
    assert line.isprintable()
    assert line.isascii()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("warning", "any", f"{message}|{argument}")
    assert told["time"].endswith("+00:00")


def test_a_log_line_survives_arguments_that_do_not_fit_and_holds_the_traceback():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("any", logging.ERROR, "file", 1, "%d left", ("none",), sys.exc_info())
    told = json.loads(JSONLines().format(record))
    assert told["message"] == "%d left ('none',)"
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["exception"].endswith("ValueError: two\nlines")
