"""What a passage can become: a new commitment, a citation for one that there is, evidence for a judgement."""

import json
from typing import Any

from django import forms
from django.contrib.admin.sites import AdminSite
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from commitments import actions, codebook, intake, models, text

from . import display, kept, once, widgets
from .forms import DeskForm
from .marking import Mark, Offered, add, named

OTHERS = 2  # rows for parties that aren't offered
TITLE = 90  # characters of a passage that are proposed as a title


def offer(passage: intake.Passage) -> list[tuple[str, SafeString]]:
    """The commitments that a document's quotes prove, then those that a passage is most like."""
    own = models.Commitment.objects.filter(
        pk__in=models.Citation.objects.filter(quote__document=passage.document).values("commitment")
    )
    found = {each.pk: named(each) for each in own.order_by("-ref")[: intake.SHOWN]}
    found |= {each.commitment.pk: named(each.commitment, f"{each.likeness:.0%}") for each in intake.similar(passage)}
    return list(found.items())


def chosen(ref: str | None) -> models.Commitment | None:
    """The commitment of an offered reference."""
    return models.Commitment.objects.filter(pk=ref).first() if ref else None


class Parties(forms.Form):
    """Who owes, gains, supports: a role for each party that is offered, and rows for others."""

    def __init__(self, *args, found: list[models.Party], site: AdminSite, **kwargs):
        super().__init__(*args, **kwargs)
        roles, party = models.Role.choices, models.CommitmentParty._meta.get_field("party")
        for each in found:
            self.fields[each.pk] = Offered(roles, none=_("no part in it"), label=named(each))
        for n in range(OTHERS):
            look_up = {"widget": widgets.RecordSelect(party, site), "form_class": widgets.RecordField}
            self.fields[f"other{n}"] = party.formfield(**look_up, required=False, label=_("Another party"))
            self.fields[f"role{n}"] = forms.ChoiceField(
                choices=[("", "---------"), *roles], required=False, label=_("Role")
            )
        self.found = {each.pk: each for each in found}

    def clean(self) -> dict:
        cleaned = super().clean()
        self.roles = [(party, cleaned[ref]) for ref, party in self.found.items() if cleaned.get(ref)]
        for n in range(OTHERS):
            party, role = cleaned.get(f"other{n}"), cleaned.get(f"role{n}")
            if bool(party) != bool(role):
                self.add_error(f"role{n}", _("Give the party and its role, or neither."))
            elif party:
                self.roles.append((party, role))
        if not any(role == models.Role.OBLIGOR for _party, role in self.roles):
            self.add_error(None, _("Say who owes it: one of the parties is the obligor."))
        return cleaned


