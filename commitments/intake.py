"""What a passage of a document's text offers: its place, segments to show, deadlines, statements, similar commitments."""

import datetime
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection
from django.db import models as orm
from django.utils.translation import gettext as _

from . import actions, dates, quotes, text
from .models import Citation, Commitment, CommitmentParty, Document, Party, Quote, Statement, StatementIssuer, ever
from .rules import PRACTICE

NEAR = 600  # characters before and after a passage in which its deadline may stand
STATEMENTS = 6  # of a document that are offered
DAYS = datetime.timedelta(days=31)  # between a document's date and that of a statement which it may report
COMPARED = 400  # commitments, the latest ones, with which a passage is compared
LIKE = 0.2  # the least likeness (Dice, folded trigrams) that is worth a look
SHOWN = 5  # similar commitments that are shown
PARTIES = 12  # of these statements that are offered
SENTENCE = re.compile(r"[.!?؟\n]+\s*")


class Passage(NamedTuple):
    """A passage of a document's text, in code points: what a Quote of it holds."""

    document: Document
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str

    def values(self) -> dict:
        """The fields of its Quote that follow from the text."""
        return {**self._asdict(), "language": self.document.language}

    def quoted(self) -> Quote | None:
        """The Quote of exactly this passage, if the document has one."""
        return Quote.objects.filter(document=self.document, start=self.start, exact=self.exact).order_by("ref").first()


def passage(document: Document, start: int, end: int) -> Passage:
    """The passage of a document whose text is attached; Refused, naming the way out, if there is none, no text, or too much."""
    if not (attached := getattr(document, "attached", None)):
        raise actions.Refused(_("%s has no text yet: paste it, or attach its file, on the document's page.") % document)
    try:
        prefix, suffix = quotes.context(attached.text, start, end)
        Quote.refuse_longer(end - start)
    except (ValueError, ValidationError) as error:
        raise actions.Refused(" ".join(getattr(error, "messages", [str(error)]))) from error
    return Passage(document, start, end, attached.text[start:end], prefix, suffix)


def search(document: Document, words: str) -> Passage:
    """The one passage that says `words`, in whatever spelling; Refused if the text doesn't say them, or not only once."""
    attached = getattr(document, "attached", None)
    found = quotes.find(attached.text, words) if attached and words.strip() else quotes.Match("absent")
    if found.level not in ("exact", "folded"):
        raise actions.Refused(
            _("The text doesn't say “%s”: copy the words from it, or count from where to where.") % words
        )
    if len(found.places) > 1:
        places = ", ".join(map(str, found.places[:10]))
        told = {"words": words, "places": places}
        raise actions.Refused(_("The text says “%(words)s” more than once, at %(places)s: give more of it.") % told)
    return passage(document, found.start, found.end)


def quote(found: Passage, *, now: datetime.datetime, **values) -> Quote:
    """The passage's Quote, checked: the one that there is, else a new one with `values`. Needs an act."""
    in_turn(found.document)
    if there := found.quoted():
        return there
    made = Quote(**found.values() | values)
    made.full_clean()
    made.save(force_insert=True)
    actions.check_quotes(Quote.objects.filter(pk=made.pk), now=now)
    return made


class Segment(NamedTuple):
    """A stretch of a text that the same quotes cover (their indices), and the quotes that begin with it."""

    text: str
    covered: tuple[int, ...]
    begins: tuple[int, ...]


def segments(content: str, spans: list[tuple[int, int]]) -> list[Segment]:
    """The text cut where a span begins or ends; put together again, the segments are the text. Spans may overlap."""
    cuts = {0, len(content), *(at for span in spans for at in span)}
    return [
        Segment(
            content[start:end],
            tuple(index for index, (first, last) in enumerate(spans) if first <= start and end <= last),
            tuple(index for index, (first, _last) in enumerate(spans) if first == start),
        )
        for start, end in pairwise(sorted(cuts))
    ]


class Proposal(NamedTuple):
    """A deadline that words in or near a passage may set, as `dates.read` reads them; `anchor` is "" if nothing counts from it."""

    start: int
    end: int
    words: str
    kind: str
    edtf: str
    earliest: datetime.date | None
    latest: datetime.date | None
    anchor: str

    @property
    def code(self) -> str:
        """What a form sends back of it."""
        return f"{self.start}-{self.end}-{self.kind}-{self.edtf}-{self.anchor}"


