"""Fold Arabic and Latin text for comparison and search, with a way back to the original; refuse hostile characters."""

import json
import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

FOLDING = "1"  # goes into every recorded check: raise it with any change of TABLE

# What a letter carries or is stretched by. Whole blocks of marks, so that marks assigned later change nothing.
MARKS = (
    "0300-036F 0483-0489 0591-05BD 05BF 05C1 05C2 05C4 05C5 05C7 0610-061A 0640 064B-065F 0670 0674 06D6-06ED 0711 "
    "0730-074A 0890-089F 08C9-08FF 1AB0-1AFF 1DC0-1DFF 20D0-20FF FE00-FE0F FE20-FE2F FE73 10EFC-10EFF E0100-E01EF"
)
# Soft hyphen, bidi controls, zero-width spaces and joiners, tags: they hide inside words, so nothing takes their place.
INVISIBLE = "00AD 061C 180B-180F 200B-200F 202A-202E 2060-206F FEFF E0000-E007F"

# The project's own rows, before Unicode's: what a character becomes, and the code points that become it.
ROWS = {
    "": f"{MARKS} {INVISIBLE}",
    " ": "0009-000D 0020 0085 00A0 1680 2000-200A 2028 2029 202F 205F 3000",
    '"': "00AB 00BB 02BA 05F4 201C-201F 2033 2036 2039 203A 275D 275E 2E42 300A 300B 301D-301F",
    "'": "0060 00B4 02B9 02BB-02BF 02C8 02CA 02CB 055A 05F3 2018-201B 2032 2035 275B 275C",
    "-": "058A 05BE 1806 2010-2015 2043 2212 2E3A 2E3B",
    ",": "060C 066C",
    ";": "061B",
    "?": "061F",
    ".": "066B 06D4",
    "%": "066A",
    "*": "066D",
    "/": "2044 2215",
    "\u0627": "0671-0673 0870-0882",  # alef (madda and hamza go as marks do, on waw and yeh too; hamza alone stays)
    "\u0644": "06B5",  # lam
    "\u0631": "0695",  # reh
    "\u0643": "06A9 06AA",  # kaf
    "\u0648": "06C6",  # waw
    "\u064a": "0620 063D-063F 0649 06CC-06CE 06D0-06D2",  # yeh
    "\u0647": "0629 06BE 06C1 06C3 06D5 06FF",  # heh
    "a": "2C65",
    "ae": "00E6",
    "b": "0180",
    "d": "00F0 0111",
    "g": "01E5",
    "h": "0127",
    "i": "0131",
    "l": "0142",
    "o": "00F8",
    "oe": "0153",
    "ss": "1E9E",
    "t": "0167",
    "th": "00FE",
    "z": "01B6",
    "بسم الله الرحمن الرحيم": "FDFD",
    "سبحانه وتعالى": "FDFE",
    "عز وجل": "FDFF",
}
# All else is what Unicode 3.2 says: every Python carries that version, so the table is the same under each of them.
FROZEN = unicodedata.ucd_3_2_0
ASSIGNED = "0021-33FF A000-ABFF F900-FFEF 10400-1044F 1D400-1D7FF 2F800-2FA1D"  # where 3.2 folds anything at all
# Latin, Arabic and symbols assigned since, up to Unicode 14; what Unicode says of an assigned character never changes.
LATER = (
    "023A-024E 1D2C-1DBF 1EFA-1EFF 2090-209C 213B 213C 2150-2152 2189 2C60-2C7F A722-A787 FE10-FE19 FE47 FE48 "
    "1EE00-1EEBB 1F100-1F190 1FBF0-1FBF9"
)


def _characters(ranges: str) -> Iterator[str]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


