"""The bare SQL: one statement a request, from ready JSON, by the barest WSGI application."""

import os
import threading
from urllib.parse import parse_qsl

import psycopg

LIST = """SELECT '{"count":' || (SELECT count(*) FROM bare.facet WHERE party = %(party)s AND status = %(status)s) || ',"results":['
  || coalesce((SELECT string_agg(d.item, ',' ORDER BY k.deadline, k.ref) FROM (SELECT deadline, ref FROM bare.facet
    WHERE party = %(party)s AND status = %(status)s ORDER BY deadline, ref LIMIT 50) k JOIN bare.document d USING (ref)), '') || ']}'"""
DETAIL = "SELECT detail FROM bare.document WHERE ref = %(ref)s"
SEARCH = """WITH found AS MATERIALIZED (SELECT ref FROM bare.document WHERE words @@ plainto_tsquery('simple', %(q)s))
SELECT '{"count":' || (SELECT count(*) FROM found) || ',"results":[' || coalesce((SELECT string_agg(d.item, ',' ORDER BY d.ref)
  FROM (SELECT ref FROM found ORDER BY ref LIMIT 50) k JOIN bare.document d USING (ref)), '') || ']}'"""
QUERIES = {"/list": LIST, "/detail": DETAIL, "/search": SEARCH}
local = threading.local()


def application(environ, start_response):
    """Answers a query with the text that the database gives."""
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    query = QUERIES[environ["PATH_INFO"]]
    body = local.connection.execute(query, dict(parse_qsl(environ["QUERY_STRING"]))).fetchone()[0].encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
