"""Search: the words of a text, what is written before an Arabic word, what a query asks for; and the search column's SQL."""

import datetime
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from . import dates
from .parallels import OFFICIAL
from .text import Folded, fold

# What stands between the words of a folded text: ASCII but letters and digits, then the punctuation and signs of Unicode.
SEPARATORS = (
    "0001-002F 003A-0040 005B-0060 007B-00A9 00AB-00B4 00B6-00B9 00BB-00BF 00D7 00F7 02C2-02FF 0600-060F 061B-061F "
    "066A-066D 06D4 06DD 06DE 06E9 06FD 06FE 0700-070F 2000-206F 20A0-20CF 2190-2BFF 2E00-2E7F 3000-3020 3030 FD3E-FD4F "
    "1F000-1FAFF"
)
BETWEEN = "".join("-".join(rf"\U{int(end, 16):08x}" for end in part.split("-")) for part in SEPARATORS.split())
# A number in groups of three is one word, 2500 as 2,500. The same expression in Python and in SQL.
WORD = rf"[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|[^{BETWEEN}]+"
WORDS = re.compile(WORD)
YEAR = re.compile("[0-9]{4}")
LONGEST = 100  # characters of a word that count

# What Arabic writes as part of a word: a conjunction, a preposition and the article, in this order; li-al- is written ll.
ARTICLE = "\u0627\u0644"
AFFIXES = sorted(
    (conjunction + preposition + article).replace("\u0644\u0627\u0644", "\u0644\u0644")
    for conjunction, preposition, article in product(
        ("", "\u0648", "\u0641"), ("", "\u0628", "\u0643", "\u0644"), ("", ARTICLE)
    )
    if conjunction or preposition or article
)
ARTICLES = [affix for affix in AFFIXES if affix.endswith((ARTICLE, "\u0644\u0644"))]
LEAST = 2  # letters that must be left of a word
SURE = 3  # letters that must be left of a query's word for the rest to be looked for as a word of its own

# A tsvector holds 1 MiB; a word is kept in up to five forms, each with its place.
WORDS_KEPT, BYTES_KEPT = 10_000, 150_000  # of one commitment's texts, the most telling first
NAMES_KEPT, NAMES_BYTES = 1_500, 22_500  # of the names that it shows, beside these
MOST = 20  # words of a query
BARE, DEFINITE, DAY = "~", "^", "@"  # in the column: a word without an affix, without its article; a day of a deadline


class Unsearchable(ValueError):
    """A query that asks for nothing, or for too much; says what to do."""


def words(folded: str) -> Iterator[tuple[str, int, int]]:
    """The words of a folded text, each with where it begins and ends there."""
    for found in WORDS.finditer(folded):
        yield found[0].replace(",", "")[:LONGEST], found.start(), found.end()


def without(word: str, affixes: list[str]) -> list[str]:
    """What is left of a word without each of the affixes with which it begins."""
    return [word[len(affix) :] for affix in affixes if word.startswith(affix) and len(word) >= len(affix) + LEAST]


@functools.lru_cache(8192)
def kept(word: str) -> set[str]:
    """What the column keeps of a word: itself, and what it is without what is written before it."""
    bare, definite = without(word, AFFIXES), without(word, ARTICLES)
    return {word, *(BARE + each for each in bare), *(DEFINITE + each for each in definite)}


