"""Finding a quote: the levels, the places, the differences, and the laws that hold for any text."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commitments import quotes
from commitments.quotes import LEVELS, Match, Text, context, find, occurrences, selector
from commitments.text import fold

STATEMENT = (
    "بيان مشترك\n\nاتفق الطرفان على مواصلة المحادثات الفنية، واتفق الطرفان على عقد جولة جديدة في العاصمة.\n"
    "وأكّدت الحكومتان أن القوات القتالية تغادر قبل نهاية العام (2031)، وأن «اللجنة العليا» تجتمع كل ثلاثة أشهر.\n"
    "Both sides agreed that the high committee meets every three months – and reports once a year.\n"
)
MEETS = "the high committee meets every three months"


def changes(match):
    return [(change["op"], change["document"], change["quote"]) for change in match.differences]


def test_a_quote_at_its_stated_place_is_exact():
    start = STATEMENT.index(MEETS)
    assert find(STATEMENT, MEETS, start=start) == Match("exact", start, start + len(MEETS), [start], [], 1.0)


def test_a_quote_whose_place_is_not_stated_is_exact_wherever_it_stands():
    start = STATEMENT.index(MEETS)
    assert find(STATEMENT, MEETS) == Match("exact", start, start + len(MEETS), [start], [], 1.0)


@pytest.mark.parametrize("shift", [-1, 1, 10_000])
def test_a_quote_at_another_place_has_moved(shift):
    start = STATEMENT.index(MEETS)
    assert find(STATEMENT, MEETS, start=start + shift) == Match("moved", start, start + len(MEETS), [start], [], 1.0)


AGREED = "اتفق الطرفان على "
FIRST, SECOND = occurrences(STATEMENT, AGREED)


@pytest.mark.parametrize(
    ("given", "level", "start"),
    [
        ({}, "exact", FIRST),
        ({"start": SECOND}, "exact", SECOND),
        ({"start": SECOND + 3}, "moved", SECOND),
        ({"prefix": "الفنية، و"}, "exact", SECOND),
        ({"suffix": "مواصلة"}, "exact", FIRST),
        ({"prefix": "ثم في الفنية، و", "suffix": "توقيع"}, "exact", SECOND),
        ({"start": FIRST, "prefix": "الفنية، و", "suffix": "عقد جولة"}, "moved", SECOND),
        ({"start": FIRST, "prefix": "الفنية، ثم ", "suffix": "عقد ندوة"}, "exact", FIRST),
        ({"start": FIRST + 2, "prefix": "الفنية، ثم ", "suffix": "عقد ندوة"}, "moved", SECOND),
    ],
)
def test_equal_passages_are_told_apart_by_context_and_place(given, level, start):
    assert find(STATEMENT, AGREED, **given) == Match(level, start, start + len(AGREED), [FIRST, SECOND], [], 1.0)


def test_a_quote_typed_otherwise_is_folded_and_shows_each_character():
    match = find(STATEMENT, "واكدت  الحكومتان\u00a0ان القوّات", start=STATEMENT.index("وأكّدت"))
    assert STATEMENT[match.start : match.end] == "وأكّدت الحكومتان أن القوات"
    assert match == Match("folded", match.start, match.end, [], match.differences, 1.0)
    at = match.start
    assert match.differences == [
        {"at": at + 1, "document": "أ", "quote": "ا"},
        {"at": at + 2, "document": "كّ", "quote": "ك"},
        {"at": at + 6, "document": " ", "quote": "  "},
        {"at": at + 16, "document": " ", "quote": "\u00a0"},
        {"at": at + 17, "document": "أ", "quote": "ا"},
        {"at": at + 23, "document": "و", "quote": "وّ"},
    ]


def test_a_ligature_is_compared_with_all_its_letters():
    match = find("قال النبي \ufdfa: \ufefb ضرر", "النبي صلى الله عليه وسلم: لا ضرر")
    assert match.level == "folded"
    assert match.differences == [
        {"at": 10, "document": "\ufdfa", "quote": "صلى الله عليه وسلم"},
        {"at": 13, "document": "\ufefb", "quote": "لا"},
    ]


def test_a_space_at_the_end_of_a_quote_may_be_missing_in_the_document_but_no_letter():
    assert find("يجتمع الطرفان.", "\nالطرفان ").differences == [
        {"at": 6, "document": "ا", "quote": "\nا"},
        {"at": 12, "document": "ن", "quote": "ن "},
    ]
    for quote, word in (("the committ ", "committ"), (" mittee's work", "mittee")):
        match = find("the committee's work", quote)
        assert (match.level, changes(match)) == ("partial", [("changed", "committee", word)])


def test_a_space_that_cuts_an_endless_word_is_shown():
    assert find("x" + "ab" * 40, " " + "ab" * 40) == Match(
        "partial", 1, 81, [], [{"op": "added", "at": 1, "document": "", "quote": " "}], 0.9999
    )


def test_folded_passages_are_told_apart_by_context_and_place_too():
    typed = AGREED.replace("على", "علی")
    assert find(STATEMENT, typed).start == FIRST
    assert find(STATEMENT, typed, start=SECOND + 5).start == SECOND
    assert find(STATEMENT, typed, prefix="الفنیة، و").start == SECOND


CHANGES = {
    "a word changed": (
        "القوات القتالية تغادر بعد نهاية العام",
        "القوات القتالية تغادر قبل نهاية العام",
        [("changed", "قبل", "بعد")],
    ),
    "a letter changed": ("meets evory three months", "meets every three months", [("changed", "every", "evory")]),
    "the first word changed": ("toe high committee meets", "the high committee meets", [("changed", "the", "toe")]),
    "the last word changed": (
        "meets every three mouths",
        "meets every three months",
        [("changed", "months", "mouths")],
    ),
    "a word dropped": (
        "committee meets three months",
        "committee meets every three months",
        [("dropped", "every", "")],
    ),
    "a word added": ("high committee never meets every", "high committee meets every", [("added", "", "never")]),
    "a word added in front": ("whenever high committee meets", "high committee meets", [("added", "", "whenever")]),
    "two words swapped": (
        "the committee high meets every",
        "the high committee meets every",
        [("moved", "committee", "committee")],
    ),
    "two distant words swapped": (
        "that the months committee meets every three high – and",
        "that the high committee meets every three months – and",
        [("moved", "high", "high"), ("moved", "months", "months")],
    ),
    "the first and the last word swapped": (
        "three committee meets every high",
        "high committee meets every three",
        [("moved", "high", "high"), ("moved", "three", "three")],
    ),
    "a space dropped": (
        "high committeemeets every",
        "high committee meets every",
        [("changed", "committee meets", "committeemeets")],
    ),
    "a space changed": ("high committee_meets every", "high committee meets every", [("added", "", "_")]),
    "a space added": (
        "high commit tee meets every",
        "high committee meets every",
        [("changed", "committee", "commit tee")],
    ),
    "a space dropped at a sign": ("العام(2031)، وأن", "العام (2031)، وأن", [("dropped", " ", "")]),
    "a space added at a sign": ("العام ( 2031)، وأن", "العام (2031)، وأن", [("added", "", " ")]),
    "other spaces and marks too": (
        "وأكدت  الحكومتان أن القوّات تغادر",
        "وأكّدت الحكومتان أن القوات القتالية تغادر",
        [
            ("folded", "وأكّدت", "وأكدت"),
            ("folded", " ", "  "),
            ("folded", "القوات", "القوّات"),
            ("dropped", "القتالية", ""),
        ],
    ),
    "ends inside words": (
        "igh committee reads every thr",
        "igh committee meets every thr",
        [("changed", "meets", "reads")],
    ),
    "ends changed inside words": (
        "iqh committee meets every thx",
        "igh committee meets every thr",
        [("changed", "igh", "iqh"), ("changed", "thr", "thx")],
    ),
    "one word, a letter dropped": ("commttee", "committee", [("changed", "committee", "commttee")]),
    "two words run into one": ("highcommittee", "high committee", [("changed", "high committee", "highcommittee")]),
    "a sign changed": ("«اللجنة العليا] تجتمع", "«اللجنة العليا» تجتمع", [("changed", "»", "]")]),
}


@pytest.mark.parametrize("off", [0, -2, -1, 1, 2, None])
@pytest.mark.parametrize(("quote", "passage", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_near_match_shows_what_differs_word_by_word_wherever_its_start_is_thought_to_be(
    quote, passage, expected, off
):
    start = STATEMENT.index(passage)
    match = find(STATEMENT, quote, start=None if off is None else max(0, start + off))
    assert (match.level, STATEMENT[match.start : match.end], changes(match)) == ("partial", passage, expected)
    assert match.places == []
    assert 0.5 <= match.score < 1


@pytest.mark.parametrize("off", [-3, -2, -1, 1, 2, 3])
def test_a_start_inside_a_word_gives_no_difference_there_and_no_other_copy(off):
    text = "They said that they agreed. Both sides agreed to meet in May. Both sides agreed to meet in May."
    match = find(text, "Both sides to meet in May", start=28 + off)
    assert (match.start, changes(match)) == (28, [("dropped", "agreed", "")])


def test_each_difference_says_where_it_stands_in_the_document():
    match = find(STATEMENT, "never the high committee rarely meets ever three months")
    assert match.differences == [
        {"op": "added", "at": STATEMENT.index("the high"), "document": "", "quote": "never"},
        {"op": "added", "at": STATEMENT.index(" meets every"), "document": "", "quote": "rarely"},
        {"op": "changed", "at": STATEMENT.index("every"), "document": "every", "quote": "ever"},
    ]


def test_a_near_match_at_the_stated_place_goes_before_a_slightly_better_one():
    text = "the council shall meet in the spring. the council shall meat in the autumn."
    quote = "the council shall meet in the summer"
    assert find(text, quote).start == 0
    assert find(text, quote, start=38).start == 38


@pytest.mark.parametrize("quote", ["قرار مجلس الأمن", "xq", "\u064b\u064c", " \t", "؟"])
def test_what_stands_nowhere_is_absent(quote):
    assert find("the committee meets", quote) == Match("absent", None, None, [], [], 0.0)


def test_nothing_stands_in_an_empty_document():
    assert find("", "the committee", start=3) == Match("absent")


def test_an_empty_quote_and_a_negative_place_are_refused():
    with pytest.raises(ValueError, match="exact: the quote is empty; give the words as they stand in the document"):
        find(STATEMENT, "")
    with pytest.raises(ValueError, match="start: -1 lies before the document; give 0 or more, or leave it out"):
        find(STATEMENT, "بيان", start=-1)


def test_a_prepared_text_answers_as_the_text_does():
    prepared = Text(STATEMENT)
    for quote in ("العليا", "العلیا", "اللجنة العليا تجتمع كل شهر"):
        assert find(prepared, quote) == find(STATEMENT, quote)


def test_context_is_verbatim_and_ends_with_the_text():
    start = STATEMENT.index(MEETS)
    assert context(STATEMENT, start, start + len(MEETS), 12) == ("agreed that ", " – and repor")
    assert context("بيان مشترك", 0, 4) == ("", " مشترك")
    assert context("بيان مشترك", 5, 10) == ("بيان ", "")


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 11)])
def test_context_of_no_passage_is_refused(start, end):
    with pytest.raises(ValueError, match=f"start, end: {start} to {end} is no passage of a text of 10 characters"):
        context("بيان مشترك", start, end)


def test_selectors_are_the_w3c_ones():
    assert selector("مشترك", "بيان ", "", 5, 10) == [
        {"type": "TextQuoteSelector", "exact": "مشترك", "prefix": "بيان ", "suffix": ""},
        {"type": "TextPositionSelector", "start": 5, "end": 10},
    ]


# Long quotes: no table of alignment may grow with the document.

VOCABULARY = [f"word{number:03}" for number in range(1000)]


def sentences(seed, count):
    chance = random.Random(seed)
    return " ".join(chance.choice(VOCABULARY) for _ in range(count))


def test_a_long_quote_shows_each_of_its_differences():
    text = sentences(1, 3000)
    words = text.split()[1000:1600]
    passage = " ".join(words)
    start = text.index(passage)
    words[500], words[300:305], words[100] = f"{words[500]} and", [], "wurd"
    for stated in (start, None):
        match = find(text, " ".join(words), start=stated)
        assert (match.level, match.start, match.end) == ("partial", start, start + len(passage))
        assert [change["op"] for change in match.differences] == ["changed", *["dropped"] * 5, "added"]


def test_words_of_a_long_quote_that_also_stand_far_off_are_no_part_of_the_passage():
    passage = " ".join(VOCABULARY[:200])
    far = sentences(2, 60)
    text = f"xxord000 word001 word002 {far} {passage} {far} word198 word199"
    quote = passage.replace("word000", "word00", 1).replace("word100", "word10x").replace("word199", "word19y")
    match = find(text.replace("word000 word001 word002 word003", "ord000 word001 word003"), quote)
    assert match.level == "partial"
    assert match.end - match.start <= len(passage) + 20


PHRASE = "القوات القتالية تنسحب من العراق في الموعد المتفق عليه بين الجانبين. "
TYPED = [f"{number:04}".translate(str.maketrans("0123456789", "ابتثجحخدذر")) for number in range(1_000)]
REPETITIVE = {  # text, quote, the differences' number and the first
    "one word of ten copies": (
        f"مقدمة. {PHRASE * 10}خاتمة.", (PHRASE * 4 + PHRASE.replace("العراق", "الأردن") + PHRASE * 5).strip(), 1,
        {"op": "changed", "at": 7 + 4 * len(PHRASE) + PHRASE.index("العراق"), "document": "العراق", "quote": "الأردن"},
    ),
    "a word after sixty equal ones": (
        f"قال: {'قوات ' * 60}انتهى", f"{'قوات ' * 60}جديدة", 1, {"op": "added", "at": 304, "document": "", "quote": "جديدة"},
    ),
    "a word among sixty equal ones": (
        "قوات " * 60, f"{'قوات ' * 30}جديدة {'قوات ' * 30}".strip(), 1, {"op": "added", "at": 149, "document": "", "quote": "جديدة"},
    ),
    "a letter of each of 80 words": (
        " ".join(TYPED), " ".join(f"{word[:-1]}z" for word in TYPED[100:180]), 80,
        {"op": "changed", "at": 500, "document": TYPED[100], "quote": f"{TYPED[100][:-1]}z"},
    ),
    "a letter of each of 390 words": (
        " ".join(TYPED), " ".join(f"{word[:-1]}z" for word in TYPED[100:490]), 390,
        {"op": "changed", "at": 500, "document": TYPED[100], "quote": f"{TYPED[100][:-1]}z"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "quote", "count", "first"), REPETITIVE.values(), ids=REPETITIVE)
@pytest.mark.sample(0, 1)
def test_what_repeats_itself_or_was_typed_anew_is_partial_and_shows_the_very_difference(text, quote, count, first):
    match = find(text, quote)
    assert (match.level, len(match.differences), match.differences[0]) == ("partial", count, first)


HOSTILE = {
    "one letter": ("a" * 30_000, "a" * 10_000 + "b", "partial"),
    "one letter, a short quote": ("a" * 30_000, "a" * 60 + "b", "partial"),
    "one word": ("foo " * 8_000, "foo " * 3_000 + "bar", "partial"),
    "one word, a short quote": ("foo " * 8_000, "foo " * 40 + "bar", "partial"),
    "signs": ("!!!y" * 8_000, "!!!x" * 4_000, "absent"),
    "two words without order": (
        " ".join(random.Random(1).choices(["ab", "cd"], k=9_000)),
        " ".join(random.Random(2).choices(["ab", "cd"], k=3_000)),
        "absent",
    ),
    "one endless word": ("abcdefghij" * 3_000, "abcdefghij" * 100 + "x" + "abcdefghij" * 100, "partial"),
    "the whole document, reversed": (sentences(3, 3_000), " ".join(sentences(3, 3_000).split()[::-1]), "absent"),
    "more than the document": ("word001 word002", sentences(4, 3_000), "absent"),
    "ligatures": ("\ufdfa" * 5_000, "صلى الله عليه وسلم " * 1_000 + "x", "absent"),
}


@pytest.mark.parametrize(("text", "quote", "level"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.sample(1, 7)
def test_hostile_texts_meet_bounds(monkeypatch, text, quote, level):
    cells = []
    align = quotes._align

    def counted(here, there, *loose):
        cells.append(len(here) * len(there))
        return align(here, there, *loose)

    monkeypatch.setattr(quotes, "_align", counted)
    assert find(text, quote, start=100).level == level
    assert max(cells, default=0) <= quotes.CELLS
    assert sum(cells) <= 40 * (len(text) + len(quote)) + 10 * quotes.CELLS


def test_every_copy_is_found_in_a_text_of_one_letter():
    assert find("a" * 50_000, "a" * 20_000, start=7_000).places == list(range(30_001))


# Laws

UNTIMED = settings(deadline=None)

ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
FEW = st.text(st.sampled_from(["a", "b", " ", "ا", "أ", "\u064b", "\ufefb"]), max_size=40)
TEXTS = ANY | FEW


@st.composite
def passages(draw, texts=TEXTS):
    text = draw(texts.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@UNTIMED
@given(st.text("ab", max_size=40), st.text("ab", min_size=1, max_size=8))
def test_every_copy_is_found_once(text, exact):
    assert occurrences(text, exact) == [at for at in range(len(text)) if text.startswith(exact, at)]


@UNTIMED
@given(passages())
def test_a_stored_quote_verifies(passage):
    text, start, end = passage
    prefix, suffix = context(text, start, end)
    match = find(text, text[start:end], start=start, prefix=prefix, suffix=suffix)
    assert (match.level, match.start, match.end) == ("exact", start, end)


@UNTIMED
@given(passages(), TEXTS, TEXTS, st.integers(1, 8))
@pytest.mark.no_cover
def test_a_quote_is_found_again_after_edits_outside_its_context(passage, before, after, size):
    text, start, end = passage
    prefix, suffix = context(text, start, end, size)
    whole = prefix + text[start:end] + suffix
    edited = before + whole + after
    assume(len(occurrences(edited, whole)) == 1)
    match = find(edited, text[start:end], start=start, prefix=prefix, suffix=suffix)
    new = len(before) + len(prefix)
    assert (match.level, match.start) == ("exact" if new == start else "moved", new)


@UNTIMED
@given(TEXTS, TEXTS.filter(bool), st.none() | st.integers(0, 50), ANY, ANY)
def test_every_answer_is_true(text, exact, start, prefix, suffix):
    match = find(text, exact, start=start, prefix=prefix, suffix=suffix)
    assert match.level in LEVELS
    passage = text[match.start : match.end] if match.start is not None else None
    assert (exact in text) == (match.level in ("exact", "moved"))
    assert match.places == occurrences(text, exact)
    if match.level in ("exact", "moved"):
        assert passage == exact
        assert (match.level == "moved") == (start not in (None, match.start))
    elif match.level == "folded":
        assert fold(exact).text.strip() in fold(passage).text
        assert match.differences
    elif match.level == "partial":
        assert 0.5 <= match.score < 1
        assert match.differences
    else:
        assert match == Match("absent")


@UNTIMED
@given(passages(ANY), st.data())
def test_a_quote_with_one_character_changed_dropped_or_added_is_never_exact(passage, data):
    text, start, end = passage
    exact = text[start:end]
    at = data.draw(st.integers(0, len(exact)))
    changed = (
        exact[:at] + data.draw(st.sampled_from(["", "x", "ب", "\u064b"])) + exact[at + data.draw(st.integers(0, 1)) :]
    )
    assume(changed and not text.startswith(changed, start))
    match = find(text, changed, start=start)
    assert match.level != "exact"
    assert match.differences or match.level in ("moved", "absent")


# None is like another: of two words that are, one can be told from the other typed wrongly only by guessing.
WORDS = st.permutations([*MEETS.split()[1:], "both", "sides", "agreed", "reports", "once", "yearly"])


@UNTIMED
@given(WORDS, st.data())
def test_the_one_changed_word_is_the_one_difference(words, data):
    at = data.draw(st.integers(0, len(words) - 1))
    place = data.draw(st.integers(0, len(words[at]) - 1))
    typo = words[at][:place] + "x" + words[at][place + 1 :]
    start, stop = data.draw(st.integers(0, max(0, at - 3))), data.draw(st.integers(min(len(words), at + 4), len(words)))
    quote = " ".join([*words[start:at], typo, *words[at + 1 : stop]])
    match = find(" ".join(words), quote, start=len(" ".join([*words[:start], ""])))
    assert match.differences == [
        {"op": "changed", "at": len(" ".join([*words[:at], ""])), "document": words[at], "quote": typo}
    ]


@UNTIMED
@given(WORDS, st.data())
@pytest.mark.no_cover
def test_two_swapped_words_are_shown_as_moved(words, data):
    first, second = sorted(data.draw(st.lists(st.integers(0, len(words) - 1), min_size=2, max_size=2, unique=True)))
    swapped = list(words)
    swapped[first], swapped[second] = words[second], words[first]
    match = find(" ".join(words), " ".join(swapped), start=0)
    assert match.level == "partial"
    assert {change["op"] for change in match.differences} == {"moved"}
    assert {change["quote"] for change in match.differences} & {words[first], words[second]}


def test_two_halves_in_the_other_order_are_no_head_and_tail():
    one, two = " ".join(TYPED[:60]), " ".join(TYPED[100:160])
    match = find(f"{two} {one}", f"{one} {two}")
    assert (match.level, match.score < 0.9) == ("partial", True)
