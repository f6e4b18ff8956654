"""The parameters of every list and detail, as django-filter FilterSets."""

import datetime
import functools
from functools import reduce
from operator import or_

from django import forms
from django.db.models import Exists, FloatField, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from .. import search, threads
from ..models import END, CommitmentIndex, Publication, Role, Standing
from . import pagination, shapes
from .parameters import (
    CALENDAR_DAY,
    FLAG,
    MOMENT,
    NUMBER,
    PLACE,
    QUERY,
    REFERENCE,
    SIZE,
    Kind,
    Parameter,
    Parameters,
    Setting,
    fault,
    one_of,
    vocabulary,
)


class InRole(Parameter):
    """Commitments in which a party has a role: it has a row of its own beside that of the whole.

    An obligor's row holds its own status and schedule where it is judged apart, else the whole's.
    """

    def __init__(self, about: str, *, role: str | None = None, own: tuple[str, ...] = ()):
        super().__init__(REFERENCE, about, several=True, field_name="party", lookup_expr="in")
        self.role, self.own = role, own

    def filter(self, qs: QuerySet, value) -> QuerySet:
        if not value:
            return qs
        day = self.parent.day
        rows = Standing.objects.filter(publication=OuterRef("publication"), first=OuterRef("first"), party__in=value)
        if self.role:
            rows = rows.filter(role=self.role)
        asked = self.parent.form.cleaned_data
        if asked["status"] and not asked["obligor"]:  # `Own` asks it of the whole; here it spares looking for that
            rows = rows.filter(whole__in=asked["status"])
        return qs.filter(Exists(rows.filter(first__lte=day, until__gt=day, **self.parent.own(*self.own))))


class Own(Parameter):
    """A code of the whole commitment, unless obligors are named: then of theirs, which InRole sees to."""

    def filter(self, qs: QuerySet, value) -> QuerySet:
        return qs if self.parent.form.cleaned_data["obligor"] else super().filter(qs, value)


class StandsFor(Parameter):
    """Of each thread of an obligor, the commitment that stands for it."""

    def filter(self, qs: QuerySet, value) -> QuerySet:
        if not value:
            return qs
        standing = threads.standing_for(value, self.parent.size, self.parent.day)
        return qs.filter(index__publication__record__in=standing)


class Judged(Parameter):
    """Assessments that give such a status."""

    def filter(self, qs: QuerySet, value) -> QuerySet:
        return super().filter(qs.filter(kind="assessment"), value) if value else qs


class OfCommitments(Parameter):
    """What belongs to commitments like these: their deadlines and assessments, and the statements they were made in."""

    def __init__(self, about: str, column: str, lookup_expr: str = "in", statements: str = ""):
        super().__init__(REFERENCE, about, several=True, field_name="commitment", lookup_expr=lookup_expr)
        self.column, self.statements = column, statements  # of statements, a column of their own where there is one

    def filter(self, qs: QuerySet, value) -> QuerySet:
        if not value:
            return qs
        such = Publication.objects.known_at(self.parent.size).standing().of("commitment")
        such = such.filter(**{f"{self.column}__{self.lookup_expr}": value})
        named = Q(**{f"{self.statements}__{self.lookup_expr}": value}) if self.statements else None
        theirs = ~Q(kind="statement") & Q(commitment__in=such.values("record"))
        return qs.filter(theirs | Q(kind="statement") & (named or Q(record__in=such.values("statement"))))


class LeadingTo(Parameter):
    """Relations that lead to commitments."""

    def filter(self, qs: QuerySet, value) -> QuerySet:
        return qs.filter(named__overlap=[threads.NAME + ref for ref in value]) if value else qs


class OfThread(Parameter):
    """The commitments of a commitment's thread."""

    is_plain = False

    def filter(self, qs: QuerySet, value) -> QuerySet:
        if not value:
            return qs
        members = threads.members(value, self.parent.size, self.parent.day)
        # As SQL, since Django would make no query of an empty list, and facets count by one.
        return qs.filter(index__publication__record__in=RawSQL("SELECT unnest(%s::varchar[])", [members]))


def references(field_name: str, lookup_expr: str, about: str) -> Parameter:
    """References; what doesn't exist gives an empty list, as a draft does."""
    return Parameter(REFERENCE, about, several=True, field_name=field_name, lookup_expr=lookup_expr)


def codes(name: str, field_name: str, about: str, kind: type[Parameter] = Parameter) -> Parameter:
    """Codes of a vocabulary."""
    return kind(vocabulary(name), about, several=True, field_name=field_name, lookup_expr="in")


