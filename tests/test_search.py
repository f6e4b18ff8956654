"""Searching: the words of a text in SQL and in Python, what a query finds and how it says so."""

import base64
import datetime
import itertools

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commitments import actions, models, search, verification
from commitments.api import matches
from commitments.ledger import act
from commitments.text import TABLE, fold
from tests import builders, test_due_dates
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, problem

pytestmark = pytest.mark.django_db

LIST = "/api/v1/commitments/"
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
LETTERS = [
    "و",
    "ف",
    "ب",
    "ك",
    "ل",
    "ال",
    "لل",
    "بغداد",
    "لقاء",
    "قاء",
    "عراق",
    "التزام",
    "x",
    "2,500",
    " ",
    "'",
    "\\",
    "*",
]
BITS = st.lists(st.sampled_from(LETTERS), max_size=8).map("".join)
TEXTS = st.text(CHARACTERS) | st.text(st.sampled_from([*TABLE, " ", "a", "1", ",", "."])) | BITS
IN_ONE_DATABASE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def answer(client, register):
    """The answer to a query, with any other parameters."""

    def answer(q: str, **more) -> dict:
        response = client.get(LIST, {"q": q, **more})
        assert response.status_code == 200, response.content.decode()
        return response.json()

    return answer


@pytest.fixture
def found(answer):
    """The references that a query finds."""
    return lambda q, **more: [each["ref"] for each in answer(q, **more)["results"]]


def in_sql(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def column_of(texts, query):
    """Whether the column of texts of weight A finds what a query, as it was read, asks for."""
    texts = texts or [""]
    many = len(texts)
    (found,) = in_sql(
        "SELECT coalesce((SELECT words FROM public.search_columns(%s, %s, %s, %s)), '') @@ %s::tsquery",
        ["x"] * many, [*range(1, many + 1)], ["A"] * many, texts, query.tsquery(),
    )  # fmt: skip
    return found


# Words


@IN_ONE_DATABASE
@given(TEXTS)
@example("1,234,567 12,345km x1,234 1234,567 1,234,5678 1,23 12,345,67")
def test_sql_and_python_see_the_same_words(db, text):
    expected = [word for word, _start, _end in search.words(fold(text).text)]
    assert in_sql("SELECT word FROM public.search_words(%s) ORDER BY place", text) == expected


@IN_ONE_DATABASE
@given(st.text(CHARACTERS, min_size=1) | BITS)
@example("\u0627" * 3)
@example("\u0648\u0628\u0627\u0644\u0639\u0631\u0627\u0642")
def test_sql_and_python_keep_the_same_of_a_word(db, word):
    assert set(in_sql("SELECT lexeme FROM public.search_lexemes(%s)", word)) == search.kept(word)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("القوات القتالية، 2,500 جندي", ["القوات", "القتاليه", "2500", "جندي"]),
        ("Iraq’s counter-terrorism force", ["iraq", "s", "counter", "terrorism", "force"]),
        ("٣١ كانون الأول/ديسمبر ٢٠٢١", ["31", "كانون", "الاول", "ديسمبر", "2021"]),
        ("a" * 150, ["a" * 100]),
    ],
)
def test_words_are_folded_and_parted_by_what_is_no_letter_or_digit(text, said):
    assert [word for word, _start, _end in search.words(fold(text).text)] == said


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("عراق", "العراق"),
        ("العراق", "عراق"),
        ("العراق", "وبالعراق"),
        ("عراق", "للعراق"),
        ("للعراق", "فالعراق"),
        ("بغداد", "ولبغداد"),
        ("وبغداد", "بغداد"),
        ("الالتزام", "للالتزام"),
        ("التزام", "والالتزام"),
        ("يد", "ويد"),
    ],
)
def test_what_is_written_before_a_word_hides_it_neither_here_nor_there(query, text):
    assert search.Word(query).finds(text)


