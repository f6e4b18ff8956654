"""How the service stands without its database, with a slow one, an old one, a tampered one, an empty one."""

import html

import psycopg
from django.conf import settings
from django.db import close_old_connections, connection, connections, transaction

from commitments import models
from commitments.api import errors, exports, views
from commitments.ledger import act
from tests import builders
from tests.api_register import CONVOYS, problem

API = "/api/v1/"
LIST = API + "commitments/"


def test_an_empty_register_answers_and_its_page_says_so(client, fresh_database):
    assert client.get(LIST).json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert "Nothing is published yet." in client.get("/").content.decode()
    assert client.get("/readyz").status_code == 200


def test_without_a_database_the_service_says_so_and_is_back_with_it(client, fresh_database):
    connection.close()
    connection.settings_dict["NAME"] = "nowhere"
    for path in (LIST, f"{LIST}{CONVOYS}/", "/"):
        response = client.get(path)
        problem(response, 503)
        assert response["Retry-After"] == str(errors.RETRY_AFTER)
    assert client.get("/livez").status_code == 200
    assert client.get(API + "vocabularies/").status_code == 200
    unready = problem(client.get("/readyz"), 503)
    assert unready["checks"] == dict.fromkeys(("database", "migrations", "ledger"), "the database doesn't answer")
    connection.settings_dict["NAME"] = fresh_database
    assert client.get(LIST).json()["count"] == 0
    assert client.get("/readyz").status_code == 200


def held(*statements):
    """A view's rows that can't be read: what the statements do goes on for ever."""

    def rows(self, size, day):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return rows


def test_a_query_that_runs_too_long_is_a_503_and_the_next_one_is_answered(client, fresh_database, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr(views.Shelf, "rows", held("SET statement_timeout = '20ms'", "SELECT pg_sleep(60)"))
        response = client.get(API + "parties/")
    assert problem(response, 503)["detail"] == errors.GIVEN_UP["57014"]
    assert response["Retry-After"] == str(errors.RETRY_AFTER)
    assert "The database failed: canceling statement due to statement timeout" in caplog.text
    connection.close()
    assert client.get(API + "parties/").status_code == 200


def test_a_lock_that_is_held_too_long_is_a_503(client, fresh_database, monkeypatch):
    rows = held("SET lock_timeout = '20ms'", "SELECT FROM commitments_topic")
    monkeypatch.setattr(views.Shelf, "rows", rows)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK commitments_topic")
        assert problem(client.get(API + "parties/"), 503)["detail"] == errors.GIVEN_UP["55P03"]
    connection.close()


def test_the_serving_roles_connection_has_its_timeouts_whatever_the_server_says(fresh_database):
    with connection.cursor() as cursor:
        for name, value in settings.TIMEOUTS.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] in (value, value.replace("60s", "1min"))


def test_a_download_has_more_time_for_its_query_and_leaves_none_of_it_behind(client, fresh_database, monkeypatch):
    told = []

    def batches(rows):
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            told.append(cursor.fetchone()[0])
        yield from ()

    monkeypatch.setattr(exports, "batches", batches)
    client.get(API + "commitments.jsonl")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert (told, cursor.fetchone()[0]) == (["1min"], "15s")


def test_a_connection_that_the_server_ended_is_made_anew(client, fresh_database):
    assert client.get(LIST).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])
    problem(client.get(LIST), 503)
    close_old_connections()  # as each request of a real server begins
    assert client.get(LIST).status_code == 200


def test_a_missing_migration_makes_it_unready(client, fresh_database):
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    checks = problem(client.get("/readyz"), 503)["checks"]
    assert checks == {"database": "ok", "migrations": "sessions.0001_initial isn't applied", "ledger": "ok"}


def test_a_tampered_ledger_head_makes_it_unready(client, fresh_database):
    with act(actor="author", reason="begin"):
        builders.topic()
    assert client.get("/readyz").status_code == 200
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("""UPDATE ledger_entry SET canonical = replace(canonical, '"author"', '"nobody"')""")
    checks = problem(client.get("/readyz"), 503)["checks"]
    assert checks == {"database": "ok", "migrations": "ok", "ledger": "the last entry isn't the one that was hashed"}


def test_the_desk_without_a_database_says_so_and_is_back_with_it(client, fresh_database):
    with act(actor="set-up", reason="an account for the test"):
        client.force_login(models.User.objects.create_superuser("chief"))
    client.raise_request_exception = False
    connection.close()
    connection.settings_dict["NAME"] = "nowhere"
    again = {client.get: '<a href="/admin/commitments/topic/add/">حاول', client.post: "لإرسال استمارتك ثانيةً"}
    for asked, told in again.items():
        response = asked("/admin/commitments/topic/add/")
        assert (response.status_code, response["Retry-After"]) == (503, str(errors.RETRY_AFTER))
        assert html.escape(errors.DETAILS[503]) in response.content.decode()
        response = asked("/admin/commitments/topic/add/", headers={"Accept-Language": "ar"})
        page = response.content.decode()
        assert (response.status_code, response["Retry-After"]) == (503, str(errors.RETRY_AFTER))
        assert all(each in page for each in ('lang="ar" dir="rtl"', "يتعذّر الوصول إلى قاعدة البيانات الآن", told))
    connection.settings_dict["NAME"] = fresh_database
    assert client.get("/admin/commitments/topic/add/").status_code == 200
