"""The OpenAPI components: every public shape with what each of its members means, written once."""

from .. import codebook
from .formats import COLUMNS, PLAIN
from .thread import EVENTS, NO_SLIP

REFERENCE = "^[a-z0-9]+(-[a-z0-9]+)*(\\.[a-z]+-[0-9]+)*$"


def text(description: str, **more) -> dict:
    return {"type": "string", "description": description} | more


def number(description: str) -> dict:
    return {"type": "integer", "minimum": 0, "description": description}


def ref(name: str, description: str = "") -> dict:
    """Another component, by name."""
    return {"$ref": f"#/components/schemas/{name}"} | ({"description": description} if description else {})


def many(items: dict, description: str) -> dict:
    return {"type": "array", "items": items, "description": description}


def maybe(schema: dict) -> dict:
    """The same, or null."""
    if "$ref" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    described = {"description": schema["description"]} if "description" in schema else {}
    return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]} | described


def shape(about: str, optional: tuple[str, ...] = (), example: dict | None = None, **members: dict) -> dict:
    """An object whose members are all there, except for the optional ones."""
    needed = [name for name in members if name not in optional]
    shown = {"examples": [example]} if example else {}
    return {"type": "object", "description": about, "required": needed, "properties": members} | shown


def day(description: str) -> dict:
    return text(description, format="date")


def component(vocabulary: str) -> str:
    """The component's name for a vocabulary: `party_kind` → `PartyKind`."""
    return "".join(word.title() for word in vocabulary.split("_"))


def codes(vocabulary: str) -> dict:
    """A vocabulary as an enumeration, each code with its label and definition."""
    entries = codebook.codes(vocabulary)
    about = codebook.read()["vocabularies"][vocabulary]["definition"]["en"]
    lines = [f"- `{code}` ({entry['label']['en']}): {entry['definition']['en']}" for code, entry in entries.items()]
    return {"type": "string", "enum": list(entries), "description": "\n".join([about, "", *lines])}


SHA256 = "^[0-9a-f]{64}$"
REF = text("Its lasting reference; never changed, never given again.", pattern=REFERENCE, maxLength=200)
URL = text("Its own address.", format="uri")
OWN = {"ref": REF, "url": URL}
NAME = ref("LanguageMap", "Its name.")
TITLE = ref("LanguageMap", "Its title, in this register's words.")
EARLIEST = maybe(day("The earliest day it can mean; null where its words don't say."))
LATEST = maybe(day("The latest day it can mean; null where its words don't say."))
EDTF = text("The date in EDTF (ISO 8601-2), never finer than its words: `2020`, `2020-08`, `2020-08-20`, `2020~`.")
UNKNOWN = ref("Gaps", "What the documents don't say, and why.")

QUOTE = {
    "document": ref("DocumentName", "The document that holds it."),
    "exact": text("The document's own characters, unaltered."),
    "language": text("The language of `exact`, a BCP 47 tag."),
    "dir": ref("Direction", "The direction of its script."),
    "translation": ref("LanguageMap", "This register's translations; {} where there is none."),
    "voice": ref("Voice"),
    "speaker": maybe(ref("PartyName", "Who speaks.")),
    "start": number("Where it begins in the document's text, in Unicode code points from 0."),
    "end": number("Where it ends: `exact` is `text[start:end]`."),
    "prefix": text("The characters just before it, to find it again (W3C TextQuoteSelector)."),
    "suffix": text("The characters just after it."),
    "verification": ref("Verification"),
}
CITATION = {"ref": REF, "part": ref("Part")} | QUOTE
ASSESSMENT = {
    "commitment": text("The commitment's reference.", pattern=REFERENCE),
    "obligor": maybe(ref("PartyName", "The obligor judged on its own; null: the commitment as a whole.")),
    "status": ref("Status"),
    "effective": maybe(ref("Date", "When it became so; null where unknown.")),
    "counts_from": day(
        "From this day on it counts: the last day of `effective`, else its evidence's, else that of recording."
    ),
    "reason": ref("ReasonCode"),
    "rationale": ref("LanguageMap", "Why, in words."),
    "assessor": text("The curator's lasting pseudonym."),
    "codebook_version": text("The version of the codebook it was judged by."),
    "corrects": maybe(text("The reference of the assessment that this one corrects.", pattern=REFERENCE)),
    "searched": many(ref("SearchedDocument"), "The documents that were searched."),
    "evidence": many(ref("Evidence"), "The quotes that prove or dispute it."),
}
RELATION = {
    "commitment": text("The reference of the commitment that it goes out from.", pattern=REFERENCE),
    "kind": ref("RelationKind"),
    "target": maybe(ref("CommitmentName", "The commitment that it leads to.")),
    "target_statement": maybe(ref("StatementTitle", "The statement, where the text names only that.")),
    "scope": ref("RelationScope"),
    "explanation": ref("LanguageMap", "More about it; {} where there is nothing."),
}
BELONGING = {"commitment_link": ref("CommitmentLink", "The same commitment with its title and address.")}
COMMITMENT = OWN | {
    "title": TITLE,
    "strength": ref("Strength"),
    "statement": ref("StatementName", "The statement it was made in."),
    "parties": many(ref("CommitmentParty"), "Who owes, gains, supports or guarantees it, in this order."),
    "topics": many(text("A topic's reference.", pattern=REFERENCE), "What it is about."),
    "due": maybe(ref("Due", "The deadline in force on the day asked for.")),
    "schedule": ref("Schedule"),
    "status": ref("Status"),
    "status_as_of": maybe(text("Since when the status holds, as an EDTF date; null where nobody has judged.")),
    "contested": {"type": "boolean", "description": "Whether evidence disputes a judgement in force."},
    "quotes": many(ref("Citation"), "The quotes that prove the undertaking."),
    "second_hand": {
        "type": "boolean",
        "description": "Whether all of `quotes` are from reports or translations, and none from an official text.",
    },
    "labels": ref("Labels", "The codes in words, with `lang` only."),
}
FOUND = {"matches": many(ref("Match"), "Where `q` found it, where `matches` asks for that; the first ten places.")}
DETAIL = {
    "condition": ref("LanguageMap", "On what it depends; {} where on nothing."),
    "test": ref("Test"),
    "citations": many(
        ref("Citation"), "Every quote that proves the commitment itself: undertaking, chapeau, condition."
    ),
    "divergences": many(ref("Divergence"), "How copies differ, where a curator has said so."),
    "deadlines": many(ref("Deadline"), "Every deadline it ever had."),
    "relations": many(ref("EmbeddedRelation"), "Its links to other commitments and statements."),
    "incoming_relations": many(ref("IncomingRelation"), "The links of other commitments to it."),
    "assessments": many(ref("EmbeddedAssessment"), "Every judgement of it, corrected ones included."),
}