def deadlines(found: Passage, anchors: Iterable[str]) -> list[Proposal]:
    """What may set the passage's deadline: its own words, else those of its sentence, else of the sentences beside it.

    One for each way to read them, counted from each of the `anchors` (EDTF) from which they count.
    """
    content = found.document.attached.text
    for start, end in _around(content, found.start, found.end):
        plain = {each[:-1]: each for each in _read(content, start, end, "")}
        counted: dict[tuple, Proposal] = {}
        for anchor in dict.fromkeys(filter(None, anchors)):
            for each in _read(content, start, end, anchor):
                if each[:-1] not in plain:
                    counted.setdefault(each[:-1], each)
        if proposed := counted or plain:
            return list(proposed.values())
    return []


def _around(content: str, start: int, end: int) -> list[tuple[int, int]]:
    """The passage, its sentences, and these with one sentence on each side."""
    first, last = max(0, start - NEAR), min(len(content), end + NEAR)
    ends = [first, *(first + match.end() for match in SENTENCE.finditer(content[first:last])), last]
    before, after = [at for at in ends if at <= start], [at for at in ends if at >= end]
    return list(dict.fromkeys([(start, end), (before[-1], after[0]), (before[-2:][0], after[:2][-1])]))


def _read(content: str, start: int, end: int, anchor: str) -> list[Proposal]:
    reading = dates.read(content[start:end], anchor)
    if reading.kind == "none" or reading.refused or (anchor and reading.elsewhere):
        return []
    place = (start + reading.start, start + reading.end, reading.words, reading.kind)
    days = [
        (row["edtf"] or "", _day(row["earliest"]), _day(row["latest"]))
        for row in reading.readings or [reading.to_json()]
    ]
    return [Proposal(*place, *row, anchor) for row in days]