def since(field_name: str, about: str) -> Parameter:
    return Parameter(CALENDAR_DAY, about, field_name=field_name, lookup_expr="gte")


def until(field_name: str, about: str) -> Parameter:
    return Parameter(CALENDAR_DAY, about, field_name=field_name, lookup_expr="lte")


def ordering(orderings: tuple[pagination.Ordering, ...]) -> Setting:
    """The documented orders of a list; the first is the default."""
    about = "\n".join(["The order of the rows.", "", *(f"- `{order.name}`: {order.about}" for order in orderings)])
    allowed = [order.name for order in orderings]
    return Setting(one_of(allowed, {"type": "string", "enum": allowed, "default": allowed[0]}), about)


def known_at() -> Setting:
    return Setting(
        MOMENT, "As the register stood at this instant, in its words of then; a day means its end, UTC. Default: now."
    )


def as_of() -> Setting:
    return Setting(
        CALENDAR_DAY, "Deadline, schedule and statuses as they stood on this day in the world. Default: today, UTC."
    )


def fields(component: str) -> Setting:
    """The members of a component."""
    names = [name for name in shapes.RESOURCES[component]["properties"] if name not in ("ref", "url", "labels")]
    return Setting(
        one_of(names),
        "Only these members, besides `ref`, `url` and, with `lang`, `labels`. Default: all.",
        several=True,
    )


def lang() -> Setting:
    return Setting(one_of(("en", "ar")), "Adds `labels`: the codes in words, in this language.")


def page_size() -> Setting:
    return Setting(SIZE, "How many rows a page has, at most.")


class Search(Parameter):
    """Commitments that a query finds; of what is ordered by it, how well."""

    def __init__(self, about: str):
        super().__init__(QUERY, about)

    def filter(self, qs: QuerySet, value: search.Query | None) -> QuerySet:
        if not value:
            return qs
        if self.parent.order.name == "relevance":
            qs = qs.annotate(relevance=Relevance("index__vector", Value(value.tsquery())))
        qs = qs.filter(index__vector__finds=value.tsquery())
        for term in value.terms:  # the column knows every deadline that there ever was; this is about the one in force
            if term.days:
                due = (Q(due_latest__range=span) for span in term.days)
                qs = qs.filter(reduce(or_, due, Q(index__vector__finds=term.in_words())))
        return qs


class Relevance(Func):
    """How well a tsvector fits a tsquery: more where the words stand in the title, stand often, and the text is short."""

    template, output_field = "ts_rank(%(expressions)s::tsquery, 1)::float8", FloatField()


NO_PLACE = fault("malformed", "is no place in this order: take it from `next` or `previous`, with all else there")
LAST = END - datetime.timedelta(days=1)  # the last day that there is an answer for: nothing changes any more


class Paged(Parameters):
    """What every list takes; the first of its orderings is the default."""

    ORDERINGS: tuple[pagination.Ordering, ...]
    page_size = page_size()
    cursor = Setting(
        PLACE, "The place of a page, opaque: take it from `next` and `previous`, with all other parameters."
    )
    known_at = known_at()

    @property
    def order(self) -> pagination.Ordering:
        """The order that is asked for."""
        name = self.form.cleaned_data.get("ordering")
        return next((order for order in self.ORDERINGS if order.name == name), self.ORDERINGS[0])

    def check(self) -> dict[str, list[forms.ValidationError]]:
        found, asked = super().check(), self.form.cleaned_data
        try:
            if asked.get("cursor") and "ordering" in asked:
                asked["cursor"] = pagination.read_cursor(asked["cursor"], self.order)
                found |= self.moved(asked["cursor"])
        except ValueError:
            found["cursor"] = [NO_PLACE]
        return found

    def moved(self, cursor: pagination.Cursor) -> dict[str, list[forms.ValidationError]]:
        """Which times aren't those of the walk that a cursor comes from; those that aren't given are the walk's."""
        asked = self.form.cleaned_data
        walks = {"as_of": cursor.day, "known_at": cursor.known_at}
        given = {"as_of": asked.get("as_of") and min(asked["as_of"], LAST), "known_at": asked.get("known_at")}
        moved = fault("contradictory", "isn't that of the cursor's walk: leave it out, or begin without cursor")
        return {name: [moved] for name, time in given.items() if time and time != walks[name]}


class Record(Parameters):
    """What every detail takes."""

    known_at = known_at()


