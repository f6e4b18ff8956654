"""The lexemes of a text and the numbers that they make: figures, words, ordinals, years."""

from collections import defaultdict
from functools import wraps
from typing import NamedTuple

from .calendars import FIRST_HIJRI, LAST_HIJRI
from .date_words import Lexeme

YEARS = range(1900, 2200)  # a number that nothing marks as a year is one only here
FOUR_DIGITS = range(1000, 3000)
LONGEST = 8  # days in a list, or number words in a row: each look ahead has an end
WEEKDAY_NUMBERS = {6: 1, 0: 2}  # «الأحد», «الاثنين» → the number that the word is as well
BEYOND = 64  # blank lexemes after the last: more than any rule looks ahead


class Number(NamedTuple):
    """A count, the index after it, and whether it is said twice, in words and figures, that disagree."""

    value: int
    next: int
    conflict: bool = False


class Year(NamedTuple):
    """A year, whether it is Hijri, the index after it, and whether a word says that it is a year."""

    value: int
    hijri: bool
    next: int
    marked: bool


def remembered(rule):
    """A rule that answers each place once: looks ahead that overlap then cost no more than one."""

    @wraps(rule)
    def recall(self, *place):
        known = self.memory[rule.__name__]
        if place not in known:
            known[place] = rule(self, *place)
        return known[place]

    return recall