def _day(written: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(written) if written else None


def own_statements(document: Document) -> list[Statement]:
    """The statements that a document's quotes prove something of, or date; the latest first."""
    cited = Citation.objects.filter(quote__document=document)
    proved = [
        cited.filter(**{f"{kind}__isnull": False}).values(f"{kind}__statement") for kind in ("commitment", "deadline")
    ]
    own = orm.Q(pk__in=proved[0]) | orm.Q(pk__in=proved[1]) | orm.Q(issued_quote__document=document)
    return list(Statement.objects.filter(own).order_by("-issued_latest", "ref")[:STATEMENTS])


def _alike(found: orm.QuerySet, document: Document) -> orm.QuerySet:
    """Of these records, those for practice if the document is, else all but those."""
    practice = orm.Q(ref__startswith=PRACTICE)
    return found.filter(practice if document.pk.startswith(PRACTICE) else ~practice)


def other_statements(document: Document) -> list[Statement]:
    """The statements that were issued about a document's date; the latest first. Without a date, none."""
    if not document.published_latest:
        return []
    about = (document.published_earliest or document.published_latest) - DAYS, document.published_latest
    found = Statement.objects.filter(issued_latest__range=about).exclude(state="retracted")
    return list(_alike(found, document).order_by("-issued_latest", "ref")[:STATEMENTS])


def parties(found: Iterable[Statement]) -> list[Party]:
    """Who issued these statements, then who has a role in their commitments."""
    refs = [statement.pk for statement in found]
    issuing = orm.Q(pk__in=StatementIssuer.objects.filter(statement__in=refs).values("party"))
    named = orm.Q(pk__in=CommitmentParty.objects.filter(commitment__statement__in=refs).values("party"))
    first = orm.Case(orm.When(issuing, then=0), default=1)
    return list(Party.objects.filter(issuing | named).order_by(first, "ref")[:PARTIES])


def in_turn(record: Document | Statement) -> None:
    """Waits for whoever is giving numbers under a record, until their act ends: two at once would give the same."""
    under = f"{record._meta.model_name} {record.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"numbers of {under}"])


def reference(statement: Statement, wanted: str, *, proposed_at: int) -> str:
    """A new commitment's reference: `wanted`, if that is free; the statement's next one where nothing is wanted.

    What was the next one when the ledger had `proposed_at` entries, and was taken since, becomes the next one, too.
    Refused, naming the next one, if it is taken otherwise.
    """
    free = next_references([statement])[statement.pk]
    past = ever(Commitment, orm.Q(reference=wanted))
    if wanted and not (past or Commitment.objects.filter(pk=wanted).exists()):
        return wanted
    if wanted and wanted != next_references([statement], proposed_at)[statement.pk]:
        told = {"ref": wanted, "next": free}
        raise actions.Refused(
            _("%(ref)s is taken, and a reference is never given again: the next free one is %(next)s.") % told
        )
    return free


def next_references(found: Iterable[Statement], size: int | None = None) -> dict[str, str]:
    """{statement: its next commitment's reference}: one above every number in the table or ever in the ledger, as wide as the last.

    `size`: as it was when the ledger had so many entries.
    """
    stems = {statement.pk: f"{statement.pk}-" for statement in found}
    if not stems:
        return {}
    begins = orm.Q(*(orm.Q(reference__startswith=stem) for stem in stems.values()), _connector=orm.Q.OR)
    used = ever(Commitment, begins, size=size)
    if size is None:
        used |= set(Commitment.objects.filter(statement__in=stems).values_list("ref", flat=True))
    proposed = {}
    for ref, stem in stems.items():
        numbers = [
            match[1]
            for each in used
            if each.startswith(stem) and (match := re.fullmatch("([0-9]+)", each[len(stem) :]))
        ]
        last = max(numbers, key=int, default="00")
        proposed[ref] = f"{stem}{int(last) + 1:0{len(last)}}"
    return proposed


class Similar(NamedTuple):
    """A commitment that says something like a passage, and how like it is, 0 to 1."""

    commitment: Commitment
    likeness: float


def similar(found: Passage, statement: Statement | None = None) -> list[Similar]:
    """The commitments most like a passage, by the folded trigrams of titles, quotes and translations, nearest first.

    With a statement, none of its own or of one that is surely later. COMPARED are compared: first those of the same
    process or issuers, of these and of the others the latest.
    """
    among = _alike(Statement.objects.exclude(state="retracted"), found.document)
    order = [orm.F("issued_latest").desc(nulls_last=True), "-ref"]
    if statement:
        issuers = StatementIssuer.objects.filter(statement=statement.pk).values("party")
        together = orm.Q(pk__in=StatementIssuer.objects.filter(party__in=issuers).values("statement"))
        together |= orm.Q(process__isnull=False, process=statement.process_id)
        order.insert(0, orm.Case(orm.When(together, then=0), default=1))
        among = among.exclude(pk=statement.pk)
        if statement.issued_latest:
            among = among.exclude(issued_earliest__gt=statement.issued_latest)
    places = {ref: place for place, ref in enumerate(among.order_by(*order).values_list("pk", flat=True)[:COMPARED])}
    rows = Commitment.objects.exclude(state="retracted").filter(statement__in=list(places)).order_by("ref")
    nearest = sorted((places[statement], pk) for pk, statement in rows.values_list("pk", "statement"))[:COMPARED]
    rows = list(rows.filter(pk__in=[pk for _place, pk in nearest]))
    said: dict[str, list[str]] = {each.pk: list(each.title.values()) for each in rows}
    cited = Citation.objects.filter(commitment__in=list(said), part="undertaking")
    for ref, exact, translation in cited.values_list("commitment", "quote__exact", "quote__translation"):
        said[ref] += [exact, *translation.values()]
    own = _trigrams(found.exact)
    ranked = [Similar(each, max(_dice(own, _trigrams(words)) for words in said[each.pk])) for each in rows]
    ranked.sort(key=lambda each: (-each.likeness, each.commitment.pk))
    return [each for each in ranked[:SHOWN] if each.likeness >= LIKE]


def _trigrams(words: str) -> set[str]:
    folded = f" {text.fold(words).text.strip()} "
    return {folded[i : i + 3] for i in range(len(folded) - 2)}


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))
