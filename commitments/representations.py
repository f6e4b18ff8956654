"""Each public shape, defined once: what a record says of itself, and what it shows of the records that it names."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from . import models, standings
from .fields import canonical
from .ledger import Entry


@dataclass
class Rendering:
    """One version's public JSON before it is stored: `body` for lists, `detail` added by details, `columns` for filters.

    A record that is named appears as {"ref": …}; `embed` fills in what is shown of it. Neither holds the record's own
    `ref` and `url`, nor anything that depends on the day: the door adds those.
    """

    kind: str
    record: str
    body: dict
    detail: dict = field(default_factory=dict)
    columns: dict = field(default_factory=dict)


def date(record, prefix: str) -> dict | None:
    """A date as far as its source goes: {"text", "edtf", "earliest", "latest"}; None where unknown."""
    edtf = getattr(record, f"{prefix}_edtf")
    if not edtf:
        return None
    days = (getattr(record, f"{prefix}_{end}") for end in ("earliest", "latest"))
    earliest, latest = (day.isoformat() if day else None for day in days)
    return {"text": getattr(record, f"{prefix}_words"), "edtf": edtf, "earliest": earliest, "latest": latest}


def named(ref: str | None) -> dict | None:
    """A record that is named: `embed` fills it."""
    return {"ref": ref} if ref else None


def process(record: models.Process) -> Rendering:
    return Rendering("process", record.ref, {"name": record.name, "description": record.description})


def topic(record: models.Topic) -> Rendering:
    return Rendering("topic", record.ref, {"name": record.name, "definition": record.definition})


def party(record: models.Party) -> Rendering:
    aliases = [
        {"name": alias.name, "language": alias.language} for alias in record.aliases.order_by("language", "name")
    ]
    members = sorted(record.members.values_list("member_id", flat=True))
    body = {
        "kind": record.party_kind,
        "name": record.name,
        "iso3166": record.iso3166 or None,
        "aliases": aliases,
        "members": [named(member) for member in members],
    }
    return Rendering("party", record.ref, body, columns={"code": record.party_kind, "parties": members})


def document(record: models.Document) -> Rendering:
    body = {
        "kind": record.document_kind,
        "publisher": record.publisher or None,
        "headline": record.headline or None,
        "address": record.address or None,
        "language": record.language,
        "dir": models.text.direction(record.language),
        "published": date(record, "published"),
        "sha256": record.sha256,
        "length": record.length,
        "characters": record.characters,
        "unknown": record.gaps,
    }
    columns = {
        "code": record.document_kind,
        "first_day": record.published_earliest,
        "last_day": record.published_latest,
    }
    return Rendering("document", record.ref, body, columns=columns)


def quote(record: models.Quote) -> Rendering:
    last = record.checks.order_by("-number").first()
    level = models.Quote.objects.checked().values_list("level", flat=True).get(pk=record.pk)
    body = {
        "document": named(record.document_id),
        "exact": record.exact,
        "language": record.language,
        "dir": record.dir,
        "translation": record.translation,
        "voice": record.voice,
        "speaker": named(record.speaker_id),
        "start": record.start,
        "end": record.end,
        "prefix": record.prefix,
        "suffix": record.suffix,
        "verification": {
            "level": level,
            "checked_at": last.checked_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z") if last else None,
            "sha256": last.sha256 if last else None,
            "waiver": record.waiver or None,
        },
    }
    columns = {
        "code": record.voice,
        "documents": [record.document_id],
        "parties": [record.speaker_id] if record.speaker_id else [],
    }
    return Rendering("quote", record.ref, body, columns=columns)


def statement(record: models.Statement) -> Rendering:
    issuers = sorted(record.issuers.values_list("party_id", flat=True))
    body = {
        "kind": record.statement_kind,
        "title": record.title,
        "issued": date(record, "issued"),
        "issued_quote": named(record.issued_quote_id),
        "place": record.place,
        "process": named(record.process_id),
        "round": record.round,
        "issuers": [named(issuer) for issuer in issuers],
        "unknown": record.gaps,
    }
    columns = {
        "code": record.statement_kind,
        "process": record.process_id or "",
        "parties": issuers,
        "first_day": record.issued_earliest,
        "last_day": record.issued_latest,
    }
    return Rendering("statement", record.ref, body, columns=columns)


def citation(record: models.Citation) -> dict:
    """A citation as commitments, deadlines and assessments show it: the quote by its reference, its part, and who says what."""
    shown = {"ref": record.quote_id, "part": record.part}
    if record.part == models.CitationPart.EVIDENCE:
        shown |= {"stance": record.stance, "claimant": named(record.claimant_id)}
    return shown


def citations(record) -> list[dict]:
    """A record's citations, by part and then by quote."""
    order = {part: place for place, part in enumerate(models.CitationPart.values)}
    found = sorted(
        record.citations.all(),
        key=lambda cited: (order[cited.part], cited.quote.document_id, cited.quote.start, cited.ref),
    )
    return [citation(cited) for cited in found]


