"""What people do to the record: submit, approve, send back, retract, check quotes, attach texts."""

import datetime
import hashlib
from collections.abc import Container, Iterable
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from django.db import connections, transaction
from django.db import models as orm
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from . import quotes, representations, standings, text, transitions
from .fields import canonical
from .ledger import Entry, act, flush
from .models import (
    RECORDS,
    Document,
    DocumentText,
    Publication,
    Quote,
    QuoteCheck,
    Record,
    Standing,
    State,
    User,
)
from .representations import CHILDREN, RENDER, Rendering
from .rules import PRACTICE

KINDS = {model._meta.model_name: model for model in RECORDS}
BATCH = 200  # versions that are rendered and stored at once
SHOWN = 20  # records that show what is approved, and that a preview renders anew


class Refused(ValueError):
    """An action that the record's state or the rules don't allow; the message says why and what to do."""


class Unpublished(Refused):
    """What a record names isn't public; `record` is that: (kind, reference)."""

    def __init__(self, kind: str, ref: str):
        self.record = kind, ref
        told = {"kind": KINDS[kind]._meta.verbose_name, "ref": ref}
        super().__init__(_("%(kind)s %(ref)s is named but not published; publish it first.") % told)


def ready(records: Iterable[Record], action: str, by: str) -> None:
    """Reads records anew, to be moved by `by` as the table of transitions says; Refused names the first that can't be."""
    account = User.objects.filter(pseudonym=by).first()
    for record in records:
        record.refresh_from_db()  # what is approved is what the desk holds, not what the caller does
        told = {"ref": record.ref, "state": record.state, "action": action, "by": by}
        if record.state not in transitions.ends(action):
            raise Refused("{ref} is {state}; {action} isn't possible.".format_map(told))
        if not transitions.allowed(action, record.state, account and account.roles):
            raise Refused("{ref} is {state}: {by} may not {action} it.".format_map(told))


def move(records: Iterable[Record], action: str) -> None:
    """Gives records that are ready the state that an action ends in."""
    for record in records:
        state = transitions.ends(action)[record.state]
        if state != record.state:
            type(record).objects.filter(pk=record.pk).update(state=state)
            record.state = state


def submit(records: Iterable[Record], *, by: str, reason: str, door: str = "command") -> None:
    """Hands drafts over for review."""
    _step(records, "submit", by, reason, door)


def send_back(records: Iterable[Record], *, by: str, reason: str, door: str = "command") -> None:
    """Gives records back to their authors; the reason is the comment."""
    _step(records, "send_back", by, reason, door)


def _step(records: Iterable[Record], action: str, by: str, reason: str, door: str) -> None:
    """An action that moves records and does nothing else."""
    records = list(records)
    with act(actor=by, reason=reason, door=door):
        ready(records, action, by)
        move(records, action)


