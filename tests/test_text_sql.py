"""The folding of the search column is the folding of the pages: SQL and Python agree on every text."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.text import TABLE, fold

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(CHARACTERS) | st.text(st.sampled_from([*TABLE, " ", "a", "ب", "A", "أ", "\u064b"]))
IN_ONE_DATABASE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_sql(texts):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.fold(text) FROM unnest(%s::text[]) WITH ORDINALITY t (text, i) ORDER BY i", [texts]
        )
        return [folded for (folded,) in cursor.fetchall()]


@IN_ONE_DATABASE
@given(st.lists(TEXTS, max_size=20))
@pytest.mark.no_cover
def test_sql_and_python_fold_any_text_alike(db, texts):
    assert in_sql(texts) == [fold(text).text for text in texts]


def test_sql_and_python_fold_each_character_of_the_table_alike(db):
    texts = [f"x{character} {character}y" for character in TABLE]
    assert in_sql(texts) == [fold(text).text for text in texts]


@pytest.mark.prove
def test_sql_and_python_fold_every_character_of_unicode_alike(db):
    characters = [chr(point) for point in range(1, 0x110000) if not 0xD800 <= point < 0xE000]
    texts = ["x".join(characters[first : first + 0x1000]) for first in range(0, len(characters), 0x1000)]
    assert in_sql(texts) == [fold(text).text for text in texts]


def test_an_index_may_be_built_on_the_sql_function(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT provolatile, proisstrict, proparallel FROM pg_proc WHERE oid = 'public.fold(text)'::regprocedure"
        )
        assert cursor.fetchall() == [("i", True, "s")]
    assert in_sql([None]) == [None]
