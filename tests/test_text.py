"""Folding, its way back to the original, refused characters, direction of writing."""

import hashlib
import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.ledger import HOSTILE
from commitments.text import FOLDING, TABLE, direction, fold, is_suspect, refuse, sql_function

POSTGRES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
UNTIMED = settings(deadline=None)
FOLDING_CHARACTERS = st.text(st.sampled_from([*TABLE, " ", "a", "ب", "\u064b"]))

SPELLINGS = {
    "harakat": ("اِتَّفَقَ الطَّرَفَانِ", "اتفق الطرفان"),
    "superscript alef and Koranic signs": ("هٰذا ٱلسَّلامُ ۖ \u06de \u0615", "هذا السلام "),
    "tatweel": ("الـــعـراق", "العراق"),
    "hamza on alef": ("أإآٱٲٳا", "ااااااا"),
    "hamza on waw and yeh": ("مسؤول شئون هيئة", "مسوول شيون هييه"),
    "hamza as a combining mark": ("ا\u0654 و\u0654 ي\u0654 ا\u0653 ا\u0655", "ا و ي ا ا"),
    "hamza alone": ("ماء", "ماء"),
    "alef maksura, Persian, Urdu, Kurdish yeh": ("ىیےێې", "ييييي"),
    "Persian kaf": ("کرکوک ڪ", "كركوك ك"),
    "teh marbuta, Urdu and Kurdish heh": ("ةہھەۃ", "ههههه"),
    "Kurdish waw, reh, lam": ("ۆ ڕ ڵ", "و ر ل"),
    "other letters of Persian": ("پچژگ", "پچژگ"),
    "Arabic-Indic and Persian digits": ("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹", "0123456789 0123456789"),
    "presentation forms": ("\ufedf\ufee0\ufecc\ufeae\ufe8d\ufed5", "للعراق"),
    "ligatures": ("\ufefb \ufdfa \ufdf2 \ufdfd", "لا صلي الله عليه وسلم الله بسم الله الرحمن الرحيم"),
    "spaces of every kind": ("a\u00a0b\u2009c\u3000d\u202fe\u2028f\u0085g", "a b c d e f g"),
    "runs of white space": ("a \r\n\t \n\u00a0b", "a b"),
    "invisible characters": ("الع\u200bر\u200cا\u200dق \ufeffa\u00adb\u2060c", "العراق abc"),
    "white space around an invisible character": ("a \u200b b", "a b"),
    "bidi controls": ("\u202b\u200fab\u200e\u202c \u2067c\u2069 \u061cd \u202ee", "ab c d e"),
    "quotation marks": ("“a” „b‟ «c» ‹d› ＂e＂ 〝f〞", '"a" "b" "c" "d" "e" "f"'),
    "apostrophes": ("‘a’ ʼb ʿc ´d `e ′f", "'a' 'b 'c 'd 'e 'f"),
    "dashes": ("a‐b‑c‒d–e—f―g−h﹣i－j", "a-b-c-d-e-f-g-h-i-j"),
    "Arabic punctuation": ("،؛؟٪٫٬۔", ",;?%.,."),
    "case": ("IRAQ Ünïon STRASSE straße ẞ İ", "iraq union strasse strasse ss i"),
    "diacritics, whole and combining": ("Erdoğan e\u0301 Łódź ø Đ æ œ ı þ", "erdogan e lodz o d ae oe i th"),
    "compatibility forms": ("ﬁ ² ½ … ™ ① Ⅳ ㎏ 𝐀 Ａ", "fi 2 1/2 ... tm 1 iv kg a a"),
    "spacing marks": ("a\u00a8b\ufe70c", "abc"),
    "other scripts": ("Киев 北京 서울 हिन्दी", "киев 北京 서울 हिन्दी"),
}


@pytest.mark.parametrize(("written", "folded"), SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_fold_to_one(written, folded):
    assert fold(written).text == folded


def test_the_table_is_the_one_that_the_version_names_under_every_python():
    digests = {"1": "ccbdd9b1628691c9"}
    table = json.dumps(TABLE, sort_keys=True).encode()
    assert {FOLDING: hashlib.sha256(table).hexdigest()[:16]} == digests


def test_no_folding_holds_a_character_that_folds():
    assert [character for folded in TABLE.values() for character in folded if character in TABLE] == []


@UNTIMED
@given(POSTGRES | FOLDING_CHARACTERS)
def test_folding_is_idempotent(text):
    once = fold(text).text
    assert fold(once).text == once
    assert "  " not in once


@UNTIMED
@given(POSTGRES | FOLDING_CHARACTERS)
@pytest.mark.no_cover
def test_each_folded_character_comes_from_its_origin(text):
    folded = fold(text)
    assert list(folded.origin) == sorted(folded.origin)
    assert len(folded.origin) == len(folded.text) + 1
    assert folded.origin[-1] == len(text)
    for character, at in zip(folded.text, folded.origin, strict=False):
        assert character in TABLE.get(text[at], text[at])


@pytest.mark.no_cover
@UNTIMED
@given(POSTGRES | FOLDING_CHARACTERS, st.data())
def test_a_span_of_the_original_folds_to_what_was_asked_for(text, data):
    folded = fold(text)
    whole = [0, *(i for i in range(1, len(folded.origin)) if folded.origin[i - 1] < folded.origin[i])]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(whole), st.sampled_from(whole))))
    assert fold(text[slice(*folded.span(start, end))]).text == folded.text[start:end]