class Shelf:
    """The current public bodies, read once each, with what is about to be published on top."""

    def __init__(self, renderings: Iterable[Rendering] = ()):
        self.new = {(rendering.kind, rendering.record): rendering.body for rendering in renderings}
        self.read: dict[tuple[str, str], dict] = {}

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Reads many bodies in one query a kind; what they name in turn is read too."""
        missing = {key for key in wanted if key not in self.new and key not in self.read}
        while missing:
            for kind in sorted({kind for kind, _ref in missing}):
                refs = [ref for other, ref in missing if other == kind]
                for publication in Publication.objects.known_at(None).standing().of(kind).filter(record__in=refs):
                    self.read[kind, publication.record] = publication.body_json
            found = [self.read[key] for key in missing if key in self.read]
            missing = {
                key for key in representations.names(found) if key not in self.new and key not in self.read
            } - missing

    def __call__(self, kind: str, ref: str) -> dict:
        body = self.new.get((kind, ref)) or self.read.get((kind, ref))
        if body is None:
            raise Unpublished(kind, ref)
        return body


def publish(
    records: Iterable[Record],
    *,
    by: str,
    reason: str,
    emergency: bool = False,
    more_known: bool = False,
    seen: str = "",
    door: str = "command",
) -> list[Publication]:
    """Approves records: renders desk → shelf in one transaction, and anew whatever names them.

    What says otherwise than its last public version is a correction, unless the approver says that `more_known` is why.
    The quotes that they cite are published with them. `seen`: the `fingerprint` of what the approver was shown; nothing
    else is made public then. Refused, and IntegrityError from the database's own rules, leave nothing half-done: roles,
    four eyes, a statement, an obligor, an undertaking, evidence, proven quotes.
    """
    with act(actor=by, reason=reason, door=door):
        published = _approve(list(records), by, reason, emergency, more_known)
        if seen and seen != fingerprint(published):
            raise Refused(_("What would become public isn't what was shown any more: look at it again."))
        return published + _ripple(published, reason)


class Changed(Shelf):
    """Of the current public bodies those alone that changed in this act: what others show of all else holds as it stands."""

    def __init__(self, changed: Iterable[Publication]):
        super().__init__()
        self.commitments: set[str] = set()  # those whose deadlines, relations or assessments changed
        self.add(changed)

    def add(self, changed: Iterable[Publication]) -> None:
        for publication in changed:
            self.new[publication.kind, publication.record] = publication.body_json
            if publication.kind in CHILDREN.values():
                self.commitments.add(publication.commitment)

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """There is nothing to read."""

    def __call__(self, kind: str, ref: str) -> dict | None:
        return super().__call__(kind, ref) if (kind, ref) in self.new else None


class Preview(NamedTuple):
    """What an approval would make public: each version with the one that it follows, and its `fingerprint`.

    `rippled` counts the public records that show it; `unrendered` are the first of them, where they are too many to render.
    """

    versions: list[tuple[Publication | None, Publication]]
    rippled: int
    unrendered: list[Publication]
    seen: str


def preview(records: Iterable[Record], *, by: str, emergency: bool = False, door: str = "command") -> Preview:
    """What `publish` would make of these records, found by doing it and taking it back; it refuses what that refuses.

    Versions that are rendered anew since they name these records are among them where they are at most SHOWN.
    """
    with transaction.atomic():
        with act(actor=by, reason="see what approval would make public", door=door):
            published = made = _approve(list(records), by, "preview", emergency, True)
            naming = naming_any({(each.kind, each.record) for each in published})
            rippled, unrendered = naming.count(), []
            if rippled <= SHOWN:
                followed = [each.ref for each in _ripple(published, "preview")]
                whole = Publication.objects.in_bulk(followed)
                made = published + [whole[ref] for ref in followed]
            else:
                unrendered = list(naming.order_by("kind", "record")[:SHOWN])
            last = Publication.objects.in_bulk([f"{each.kind}.{each.record}.{each.version - 1}" for each in made])
        transaction.set_rollback(True)
    found = [(last.get(f"{each.kind}.{each.record}.{each.version - 1}"), each) for each in made]
    return Preview(found, rippled, unrendered, fingerprint(published))


def fingerprint(published: Iterable[Publication]) -> str:
    """SHA-256 (hex) of what these versions say, housekeeping left out, whatever their order."""
    said = [
        [each.kind, each.record, each.body, each.detail]
        for each in published
        if each.publication_class != "housekeeping"
    ]
    return hashlib.sha256(canonical(sorted(said)).encode()).hexdigest()


def _approve(records: list[Record], by: str, reason: str, emergency: bool, more_known: bool) -> list[Publication]:
    """The new versions of records and of the quotes that they cite, in an open act."""
    if practised := [record.ref for record in records if record.ref.startswith(PRACTICE)]:
        raise Refused(_("%s is for practice and is never published.") % practised[0])
    action, begun = "publish_at_once" if emergency else "publish", Entry.objects.size()
    ready(records, action, by)
    documents = [record for record in records if isinstance(record, Document)]
    others = [record for record in records if record not in documents]
    published, read = [], set()
    for some in filter(None, (documents, others)):  # from which day a judgement counts may follow from its documents'
        changed = {(each.kind(), each.ref) for each in some if each.state != State.PUBLISHED}
        told = "content" if more_known else "correction"
        renderings = _rendered(some)
        read |= {rendering.record for rendering in renderings}
        published += _shelve(renderings, told, reason, emergency, approved=changed)
        move(some, action)  # afterwards: the database calls published what has a version that nobody wrote alone
    _refuse_unseen(read, begun)
    _require({("commitment", record.commitment_id) for record in others if record.kind() in CHILDREN.values()}, Shelf())
    return published


def _refuse_unseen(read: set[str], begun: int) -> None:
    """Refused where another act changed what was read, or a part of it, since the ledger had so many entries.

    From here on none can: this act's own entries are written, and the ledger is its alone until it ends.
    """
    flush()
    this = RawSQL("current_setting('tracker.open')::jsonb ->> 'id'", [])
    others = Entry.objects.filter(seq__gt=begun).exclude(act=this).values_list("reference", flat=True)
    changed = {each[:place] for each in others for place, sign in enumerate(f"{each}.") if sign == "."}
    if unseen := sorted(read & changed):
        raise Refused(_("%s was changed by somebody else at this very moment; look at it once more.") % unseen[0])


def _rendered(records: Iterable[Record]) -> list[Rendering]:
    """Records as the desk has them, and the quotes that they cite."""
    renderings = [RENDER[record.kind()](record) for record in records]
    cited = {
        key
        for rendering in renderings
        for key in representations.names([rendering.body, rendering.detail])
        if key[0] == "quote"
    }
    wanted = sorted({ref for _kind, ref in cited})
    return renderings + [representations.quote(quote) for quote in Quote.objects.filter(ref__in=wanted).order_by("ref")]


def retract(record: Record, *, by: str, reason: str, door: str = "command") -> Publication:
    """Takes a public record back, a commitment with its deadlines, relations and assessments, and the quotes that only they cited.

    Nothing is deleted: their addresses say so, with the reason.
    """
    with act(actor=by, reason=reason, door=door):
        if not Publication.objects.of(record.kind()).filter(record=record.ref).exists():
            raise Refused(_("%s was never public; discard the draft instead.") % record.ref)
        if shown := naming_any({(record.kind(), record.ref)}).order_by("ref").first():
            raise Refused(_("%(ref)s is shown by %(kind)s %(other)s; change or retract that first.") % {
                "ref": record.ref, "kind": KINDS[shown.kind]._meta.verbose_name, "other": shown.record})  # fmt: skip
        records = [*_children(record), record]
        ready(records, "retract", by)
        last = {
            (publication.kind, publication.record): publication
            for publication in Publication.objects.known_at(None).filter(record__in=[each.ref for each in records])
        }
        renderings = [
            Rendering(each.kind(), each.ref, {}, {}, _columns(last[each.kind(), each.ref])) for each in records
        ]
        *_children_of_it, tombstone = _shelve(renderings, "retraction", reason, tombstone=True)
        move(records, "retract")
        _ripple([tombstone], reason)
        _shelve(_uncited(last.values()), "retraction", reason, tombstone=True)
        return tombstone


def _uncited(retracted: Iterable[Publication]) -> list[Rendering]:
    """The quotes that these versions showed and that nothing public shows any more: they go with what cited them."""
    cited = {name for publication in retracted for name in publication.named if name.startswith("quote.")}
    shown = Publication.objects.known_at(None).standing().filter(named__overlap=sorted(cited))
    left = cited.difference(*shown.values_list("named", flat=True))
    quoted = (
        Publication.objects.known_at(None)
        .standing()
        .of("quote")
        .filter(record__in=[name.removeprefix("quote.") for name in left])
    )
    return [Rendering("quote", publication.record, {}, {}, _columns(publication)) for publication in quoted]


def _children(record: Record) -> list[Record]:
    """The public deadlines, relations and assessments of a commitment; of anything else, none."""
    if record.kind() != "commitment":
        return []
    public = Publication.objects.known_at(None).standing().filter(commitment=record.ref, kind__in=CHILDREN.values())
    return [KINDS[publication.kind].objects.get(pk=publication.record) for publication in public.order_by("ref")]


COLUMNS = ("commitment", "statement", "process", "code", "documents", "parties", "topics", "first_day", "last_day")


def _columns(publication: Publication) -> dict:
    return {name: getattr(publication, name) for name in COLUMNS}


def _shelve(
    renderings: list[Rendering],
    kind_of_change: str,
    reason: str,
    emergency=False,
    tombstone=False,
    shelf: Shelf | None = None,
    last: Iterable[Publication] | None = None,
    approved: Container[tuple[str, str]] = (),
) -> list[Publication]:
    """Stores the next versions of what differs from the current ones, commitments last and with their standings.

    What was changed and is `approved` gets one also where it reads as before: published is what a version bears out.
    """
    order = list(RENDER)
    renderings = sorted(renderings, key=lambda rendering: (order.index(rendering.kind), rendering.record))
    shelf = shelf or Shelf(() if tombstone else renderings)
    shelf.prefetch(representations.names([[rendering.body, rendering.detail] for rendering in renderings]))
    if last is None:
        last = Publication.objects.filter(until_seq__isnull=True, record__in=[r.record for r in renderings])
    current = {(publication.kind, publication.record): publication for publication in last}
    made = []
    for some in _steps(renderings):
        if some[0].kind == "commitment" and not tombstone:
            _show_children(some, shelf)
        versions = []
        for rendering in some:
            last = current.get((rendering.kind, rendering.record))
            shown = [representations.embed(part, shelf) for part in (rendering.body, rendering.detail)]
            named = set(representations.names(shown))
            _require(named, shelf)
            body, detail = map(canonical, shown)
            flagged = last.emergency if last and kind_of_change == "housekeeping" else emergency
            if (
                last
                and not tombstone
                and (last.kind, last.record) not in approved
                and (last.body, last.detail) == (body, detail)
                and (flagged or not last.emergency)
            ):
                continue
            version = last.version + 1 if last else 1
            versions.append(
                Publication(
                    ref=f"{rendering.kind}.{rendering.record}.{version}",
                    kind=rendering.kind,
                    record=rendering.record,
                    version=version,
                    publication_class=_class(rendering, last, [body, detail], kind_of_change, shelf),
                    reason=reason,
                    tombstone=tombstone,
                    emergency=flagged,
                    named=sorted(map(".".join, named)),
                    body=body,
                    detail=detail,
                    **rendering.columns,
                )
            )
        if some[0].kind == "commitment" and not tombstone:
            _sign()
            stand(versions)  # first: they are made with their version and not once it is public
        store(Publication, (vars(each) for each in versions))
        flush()  # what comes next finds these on the shelf
        made += versions
    return made


def _sign() -> None:
    """Lets the guard of the shelf close another's act in this transaction now: later, standings would lack their version."""
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO commitments_publication SELECT * FROM commitments_publication WHERE false")


