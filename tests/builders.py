"""Small functions that build real records, with a word of their own only where a test needs one."""

import contextlib
import datetime
import hashlib
import pathlib
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections, transaction
from django_otp.oath import TOTP

from commitments import actions, checkpoints, factors, models
from commitments.ledger import Entry, act

TESTS = pathlib.Path(__file__).parent
NOW = datetime.datetime(2030, 6, 1, 12, tzinfo=datetime.UTC)
TEXT = "أعلنت الشمال والجنوب في بيان مشترك أن الشمال ملتزمة بحماية القوافل حتى 1 آذار 2031، وأن الجنوب ستفتح الحدود."
UNKNOWN = {field: {"en": "The copy names none."} for field in ("publisher", "published", "address")}
TEST_OF_SUCCESS = {
    "fulfilled_if": {"en": "Convoys pass unharmed."},
    "not_fulfilled_if": {"en": "A convoy is attacked unpunished."},
}


def topic(ref="security", **values):
    return models.Topic.objects.create(ref=ref, **{"name": {"en": "Security", "ar": "الأمن"}} | values)


def party(ref="north", **values):
    return models.Party.objects.create(
        ref=ref, **{"party_kind": "state", "name": {"en": "North", "ar": "الشمال"}} | values
    )


def document(ref="gazette-2030-05-04", text=TEXT, **values):
    defaults = {
        "document_kind": "news_report",
        "publisher": "The Gazette",
        "headline": "الشمال والجنوب يتفقان",
        "language": "ar",
        "published_words": "4 May 2030",
        "published_edtf": "2030-05-04",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "length": len(text.encode()),
        "characters": len(text),
        "gaps": {"address": {"en": "The copy names none."}},
    }
    return models.Document.objects.create(ref=ref, **defaults | values)


def quote(document, exact="الشمال ملتزمة بحماية القوافل", text=TEXT, checked=True, **values):
    start = text.index(exact)
    defaults = {
        "start": start,
        "end": start + len(exact),
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[start + len(exact) :][:32],
        "language": "ar",
        "translation": {"en": "North is committed to protecting convoys"},
        "voice": "statement_reported",
    }
    made = models.Quote.objects.create(document=document, exact=exact, **defaults | values)
    if checked:
        models.QuoteCheck.objects.create(
            quote=made, level="exact", start=made.start, end=made.end, sha256=document.sha256,
            digest=actions.digest(exact), folding="1", checked_at=NOW,
        )  # fmt: skip
    return made


def statement(ref="talks-2030-05-04", issuers=(), **values):
    defaults = {
        "statement_kind": "joint_statement",
        "title": {"en": "Joint statement of North and South", "ar": "بيان مشترك"},
        "issued_words": "4 May 2030",
        "issued_edtf": "2030-05-04",
    }
    made = models.Statement.objects.create(ref=ref, **defaults | values)
    for issuer in issuers:
        models.StatementIssuer.objects.create(statement=made, party=issuer)
    return made


