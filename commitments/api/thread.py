"""A commitment's thread: what became of one undertaking through the rounds, in time order, with the words of each step."""

import datetime
import re
from collections.abc import Iterable, Iterator

import orjson
from django.db.models import QuerySet

from .. import threads
from ..models import RelationKind
from . import renderers

EVENTS = {  # what can happen to an undertaking: its label in English and Arabic
    "made": ("Made", "قُطع"),
    "restated": ("Restated", "أُعيد"),
    "specified": ("Specified", "فُصّل"),
    "narrowed": ("Narrowed", "ضُيّق"),
    "widened": ("Widened", "وُسّع"),
    "extended": ("Extended", "مُدّد"),
    "replaced": ("Replaced", "استُبدل"),
    "deadline_set": ("Deadline set", "حُدّد أجل"),
    "deadline_extended": ("Deadline extended", "مُدّد الأجل"),
    "deadline_replaced": ("Deadline replaced", "استُبدل الأجل"),
    "fulfilled": ("Fulfilled", "أُنجز"),
    "dropped": ("Dropped", "أُسقط"),
}
RELATED = {  # what a relation of a kind and scope says of the older commitment's undertaking
    ("reaffirms", "same"): "restated",
    ("reaffirms", "wider"): "widened",
    ("reaffirms", "narrower"): "narrowed",
    ("reaffirms", "different"): "restated",
    ("specifies", "same"): "specified",
    ("specifies", "wider"): "widened",
    ("specifies", "narrower"): "narrowed",
    ("specifies", "different"): "specified",
    ("extends", "same"): "extended",
    ("extends", "wider"): "widened",
    ("extends", "narrower"): "extended",
    ("extends", "different"): "extended",
    **{("supersedes", scope): "replaced" for scope in ("same", "wider", "narrower", "different")},
    **{("same_as", scope): "restated" for scope in ("same", "wider", "narrower", "different")},
    **{("fulfils", scope): "fulfilled" for scope in ("same", "wider", "narrower", "different")},
}
JUDGED = {"fulfilled": "fulfilled", "withdrawn": "dropped", "superseded": "replaced"}  # by the status of the whole
CHANGED = {None: "deadline_set", "extends": "deadline_extended", "replaces": "deadline_replaced"}
NO_SLIP = {  # why two deadlines are no number of days apart
    "no_first_date": (
        "No deadline of this thread has a date.",
        "ليس لأي أجل في هذه السلسلة تاريخ.",
    ),
    "no_latest_day": ("This deadline has no latest day.", "ليس لهذا الأجل يوم أخير."),
    "not_due": (
        "It says from or until when the duty holds, not by when something is due.",
        "يبيّن من متى أو إلى متى يسري الواجب، لا متى يحلّ أجله.",
    ),
    "imprecise": (
        "This deadline's date isn't a day: its words say no more.",
        "تاريخ هذا الأجل ليس يومًا بعينه: لا تقول ألفاظه أكثر.",
    ),
    "first_imprecise": (
        "The first deadline's date isn't a day: its words say no more.",
        "تاريخ الأجل الأول ليس يومًا بعينه: لا تقول ألفاظه أكثر.",
    ),
}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DUE = ("ref", "sense", "kind", "text", "edtf", "earliest", "latest")
RULE = {
    "en": "One undertaking through the rounds: commitments that public relations join, each of which reaffirms, specifies,"
    " extends, supersedes or is the same as another. Those made after the day are left out. What fulfils one of them is"
    " shown, and is an undertaking of its own. Dropped is what an assessment of the whole calls withdrawn; silence drops"
    " nothing. The latest in force is the last by its statement's date that no other replaced; one without a date stands just after"
    " what it links to, else before all others.",
    "ar": "تعهد واحد عبر الجولات: تعهدات تربطها علاقات منشورة، يجدد أحدها الآخر أو يفصّله أو يمدّده أو يحلّ محله أو هو نفسه."
    " ويُستثنى ما قُطع بعد اليوم المطلوب. وما ينجز أحدها يُعرض، وهو تعهد قائم بذاته. والمُسقَط ما يصفه تقييم التعهد كله بأنه مسحوب؛"
    " والسكوت لا يُسقط شيئًا. والأخير النافذ آخرها بتاريخ بيانه مما لم يحلّ محله غيره؛ وما لا تاريخ له يلي ما يرتبط به مباشرة، وإلا سبق الجميع.",
}


def label(events: Iterable[str]) -> dict:
    """Events in words."""
    words = [EVENTS[event] for event in events]
    return {"en": ", ".join(english for english, _ in words), "ar": "، ".join(arabic for _, arabic in words)}