def _steps(renderings: list[Rendering]) -> Iterable[list[Rendering]]:
    """Renderings that are sorted by kind, those of one kind together, at most BATCH at once."""
    for _kind, some in groupby(renderings, key=lambda rendering: rendering.kind):
        while batch := list(islice(some, BATCH)):
            yield batch


def _class(rendering: Rendering, last: Publication | None, shown: list[str], given: str, shelf: Shelf) -> str:
    """A version's class: the one given, which for `correction` and `content` tells how it differs from the last one.

    What is new is `content`, but for an assessment that corrects another. So is what says nothing else of its own: a
    second person approves an emergency, or only what it shows of other records is new, which their own versions tell.
    """
    if given not in ("content", "correction"):
        return given
    if last is None or last.tombstone:
        return "correction" if rendering.body.get("corrects") else "content"
    before = _again(last)
    before.detail |= {name: rendering.detail[name] for name in CHILDREN if name in rendering.detail}
    shelf.prefetch(representations.names([before.body, before.detail]))
    same = shown == [canonical(representations.embed(part, shelf)) for part in (before.body, before.detail)]
    return "content" if same else given


def _require(named: set[tuple[str, str]], shelf: Shelf) -> None:
    """Refused unless all that is named is public."""
    shelf.prefetch(named)
    for kind, ref in sorted(named):
        shelf(kind, ref)


