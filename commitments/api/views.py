"""The public resources: each route reads its parameters strictly and answers from Publications alone."""

import copy
import datetime
import functools
import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TypeVar

import orjson
from django.db import connection
from django.db.models import BooleanField, Expression, F, Func, Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.viewsets import ViewSetMixin

from .. import codebook, parallels, search, threads
from ..ledger import Entry
from ..models import CommitmentIndex, Publication, Standing, of_whole
from . import (
    again,
    belonging,
    copies,
    counted,
    exports,
    facets,
    filters,
    formats,
    history,
    matches,
    pagination,
    parameters,
    planned,
    renderers,
    scorecards,
    thread,
    timeline,
    versions,
)
from .base import PAGE_SIZE, View, forms
from .errors import Faults, Gone
from .releases import Releases

Answer = TypeVar("Answer")
AT_SIZE = {"known_at", "q"}  # what is read otherwise at another size of the ledger


class Among(Func):
    """Whether a key is one of those that the text of an array names."""

    template, arg_joiner, output_field = "%(expressions)s)::%(kind)s[])", " = ANY((", BooleanField()


def array(keys: Iterable[object]) -> str:
    """Keys as PostgreSQL reads an array; there is nothing in them that it would read otherwise."""
    return "{" + ",".join(f'"{key}"' for key in keys) + "}"