VOCABULARIES = {component(name): codes(name) for name in codebook.read()["vocabularies"] if name != "topic"}
RESOURCES = {
    "Commitment": shape(
        "One undertaking by one or more parties, as it stands on the day asked for.",
        ("labels", "matches"),
        **COMMITMENT | FOUND,
    ),
    "CommitmentDetail": shape(
        "A commitment with everything that belongs to it.", ("labels", "divergences"), **COMMITMENT | DETAIL
    ),
    "Statement": shape(
        "What parties issued together, or one party or spokesman announced.",
        **OWN,
        kind=ref("StatementKind"),
        title=TITLE,
        issued=maybe(ref("Date", "When it was issued; null where unknown, see `unknown`.")),
        issued_quote=maybe(ref("DatingQuote", "The passage that dates it.")),
        place=ref("LanguageMap", "Where; {} where unknown."),
        process=maybe(ref("ProcessName", "The series of talks it belongs to.")),
        round=maybe(number("Its round in that series.")),
        issuers=many(ref("PartyName"), "Who issued it."),
        unknown=UNKNOWN,
    ),
    "Process": shape(
        "A series of talks; its statements are its rounds.",
        **OWN,
        name=NAME,
        description=ref("LanguageMap", "What it is; {} where nothing is said."),
    ),
    "Document": shape(
        "One published copy of a text. The text itself isn't public; its SHA-256 is.",
        **OWN,
        kind=ref("DocumentKind"),
        publisher=maybe(text("Who published it.")),
        headline=maybe(text("Its headline.")),
        address=maybe(text("Where it was published.", format="uri")),
        language=text("Its language, a BCP 47 tag."),
        dir=ref("Direction", "The direction of its script."),
        published=maybe(ref("Date", "When it was published, as far as it says.")),
        sha256=text("SHA-256 of its exact bytes.", pattern=SHA256),
        length=number("Its length in bytes."),
        characters=number("Its length in Unicode code points."),
        unknown=UNKNOWN,
    ),
    "Party": shape(
        "Who owes, gains, signs or speaks.",
        **OWN,
        kind=ref("PartyKind"),
        name=NAME,
        iso3166=maybe(text("Its ISO 3166 code, where one exists.")),
        aliases=many(ref("Alias"), "Other names, as found in texts."),
        members=many(ref("PartyName"), "The parties that belong to it."),
    ),
    "Topic": shape(
        "What commitments are about.",
        **OWN,
        name=NAME,
        definition=ref("LanguageMap", "What falls under it; {} where nothing is said."),
    ),
    "Assessment": shape(
        "This register's own dated judgement of a commitment, or of one obligor's part.",
        **OWN | ASSESSMENT | BELONGING,
    ),
    "Quote": shape("A verbatim passage of one document.", **OWN | QUOTE),
    "Relation": shape(
        "A typed link from a commitment to another, or to a statement. It changes no status.",
        **OWN | RELATION | BELONGING,
    ),
    "Vocabulary": shape(
        "One code list of the codebook.",
        ref=text("Its name."),
        url=URL,
        label=ref("LanguageMap", "Its name in words."),
        definition=ref("LanguageMap", "What it says, and what it doesn't."),
        codes=many(ref("Code"), "Its codes, in order."),
    ),
}
LEDGER = {
    "seq": number(
        "The number of the ledger entry that made it public; they grow without end and are never given again."
    ),
    "at": text("When it became public.", format="date-time"),
    "actor": maybe(text("Who approved it, by a lasting pseudonym; null where the entry was withheld on legal demand.")),
    "reason": text("Why, in the words of whoever approved it."),
    "class": ref("PublicationClass"),
    "emergency": {
        "type": "boolean",
        "description": "Whether one person alone approved it, in an emergency, and a second still has to.",
    },
    "version": number("The version's number: 1, 2, 3 … for each record."),
    "tombstone": {"type": "boolean", "description": "Whether this version takes the record back."},
}
MADE_PUBLIC = {
    "seq": 4711,
    "at": "2030-06-01T12:00:00.123456Z",
    "actor": "second-reader",
    "reason": "The Arabic says guards, not protects.",
    "class": "correction",
    "emergency": False,
    "version": 2,
    "tombstone": False,
}
RETITLED = {
    "field": "title.en",
    "label": {"en": "Title – English", "ar": "العنوان – الإنجليزية"},
    "items": [],
    "change": "changed",
    "before": "North protects convoys",
    "after": "North guards convoys",
}
HISTORY = {
    "Change": shape(
        "One public version of one record, as the ledger's order has it.",
        example=MADE_PUBLIC
        | {
            "kind": "topic",
            "ref": "security",
            "url": "http://127.0.0.1:8000/api/v1/topics/security/",
            "leaf": "5d" * 32,
            "chain": "e0" * 32,
            "content": {"definition": {}, "name": {"en": "Security", "ar": "الأمن"}},
        },
        **LEDGER,
        kind=ref("RecordKind"),
        ref=REF,
        url=maybe(text("The record's address, where this kind has one; it shows the version of today.", format="uri")),
        leaf=text("The SHA-256 of the ledger entry, as in a bundle.", pattern=SHA256),
        chain=text("The head of the ledger's hash chain with this entry.", pattern=SHA256),
        content={
            "type": ["object", "null"],
            "additionalProperties": True,
            "description": "What this version says: the members that the record's own address gives, but for `ref`,"
            " `url`, what is told of other records at the time (`commitment_link`, `incoming_relations`) and what depends on"
            " the day. Null for a tombstone.",
        },
    ),
    "Version": shape(
        "One public version of a commitment, and what it changed.",
        example=MADE_PUBLIC
        | {
            "known_at": MADE_PUBLIC["at"],
            "url": f"http://127.0.0.1:8000/api/v1/commitments/talks-2030-05-04-01/?known_at={MADE_PUBLIC['at']}",
            "changes": [RETITLED],
        },
        **LEDGER,
        known_at=text("The value of `known_at` that gives the register as it was then.", format="date-time"),
        url=text("Where this version reads as it was then; a tombstone says 410 there.", format="uri"),
        changes=many(
            ref("FieldChange"),
            "What differs from the version before, in a lasting order; nothing for the first version and for a"
            " tombstone. `quotes` are told under `citations`.",
        ),
    ),
}
PARTS = {
    "RecordKind": {
        "type": "string",
        "enum": [
            "process",
            "topic",
            "party",
            "document",
            "quote",
            "statement",
            "commitment",
            "deadline",
            "relation",
            "assessment",
        ],
        "description": "A kind of record, as its list's name in the singular; deadlines are shown by their commitment.",
    },
    "TimelineKind": {
        "type": "string",
        "enum": ["statement", "deadline", "assessment"],
        "description": "A kind of record that has its day.",
    },
    "FieldChange": shape(
        "One difference between two versions.",
        example=RETITLED,
        field=text("The member, from the outside in: `title.en`, `assessments.rationale.en`."),
        label=ref("LanguageMap", "The same in words, in English and Arabic."),
        items=many(
            ref("ListedItem"),
            "Which of the listed it is, for each list on the way, from the outside in; [] where there is none.",
        ),
        change={
            "type": "string",
            "enum": ["added", "removed", "changed"],
            "description": "Whether it wasn't there before, isn't there any more, or is another.",
        },
        before={"description": "What it was, as the version before shows it; null where it wasn't there."},
        after={"description": "What it is, as this version shows it; null where it isn't there any more."},
    ),
    "ListedItem": shape(
        "What tells one of a list from the others.",
        ("role", "part"),
        ref=REF,
        role=ref("Role", "Of parties only."),
        part=ref("Part", "Of citations and evidence only: what the quote proves."),
    ),
    "LanguageMap": {
        "type": "object",
        "description": "Texts by language, a BCP 47 tag each, such as `en` and `ar`.",
        "additionalProperties": {"type": "string"},
    },
    "Gaps": {
        "type": "object",
        "description": "By field, the reason why the documents leave it unknown.",
        "additionalProperties": ref("LanguageMap"),
    },
    "Direction": {"type": "string", "enum": ["ltr", "rtl"], "description": "Left to right, or right to left."},
    "Date": shape(
        "A date as far as its source says it.",
        text=text("The words that say it."),
        edtf=EDTF,
        earliest=EARLIEST,
        latest=LATEST,
    ),
    "Alias": shape("Another name of a party.", name=text("The name."), language=text("Its language, a BCP 47 tag.")),
    "PartyName": shape("A party that is named.", ref=REF, name=NAME),
    "ProcessName": shape("A process that is named.", ref=REF, name=NAME),
    "StatementTitle": shape("A statement that is named.", ref=REF, title=TITLE),
    "StatementName": shape(
        "A statement that is named, with its date.", ref=REF, title=TITLE, issued=maybe(ref("Date"))
    ),
    "CommitmentName": shape("A commitment that is named.", ref=REF, title=TITLE),
    "DocumentName": shape(
        "A document that is named.",
        ref=REF,
        publisher=maybe(text("Who published it.")),
        sha256=text("SHA-256 of its exact bytes."),
    ),
    "SearchedDocument": shape(
        "A document that was searched.",
        ref=REF,
        publisher=maybe(text("Who published it.")),
        headline=maybe(text("Its headline.")),
    ),
    "Verification": shape(
        "What the last check of the quote against its document's text found.",
        level=ref("Level"),
        checked_at=maybe(text("When.", format="date-time")),
        sha256=maybe(text("SHA-256 of the text it was checked against.")),
        waiver=maybe(text("A reviewer's reason for publishing it although it isn't exact.")),
    ),
    "DatingQuote": shape(
        "The passage that dates a statement.",
        ref=REF,
        **{name: QUOTE[name] for name in ("exact", "language", "dir", "translation", "document")},
    ),
    "Citation": shape("A quote and what it proves.", **CITATION),
    "Evidence": shape(
        "A quote that speaks for or against a judgement.",
        **CITATION,
        stance=ref("Stance"),
        claimant=maybe(ref("PartyName", "Who says so.")),
    ),
    "CommitmentParty": shape(
        "A party's role in a commitment.",
        ("status",),
        ref=REF,
        name=NAME,
        role=ref("Role"),
        status=maybe(ref("Status", "Of obligors only: its own status where it is judged on its own, else null.")),
    ),
    "Due": shape(
        "The deadline in force, in short.",
        ref=REF,
        sense=ref("DeadlineSense"),
        kind=ref("DeadlineKind"),
        text=maybe(text("The words that set it.")),
        edtf=maybe(EDTF),
        earliest=EARLIEST,
        latest=LATEST,
    ),
    "Anchor": shape("What a relative deadline counts from.", text=text("Its words."), edtf=maybe(EDTF)),
    "Deadline": shape(
        "When a commitment is due, or in effect. A later one extends or replaces it; it is kept.",
        ref=REF,
        commitment=text("The commitment's reference.", pattern=REFERENCE),
        sense=ref("DeadlineSense"),
        kind=ref("DeadlineKind"),
        text=maybe(text("The words that set it.")),
        language=maybe(text("The language of the words.")),
        edtf=maybe(EDTF),
        earliest=EARLIEST,
        latest=LATEST,
        anchor=maybe(ref("Anchor")),
        set_by=ref("StatementName", "The statement that set it."),
        replaces=maybe(text("The reference of the deadline that it extends or replaces.", pattern=REFERENCE)),
        change=maybe(ref("DeadlineChange")),
        citations=many(ref("Citation"), "The quotes that prove it."),
    ),
    "DeadlineChange": {
        "type": "string",
        "enum": ["extends", "replaces"],
        "description": "What it does to the earlier one.",
    },
    "Test": shape(
        "The test of success, written before anyone judged.",
        fulfilled=ref("LanguageMap", "What counts as fulfilled."),
        not_fulfilled=ref("LanguageMap", "What counts as not fulfilled."),
    ),
    "Labels": shape(
        "The codes of a commitment, in the language of `lang`.",
        strength=text("The strength's label."),
        status=text("The status's label."),
        schedule=text("The schedule's label."),
    ),
    "Divergence": shape(
        "A curator's note on how two copies of one passage differ.",
        between=many(text("A quote's reference.", pattern=REFERENCE), "The two quotes."),
        explanation=ref("LanguageMap", "How they differ, and what follows."),
    ),
    "Parallels": shape(
        "The quotes that prove a commitment, side by side.",
        ref=REF,
        url=URL,
        results=many(ref("Parallel"), "Part by part: undertaking, chapeau, condition."),
    ),
    "Parallel": shape(
        "One part of a commitment in all copies that are quoted.",
        part=ref("Part"),
        second_hand={"type": "boolean", "description": "Whether none of these quotes is from an official text."},
        quotes=many(ref("Copy"), "The quotes: from official texts first, then by document and place."),
        comparisons=many(
            ref("Comparison"),
            "Each with the likest one before it of its language from another document, with the official text's where "
            "they share half of their words.",
        ),
        divergences=many(ref("Divergence"), "What the curator says of two of them."),
    ),
    "Copy": shape("A quote in one copy.", **CITATION, document_kind=ref("DocumentKind")),
    "Comparison": shape(
        "How the words of two quotes in one language differ.",
        quote=text("The reference of the first.", pattern=REFERENCE),
        other=text("The reference of the other.", pattern=REFERENCE),
        differences=many(ref("WordDifference"), "What differs, in order; [] where they are the same."),
    ),
    "WordDifference": shape(
        "A word that isn't the same in both.",
        op=text(
            "`dropped`: only in the first; `added`: only in the other; `changed`: another in its place; `moved`: elsewhere; "
            "`folded`: the same, written otherwise.",
            enum=["dropped", "added", "changed", "moved", "folded"],
        ),
        quote=maybe(ref("Mark", "Where it stands in the first.")),
        other=maybe(ref("Mark", "Where it stands in the other.")),
    ),
    "Match": shape(
        "A fragment of a text in which a query stands.",
        field=text(
            "What text it is from; `due`: the deadline in force, where a date finds it.",
            enum=["title", "quote", "translation", "statement", "party", "alias", "headline", "due"],
        ),
        ref=REF | {"description": "The reference of the record that has this text."},
        language=maybe(text("The language of the text, a BCP 47 tag.")),
        text=text("The fragment, its characters unaltered."),
        start=number("Where the fragment begins in the whole text, in Unicode code points from 0."),
        marks=many(ref("Mark"), "What was found in the fragment, in order."),
    ),
    "Mark": shape(
        "What to mark: `text[start:end]`, in Unicode code points from 0.",
        start=number("Where it begins."),
        end=number("Where it ends."),
    ),
    "IncomingRelation": shape(
        "A relation, seen from the commitment that it leads to.",
        **OWN,
        commitment=ref("CommitmentLink", "The commitment that it goes out from."),
        **{name: RELATION[name] for name in ("kind", "scope", "explanation")},
    ),
    "EmbeddedRelation": shape("A relation, inside its commitment.", ref=REF, **RELATION),
    "EmbeddedAssessment": shape("An assessment, inside its commitment.", ref=REF, **ASSESSMENT),
    "Code": shape(
        "One code.",
        ("cues", "near_misses"),
        code=text("The code."),
        label=ref("LanguageMap", "Its label."),
        definition=ref("LanguageMap", "What it means."),
        cues=ref("LanguageLists", "Words that point to it."),
        near_misses=ref("LanguageLists", "What looks like it and isn't."),
    ),
    "LanguageLists": {
        "type": "object",
        "description": "Lists of texts, by language.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    "Tombstone": shape(
        "What is left of a record that was taken back.",
        ref=REF,
        version=number("The number of its last version, the tombstone."),
        reason=text("Why it was retracted."),
        retracted_at=text("When.", format="date-time"),
    ),
    "Fault": shape(
        "What is wrong with one parameter.",
        ("nearest", "allowed"),
        parameter=text("Its name, as sent."),
        value=maybe(text("Its value, as sent; cut after 100 characters.")),
        code=text(
            "The kind of fault, for programs: `unknown`, `repeated`, `malformed`, `not_allowed`, `contradictory`."
        ),
        detail=text("What to change."),
        nearest=text("The nearest name or value that is valid."),
        allowed=many({"type": "string"}, "All that is valid."),
    ),
    "Checks": shape(
        "What was checked: `ok`, or what is wrong.",
        database=text("Whether the database answers."),
        migrations=text("Whether its tables are up to date."),
        ledger=text("Whether the ledger's last entry is intact."),
    ),
    "Problem": shape(
        "What went wrong (RFC 9457).",
        ("errors", "tombstone", "checks"),
        type=text("A URI for the kind of problem; `about:blank`: the status says it."),
        title=text("The status in words."),
        status={"type": "integer", "description": "The HTTP status."},
        detail=text("What happened, and what to do."),
        request_id=text("The number of this request, as in the header X-Request-ID and in the logs."),
        errors=many(ref("Fault"), "400 only: one for each parameter at fault."),
        tombstone=ref("Tombstone", "410 only."),
        checks=ref("Checks", "/readyz only."),
    ),
    "Live": shape("The process answers.", status={"const": "ok", "description": "Always ok."}),
    "Ready": shape("The service can serve.", status={"const": "ok", "description": "ok."}, checks=ref("Checks")),
    "Index": {
        "type": "object",
        "description": "The address of each list.",
        "additionalProperties": {"type": "string", "format": "uri"},
    },
}