@pytest.mark.parametrize(("query", "text"), [("لقاء", "بقاء"), ("وزير", "الزير"), ("الف", "ف"), ("عراق", "عراقي")])
def test_words_that_share_a_rest_only_are_different_ones(query, text):
    assert not search.Word(query).finds(text)


@pytest.mark.parametrize(
    ("query", "standing", "finds", "leaves"),
    [
        ("وقوات", {"وقوات", "قوات"}, ["القوات", "بالقوات", "لقوات"], []),
        ("القوات", {"القوات", "قوات"}, ["لقوات", "وقوات"], []),
        ("وتحالف", {"التحالف"}, ["التحالف", "بتحالف"], []),
        ("لتحالف", {"التحالف"}, ["تحالف", "بالتحالف"], []),
        ("بقاء", {"لقاء", "للقاء"}, ["البقاء"], ["لقاء"]),
        ("لقاء", {"لقاء"}, ["اللقاء"], ["بقاء", "القاء"]),
        ("للقاء", {"لقاء", "للقاء"}, ["لقاء"], ["بقاء"]),
        ("الله", {"الله", "له"}, ["والله"], ["وله"]),
        ("وقوات*", {"قوات"}, ["وقواتها"], ["القوات"]),
    ],
)
def test_what_is_left_of_a_word_finds_more_where_it_is_a_word_of_its_own(query, standing, finds, leaves):
    ((word,),) = [term.words for term in search.read(query).heard(standing).terms]
    assert [each for each in [*finds, *leaves] if word.finds(each)] == finds


QUERIES = st.lists(st.sampled_from(["{}", "{}*", '"{} {}"', '"{} {}*"']), min_size=1, max_size=3)


@IN_ONE_DATABASE
@given(st.lists(BITS, max_size=3), st.data())
def test_the_database_finds_what_can_be_marked(db, texts, data):
    words = [word for text in texts for word, _start, _end in search.words(fold(text).text)] + ["لقاء", "عراق", "x"]
    shapes = data.draw(QUERIES)
    typed = " ".join(
        shape.format(*(data.draw(st.sampled_from(words)) for _ in range(shape.count("{}")))) for shape in shapes
    )
    query = search.read(typed)
    query = query.heard(data.draw(st.sets(st.sampled_from(sorted(query.doubtful()) or [""]))))
    said = [list(search.words(fold(text).text)) for text in texts]
    expected = all(any(list(term.places(each)) for each in said) for term in query.terms)
    assert column_of(texts, query) == expected


@given(BITS, st.lists(BITS, min_size=1, max_size=3))
def test_marks_are_words_of_the_text_in_order_and_apart(text, typed):
    try:
        query = search.read(" ".join(typed))
    except search.Unsearchable:
        return
    marks = query.marks(text)
    assert all(0 <= start < end <= len(text) for start, end in marks)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(marks))
    for start, end in marks:
        assert [word for word, _s, _e in search.words(fold(text[start:end]).text)]


def test_what_two_terms_find_is_marked_once():
    assert search.read('"both sides" sides agreed').marks("Both sides agreed") == [(0, 10), (11, 17)]


# What a query asks for


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("“ ”", "holds no word to look for: give one, or leave the parameter out"),
        ("،؛", "holds no word to look for: give one, or leave the parameter out"),
        ('"north', "has a quotation mark that isn't closed: close it, or leave it out"),
        ("«شمال", "has a quotation mark that isn't closed: close it, or leave it out"),
        ("a " * 21, "has more than 20 words: give fewer"),
        ("a" * 201, "is longer than 200 characters: give fewer words"),
        ("north\ufffe", "holds U+FFFE NONCHARACTER at index 5 (line 1): take this character out"),
        ("\ufdd0", "holds U+FDD0 NONCHARACTER at index 0 (line 1): take this character out"),
    ],
)
def test_a_query_that_asks_for_nothing_or_too_much_is_refused(client, register, query, words):
    refused = problem(client.get(LIST, {"q": query}), 400)
    assert refused["errors"][0]["parameter"] == "q"
    assert refused["detail"].endswith(f"{words}.")