def commitment(statement, obligors, quotes, ref="talks-2030-05-04-01", beneficiaries=(), topics=(), **values):
    defaults = {
        "title": {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"},
        "strength": "commits",
    } | TEST_OF_SUCCESS
    made = models.Commitment.objects.create(ref=ref, statement=statement, **defaults | values)
    for role, parties in (("obligor", obligors), ("beneficiary", beneficiaries)):
        for one in parties:
            models.CommitmentParty.objects.create(commitment=made, party=one, role=role)
    for one in quotes:
        models.Citation.objects.create(quote=one, commitment=made, part="undertaking")
    for one in topics:
        models.CommitmentTopic.objects.create(commitment=made, topic=one)
    return made


def deadline(commitment, statement=None, **values):
    defaults = {
        "deadline_kind": "date", "words": "حتى 1 آذار 2031", "language": "ar", "edtf": "2031-03-01", "latest": datetime.date(2031, 3, 1),
    }  # fmt: skip
    return models.Deadline.objects.create(
        commitment=commitment, statement=statement or commitment.statement, **defaults | values
    )


def assessment(commitment, status="in_progress", evidence=(), searched=(), effective="2030-07", **values):
    defaults = {
        "reason_code": "press_report",
        "rationale": {"en": "The Gazette says so."},
        "assessor": "coder-1",
        "codebook_version": "1.0",
        "effective_edtf": effective,
    }
    made = models.Assessment.objects.create(commitment=commitment, status=status, **defaults | values)
    for quote in evidence:
        models.Citation.objects.create(quote=quote, assessment=made, part="evidence", stance="supports")
    for document in searched:
        models.AssessmentSearch.objects.create(assessment=made, document=document)
    return made


def published(*, deadline_values=None, author="author", approver="approver"):
    """North's undertaking towards South, with one deadline, approved: {"north", "south", "document", "quote", "statement", …}."""
    made = {}
    with act(actor=author, reason="record the joint statement"):
        made["security"] = topic()
        made["north"], made["south"] = party(), party("south", name={"en": "South", "ar": "الجنوب"})
        made["document"] = document()
        made["quote"] = quote(made["document"])
        made["statement"] = statement(issuers=[made["north"], made["south"]])
        made["commitment"] = commitment(
            made["statement"],
            [made["north"]],
            [made["quote"]],
            beneficiaries=[made["south"]],
            topics=[made["security"]],
        )
        made["deadline"] = deadline(made["commitment"], **deadline_values or {})
    records = [made[name] for name in ("security", "north", "south", "document", "statement", "commitment", "deadline")]
    actions.publish(records, by=approver, reason="checked against the source")
    return made


def published_before():
    """What `published()` made in this database, read again."""
    kinds = ("document", "quote", "statement", "commitment", "deadline")
    made = {name: getattr(models, name.title()).objects.get() for name in kinds}
    return made | {"security": models.Topic.objects.get()} | {party.pk: party for party in models.Party.objects.all()}


def everything():
    """As `published()`, and beside it drafts with a row of every model and a value in every foreign key."""
    made = published()
    with act(actor="author", reason="draft what the next round may bring"):
        made["process"] = models.Process.objects.create(ref="talks", name={"en": "Talks", "ar": "محادثات"})
        made["trade"] = topic("trade", name={"en": "Trade"})
        made["league"] = party("league", party_kind="coalition", name={"en": "League"})
        made["leaflet"] = document(
            "leaflet", text="بيان", publisher="", published_words="", published_edtf="", gaps=UNKNOWN
        )
        models.PartyAlias.objects.create(party=made["league"], name="العصبة", language="ar")
        models.PartyMember.objects.create(party=made["league"], member=made["north"])
        measures = {"length": len(TEXT.encode()), "characters": len(TEXT), "sha256": made["document"].sha256}
        models.DocumentText.objects.create(document=made["document"], text=TEXT, **measures)
        made["spoken"] = quote(
            made["document"], exact="الجنوب ستفتح الحدود", voice="speaker_quoted", speaker=made["south"]
        )
        date = {"issued_words": "1 June 2030", "issued_edtf": "2030-06-01", "issued_quote": made["spoken"]}
        made["second"] = statement("talks-2030-06-01", [made["north"]], process=made["process"], round=2, **date)
        made["opening"] = commitment(
            made["second"],
            [made["south"]],
            [made["spoken"]],
            "talks-2030-06-01-01",
            [made["north"]],
            [made["security"]],
        )
        models.Citation.objects.create(quote=made["quote"], commitment=made["opening"], part="chapeau")
        made["differs"] = models.Divergence.objects.create(
            commitment=made["opening"], quote=made["spoken"], other=made["quote"], explanation={"en": "Other words."}
        )
        made["term"] = deadline(made["opening"])
        made["longer"] = deadline(made["opening"], replaces=made["term"], change="replaces")
        models.Citation.objects.create(quote=made["spoken"], deadline=made["term"], part="deadline")
        made["judged"] = assessment(made["opening"], searched=[made["document"]], obligor=made["south"])
        claim = {"part": "evidence", "stance": "disputes", "claimant": made["north"]}
        models.Citation.objects.create(quote=made["spoken"], assessment=made["judged"], **claim)
        made["corrected"] = assessment(made["opening"], corrects=made["judged"], obligor=made["south"])
        relation = {"commitment": made["opening"], "relation_kind": "related", "scope": "wider"}
        made["link"] = models.Relation.objects.create(target=made["commitment"], **relation)
        made["mention"] = models.Relation.objects.create(target_statement=made["statement"], **relation)
        made["user"] = models.User.objects.create_user("curator", password="a password that nobody reads")
        key, origin = Ed25519PrivateKey.generate(), checkpoints.origin_of()
        made["key"] = checkpoints.public_record(key, origin)
        made["key"].save(force_insert=True)
        head = {"size": 1, "head": checkpoints.head(1)}
        shown = checkpoints.signed(origin, 1, "0" * 64, key, about="/public")
        made["release"] = models.Release.objects.create(ref="release-1", digest="0" * 64, note=shown, **head)
        withheld = {"entry": 999_999, "table": "commitments_topic", "reference": "libel", "reason": "a court's order"}
        made["withholding"] = models.Withholding.objects.create(ref="withholding-999999", **withheld)
    models.Checkpoint.objects.create(size=1, note=checkpoints.signed(origin, 1, head["head"], key))
    return made


def code(key, later=0):
    """The code that an app shows for a factor's stored key, now or some half minutes later."""
    clock = TOTP(models.Factor(key=key).bin_key)
    clock.time = time.time() + 30 * later
    return f"{clock.token():06d}"


def factor(user):
    """A second factor of somebody, enrolled a moment ago: (the stored key, the recovery codes)."""
    key = factors.new_key()
    proved = factors.proved(user, key=key, code=code(key))
    return key, factors.enrol(proved, instead=factors.of(user))


def approve_all():
    """Publishes every draft that there is, quotes checked where their text is attached."""
    kinds = [kind for kind in actions.KINDS.values() if kind is not models.Quote]
    with act(actor="author", reason="the text is attached"):
        actions.check_quotes(models.Quote.objects.all(), now=NOW)
    waiting = [record for kind in kinds for record in kind.objects.exclude(state="published")]
    return actions.publish(waiting, by="approver", reason="checked")


def bytes_of(folder):
    """{path below a folder: content} of every file in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextlib.contextmanager
def undone(using="default"):
    """What is done inside is as if it had never been."""
    with transaction.atomic(using=using):
        yield
        transaction.set_rollback(True, using=using)


def by_hand(statement, *parameters, using="default", actor="somebody", reason="by hand"):
    """Runs one SQL statement as a person would, deferred triggers included, and answers its rows."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        say = "SELECT set_config('tracker.actor', %s, true), set_config('tracker.reason', %s, true)"
        cursor.execute(say, [actor, reason])
        cursor.execute(statement, parameters or None)
        rows = cursor.fetchall() if cursor.description else []
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(say, ["", ""])
    return rows


def change(model, using="default"):
    """Changes the content of one row of a model by hand; answers its key. Of citations it is one of a deadline's."""
    table, pk = model._meta.db_table, model._meta.pk.column
    one = f"SELECT max({pk}) FROM {table}" + (" WHERE deadline_id IS NOT NULL" if model is models.Citation else "")
    ((key,),) = by_hand(f"UPDATE {table} SET {CHANGES[model]} WHERE {pk} = ({one}) RETURNING {pk}", using=using)
    return key


OTHER = '\'{"en": "Other"}\''
CHANGES = {  # a change of each model's content, as SQL
    models.Process: f"name = {OTHER}",
    models.Topic: f"name = {OTHER}",
    models.Party: f"name = {OTHER}",
    models.PartyAlias: "name = 'other'",
    models.PartyMember: "member_id = 'south'",
    models.Document: "language = 'fr'",
    models.DocumentText: "text = '', length = 0, characters = 0, sha256 = encode(sha256(''), 'hex')",
    models.Quote: f"translation = {OTHER}",
    models.QuoteCheck: "level = 'moved'",
    models.Statement: f"title = {OTHER}",
    models.StatementIssuer: "party_id = 'league'",
    models.Commitment: f"title = {OTHER}",
    models.CommitmentParty: "role = 'guarantor'",
    models.CommitmentTopic: "topic_id = 'trade'",
    models.Deadline: "words = 'other'",
    models.Relation: "scope = 'different'",
    models.Assessment: "assessor = 'other'",
    models.AssessmentSearch: "document_id = 'leaflet'",
    models.Divergence: f"explanation = {OTHER}",
    models.Citation: "quote_id = 'gazette-2030-05-04.quote-1'",
    models.User: "first_name = 'Other'",
    Entry: "leaf = ''",
    models.SigningKey: "public_key = repeat('B', 43) || '='",
    models.Checkpoint: "note = 'other'",
    models.Release: "digest = 'other'",
    models.Withholding: "reason = 'other'",
    models.Publication: "reason = 'other'",
    models.Standing: "status = 'stalled'",
    models.CommitmentIndex: "vector = 'other'",
}