def _show_children(renderings: list[Rendering], shelf: Shelf) -> None:
    """Adds the public deadlines, relations and assessments of commitments to their details."""
    if isinstance(shelf, Changed):
        renderings = [rendering for rendering in renderings if rendering.record in shelf.commitments]
    wanted = {rendering.record: {kind: {} for kind in CHILDREN.values()} for rendering in renderings}
    children = Publication.objects.known_at(None).standing().filter(commitment__in=wanted, kind__in=CHILDREN.values())
    for child in children:
        wanted[child.commitment][child.kind][child.record] = child.body_json
    for rendering in renderings:
        of = wanted[rendering.record]
        for name, kind in CHILDREN.items():
            rendering.detail[name] = [{"ref": ref} | of[kind][ref] for ref in sorted(of[kind], key=_by_number)]
    shelf.prefetch(representations.names([rendering.detail for rendering in renderings]))


def _by_number(ref: str) -> int:
    return int(ref.rpartition("-")[2])


def _ripple(published: list[Publication], reason: str) -> list[Publication]:
    """Renders anew, as housekeeping, every public record that shows one of these; first what isn't a commitment, then those."""
    changed = {(publication.kind, publication.record) for publication in published}
    renamed = _renamed(published)
    found = naming_any(changed if renamed is None else renamed.keys()).values_list("kind", "record", "commitment")
    naming = [each for each in found if each[:2] not in changed]
    parents = {publication.commitment for publication in published} | {commitment for *_own, commitment in naming}
    parents |= {record for kind, record, _commitment in naming if kind == "commitment"}
    wanted = [(kind, record) for kind, record, _commitment in naming if kind != "commitment"]
    wanted += [("commitment", record) for record in parents if record]
    order = list(RENDER)
    wanted.sort(key=lambda each: (order.index(each[0]), each[1]))
    made, shelf = [], Changed(published)
    for kind, some in groupby(wanted, key=lambda each: each[0]):
        while batch := [record for _kind, record in islice(some, BATCH)]:
            if renamed is not None:
                made += _rename(kind, batch, renamed, reason)
                continue
            last = list(Publication.objects.known_at(None).standing().of(kind).filter(record__in=batch))
            versions = _shelve([_again(each) for each in last], "housekeeping", reason, shelf=shelf, last=last)
            if kind != "commitment":  # of those others show the title alone, which is no housekeeping
                shelf.add(versions)
            made += versions
    return made