def test_relevance_without_a_query_is_refused(client, register):
    refused = problem(client.get(LIST, {"ordering": "relevance"}), 400)
    assert [(each["parameter"], each["code"]) for each in refused["errors"]] == [("ordering", "contradictory")]


@pytest.mark.parametrize(
    ("first", "last", "prefixes"),
    [
        ("2031-03-01", "2031-03-01", ["2031-03-01"]),
        ("2031-01-01", "2031-12-31", ["2031"]),
        ("2030-01-01", "2039-12-31", ["203"]),
        ("2031-02-27", "2031-04-01", ["2031-02-27", "2031-02-28", "2031-03", "2031-04-01"]),
        ("9999-12-31", "9999-12-31", ["9999-12-31"]),
        ("0001-01-01", "0002-01-31", ["0001", "0002-01"]),
        ("0001-01-01", "9999-12-31", [""]),
    ],
)
def test_a_span_of_days_is_as_few_beginnings_as_can_be(first, last, prefixes):
    assert search._prefixes(*map(datetime.date.fromisoformat, (first, last))) == prefixes


@given(st.dates(), st.dates(), st.dates())
@pytest.mark.prove
def test_the_beginnings_hold_each_day_of_a_span_and_no_other(one, other, day):
    first, last = sorted((one, other))
    held = any(f"{day}".startswith(prefix) for prefix in search._prefixes(first, last))
    assert held == (first <= day <= last)


# What is found


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("convoys", [CONVOYS, BOTH]),
        ("CONVOYS protecting", [CONVOYS, BOTH]),
        ("القوافل", [CONVOYS, BOTH]),
        ("قوافل", [CONVOYS, BOTH]),
        ("ألقَوَافِل", [CONVOYS, BOTH]),
        ('"بحماية القوافل"', [CONVOYS, BOTH]),
        ('"حماية قوافل"', [CONVOYS, BOTH]),
        ('"القوافل حماية"', []),
        ("وقوافل", [CONVOYS, BOTH]),
        ('"حماية بقوافل"', [CONVOYS, BOTH]),
        ("conv*", [CONVOYS, BOTH]),
        ('"north prot*"', [CONVOYS]),
        ("conv", []),
        ("حدود open", [BORDER]),
        ("Northland", [CONVOYS, BORDER, BOTH]),
        ('"second statement"', [BOTH]),
        ("البيان الثاني", [BOTH]),
        ("nothing-of-the-kind", []),
        (CANARY, []),
    ],
)
@pytest.mark.no_cover
@pytest.mark.sample(0, 1, 2, 3, 4, 5, 8)
def test_words_are_found_wherever_they_stand_and_however_they_are_written(found, query, refs):
    assert found(query) == refs


FIRST_OF_MARCH = [
    "1 March 2031", "March 1, 2031", "2031-03-01", "1/3/2031", "01.03.2031", "١ آذار ٢٠٣١", "1 مارس 2031",
    "1 آذار/مارس 2031", "الأول من آذار 2031", "by 1 March 2031", "حتى 1 آذار 2031", "March 2031", "الربع الأول من عام 2031",
    "before 2 March 2031",
]  # fmt: skip


@pytest.mark.parametrize("date", FIRST_OF_MARCH)
@pytest.mark.sample(0, 1, 2, 3, 4)
def test_a_date_in_any_form_finds_what_is_due_then(found, date):
    assert CONVOYS in found(date)
    assert CONVOYS in found(f"{date} convoys")
    assert found(f"{date} nowhere") == []