class CommitmentForm(DeskForm):
    """A commitment of a statement that is offered, or of another; its reference is the statement's next, if left empty."""

    def __init__(self, *args, offered: list[models.Statement], proposed: dict[str, str], proposed_at: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered, self.proposed_at = {each.pk: each for each in offered}, proposed_at
        self.proposed = proposed
        self.fields["ref"].required = self.fields["statement"].required = False
        self.fields["ref"].help_text = _("The statement's next number, if left empty.")
        self.fields["statement"].label = _("Another statement")
        choices = [(each.pk, named(each, proposed[each.pk])) for each in offered]
        self.fields["offered"] = Offered(choices, none=_("another one, named below"), label=_("Statement"))
        self.fields["ref"].widget.attrs["data-proposed"] = json.dumps(proposed)

    def clean(self) -> dict:
        cleaned = super().clean()
        statement = self.offered.get(cleaned.get("offered")) or cleaned.get("statement")
        if not statement and not self.errors.keys() & {"offered", "statement"}:
            self.add_error("offered", _("Say in which statement it was made."))
        if statement:
            cleaned["statement"] = statement
            wanted = cleaned.get("ref") or ""
            self.wanted = "" if wanted in self._of_others(statement) else wanted
            try:
                cleaned["ref"] = self.reference(statement)
            except actions.Refused as error:
                self.add_error("ref", str(error))
        return cleaned

    def _of_others(self, statement: models.Statement) -> set[str]:
        """What is proposed for the other statements on offer, or was when the form was made."""
        rows = [self.proposed, intake.next_references(self.offered.values(), self.proposed_at)]
        return {ref for row in rows for other, ref in row.items() if other != statement.pk}

    def reference(self, statement: models.Statement) -> str:
        """The reference that it gets now; Refused if what was typed is taken."""
        return intake.reference(statement, self.wanted, proposed_at=self.proposed_at)


class NewCommitment(Mark):
    """A commitment with its parties, citation, deadline and relation."""

    name, label, title = "commitment", _("New commitment"), _("New commitment from this passage")

    def build(self) -> None:
        own = intake.own_statements(self.passage.document)
        self.statements = own + [each for each in intake.other_statements(self.passage.document) if each not in own]
        self.statements = self.statements[: intake.STATEMENTS]
        known = own[0] if len(own) == 1 else None
        proposed = intake.next_references(self.statements)
        language = self.passage.document.language.partition("-")[0]
        title = " ".join(text.REFUSED.sub("", self.passage.exact).split())
        initial = {
            "offered": known.pk if known else "",
            "ref": proposed[known.pk] if known else "",
            "title": {language: title if len(title) <= TITLE else title[:TITLE].rpartition(" ")[0] + " …"},
        }
        names = ["ref", "statement", "title", "strength", "condition", "fulfilled_if", "not_fulfilled_if"]
        told = {"offered": self.statements, "proposed": proposed, "initial": initial, "proposed_at": self._shown_at()}
        self.commitment = self.form(models.Commitment, names, CommitmentForm, **told)
        success = ["fulfilled_if", "not_fulfilled_if"]
        groups = [
            (_("Commitment"), ["offered", "statement", "ref", "title", "strength", "condition"]),
            (_("Test of success"), success),
        ]
        self.sheet(self.commitment, *groups)
        self.parties = Parties(self.data, prefix="party", found=intake.parties(self.statements), site=self.site)
        rows = [(f"other{n}", f"role{n}") for n in range(OTHERS)]
        self.sheet(self.parties, (_("Who owes what to whom"), [*self.parties.found, *rows]))
        statement = self._statement() or known
        self._build_deadline(statement)
        self._build_relation(statement)

    def _shown_at(self) -> int:
        """How long the ledger was when the form that was sent was made; 0 of one that wasn't made here, which is refused later."""
        try:
            return once.carried(self.request).size
        except actions.Refused:
            return 0

    def _statement(self) -> models.Statement | None:
        """The statement that the form was sent with."""
        if self.data is None or not self.commitment.is_valid():
            return None
        return self.commitment.cleaned_data["statement"]

    def _build_deadline(self, statement: models.Statement | None) -> None:
        dates = [each.issued_edtf for each in ([statement] if statement else self.statements)]
        found = intake.deadlines(self.passage, [*dates, self.passage.document.published_edtf])
        self.proposals = {each.code: each for each in found}
        choices = [(code, self._shown(each)) for code, each in self.proposals.items()]
        senses = forms.ChoiceField(
            choices=models.DeadlineSense.choices, initial="due", label=_("Sense"), required=False
        )
        none = _("none of this: it has no deadline, or I add it later")
        label = _("Words found in or near the passage")
        self.deadline = self.fields("deadline", words=Offered(choices, none=none, label=label), sense=senses)
        if found or (self.data or {}).get("deadline-words"):  # what is chosen and no longer offered is told
            self.sheet(self.deadline, (_("Deadline"), ["words", "sense"]))

    def _shown(self, each: intake.Proposal) -> SafeString:
        days = format_html("<bdi>{}</bdi>", each.edtf) if each.edtf else _("no day")
        ends = " – ".join(str(day or "…") for day in (each.earliest, each.latest)) if each.edtf else ""
        counted = format_html(" · {} <bdi>{}</bdi>", _("counted from"), each.anchor) if each.anchor else ""
        kind = display.code("deadline_kind", each.kind)
        said = display.words(each.words, self.passage.document.language)
        inside = self.passage.start <= each.start and each.end <= self.passage.end
        days = format_html('{} <bdi dir="ltr">{}</bdi>{}', days, ends and f"({ends})", counted)
        return format_html(
            "“{}”: {} · {}{}", said, kind, days, "" if inside else format_html(" · {}", _("beside the passage"))
        )

    def _build_relation(self, statement: models.Statement | None) -> None:
        found = intake.similar(self.passage, statement)
        choices = [(each.commitment.pk, named(each.commitment, f"{each.likeness:.0%}")) for each in found]
        kinds, scopes = models.RelationKind, models.RelationScope
        self.relation = self.fields(
            "relation",
            similar=Offered(choices, none=_("none of these"), label=_("Like it, in earlier statements")),
            target=self.look_up(models.Relation, "target", _("Another commitment")),
            relation_kind=self._codes(kinds, _("This commitment … that one")),
            scope=self._codes(scopes, _("Scope")),
        )
        lines = [*(["similar"] if choices else []), "target", ("relation_kind", "scope")]
        self.sheet(self.relation, (_("Said before?"), lines))

    def _codes(self, codes: type, label: Any) -> forms.ChoiceField:
        choices = [("", "---------"), *codes.choices]
        return forms.ChoiceField(
            choices=choices, required=False, label=label, widget=widgets.CodeSelect(codes.vocabulary)
        )

    def is_valid(self) -> bool:
        valid = super().is_valid()
        told = getattr(self.relation, "cleaned_data", {})
        linked = bool(told.get("similar") or told.get("target"))
        for name in ("relation_kind", "scope"):
            if linked != bool(told.get(name)):
                self.relation.add_error(
                    name, _("To link them, choose the commitment, the kind and the scope; else none.")
                )
        return valid and self.relation.is_valid()

    def make(self, quote: models.Quote) -> list[models.Record]:
        commitment, wanted = self.commitment.instance, self.commitment.wanted
        intake.in_turn(commitment.statement)
        commitment.ref = self.commitment.reference(commitment.statement)
        if wanted and wanted != commitment.ref:
            told = {"ref": wanted, "next": commitment.ref}
            self.told = now("%(ref)s was taken meanwhile: the next reference, %(next)s, was given.") % told
        commitment.save(force_insert=True)
        for party, role in self.parties.roles:
            add(models.CommitmentParty(commitment=commitment, party=party, role=role))
        add(models.Citation(quote=quote, commitment=commitment, part=models.CitationPart.UNDERTAKING))
        return [commitment, *self._make_deadline(commitment, quote), *self._make_relation(commitment)]

    def _make_deadline(self, commitment: models.Commitment, quote: models.Quote) -> list[models.Record]:
        taken = self.proposals and self.proposals.get(self.deadline.cleaned_data["words"])
        if not taken:
            return []
        document = self.passage.document
        sources = [(commitment.statement.issued_words, commitment.statement.issued_edtf)]
        sources.append((document.published_words, document.published_edtf))
        words = next((words for words, edtf in sources if taken.anchor and edtf == taken.anchor), "")
        deadline = add(
            models.Deadline(
                commitment=commitment,
                statement=commitment.statement,
                sense=self.deadline.cleaned_data["sense"] or models.DeadlineSense.DUE,
                deadline_kind=taken.kind,
                words=taken.words,
                language=document.language,
                edtf=taken.edtf,
                earliest=taken.earliest,
                latest=taken.latest,
                anchor_words=words,
                anchor_edtf=taken.anchor,
            )
        )
        if not quote.start <= taken.start <= taken.end <= quote.end:
            told = {"voice": quote.voice, "speaker": quote.speaker}
            quote = intake.quote(intake.passage(document, taken.start, taken.end), now=timezone.now(), **told)
        add(models.Citation(quote=quote, deadline=deadline, part=models.CitationPart.DEADLINE))
        return [deadline]

    def _make_relation(self, commitment: models.Commitment) -> list[models.Record]:
        told = self.relation.cleaned_data
        if not (target := (told["target"] and told["target"].pk) or told.get("similar")):
            return []
        values = {"relation_kind": told["relation_kind"], "scope": told["scope"]}
        return [add(models.Relation(commitment=commitment, target_id=target, **values))]


class Cite(Mark):
    """A citation for a commitment or a deadline that there is."""

    name, label, title = "cite", _("Cite it for …"), _("Cite this passage for a commitment or a deadline")

    def build(self) -> None:
        parts = [choice for choice in models.CitationPart.choices if choice[0] != models.CitationPart.EVIDENCE]
        offered = offer(self.passage)
        self.cited = self.fields(
            "cite",
            offered=Offered(offered, none=_("another one, named below"), label=_("Commitment")),
            commitment=self.look_up(models.Citation, "commitment", _("Another commitment")),
            deadline=self.look_up(models.Citation, "deadline", _("Or a deadline")),
            part=forms.ChoiceField(
                choices=[("", "---------"), *parts], label=_("Part"), widget=widgets.CodeSelect("part")
            ),
        )
        self.sheet(self.cited, (_("What it proves"), ["offered", "commitment", "deadline", "part"]))

    def make(self, quote: models.Quote) -> list[models.Record]:
        told = self.cited.cleaned_data
        target = {"commitment": told["commitment"] or chosen(told["offered"])}
        if told["deadline"]:
            target = {"deadline": told["deadline"]}
        add(models.Citation(quote=quote, part=told["part"], **target))
        return [record for record in target.values() if record]


class Evidence(Mark):
    """Evidence for a judgement: one that there is, or a new one."""

    name, label, title = "evidence", _("Evidence for …"), _("Use this passage as evidence for an assessment")
    JUDGED = ("commitment", "obligor", "status", "reason_code", "rationale", "effective_words", "effective_edtf")

    def build(self) -> None:
        self.evidence = self.fields(
            "evidence",
            **told_of_evidence(self),
            assessment=self.look_up(models.Citation, "assessment", _("Assessment that there is")),
        )
        self.sheet(self.evidence, (_("As evidence it …"), ["stance", "claimant", "assessment"]))
        offered = offer(self.passage)
        self.judged = self.form(models.Assessment, [*self.JUDGED], JudgementForm, offered=offered)
        lines = ["offered", *self.JUDGED[:5], self.JUDGED[5:]]
        self.sheet(self.judged, (_("Or a new assessment"), lines))

    def asked(self, form: forms.BaseForm) -> bool:
        return form is not self.judged or not (self.evidence.is_valid() and self.evidence.cleaned_data["assessment"])

    def make(self, quote: models.Quote) -> list[models.Record]:
        told = self.evidence.cleaned_data
        assessment = told["assessment"]
        if not assessment:
            assessment = self.judged.instance
            assessment.assessor, assessment.codebook_version = self.request.user.pseudonym, codebook.read()["version"]
            add(assessment)
        claim = {"stance": told["stance"], "claimant": told["claimant"], "part": models.CitationPart.EVIDENCE}
        add(models.Citation(quote=quote, assessment=assessment, **claim))
        return [assessment]


class JudgementForm(DeskForm):
    """An assessment of a commitment that is offered, or of another."""

    def __init__(self, *args, offered: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["commitment"].required = False
        self.fields["commitment"].label = _("Another commitment")
        self.fields["offered"] = Offered(offered, none=_("another one, named below"), label=_("Commitment"))

    def clean(self) -> dict:
        cleaned = super().clean()
        cleaned["commitment"] = cleaned.get("commitment") or chosen(cleaned.get("offered"))
        if not cleaned["commitment"]:
            self.add_error("offered", _("Say which commitment is judged."))
        return cleaned


class ForAssessment(Mark):
    """Evidence for an assessment that somebody is writing: the quote is recorded, and the form goes on with it."""

    name, label, title = "judging", _("Use as evidence"), _("Use this passage as evidence for the assessment")
    judging = True

    def build(self) -> None:
        self.judged = (self.data or self.request.GET)["judging"]
        self.onward = f"{reverse('admin:commitments_commitment_assess', args=[self.judged])}#evidence"
        self.evidence = self.fields("evidence", **told_of_evidence(self))
        self.sheet(self.evidence, (_("As evidence it …"), ["stance", "claimant"]))

    def make(self, quote: models.Quote) -> list[models.Record]:
        told = self.evidence.cleaned_data
        kept.take(self.request, self.judged, quote.pk, told["stance"], getattr(told["claimant"], "pk", ""))
        return []


def told_of_evidence(sheets: Mark) -> dict[str, forms.Field]:
    """What is asked of every piece of evidence: its stance, and who says so."""
    stances = [("", "---------"), *models.Stance.choices]
    return {
        "stance": forms.ChoiceField(choices=stances, label=_("Stance"), widget=widgets.CodeSelect("stance")),
        "claimant": sheets.look_up(models.Citation, "claimant", _("Who says so")),
    }


MODES = {mode.name: mode for mode in (NewCommitment, Cite, Evidence, ForAssessment)}