class CommitmentRecord(Record):
    as_of, fields, lang = as_of(), fields("CommitmentDetail"), lang()


# Parameters that the day makes no difference to: versions know them, or what finds these.
OF_VERSIONS = {"q", "strength", "topic", "statement", "process", "document"}


class Commitments(Paged):
    ORDERINGS = (
        pagination.by_ref("index__publication__record")
        + pagination.by_day("due", "due_latest", "record", "the deadline's latest day", stored="due_by")
        + pagination.by_text("statement", "index__publication__statement", "index__publication__record")
        + pagination.by_relevance("relevance", "index__publication__record")
    )
    ordering = ordering(ORDERINGS)
    as_of, fields, lang = as_of(), fields("Commitment"), lang()
    q = Search(
        "Words to look for in titles, quotes, translations, parties with their other names, statements and documents' "
        'headlines, Arabic or English, however they are written: `"a phrase"`, `begin*`; a date finds what is due then. '
        "`matches` tells where."
    )
    matches = Setting(
        FLAG,
        "Whether each commitment shows where `q` found it, in its member `matches`, which takes longer."
        " Default: true with `ordering=relevance` or where `fields` names it, else false.",
    )
    party = InRole("Parties with any role in it.")
    obligor = InRole(
        "Parties that owe it. `status` and `schedule` are then their own where judged apart, else the whole's.",
        role=Role.OBLIGOR,
        own=("status", "schedule"),
    )
    beneficiary = InRole("Parties that gain by it.", role=Role.BENEFICIARY)
    status = codes("status", "status", "Statuses of the whole commitment; with `obligor`, of that obligor's part.", Own)
    schedule = codes("schedule", "schedule", "Where it stands in time; with `obligor`, that obligor's part.", Own)
    strength = codes("strength", "index__publication__code", "How firmly the words bind.")
    topic = references("index__publication__topics", "overlap", "Topics, any of them.")
    statement = references("index__publication__statement", "in", "Statements it was made in.")
    process = references("index__publication__process", "in", "Processes that its statement belongs to.")
    document = references("index__publication__documents", "overlap", "Documents with a quote that proves it.")
    due_after = since("due_latest", "The latest day of `due` is this day or later.")
    due_before = until("due_latest", "The latest day of `due` is this day or earlier.")
    second_hand = Parameter(
        FLAG,
        "Whether only reports or translations prove it, and no quote from an official text.",
        field_name="index__second_hand",
    )
    contested = Parameter(FLAG, "Whether evidence disputes a judgement in force.", field_name="contested")
    scorecard = StandsFor(
        REFERENCE,
        "Of each thread of this party, one commitment that it owes: the one whose status and schedule count on its"
        " scorecard. Give the same party as `obligor`.",
        field_name="index__publication__record",
        lookup_expr="in",
    )
    thread = OfThread(REFERENCE, "The commitments of this one's thread: the same undertaking through the rounds.")

    def check(self) -> dict[str, list[forms.ValidationError]]:
        found, asked = super().check(), self.form.cleaned_data
        if asked.get("ordering") == "relevance" and "q" not in self.data:
            found["ordering"] = [fault("contradictory", "is about how well a commitment fits q: give q, too")]
        if asked.get("scorecard") and asked.get("obligor") and asked["scorecard"] not in asked["obligor"]:
            found["scorecard"] = [fault("contradictory", "isn't among the parties of obligor: give the same one there")]
        named = "matches" in (asked.get("fields") or ())
        if named and "q" not in self.data:
            found["fields"] = [fault("contradictory", "names matches, which are where q found it: give q, too")]
        if asked.get("matches") and "q" not in self.data:
            found["matches"] = [fault("contradictory", "is about where q found a commitment: give q, too")]
        if named and asked.get("matches") is False:
            found["matches"] = [fault("contradictory", "leaves out what fields names: leave one of them out")]
        return found

    @property
    def marks(self) -> bool:
        """Whether it is told where `q` found each commitment."""
        asked = self.form.cleaned_data
        shown = asked["ordering"] == "relevance" or "matches" in (asked["fields"] or ())
        return bool(asked["q"]) and (shown if asked["matches"] is None else asked["matches"])

    @functools.cached_property
    def leading(self) -> tuple[str, str] | None:
        """The parameter that names a party, and the one that is named; None where none is, or several.

        Its rows lie in the order of an index and know all that rows are picked by, but for the schedule of the whole
        where that isn't the party's own.
        """
        asked = self.form.cleaned_data
        named = [
            (name, value) for name, each in self.filters.items() if isinstance(each, InRole) for value in asked[name]
        ]
        if len(named) != 1 or asked["q"] or (asked["schedule"] and not asked["obligor"]):
            return None
        return named[0]

    @functools.cached_property
    def is_alike(self) -> bool:
        picking = set(self.picking())
        led = self.leading is not None and picking <= {self.leading[0], "status", "schedule"}
        return not picking or led or (picking == {"q"} and self.is_of_versions)

    @functools.cached_property
    def is_of_versions(self) -> bool:
        """Whether the versions alone know what rows are picked and ordered by, whatever the day."""
        picking, query = set(self.picking()), self.form.cleaned_data["q"]
        dated = query and any(term.days for term in query.terms)
        return (
            bool(picking) and picking <= OF_VERSIONS and not dated and self.order.name in ("ref", "-ref", "statement")
        )

    def narrow(self) -> QuerySet | None:
        """Standings, versions or what these are found by, where there is a shorter way than through all standings; else None."""
        if self.leading:
            return self.led()
        if not self.is_of_versions:
            return None
        asked = self.form.cleaned_data
        rows, prefix = Publication.objects.of("commitment").known_at(self.size).standing(), ""
        if asked["q"]:
            rows = CommitmentIndex.objects.known_at(self.size).filter(vector__finds=asked["q"].tsquery())
            prefix = "publication__"
        for name in OF_VERSIONS & self.filters.keys() - {"q"}:
            each = self.filters[name]
            column = prefix + each.field_name.removeprefix("index__publication__")
            rows = rows.filter(**{f"{column}__{each.lookup_expr}": asked[name]})
        return rows

    def led(self) -> QuerySet:
        """The rows of the leading party."""
        asked, (name, party) = self.form.cleaned_data, self.leading
        leading = self.filters[name]
        rows = Standing.objects.known_at(self.size).as_of(self.day).filter(party=party)
        rows = rows.filter(role=leading.role) if leading.role else rows.filter(lead=True)
        codes = self.own(*leading.own) if leading.own else {"whole__in": asked["status"]} if asked["status"] else {}
        for name, each in self.filters.items():
            rows = rows if each is leading or isinstance(each, Own) else each.filter(rows, asked[name])
        return rows.filter(**codes)

    def own(self, *names: str) -> dict[str, list[str]]:
        """The conditions on the codes that an obligor has of its own."""
        asked = self.form.cleaned_data
        return {f"{name}__in": asked[name] for name in names if asked[name]}