@pytest.mark.prove
def test_a_date_in_every_form_finds_what_is_due_then(found):
    for typed in test_due_dates.forms(datetime.date(2031, 3, 1))[:: 4 * test_due_dates.SAMPLE]:
        assert CONVOYS in found(typed), typed


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("2031 القوافل", [("2031", "2031-01-01", "2031-12-31"), ("القوافل",)]),
        ("القوافل 2031", [("القوافل",), ("2031", "2031-01-01", "2031-12-31")]),
        ("٢٠٣١ convoys 2500", [("2031", "2031-01-01", "2031-12-31"), ("convoys",), ("2500",)]),
        ("1 March 2031 convoys 2032", [("1 march 2031", "2031-03-01", "2031-03-01"), ("convoys",), ("2032", "2032-01-01", "2032-12-31")]),
        ("2 March 2031 3 April 2032", [("2 march 2031", "2031-03-02", "2031-03-02"), ("3 april 2032", "2032-04-03", "2032-04-03")]),
        ('2031* "2031"', [("2031",), ("2031",)]),
    ],
)  # fmt: skip
def test_each_date_among_other_words_asks_for_what_is_due_then(query, terms):
    read = search.read(query).terms
    assert [
        (" ".join(word.text for word in term.words), *(str(day) for span in term.days for day in span)) for term in read
    ] == terms


def test_a_year_before_or_behind_other_words_finds_what_is_due_then(found):
    assert found("2031 North") == found("North 2031") == found("in 2031 North") != []


def test_a_date_is_about_the_deadline_in_force_on_the_day_asked_for(answer, found, register):
    with act(actor="author", reason="a later one"):
        later = builders.deadline(
            register["border"], words="by 1 June 2032", language="en", edtf="2032-06-01",
            latest=datetime.date(2032, 6, 1), replaces=register["earlier"], change="extends", statement=register["second"],
        )  # fmt: skip
    actions.publish([later], by="approver", reason="checked")
    assert found("1 June 2032") == [BORDER]
    assert found("2032") == [BORDER]
    assert found("1 January 2031") == []
    assert found("1 January 2031", as_of="2030-06-01") == [BORDER]
    assert answer("1 June 2032", matches="true")["results"][0]["matches"] == [
        {"field": "due", "ref": f"{BORDER}.deadline-2", "language": "en", "text": "by 1 June 2032", "start": 0,
         "marks": [{"start": 0, "end": 14}]}
    ]  # fmt: skip


def test_what_was_found_is_shown_by_offsets_in_the_original_text(answer, register):
    def match(field, ref, language, content, *marked):
        starts = [content.index(each) for each in marked]
        marks = [{"start": start, "end": start + len(each)} for start, each in zip(starts, marked, strict=True)]
        return {"field": field, "ref": ref, "language": language, "text": content, "start": 0, "marks": marks}

    quote = register["undertaken"]
    shared = [
        match("quote", quote.ref, "ar", quote.exact, "بحماية", "القوافل"),
        match("alias", "north", "en", *["Northland"] * 2),
    ]
    attacked = register["attacked"]
    assert {each["ref"]: each["matches"] for each in answer("حمايه قوافل Northland", matches="true")["results"]} == {
        CONVOYS: [match("title", CONVOYS, "ar", "الشمال تحمي القوافل", "القوافل"), *shared],
        BOTH: [shared[0], match("quote", attacked.ref, "ar", attacked.exact, "القوافل"), shared[1]],
    }


def test_a_fragment_of_a_long_text_is_cut_between_words():
    words = " ".join(f"word{n}" for n in range(100))
    marks = search.read("word50 word51 word99").marks(words)
    shown = matches.fragment(words, marks)
    assert shown["text"] == words[shown["start"] : shown["start"] + len(shown["text"])]
    assert [shown["text"][mark["start"] : mark["end"]] for mark in shown["marks"]] == ["word50", "word51"]
    assert shown["text"].startswith("word4")
    assert shown["text"].split()[-1] in words.split()
    long = "x" * 1000
    assert matches.fragment(long, [(0, 1000)])["marks"] == [{"start": 0, "end": 240}]