def _renamed(published: list[Publication]) -> dict[tuple[str, str], tuple[str, str]] | None:
    """What others show of those of these that are called otherwise, before and after, where that is a name alone; else None."""
    if any(each.kind not in representations.NAMED or each.tombstone or each.version == 1 for each in published):
        return None
    before = Publication.objects.in_bulk([f"{each.kind}.{each.record}.{each.version - 1}" for each in published])
    found = {}
    for each in published:
        last = before[f"{each.kind}.{each.record}.{each.version - 1}"]
        was, now = (representations.name_shown(each.record, one.body_json) for one in (last, each))
        if was != now:
            found[each.kind, each.record] = was, now
    return found


# The next versions of records that show another name: all else is copied where it lies. By one name a commitment goes on to
# stand as it did, but where an obligor is judged apart and so named: these standings come first, as they are made with their version.
NEXT = "p.kind || '.' || p.record || '.' || p.version + 1"
# The number that its entry will have: the ledger corrects it, which is a second write of the row.
NUMBER = "(SELECT max(seq) FROM ledger_entry) + row_number() OVER (ORDER BY p.record)"
OF = "p.until_seq IS NULL AND p.from_seq IS NOT NULL AND p.kind = %s AND p.record = ANY (%s) AND NOT p.tombstone"
STANDING = [
    field.column
    for field in Standing._meta.concrete_fields
    if not (field.generated or field.primary_key or field.name in ("publication", "body"))
]
KEPT = ("kind", "record", "tombstone", "emergency", "named", *COLUMNS)