@dataclass(frozen=True)
class Word:
    """A word of a query. It finds itself with anything before it, and without what stands before it in the query;
    a definite one finds its definite forms. `opens`: it finds whatever begins so. `rests`: what is left of it and is a
    word of its own, so that it finds that with anything before it, too."""

    text: str
    opens: bool = False
    rests: tuple[str, ...] = ()

    def left(self) -> list[str]:
        """What may be its rests; whether they are is for the register to say (`Query.heard`)."""
        return [] if self.opens else [each for each in without(self.text, AFFIXES) if len(each) >= SURE]

    @functools.lru_cache(64)  # noqa: B019 - a word of a query is small, and asked about each word of a page's texts
    def wanted(self) -> tuple[set[str], tuple[str, ...]]:
        """What of `kept` it finds: these, and all that begin with those."""
        definite = without(self.text, ARTICLES)
        if self.opens:
            return set(), (self.text, BARE + self.text, *definite, *(DEFINITE + each for each in definite))
        bare = without(self.text, AFFIXES)
        rests = {BARE + each for each in self.rests}
        return {self.text, BARE + self.text, *bare, *rests, *(DEFINITE + each for each in definite)}, ()

    def finds(self, word: str) -> bool:
        same, begun = self.wanted()
        return any(each in same or each.startswith(begun) for each in kept(word))

    def tsquery(self) -> str:
        same, begun = self.wanted()
        return (
            f"({'|'.join([quoted(each) for each in sorted(same)] + [f'{quoted(each)}:*' for each in sorted(begun)])})"
        )


