"""The curators' hand-written files: read whole, checked whole, then written by a coder and approved by a reviewer."""

import datetime
import functools
import hashlib
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db import models as orm

from . import actions, codebook, models, text
from .findings import Faulty, Finding
from .ledger import Entry, act

CODER, REVIEWER = "first-coder", "reviewer"  # the two roles' lasting pseudonyms
OURS = (CODER, REVIEWER, "migrate")  # whose changes the files may change again


class Place(dict):
    """A mapping of a file that knows its file and lines: `line` is its own, `lines[key]` that of a key."""

    file: str
    line: int
    lines: dict[str, int]


class _Loader(codebook.SafeLoader):
    """YAML with line numbers; dates stay the words that they are, and a key given twice is a fault."""

    def construct_mapping(self, node, deep=False):
        place = Place()
        place.file, place.line, place.lines = self.name, node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in place:
                problem = "is given twice" if key in place else "is no name"
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} {problem}", key_node.start_mark)
            place[key] = self.construct_object(value_node, deep=True)
            place.lines[key] = key_node.start_mark.line + 1
        return place


_Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Shape:
    """What an entry of a section may say: plain columns, dates ({words, edtf}), links to one record, lists of parts."""

    model: type[orm.Model]
    required: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    links: dict[str, type[orm.Model]] = None
    parts: tuple[str, ...] = ()

    @property
    def keys(self) -> set[str]:
        return {"ref", *self.columns, *self.dates, *(self.links or {}), *self.parts}


M = models
SHAPES = {
    "parties": Shape(M.Party, ("ref", "party_kind", "name"), ("party_kind", "name", "iso3166"), parts=("aliases", "members")),
    "processes": Shape(M.Process, ("ref", "name"), ("name", "description")),
    "document": Shape(
        M.Document,
        ("ref", "document_kind", "language", "sha256", "length", "characters"),
        ("document_kind", "publisher", "headline", "address", "language", "sha256", "length", "characters", "gaps"),
        ("published",),
    ),
    "quotes": Shape(
        M.Quote,
        ("ref", "exact", "start", "end", "language", "voice", "translation", "check"),
        ("exact", "start", "end", "prefix", "suffix", "language", "translation", "voice", "waiver"),
        links={"speaker": M.Party, "document": M.Document},
        parts=("check",),
    ),
    "statements": Shape(
        M.Statement,
        ("ref", "statement_kind", "title", "issuers"),
        ("statement_kind", "title", "place", "round", "gaps"),
        ("issued",),
        {"process": M.Process, "issued_quote": M.Quote},
        ("issuers",),
    ),
    "commitments": Shape(
        M.Commitment,
        ("ref", "statement", "title", "strength", "parties", "topics", "citations", "fulfilled_if", "not_fulfilled_if"),
        ("title", "strength", "condition", "fulfilled_if", "not_fulfilled_if"),
        links={"statement": M.Statement},
        parts=("parties", "topics", "citations", "deadlines", "relations", "assessments"),
    ),
    "deadlines": Shape(
        M.Deadline,
        ("ref", "commitment", "statement", "deadline_kind", "citations"),
        ("sense", "deadline_kind", "words", "language", "edtf", "earliest", "latest", "anchor_words", "anchor_edtf", "change"),
        links={"commitment": M.Commitment, "statement": M.Statement, "replaces": M.Deadline},
        parts=("citations",),
    ),
    "relations": Shape(
        M.Relation,
        ("ref", "commitment", "relation_kind", "scope"),
        ("relation_kind", "scope", "explanation"),
        links={"commitment": M.Commitment, "target": M.Commitment, "target_statement": M.Statement},
    ),
    "assessments": Shape(
        M.Assessment,
        ("ref", "commitment", "status", "reason_code", "rationale"),
        ("status", "reason_code", "rationale", "assessor", "codebook_version"),
        ("effective",),
        {"commitment": M.Commitment, "obligor": M.Party, "corrects": M.Assessment},
        ("evidence", "searched"),
    ),
    "citations": Shape(M.Citation, ("commitment", "quote", "part"), ("part",), links={"commitment": M.Commitment, "quote": M.Quote}),
}  # fmt: skip
# Entries of a part's list: the model, the key that names the parent, and what a plain text or a mapping in it says.
PARTS = {
    ("parties", "aliases"): (M.PartyAlias, "party", ("name", "language"), {}),
    ("parties", "members"): (M.PartyMember, "party", (), {"member": M.Party}),
    ("statements", "issuers"): (M.StatementIssuer, "statement", (), {"party": M.Party}),
    ("commitments", "parties"): (M.CommitmentParty, "commitment", ("role",), {"party": M.Party}),
    ("commitments", "topics"): (M.CommitmentTopic, "commitment", (), {"topic": M.Topic}),
    ("commitments", "citations"): (M.Citation, "commitment", ("part",), {"quote": M.Quote}),
    ("deadlines", "citations"): (M.Citation, "deadline", (), {"quote": M.Quote}),
    ("assessments", "evidence"): (
        M.Citation,
        "assessment",
        ("part", "stance"),
        {"quote": M.Quote, "claimant": M.Party},
    ),
    ("assessments", "searched"): (M.AssessmentSearch, "assessment", (), {"document": M.Document}),
}
NESTED = ("deadlines", "relations", "assessments")  # may stand within their commitment, or in a section of their own
FREE = ("excluded", "version")  # what a file says to people
EXCLUDED_KEYS = {"start", "end", "words", "why"}
CHECK_KEYS = {"level", "start", "digest", "folding", "at"}
ORDER = (
    "parties",
    "processes",
    "document",
    "quotes",
    "statements",
    "commitments",
    "deadlines",
    "relations",
    "assessments",
)