class Export(Commitments):
    """The list without its pages."""

    page_size = cursor = None


class Feed(Commitments):
    """All that picks commitments, in the order of their changes."""

    page_size = cursor = ordering = fields = matches = None
    before = Parameter(
        NUMBER,
        "Only what changed before the ledger entry of this number: what the link `next` asks for.",
        field_name="index__publication__from_seq",
        lookup_expr="lt",
    )


class Linked(Record):
    """A commitment as linked data."""

    as_of = as_of()


class Facets(Commitments):
    """All that picks commitments; nothing about pages."""

    page_size = cursor = ordering = fields = lang = matches = None

    def without(self, name: str) -> "Facets":
        """The same question but for one parameter."""
        data = {each: value for each, value in self.data.items() if each != name}
        return Facets(data, queryset=self.queryset).at(self.size, self.day, self.form.cleaned_data | {name: None})


class Thread(Record):
    """A commitment's thread."""

    as_of, lang = as_of(), lang()
    after = Setting(NUMBER, "Only entries after the one of this number: what `next` asks for.")
    page_size = page_size()


class Scorecard(Record):
    as_of = as_of()


class Plain(Paged):
    """A list by reference alone."""

    ORDERINGS = pagination.by_ref("record")
    ordering = ordering(ORDERINGS)


class Statements(Paged):
    ORDERINGS = pagination.by_ref("record") + pagination.by_day(
        "issued", "last_day", "record", "the date of issue, its last day"
    )
    ordering = ordering(ORDERINGS)
    process = references("process", "in", "Processes that it belongs to.")
    kind = codes("statement_kind", "code", "Kinds of statement.")
    issuer = references("parties", "overlap", "Parties that issued it, any of them.")
    issued_after = since("first_day", "Issued on this day or later; an imprecise date counts where all of it does.")
    issued_before = until("last_day", "Issued on this day or earlier; an imprecise date counts where all of it does.")