def sparse(name: str) -> dict:
    """A resource of which `fields` chose the members."""
    return RESOURCES[name] | {
        "description": "The same, with no more members than `fields` names.",
        "required": ["ref", "url"],
    }


def whole_or_sparse(name: str) -> dict:
    """A resource, or what `fields` leaves of it where that is a parameter."""
    return {"anyOf": [ref(name), ref(f"Sparse{name}")]} if f"Sparse{name}" in SPARSE else ref(name)


NEXT = maybe(text("The address of the next page; null on the last.", format="uri"))


def page(name: str, **more: dict) -> dict:
    """A page of a list of one resource."""
    return shape(
        "One page of a list.",
        count=number("How many there are on all pages together, exactly."),
        next=NEXT,
        previous=maybe(text("The address of the page before; null on the first.", format="uri")),
        **more,
        results=many(whole_or_sparse(name), "This page's rows."),
    )


def onward(name: str) -> dict:
    """A page of a list that is only read on."""
    return shape(
        "One page of a list that is only read on; it ends early rather than pass 512 KiB.",
        count=number("How many there are from here on, this page's included."),
        next=NEXT,
        previous={"type": "null", "description": "Always null."},
        results=many(ref(name), "This page's rows."),
    )


RELEASES = {
    "Release": shape(
        "One public bundle: every public version of every record, and the whole chain, to check offline.",
        example={
            "ref": "release-4712",
            "url": "http://127.0.0.1:8000/api/v1/releases/release-4712/",
            "size": 4712,
            "head": "e0" * 32,
            "origin": "tracker/8d0f6a1c",
            "checkpoint": f"tracker/8d0f6a1c\n4712\n{'A' * 43}=\n\n— tracker/8d0f6a1c {'B' * 90}==\n",
            "digest": "5d" * 32,
            "note": f"tracker/8d0f6a1c/public\n4712\n{'C' * 43}=\n\n— tracker/8d0f6a1c/public {'D' * 90}==\n",
            "at": "2030-06-01T12:00:00.123456Z",
            "actor": "second-reader",
            "reason": "The monthly release.",
            "bundle": "http://127.0.0.1:8000/api/v1/releases/release-4712/bundle.zip",
        },
        **OWN,
        size=number("How many entries the ledger had."),
        head=text("The head of the ledger's hash chain after those entries.", pattern=SHA256),
        origin=text("The ledger's lasting name."),
        checkpoint=text("The signed note on origin, size and head (C2SP signed note, Ed25519)."),
        digest=text("The SHA-256 of the bundle's `manifest-sha256.txt`, which lists all its data.", pattern=SHA256),
        note=text("The signed note on origin, size and `digest`: nothing was taken out of the bundle."),
        at=text("When it was published.", format="date-time"),
        actor=text("Who published it, by a lasting pseudonym."),
        reason=text("Why, in their words."),
        bundle=text("Where to download it (zip).", format="uri"),
    )
}
BUNDLE = {
    "Bundle": {
        "type": "string",
        "contentMediaType": "application/zip",
        "description": "The bundle, a BagIt folder that checks itself, as a zip archive.",
    }
}