@UNTIMED
@given(FOLDING_CHARACTERS, st.data())
@pytest.mark.prove
def test_a_span_inside_a_ligature_holds_the_ligature(text, data):
    folded = fold(text)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(folded.text))] * 2)))
    assert folded.text[start:end] in fold(text[slice(*folded.span(start, end))]).text


def test_a_span_ends_behind_the_marks_and_the_tatweel_of_its_last_letter():
    text = "وأكّدتْـ\u200f الحكومةُ\u00ad، "
    folded = fold(text)
    verb, noun = folded.text.index("واكدت"), folded.text.index("حكومه")
    assert text[slice(*folded.span(verb, verb + 5))] == "وأكّدتْـ"
    assert text[slice(*folded.span(noun, noun + 5))] == "حكومةُ"
    assert folded.span(noun, noun) == (text.index("حكومة"),) * 2


def test_a_span_that_ends_in_white_space_holds_the_whole_run():
    assert fold("the end \n\t\u00a0of it").span(0, 8) == (0, 11)


REFUSED = {
    "NUL": ("a\0b", "U+0000 CONTROL CHARACTER at index 1 (line 1)"),
    "escape": ("one\ntwo\n\x1b[31m", "U+001B CONTROL CHARACTER at index 8 (line 3)"),
    "vertical tab": ("\v", "U+000B CONTROL CHARACTER at index 0 (line 1)"),
    "delete": ("\x7f", "U+007F CONTROL CHARACTER at index 0 (line 1)"),
    "next line": ("\x85", "U+0085 CONTROL CHARACTER at index 0 (line 1)"),
    "lone surrogate": ("a\ud800", "U+D800 LONE SURROGATE at index 1 (line 1)"),
    "noncharacter": ("\ufdd0", "U+FDD0 NONCHARACTER at index 0 (line 1)"),
    "last noncharacter": ("\U0010ffff", "U+10FFFF NONCHARACTER at index 0 (line 1)"),
    "override": ("بيان \u202eمشترك", "U+202E RIGHT-TO-LEFT OVERRIDE at index 5 (line 1)"),
    "isolate": ("\u2067", "U+2067 RIGHT-TO-LEFT ISOLATE at index 0 (line 1)"),
}


def test_a_line_of_json_with_any_hostile_character_is_suspect():
    """Of all characters there are, as they are and as JSON may escape them; half ones are no text."""
    refused = re.compile(rf"[\x00{HOSTILE}]")
    whole = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF]
    hostile = [each for each in whole if refused.match(each)]
    assert len(hostile) > 100
    for each in hostile:
        for escaped in (True, False):
            assert is_suspect(json.dumps({"said": f"a{each}b"}, ensure_ascii=escaped).encode()), ascii(each)
    assert not any(
        is_suspect(json.dumps(each, ensure_ascii=False).encode()) for each in whole if not refused.match(each)
    )


@pytest.mark.parametrize("said", ["زاخو — “quoted” «قيل»", "two\nlines\tand more", "\u00a0\u200f\u200cمسافة", ""])
def test_a_line_of_json_without_one_is_not(said):
    assert not is_suspect(json.dumps({"said": said}, ensure_ascii=False).encode())


@pytest.mark.parametrize(("text", "place"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_character_is_refused_with_its_place(text, place):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (the whole message is compared)
        refuse(text, field="title.ar")
    assert str(refusal.value) == f"title.ar: {place}: take this character out"


def test_a_quote_may_hold_the_overrides_of_its_document_but_nothing_else_that_is_refused():
    refuse("\u202bبيان\u202c \u2067مشترك\u2069", field="exact", bidi_overrides=True)
    with pytest.raises(ValueError, match=r"exact: U\+FFFE NONCHARACTER at index 5 \(line 1\)"):
        refuse("\u202bab\u202c \ufffe", field="exact", bidi_overrides=True)


def test_ordinary_texts_pass_with_their_lines_and_marks_of_direction():
    refuse("بيانٌ مشترك،\r\n\tarticle 3\u200f\u200e\u061c\u00a0\u2028 \U0001f1ee\U0001f1f6 \U00020000", field="text")


DIRECTIONS = {
    "rtl": "ar fa he iw ur ps sd ug yi dv ckb prs pnb ar-IQ AR ar_EG ku-Arab ku-Arab-IQ ku-IQ az-IR pa-PK und-Hebr",
    "ltr": "en en-GB ku ku-Latn-IQ tr az pa ar-Latn he-Latn-IL uz fr-FR-x-arab de-1901 und x-ar zh-Hans",
}


@pytest.mark.parametrize(("language", "way"), [(tag, way) for way, tags in DIRECTIONS.items() for tag in tags.split()])
def test_the_direction_of_a_language(language, way):
    assert direction(language) == way


def test_the_sql_function_hides_nothing_and_asks_nothing_of_the_locale():
    made = sql_function("folded")
    assert made.startswith("CREATE OR REPLACE FUNCTION public.folded(text) RETURNS text\n")
    assert made.isascii()
    assert [word for word in ("lower(", "upper(", "initcap(", "normalize(", "unaccent", "[[:") if word in made] == []
