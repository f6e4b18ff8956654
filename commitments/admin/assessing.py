"""Assessing a commitment: its test of success, the codebook, the evidence, and what follows, on one page."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from commitments import codebook, dates, judging, models

from . import display, kept, widgets
from .forms import DeskForm
from .marking import Sheets, add
from .roles import may

MORE = 2  # rows of evidence that a button adds
DOCUMENTS = 6  # offered to choose a passage in
UNCHECKED = {"_more", "_choose"}  # buttons that lead on with a form that needn't be complete
JUDGED = ("obligor", "corrects", "status", "reason_code", "rationale", "effective_words", "effective_edtf")


class JudgementForm(DeskForm):
    """An assessment of one commitment: of its whole or of one obligor's role."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        roles = {"roles__commitment": self.instance.commitment_id, "roles__role": models.Role.OBLIGOR}
        owing, whose = models.Party.objects.filter(**roles).distinct(), _("Who is judged")
        told = {"required": False, "blank": True}
        self.fields["obligor"] = widgets.RecordField(
            owing, label=whose, widget=widgets.Offer(whose), empty_label=_("the whole"), **told
        )
        wrong = models.Assessment.objects.filter(commitment=self.instance.commitment_id, corrected_by__isnull=True)
        wrong = wrong.filter(state=models.State.PUBLISHED).select_related("obligor")
        called = _("Corrects")
        self.fields["corrects"] = Corrected(
            wrong, label=called, widget=widgets.Offer(called), empty_label=_("nothing: it is a new judgement"), **told
        )
        status = self.fields["status"]
        status.widget = widgets.CodeOffer("status", status.label, status.choices[1:])
        self.fields["effective_edtf"].help_text = _(
            "As precise as the source, no more: 2031, 2031-03 or 2031-03-05. It counts from the last day that this can mean; "
            "left empty, from the last day of its evidence's documents, else from today."
        )

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("reason_code") == "correction_of_error" and not cleaned.get("corrects"):
            self.add_error("corrects", _("Say which assessment it corrects."))
        return cleaned


class Corrected(forms.ModelChoiceField):
    """An assessment that may be corrected, told by what it says."""

    def label_from_instance(self, obj: models.Assessment) -> SafeString:
        whom = display.words(*display.in_one(obj.obligor.name)) if obj.obligor else now("the whole")
        told = (obj.get_status_display(), whom, display.ltr(obj.effective_edtf), display.ltr(obj.pk))
        return format_html("{} · {} · {} · {}", *told)


class Evidence(forms.Form):
    """Quotes that speak for or against it, and the documents that were searched."""

    def __init__(self, *args, rows: int, sheets: Sheets, **kwargs):
        super().__init__(*args, **kwargs)
        stances = [("", "---------"), *models.Stance.choices]
        for n in range(rows):
            self.fields[f"quote{n}"] = sheets.look_up(models.Citation, "quote", _("Quote"))
            self.fields[f"stance{n}"] = forms.ChoiceField(choices=stances, required=False, label=_("Stance"))
            self.fields[f"claimant{n}"] = sheets.look_up(models.Citation, "claimant", _("Who says so"))
        document = models.AssessmentSearch._meta.get_field("document")
        self.fields["searched"] = widgets.RecordsField(
            models.Document.objects.all(),
            widget=widgets.RecordsSelect(document, sheets.site),
            required=False,
            label=_("Documents searched"),
            help_text=_("Those in which somebody looked for evidence, also in vain."),
        )
        self.fields["rows"] = forms.CharField(widget=forms.HiddenInput, initial=rows, required=False, label=_("Rows"))
        self.rows = rows

    @property
    def lines(self) -> list:
        each = [[(f"quote{n}",), (f"stance{n}", f"claimant{n}")] for n in range(self.rows)]
        return [line for lines in each for line in lines] + ["searched", "rows"]

    def at_hand(self) -> None:
        """Reads the records that are chosen, one query a kind, so that their inputs needn't ask one by one."""
        for kind, model in (("quote", models.Quote), ("claimant", models.Party), ("searched", models.Document)):
            bound = [self[name] for name in self.fields if name.rstrip("0123456789") == kind]
            values = [each.value() for each in bound]
            chosen = {str(ref) for value in values for ref in (value if isinstance(value, list) else [value]) if ref}
            chosen = {ref for ref in chosen if "\0" not in ref}
            known = {each.pk: each for each in model.objects.filter(pk__in=chosen)} if chosen else {}
            for each in bound:
                each.field.widget.known = known

    def clean(self) -> dict:
        cleaned = super().clean()
        self.cited = []
        for n in range(self.rows):
            quote, stance, claimant = (cleaned.get(f"{name}{n}") for name in ("quote", "stance", "claimant"))
            if quote and quote in [other for other, *_rest in self.cited]:
                self.add_error(f"quote{n}", _("This quote is cited above already."))
            elif quote and not stance and f"stance{n}" not in self.errors:
                self.add_error(f"stance{n}", _("Say whether it supports or disputes the judgement, or gives context."))
            elif quote and stance:
                self.cited.append((quote, stance, claimant))
            elif (stance or claimant) and f"quote{n}" not in self.errors:
                self.add_error(f"quote{n}", _("Choose the quote, or leave this row empty."))
        return cleaned