def test_a_list_by_relevance_begins_with_the_best_and_can_be_paged(answer, found, client):
    ranked = found("north", ordering="relevance")
    assert ranked[0] == CONVOYS
    assert sorted(ranked) == [CONVOYS, BORDER, BOTH]
    page = answer("north", ordering="relevance", page_size=1)
    walked = []
    while page["next"]:
        walked += page["results"]
        page = client.get(page["next"]).json()
    assert [each["ref"] for each in walked + page["results"]] == ranked
    back = client.get(page["previous"]).json()
    assert [each["ref"] for each in back["results"]] == ranked[1:2]


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"1"', "true"])
def test_a_place_by_relevance_that_is_no_number_is_refused(client, register, value):
    cursor = base64.urlsafe_b64encode(f'["relevance",false,{value},"{CONVOYS}"]'.encode()).decode().rstrip("=")
    refused = problem(client.get(LIST, {"q": "north", "ordering": "relevance", "cursor": cursor}), 400)
    assert [each["parameter"] for each in refused["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, False),
        ({"matches": "true"}, True),
        ({"ordering": "relevance"}, True),
        ({"ordering": "relevance", "matches": "false"}, False),
        ({"fields": "title,matches"}, True),
        ({"fields": "title"}, False),
        ({"fields": "title", "matches": "true"}, True),
    ],
)
def test_where_a_query_found_something_is_told_where_it_is_asked_for(answer, asked, shown):
    assert ["matches" in each for each in answer("convoys", **asked)["results"]] == [shown, shown]


@pytest.mark.parametrize(
    "asked",
    [{"matches": "true"}, {"q": "north", "fields": "matches", "matches": "false"}, {"q": "a", "matches": "yes"}],
)
def test_matches_that_contradict_the_rest_are_refused(client, register, asked):
    assert [each["parameter"] for each in problem(client.get(LIST, asked), 400)["errors"]] == ["matches"]


def test_a_query_goes_with_every_other_filter_and_with_chosen_members(answer):
    page = answer("convoys", obligor="north", strength="intends", fields="title")
    assert [(each["ref"], sorted(each)) for each in page["results"]] == [(BOTH, ["ref", "title", "url"])]
    assert page["count"] == 1
    page = answer("convoys", strength="intends", fields="matches")
    assert [(each["ref"], sorted(each)) for each in page["results"]] == [(BOTH, ["matches", "ref", "url"])]


def test_where_it_was_found_is_there_with_a_query_only(client, register):
    refused = problem(client.get(LIST, {"fields": "title,matches"}), 400)
    assert [(each["parameter"], each["code"]) for each in refused["errors"]] == [("fields", "contradictory")]


def test_a_document_without_a_headline_hides_nothing(found, register):
    with act(actor="author", reason="the copy shows none"):
        gazette = models.Document.objects.get(ref=register["gazette"].ref)
        gazette.headline, gazette.gaps = "", gazette.gaps | {"headline": {"en": "The copy shows none."}}
        gazette.save()
    actions.publish([gazette], by="approver", reason="checked")
    assert found("convoys") == [CONVOYS, BOTH]


# The column


@pytest.mark.no_cover
def test_a_new_name_of_a_party_and_a_new_headline_find_what_names_them(found, register):
    with act(actor="author", reason="another name"):
        models.PartyAlias.objects.create(party=register["south"], name="الجنوبستان", language="ar")
        gazette = models.Document.objects.get(ref=register["gazette"].ref)
        gazette.headline = "Headline about lighthouses"
        gazette.save()
    actions.publish([register["south"], gazette], by="approver", reason="checked")
    assert found("جنوبستان") == [CONVOYS, BORDER, BOTH]
    assert found("lighthouses") == [CONVOYS, BORDER, BOTH]
    assert list(verification.shelf()) == []


WORDED = st.lists(
    st.sampled_from([*LETTERS, "North", "الشمال", "وبالشمال", "convoys", "2030-05-04", '"']), min_size=1, max_size=5
)
NAMED = WORDED.map(" ".join).filter(str.strip)