def _rename(
    kind: str, records: list[str], renamed: dict[tuple[str, str], tuple[str, str]], reason: str
) -> Iterable[Publication]:
    """Stores the next versions of records, with some names in place of others; what they say is read where it is asked for."""
    names, called = [name for both in renamed.values() for name in both], list(map(".".join, renamed))

    def said(column: str) -> str:
        """The text of a column with the names of now."""
        return f"{'replace(' * (len(names) // 2)}{column}::text{', %s, %s)' * (len(names) // 2)}::json"

    kept, standing = ", ".join(KEPT), ", ".join(STANDING)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO commitments_standing (publication_id, body, {standing})
                SELECT {NEXT}, {said("s.body")}, {", ".join(f"s.{each}" for each in STANDING)}
                  FROM commitments_publication p JOIN commitments_commitmentindex i ON i.publication_id = p.ref
                  JOIN commitments_standing s ON s.publication_id = i.stands
                 WHERE {OF} AND (cardinality(ARRAY(SELECT unnest(p.named) INTERSECT SELECT unnest(%s::varchar[]))) > 1 OR EXISTS (
                   SELECT FROM commitments_standing t WHERE t.publication_id = i.stands AND t.party = '' AND t.body -> 'parties' IS NOT NULL))""",  # noqa: S608
            [*names, kind, records, called],
        )
    return Publication.objects.raw(
        f"""INSERT INTO commitments_publication (from_seq, ref, version, class, reason, body, detail, {kept})
            SELECT {NUMBER}, {NEXT}, p.version + 1, 'housekeeping', %s, {said("p.body")}, {said("p.detail")}, {kept}
              FROM commitments_publication p WHERE {OF} ORDER BY p.record RETURNING ref, kind, record, version, class""",  # noqa: S608
        [reason, *names, *names, kind, records],
    )


def _again(publication: Publication) -> Rendering:
    return Rendering(
        publication.kind, publication.record, publication.body_json, publication.detail_json, _columns(publication)
    )


def naming_any(changed: Iterable[tuple[str, str]]) -> orm.QuerySet:
    """The current Publications that show one of these records, at any depth."""
    return Publication.objects.known_at(None).standing().filter(named__overlap=sorted(map(".".join, changed)))


def stand(publications: Iterable[Publication], using: str = "default") -> None:
    """Stores how commitments' versions stand on every day."""
    store(Standing, (row for each in publications for row in _standings_of(each)), using)


def store(
    model: type[orm.Model],
    rows: Iterable[dict],
    using: str = "default",
    *,
    fresh: bool = False,
    types: dict[str, str] | None = None,
) -> None:
    """Inserts rows, given by column, in one COPY.

    fresh: the table was emptied in the same transaction, so that its rows are written as ones that nobody may miss.
    types: what columns are but text, where values are of just these types: they are sent as they are, and not as text.
    """
    fields = [
        field for field in model._meta.concrete_fields if not (field.generated or isinstance(field, orm.AutoField))
    ]
    listed, names = ", ".join(f'"{field.column}"' for field in fields), [field.attname for field in fields]
    options = ", ".join(["FREEZE"] * fresh + ["FORMAT binary"] * bool(types))
    into = f"COPY {model._meta.db_table} ({listed}) FROM STDIN {f'({options})' * bool(options)}"
    connection, values = connections[using], itemgetter(*names)
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor, cursor.copy(into) as copy:
        if types:
            copy.set_types([types.get(name, "text") for name in names])
        for row in rows:
            copy.write_row(values(row))