class Told(NamedTuple):
    """What follows for one day, as the page shows it."""

    title: str
    day: Any
    lines: list


class Follows(NamedTuple):
    """One line of it: for whom, then status and schedule before and after."""

    whom: SafeString
    status: tuple[SafeString, SafeString]
    schedule: tuple[SafeString, SafeString]
    changed: bool


class Assess(Sheets):
    """A judgement of a commitment with its evidence, in one act."""

    def __init__(self, site: AdminSite, request: HttpRequest, commitment: models.Commitment):
        super().__init__(site, request)
        self.commitment = commitment
        corrected = commitment.assessments.filter(pk=request.GET.get("corrects")).first()
        if UNCHECKED & request.POST.keys():  # shown again as it was typed, without a word on what is missing yet
            self.data, self.kept = None, request.POST
        elif self.data is None and not corrected:
            self.kept = kept.typed(request, commitment.pk)
        told = {"corrects": corrected.pk, "obligor": corrected.obligor_id} if corrected else {}
        told |= {"reason_code": "correction_of_error"} if corrected else {}
        instance = models.Assessment(commitment=commitment, assessor=request.user.pseudonym)
        instance.codebook_version = codebook.read()["version"]
        self.judged = self.form(models.Assessment, [*JUDGED], JudgementForm, instance=instance, initial=told)
        wanted = min(kept.rows(self.data or self.kept) + MORE * ("_more" in request.POST), kept.MOST)
        self.evidence = self.again(Evidence(self.data, prefix="evidence", rows=wanted, sheets=self), "rows")
        self.sheet(self.judged, (_("The judgement"), [*JUDGED[:5]]), (_("Effective"), [JUDGED[5:]]))
        self.sheet(self.evidence, (_("Evidence"), self.evidence.lines))
        self.end(now("Assessed %s") % commitment.pk)
        self.evidence.at_hand()

    def is_valid(self) -> bool:
        sound = super().is_valid()
        status, cited = self.judged.cleaned_data.get("status"), getattr(self.evidence, "cited", [])
        searched = self.evidence.cleaned_data.get("searched") or []
        if lacking := judging.lacking(status, evidence=len(cited), searched=len(searched)):
            self.evidence.add_error("searched" if status == models.Status.NO_EVIDENCE else None, lacking)
            return False
        return sound

    def record(self) -> list[Any]:
        assessment = add(self.judged.instance)
        for quote, stance, claimant in self.evidence.cited:
            claim = {"stance": stance, "claimant": claimant, "part": models.CitationPart.EVIDENCE}
            add(models.Citation(quote=quote, assessment=assessment, **claim))
        for document in self.evidence.cleaned_data["searched"]:
            add(models.AssessmentSearch(assessment=assessment, document=document))
        return [assessment]

    def beside(self, made: list[models.Record]) -> list[models.Record]:
        return [*(quote.document for quote, *_rest in self.evidence.cited), *self.evidence.cleaned_data["searched"]]

    def follows(self) -> list[Told]:
        """What the public will see of it, as far as the form is filled in: on the day it counts from, and today."""
        if self.data is None or "effective_edtf" in self.judged.errors or not self.judged.cleaned_data.get("status"):
            return []
        self.evidence.is_valid()
        cited = getattr(self.evidence, "cited", [])
        judged, today = self.judged.instance, timezone.now().date()
        for name in ("status", "obligor", "corrects", "effective_edtf"):  # also where something else is missing
            setattr(judged, name, self.judged.cleaned_data.get(name))
        days = dates.bounds(judged.effective_edtf)
        day = judging.counts_from(days.latest, [quote.document for quote, *_rest in cited], today)
        disputed = any(stance == models.Stance.DISPUTES for _quote, stance, _claimant in cited)
        new = judging.judgement(judged, day, days, disputed)
        found = judging.foreseen(self.commitment, new, sorted({day, today}))
        named = {
            party.pk: display.words(*display.in_one(party.name)) for party in self.judged.fields["obligor"].queryset
        }
        counts = now("On the day from which it counts")
        if day > today:
            counts = now("On the day from which it counts, which is still to come: until then nothing changes")
        titles = {day: counts, today: now("Today")}
        return [Told(titles[each], each, [self._line(line, named) for line in found[each]]) for each in found]

    def _line(self, line: judging.Foreseen, named: dict[str, SafeString]) -> Follows:
        status = tuple(display.code("status", code) for code in line.status)
        schedule = tuple(display.code("schedule", code) for code in line.schedule)
        return Follows(named.get(line.obligor, now("the whole")), status, schedule, line.changed)