def read(
    members: Iterable[str], size: int | None, day: datetime.date, rows: QuerySet
) -> tuple[dict[str, dict], list[dict]]:
    """(The public JSON of the members, and of what fulfils them, by reference, that of the relations to the members).

    `rows`: the commitments as they stand on the day.
    """
    links = threads.links(size, day, (*threads.KINDS, RelationKind.FULFILS))
    links = links.filter(named__overlap=[threads.NAME + ref for ref in members]).order_by("record")
    relations = [{"ref": ref} | orjson.loads(body) for ref, body in links.values_list("record", "body")]
    wanted = {*members, *(relation["commitment"] for relation in relations)}
    columns = "index__publication__record", "index__publication__body", "body", "index__publication__detail"
    found = rows.filter(index__publication__kind="commitment", index__publication__record__in=wanted).values_list(
        *columns
    )
    shown = {
        ref: renderers.joined(renderers.of_day(body, standing), renderers.raw(detail))
        for ref, body, standing, detail in found
    }
    return {ref: orjson.loads(whole) for ref, whole in shown.items()}, relations


class Thread:
    """One thread on a day.

    `found`: the public JSON of its members, and of what fulfils them, by reference; `relations`: that of the relations
    to its members, each with its `ref`. Addresses are made below `bases`, those of the lists by name.
    """

    def __init__(
        self,
        members: Iterable[str],
        found: dict[str, dict],
        relations: list[dict],
        day: datetime.date,
        bases: dict[str, str],
        language: str | None,
    ):
        self.found, self.bases, self.language, self.day = found, bases, language, day.isoformat()
        self.relations = relations
        self.members = sorted(members)
        self.first = self.first_deadline()

    def issued(self, ref: str) -> str:
        """The last day of the date of a commitment's statement; "" where that is unknown."""
        issued = self.found[ref]["statement"]["issued"]
        return (issued and issued["latest"]) or ""

    def made(self, ref: str) -> tuple[str, bool, str]:
        """A commitment's place in time: one without a date comes just after what it links to, else before all others."""
        known = self.issued(ref)
        kinds = threads.KINDS if ref in self.members else (RelationKind.FULFILS,)
        linked = [each for each in self.relations if each["commitment"] == ref and each["kind"] in kinds]
        return known or max((self.issued(each["target"]["ref"]) for each in linked), default=""), not known, ref

    def deadlines(self) -> Iterator[tuple[str, str, dict]]:
        """(The day on which it was set, its commitment, itself) of every deadline of the members."""
        for ref in self.members:
            for deadline in self.found[ref]["deadlines"]:
                issued = deadline["set_by"]["issued"]
                yield (issued and issued["latest"]) or "", ref, deadline

    def first_deadline(self) -> dict | None:
        """The first deadline by which something was due on a date."""
        dated = [
            (day, deadline["latest"], deadline["ref"], deadline)
            for day, _ref, deadline in self.deadlines()
            if deadline["sense"] == "due" and deadline["latest"] and day <= self.day
        ]
        return min(dated)[-1] if dated else None

    def slip(self, deadline: dict) -> dict:
        """By how many days a deadline lies after the first date, as the component Slip says."""
        first = self.first or {"edtf": ""}
        reasons = {
            "not_due": deadline["sense"] != "due",
            "no_latest_day": not deadline["latest"],
            "no_first_date": not self.first,
            "first_imprecise": not DAY.fullmatch(first["edtf"]),
            "imprecise": not DAY.fullmatch(deadline["edtf"] or ""),
        }
        why = next((reason for reason, holds in reasons.items() if holds), None)
        if why:
            return {"days": None, "reason": why, "label": dict(zip(("en", "ar"), NO_SLIP[why], strict=True))}
        late, early = (datetime.date.fromisoformat(each["latest"]) for each in (deadline, first))
        return {"days": (late - early).days, "reason": None, "label": None}

    def due(self, deadline: dict | None) -> dict | None:
        """A deadline with its slip, as the component ThreadDeadline says."""
        return deadline and {name: deadline[name] for name in DUE} | {"slip": self.slip(deadline)}

    def named(self, ref: str) -> dict:
        """A commitment by name, as the component CommitmentLink says."""
        return {"ref": ref, "url": f"{self.bases['commitments']}{ref}/", "title": self.found[ref]["title"]}

    def commitment(self, ref: str) -> dict:
        """A commitment in short, as the component ThreadCommitment says."""
        whole = self.found[ref]
        shown = {name: whole[name] for name in ("strength", "status", "schedule", "contested", "parties")}
        labels = renderers.labels(self.language, **{name: whole[name] for name in ("strength", "status", "schedule")})
        return self.named(ref) | shown | orjson.loads(labels)

    def head(self, ref: str, members: str) -> dict:
        """Whose thread it is, and what can be said of it as a whole; `members` is the address of its commitments."""
        first = self.first and {name: self.first[name] for name in DUE}
        about = {"rule": RULE, "commitments": len(self.members), "latest": self.latest(), "first_deadline": first}
        return {"ref": ref, "url": f"{self.bases['commitments']}{ref}/", "commitments_url": members} | about

    def latest(self) -> dict:
        """The latest member in force, with the deadline that it has on the day."""
        replaced = {each["target"]["ref"] for each in self.relations if each["kind"] == "supersedes"}
        replaced |= {ref for ref in self.members if self.found[ref]["status"] == "superseded"}
        last = max(self.members, key=lambda ref: (ref not in replaced, self.made(ref)))
        return self.commitment(last) | {"due": self.due(self.found[last]["due"])}

    def entries(self) -> list[dict]:
        """All that happened, as the component ThreadEntry says, in time order."""
        told = [*self.commitments(), *self.changes(), *self.judgements()]
        shown = [each for _key, each in sorted(told, key=lambda each: each[0])]
        return [{"number": number} | each for number, each in enumerate(shown, start=1)]

    def entry(self, place: tuple, ref: str, events: list[str], on: dict | None, **more) -> tuple[tuple, dict]:
        """(Its place in time, an entry)."""
        ordered = [event for event in EVENTS if event in events]
        shown = {"events": ordered, "label": label(ordered), "date": on, "commitment": self.commitment(ref)}
        empty = {"statement": None, "relations": [], "deadline": None, "assessment": None, "quotes": []}
        return place, shown | empty | more

    def commitments(self) -> Iterator[tuple[tuple, dict]]:
        """The commitments, each with what it does to earlier ones."""
        for ref in sorted(self.found):
            whole = self.found[ref]
            links = [self.link(each) for each in self.relations if each["commitment"] == ref]
            own = [each for each in whole["deadlines"] if each["set_by"]["ref"] == whole["statement"]["ref"]]
            first = [each for each in own if each["replaces"] is None]
            last = "9999-12-31"
            due = min(
                first, key=lambda each: (each["sense"] != "due", each["latest"] or last, each["ref"]), default=None
            )
            yield self.entry(
                (self.made(ref)[0], 0, *self.made(ref)[1:]),
                ref,
                [link["event"] for link in links] or ["made"],
                whole["statement"]["issued"],
                statement=self.statement(whole["statement"]),
                relations=links,
                deadline=self.due(due) if ref in self.members else None,
                quotes=whole["quotes"],
            )

    def link(self, relation: dict) -> dict:
        """A relation, as the component ThreadRelation says."""
        event = RELATED[relation["kind"], relation["scope"]]
        kept = {name: relation[name] for name in ("ref", "kind", "scope", "explanation")}
        url = f"{self.bases['relations']}{relation['ref']}/"
        return (
            {"event": event, "label": label([event]), "url": url} | kept | {"of": self.named(relation["target"]["ref"])}
        )

    def statement(self, named: dict) -> dict:
        """A statement by name, as the component StatementLink says."""
        return named | {"url": f"{self.bases['statements']}{named['ref']}/"}

    def changes(self) -> Iterator[tuple[tuple, dict]]:
        """The deadlines that another statement set, or that took the place of another."""
        for day, ref, deadline in self.deadlines():
            elsewhere = deadline["set_by"]["ref"] != self.found[ref]["statement"]["ref"]
            if day <= self.day and (elsewhere or deadline["replaces"]):
                yield self.entry(
                    (day, 1, False, deadline["ref"]),
                    ref,
                    [CHANGED[deadline["change"]]],
                    deadline["set_by"]["issued"],
                    statement=self.statement(deadline["set_by"]),
                    deadline=self.due(deadline),
                    quotes=deadline["citations"],
                )

    def judgements(self) -> Iterator[tuple[tuple, dict]]:
        """The assessments of a whole commitment by which its undertaking ends; one that says so again is left out."""
        for ref in self.members:
            whole = self.found[ref]
            corrected = {each["corrects"] for each in whole["assessments"]}
            counting = [
                each
                for each in whole["assessments"]
                if each["obligor"] is None and each["ref"] not in corrected and each["counts_from"] <= self.day
            ]
            before = None
            for each in sorted(counting, key=lambda each: (each["counts_from"], order(each["ref"]))):
                event = JUDGED.get(each["status"])
                if event and event != before:
                    kept = {name: each[name] for name in ("ref", "status", "reason", "rationale", "counts_from")}
                    shown = kept | {"url": f"{self.bases['assessments']}{each['ref']}/"}
                    labels = renderers.labels(self.language, status=each["status"], reason_code=each["reason"])
                    yield self.entry(
                        (each["counts_from"], 2, False, each["ref"]),
                        ref,
                        [event],
                        each["effective"],
                        assessment=shown | orjson.loads(labels),
                        quotes=each["evidence"],
                    )
                before = event


def order(ref: str) -> int:
    """A part's number: that of `x.assessment-12` is 12."""
    return int(ref.rpartition("-")[2])