def commitment(record: models.Commitment) -> Rendering:
    roles = sorted(record.parties.all(), key=lambda role: (models.Role.values.index(role.role), role.party_id))
    topics = sorted(record.topics.values_list("topic_id", flat=True))
    cited = citations(record)
    body = {
        "title": record.title,
        "strength": record.strength,
        "statement": named(record.statement_id),
        "parties": [{"ref": role.party_id, "role": role.role} for role in roles],
        "topics": topics,
        "quotes": [shown for shown in cited if shown["part"] == models.CitationPart.UNDERTAKING],
    }
    detail = {
        "condition": record.condition,
        "test": {"fulfilled": record.fulfilled_if, "not_fulfilled": record.not_fulfilled_if},
        "citations": cited,
    }
    if noted := [
        {"between": [each.quote_id, each.other_id], "explanation": each.explanation}
        for each in record.divergences.all()
    ]:
        detail["divergences"] = noted
    columns = {
        "code": record.strength,
        "commitment": record.ref,
        "statement": record.statement_id,
        "process": record.statement.process_id or "",
        "parties": sorted({role.party_id for role in roles}),
        "topics": topics,
        "documents": sorted({cited.quote.document_id for cited in record.citations.all()}),
    }
    return Rendering("commitment", record.ref, body, detail, columns)


def deadline(record: models.Deadline) -> Rendering:
    body = {
        "commitment": record.commitment_id,
        "sense": record.sense,
        "kind": record.deadline_kind,
        "text": record.words or None,
        "language": record.language or None,
        "edtf": record.edtf or None,
        "earliest": record.earliest.isoformat() if record.earliest else None,
        "latest": record.latest.isoformat() if record.latest else None,
        "anchor": {"text": record.anchor_words, "edtf": record.anchor_edtf or None} if record.anchor_words else None,
        "set_by": named(record.statement_id),
        "replaces": record.replaces_id,
        "change": record.change or None,
        "citations": citations(record),
    }
    columns = {
        "code": record.deadline_kind,
        "commitment": record.commitment_id,
        "statement": record.statement_id,
        "documents": sorted({cited.quote.document_id for cited in record.citations.all()}),
        "first_day": record.earliest,
        "last_day": record.latest,
    }
    return Rendering("deadline", record.ref, body, columns=columns)


def relation(record: models.Relation) -> Rendering:
    body = {
        "commitment": record.commitment_id,
        "kind": record.relation_kind,
        "target": named(record.target_id),
        "target_statement": named(record.target_statement_id),
        "scope": record.scope,
        "explanation": record.explanation,
    }
    columns = {
        "code": record.relation_kind,
        "commitment": record.commitment_id,
        "statement": record.target_statement_id or "",
    }
    return Rendering("relation", record.ref, body, columns=columns)


def counts_from(record: models.Assessment) -> datetime.date:
    """The day from which an assessment counts: its effective date's last day, else its evidence's, else that of recording."""
    if record.effective_latest:
        return record.effective_latest
    days = [public_day(cited.quote.document) for cited in record.citations.all()]
    if known := [day for day in days if day]:
        return max(known)
    first = Entry.objects.filter(table=record._meta.db_table, reference=record.ref).order_by("seq").first()
    return first.at.astimezone(datetime.UTC).date()


def public_day(document: models.Document) -> datetime.date | None:
    """A document's last possible day as it was approved: the desk's, unless that was changed since."""
    changed = document.state != models.State.PUBLISHED
    last = (
        models.Publication.objects.known_at(None).of("document").filter(record=document.ref).first()
        if changed
        else None
    )
    return last.last_day if last else document.published_latest


def assessment(record: models.Assessment) -> Rendering:
    body = {
        "commitment": record.commitment_id,
        "obligor": named(record.obligor_id),
        "status": record.status,
        "effective": date(record, "effective"),
        "counts_from": counts_from(record).isoformat(),
        "reason": record.reason_code,
        "rationale": record.rationale,
        "assessor": record.assessor,
        "codebook_version": record.codebook_version,
        "corrects": record.corrects_id,
        "searched": [named(ref) for ref in sorted(record.searched.values_list("document_id", flat=True))],
        "evidence": citations(record),
    }
    columns = {
        "code": record.status,
        "commitment": record.commitment_id,
        "parties": [record.obligor_id] if record.obligor_id else [],
        "documents": sorted({cited.quote.document_id for cited in record.citations.all()}),
        "first_day": record.effective_earliest,
        "last_day": counts_from(record),
    }
    return Rendering("assessment", record.ref, body, columns=columns)