def _table() -> dict[str, str]:
    """Every character that folds to something else → its folding, which folds to itself."""
    steps = {character: folded for folded, ranges in ROWS.items() for character in _characters(ranges)}
    for database, ranges in ((FROZEN, ASSIGNED), (unicodedata, LATER)):
        for character in _characters(ranges):
            if character in steps or database.category(character) == "Cn":
                continue
            digit = database.decimal(character, None)
            step = str(digit) if digit is not None else database.normalize("NFKD", character)
            if step == character:
                step = character.casefold()
            # Unicode spells a mark that stands alone as a space with the mark on it.
            steps[character] = step[1:] if step[0] == " " else step

    def resolve(character: str) -> str:
        step = steps.get(character, character)
        return step if step == character else "".join(map(resolve, step))

    return {character: folded for character in sorted(steps) if (folded := resolve(character)) != character}


TABLE = _table()
ATTACHED = frozenset(_characters(MARKS))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `source[origin[i]]` is the character that gave `text[i]`; the last of `origin` is its length."""

    text: str
    origin: array
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `source` that folds to `text[start:end]`, with what is written on its last letter."""
        if start == end:
            return self.origin[start], self.origin[start]
        stop = self.origin[end - 1] + 1
        spaces = self.text[end - 1] == " "  # the whole run of them
        while stop < self.origin[end] and (spaces or self.source[stop] in ATTACHED):
            stop += 1
        return self.origin[start], stop


def fold(text: str) -> Folded:
    """Fold each character by TABLE, then each run of spaces to one. `fold(fold(x).text).text == fold(x).text`."""
    folded, origin, last = [], array("I"), ""
    for index, character in enumerate(text):
        for piece in TABLE.get(character, character):
            if piece != " " or last != " ":
                folded.append(piece)
                origin.append(index)
            last = piece
    origin.append(len(text))
    return Folded("".join(folded), origin, text)


# What news texts are made of, in steps of cheap SQL replace() calls; a step runs only if the text needs it.
STEPS = (
    "\u0623\u0625\u0622\u0649\u0629\u0626\u0624\u060c",
    "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670\u0640",
    "\u201c\u201d\u00ab\u00bb\u2018\u2019\u2013\u2014\u2026\u061b\u061f",
    "\n\r\t\u00a0\u200b\u200c\u200d\u200e\u200f\ufeff",
    "\u06cc\u06a9\u06be\u06c1\u06d5\u0671",
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)


def _escape(text: str) -> str:
    """ASCII letters and digits as they are, all else as escapes: the SQL hides nothing and needs no quoting."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\u{ord(c):04x}" for c in text)


def _class(characters: set[str]) -> str:
    """The inside of a bracket expression for these characters, as ranges."""
    points, ranges = sorted(map(ord, characters)), []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(_escape(chr(a)) if a == b else f"{_escape(chr(a))}-{_escape(chr(b))}" for a, b in ranges)


def _step(characters: str) -> str:
    replaced = "t"  # no folding holds a character that folds, so the order is free
    for character in characters:
        replaced = f"replace({replaced}, E'{_escape(character)}', E'{_escape(TABLE[character])}')"
    return f"    IF t ~ '[{_class(set(characters))}]' THEN t := {replaced}; END IF;"


def sql_function(name: str = "fold") -> str:
    """SQL that makes `public.<name>(text)`, the twin of `fold(text).text`, from the same table.

    The steps do the common characters; a text that still holds any other goes through the whole table, character by
    character, in linear time. No collation, locale or Unicode data of PostgreSQL has a say. Needs a UTF8 database.
    """
    common = {chr(p) for p in (*range(0x01, 0x7F), *range(0x621, 0x6FF))} - TABLE.keys()
    stepped = {c for step in STEPS for c in step}
    rest = json.dumps({c: folded for c, folded in TABLE.items() if c not in stepped}, separators=(",", ":"))
    steps = "\n".join(map(_step, STEPS))
    return f"""\