class Documents(Paged):
    ORDERINGS = pagination.by_ref("record") + pagination.by_day(
        "published", "last_day", "record", "the date of publication, its last day"
    )
    ordering = ordering(ORDERINGS)
    kind = codes("document_kind", "code", "Kinds of document.")
    published_after = since(
        "first_day", "Published on this day or later; an imprecise date counts where all of it does."
    )
    published_before = until(
        "last_day", "Published on this day or earlier; an imprecise date counts where all of it does."
    )


class Parties(Plain):
    kind = codes("party_kind", "code", "Kinds of party.")
    member = references("parties", "overlap", "Parties that these belong to.")


class Assessments(Paged):
    ORDERINGS = pagination.by_ref("record") + pagination.by_day(
        "counts_from", "last_day", "record", "the day from which it counts"
    )
    ordering = ordering(ORDERINGS)
    commitment = references("commitment", "in", "Commitments that are judged.")
    obligor = references("parties", "overlap", "Obligors judged on their own.")
    status = codes("status", "code", "Statuses that it gives.")
    document = references("documents", "overlap", "Documents with a quote that is evidence for it.")


class Quotes(Plain):
    document = references("documents", "overlap", "Documents that hold it.")
    voice = codes("voice", "code", "Whose words they are.")
    speaker = references("parties", "overlap", "Parties that speak.")


class Relations(Plain):
    commitment = references("commitment", "in", "Commitments that it goes out from.")
    kind = codes("relation_kind", "code", "Kinds of relation.")
    statement = references("statement", "in", "Statements that it leads to, where the text names only those.")
    target = LeadingTo(REFERENCE, "Commitments that it leads to.", several=True)


class Timeline(Paged):
    """What happened, and what was due, day by day."""

    ORDERINGS = pagination.by_known_day("day", "last_day", "record", "the day")
    ordering = ordering(ORDERINGS)
    lang = lang()
    after = since("last_day", "On this day or later; an imprecise date stands on its last day.")
    before = until("last_day", "On this day or earlier; an imprecise date stands on its last day.")
    kind = Parameter(
        one_of(shapes.PARTS["TimelineKind"]["enum"], shapes.ref("TimelineKind")),
        "Kinds of record.",
        several=True,
        lookup_expr="in",
    )
    party = OfCommitments(
        "Deadlines and assessments of commitments in which these parties have any role, and statements that they"
        " issued.",
        "parties",
        "overlap",
        statements="parties",
    )
    topic = OfCommitments(
        "Deadlines and assessments of commitments on these topics, and the statements they were made in.",
        "topics",
        "overlap",
    )
    process = OfCommitments(
        "Statements of these processes, and deadlines and assessments of commitments made in them.",
        "process",
        statements="process",
    )
    statement = OfCommitments(
        "These statements, and deadlines and assessments of commitments made in them.",
        "statement",
        statements="record",
    )
    commitment = OfCommitments(
        "Deadlines and assessments of these commitments, and the statements they were made in.", "record"
    )
    status = codes("status", "code", "Assessments alone, and of these those that give such a status.", Judged)

    def check(self) -> dict[str, list[forms.ValidationError]]:
        found, asked = super().check(), self.form.cleaned_data
        if asked.get("status") and asked.get("kind") and "assessment" not in asked["kind"]:
            found["status"] = [fault("contradictory", "is of assessments, which kind leaves out: add assessment there")]
        return found


class History(Record):
    """A commitment's versions."""

    before = Parameter(
        NUMBER, "Only versions with a lower number: what `next` asks for.", field_name="version", lookup_expr="lt"
    )
    page_size = page_size()


class Changes(Parameters):
    """The changes of the public record."""

    after = Parameter(
        NUMBER,
        "Only what came after the ledger entry of this number: 0, or the `seq` of the last change that you have.",
        field_name="from_seq",
        lookup_expr="gt",
    )
    page_size = page_size()
    kind = Parameter(
        one_of(shapes.PARTS["RecordKind"]["enum"], shapes.ref("RecordKind")),
        "Kinds of record.",
        several=True,
        lookup_expr="in",
    )
    locals()["class"] = codes(
        "publication_class", "publication_class", "Why the version was made."
    )  # Python's own word


class Releases(Parameters):
    """The releases, the newest first."""

    before = Parameter(
        NUMBER, "Only releases of a smaller ledger: what `next` asks for.", field_name="size", lookup_expr="lt"
    )
    page_size = page_size()


class Page(Parameters):
    """What the page of the OpenAPI document asks itself for."""

    script = Setting(Kind(str, {"type": "string"}, blank=True), "The page's own script.")
