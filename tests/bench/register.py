"""A register of any size, always the same for a size: statements, commitments and judgements as a bundle, history included."""

import datetime
import hashlib
import json
import pathlib
import random
from collections.abc import Iterator

from commitments import actions, bags, checkpoints, fixtures, representations
from commitments.ledger import GENESIS, chain_hash, leaf_hash
from commitments.models import text

PARTIES, TOPICS, PER_STATEMENT = 200, 12, 20
BUSIEST = "party-001"  # half of all commitments name it
BEGUN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)
CHECKED = "2026-01-01T00:00:00+00:00"
HEADLINE = "تقرير عن المحادثات"
AUTHOR, REVIEWER = "first-coder", "reviewer"
# No letter that Arabic writes before a word, none that folding joins: so every way of searching finds the same.
FIRST, LATER = "جحخدرزشصطعغق", "جحخدرزشصطعغقنمتسلب"
PATTERNS = ("{}{}ا{}", "{}ا{}{}", "{}{}و{}", "{}{}{}", "{}{}ا{}ات", "{}{}{}ون", "{}و{}{}")
STRENGTHS = ("commits", "agrees", "intends", "supports")
LAST = ("in_progress", "fulfilled", "not_fulfilled", "stalled", "partly_fulfilled", "no_evidence", "being_kept")


def vocabulary(rng: random.Random, size: int = 4000) -> list[str]:
    """So many words, the first ones for frequent use."""
    made = {}
    while len(made) < size:
        letters = [rng.choice(FIRST), rng.choice(LATER), rng.choice(LATER)]
        made[rng.choice(PATTERNS).format(*letters)] = None
    return list(made)


