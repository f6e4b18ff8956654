"""Every word of the source documents, in every other spelling that folds to it, asks for the same and finds the same."""

import itertools
import os
import random
from collections import defaultdict

import pytest
from django.db import connection

from commitments import models, search
from commitments.text import TABLE, fold

pytestmark = [pytest.mark.documents, pytest.mark.no_cover]

SHARE = 1 if os.environ.get("PROVE") else 30  # of the words, one in so many
INSERTED = 80 // SHARE  # marks and invisible characters tried inside each word; over all words, each of them is
FOUND = 400  # of the words, so many stand in something public
WRITTEN = defaultdict(list)  # what a character folds to → the characters that do
for _character, _folded in TABLE.items():
    WRITTEN[_folded].append(_character)
BETWEEN = WRITTEN.pop("")  # marks, tatweel, soft hyphens, zero-width spaces, bidi controls


@pytest.fixture(scope="module")
def words(documents) -> list[str]:
    """The different words of the documents, as they are written there, in a fixed order."""
    found = set()
    for text in documents.values():
        folded = fold(text)
        spans = [folded.span(start, end) for _word, start, end in search.words(folded.text)]
        found |= {text[start:end] for start, end in spans}
    return random.Random(1).sample(sorted(found), len(found))


def spellings(word: str, number: int) -> set[str]:
    """Every letter in every way, many at once; several letters as one sign; marks and invisible signs between."""
    folded = fold(word).text
    ways = [[letter, *WRITTEN[letter]] for letter in folded]
    made = {"".join(way[turn % len(way)] for way in ways) for turn in range(max(map(len, ways)))}
    for joined, signs in WRITTEN.items():
        if len(joined) > 1 and joined in folded:
            made |= {folded.replace(joined, sign) for sign in signs}
    for turn in range(number * INSERTED, (number + 1) * INSERTED):
        place = 1 + turn % max(1, len(folded) - 1)
        made.add(folded[:place] + BETWEEN[turn % len(BETWEEN)] + folded[place:])
    made.add("\u0640\u064e\u200d".join(word))
    return {spelling for spelling in made if len(spelling) <= 200} - {word}


def test_every_spelling_of_every_word_asks_for_the_same(words, record_property):
    differing, tried = [], 0
    for number, word in enumerate(words[::SHARE]):
        asked = search.read(word).tsquery()
        others = spellings(word, number)
        tried += len(others)
        differing += [ascii(each) for each in others if search.read(each).tsquery() != asked]
    assert differing == []
    record_property("checked", f"{tried} spellings of {len(words[::SHARE])} words asked for the same")


def heard(typed: str) -> search.Query:
    query = search.read(typed)
    return query.heard(models.CommitmentIndex.objects.standing(query.doubtful()))


def finding(typed: list[str]) -> dict[str, list[str]]:
    """{query: the references that it finds}, asked of the search column itself."""
    public = models.Publication.objects.known_at(None).standing().of("commitment")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(p.record ORDER BY p.record) FILTER (WHERE p.record IS NOT NULL) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS q (asked, n) LEFT JOIN commitments_commitmentindex s "
            "JOIN commitments_publication p ON p.ref = s.publication_id AND p.ref = ANY (%s) "
            "ON s.vector @@ q.asked::tsquery GROUP BY q.n ORDER BY q.n",
            [[heard(each).tsquery() for each in typed], list(public.values_list("ref", flat=True))],
        )
        return dict(zip(typed, (found or [] for (found,) in cursor.fetchall()), strict=True))


def test_every_word_finds_the_same_in_another_spelling(words, shipped, client, record_property):
    found = finding(words)
    assert sum(map(bool, found.values())) >= FOUND
    asked = sorted(words, key=lambda word: not found[word])[:: SHARE * 4]
    for number, word in enumerate(asked):
        others = sorted(spellings(word, number))
        for typed in (word, others[number % len(others)]):
            answer = client.get("/api/v1/commitments/", {"q": typed, "page_size": 200, "fields": "title"})
            assert answer.status_code == 200, ascii(typed)
            assert sorted(each["ref"] for each in answer.json()["results"]) == found[word], ascii(typed)
    some = sum(bool(found[word]) for word in asked)
    record_property("checked", f"{len(asked)} words found the same in another spelling, {some} of them something")


def test_every_sign_that_may_stand_inside_a_word_hides_nothing(words):
    word = next(filter(str.isalpha, words))
    asked = search.read(word).tsquery()
    assert [ascii(sign) for sign in BETWEEN if search.read(word[:1] + sign + word[1:]).tsquery() != asked] == []


def test_all_ways_to_write_a_letter_are_tried():
    assert set(itertools.chain.from_iterable(WRITTEN.values())) | set(BETWEEN) == set(TABLE)