class Assessable:
    """For a commitment's pages: the way to assess it."""

    def get_urls(self) -> list:
        assess = self.admin_site.admin_view(self.assess_view)
        return [path("<path:object_id>/assess/", assess, name="commitments_commitment_assess"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: Any = None, **kwargs) -> HttpResponse:
        context["assessable"] = bool(obj) and may_assess(request) and obj.state != models.State.RETRACTED
        if obj:
            obj.assessable = context["assessable"]  # for the list of its assessments
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def assess_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; it is recorded, or kept while a passage is chosen, or shows what would follow."""
        if not may_assess(request):
            raise PermissionDenied
        commitment = self.get_object(request, unquote(object_id))
        if commitment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if commitment.state == models.State.RETRACTED:
            messages.error(request, now("%s was retracted: nothing of it is judged any more.") % commitment)
            return HttpResponseRedirect(display.address(commitment))
        if "_anew" in request.POST:
            kept.keep(request, commitment.pk, None)
            return HttpResponseRedirect(request.path)
        if "_choose" in request.POST and (text := self._text(request)):
            kept.keep(request, commitment.pk, request.POST)
            judging = {"judging": commitment.pk}
            return HttpResponseRedirect(reverse("admin:commitments_document_read", args=[text], query=judging))
        form = Assess(self.admin_site, request, commitment)
        sent = request.method == "POST" and not {*UNCHECKED, "_follow"} & request.POST.keys()
        if sent and form.is_valid() and (told := form.save()):
            kept.keep(request, commitment.pk, None)
            messages.success(request, told)
            return HttpResponseRedirect(display.address(commitment))
        context = self._context(request, commitment, form) | {"refused": sent}
        return TemplateResponse(request, "admin/assessing.html", context)

    def _text(self, request: HttpRequest) -> str:
        """The document to choose a passage in; "", and told why, where it has no text."""
        ref = request.POST["_choose"] or request.POST.get("where", "")
        if "\0" not in ref and models.DocumentText.objects.filter(document=ref).exists():
            return ref
        messages.error(request, now("Choose a document whose text is attached. What you typed is still here."))
        return ""

    def _context(self, request: HttpRequest, commitment: models.Commitment, form: Assess) -> dict:
        cited = models.Citation.objects.filter(commitment=commitment.pk).values("quote__document")
        texts = models.Document.objects.filter(attached__isnull=False).exclude(state=models.State.RETRACTED)
        latest = texts.exclude(pk__in=cited).order_by(F("published_latest").desc(nulls_last=True), "-ref")
        found = [*latest[:DOCUMENTS], *texts.filter(pk__in=cited).order_by("ref")[:DOCUMENTS]]
        waiting = commitment.assessments.filter(state__in=[models.State.DRAFT, models.State.IN_REVIEW])
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": now("Assess"),
            "subtitle": display.label(commitment),
            "commitment": commitment,
            "called": display.by_language(commitment.title),
            "stands": [
                (now("owed by"), self.obligors(commitment)),
                (now("due"), self.due(commitment)),
                (now("status today"), self.status(commitment)),
            ],
            "test": [
                (self.opts.get_field(name).verbose_name, display.by_language(getattr(commitment, name)))
                for name in ("fulfilled_if", "not_fulfilled_if", "condition")
                if getattr(commitment, name)
            ],
            "form": form,
            "follows": form.follows(),
            "waiting": waiting.order_by("ref"),
            "texts": [(each.pk, display.label(each)) for each in found],
            "where": form.look_up(models.AssessmentSearch, "document", now("Another document")).widget.render(
                "where", None, {"id": "id_where"}
            ),
            "kept": request.method == "GET" and form.kept is not None,
        }


def may_assess(request: HttpRequest) -> bool:
    """Tell whether somebody may record judgements: that adds some records and changes others."""
    return may(request.user, "add") and may(request.user, "change")