def _standings_of(version: Publication) -> list[dict]:
    return standings_of(version.ref, version.record, version.body_json, version.detail_json)


def standings_of(version: str, record: str, body: dict, detail: dict) -> list[dict]:
    """How a commitment's version stands on every day, worked out from what it shows: the rows of Standing."""
    deadlines = {deadline["ref"]: deadline for deadline in detail["deadlines"]}
    rendering = Rendering("commitment", record, body)
    rows = []
    for span in standings.spans(map(due, deadlines.values()), map(judgement, detail["assessments"])):
        whole = {
            "publication_id": version,
            "record": record,
            "party": "",
            "role": "",
            "lead": True,
            "first": span.first,
            "until": span.until,
            "status": span.status(),
            "whole": span.status(),
            "schedule": span.schedule(),
            "contested": span.contested,
            "due_earliest": span.due.earliest if span.due else None,
            "due_latest": span.due.latest if span.due else None,
            "body": canonical(representations.day(rendering, span, deadlines)),
        }
        rows.append(whole)
        met: set[str] = set()
        for party in body["parties"]:
            ref = party["ref"]
            judged = ref if party["role"] == "obligor" else None
            standing = {"status": span.status(judged), "schedule": span.schedule(judged), "body": None}
            rows.append(whole | {"party": ref, "role": party["role"], "lead": ref not in met} | standing)
            met.add(ref)
    return rows