class Bundle:
    """A bundle in the making: rows by table, entries in their order, each file sorted by its records' references."""

    def __init__(self, folder: pathlib.Path):
        self.work = folder.with_name(f"{folder.name}-work")
        self.work.mkdir(parents=True)
        self.seq, self.chain, self.first, self.files, self.block = 0, GENESIS, "", {}, {}
        self.schema = fixtures.schema()
        self.ledger = (self.work / "ledger").open("wb", buffering=1 << 20)
        self.columns = {  # of each model: its table, and the field of each column
            model._meta.model_name: (
                model._meta.db_table,
                {field.column: field.name for field in model._meta.concrete_fields if not field.primary_key},
            )
            for model in fixtures.MODELS
        }

    def entry(self, name: str, after: dict, before: dict | None = None, actor: str = AUTHOR) -> int:
        """Records one change, as the trigger would; answers its number."""
        self.seq += 1
        at = (BEGUN + self.seq * MILLISECOND).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        salt = hashlib.md5(b"%d" % self.seq, usedforsecurity=False).hexdigest()
        content = json.dumps(
            {
                "at": at, "act": f"{actor}-{self.seq // 1000}", "seq": self.seq, "door": "command", "role": "tracker", "salt": salt,
                "actor": actor, "after": after, "table": self.columns[name][0], "before": before, "reason": "as the documents say",
                "schema": self.schema, "reference": after["ref"],
            },
            ensure_ascii=False,
        )  # fmt: skip
        leaf = leaf_hash(content)
        self.chain = chain_hash(self.chain, leaf)
        self.first = self.first or self.chain
        line = {"canonical": content, "chain": self.chain, "leaf": leaf, "seq": self.seq}
        self.ledger.write(bags.line(line))
        return self.seq

    def row(self, model: str, ref: str, /, **values) -> dict:
        """A record as its author writes it."""
        after = {"ref": ref} | values
        self.entry(model, after)
        self._keep(model, after)
        return after

    def _keep(self, name: str, row: dict, kind: str = "") -> None:
        fields = {field: row[column] for column, field in self.columns[name][1].items()}
        self.block.setdefault((name, kind), {})[row["ref"]] = bags.line(
            {"model": f"commitments.{name}", "pk": row["ref"], "fields": fields}
        )

    def approve(self, row: dict | None, name: str, shown: representations.Rendering) -> None:
        """The first public version of a record, and its move to the shelf."""
        kind, ref = shown.kind, shown.record
        columns = dict.fromkeys(("commitment", "statement", "process", "code"), "")
        columns |= {"documents": [], "parties": [], "topics": [], "first_day": None, "last_day": None} | shown.columns
        named = sorted({".".join(each) for each in representations.names([shown.body, shown.detail])})
        version = {
            "ref": f"{kind}.{ref}.1", "kind": kind, "record": ref, "version": 1, "class": "content", "reason": "compared",
            "tombstone": False, "emergency": False, "body": shown.body, "detail": shown.detail, "named": named,
        } | columns  # fmt: skip
        number = self.entry("publication", version, actor=REVIEWER)
        self._keep("publication", version | {"from_seq": number, "until_seq": None}, kind)
        if row:
            published = row | {"state": "published"}
            self.entry(name, published, row, REVIEWER)
            self._keep(name, published)

    def end_block(self) -> None:
        """Writes what was kept; what comes later has references that sort after all of it."""
        for key, lines in self.block.items():
            if key not in self.files:
                self.files[key] = (self.work / ".".join(key)).open("wb", buffering=1 << 18)
            self.files[key].writelines(lines[ref] for ref in sorted(lines))
        self.block = {}

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of one file of the bundle."""
        for key in sorted(key for key in self.files if key[0] == name):
            with (self.work / ".".join(key)).open("rb") as file:
                yield from file

    def close(self, folder: pathlib.Path) -> None:
        """Puts the bundle into its place."""
        for file in (*self.files.values(), self.ledger):
            file.close()
        with bags.replacing(folder.absolute()) as place:
            bag = bags.Bag(place)
            files = []
            for model in fixtures.MODELS:
                columns = {each.name: each.column for each in model._meta.concrete_fields if each.name != each.column}
                about = {"model": model._meta.label_lower, "table": model._meta.db_table, "columns": columns}
                files.append(bag.data(fixtures.file_of(model), self.lines(model._meta.model_name)) | about)
            with (self.work / "ledger").open("rb") as lines:
                files.append(bag.data(fixtures.LEDGER, lines))
            name = checkpoints.origin(self.first)
            bag.tag(bags.MANIFEST, bags.manifest("full", name, self.seq, self.chain, fixtures.schema(), files))
            bag.tag("checkpoint.txt", checkpoints.unsigned(name, self.seq, self.chain))
            for path in (fixtures.HERE / "README.md", fixtures.HERE / "verify.py"):
                bag.tag(path.name, path.read_text(encoding="utf-8"))
            bag.close(f"{name}/{self.seq}/full")
        for path in self.work.iterdir():
            path.unlink()
        self.work.rmdir()


class Register:
    """The records themselves, statement by statement."""

    def __init__(self, folder: pathlib.Path, commitments: int, seed: int = 7):
        self.bundle, self.rng, self.many = Bundle(folder), random.Random(seed), commitments
        self.words = vocabulary(self.rng)
        self.weights = [1 / (place + 12) for place in range(len(self.words))]
        for place in range(1, len(self.weights)):
            self.weights[place] += self.weights[place - 1]
        self.names: dict[str, dict] = {}

    def write(self, folder: pathlib.Path) -> int:
        """Writes the bundle; answers how many entries its ledger has."""
        self.ground()
        for number in range(-(-self.many // PER_STATEMENT)):
            self.statement(number, min(PER_STATEMENT, self.many - number * PER_STATEMENT))
            self.bundle.end_block()
        self.bundle.close(folder)
        return self.bundle.seq

    def ground(self) -> None:
        """Topics and parties."""
        draft, rows = {"note": "", "state": "in_review"}, []
        for number in range(1, TOPICS + 1):
            ref, name = f"topic-{number:02}", {"ar": f"الموضوع {number}", "en": f"Topic {number}"}
            row = self.bundle.row("topic", ref, name=name, definition={}, **draft)
            shown = {"name": name, "definition": {}}
            rows.append((row, "topic", representations.Rendering("topic", ref, shown)))
        for number in range(1, PARTIES + 1):
            ref, name = f"party-{number:03}", {"ar": f"الطرف رقم {number}", "en": f"Party number {number}"}
            self.names[ref] = name
            row = self.bundle.row("party", ref, name=name, party_kind="state", iso3166="", **draft)
            body = {"kind": "state", "name": name, "iso3166": None, "aliases": [], "members": []}
            shown = representations.Rendering("party", ref, body, columns={"code": "state"})
            rows.append((row, "party", shown))
        for each in rows:
            self.bundle.approve(*each)
        self.bundle.end_block()

    def sentence(self) -> str:
        """Fourteen words, some frequent and some rare."""
        return " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=14))

    def party(self) -> str:
        """A party, the first ones more often."""
        return f"party-{1 + int(PARTIES * self.rng.random() ** 2):03}"

    def date(self, prefix: str, day: datetime.date, words: str | None = None) -> dict:
        """The four columns of a date that is known to the day."""
        iso = day.isoformat()
        return {f"{prefix}_words": iso if words is None else words, f"{prefix}_edtf": iso} | dict.fromkeys(
            (f"{prefix}_earliest", f"{prefix}_latest"), iso
        )

    def document(self, ref: str, content: str, day: datetime.date) -> tuple[dict, dict]:
        """(A document's row, its public shape)."""
        written = content.encode()
        facts = {"language": "ar", "sha256": hashlib.sha256(written).hexdigest(), "length": len(written)}
        facts |= {"characters": len(content), "publisher": "The Gazette", "headline": HEADLINE}
        gaps = {"address": {"en": "The copy names none."}}
        row = facts | {"document_kind": "news_report", "address": "", "gaps": gaps, "note": "", "state": "in_review"}
        row = self.bundle.row("document", ref, **row, **self.date("published", day))
        published = {
            "text": day.isoformat(),
            "edtf": day.isoformat(),
            "earliest": day.isoformat(),
            "latest": day.isoformat(),
        }
        body = facts | {"kind": "news_report", "address": None, "dir": "rtl", "published": published, "unknown": gaps}
        columns = {"code": "news_report", "first_day": day.isoformat(), "last_day": day.isoformat()}
        return row, representations.Rendering("document", ref, body, columns=columns)

    def quote(self, document: dict, number: int, content: str, start: int, exact: str, english: str) -> dict:
        """A quote with its check; answers what is shown of it."""
        ref, end = f"{document['ref']}.quote-{number}", start + len(exact)
        said = {
            "exact": exact, "start": start, "end": end, "prefix": content[max(0, start - 32) : start], "suffix": content[end : end + 32],
            "language": "ar", "translation": {"en": english}, "voice": "statement_reported",
        }  # fmt: skip
        self.bundle.row("quote", ref, **said, document_id=document["ref"], speaker_id=None, waiver="")
        self.bundle.row(
            "quotecheck", f"{ref}.check-1", quote_id=ref, number=1, level="exact", start=start, end=end, sha256=document["sha256"],
            digest=actions.digest(exact), folding=text.FOLDING, checked_at=CHECKED,
        )  # fmt: skip
        verification = {
            "level": "exact",
            "checked_at": CHECKED.replace("+00:00", "Z"),
            "sha256": document["sha256"],
            "waiver": None,
        }
        source = {"ref": document["ref"], "publisher": document["publisher"], "sha256": document["sha256"]}
        return said | {"ref": ref, "dir": "rtl", "speaker": None, "document": source, "verification": verification}

    def statement(self, number: int, many: int) -> None:
        """A statement with its document and its commitments, and a later document that tells what became of them."""
        bundle = self.bundle
        ref, day = f"round-{number:06}", datetime.date(2016, 1, 1) + datetime.timedelta(days=number % 2900)
        sentences = [self.sentence() for _each in range(many)]
        content, told = "بيان مشترك. " + ". ".join(sentences) + ".", f"ذكرت مصادر رسمية بعد حين أن {ref} قيد النظر."
        approvals, shown_quotes = [], []
        said, said_shown = self.document(f"report-{number:06}", content, day)
        later, later_shown = self.document(f"report-{number:06}-later", told, day + datetime.timedelta(days=400))
        approvals += [(said, "document", said_shown), (later, "document", later_shown)]
        quoted, start = [], len("بيان مشترك. ")
        for place, sentence in enumerate(sentences, 1):
            english = f"Undertaking {number * PER_STATEMENT + place} as reported"
            quoted.append(self.quote(said, place, content, start, sentence, english))
            start += len(sentence) + 2
        evidence = self.quote(later, 1, told, 0, told, f"Officials say that {ref} is being looked into.")
        shown_quotes = [*quoted, evidence]
        title = {"ar": f"بيان الجولة {number}", "en": f"Statement of round {number}"}
        issuer = self.party()
        draft = {"note": "", "state": "in_review"}
        row = bundle.row(
            "statement", ref, statement_kind="joint_statement", title=title, place={}, process_id=None, round=None, gaps={},
            issued_quote_id=None, **self.date("issued", day), **draft,
        )  # fmt: skip
        bundle.row("statementissuer", f"{ref}.issuer-1", statement_id=ref, party_id=issuer)
        issued = {
            "text": day.isoformat(),
            "edtf": day.isoformat(),
            "earliest": day.isoformat(),
            "latest": day.isoformat(),
        }
        body = {
            "kind": "joint_statement", "title": title, "issued": issued, "issued_quote": None, "place": {}, "process": None,
            "round": None, "issuers": [{"ref": issuer, "name": self.names[issuer]}], "unknown": {},
        }  # fmt: skip
        days = {"first_day": day.isoformat(), "last_day": day.isoformat()}
        columns = {"code": "joint_statement", "parties": [issuer]} | days
        approvals.append((row, "statement", representations.Rendering("statement", ref, body, columns=columns)))
        own = {"ref": ref, "title": title, "issued": issued}
        made = [
            self.commitment(f"{ref}-{place:02}", own, day, quote, evidence) for place, quote in enumerate(quoted, 1)
        ]
        children, parents = [each for some, _parent in made for each in some], [parent for _some, parent in made]
        for each in approvals[:2]:
            bundle.approve(*each)
        for quote in shown_quotes:
            columns = {"code": quote["voice"], "documents": [quote["document"]["ref"]]}
            shown = {name: value for name, value in quote.items() if name != "ref"}
            bundle.approve(None, "", representations.Rendering("quote", quote["ref"], shown, columns=columns))
        for each in (*approvals[2:], *children, *parents):
            bundle.approve(*each)

    def commitment(
        self, ref: str, statement: dict, day: datetime.date, quote: dict, evidence: dict
    ) -> tuple[list, tuple]:
        """(What its children need for approval, what it needs itself)."""
        bundle, rng = self.bundle, self.rng
        obligor = BUSIEST if rng.random() < 0.25 else self.party()
        other = BUSIEST if obligor != BUSIEST and rng.random() < 0.25 else self.party()
        roles = [("obligor", obligor), ("beneficiary", other)][: 2 if other != obligor else 1]
        topics = sorted(rng.sample(range(1, TOPICS + 1), rng.choice((1, 1, 2))))
        topics = [f"topic-{topic:02}" for topic in topics]
        strength = rng.choice(STRENGTHS)
        title = {"ar": f"التعهد {ref[6:]}", "en": f"Undertaking {ref[6:]}"}
        tests = {"fulfilled": {"en": "It was done."}, "not_fulfilled": {"en": "It was left undone."}}
        row = bundle.row(
            "commitment", ref, statement_id=statement["ref"], title=title, strength=strength, condition={},
            fulfilled_if=tests["fulfilled"], not_fulfilled_if=tests["not_fulfilled"], note="", state="in_review",
        )  # fmt: skip
        for place, (role, party) in enumerate(roles, 1):
            bundle.row("commitmentparty", f"{ref}.party-{place}", commitment_id=ref, party_id=party, role=role)
        for place, topic in enumerate(topics, 1):
            bundle.row("commitmenttopic", f"{ref}.topic-{place}", commitment_id=ref, topic_id=topic)
        self.cite(f"{ref}.citation-1", quote, "undertaking", commitment_id=ref)
        proof = quote | {"part": "undertaking"}
        deadlines = [self.deadline(ref, statement, day)] if rng.random() < 0.7 else []
        assessments = [self.assessment(ref, place, day, evidence) for place in (1, 2, 3)]
        body = {
            "title": title, "strength": strength, "statement": statement, "topics": topics, "quotes": [proof],
            "parties": [{"ref": party, "role": role, "name": self.names[party]} for role, party in roles],
        }  # fmt: skip
        detail = {"condition": {}, "test": tests, "citations": [proof], "relations": []}
        for name, some in (("deadlines", deadlines), ("assessments", assessments)):
            detail[name] = [{"ref": shown.record} | shown.body for _row, _name, shown in some]
        columns = {
            "code": strength, "commitment": ref, "statement": statement["ref"], "parties": sorted({party for _role, party in roles}),
            "topics": topics, "documents": [quote["document"]["ref"]],
        }  # fmt: skip
        shown = representations.Rendering("commitment", ref, body, detail, columns)
        return [*deadlines, *assessments], (row, "commitment", shown)

    def cite(self, ref: str, quote: dict, part: str, stance: str = "", **target) -> None:
        """A citation's row."""
        of = dict.fromkeys(("commitment_id", "deadline_id", "assessment_id")) | target
        self.bundle.row("citation", ref, quote_id=quote["ref"], part=part, stance=stance, claimant_id=None, **of)

    def deadline(self, commitment: str, statement: dict, made: datetime.date) -> tuple:
        """A deadline to the day, some hundred days after the statement."""
        due = made + datetime.timedelta(days=self.rng.randrange(100, 4000))
        ref, words = f"{commitment}.deadline-1", due.isoformat()
        row = self.bundle.row(
            "deadline", ref, commitment_id=commitment, statement_id=statement["ref"], sense="due", deadline_kind="date", words=words,
            language="ar", edtf=words, earliest=None, latest=words, anchor_words="", anchor_edtf="", replaces_id=None, change="",
            note="", state="in_review",
        )  # fmt: skip
        body = {
            "commitment": commitment, "sense": "due", "kind": "date", "text": words, "language": "ar", "edtf": words, "earliest": None,
            "latest": words, "anchor": None, "set_by": statement, "replaces": None, "change": None, "citations": [],
        }  # fmt: skip
        columns = {"code": "date", "commitment": commitment, "statement": statement["ref"], "last_day": words}
        return row, "deadline", representations.Rendering("deadline", ref, body, columns=columns)

    def assessment(self, commitment: str, number: int, made: datetime.date, evidence: dict) -> tuple:
        """One of three judgements, each later than the one before."""
        status = self.rng.choice(LAST) if number == 3 else ("not_started", "in_progress")[number - 1]
        day = made + datetime.timedelta(days=200 * number + self.rng.randrange(100))
        ref, searched = f"{commitment}.assessment-{number}", evidence["document"]["ref"]
        rationale = {"ar": "كما تقول الوثيقة.", "en": "As the document says."}
        row = self.bundle.row(
            "assessment", ref, commitment_id=commitment, obligor_id=None, status=status, reason_code="press_report", rationale=rationale,
            assessor=AUTHOR, codebook_version="1.0", corrects_id=None, note="", state="in_review", **self.date("effective", day, ""),
        )  # fmt: skip
        self.cite(f"{ref}.citation-1", evidence, "evidence", "supports", assessment_id=ref)
        self.bundle.row("assessmentsearch", f"{ref}.search-1", assessment_id=ref, document_id=searched)
        iso = day.isoformat()
        body = {
            "commitment": commitment, "obligor": None, "status": status, "counts_from": iso, "reason": "press_report",
            "effective": {"text": "", "edtf": iso, "earliest": iso, "latest": iso}, "rationale": rationale, "assessor": AUTHOR,
            "codebook_version": "1.0", "corrects": None,
            "searched": [{"ref": searched, "publisher": "The Gazette", "headline": HEADLINE}],
            "evidence": [evidence | {"part": "evidence", "stance": "supports", "claimant": None}],
        }  # fmt: skip
        columns = {"code": status, "commitment": commitment, "documents": [searched], "first_day": iso, "last_day": iso}
        return row, "assessment", representations.Rendering("assessment", ref, body, columns=columns)


def write(folder: pathlib.Path, commitments: int) -> int:
    """Writes the bundle of a register of so many commitments; answers how many entries its ledger has."""
    return Register(folder, commitments).write(folder)