def file(media_type: str, description: str) -> dict:
    return {"type": "string", "contentMediaType": media_type, "description": description}


FORMATS = {
    "CommitmentTable": file(
        "text/csv",
        "All commitments that are asked for, as CSV (RFC 4180) in UTF-8 with a byte order mark, a row each, without"
        " `page_size` and `cursor`. Lists within a"
        " cell are separated by `;`, null is empty. A cell that begins as a formula does, with `=`, `+`, `-`, `@`, a tab or a"
        " line's end, has an apostrophe before it. Columns:\n\n"
        + "\n".join(f"- `{column.name}`: {column.about}" for column in COLUMNS),
    ),
    "CommitmentLines": file(
        "application/jsonl",
        "All commitments that are asked for, as JSON Lines: one a line, each as the list gives it (component `Commitment`),"
        " without `page_size` and `cursor`.",
    ),
    "CommitmentFeed": file(
        "application/atom+xml",
        "An Atom feed (RFC 4287): the 50 commitments that changed last, the latest first; `next` leads on (RFC 5005).",
    ),
    "LinkedCommitment": shape(
        "A commitment as linked data (JSON-LD 1.1), with its quotes as W3C Web Annotations.",
        **{
            "@context": many(
                {"type": ["string", "object"]}, "That of Web Annotations, and our own words below it, each an address."
            )
        },
        id=text("The commitment's address.", format="uri"),
        type=text("What it is.", enum=["Commitment"]),
        ref=REF,
        **{name: (COMMITMENT | DETAIL)[name] for name in PLAIN if name != "ref"},
        statement=ref("LinkedStatement", "The statement it was made in."),
        parties=many(ref("LinkedParty"), "Who owes, gains, supports or guarantees it."),
        topics=many(text("A topic's address.", format="uri"), "What it is about."),
        annotations=many(ref("Annotation"), "Every quote that proves it."),
    ),
    "LinkedStatement": shape(
        "A statement by its address.",
        id=URL,
        type=text("What it is.", enum=["Statement"]),
        **{name: PARTS["StatementName"]["properties"][name] for name in ("title", "issued")},
    ),
    "LinkedParty": shape(
        "A party by its address, with its role.",
        ("status",),
        id=URL,
        type=text("What it is.", enum=["Party"]),
        **{name: PARTS["CommitmentParty"]["properties"][name] for name in ("name", "role", "status")},
    ),
    "Annotation": shape(
        "A quote that proves a commitment (W3C Web Annotation Data Model).",
        id=text("The annotation's lasting name.", format="uri"),
        type=text("What it is.", enum=["Annotation"]),
        motivation=text("It links the passage with the commitment.", enum=["linking"]),
        quote=text("The quote's own address.", format="uri"),
        part=ref("Part"),
        voice=ref("Voice"),
        level=ref("Level"),
        body=many(ref("AnnotationBody"), "The commitment, then the quote's translations."),
        target=ref("AnnotationTarget"),
    ),
    "AnnotationBody": shape(
        "The commitment, by its address; or a translation.",
        ("id", "purpose", "value", "language", "format"),
        type=text("Which of the two it is.", enum=["Commitment", "TextualBody"]),
        id=text("The commitment's address.", format="uri"),
        purpose=text("Why it is there.", enum=["describing"]),
        value=text("The translation."),
        language=text("Its language, a BCP 47 tag."),
        format=text("Its media type."),
    ),
    "AnnotationTarget": shape(
        "A passage of a document.",
        type=text("What it is.", enum=["SpecificResource"]),
        source=ref("AnnotationSource"),
        selector=many(ref("Selector"), "Two ways to find it: by its words and by its place."),
    ),
    "AnnotationSource": shape(
        "The document, whose text isn't public.",
        ("via",),
        id=URL,
        type=text("What it is.", enum=["Text"]),
        format=text("Its media type."),
        language=text("Its language, a BCP 47 tag."),
        textDirection=ref("Direction"),
        sha256=text("SHA-256 of its exact bytes.", pattern=SHA256),
        via=text("Where it was published, where that is known.", format="uri"),
    ),
    "Selector": shape(
        "A TextQuoteSelector or a TextPositionSelector.",
        ("exact", "prefix", "suffix", "start", "end"),
        type=text("Which of the two it is.", enum=["TextQuoteSelector", "TextPositionSelector"]),
        **{name: QUOTE[name] for name in ("exact", "prefix", "suffix", "start", "end")},
    ),
}
AS_OF = day("The day in the world that was asked for, or today, UTC.")
KNOWN_AT = maybe(text("The instant of the register that was asked for; null: now.", format="date-time"))
RULE = ref("LanguageMap", "How it is counted, in words.")