class Numbers:
    """A text's lexemes and its numbers.

    A rule takes an index and gives what begins there and the index after it, or None. Every rule looks at a bounded
    number of lexemes, so that a text costs time in proportion to its length.
    """

    def __init__(self, lexemes: list[Lexeme], capitals: frozenset[int]):
        """`capitals`: the places in the folded text that hold a capital letter in the original."""
        self.size, self.capitals = len(lexemes), capitals
        # A negative index leads to the blanks as well, so that no rule need ask where the text begins or ends.
        self.lexemes = [*lexemes, *[Lexeme("", -1, -1, {})] * BEYOND]
        self.memory: dict[str, dict] = defaultdict(dict)  # rule → place → answer

    def get(self, i: int, category: str):
        return self.lexemes[i].means.get(category)

    def text(self, i: int) -> str:
        return self.lexemes[i].text

    def skip(self, i: int, *wanted: str) -> int:
        """Past up to three lexemes that have one of the meanings wanted, or are one of the marks."""
        for _ in range(3):
            lexeme = self.lexemes[i]
            if lexeme.text not in wanted and lexeme.means.keys().isdisjoint(wanted):
                break
            i += 1
        return i

    def the(self, i: int) -> int:
        return i + (self.text(i) == "the")

    def touching(self, i: int, j: int) -> bool:
        """Nothing stands between the lexemes from i to j."""
        return all(self.lexemes[k].end == self.lexemes[k + 1].start for k in range(i, j))

    def capital(self, i: int) -> bool:
        return self.lexemes[i].start in self.capitals

    def unit(self, i: int) -> str:
        """The unit that stands here in the singular, without a number of its own."""
        unit, count, plural = self.get(i, "unit") or ("", 0, False)
        return "" if count or plural else unit

    @remembered
    def number(self, i: int) -> Number | None:
        """Digits or number words, or both: thirty, 30 (thirty), «تسعين (90)»."""
        found = self._plain_number(i)
        if found and self.text(found.next) == "(":
            again = self._plain_number(found.next + 1)
            if again and self.text(again.next) == ")":
                return Number(found.value, again.next + 1, found.value != again.value)
        return self._twice(i, found) if found else None

    def _twice(self, i: int, found: Number) -> Number:
        """A number with the same in words or figures right behind it: «(6) ستة أشهر»."""
        j = found.next
        figures = self.get(j - 1, "number") is not None
        again = self.words(j) if figures and not self.lexemes[j].joined else None
        if not figures and self.get(j, "number") is not None:
            again = Number(self.get(j, "number"), j + 1)
        if not again or (len(self.text(i)) > 3 and figures) or self.text(j) in ("a", "an"):
            return found
        conflict = again.value != found.value
        return found if conflict and not self.get(again.next, "unit") else Number(found.value, again.next, conflict)

    def _plain_number(self, i: int) -> Number | None:
        value = self.get(i, "number")
        return self.words(i) if value is None else Number(value, i + 1)

    def words(self, i: int) -> Number | None:
        """Number words, each filling what those before left open: «مئة وخمسة وعشرين», one hundred and twenty-five."""
        rest = self.get(i, "cardinal") or self._named_as_day(i)
        if rest is None:
            return None
        thousands, j = 0, i + 1
        for _ in range(LONGEST):
            k = j + (self.text(j) == "-" or self.get(j, "and") is not None)
            value, joined = self.get(k, "cardinal"), k > j or self.lexemes[j].joined
            if value is None or self.text(k) in ("a", "an"):
                break
            if value in (100, 1000) and not joined:
                thousands, rest = (thousands, rest * 100) if value == 100 else (thousands + rest * 1000, 0)
            elif _fits(value, rest, joined):
                rest += value
            else:
                break
            j = k + 1
        return Number(thousands + rest, j)

    def _named_as_day(self, i: int) -> int | None:
        """One or two in a longer number of units, which alone name a weekday: «الأحد عشر شهرا», «الاثنين والعشرين يوما»."""
        value = WEEKDAY_NUMBERS.get(self.get(i, "weekday"))
        tens = self.get(i + 1, "cardinal")
        longer = tens == 10 or (tens in range(20, 100, 10) and self.lexemes[i + 1].joined)
        return value if longer and self.get(i + 2, "unit") else None

    @remembered
    def ordinal(self, i: int) -> Number | None:
        """First, 21st, «الحادي والعشرين», «الثلاثين»."""
        value, j = self.get(i, "ordinal"), i + 1
        if value is None:
            found = self.words(i)
            if not found:
                return None
            k = found.next + (self.text(found.next) == "-")
            if self.get(k, "ordinal") and found.value % 10 == 0:  # twenty-first
                return Number(found.value + self.get(k, "ordinal"), k + 1)
            return found if self.lexemes[i].definite else None
        if value > 0 and self.text(j) in ("عشر", "عشره"):  # «الحادي عشر»
            return Number(value + 10, j + 1)
        k = j + (self.get(j, "and") is not None)
        if 0 < value < 10 and self.get(k, "cardinal") in range(20, 100) and (k > j or self.lexemes[k].joined):
            return Number(value + self.get(k, "cardinal"), k + 1)
        return Number(value, j)

    def year(self, i: int, *, sure: bool = False, hijri: bool | None = None) -> Year | None:
        """Four digits or number words. `sure`: after the words before, it must be one; `hijri`: in this calendar."""
        marked = self.get(i, "yearnoun") is not None
        j = i + marked
        found = self.words(j) if self.get(j, "number") is None else len(self.text(j)) == 4 and self.number(j)
        if found and found.value in (19, 20, 21) and (pair := self.words(found.next)) and 9 < pair.value < 100:
            found = Number(found.value * 100 + pair.value, pair.next)  # twenty thirty-one
        if not found or found.value not in FOUR_DIGITS:
            return None
        value, k = found.value, found.next
        if self.text(k) == "(" and self.get(k + 1, "era") is not None and self.text(k + 2) == ")":
            return Year(value, self.get(k + 1, "era"), k + 3, True)
        if self.get(k, "era") is not None:
            return Year(value, self.get(k, "era"), k + 1, True)
        if not (marked or sure or value in YEARS):
            return None
        return Year(value, FIRST_HIJRI <= value <= LAST_HIJRI if hijri is None else hijri, k, marked)


def _fits(value: int, rest: int, joined: bool) -> bool:
    """A number word finds its decimal place free; «ثلاثة عشر» is the one sum of two that nothing joins."""
    if value < 10:
        return rest % 10 == 0
    if value < 100:
        return rest % 100 == 0 or (rest % 100 < 10 and (joined or value == 10))
    return joined and rest % 1000 == 0