def _day(value: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if value else None


def due(deadline: dict) -> standings.Due:
    """A public deadline, with its `ref`, as standings see it."""
    issued = deadline["set_by"]["issued"]
    return standings.Due(
        ref=deadline["ref"],
        sense=deadline["sense"],
        kind=deadline["kind"],
        earliest=_day(deadline["earliest"]),
        latest=_day(deadline["latest"]),
        anchored=deadline["anchor"] is not None,
        set_on=_day(issued["latest"]) if issued else None,
        replaces=deadline["replaces"],
    )


def judgement(assessment: dict) -> standings.Judgement:
    """A public assessment, with its `ref`, as standings see it."""
    effective = assessment["effective"] or {"edtf": None, "earliest": None, "latest": None}
    return standings.Judgement(
        ref=assessment["ref"],
        obligor=assessment["obligor"] and assessment["obligor"]["ref"],
        status=assessment["status"],
        day=_day(assessment["counts_from"]),
        order=_by_number(assessment["ref"]),
        earliest=_day(effective["earliest"]),
        latest=_day(effective["latest"]),
        edtf=effective["edtf"] or assessment["counts_from"],
        disputed=any(cited["stance"] == "disputes" for cited in assessment["evidence"]),
        corrects=assessment["corrects"],
    )


def digest(exact: str) -> str:
    """SHA-256 (hex) of a quote's exact words in UTF-8."""
    return hashlib.sha256(exact.encode()).hexdigest()


def readable(content: bytes) -> str:
    """A document's bytes as text; Refused with the place if they aren't UTF-8 or hold what no text may hold."""
    try:
        written = content.decode()
        text.refuse(written, field="text", bidi_overrides=True)
    except UnicodeDecodeError as error:
        raise Refused(
            _("text: no UTF-8 at byte %(at)s: %(why)s.") % {"at": error.start, "why": error.reason}
        ) from error
    except text.Hostile as error:
        raise Refused(str(error)) from error
    return written


def attach(
    document: Document, content: bytes, *, by: str, reason: str, now: datetime.datetime, door: str = "command"
) -> list[QuoteCheck]:
    """Attaches a document's text after checking its SHA-256, and checks every quote against it; answers the new checks."""
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != document.sha256:
        raise Refused(
            _("%(ref)s has SHA-256 %(theirs)s, this text %(ours)s.")
            % {"ref": document.ref, "theirs": document.sha256, "ours": sha256}
        )
    written = readable(content)
    with act(actor=by, reason=reason, door=door):
        DocumentText.objects.get_or_create(
            document=document,
            defaults={"text": written, "sha256": sha256, "length": len(content), "characters": len(written)},
        )
        return check_quotes(document.quotes.order_by("ref"), now=now)


def check_quotes(found: orm.QuerySet, *, now: datetime.datetime) -> list[QuoteCheck]:
    """Holds quotes against the attached texts; writes a check only where the result differs from the last one. Needs an act."""
    made = []
    prepared: dict[str, quotes.Text] = {}
    for quote in found.prefetch_related("document__attached"):
        if not hasattr(quote.document, "attached"):
            continue
        if quote.document_id not in prepared:
            prepared[quote.document_id] = quotes.Text(quote.document.attached.text)
        match = quotes.find(
            prepared[quote.document_id], quote.exact, start=quote.start, prefix=quote.prefix, suffix=quote.suffix
        )
        result = {
            "level": match.level,
            "start": match.start,
            "end": match.end,
            "sha256": quote.document.attached.sha256,
            "digest": digest(quote.exact),
            "folding": text.FOLDING,
        }
        last = quote.checks.order_by("-number").first()
        if last is None or any(getattr(last, name) != value for name, value in result.items()):
            made.append(QuoteCheck.objects.create(quote=quote, checked_at=now, **result))
    return made


def stale() -> list[tuple[str, str]]:
    """(reference, what differs) of each current Publication that a fresh rendering of the approved desk state would change."""
    found = []
    current = Publication.objects.known_at(None).standing().order_by("ref")
    for publication in current.iterator(chunk_size=200):
        record = KINDS[publication.kind].objects.filter(pk=publication.record).first()
        if record is None:
            found.append((publication.ref, "the desk has no such record"))
            continue
        rendering = RENDER[publication.kind](record) if _is_settled(record) else _again(_approved(publication))
        shelf = Shelf()
        shelf.prefetch(representations.names([rendering.body, rendering.detail]))
        if rendering.kind == "commitment":
            _show_children([rendering], shelf)
        fresh = tuple(canonical(representations.embed(part, shelf)) for part in (rendering.body, rendering.detail))
        if fresh != (publication.body, publication.detail):
            found.append((publication.ref, "it isn't what a fresh rendering gives"))
        elif rendering.kind == "commitment" and _standing_values(_standings_of(publication)) != _standing_values(
            vars(row) | {"publication_id": publication.ref}
            for row in Standing.objects.filter(index__publication=publication.ref)
        ):
            found.append((publication.ref, "its standings aren't what its deadlines and assessments give"))
    return found


def _is_settled(record: Record | Quote) -> bool:
    """Tell whether the desk has nothing newer than what was approved; a quote's state is that of what cites it."""
    if not isinstance(record, Quote):
        return record.state == State.PUBLISHED
    citing = [KINDS[kind].objects.filter(citations__quote=record) for kind in ("commitment", "deadline", "assessment")]
    citing.append(record.dated_statements.all())
    return not any(each.filter(state__in=(State.DRAFT, State.IN_REVIEW)).exists() for each in citing)


def _approved(publication: Publication) -> Publication:
    """The version that was approved, of which a housekeeping version says the same with other names."""
    if publication.publication_class != "housekeeping":
        return publication
    versions = Publication.objects.of(publication.kind).filter(record=publication.record)
    return versions.exclude(publication_class="housekeeping").order_by("-version").first() or publication


def _standing_values(rows: Iterable[dict]) -> list[tuple]:
    names = [field.attname for field in Standing._meta.concrete_fields if not (field.primary_key or field.generated)]
    return sorted(tuple(str(row[name]) for name in names) for row in rows)
