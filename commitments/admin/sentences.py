"""What the database and the pure modules refuse, in the reader's language: they speak English, and name what they mean.

Each sentence is one of SENTENCES with its places filled; what fills them may be a sentence, or a code, itself.
"""

import functools
import re

from django.utils import translation
from django.utils.translation import gettext_noop as _

from commitments import codebook

from . import names

SENTENCES = (
    # the verbs
    _("%(ref)s is %(state)s; %(action)s isn't possible."),
    _("%(ref)s is %(state)s: %(by)s may not %(action)s it."),
    # the desk's and the shelf's triggers
    _("%(ref)s: %(who)s may not move it from %(start)s to %(end)s"),
    _("%(ref)s: %(who)s may not %(action)s"),
    _("%(ref)s was public: it can be retracted, not deleted"),
    _("%(ref)s is a lasting reference and can't become %(other)s"),
    _("%(ref)s was public and is append-only: correct it by a new record"),
    _("%(ref)s was retracted and no longer changes"),
    _("%(ref)s can't become %(state)s: %(why)s"),
    _("%(ref)s is no part of %(other)s"),
    _("%(ref)s is public already: how it stands was worked out then"),
    _("%(ref)s has no standing from the first day on"),
    _("%(ref)s is no version that could stand"),
    _("%(kind)s %(ref)s can't be published: %(why)s"),
    _("%(ref)s judges another commitment or obligor than %(other)s, which it corrects"),
    _("%(ref)s stays: a check goes with its quote alone"),
    _("%(ref)s says something else of its own than the version before it: no housekeeping does"),
    _("a second factor of %(owner)s is not for %(who)s to give or change"),
    # why a record can't be published
    _("%(who)s changed it since the last approval, and nobody approves their own work"),
    _("%(who)s changed it since the last approval and shares hands with %(other)s: "
      "one made or changed the account of the other"),
    _("%(who)s changed it with an account, and %(other)s has none to approve it with"),
    _("%(who)s may not"),
    _("it has no public version"),
    _("it has no tombstone"),
    _("it was changed after its last public version"),
    _("its version is not the next one"),
    _("it is for practice and never public"),
    _("it was retracted"),
    _("nothing of it was approved before"),
    _("the desk has no such record"),
    _("it has no obligor"),
    _("no quote proves its undertaking"),
    _("its statement is not published"),
    _("%(status)s needs evidence"),
    _("no_evidence must say which documents were searched"),
    _("quote %(ref)s is not proven exact and carries no waiver"),
    # the ledger
    _("%(what)s on %(table)s is refused: what was recorded stays"),
    _("a write to %(table)s needs an actor and a reason"),
    _("a write to %(table)s has no act"),
    _("%(table)s %(ref)s: a primary key is lasting and can't become %(other)s"),
    _("%(table)s %(ref)s: %(character)s: no record may hold this character"),
    _("%(table)s %(ref)s: this reference was used before and is never given again"),
    # texts, quotes and dates
    _("%(field)s: U+%(code)s %(name)s at index %(at)s (line %(line)s): take this character out"),
    _("start, end: %(start)s to %(end)s is no passage of a text of %(n)s characters"),
    _("EDTF %(edtf)s: neither end is a date; leave it empty where no date is known"),
    _("EDTF %(edtf)s: %(first)s is later than %(last)s; give the earlier end first"),
    _("EDTF %(edtf)s is none of the forms kept here: %(forms)s"),
    _("EDTF %(edtf)s: there is no year 0; the earliest is 0001, 001X or 01XX"),
    _("EDTF %(edtf)s: a decade or century has no %(code)s; write %(year)s"),
    _("EDTF %(edtf)s: %(code)s is no month (01 to 12), season, quarter, third or half"),
    _("EDTF %(edtf)s ends after the year 9999, the last one kept"),
    _("EDTF %(edtf)s: only a month (01 to 12) has days, %(code)s has none"),
    _("EDTF %(edtf)s: %(month)s has the days 01 to %(last)s; correct the day, or leave it out"),
    _("The words “%(words)s” don't say the %(unit)s of %(edtf)s: write only what they say."),
    _("The words “%(words)s” don't say the %(unit)s of %(edtf)s: write %(other)s."),
)  # fmt: skip
WORDS = {
    "add": _("add it"),
    "change": _("change it"),
    "discard": _("discard it"),
    "submit": _("submit it"),
    "send_back": _("send it back"),
    "publish": _("publish it"),
    "publish_at_once": _("publish it at once"),
    "retract": _("retract it"),
    "waive": _("waive a quote's check"),
    "people": _("keep accounts"),
    "century": _("century"),
    "decade": _("decade"),
    "year": _("year"),
    "half": _("half"),
    "third": _("third"),
    "season": _("season"),
    "quarter": _("quarter"),
    "month": _("month"),
    "day": _("day"),
}
PLACE = re.compile(r"%\((\w+)\)s")


@functools.cache
def _patterns() -> list[tuple[re.Pattern, str]]:
    """Each sentence as the pattern of what it can say."""
    found = []
    for sentence in SENTENCES:
        pieces = PLACE.split(sentence)  # every second one is a place's name
        parts = [f"(?P<{each}>.+?)" if n % 2 else re.escape(each) for n, each in enumerate(pieces)]
        found.append((re.compile("".join(parts), re.DOTALL), sentence))
    return found


def said(message: str) -> str:
    """A sentence of SENTENCES, or a code, in the reader's language; whatever else as it is."""
    if (translation.get_language() or "en").startswith("en"):
        return message
    for pattern, sentence in _patterns():
        if found := pattern.fullmatch(message):
            return translation.gettext(sentence) % {name: _part(value) for name, value in found.groupdict().items()}
    return _code(message)


def _part(value: str) -> str:
    """What fills a place: said, too; else isolated (U+2068, U+2069), or a date after an Arabic word would turn round."""
    told = said(value)
    return told if told != value else f"\u2068{value}\u2069"


def _code(code: str) -> str:
    """An action, unit, kind of record, status or state by its name."""
    if code in WORDS:
        return translation.gettext(WORDS[code])
    if code in names.RECORDS:
        return str(names.RECORDS[code][0])
    found = [each for each in ("editorial_state", "status") if code in codebook.codes(each)]
    return codebook.label(found[0], code, translation.get_language()) if found else code