def counts(what: str) -> dict:
    """How many of what there are, in all and by code."""
    return {
        "count": number(f"How many {what} there are."),
        "url": text("The list of exactly these.", format="uri"),
        "judged": ref("Number", f"The {what} with any other status than `not_assessed`."),
        "not_assessed": ref("Number", f"The {what} that nobody has judged yet."),
        "status": many(ref("CodeCount"), "By status, in the codebook's order; a code that isn't here counts 0."),
        "schedule": many(ref("CodeCount"), "By schedule, in the codebook's order; a code that isn't here counts 0."),
    }


def events(descriptions: dict[str, tuple[str, str]], about: str) -> dict:
    """Codes with their English and Arabic labels as an enumeration."""
    lines = [f"- `{code}`: {english} ({arabic})" for code, (english, arabic) in descriptions.items()]
    return {"type": "string", "enum": list(descriptions), "description": "\n".join([about, "", *lines])}


LINKED = {"ref": REF, "url": URL, "title": TITLE}
THREAD_COMMITMENT = LINKED | {
    "strength": ref("Strength"),
    "status": ref("Status"),
    "schedule": ref("Schedule"),
    "contested": COMMITMENT["contested"],
    "parties": COMMITMENT["parties"],
}
DUE = PARTS["Due"]["properties"]
QUESTIONS = {
    "Facets": shape(
        "How the commitments of one question divide.",
        as_of=AS_OF,
        known_at=KNOWN_AT,
        count=number("How many commitments the question finds."),
        url=text("The list of exactly these.", format="uri"),
        facets=ref("FacetGroups"),
    ),
    "FacetGroups": shape(
        "By facet, how many commitments have each value. Each facet leaves its own parameter out and heeds all others.",
        status=ref("Facet", "By status; with `obligor`, by that of the obligors named."),
        schedule=ref("Facet", "By schedule; with `obligor`, by that of the obligors named."),
        strength=ref("Facet", "By strength."),
        party=ref("Facet", "By party, in whatever role."),
        topic=ref("Facet", "By topic."),
        statement=ref("Facet", "By the statement it was made in."),
    ),
    "Facet": shape(
        "The values of one facet: codes in the codebook's order, records the commonest first.",
        values=number("How many values there are. No more than the 50 commonest are listed, and no more than 80 KB."),
        results=many(ref("FacetValue"), "The values that at least one commitment has."),
    ),
    "FacetValue": shape(
        "One value of a facet.",
        value=text("The code, or the record's reference: what the list's parameter takes."),
        label=ref("LanguageMap", "The code's label, the record's name or title."),
        count=number("How many commitments have it."),
        selected={"type": "boolean", "description": "Whether the question names this value."},
        url=text("The list of exactly these: the same question with this value alone.", format="uri"),
    ),
    "Number": shape(
        "A number with what it counts.",
        count=number("How many."),
        url=text("The list of exactly these.", format="uri"),
    ),
    "CodeCount": shape(
        "How many have a code.",
        value=text("The code."),
        label=ref("LanguageMap", "Its label."),
        count=number("How many."),
        url=text("The list of exactly these.", format="uri"),
    ),
    "Scorecard": shape(
        "What a party owes as an obligor, counted by threads, so that a duty said again counts once.",
        ref=REF,
        url=text("The party's own address.", format="uri"),
        name=NAME,
        as_of=AS_OF,
        known_at=KNOWN_AT,
        rules=ref("ScorecardRules"),
        threads=ref("ThreadCounts"),
        commitments=ref("CommitmentCounts"),
    ),
    "ScorecardRules": shape(
        "How a scorecard counts, in English and Arabic.",
        thread=ref("LanguageMap", "What a thread is."),
        counts=ref("LanguageMap", "Which commitment's status and schedule count for a thread."),
        percent=ref("LanguageMap", "The formula of the percentage, and when there is none."),
    ),
    "ThreadCounts": shape(
        "The threads, each by the commitment that stands for it.",
        **counts("threads") | {"not_assessed": ref("Share", "The threads that nobody has judged yet.")},
    ),
    "CommitmentCounts": shape(
        "The commitments themselves, as their list counts them, restatements included.", **counts("commitments")
    ),
    "Share": shape(
        "A number with its share of all.",
        count=number("How many."),
        url=text("The list of exactly these.", format="uri"),
        percent={
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 100,
            "description": "100 × this number ÷ all, to one decimal; null while fewer than 8 are judged.",
        },
    ),
    "Thread": shape(
        "What became of one undertaking through the rounds; it ends early rather than pass 512 KiB.",
        ref=text("The reference of the commitment that was asked for.", pattern=REFERENCE),
        url=text("That commitment's own address.", format="uri"),
        rule=ref("LanguageMap", "What a thread is, and what is told of it, in words."),
        commitments=number("How many commitments the thread has."),
        commitments_url=text("The list of exactly these.", format="uri"),
        latest=ref("ThreadLatest"),
        first_deadline=maybe(
            ref("Due", "The first deadline by which something was due on a date: slips count from it.")
        ),
        as_of=AS_OF,
        known_at=KNOWN_AT,
        count=number("How many entries there are from here on, this page's included."),
        next=NEXT,
        previous={"type": "null", "description": "Always null."},
        results=many(
            ref("ThreadEntry"),
            "What happened, in time order; what has no date comes after what it links to, else first.",
        ),
    ),
    "ThreadEntry": shape(
        "One step of an undertaking.",
        number=number("Its place in the thread, from 1."),
        events=many(ref("ThreadEvent"), "What happened; a commitment can do several things to several earlier ones."),
        label=ref("LanguageMap", "The same in words."),
        date=maybe(ref("Date", "When: the statement's date, or the assessment's effective date; null where unknown.")),
        commitment=ref("ThreadCommitment", "The commitment that says it, or to which it happened."),
        statement=maybe(ref("StatementLink", "The statement that says it; null for a judgement.")),
        relations=many(ref("ThreadRelation"), "What joins this commitment to others of the thread."),
        deadline=maybe(ref("ThreadDeadline", "The deadline that it sets.")),
        assessment=maybe(ref("ThreadAssessment", "The judgement, where it is one.")),
        quotes=many(ref("ThreadQuote"), "Its words: the quotes that prove it, each with its translation."),
    ),
    "ThreadEvent": events(EVENTS, "What can happen to an undertaking."),
    "ThreadCommitment": shape(
        "A commitment in short, as it stands on the day asked for.",
        ("labels",),
        **THREAD_COMMITMENT,
        labels=ref("Labels"),
    ),
    "ThreadLatest": shape(
        "The latest commitment in force: the last by its statement's date that no other replaced.",
        ("labels",),
        **THREAD_COMMITMENT,
        labels=ref("Labels"),
        due=maybe(ref("ThreadDeadline", "Its deadline in force on the day asked for.")),
    ),
    "ThreadDeadline": shape("A deadline with its slip.", **DUE, slip=ref("Slip")),
    "Slip": shape(
        "By how many days a deadline lies after the first date of the thread.",
        days={
            "type": ["integer", "null"],
            "description": "The days between the two latest days, negative if earlier; null unless both are known to the day.",
        },
        reason=maybe(ref("NoSlip", "Why there is no number; null where there is one.")),
        label=maybe(ref("LanguageMap", "The same in words.")),
    ),
    "NoSlip": events(NO_SLIP, "Why two deadlines are no number of days apart."),
    "ThreadRelation": shape(
        "A relation from this commitment to an earlier one of the thread.",
        ref=REF,
        url=URL,
        kind=ref("RelationKind"),
        scope=ref("RelationScope"),
        explanation=ref("LanguageMap", "More about it; {} where there is nothing."),
        event=ref("ThreadEvent"),
        label=ref("LanguageMap", "The event in words."),
        of=ref("CommitmentLink", "The commitment that it leads to."),
    ),
    "ThreadAssessment": shape(
        "A judgement of the whole commitment.",
        ("labels",),
        ref=REF,
        url=URL,
        status=ref("Status"),
        reason=ref("ReasonCode"),
        rationale=ref("LanguageMap", "Why, in words."),
        counts_from=ASSESSMENT["counts_from"],
        labels=ref("JudgementLabels"),
    ),
    "ThreadQuote": shape(
        "A quote, what it proves, and, of evidence only, its stance.",
        ("stance", "claimant"),
        **CITATION,
        stance=ref("Stance", "Of evidence only."),
        claimant=maybe(ref("PartyName", "Of evidence only: who says so.")),
    ),
    "JudgementLabels": shape(
        "The codes of a judgement, in the language of `lang`.",
        status=text("The status's label."),
        reason_code=text("The reason's label."),
    ),
    "CommitmentLink": shape("A commitment that is named, with its address.", **LINKED),
    "StatementLink": shape(
        "A statement that is named, with its date and address.", **LINKED, issued=maybe(ref("Date"))
    ),
    "TimelineEntry": shape(
        "A statement that was issued, a deadline, or a judgement that began to count.",
        ("labels",),
        kind=ref("TimelineKind"),
        ref=REF,
        url=text("Its own address; a deadline's is its commitment's.", format="uri"),
        day=day("Where it stands: the last day that its date can mean, of a deadline the latest day."),
        commitment=maybe(ref("CommitmentLink", "The commitment that it belongs to; null for a statement.")),
        replaced_by=maybe(
            text(
                "The deadline that extends or replaces this one, or the assessment that corrects it.", pattern=REFERENCE
            )
        ),
        statement=maybe(ref("TimelineStatement")),
        deadline=maybe(ref("TimelineDeadline")),
        assessment=maybe(ref("TimelineAssessment")),
        labels=ref("TimelineLabels"),
    ),
    "TimelineStatement": shape(
        "Of statements only: what was issued.",
        **{
            name: RESOURCES["Statement"]["properties"][name]
            for name in ("title", "kind", "issued", "process", "round", "issuers")
        },
    ),
    "TimelineDeadline": shape(
        "Of deadlines only: what was due, or until when something was in effect.",
        **{
            name: PARTS["Deadline"]["properties"][name]
            for name in ("sense", "kind", "text", "edtf", "earliest", "latest", "change", "set_by")
        },
    ),
    "TimelineAssessment": shape(
        "Of assessments only: what was judged.",
        **{name: ASSESSMENT[name] for name in ("status", "reason", "effective", "obligor")},
    ),
    "TimelineLabels": shape(
        "The codes of an entry, in the language of `lang`.",
        ("statement_kind", "deadline_sense", "deadline_kind", "status", "reason_code"),
        statement_kind=text("The statement's kind."),
        deadline_sense=text("The deadline's sense."),
        deadline_kind=text("The deadline's kind."),
        status=text("The assessment's status."),
        reason_code=text("The assessment's reason."),
    ),
}
CODEBOOK = {"version": text("The codebook's version."), "issued": day("The day of that version.")}
SPARSE = {f"Sparse{name}": sparse(name) for name in ("Commitment", "CommitmentDetail")}
PAGES = {
    f"{name}List": page(name, **CODEBOOK if name == "Vocabulary" else {})
    for name in RESOURCES
    if name != "CommitmentDetail"
} | {"TimelineEntryList": page("TimelineEntry")}
ONWARD = {f"{name}List": onward(name) for name in HISTORY | RELEASES}
SCHEMAS = VOCABULARIES | RESOURCES | HISTORY | RELEASES | BUNDLE | FORMATS | SPARSE | PARTS | QUESTIONS | PAGES | ONWARD