@settings(IN_ONE_DATABASE, max_examples=12)
@given(st.dictionaries(st.sampled_from(["en", "ar", "ku"]), NAMED, min_size=1))
@example({"en": "North protects convoys", "ar": "الشمال"})
@example({"en": '","ref":"south'})
def test_a_column_that_is_taken_over_is_the_one_that_is_made_anew(register, name):
    with builders.undone():
        north = models.Party.objects.get(pk="north")
        with act(actor="author", reason="another name"):
            north.name = name
            north.save()
        made = actions.publish([north], by="approver", reason="checked")
        refs = {each.ref for each in made if each.publication_class == "housekeeping"}
        assert {f"commitment.{ref}.2" for ref in (CONVOYS, BORDER, BOTH)} <= refs
        assert {*in_sql("SELECT public.shelf_renamed(%s)", [*refs])} == refs
        assert in_sql(search.DIFFERENT) == []


def test_two_names_at_once_and_whatever_else_is_new_are_read_anew(found, register):
    with act(actor="author", reason="other names"):
        for ref, name in (("north", "Upperland"), ("south", "Lowerland")):
            models.Party.objects.filter(pk=ref).update(name={"en": name}, state="in_review")
    made = actions.publish(
        list(models.Party.objects.filter(pk__in=("north", "south"))), by="approver", reason="checked"
    )
    of_both = f"commitment.{BOTH}."
    assert [
        ref for ref in in_sql("SELECT public.shelf_renamed(%s)", [each.ref for each in made]) if ref.startswith(of_both)
    ] == []
    assert found("upperland lowerland") == [CONVOYS, BORDER, BOTH]
    assert in_sql(search.DIFFERENT) == []


def test_the_serving_role_can_not_write_what_is_searched(register):
    for statement in ("UPDATE commitments_commitmentindex SET vector = ''", "DELETE FROM commitments_commitmentindex"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_what_is_searched_is_what_is_shown(register):
    public = models.Publication.objects.known_at(None).standing()
    names = {(each.kind, each.record): each.body_json for each in public}
    for version in public.of("commitment"):
        shown = {"ref": version.record} | version.body_json | version.detail_json
        texts = {content for *_about, content in matches.texts(shown, names)}
        assert set(in_sql("SELECT said FROM public.search_texts(%s) WHERE weight <> '@'", [version.ref])) == texts
        named = in_sql(
            "SELECT said FROM public.search_texts(%s) WHERE weight = %s ORDER BY number", [version.ref], search.NAMES
        )
        assert named == in_sql("SELECT said FROM public.search_names(%s) ORDER BY number", [version.ref])


def column(texts, query):
    """Whether the column of texts of weight A finds what a query asks for."""
    return column_of(texts, search.read(query))


@pytest.mark.prove
def test_no_text_is_too_long_for_the_column_and_its_first_ten_thousand_words_count():
    numbered = " ".join(f"w{number}" for number in range(1, 12_001))
    assert [column([numbered], f'"w{n} w{n + 1}"') for n in (9_999, 10_000)] == [True, False]
    assert [column(["title", numbered, "last"], query) for query in ("w9999", "w10000", "last")] == [True, False, False]
    long = " ".join(f"\u0648\u0628\u0627\u0644{number:096}" for number in range(3_000))  # each kept in five forms
    assert [column([long], f"{number:096}") for number in (1_400, 1_500)] == [True, False]


@pytest.mark.no_cover
def test_a_quote_of_150_000_letters_is_published_and_found():
    content = " ".join(f"\u0648\u0628\u0627\u0644\u0643\u0644\u0645\u0647{number}" for number in range(12_000))[
        :150_000
    ]
    with act(actor="author", reason="record"):
        document, party = builders.document("tome", content), builders.party("author-of-tomes")
        quote, statement = builders.quote(document, content, content), builders.statement("tome-2030")
        commitment = builders.commitment(statement, [party], [quote], "tome-2030-01")
    actions.publish([party, document, statement, commitment], by="approver", reason="checked")
    (index,) = models.CommitmentIndex.objects.filter(
        vector__finds=search.read("\u0643\u0644\u0645\u06477000").tsquery()
    )
    assert index.publication.record == commitment.ref
    assert list(verification.shelf()) == []