CREATE OR REPLACE FUNCTION public.{name}(text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
DECLARE t text COLLATE "C" := $1;
BEGIN
{steps}
    IF t ~ '[^{_class(common)}]' THEN
        t := (SELECT string_agg(coalesce(rest.map ->> c, c), '' ORDER BY i)
              FROM (SELECT '{rest.replace("'", "''")}'::jsonb) rest (map),
                   string_to_table(t, NULL) WITH ORDINALITY s (c, i));
    END IF;
    IF strpos(t, '  ') > 0 THEN t := regexp_replace(t, ' {{2,}}', ' ', 'g'); END IF;
    RETURN t;
END
$fold$;
"""  # noqa: S608 (every part is made above)


REFUSALS = {  # what has no name in Unicode gets one here
    "control": ("CONTROL CHARACTER", r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"),
    "surrogate": ("LONE SURROGATE", r"\ud800-\udfff"),
    "nonchar": ("NONCHARACTER", r"\ufdd0-\ufdef" + "".join(f"\\U{p:04x}fffe\\U{p:04x}ffff" for p in range(17))),
    "bidi": ("", r"\u202a-\u202e\u2066-\u2069"),
}
REFUSED = re.compile("|".join(f"(?P<{kind}>[{points}])" for kind, (_, points) in REFUSALS.items()))
ESCAPED = re.compile(r"\\[bfu]")  # how JSON may write one of them
# In UTF-8, bytes that none of them begins with, nor its escape.
HARMLESS = bytes({*b"\t\n\r", *range(0x20, 0xF0)} - {*b"\\\x7f", 0xC2, 0xE2, 0xED, 0xEF})


class Hostile(ValueError):
    """A character that no record may hold; `line` says in which line of the text, from 1."""

    def __init__(self, message: str, line: int):
        super().__init__(message)
        self.line = line


def refuse(text: str, *, field: str, bidi_overrides: bool = False) -> None:
    """Raise Hostile, a ValueError, at the first character that no record may hold, naming field, place and code point.

    Tab, LF and CR pass. Bidi embeddings, overrides and isolates pass only with `bidi_overrides` (a quote whose document
    has them). Marks of direction (LRM, RLM, ALM) and other invisible characters pass.
    """
    for match in REFUSED.finditer(text):
        if match.lastgroup == "bidi" and bidi_overrides:
            continue
        at, character = match.start(), match[0]
        name = unicodedata.name(character, REFUSALS[match.lastgroup][0])
        line = text.count("\n", 0, at) + 1
        place = f"U+{ord(character):04X} {name} at index {at} (line {line})"
        raise Hostile(f"{field}: {place}: take this character out", line)


def is_suspect(line: bytes) -> bool:
    """Whether a line of JSON may hold what `refuse` names; nothing of that can be shown, which nearly all lines can."""
    if not line.translate(None, HARMLESS):
        return False
    text = line.rstrip(b"\n").decode()
    return bool(ESCAPED.search(text) or (not text.isprintable() and REFUSED.search(text)))


def visible(text: str) -> str:
    """The text with each character that `refuse` would name as its escape, such as \\u202e: on a page it then does nothing."""
    return REFUSED.sub(lambda found: json.dumps(found[0])[1:-1], text)


RTL_SCRIPTS = re.compile("adlm|arab|aran|hebr|mand|mend|nkoo|rohg|samr|syrc|thaa|yezi")
RTL_LANGUAGES = re.compile(
    "acm|acq|aeb|afb|aii|ajp|apc|apd|arc?|arq|ars|ary|arz|ayl|azb|bal|bgn|bqi|ckb|dv|fa|glk|he|iw|ji|khw|ks|lki|lrc|mzn|"
    "nqo|pbt|pes|pnb|prs|ps|sd|sdh|skr|syr|ug|ur|yi|az-i[qr]|ku-i[qr]|pa-pk|uz-af"
)


def direction(language: str) -> str:
    """Either "rtl" or "ltr", of a BCP 47 tag: its script decides, else its language, where need be with its region."""
    primary, *rest = language.lower().replace("_", "-").split("-")
    for subtag in rest:
        if len(subtag) == 1:  # an extension or private use begins
            break
        if len(subtag) == 4 and subtag.isalpha():
            return "rtl" if RTL_SCRIPTS.fullmatch(subtag) else "ltr"
        if RTL_LANGUAGES.fullmatch(f"{primary}-{subtag}"):
            return "rtl"
    return "rtl" if RTL_LANGUAGES.fullmatch(primary) else "ltr"
