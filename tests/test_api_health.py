"""How the service stands without its database, with a slow one, an old one, a tampered one, an empty one."""

from django.db import connection, connections

from commitments import models
from commitments.api import errors, views
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


def test_a_query_that_runs_too_long_is_a_503(client, fresh_database, monkeypatch):
    def sleepy(self):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(views.Shelf, "rows", sleepy)
    problem(client.get(API + "parties/"), 503)
    connection.close()


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
    for asked in (client.get, client.post):
        response = asked("/admin/commitments/topic/add/")
        assert (response.status_code, response["Retry-After"]) == (503, str(errors.RETRY_AFTER))
        assert response.content.decode() == errors.DETAILS[503]
    connection.settings_dict["NAME"] = fresh_database
    assert client.get("/admin/commitments/topic/add/").status_code == 200