def quoted(lexeme: str) -> str:
    """The tsquery that finds a word of the column."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class Term:
    """What must be found: a word, a phrase (its words one after another), or a date (the same, or what is due then).

    `days`: the spans of days that the words can mean, first to last; () if they are no date.
    """

    words: tuple[Word, ...]
    days: tuple[tuple[datetime.date, datetime.date], ...] = ()

    def in_words(self) -> str:
        """The tsquery of its words alone."""
        return f"({' <-> '.join(word.tsquery() for word in self.words)})"

    def tsquery(self) -> str:
        """The tsquery that finds it; of a date also what has ever been due then."""
        days = [f"{quoted(DAY + prefix)}:*" for span in self.days for prefix in _prefixes(*span)]
        return f"({' | '.join([self.in_words(), *days])})"

    def is_due(self, day: datetime.date | None) -> bool:
        """Whether a deadline's latest day is one of its days."""
        return day is not None and any(first <= day <= last for first, last in self.days)

    def places(self, said: list[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
        """Where a text of these words has it: the numbers of its first word and of the one after its last."""
        size = len(self.words)
        for first in range(len(said) - size + 1):
            if all(word.finds(said[first + number][0]) for number, word in enumerate(self.words)):
                yield first, first + size


@functools.lru_cache(4096)  # pages of different queries show the same texts
def _read(content: str) -> tuple[Folded, list[tuple[str, int, int]]]:
    """A text folded, and its words."""
    folded = fold(content)
    return folded, list(words(folded.text))


@dataclass(frozen=True)
class Query:
    """What a query asks for: all of its terms."""

    terms: tuple[Term, ...]

    def doubtful(self) -> set[str]:
        """Words of the column that decide how its words are parted: `heard` takes those of them that the register has."""
        asked = {word for term in self.terms for word in term.words if word.left()}
        return {each for word in asked for part in (word.text, *word.left()) for each in (part, ARTICLE + part)}

    def heard(self, standing: set[str]) -> "Query":
        """The same query where `standing` are the doubtful words that stand in the register. What is left of a word is a
        word of its own if it stands there by itself, or behind an article while the whole stands nowhere: so
        وقوات is parted, and لقاء is not."""

        def parted(word: Word) -> Word:
            nowhere = standing.isdisjoint((word.text, ARTICLE + word.text))
            own = (each for each in word.left() if each in standing or (nowhere and ARTICLE + each in standing))
            return replace(word, rests=tuple(own))

        return Query(tuple(replace(term, words=tuple(map(parted, term.words))) for term in self.terms))

    def tsquery(self) -> str:
        return " & ".join(term.tsquery() for term in self.terms)

    def marks(self, content: str) -> list[tuple[int, int]]:
        """Where a text has any of the terms: spans of its characters, in order, none touching another."""
        folded, said = _read(content)
        found = sorted(
            folded.span(said[first][1], said[after - 1][2]) for term in self.terms for first, after in term.places(said)
        )
        spans: list[tuple[int, int]] = []
        for start, end in found:
            if spans and start <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(end, spans[-1][1])
            else:
                spans.append((start, end))
        return spans


def read(query: str) -> Query:
    """The query that people typed: words, "phrases", prefix*, and a date in any form; Unsearchable if there is nothing in it."""
    folded = fold(query)
    borders = [-1, *(place for place, character in enumerate(folded.text) if character == '"'), len(folded.text)]
    if len(borders) % 2:
        raise Unsearchable("has a quotation mark that isn't closed: close it, or leave it out")
    terms: list[Term] = []
    for number, (before, after) in enumerate(pairwise(borders)):
        piece = query[folded.origin[before + 1] : folded.origin[after]]
        terms += _phrase(piece) if number % 2 else _terms(piece)
    if not terms:
        raise Unsearchable("holds no word to look for: give one, or leave the parameter out")
    if sum(len(term.words) for term in terms) > MOST:
        raise Unsearchable(f"has more than {MOST} words: give fewer")
    return Query(tuple(terms))


def _phrase(piece: str) -> list[Term]:
    said = tuple(word for word, _start, _end in _words(piece))
    return [Term(said)] if said else []


def _terms(piece: str) -> list[Term]:
    """The words of what stands outside of phrases; those that make a date are one term, and what is left is read again."""
    said, reading = _words(piece), dates.read(piece)
    days = tuple(_days(reading))
    dated = [each for each in said if days and reading.start <= each[1] and each[2] <= reading.end]
    if not dated:
        return [Term((word,), tuple(_year(word))) for word, _start, _end in said]
    term = Term(tuple(word for word, _start, _end in dated), days)
    return [*_terms(piece[: dated[0][1]]), term, *_terms(piece[dated[-1][2] :])]


def _year(word: Word) -> Iterator[tuple[datetime.date, datetime.date]]:
    """The days of the year that a word is, if it is one: people type it among other words."""
    if YEAR.fullmatch(word.text) and not word.opens:
        yield from _days(dates.read(word.text))


def _words(piece: str) -> list[tuple[Word, int, int]]:
    """The words of a part of a query, each with where it stands there."""
    folded = fold(piece)
    return [
        (Word(word, folded.text[end : end + 1] == "*"), *folded.span(start, end))
        for word, start, end in words(folded.text)
    ]


def _days(reading: dates.Reading) -> Iterator[tuple[datetime.date, datetime.date]]:
    """The spans of days that a date can mean; an end that is open is the calendar's."""
    if reading.kind == "date":
        for edtf in [each["edtf"] for each in reading.readings or []] + [reading.edtf] * bool(reading.edtf):
            earliest, latest = dates.bounds(edtf)
            yield earliest or datetime.date.min, latest or datetime.date.max


def _prefixes(first: datetime.date, last: datetime.date, prefix: str = "") -> list[str]:
    """The fewest beginnings of ISO days that all days from first to last have, and no others."""
    low, high = _extent(prefix)
    if high < first or last < low:
        return []
    if first <= low and high <= last:
        return [prefix]
    steps = [str(digit) for digit in range(10)] if len(prefix) < 4 else [f"-{step:02}" for step in range(1, 32)]
    nexts = [prefix + step for step in steps if _exists(prefix + step)]
    return [found for each in nexts for found in _prefixes(first, last, each)]


def _exists(prefix: str) -> bool:
    try:
        return bool(_extent(prefix))
    except ValueError:
        return False


def _extent(prefix: str) -> tuple[datetime.date, datetime.date]:
    """The first and the last day that begins so; ValueError if there is none."""
    if len(prefix) > 4:
        return dates.bounds(prefix)
    years = max(1, int(prefix.ljust(4, "0"))), int(prefix.ljust(4, "9"))
    if prefix == "0000":
        raise ValueError(prefix)
    return datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31)


# ---- The column

NEWEST = """(SELECT r.record, n.body::jsonb AS body FROM (SELECT DISTINCT unnest(p.{column}) AS record) r, LATERAL (
    SELECT * FROM commitments_publication n WHERE n.kind = '{kind}' AND n.record = r.record AND NOT n.tombstone
       AND (n.from_seq IS NULL OR p.until_seq IS NULL OR n.from_seq < p.until_seq) ORDER BY n.version DESC LIMIT 1) n) n"""
OWN = "(SELECT '' AS record, p.{column} AS body) n"

# What is searched of a commitment's version, the most telling first: weight, where it is kept, the path to it there.
# What weighs as NAMES is a part of its own, after all else: where another name is shown, the rest is taken over.
NAMES = "C"
BODY, DETAIL = OWN.format(column="body"), OWN.format(column="detail")
TEXTS = (
    ("A", BODY, "$.title.*"),
    ("B", DETAIL, "$.citations[*].exact"),
    ("B", DETAIL, "$.citations[*].translation.*"),
    (NAMES, BODY, "$.statement.title.*"),
    (NAMES, BODY, "$.parties[*].name.*"),
    (NAMES, NEWEST.format(kind="party", column="parties"), "$.aliases[*].name"),
    ("D", DETAIL, "$.deadlines[*].citations[*].exact"),
    ("D", DETAIL, "$.deadlines[*].citations[*].translation.*"),
    ("D", DETAIL, "$.assessments[*].evidence[*].exact"),
    ("D", DETAIL, "$.assessments[*].evidence[*].translation.*"),
    ("D", NEWEST.format(kind="document", column="documents"), "$.headline"),
    (DAY, DETAIL, "$.deadlines[*].latest"),
)


def _text(order: int, weight: str, source: str, path: str) -> str:
    return (
        f"SELECT p.ref, {order}, n.record, v.place, '{weight}', v.said #>> '{{}}' FROM p, LATERAL {source}, "
        f"jsonb_path_query(n.body, '{path}') WITH ORDINALITY v (said, place) WHERE jsonb_typeof(v.said) = 'string'"
    )


def _texts(name: str, columns: str, texts: Sequence[tuple[str, str, str]]) -> str:
    """SQL of the function that gives some of a version's texts, numbered in each of the two parts."""
    said = " UNION ALL ".join(_text(order, *each) for order, each in enumerate(texts))
    return f"""
CREATE OR REPLACE FUNCTION public.{name}(published text[]) RETURNS TABLE (ref text, number bigint, weight text, said text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH p AS MATERIALIZED (SELECT ref::text, {columns}, parties, documents, until_seq FROM commitments_publication WHERE ref = ANY (published))
  SELECT each.ref, row_number() OVER (PARTITION BY each.ref, each.weight = '{NAMES}' ORDER BY each.source, each.record, each.place), each.weight, each.said
    FROM ({said}) each (ref, source, record, place, weight, said);
END $$"""


def _array(values: list[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{value}'" for value in values) + "]"


FUNCTIONS = {
    "search_words": rf"""
CREATE OR REPLACE FUNCTION public.search_words(content text) RETURNS TABLE (word text, place bigint)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$  -- without a search path of its own it becomes a part of what asks
  SELECT left(replace(found[1], ',', ''), {LONGEST}), place
    FROM regexp_matches(public.fold(content) COLLATE "C", '{WORD}', 'g') WITH ORDINALITY AS each (found, place) $$""",
    "search_lexemes": f"""
CREATE OR REPLACE FUNCTION public.search_lexemes(word text) RETURNS TABLE (lexeme text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT word UNION ALL SELECT mark || substr(word, length(affix) + 1)
    FROM (SELECT '{BARE}' AS mark, unnest({_array(AFFIXES)}) AS affix
          UNION ALL SELECT '{DEFINITE}', unnest({_array(ARTICLES)})) affixes
   WHERE ascii(word) IN ({", ".join(sorted({str(ord(affix[0])) for affix in AFFIXES}))})
     AND starts_with(word, affix) AND length(word) >= length(affix) + {LEAST} $$""",
    "search_texts": _texts("search_texts", "body::jsonb, detail::jsonb", TEXTS),
    "search_names": _texts("search_names", "body::jsonb", [each for each in TEXTS if each[0] == NAMES]),
    "search_join": """
CREATE OR REPLACE AGGREGATE public.search_join(tsvector) (SFUNC = tsvector_concat, STYPE = tsvector, INITCOND = '', PARALLEL = SAFE)""",
    "search_columns": f"""
CREATE OR REPLACE FUNCTION public.search_columns(refs text[], numbers bigint[], weights text[], texts text[])
  RETURNS TABLE (ref text, words tsvector) LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = public, pg_temp SET enable_nestloop = 'off' AS $$
  WITH t AS MATERIALIZED (SELECT *, min(own) OVER (PARTITION BY said COLLATE "C") AS same  -- what is said twice is read once
                            FROM unnest(refs, numbers, weights, texts) WITH ORDINALITY AS t (ref, number, weight, said, own)),
       w AS MATERIALIZED (SELECT t.same, w.word, w.place, (sum(octet_length(w.word)) OVER (PARTITION BY t.same ORDER BY w.place))::integer AS bytes
                            FROM t, search_words(t.said) w WHERE t.own = t.same),
       k AS MATERIALIZED (SELECT d.word, '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':' AS lexeme
                            FROM (SELECT DISTINCT word FROM w) d, search_lexemes(d.word)),
       u AS MATERIALIZED (SELECT t.ref, t.number, t.same, t.weight, (t.number - lag(t.number, 1, 0::bigint) OVER said)::integer AS gap,  -- and how much of each is kept
                                 least(s.words, CASE t.weight WHEN '{NAMES}' THEN {NAMES_KEPT} ELSE {WORDS_KEPT} END
                                   + s.words - (sum(s.words) OVER said)::integer) AS words,
                                 least(s.bytes, CASE t.weight WHEN '{NAMES}' THEN {NAMES_BYTES} ELSE {BYTES_KEPT} END
                                   + s.bytes - (sum(s.bytes) OVER said)::integer) AS bytes
                            FROM t JOIN (SELECT same, max(place)::integer AS words, max(bytes) AS bytes FROM w GROUP BY same) s USING (same)
                          WINDOW said AS (PARTITION BY t.ref, t.weight = '{NAMES}' ORDER BY t.number)),
       v AS MATERIALIZED (SELECT u.same, u.weight, u.gap, u.words, u.bytes, string_agg(k.lexeme || w.place + u.gap || u.weight, ' ')::tsvector AS vector
                            FROM (SELECT DISTINCT same, weight, gap, words, bytes FROM u) u JOIN w USING (same) JOIN k USING (word)
                           WHERE w.place <= u.words AND w.bytes <= u.bytes GROUP BY 1, 2, 3, 4, 5)
  SELECT u.ref, search_join(v.vector ORDER BY u.weight = '{NAMES}', u.number) FROM u JOIN v USING (same, weight, gap, words, bytes) GROUP BY u.ref $$""",
    "search_rows": f"""
CREATE OR REPLACE FUNCTION public.search_rows(published text[]) RETURNS TABLE (ref text, vector tsvector, second_hand boolean)
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH t AS MATERIALIZED (SELECT * FROM search_texts(published)),
       c AS (SELECT c.* FROM (SELECT array_agg(ref) AS refs, array_agg(number) AS numbers, array_agg(weight) AS weights, array_agg(said) AS texts
                                FROM t WHERE weight <> '{DAY}') a, search_columns(a.refs, a.numbers, a.weights, a.texts) c),
       d AS (SELECT ref, array_to_tsvector(array_agg(DISTINCT weight || said)) AS days FROM t WHERE weight = '{DAY}' GROUP BY ref)
  SELECT r.ref, coalesce(c.words, '') || coalesce(d.days, ''), second_hand(r.ref)
    FROM unnest(published) r (ref) LEFT JOIN c USING (ref) LEFT JOIN d USING (ref);
END $$""",
    "search_renamed": """
CREATE OR REPLACE FUNCTION public.search_renamed(published text[]) RETURNS TABLE (ref text, vector tsvector, second_hand boolean, stands text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
-- `search_rows` of versions that differ from the ones before in names alone: all but those is taken over, the days being what has no weight.
-- And the version whose standings are theirs, too: those of the version before, where they are there and name nobody.
BEGIN
  RETURN QUERY
  WITH c AS MATERIALIZED (SELECT c.* FROM (SELECT array_agg(ref) AS refs, array_agg(number) AS numbers, array_agg(weight) AS weights, array_agg(said) AS texts
                                FROM search_names(published)) a, search_columns(a.refs, a.numbers, a.weights, a.texts) c)
  SELECT n.ref::text, ts_filter(s.vector, '{a,b,d}') || coalesce(c.words, '')
      || ts_delete(s.vector, tsvector_to_array(ts_filter(s.vector, '{a,b,c,d}'))), s.second_hand,
      CASE WHEN (SELECT bool_and(o.body -> 'parties' IS NULL) FROM commitments_standing o WHERE o.publication_id = s.stands AND o.party = '')
        THEN s.stands ELSE n.ref END::text
    FROM commitments_publication n JOIN commitments_publication l ON l.kind = n.kind AND l.record = n.record AND l.version = n.version - 1
    JOIN commitments_commitmentindex s ON s.publication_id = l.ref LEFT JOIN c ON c.ref = n.ref WHERE n.ref = ANY (published);
END $$""",
    "second_hand": f"""
CREATE OR REPLACE FUNCTION public.second_hand(published text) RETURNS boolean
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (
    SELECT FROM commitments_publication p, jsonb_array_elements(p.body::jsonb -> 'quotes') quote,
      {NEWEST.format(kind="document", column="documents").replace("n.body::jsonb AS body", "n.code").replace("(SELECT", "LATERAL (SELECT", 1)}
     WHERE p.ref = published AND n.record = quote -> 'document' ->> 'ref' AND n.code = '{OFFICIAL}');
END $$""",
}
# Of all public commitments: in batches, so that the words of a hundred thousand needn't be sorted at once.
ROWS = """(SELECT array_agg(ref::text) AS refs FROM (SELECT ref, row_number() OVER (ORDER BY ref) / 500 AS batch
    FROM commitments_publication WHERE kind = 'commitment' AND NOT tombstone) p GROUP BY batch) b, public.search_rows(b.refs) r"""
# An INSERT is one process's work, what a table is made of is shared by several: page by page, so a batch fills one.
FILL = """
CREATE TABLE search_batch (refs text[], room text);
ALTER TABLE search_batch ALTER room SET STORAGE PLAIN, SET (parallel_workers = 2);
INSERT INTO search_batch SELECT array_agg(ref::text), repeat(' ', 5000) FROM (SELECT ref, row_number() OVER (ORDER BY ref) / 500 AS batch
  FROM commitments_publication WHERE kind = 'commitment' AND NOT tombstone) p GROUP BY batch;
CREATE TABLE search_made AS SELECT r.* FROM search_batch b, public.search_rows(b.refs) r;
INSERT INTO commitments_commitmentindex (publication_id, vector, second_hand, record, from_seq, until_seq, stands)
  SELECT m.*, p.record, p.from_seq, p.until_seq, p.ref FROM search_made m JOIN commitments_publication p USING (ref);
DROP TABLE search_batch, search_made"""
ANEW = (
    f"UPDATE commitments_commitmentindex s SET vector = r.vector, second_hand = r.second_hand FROM {ROWS} "
    "WHERE s.publication_id = r.ref AND (s.vector, s.second_hand) IS DISTINCT FROM (r.vector, r.second_hand)"
)
DIFFERENT = (
    f"SELECT r.ref FROM {ROWS} JOIN commitments_publication p USING (ref) "
    "LEFT JOIN commitments_commitmentindex s ON s.publication_id = r.ref "
    "WHERE (s.vector, s.second_hand, s.record, s.from_seq, s.until_seq) "
    "IS DISTINCT FROM (r.vector, r.second_hand, p.record, p.from_seq, p.until_seq) ORDER BY 1"
)