RENDER: dict[str, Callable] = {
    "topic": topic,
    "party": party,
    "process": process,
    "document": document,
    "quote": quote,
    "statement": statement,
    "deadline": deadline,
    "relation": relation,
    "assessment": assessment,
    "commitment": commitment,
}

# Where a record is named, under which key: its kind and what is shown of it besides `ref`.
EMBEDDED = {
    "members": ("party", ("name",)),
    "parties": ("party", ("name",)),
    "issuers": ("party", ("name",)),
    "speaker": ("party", ("name",)),
    "claimant": ("party", ("name",)),
    "obligor": ("party", ("name",)),
    "process": ("process", ("name",)),
    "document": ("document", ("publisher", "sha256")),
    "searched": ("document", ("publisher", "headline")),
    "statement": ("statement", ("title", "issued")),
    "set_by": ("statement", ("title", "issued")),
    "target": ("commitment", ("title",)),
    "target_statement": ("statement", ("title",)),
    "issued_quote": ("quote", ("exact", "language", "dir", "translation", "document")),
    "quotes": ("quote", None),  # None: everything
    "citations": ("quote", None),
    "evidence": ("quote", None),
}
NAMED = {"party", "process"}  # of these, others show the name alone
LISTED = {"topics": "topic"}  # where records are named by their bare references
CHILDREN = {"deadlines": "deadline", "relations": "relation", "assessments": "assessment"}


def names(value) -> list[tuple[str, str]]:
    """(kind, reference) of every record that a public shape names, at any depth."""
    found, left = [], [value]
    while left:
        inner = left.pop()
        if isinstance(inner, dict):
            for key, each in inner.items():
                if key in LISTED:
                    found += [(LISTED[key], ref) for ref in each]
                elif isinstance(each, (dict, list)):
                    if key in EMBEDDED:
                        kind = EMBEDDED[key][0]
                        several = each if isinstance(each, list) else [each]
                        found += [(kind, item.get("ref", "")) for item in several if isinstance(item, dict)]
                    left.append(each)
        elif isinstance(inner, list):
            left += inner
    return found


def embed(value, look_up: Callable[[str, str], dict | None]):
    """The same shape with what is shown of each named record filled in from `look_up(kind, ref)`, its current public body;
    None leaves what is shown there already.

    Filling in again is harmless, so the same function makes a first version and a housekeeping one.
    """
    if isinstance(value, list):
        return [embed(item, look_up) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for key, inner in value.items():
        if not isinstance(inner, (dict, list)):
            shown[key] = inner
        elif key in EMBEDDED:
            several = inner if isinstance(inner, list) else [inner]
            filled = [_filled(item, *EMBEDDED[key], look_up) for item in several]
            shown[key] = filled if isinstance(inner, list) else filled[0]
        else:
            shown[key] = embed(inner, look_up)
    return shown


def _filled(item: dict, kind: str, fields: tuple[str, ...] | None, look_up) -> dict:
    body, shown = look_up(kind, item["ref"]), embed(item, look_up)
    return shown if body is None else shown | embed({name: body[name] for name in (fields or body)}, look_up)


def name_shown(ref: str, body: dict) -> str:
    """The canonical text by which others show the name of a record whose kind is in NAMED, beside its reference.

    No key of what shows a name sorts between the two, and inside a string its quotes would be escaped: it stands nowhere else.
    """
    return canonical({"name": body["name"], "ref": ref})[1:-1]


def due(body: dict | None) -> dict | None:
    """The deadline in force, as commitments show it."""
    return body and {name: body[name] for name in ("ref", "sense", "kind", "text", "edtf", "earliest", "latest")}


def day(rendering: Rendering, span: standings.Span, deadlines: dict[str, dict]) -> dict:
    """What a commitment shows of itself in one span of days; its `parties`, where an obligor is judged apart, replace the body's.

    Otherwise each obligor's status is null, and nothing here names a party: a party's other name leaves it as it is.
    """
    whole, parties = span.judgements.get(None), rendering.body["parties"]
    owing = {party["ref"] for party in parties if party["role"] == "obligor"}
    own = {ref: judged.status for ref, judged in span.judgements.items() if ref in owing}
    told = [party | ({"status": own.get(party["ref"])} if party["role"] == "obligor" else {}) for party in parties]
    return ({"parties": told} if own else {}) | {
        "due": due(deadlines.get(span.due.ref) if span.due else None),
        "schedule": span.schedule(),
        "status": span.status(),
        "status_as_of": whole.edtf if whole else None,
        "contested": span.contested,
    }