class Listing(ViewSetMixin, View):
    """A list of Publications, or of what is derived from them: `rows` there are to list, each the JSON of an `item`."""

    rows: Callable[[int | None, datetime.date], QuerySet]  # all there could be at a size of the ledger, on a day
    item: Callable[[tuple], bytes]
    statement: planned.Statement | None = None  # the last one that was planned, if it tells the last public entry, too
    is_read_again = False  # whether the rows are all that `items` needs
    # The last of a list's columns, short ones of the version: what is read again leaves them out.
    LASTING: tuple[str, ...] = ()

    def version(self) -> versions.Version:
        return versions.data()

    @functools.cached_property
    def size(self) -> int | None:
        """The ledger's public length at `known_at`, or when the walk began; None: all there is now."""
        if cursor := self.asked.get("cursor"):
            self.hold(cursor)
            return cursor.size
        return versions.size_at(self.asked["known_at"]) if self.asked["known_at"] else None

    def hold(self, cursor: pagination.Cursor | None) -> None:
        """Refuses a place in a ledger that is longer than this one, once it is known how long this one is."""
        if cursor and self.version_read and cursor.size > self.version_read.size:
            raise Faults([parameters.shown("cursor", str(cursor), filters.NO_PLACE)])

    @functools.cached_property
    def day(self) -> datetime.date:
        """The day asked for, or on which the walk began."""
        cursor = self.asked.get("cursor")
        return min(self.asked.get("as_of") or (cursor and cursor.day) or versions.today(), filters.LAST)

    @functools.cached_property
    def base(self) -> str:
        """The list's address, under which each record has its own."""
        return self.list_of(self.basename)

    def list_of(self, name: str, **asked: str) -> str:
        """The address of a list by its name, with these parameters."""
        query = f"?{urlencode(asked).replace('%2C', ',')}" if asked else ""
        return self.at(f"{name}-list") + query

    def moment_rows(self) -> QuerySet:
        """All that the list could hold at the moment asked for."""
        return self.rows(self.size, self.day)

    def questioned(self) -> parameters.Parameters:
        """The parameters, with what was read of them, and the day and the size of the ledger that they come to."""
        return self.filterset.at(self.size, self.day, self.asked)

    def moment(self) -> dict:
        """The day and the instant that are asked about, as answers say them."""
        known_at = self.asked["known_at"]
        day = self.asked["as_of"] or self.day
        return {"as_of": day.isoformat(), "known_at": known_at and renderers.instant(known_at)}

    def times(self) -> dict[str, str]:
        """The parameters that name a moment, as they were given."""
        return {name: self.filterset.data[name] for name in ("as_of", "known_at") if name in self.filterset.data}

    def columns(self) -> tuple[str, ...]:
        """What `item` needs of each row."""
        return "record", "body"

    def items(self, found: Sequence[tuple]) -> Iterable[bytes]:
        """The JSON of a page's rows."""
        return map(self.item, found)

    @property
    def reads_version(self) -> bool:
        return self.action == "list" and self.filterset.is_plain and AT_SIZE.isdisjoint(self.filterset.data)

    def ask(self, question: Hashable, written: Callable[..., QuerySet], *values) -> Sequence[tuple]:
        """The rows of a query for tuples, `written` for a size of the ledger, a day and these values.

        What the answer depends on is read with them, unless it is known before.
        """
        settled, today = self.version_read is not None, versions.today()

        def beside(*values) -> QuerySet:
            rows = written(*values)
            return rows if settled else rows.annotate(last=versions.LAST)

        if self.filterset.is_plain:
            # Today is written into the plan, which knows so how many rows are of it; another day isn't worth one.
            plan, known = ((question, settled, today), [today]) if self.day == today else ((question, settled), [])
            asked = [self.size, *([] if known else [self.day]), *values]
            statement = planned.asked(plan, lambda size, *left: beside(size, *known, *left), *asked)
            self.statement = None if settled else statement
            rows = planned.found(statement, self.filterset.is_alike)
        else:
            rows = list(beside(self.size, self.day, *values))
        if settled or not rows:
            return rows
        self.settle(versions.data(rows[0][-1], today))
        return [row[:-1] for row in rows]

    def list(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked
        if self.version_read:
            self.stay()
        columns = "pk", *self.columns()
        page = pagination.Page(self.filterset.order, asked["cursor"], asked["page_size"] or PAGE_SIZE, columns)

        picked = self.filterset.picking() if self.filterset.is_alike else []
        given = {name: parameters.values(asked[name]) for name in picked}

        def written(size: int | None, day: datetime.date, *values) -> QuerySet:
            place, left = values[: len(page.values)], iter(values[len(page.values) :])
            marked = {name: parameters.meant(asked[name], [next(left) for _each in given[name]]) for name in picked}
            return self.page(page, self.filterset.at(size, day, asked | marked), place)

        rest = [] if picked else [asked.get("q"), *self.picking()]
        question = "list", self.basename, page.question, *((name, len(given[name])) for name in picked), *rest
        values = *page.values, *(value for name in picked for value in given[name])
        found = self.ask(question, written, *values)
        if self.version_read is None:  # of nothing, too, it must be known since when it is so
            self.settle(self.version())
            found = self.ask(question, written, *values)
        self.hold(asked["cursor"])
        size = self.size
        self.stay()
        shown, before, after = page.shown(found, self.items)
        links = self.turn(after), self.turn(before, backwards=True)
        made = renderers.page(shown, self.once("count", self.count), *links)
        if shown and self.is_read_again:
            rows = [row[: len(columns)] for row in found[: len(shown)]]
            fill = functools.partial(renderers.filled, made.head)
            self.texts = self.by_keys(rows[::-1] if page.backwards else rows, size, len(self.LASTING), fill)
        return self.answer(made)

    def by_keys(
        self, shown: Sequence[tuple], size: int | None, lasting: int, fill: Callable[[Iterable[bytes]], bytes]
    ) -> again.Texts:
        """How these rows, keys and columns, are read again, but for the last columns; `fill` makes the body of the items."""
        end, kept = len(self.columns()) - lasting, self.alone()
        columns = self.columns()[:end]
        ends = [(row[0], row[1 + end :]) for row in shown]

        def written(size: int | None, day: datetime.date, keys: str) -> QuerySet:
            rows = self.rows(size, day)
            among = Among(F("pk"), Value(keys), kind=rows.model._meta.pk.rel_db_type(connection))
            return rows.order_by().filter(among).annotate(last=versions.LAST).values_list("pk", *columns, "last")

        def body(rows: Sequence[tuple]) -> bytes:
            found = {row[0]: row[1:-1] for row in rows}
            return fill(map(kept.item, [found[key] + more for key, more in ends]))

        told = array(key for key, _more in ends)
        return again.Texts(*planned.asked(("again", self.basename, columns), written, size, self.day, told), body)

    def alone(self) -> "Listing":
        """The same view, which has made an item before, without the request."""
        made = copy.copy(self)
        made.request = None
        return made

    def page(self, page: pagination.Page, question: parameters.Parameters, values: tuple) -> QuerySet:
        """The query of a page's rows, after the one with these values."""
        rows = question.filter_queryset(self.rows(question.size, question.day))
        return page.rows(rows, page.columns, values)

    def count(self) -> int:
        """How many rows the question has."""
        return self.questioned().filter_queryset(self.moment_rows()).count()

    def picking(self, but: str = "") -> Sequence[tuple[str, str]]:
        """The parameters that pick rows, as they were given; without that of this name."""
        return [(name, self.filterset.data[name]) for name in self.filterset.picking() if name != but]

    def question(self, what: str, but: str = "") -> Hashable:
        """All that decides what is counted of this question, or of it without a parameter. Needs `stay`."""
        state = self.version_read.what, self.version_read.at, self.size, self.day
        return what, self.basename, *state, *self.picking(but), *self.kwargs.values()

    def once(self, what: str, count: Callable[[], Answer]) -> Answer:
        """What is counted for this question, from memory where it was before."""
        return counted.once(self.question(what), count)

    def stay(self) -> None:
        """All that is read from here on is of one moment, whoever writes meanwhile."""
        self.size = self.version_read.size if self.size is None else self.size

    def turn(self, values: tuple, backwards: bool = False) -> str | None:
        """The address of the page beyond a row with these values."""
        if not values:
            return None
        day = self.day if "as_of" in self.asked else None
        known_at = self.asked["known_at"]
        place = pagination.Cursor(self.filterset.order.name, backwards, self.size, day, values, known_at)
        return self.address(cursor=place)


class Shelf(Listing):
    """The list and the details of one kind of Publication."""

    is_read_again = True
    kind: str
    record_class = filters.Record
    filtersets: dict[str, type[parameters.Parameters]] = {}  # of further actions
    record = "record"  # the column of the reference
    lookup_field = "ref"
    lookup_value_regex = "[a-z0-9.-]+"

    def get_filterset_class(self) -> type[parameters.Parameters]:
        return self.filtersets.get(self.action) or (
            self.filterset_class if self.action == "list" else self.record_class
        )

    def rows(self, size: int | None, day: datetime.date) -> QuerySet:
        return Publication.objects.of(self.kind).known_at(size).standing()

    def item(self, row: tuple) -> bytes:
        """One record's JSON."""
        ref, *parts = row
        return renderers.item(self.base, ref, *map(renderers.raw, parts))

    def retrieve(self, request: HttpRequest, ref: str) -> HttpResponse:
        size = self.size
        row = self.read(ref)
        if row is None:
            self.refuse(ref)
        item = self.item(row[1:])
        self.texts = self.one_again(row, size)
        return self.answer(item)

    def one_again(self, row: tuple, size: int | None) -> again.Texts | None:
        """How the record of this row is read again."""
        return self.by_keys([row], size, 0, b"".join)

    @property
    def reads_version(self) -> bool:
        return self.action == "retrieve" or super().reads_version

    def read(self, ref: str) -> tuple | None:
        """The row of a record, its key and `columns`; None if there is none."""
        columns = "pk", *self.columns()

        def written(size: int | None, day: datetime.date, ref: str) -> QuerySet:
            rows = self.rows(size, day).filter(**{self.record: ref})
            return rows.annotate(**self.beside(ref, size)).values_list(*columns)[:1]

        return next(iter(self.ask(("one", self.basename, columns), written, ref)), None)

    def beside(self, ref: str, size: int | None) -> dict[str, Expression]:
        """What `columns` names that isn't of the row itself, for one record."""
        return {}

    def refuse(self, ref: str) -> None:
        """Raises Gone for what was retracted, and Http404 for all else, drafts included."""
        tombstone = Publication.objects.of(self.kind).known_at(self.size).filter(record=ref, tombstone=True).first()
        if tombstone is None:
            raise Http404
        raise Gone(tombstone, Entry.objects.get(seq=tombstone.from_seq).at)


def standings(size: int | None, day: datetime.date) -> QuerySet:
    """One row for each public commitment, as it stands on a day."""
    # Their kind is told so that the index by kind and reference gives them in order: a first page reads no more than itself.
    return Standing.objects.known_at(size).as_of(day).filter(party="", index__publication__kind="commitment")


@functools.cache
def of_action(classes: tuple[type[BaseRenderer], ...], action: str | None) -> Sequence[BaseRenderer]:
    """Those of these formats that an action has."""
    return forms(tuple(each for each in classes if action in getattr(each, "answers", [action])))


# The bodies of versions and of their standings by the keys of both, in their order; beside them LAST. A standing's number is
# told with what else it is known by: where standings were made anew, it may be another's.
ROWS = {
    "version": "FROM commitments_publication WHERE ref = keys.version",
    "standing": "FROM commitments_standing WHERE (id, publication_id, first) = (keys.id, keys.stands, keys.first)",
}
# With each, its place in its table; a row's place is another as soon as the row is, and once the table was written anew.
TEXTS = """SELECT (SELECT body {version})::text, (SELECT body {standing})::text, (SELECT ctid {version})::text, (SELECT ctid {standing})::text, ({last}) AS last
  FROM unnest((%s)::text[], (%s)::bigint[], (%s)::text[], (%s)::date[]) AS keys (version, id, stands, first)"""
# Looked up at its place, if it is still there: by an index it takes half as long again.
PLACED = """SELECT coalesce((SELECT body {version} AND ctid = keys.version_at), (SELECT body {version}))::text,
    coalesce((SELECT body {standing} AND ctid = keys.standing_at), (SELECT body {standing}))::text, ({last}) AS last
  FROM unnest((%s)::text[], (%s)::bigint[], (%s)::text[], (%s)::date[], (%s)::tid[], (%s)::tid[]) AS keys (version, id, stands, first, version_at, standing_at)"""


@functools.cache
def texts_asked(statement: str) -> str:
    """The statement TEXTS or PLACED."""
    return statement.format(**ROWS, last=versions.last_asked()[0])


class Commitments(Shelf):
    """Commitments: who undertook what, in which words, by when, and what became of it."""

    kind, record = "commitment", "index__publication__record"
    renderer_classes = [
        renderers.JSON,
        renderers.CSV,
        renderers.JSONLines,
        renderers.NDJSON,
        renderers.LinkedData,
    ]
    filterset_class, record_class = filters.Commitments, filters.CommitmentRecord
    filtersets = {
        **dict.fromkeys(("csv", "jsonl", "ndjson"), filters.Export),
        "jsonld": filters.Linked,
        "history": filters.History,
        "parallels": filters.Record,
        "facets": filters.Facets,
        "thread": filters.Thread,
    }
    answers = {
        "list": "CommitmentList",
        "facets": "Facets",
        "retrieve": "CommitmentDetail",
        "history": "VersionList",
        "thread": "Thread",
        "parallels": "Parallels",
    }

    # By action: the same in other formats, each at its address with those of the parameters that it takes.
    FORMATS = {
        "list": (
            ("commitments-list", renderers.JSON, filters.Commitments),
            ("commitments-csv", renderers.CSV, filters.Export),
            ("commitments-jsonl", renderers.JSONLines, filters.Export),
            ("feed-list", renderers.Atom, filters.Feed),
        ),
        "retrieve": (
            ("commitments-detail", renderers.JSON, filters.CommitmentRecord),
            ("commitments-jsonld", renderers.LinkedData, filters.Linked),
        ),
    }

    OWN = (  # columns that make up the item
        "index__publication__record",
        "index__publication__code",
        "status",
        "schedule",
        "index__publication__body",
        "body",
        "index__second_hand",
        *(
            KEYS := ("index__publication", "publication_id", "first")
        ),  # of the version and, with its number, of the standing
    )
    LASTING = OWN[6:]

    def initial(self, request: HttpRequest, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if self.asked.get("q") and self.version_read:  # which OPTIONS doesn't read
            self.asked = self.asked | {"q": self.heard(self.asked["q"])}

    def heard(self, query: search.Query) -> search.Query:
        """The query, with its words parted as the register of this moment does."""
        standing = counted.once(
            ("standing", self.version_read.what, query), lambda: CommitmentIndex.objects.standing(query.doubtful())
        )
        return query.heard(standing)

    @property
    def reads_version(self) -> bool:
        return super().reads_version and self.format in ("json", "jsonld")

    def get_renderers(self) -> Sequence[BaseRenderer]:
        """JSON, and the other formats that this action has; a route of one format has that alone."""
        return of_action(tuple(self.renderer_classes), self.action) or super().get_renderers()

    @functools.cached_property
    def format(self) -> str:
        """The format of the answer: the one that was negotiated; before, the route's first."""
        return (getattr(self.request, "accepted_renderer", None) or self.get_renderers()[0]).format

    def get_filterset_class(self) -> type[parameters.Parameters]:
        return self.filtersets.get(self.format) or super().get_filterset_class()

    def alternates(self) -> Iterable[tuple[str, str]]:
        for route, renderer, taken in self.FORMATS.get(self.action, ()):
            if not isinstance(self.request.accepted_renderer, renderer):
                yield self.at(route, **self.kwargs) + self.filterset.taken(taken), renderer.media_type

    def rows(self, size: int | None, day: datetime.date) -> QuerySet:
        return standings(size, day)

    def columns(self) -> tuple[str, ...]:
        detail = ("index__publication__detail", "incoming") if self.action == "retrieve" else ()
        if self.format == "jsonld":
            detail = detail[:1]
        if self.action == "list" and self.filterset.marks:
            detail = (
                "due_latest",
                "index__publication__parties",
                "index__publication__documents",
                "index__publication__detail",
            )
        return *self.OWN, *detail

    def beside(self, ref: str, size: int | None) -> dict[str, Expression]:
        return {"incoming": belonging.incoming(ref, size)}

    def item(self, row: tuple) -> bytes:
        ref, strength, status, schedule, body, standing, second_hand, _version, _stands, _first, *more = row
        parts = [renderers.commitment(self.base, ref, body, standing, second_hand)]
        if more:  # what a detail shows more than a list
            detail, *incoming = more
            parts.append(renderers.raw(detail))
            parts += [belonging.told(each, self.list_of("relations"), self.base) for each in incoming]
        if language := self.asked.get("lang"):
            parts.append(renderers.labels(language, strength=strength, status=status, schedule=schedule))
        made = renderers.joined(*parts) if len(parts) > 1 else parts[0]
        return renderers.chosen(made, self.asked.get("fields"))

    def list(self, request: HttpRequest) -> HttpResponseBase:
        if self.format == "json":
            return super().list(request)
        name = f"commitments-{self.moment()['as_of']}"
        how = self.items, self.asked["fields"], self.asked["lang"]
        return exports.export(request.accepted_renderer, self.whole, name, request.method, *how)

    @property
    def is_read_again(self) -> bool:
        return not self.filterset.marks

    def page(self, page: pagination.Page, question: filters.Commitments, values: tuple) -> QuerySet:
        narrow = question.narrow()
        if narrow is None:
            return super().page(page, question, values)
        if narrow.model is Standing:  # in the order of the page, so that each is joined with the whole's when it is met
            return page.rows(narrow.beside_whole(question.day), tuple(map(of_whole, page.columns)), values)
        found = page.rows(narrow, (), values).values("pk" if narrow.model is Publication else "publication")
        return page.rows(self.rows(question.size, question.day).filter(index__publication__in=found), page.columns)

    def count(self) -> int:
        narrow = self.questioned().narrow()
        return super().count() if narrow is None else narrow.count()

    def whole(self) -> QuerySet:
        """All rows that are asked for, in their order; what is looked up later fits them."""
        self.stay()
        rows = self.questioned().filter_queryset(self.moment_rows())
        return pagination.ordered(rows, self.filterset.order)[0].values_list(*self.columns())

    def by_keys(
        self, shown: Sequence[tuple], size: int | None, lasting: int, fill: Callable[[Iterable[bytes]], bytes]
    ) -> again.Texts:
        if self.action != "list" or self.asked.get("lang") or self.asked.get("fields"):
            return super().by_keys(shown, size, lasting, fill)
        frames = [renderers.frame(self.base, row[1], row[-1 - len(self.KEYS)]) for row in shown]
        keys = [array(row[place] for row in shown) for place in (-3, 0, -2, -1)]

        def body(rows: Sequence[tuple]) -> bytes:
            return fill([renderers.in_frame(around, *row[:2]) for around, row in zip(frames, rows, strict=True)])

        def nearer(rows: Sequence[tuple]) -> again.Texts:
            places = [array(row[place].decode() for row in rows) for place in (2, 3)]
            return again.Texts(texts_asked(PLACED), [*keys, *places], body)

        return again.Texts(texts_asked(TEXTS), keys, body, nearer)

    def one_again(self, row: tuple, size: int | None) -> again.Texts | None:
        if self.format != "json":
            return None  # more is asked than the row
        if not row[-1]:  # no relation leads to it, so none is looked for
            return self.by_keys([row], size, 1, b"".join)
        kept = self.alone()
        return self.statement and again.Texts(*self.statement, lambda rows: kept.item(rows[0][1:-1]))

    def retrieve(self, request: HttpRequest, ref: str) -> HttpResponse:
        response = super().retrieve(request, ref)
        if self.format == "jsonld":
            response = self.answer(orjson.dumps(self.linked(json.loads(response.data))))
            response["Content-Disposition"] = f'inline; filename="{ref}.jsonld"'
        return response

    def linked(self, detail: dict) -> dict:
        """A commitment as linked data, with what is public of the documents that it quotes."""
        named = {cited["document"]["ref"] for cited in detail["citations"]}
        public = Publication.objects.of("document").known_at(self.size).standing().filter(record__in=sorted(named))
        documents = {ref: json.loads(body) for ref, body in public.values_list("record", "body")}
        schema = self.at("schema")
        context = formats.context(schema, self.list_of("vocabularies"))
        told = formats.linked(detail, lambda name, ref: f"{self.list_of(name)}{ref}/", documents)
        return {"@context": context} | told

    def items(self, rows: Sequence[tuple]) -> Iterable[bytes]:
        if not self.filterset.marks:
            return super().items(rows)
        query = self.asked["q"]
        named = {kind: {ref for row in rows for ref in row[place]} for kind, place in (("party", -3), ("document", -2))}
        public = Publication.objects.known_at(self.size).standing()
        public = public.filter(reduce(or_, (Q(kind=kind, record__in=sorted(refs)) for kind, refs in named.items())))
        names = {(each.kind, each.record): each.body_json for each in public.defer("detail")}
        return (self.found(row, query, names) for row in rows)

    def found(self, row: tuple, query: search.Query, names: matches.Names) -> bytes:
        """One commitment's JSON with where the query found it."""
        *row, due_latest, _parties, _documents, detail = row
        shown = {"ref": row[0]} | json.loads(row[4]) | json.loads(row[5]) | json.loads(detail)
        return renderers.joined(self.item(tuple(row)), matches.part(query, shown, due_latest, names))

    @action(detail=True)
    def parallels(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The quotes that prove a commitment, part by part: copies side by side, and how their words differ."""
        row = (
            self.moment_rows()
            .filter(index__publication__record=ref)
            .values_list("index__publication__detail", flat=True)
            .first()
        )
        if row is None:
            self.refuse(ref)
        detail = json.loads(row)
        documents = {cited["document"]["ref"] for cited in detail["citations"]}
        public = Publication.objects.of("document").known_at(self.size).filter(record__in=sorted(documents))
        kinds = dict(public.values_list("record", "code"))
        found = parallels.parallels(detail["citations"], kinds)
        results = [copies.side_by_side(each, kinds, detail.get("divergences", [])) for each in found]
        url = self.origin + request.path
        return self.answer({"ref": ref, "url": url, "results": results})

    @action(detail=True)
    def history(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The public versions of a commitment, the newest first, each with what it changed; a tombstone is one."""
        known = Publication.objects.of(self.kind).filter(record=ref)
        if self.size is not None:
            known = known.filter(from_seq__lte=self.size)
        if not known.exists():
            raise Http404
        rows = self.filterset.filter_queryset(known).order_by("-version")
        return self.onward(rows, functools.partial(history.versions, f"{self.base}{ref}/"), "before", "version")

    @action(detail=False)
    def facets(self, request: HttpRequest) -> HttpResponse:
        """How many commitments of a question have each status, schedule, strength, party, topic and statement."""
        self.stay()
        asked = self.questioned()
        total, counts = facets.counted(asked, self.moment_rows, self.question)
        found = facets.answer(asked, total, counts, self.narrowed)
        return self.answer(self.moment() | found)

    def narrowed(self, **more: str) -> str:
        """The list's address with all that was asked, and more."""
        return self.list_of(self.basename, **dict(self.filterset.data.items()) | more)

    def address(self, **other) -> str:
        """As every address; of a thread's next page, with the moment of this one, so that its numbers stay."""
        if "after" in other:
            at = Entry.objects.get(seq=self.size).at
            other |= {"as_of": self.day.isoformat(), "known_at": renderers.instant(at)}
        return super().address(**other)

    @action(detail=True)
    def thread(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What became of a commitment's undertaking through the rounds, in time order, with the words of each step."""
        self.stay()
        members = threads.members(ref, self.size, self.day)
        if not members:
            self.refuse(ref)
        bases = {name: self.list_of(name) for name in ("commitments", "statements", "relations", "assessments")}
        told = thread.Thread(
            members, *thread.read(members, self.size, self.day, self.moment_rows()), self.day, bases, self.asked["lang"]
        )
        theirs = self.list_of("commitments", **self.times(), thread=ref)
        return self.numbered(told.head(ref, theirs) | self.moment(), told.entries())


class Statements(Shelf):
    """Statements: what parties issued together, or one party or spokesman announced."""

    kind, filterset_class = "statement", filters.Statements
    answers = {"list": "StatementList", "retrieve": "Statement"}


class Processes(Shelf):
    """Processes: series of talks, whose rounds are statements."""

    kind, filterset_class = "process", filters.Plain
    answers = {"list": "ProcessList", "retrieve": "Process"}


class Documents(Shelf):
    """Documents: the published copies that quotes are taken from."""

    kind, filterset_class = "document", filters.Documents
    answers = {"list": "DocumentList", "retrieve": "Document"}


class Parties(Shelf):
    """Parties: who owes, gains, signs or speaks."""

    kind, filterset_class = "party", filters.Parties
    filtersets = {"scorecard": filters.Scorecard}
    answers = {"list": "PartyList", "retrieve": "Party", "scorecard": "Scorecard"}

    @action(detail=True)
    def scorecard(self, request: HttpRequest, ref: str) -> HttpResponse:
        """What a party owes as an obligor, counted by threads, so that a duty said again counts once."""
        row = self.read(ref)
        if row is None:
            self.refuse(ref)
        address = functools.partial(self.list_of, "commitments", **self.times())
        head = {"ref": ref, "url": f"{self.base}{ref}/", "name": json.loads(row[-1])["name"]}
        self.stay()
        owed = self.once("owed", lambda: scorecards.owed(ref, self.size, self.day))
        return self.answer(head | self.moment() | scorecards.answer(ref, owed, address))


class Topics(Shelf):
    """Topics: what commitments are about."""

    kind, filterset_class = "topic", filters.Plain
    answers = {"list": "TopicList", "retrieve": "Topic"}


class Belonging(Shelf):
    """What belongs to a commitment: it says to which by title and address, too."""

    def rows(self, size: int | None, day: datetime.date) -> QuerySet:
        return belonging.titled(super().rows(size, day), size)

    def columns(self) -> tuple[str, ...]:
        return "record", "body", "commitment", "title"

    def item(self, row: tuple) -> bytes:
        ref, body, commitment, title = row
        link = belonging.link(self.list_of("commitments"), commitment, title)
        return renderers.item(self.base, ref, renderers.raw(body), orjson.dumps({"commitment_link": link}))


class Assessments(Belonging):
    """Assessments: this register's own dated judgements, each with its evidence."""

    kind, filterset_class = "assessment", filters.Assessments
    answers = {"list": "AssessmentList", "retrieve": "Assessment"}


class Quotes(Shelf):
    """Quotes: verbatim passages of documents, with translation and verification."""

    kind, filterset_class = "quote", filters.Quotes
    answers = {"list": "QuoteList", "retrieve": "Quote"}


class Relations(Belonging):
    """Relations: typed links from commitments to others, or to statements."""

    kind, filterset_class = "relation", filters.Relations
    answers = {"list": "RelationList", "retrieve": "Relation"}


class Timeline(Listing):
    """The timeline: statements, deadlines and assessments by their day, the last one that their date can mean."""

    filterset_class = filters.Timeline
    answers = {"list": "TimelineEntryList"}

    def shelf(self) -> QuerySet:
        """What was public at the instant asked for."""
        return Publication.objects.known_at(self.size).standing()

    def rows(self, size: int | None, day: datetime.date) -> QuerySet:
        return Publication.objects.known_at(size).standing().filter(kind__in=timeline.SHOWN, last_day__isnull=False)

    def columns(self) -> tuple[str, ...]:
        return "kind", "record", "commitment", "last_day", "body"

    def items(self, found: Sequence[tuple]) -> Iterable[bytes]:
        bases = {kind: self.list_of(name) for kind, name in ROUTES.items()}
        return timeline.items(found, self.shelf(), bases, self.asked["lang"])


class Vocabularies(ViewSetMixin, View):
    """The codebook: every code list, with labels, definitions, cues and near-misses in English and Arabic."""

    answers = {"list": "VocabularyList", "retrieve": "Vocabulary"}
    lookup_field, lookup_value_regex = "name", "[a-z_]+"

    def vocabulary(self, name: str) -> dict:
        address = self.request.build_absolute_uri(reverse("vocabularies-detail", args=[name]))
        return {"ref": name, "url": address} | codebook.read()["vocabularies"][name]

    def list(self, request: HttpRequest) -> HttpResponse:
        book = codebook.read()
        results = [self.vocabulary(name) for name in book["vocabularies"]]
        links = {"count": len(results), "next": None, "previous": None}
        return self.answer(links | {"version": book["version"], "issued": book["issued"], "results": results})

    def retrieve(self, request: HttpRequest, name: str) -> HttpResponse:
        if name not in codebook.read()["vocabularies"]:
            raise Http404
        return self.answer(self.vocabulary(name))


class Changes(ViewSetMixin, View):
    """Changes: every public version of every record in the order in which they became public, for mirrors to follow."""

    filterset_class = filters.Changes
    answers = {"list": "ChangeList"}

    def version(self) -> versions.Version:
        return versions.ledger()

    @property
    def size(self) -> int:
        """The ledger's public length when the request came; what is newer waits for the next one."""
        return self.version_read.size

    def list(self, request: HttpRequest) -> HttpResponse:
        rows = self.filterset.filter_queryset(Publication.objects.filter(from_seq__lte=self.size)).order_by("from_seq")
        return self.onward(rows, self.render, "after", "from_seq")

    def render(self, found: Sequence[Publication]) -> Iterable[bytes]:
        bases = {kind: self.at(f"{name}-list") for kind, name in ROUTES.items()}
        return history.changes(bases, found)


RESOURCES = {
    "commitments": Commitments,
    "statements": Statements,
    "processes": Processes,
    "documents": Documents,
    "parties": Parties,
    "topics": Topics,
    "assessments": Assessments,
    "quotes": Quotes,
    "relations": Relations,
    "timeline": Timeline,
    "vocabularies": Vocabularies,
    "changes": Changes,
    "releases": Releases,
}
ROUTES = {view.kind: name for name, view in RESOURCES.items() if issubclass(view, Shelf)}


class Index(View):
    """The address of each list."""

    answers = {"retrieve": "Index"}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer({name: self.at(f"{name}-list") for name in RESOURCES})
