"""A small public register that the tests of the API read, with drafts and private texts that it must never show."""

import contextlib
import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from commitments import actions, checkpoints, models
from commitments.ledger import act
from tests import builders

NOW = datetime.datetime(2031, 6, 1, 12, tzinfo=datetime.UTC)  # after all that happens in it
CANARY = "canary-7261"  # stands in every private place: drafts, notes, texts

TEXT = (
    "أعلنت الشمال والجنوب في بيان مشترك أن الشمال ملتزمة بحماية القوافل حتى 1 آذار 2031، وأن الجنوب ستفتح الحدود. "
    "وقال الجنوب إن القوافل هوجمت مرتين. وقال الشمال إن الحدود فُتحت."
    f" ولم يصدر عن أي من الطرفين تعليق آخر على البيان حتى ساعة إعداد هذا الخبر. {CANARY}"
)
CONVOYS, BORDER = "talks-2030-05-04-01", "talks-2030-05-04-02"
BOTH, RETRACTED, DRAFT = "talks-2030-11-10-01", "talks-2030-11-10-02", "talks-2030-11-10-03"


def commitment(statement, ref, title, obligors, quote, beneficiaries=(), topics=(), **values):
    return builders.commitment(
        statement,
        obligors,
        [quote],
        ref=ref,
        title=title,
        beneficiaries=beneficiaries,
        topics=topics,
        note=CANARY,
        **values,
    )


@contextlib.contextmanager
def shared(django_db_blocker):
    """The register for a whole module: built once, in a transaction in which those of the tests nest."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def build() -> dict:
    """The records by name; approved are all but the draft, and one is retracted again."""
    with act(actor="author", reason="record two joint statements"):
        made = base()
        made |= first_round(made)
        made |= second_round(made)
    with act(actor="author", reason=f"begin another: {CANARY}"):
        made["draft"] = commitment(made["second"], DRAFT, {"en": CANARY}, [made["north"]], made["reported"])
        models.Topic.objects.create(ref=f"topic-{CANARY}", name={"en": CANARY})
    public = [made[name] for name in made if name not in ("draft", "opened", "reported", "undertaken", "attacked")]
    order = list(actions.RENDER)
    public.sort(key=lambda record: (order.index(record.kind()), record.ref))
    actions.publish(public, by="approver", reason="checked against the source")
    actions.retract(made["retracted"], by="approver", reason="It repeated another one.")
    return made


def base() -> dict:
    made = {
        "security": builders.topic(note=CANARY),
        "borders": builders.topic("diplomatic-relations", name={"en": "Diplomatic relations", "ar": "العلاقات"}),
        "talks": models.Process.objects.create(ref="talks", name={"en": "The talks", "ar": "المحادثات"}, note=CANARY),
        "north": builders.party(iso3166="QN"),
        "south": builders.party("south", name={"en": "South", "ar": "الجنوب"}),
        "union": builders.party("union", name={"en": "Union", "ar": "الاتحاد"}, party_kind="coalition"),
        "gazette": builders.document(text=TEXT, note=CANARY),
    }
    models.PartyMember.objects.create(party=made["union"], member=made["north"])
    models.PartyAlias.objects.create(party=made["north"], name="Northland", language="en")
    models.DocumentText.objects.create(
        document=made["gazette"], text=TEXT, sha256=made["gazette"].sha256,
        length=len(TEXT.encode()), characters=len(TEXT),
    )  # fmt: skip
    said = {"translation": {"en": "South said that the convoys were attacked twice"}, "speaker": made["south"]}
    return made | {
        "undertaken": builders.quote(made["gazette"], text=TEXT),
        "opened": builders.quote(
            made["gazette"], "الجنوب ستفتح الحدود", TEXT, translation={"en": "South will open the border"}
        ),
        "attacked": builders.quote(made["gazette"], "القوافل هوجمت مرتين", TEXT, voice="speaker_reported", **said),
        "reported": builders.quote(made["gazette"], "الحدود فُتحت", TEXT, voice="narrative", translation={}),
    }


def first_round(made: dict) -> dict:
    statement = builders.statement(issuers=[made["north"], made["south"]], process=made["talks"], round=1, note=CANARY)
    convoys = commitment(
        statement, CONVOYS, {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"}, [made["north"]],
        made["undertaken"], [made["south"]], [made["security"]],
    )  # fmt: skip
    border = commitment(
        statement, BORDER, {"en": "South opens the border", "ar": "الجنوب تفتح الحدود"}, [made["south"]],
        made["opened"], [made["north"]], [made["borders"]], strength="agrees",
    )  # fmt: skip
    return {
        "first": statement,
        "convoys": convoys,
        "border": border,
        "deadline": builders.deadline(convoys),
        "earlier": builders.deadline(
            border, words="by 1 January 2031", language="en", edtf="2031-01-01", latest=datetime.date(2031, 1, 1)
        ),
        "stalled": builders.assessment(border, "stalled", evidence=[made["reported"]]),
    }


def second_round(made: dict) -> dict:
    statement = builders.statement(
        "talks-2030-11-10", [made["north"], made["south"]], process=made["talks"], round=2,
        issued_words="November 2030", issued_edtf="2030-11", title={"en": "Second statement", "ar": "البيان الثاني"},
    )  # fmt: skip
    both = commitment(
        statement, BOTH, {"en": "Both meet every year", "ar": "يجتمعان كل سنة"}, [made["north"], made["south"]],
        made["undertaken"], topics=[made["security"], made["borders"]], strength="intends",
    )  # fmt: skip
    retracted = commitment(statement, RETRACTED, {"en": "A double"}, [made["north"]], made["undertaken"])
    assessed = builders.assessment(
        both, "in_progress", evidence=[made["reported"]], searched=[made["gazette"]], effective="2030-12-15"
    )
    own = builders.assessment(
        both, "fulfilled", evidence=[made["reported"]], effective="2031-01-20", obligor=made["north"]
    )
    models.Citation.objects.create(
        quote=made["attacked"], assessment=own, part="evidence", stance="disputes", claimant=made["south"]
    )
    relation = models.Relation.objects.create(
        commitment=both, relation_kind="reaffirms", target=made["convoys"], scope="wider", note=CANARY
    )
    named = models.Relation.objects.create(
        commitment=both, relation_kind="extends", target_statement=made["first"], scope="different"
    )
    made = {"second": statement, "both": both, "retracted": retracted}
    return made | {"assessed": assessed, "own": own, "link": relation, "named": named}


def release() -> None:
    """A release of the register, whose bundle nobody asks for."""
    key, origin = Ed25519PrivateKey.generate(), checkpoints.origin_of()
    head = {"size": 1, "head": checkpoints.head(1)}
    note = checkpoints.signed(origin, 1, "0" * 64, key, about="/public")
    with act(actor="approver", reason="the monthly release"):
        checkpoints.public_record(key, origin).save(force_insert=True)
        models.Release.objects.create(ref="release-1", digest="0" * 64, note=note, **head)
    models.Checkpoint.objects.create(size=1, note=checkpoints.signed(origin, 1, head["head"], key))


def problem(response, status: int) -> dict:
    """The problem that a response holds, checked for what every problem has."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), response.content
    found = response.json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "request_id"]
    assert (found["type"], found["status"], response["X-Request-ID"]) == ("about:blank", status, found["request_id"])
    assert response["Cache-Control"] == "no-store"
    return found