class Seeds:
    """A folder of seed files, read and checked; `write()` puts it into the database."""

    def __init__(self, folder: pathlib.Path, documents: pathlib.Path | None = None):
        self.folder, self.documents = folder, documents
        self.findings: list[Finding] = []
        self.faulty: set[int] = set()  # places with a fault: what hangs on them is not judged further
        self.records: dict[tuple[type, str], orm.Model] = {}
        self.places: dict[tuple[type, str], Place] = {}
        self.parts: list[orm.Model] = []
        self.checks: dict[str, Place] = {}
        self.texts: dict[str, bytes] = {}
        sections = self._sections()
        self._topics()
        for section in ORDER:
            for place in sections[section]:
                self._record(section, place)
        for section in (*ORDER, "citations"):
            for place in sections[section]:
                self._link(section, place)
        self._texts()
        self._validate()
        if self.findings:
            raise Faulty(self.findings)

    @property
    def quotes(self) -> list[M.Quote]:
        return [record for (model, _ref), record in self.records.items() if model is M.Quote]

    def fault(self, place: Place, code: str, words: str, key: str = "") -> None:
        self.faulty.add(id(place))
        self.findings.append(Finding(place.file, place.lines.get(key, place.line), code, words))

    def _sections(self) -> dict[str, list[Place]]:
        """Every entry of every file by section; quotes know their document, nested entries their commitment."""
        found: dict[str, list[Place]] = {section: [] for section in SHAPES}
        files = sorted(self.folder.glob("*.yaml"))
        if not files:
            self.findings.append(Finding(str(self.folder), 0, "NO_FILES", "there is no .yaml file in this folder"))
        for path in files:
            content = self._read(path)
            if content is None:
                continue
            for key in content.keys() - SHAPES.keys() - set(FREE):
                self.fault(content, "UNKNOWN_KEY", f"{key}: no section of that name", key)
            for place in self._listed(content, "excluded"):
                self._known_keys(place, EXCLUDED_KEYS, EXCLUDED_KEYS, "excluded")
            for section in SHAPES:
                for place in self._listed(content, section):
                    if section == "quotes" and isinstance(content.get("document"), Place):
                        place.setdefault("document", content["document"].get("ref"))
                    found[section].append(place)
        for place in found["commitments"]:
            for section in NESTED:
                for inner in self._listed(place, section):
                    inner.setdefault("commitment", place.get("ref"))
                    if section == "deadlines":
                        inner.setdefault("statement", place.get("statement"))
                    found[section].append(inner)
        return found

    def _read(self, path: pathlib.Path) -> Place | None:
        loader = None
        try:
            content = path.read_bytes()
            text.refuse(content.decode(), field="file", bidi_overrides=True)  # YAML would name the byte, and no line
            loader = _Loader(content)
            loader.name = path.name
            content = loader.get_single_data()
        except (yaml.YAMLError, text.Hostile, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else getattr(error, "line", 1)
            if isinstance(error, UnicodeDecodeError):
                line = content.count(b"\n", 0, error.start) + 1
            self.findings.append(Finding(path.name, line, "BAD_YAML", getattr(error, "problem", None) or str(error)))
            return None
        if not isinstance(content, Place):
            self.findings.append(
                Finding(path.name, 1, "BAD_YAML", "a file holds sections, such as `document:` and `quotes:`")
            )
            return None
        return content

    def _listed(self, place: Place, key: str) -> Iterator[Place]:
        value = place.get(key)
        entries = [] if value is None else [value] if key == "document" else value
        if not isinstance(entries, list) or not all(isinstance(entry, Place) for entry in entries):
            self.fault(place, "BAD_VALUE", f"{key}: give a list of entries, each with its keys", key)
            return
        yield from entries

    def _known_keys(self, place: Place, allowed: set[str], required, section: str) -> None:
        for key in sorted(place.keys() - allowed):
            self.fault(place, "UNKNOWN_KEY", f"{section}.{key}: known keys are {', '.join(sorted(allowed))}", key)
        for key in sorted(set(required) - place.keys()):
            self.fault(place, "MISSING_KEY", f"{section}.{key}: required, and not there")

    def _topics(self) -> None:
        for code, entry in codebook.codes("topic").items():
            self.records[M.Topic, code] = M.Topic(
                ref=code, name=dict(entry["label"]), definition=dict(entry["definition"])
            )

    def _record(self, section: str, place: Place) -> None:
        """Builds a record from its plain columns and dates; links come when all records are known."""
        shape = SHAPES[section]
        self._known_keys(place, shape.keys, shape.required, section)
        ref = place.get("ref")
        if not isinstance(ref, str):
            if "ref" in place:
                self.fault(place, "BAD_VALUE", f"{section}.ref: {ref!r} is no text; put it in quotation marks", "ref")
            return
        if (shape.model, ref) in self.records:
            self.fault(
                place, "DUPLICATE_REFERENCE", f"{ref}: given before, in {self.places[shape.model, ref].file}", "ref"
            )
            return
        values = {key: place[key] for key in shape.columns if key in place and place[key] is not None}
        for key in shape.dates:
            if key in place:
                values |= self._date(place, section, key)
        defaults = (
            {"assessor": CODER, "codebook_version": codebook.read()["version"]} if section == "assessments" else {}
        )
        self.records[shape.model, ref] = shape.model(ref=ref, **defaults | values)
        self.places[shape.model, ref] = place

    def _date(self, place: Place, section: str, key: str) -> dict[str, str]:
        value = place[key]
        if (
            not isinstance(value, Place)
            or value.keys() - {"words", "edtf"}
            or not all(isinstance(v, str) for v in value.values())
        ):
            self.fault(place, "BAD_VALUE", f"{section}.{key}: give {{words: …, edtf: …}}", key)
            return {}
        return {f"{key}_{part}": value[part] for part in value}

    def _link(self, section: str, place: Place) -> None:
        """Resolves a record's links, and builds its parts."""
        shape = SHAPES[section]
        ref = place.get("ref") if isinstance(place.get("ref"), str) else ""
        record = self.records.get((shape.model, ref)) if section != "citations" else M.Citation()
        if record is None or (section != "citations" and self.places[shape.model, record.ref] is not place):
            return
        for key, model in (shape.links or {}).items():
            if place.get(key) is not None and (found := self._find(model, place[key], place, f"{section}.{key}", key)):
                setattr(record, key, found)
        if section == "citations":
            self._known_keys(place, {"commitment", "quote", "part"}, shape.required, section)
            record.part = place.get("part", "")
            self._keep_part(record, place)
        for key in shape.parts:
            if (section, key) in PARTS and key in place:
                self._parts(section, key, record, place)
        if section == "quotes" and isinstance(place.get("check"), Place):
            self._known_keys(place["check"], CHECK_KEYS, CHECK_KEYS, "quotes.check")
            self.checks[record.ref] = place["check"]
            record.exact_by_check = place["check"].get("level") == M.Level.EXACT

    def _parts(self, section: str, key: str, record: orm.Model, place: Place) -> None:
        model, parent, columns, links = PARTS[section, key]
        if not isinstance(place[key], list):
            self.fault(place, "BAD_VALUE", f"{section}.{key}: give a list", key)
            return
        for entry in place[key]:
            if isinstance(entry, str) and len(links) == 1 and not columns:
                entry, where = {next(iter(links)): entry}, place
            elif isinstance(entry, Place):
                where = entry
                self._known_keys(entry, {*columns, *links}, {*links} - {"claimant"}, f"{section}.{key}")
            else:
                self.fault(place, "BAD_VALUE", f"{section}.{key}: {entry!r} is no such entry", key)
                continue
            part = model(**{parent: record}, **{name: entry[name] for name in columns if name in entry})
            if key == "evidence":
                part.part = M.CitationPart.EVIDENCE
            if section == "deadlines":
                part.part = M.CitationPart.DEADLINE
            for name, linked in links.items():
                if entry.get(name) is not None and (
                    found := self._find(linked, entry[name], where, f"{section}.{key}.{name}", key)
                ):
                    setattr(part, name, found)
            self._keep_part(part, where)
            if id(where) in self.faulty:
                self.faulty.add(id(place))

    def _keep_part(self, part: orm.Model, place: Place) -> None:
        part.ref = "0"  # its number comes when it is written
        self.parts.append(part)
        self.places[type(part), str(id(part))] = place

    def _find(self, model, ref, place: Place, name: str, key: str) -> orm.Model | None:
        found = self.records.get((model, str(ref))) or model.objects.filter(pk=str(ref)).first()
        if found is None and any(finding.code == "BAD_YAML" for finding in self.findings):
            self.faulty.add(id(place))  # it may stand in the file that can't be read
        elif found is None:
            self.fault(place, "UNKNOWN_REFERENCE", f"{name}: there is no {model._meta.model_name} {ref!r}", key)
        return found

    def _texts(self) -> None:
        """Reads the texts that were handed over; each document of the seeds must be among them."""
        if self.documents is None:
            return
        contents = [path.read_bytes() for path in sorted(self.documents.iterdir()) if path.is_file()]
        by_hash = {hashlib.sha256(content).hexdigest(): content for content in contents}
        for (model, ref), record in self.records.items():
            if model is M.Document:
                if record.sha256 in by_hash:
                    self._readable(self.places[model, ref], ref, by_hash[record.sha256])
                else:
                    self.fault(
                        self.places[model, ref],
                        "NO_TEXT",
                        f"{ref}: no file there has SHA-256 {record.sha256}",
                        "sha256",
                    )

    def _readable(self, place: Place, ref: str, content: bytes) -> None:
        try:
            actions.readable(content)
            self.texts[ref] = content
        except actions.Refused as refused:
            self.fault(place, "BAD_TEXT", f"{ref}: {refused}", "sha256")

    def _validate(self) -> None:
        for (model, ref), record in self.records.items():
            if model is not M.Topic:
                self._valid(record, self.places[model, ref], f"{model._meta.model_name} {ref}")
        known: set[tuple] = set()
        for part in self.parts:
            place = self.places[type(part), str(id(part))]
            if (key := (type(part), *_natural(part))) in known and id(place) not in self.faulty:
                self.fault(place, "DUPLICATE_PART", f"{part._meta.verbose_name}: given twice")
            known.add(key)
            self._valid(part, place, part._meta.model_name)
        rules = {
            M.Document: self._document,
            M.Quote: self._quote,
            M.Commitment: self._commitment,
            M.Assessment: self._assessment,
        }
        for (model, ref), record in self.records.items():
            if model in rules and id(self.places[model, ref]) not in self.faulty:
                rules[model](record, self.places[model, ref])

    def _valid(self, record: orm.Model, place: Place, name: str) -> None:
        """Columns, dates and the database's own constraints, before anything is written."""
        if id(place) in self.faulty:
            return
        links = [field.name for field in record._meta.fields if field.is_relation]
        steps = [lambda: record.clean_fields(exclude=[*links, "ref"]), lambda: self._clean(record)]
        checks = [constraint for constraint in record._meta.constraints if isinstance(constraint, orm.CheckConstraint)]
        steps += [functools.partial(constraint.validate, type(record), record) for constraint in checks]
        for step in steps:
            try:
                step()
            except ValidationError as error:
                faults = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
                for field, messages in faults.items():
                    key = field.partition("_")[0] if field.endswith(("_edtf", "_words")) else field
                    code = "TOO_PRECISE" if field.endswith("edtf") else "BAD_VALUE"
                    shown = name if field == "__all__" else f"{name}.{field}"
                    for message in messages:
                        self.fault(place, code, f"{shown}: {message}", key)
                return

    def _clean(self, record: orm.Model) -> None:
        if isinstance(record, M.Assessment):
            models.refuse_finer(record, "effective") if record.effective_words else models.setattr_days(
                record, "effective"
            )
        else:
            record.clean()

    def _document(self, document: M.Document, place: Place) -> None:
        if content := self.texts.get(document.ref):
            for key, size in (("length", len(content)), ("characters", len(content.decode()))):
                if getattr(document, key) != size:
                    self.fault(
                        place, "BAD_VALUE", f"document.{key}: the text has {size}, not {getattr(document, key)}", key
                    )

    def _quote(self, quote: M.Quote, place: Place) -> None:
        check = self.checks[quote.ref]
        if (check["start"], check["digest"]) != (quote.start, actions.digest(quote.exact)):
            self.fault(
                place,
                "CHECK_STALE",
                f"{quote.ref}: checked at {check['start']} with other words or place; check it again",
                "check",
            )
        if not isinstance(quote.document.characters, int):
            return
        if quote.end > quote.document.characters:
            self.fault(
                place,
                "OUTSIDE",
                f"{quote.ref}: ends at {quote.end}, the document at {quote.document.characters}",
                "end",
            )
        if content := self.texts.get(quote.document.ref):
            whole = content.decode()
            if quote.exact not in whole:
                self.fault(place, "QUOTE_NOT_IN_TEXT", f"{quote.ref}: the document doesn't hold these words", "exact")
            elif whole[quote.start : quote.end] != quote.exact:
                places = [i for i in range(len(whole)) if whole.startswith(quote.exact, i)]
                self.fault(place, "QUOTE_MOVED", f"{quote.ref}: stands at {places}, not at {quote.start}", "start")
            else:
                around = whole[: quote.start], whole[quote.end :]
                if not (around[0].endswith(quote.prefix) and around[1].startswith(quote.suffix)):
                    self.fault(
                        place, "WRONG_CONTEXT", f"{quote.ref}: prefix or suffix isn't what stands beside it", "prefix"
                    )

    def _commitment(self, commitment: M.Commitment, place: Place) -> None:
        mine = [part for part in self.parts if getattr(part, "commitment", None) is commitment]
        obligors = {
            part.party.ref for part in mine if isinstance(part, M.CommitmentParty) and part.role == M.Role.OBLIGOR
        }
        if not obligors:
            self.fault(place, "NO_OBLIGOR", f"{commitment.ref}: nobody owes it", "parties")
        if not any(isinstance(part, M.Citation) and part.part == M.CitationPart.UNDERTAKING for part in mine):
            self.fault(place, "NO_UNDERTAKING", f"{commitment.ref}: no quote proves the undertaking", "citations")
        judged = [
            record
            for (model, _ref), record in self.records.items()
            if model is M.Assessment and record.commitment is commitment
        ]
        for record in judged:
            if record.obligor and record.obligor.ref not in obligors:
                self.fault(
                    self.places[M.Assessment, record.ref],
                    "NOT_OBLIGOR",
                    f"{record.ref}: {record.obligor.ref} owes nothing here",
                    "obligor",
                )
        covered = {record.obligor.ref for record in judged if record.obligor}
        if not any(record.obligor is None for record in judged) and obligors - covered:
            self.fault(
                place,
                "NO_ASSESSMENT",
                f"{commitment.ref}: {', '.join(sorted(obligors - covered))} not assessed",
                "assessments",
            )

    def _assessment(self, assessment: M.Assessment, place: Place) -> None:
        mine = [part for part in self.parts if getattr(part, "assessment", None) is assessment]
        if assessment.status in M.NEEDS_EVIDENCE and not any(isinstance(part, M.Citation) for part in mine):
            self.fault(
                place,
                "NO_EVIDENCE",
                f"{assessment.ref}: {assessment.status} needs at least one evidence quote",
                "status",
            )
        if assessment.status == M.Status.NO_EVIDENCE and not any(isinstance(part, M.AssessmentSearch) for part in mine):
            self.fault(place, "NO_SEARCH", f"{assessment.ref}: say which documents were searched", "searched")

    def write(self, *, now: datetime.datetime, keep_ours: bool = False) -> tuple[int, int]:
        """Writes what differs as the coder and approves it as the reviewer; answers (rows written, versions published).

        A record that somebody else changed here since is a fault (`Faulty`, CHANGED_HERE), or left alone with `keep_ours`.
        """
        changed_here = self._changed_here()
        if changed_here and not keep_ours:
            raise Faulty(changed_here)
        kept = {finding.text.split(":")[0] for finding in changed_here}
        try:
            with transaction.atomic():
                return self._write(kept, now)
        except (IntegrityError, actions.Refused) as error:
            raise Faulty([Finding(self.folder.name, 0, "REFUSED", str(error).partition("\n")[0])]) from error

    def _write(self, kept: set[str], now: datetime.datetime) -> tuple[int, int]:
        size = Entry.objects.count()
        with act(actor=CODER, reason="record what the documents say"):
            for (_model, ref), record in self.records.items():
                if ref not in kept:
                    self._put(record)
            self._put_parts(kept)
            self._put_checks(now)
        for ref, content in sorted(self.texts.items()):
            actions.attach(
                M.Document.objects.get(pk=ref), content, by=CODER, reason="attach the text, check its quotes", now=now
            )
        written = Entry.objects.count() - size
        published = self._approve()
        return written, len(published)

    def _approve(self) -> list[M.Publication]:
        """Approves what the coder alone has changed; what others touched here waits for people."""
        theirs = self._touched_by_others()
        waiting = []
        for model in actions.KINDS.values():
            if model is not M.Quote:
                mine = [ref for other, ref in self.records if other is model and ref not in theirs]
                left = model.objects.filter(pk__in=mine, state__in=[M.State.DRAFT, M.State.IN_REVIEW])
                waiting += left.order_by("pk")
        reason = "compared with the documents" if self.texts else "compared with the seeds and their recorded checks"
        return actions.publish(waiting, by=REVIEWER, reason=reason) if waiting else []

    def _touched_by_others(self) -> dict[str, str]:
        """Reference → the last actor, of every record that somebody other than the two roles changed, parts included."""
        derived = [model._meta.db_table for model in (M.Publication, M.QuoteCheck, *M.LOCAL)]
        entries = Entry.objects.exclude(actor__in=OURS).exclude(table__in=derived).order_by("seq")
        found = {}
        for reference, actor in entries.values_list("reference", "actor"):
            found[reference] = actor
            if "." in reference:
                found[reference.rpartition(".")[0]] = actor
        return found

    def _changed_here(self) -> list[Finding]:
        """Records that somebody other than the two roles changed, parts included, and that the files say otherwise."""
        found, theirs = [], self._touched_by_others()
        for (model, ref), record in self.records.items():
            there = model.objects.filter(pk=ref).first() if ref in theirs else None
            if there is None or not (fields := [*_differing(record, there), *self._differing_parts(record)]):
                continue
            place = self.places.get((model, ref))
            where = (place.file, place.line) if place else ("codebook.yaml", 1)
            words = f"{ref}: {theirs[ref]} changed it; it differs in {', '.join(fields)}"
            found.append(Finding(*where, "CHANGED_HERE", words))
        return found

    def _differing_parts(self, record: orm.Model) -> list[str]:
        """The kinds of parts that a record of the files has otherwise than the database."""
        found = []
        for model in dict.fromkeys(part[0] for part in PARTS.values()):
            for name in model.PARENTS:
                if model._meta.get_field(name).related_model is type(record):
                    wanted = {_natural(p) for p in self.parts if isinstance(p, model) and getattr(p, name) == record}
                    if wanted != {_natural(part) for part in model.objects.filter(**{name: record.pk})}:
                        found.append(str(model._meta.verbose_name_plural))
        return found

    def _put(self, record: orm.Model) -> None:
        there = type(record).objects.filter(pk=record.pk).first()
        if there is None:
            if isinstance(record, M.Record):
                record.state = M.State.IN_REVIEW
            record.save(force_insert=True)
        elif fields := _differing(record, there):
            for name in fields:
                setattr(there, name, getattr(record, name))
            there.save()

    def _put_parts(self, kept: set[str]) -> None:
        """Adds the parts that the files name and aren't there, and takes away those that the files no longer name."""
        wanted = {(type(part), _natural(part)): part for part in self.parts}
        for model in dict.fromkeys(type(part) for part in self.parts):
            parents = [ref for (_model, ref) in self.records if ref not in kept]
            mine = orm.Q(*[(f"{name}__in", parents) for name in model.PARENTS], _connector=orm.Q.OR)
            for there in model.objects.filter(mine):
                if wanted.pop((model, _natural(there)), None) is None:
                    there.delete()
        for part in wanted.values():
            if part.parent not in kept:
                part.ref = ""
                part.save(force_insert=True)

    def _put_checks(self, now: datetime.datetime) -> None:
        for ref, check in sorted(self.checks.items()):
            if M.QuoteCheck.objects.filter(
                quote=ref, level=check["level"], start=check["start"], digest=check["digest"]
            ).exists():
                continue
            quote = self.records[M.Quote, ref]
            M.QuoteCheck.objects.create(
                quote_id=ref, level=check["level"], start=quote.start, end=quote.end, sha256=quote.document.sha256,
                digest=check["digest"], folding=check["folding"], checked_at=datetime.datetime.fromisoformat(check["at"]),
            )  # fmt: skip


def _columns(record: orm.Model) -> list[str]:
    return [field.attname for field in record._meta.concrete_fields if field.name not in ("ref", "state", "note")]


def _differing(record: orm.Model, there: orm.Model) -> list[str]:
    """The columns in which a record of the files differs from the one in the database."""
    for name in ("published", "issued", "effective"):
        if hasattr(record, f"{name}_edtf"):
            models.setattr_days(record, name)
    fields = {field.attname: field for field in record._meta.concrete_fields}
    return [name for name in _columns(record) if fields[name].to_python(getattr(record, name)) != getattr(there, name)]


def _natural(part: orm.Model) -> tuple:
    """What makes a part the part that it is, whatever its number."""
    return tuple((name, getattr(part, name)) for name in _columns(part))
