"""The desk's lists and forms, one class a model."""

import json
from typing import Any

from django.contrib import admin
from django.db import models as orm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from commitments import actions, codebook, models, quotes, text
from commitments.ledger import Door

from . import display, forms
from .assessing import Assessable
from .beside import side_by_side
from .desk import Part, RecordPage
from .filters import DueFilter, ObligorFilter, ScheduleFilter, StatusFilter, TopicFilter
from .reading import Readable
from .roles import may
from .worklists import today

EDITORIAL = (_("Editorial"), {"fields": ["note"]})


def date(prefix: str) -> list[tuple[str, str]]:
    """The form lines of a date: what is typed, and the days that follow from it."""
    return [(f"{prefix}_words", f"{prefix}_edtf"), (f"{prefix}_earliest", f"{prefix}_latest")]


def days(prefix: str) -> tuple[str, ...]:
    """What of a date isn't typed."""
    return ("state", f"{prefix}_earliest", f"{prefix}_latest")


@admin.register(models.Process)
class ProcessPage(RecordPage):
    fieldsets = [(None, {"fields": [("ref", "state"), "name", "description"]}), EDITORIAL]
    list_display = ("ref", "name_brief", "state_brief")
    list_filter = ("state",)
    search_fields = ("ref", "name__en", "name__ar")


@admin.register(models.Topic)
class TopicPage(RecordPage):
    fieldsets = [(None, {"fields": [("ref", "state"), "name", "definition"]}), EDITORIAL]
    list_display = ("ref", "name_brief", "state_brief")
    list_filter = ("state",)
    search_fields = ("ref", "name__en", "name__ar")


class AliasPart(Part):
    model = models.PartyAlias
    fields = [("name", "language")]


class MemberPart(Part):
    model = models.PartyMember
    fk_name = "party"
    fields = ["member"]
    verbose_name, verbose_name_plural = _("member"), _("members")


@admin.register(models.Party)
class PartyPage(RecordPage):
    fieldsets = [(None, {"fields": [("ref", "state"), "name", "party_kind", "iso3166"]}), EDITORIAL]
    inlines = [AliasPart, MemberPart]
    parts = ("aliases", "members")
    list_display = ("ref", "name_brief", "party_kind_brief", "iso3166", "state_brief")
    list_filter = ("state", "party_kind")
    search_fields = ("ref", "name__en", "name__ar", "aliases__name")


@admin.register(models.Document)
class DocumentPage(Readable, RecordPage):
    form = forms.DocumentForm
    automatic = days("published")
    gaps = {
        "publisher": _("publisher"),
        "headline": _("headline"),
        "address": _("address"),
        "published": _("date of publication"),
    }
    fieldsets = [
        (None, {"fields": [("ref", "state"), "document_kind", "publisher", "headline", "address", "language"]}),
        (_("Published"), {"fields": date("published")}),
        (_("Text"), {"fields": [*forms.DocumentForm.ASKED, "sha256", ("length", "characters"), "attached_shown"]}),
        (_("Unknown, and why"), {"fields": ["gaps"]}),
        EDITORIAL,
    ]
    list_display = ("ref", "headline_brief", "publisher_brief", "published_edtf_brief", "has_text", "state_brief")
    list_filter = ("state", "document_kind")
    search_fields = ("ref", "headline", "publisher", "sha256__startswith")

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        attached = models.DocumentText.objects.filter(document=orm.OuterRef("pk"))
        return super().get_queryset(request).annotate(with_text=orm.Exists(attached))

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        counted = set(forms.DocumentForm.COUNTED) if obj and obj.with_text else set()
        return super().locked(request, obj) | counted

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """The text is asked for until it is attached, then shown."""
        asked = set(forms.DocumentForm.ASKED)
        untold = {f"{name}_shown" for name in asked} | (asked if obj and obj.with_text else {"attached_shown"})
        return [
            (name, options | {"fields": [line for line in options["fields"] if line not in untold]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    @admin.display(description=_("text"))
    def has_text(self, document: models.Document) -> Any:
        return display.plain(document.with_text)

    @admin.display(description=_("text"))
    def attached_shown(self, document: models.Document) -> Any:
        if not (attached := getattr(document, "attached", None)):
            return display.NONE
        shown = '<details><summary>{}</summary><div class="source" dir="{}" lang="{}">{}</div></details>'
        direction = display.direction(document.language)
        return format_html(shown, _("Show the text"), direction, document.language, text.visible(attached.text))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.content:
            told = {"by": request.user.pseudonym, "reason": form.cleaned_data["reason"], "door": Door.ADMIN}
            actions.attach(obj, form.content, now=timezone.now(), **told)
            self.attached(request, obj, form.kept)

    def _parts(self, objs: Any) -> list:
        """All its quotes with their checks, and its text: whatever cites one of the quotes keeps the document, too."""
        quotes = models.Quote.objects.filter(document__in=objs).order_by("ref")
        checks = models.QuoteCheck.objects.filter(quote__in=quotes).order_by("ref")
        return [*checks, *quotes, *models.DocumentText.objects.filter(document__in=objs).defer("text")]


@admin.register(models.Quote)
class QuotePage(RecordPage):
    form = forms.QuoteForm
    parts = ("checks",)
    automatic = ("end", "level")
    actions = []
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "ref",
                    "document",
                    "exact",
                    ("start", "end"),
                    "prefix",
                    "suffix",
                    ("language", "level"),
                    "last_check_shown",
                ]
            },
        ),
        (_("Who says it, how"), {"fields": ["voice", "speaker", "translation"]}),
        (_("Editorial"), {"fields": ["waiver"]}),
    ]
    list_display = ("ref", "exact_brief", "voice_brief", "speaker_brief", "level_shown")
    list_filter = ("voice",)
    search_fields = ("ref", "exact", "translation__en", "translation__ar")
    list_select_related = False

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        return super().get_queryset(request).checked()

    @admin.display(description=_("verification"))
    def level_shown(self, quote: models.Quote) -> Any:
        return display.code("level", quote.level)

    @admin.display(description=_("last check"))
    def last_check_shown(self, quote: models.Quote) -> Any:
        """When and against which text, where the words stand there, and what differs, where the text is at hand."""
        if not (last := quote.checks.order_by("-number").first() if quote.pk else None):
            return display.NONE
        level, at = display.code("level", last.level), display.ltr(f"{last.checked_at:%Y-%m-%d %H:%M} UTC")
        told = [format_html(_("{level} on {at}, against SHA-256 {sha256}"), level=level, at=at, sha256=last.sha256)]
        if last.start is not None:
            told.append(_("The passage is characters %(start)s to %(end)s.") % {"start": last.start, "end": last.end})
        if attached := getattr(quote.document, "attached", None):
            around = {"start": quote.start, "prefix": quote.prefix, "suffix": quote.suffix}
            told += forms.otherwise(quotes.find(attached.text, quote.exact, **around))
        return format_html_join("", "<div>{}</div>", ((line,) for line in told))

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        return super().locked(request, obj) | (set() if may(request.user, "waive") else {"waiver"})

    def frozen(self, record: Any) -> bool:
        return False

    def is_draft(self, record: Any) -> bool:
        return True  # it has no state of its own

    def offered_moves(self, request: HttpRequest, obj: Any) -> list:
        return []

    def review_view(self, request: HttpRequest) -> HttpResponse:
        raise Http404

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        actions.check_quotes(models.Quote.objects.filter(pk=obj.pk), now=timezone.now())


class IssuerPart(Part):
    model = models.StatementIssuer
    fields = ["party"]
    asked_at_first = 2
    verbose_name, verbose_name_plural = _("issuing party"), _("issuing parties")


@admin.register(models.Statement)
class StatementPage(RecordPage):
    automatic = days("issued")
    gaps = {"issued": _("date of issue")}
    fieldsets = [
        (None, {"fields": [("ref", "state"), "title", "statement_kind", "place", ("process", "round")]}),
        (_("Issued"), {"fields": [*date("issued"), "issued_quote"]}),
        (_("Unknown, and why"), {"fields": ["gaps"]}),
        EDITORIAL,
    ]
    inlines = [IssuerPart]
    parts = ("issuers",)
    list_display = ("ref", "title_brief", "statement_kind_brief", "issued_edtf_brief", "state_brief")
    list_filter = ("state", "statement_kind")
    search_fields = ("ref", "title__en", "title__ar")


class PartyPart(Part):
    model = models.CommitmentParty
    fields = [("party", "role")]
    asked_at_first = 1


class TopicPart(Part):
    model = models.CommitmentTopic
    fields = ["topic"]
    verbose_name, verbose_name_plural = _("topic"), _("topics")


class CitationPart(Part):
    """Quotes that prove the record, with the parts that they can be."""

    model = models.Citation
    fields = ["quote", "passage_shown", "part"]
    asked_at_first = 1
    proves: tuple[str, ...]

    @admin.display(description=_("passage"))
    def passage_shown(self, citation: models.Citation) -> Any:
        if not citation.quote_id:
            return display.NONE
        quote = citation.quote
        return format_html("{}{}", display.words(quote.exact, quote.language), display.by_language(quote.translation))

    def formfield_for_choice_field(self, db_field: orm.Field, request: HttpRequest, **kwargs) -> Any:
        if db_field.name == "part":
            choices = [(code, label) for code, label in models.CitationPart.choices if code in self.proves]
            kwargs["choices"] = choices if len(choices) == 1 else [("", "---------"), *choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class UndertakingPart(CitationPart):
    proves = ("undertaking", "chapeau", "condition")


class DeadlineWordsPart(CitationPart):
    proves = ("deadline",)


class EvidencePart(CitationPart):
    formset = type("EvidenceFormSet", (forms.ProofFormSet,), {"rests_on": "evidence"})
    proves = ("evidence",)
    fields = ["quote", "passage_shown", ("part", "stance"), "claimant"]
    verbose_name, verbose_name_plural = _("evidence"), _("evidence")


class DivergencePart(Part):
    model = models.Divergence
    fk_name = "commitment"
    fields = [("quote", "other"), "explanation"]


DEADLINE = [
    ("sense", "deadline_kind"),
    ("words", "language"),
    "edtf",
    ("earliest", "latest"),
    ("anchor_words", "anchor_edtf"),
    "statement",
    ("replaces", "change"),
]
RELATION = [("relation_kind", "scope"), "target", "target_statement", "explanation"]


class DeadlinePart(Part):
    model = models.Deadline
    form = forms.DeadlineForm
    fields = [*DEADLINE, "state"]
    can_delete = False
    show_change_link = True


class RelationPart(Part):
    model = models.Relation
    fk_name = "commitment"
    fields = [*RELATION, "state"]
    can_delete = False
    show_change_link = True


def _today(commitment: models.Commitment, name: str) -> Any:
    """What the public sees of it today; None of what isn't public."""
    return json.loads(commitment.today or "{}").get(name)


def _shown(body: str) -> orm.Subquery:
    """A text in JSON of how a commitment stands today."""
    whole = today(timezone.now().date()).filter(
        party="", index__publication__kind="commitment", index__publication__record=orm.OuterRef("pk")
    )
    return orm.Subquery(whole.values(body)[:1])


@admin.register(models.Commitment)
class CommitmentPage(Assessable, RecordPage):
    automatic = ("state", "assessments", "beside")
    fieldsets = [
        (None, {"fields": [("ref", "state"), "statement", "title", "strength", "condition"]}),
        (_("The copies side by side"), {"fields": ["beside"]}),
        (_("Test of success"), {"fields": ["fulfilled_if", "not_fulfilled_if"]}),
        (_("Judged"), {"fields": ["assessments"]}),
        EDITORIAL,
    ]
    inlines = [PartyPart, UndertakingPart, DivergencePart, DeadlinePart, RelationPart, TopicPart]
    parts = ("parties", "topics", "citations", "divergences")
    list_display = (
        *("ref", "title_brief", "obligors", "status", "due"),  # what is public, as of today
        *("strength_brief", "state_brief"),
    )
    list_filter = ("state", StatusFilter, ScheduleFilter, ObligorFilter, DueFilter, "strength", TopicFilter)
    search_fields = ("ref", "title__en", "title__ar", "statement__ref")

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        return super().get_queryset(request).annotate(today=_shown("body"), public=_shown("index__publication__body"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """A new record has no assessments to show."""
        return [each for each in super().get_fieldsets(request, obj) if each[1]["fields"]]

    @admin.display(description=_("owed by"))
    def obligors(self, commitment: models.Commitment) -> Any:
        parties = json.loads(commitment.public or "{}").get("parties", ())
        owing = [each for each in parties if each["role"] == models.Role.OBLIGOR]
        return (
            format_html_join(now(", "), "{}", [(display.words(*display.in_one(each["name"])),) for each in owing])
            or display.NONE
        )

    @admin.display(description=_("status"))
    def status(self, commitment: models.Commitment) -> Any:
        code = _today(commitment, "status")
        return display.code("status", code) if code else display.NONE

    @admin.display(description=_("due"))
    def due(self, commitment: models.Commitment) -> Any:
        due = _today(commitment, "due")
        return (due["latest"] or display.words(due["text"])) if due else display.NONE

    @admin.display(description=_("the copies side by side"))
    def beside_shown(self, commitment: models.Commitment) -> Any:
        return side_by_side(commitment)

    @admin.display(description=_("assessments"))
    def assessments_shown(self, commitment: models.Commitment) -> Any:
        """Each judgement of it, drafts included, with the way to its page, and the way to another one for who may judge."""
        address = reverse("admin:commitments_commitment_assess", args=[commitment.pk])
        correct = ' · <a href="{}?corrects={}">{}</a>'
        lines = [
            (
                display.link(each),
                display.words(*display.in_one(each.obligor.name)) if each.obligor else _("the whole"),
                display.ltr(each.effective_edtf),
                each.get_state_display(),
                format_html(correct, address, each.pk, _("Correct"))
                if commitment.assessable and each.state == models.State.PUBLISHED and not each.wrong
                else "",
            )
            for each in commitment.assessments.annotate(wrong=orm.Count("corrected_by"))
            .select_related("obligor")
            .order_by("ref")
        ]
        rows = format_html_join("", "<li>{} · {} · <bdi>{}</bdi> · {}{}</li>", lines)
        another = format_html('<a href="{}">{}</a>', address, _("Assess")) if commitment.assessable else ""
        return format_html("<ul>{}</ul>{}", rows, another) if rows else another or display.NONE


@admin.register(models.Deadline)
class DeadlinePage(RecordPage):
    fieldsets = [(None, {"fields": [("ref", "state"), "commitment", *DEADLINE]}), EDITORIAL]
    inlines = [DeadlineWordsPart]
    parts = ("citations",)
    list_display = ("ref", "words_brief", "deadline_kind_brief", "edtf_brief", "latest_brief", "state_brief")
    list_filter = ("state", "deadline_kind", "sense")
    search_fields = ("ref", "words")


@admin.register(models.Relation)
class RelationPage(RecordPage):
    fieldsets = [(None, {"fields": [("ref", "state"), "commitment", *RELATION]}), EDITORIAL]
    list_display = ("ref", "relation_kind_brief", "target_brief", "target_statement_brief", "state_brief")
    list_filter = ("state", "relation_kind")
    search_fields = ("ref", "target__ref")


class SearchPart(Part):
    formset = type("SearchFormSet", (forms.ProofFormSet,), {"rests_on": "searched"})
    model = models.AssessmentSearch
    fields = ["document"]


@admin.register(models.Assessment)
class AssessmentPage(RecordPage):
    automatic = (*days("effective"), "assessor", "codebook_version")
    fieldsets = [
        (None, {"fields": [("ref", "state"), "commitment", "obligor", "status", "reason_code", "rationale"]}),
        (_("Effective"), {"fields": date("effective")}),
        (_("Judged"), {"fields": [("assessor", "codebook_version"), "corrects"]}),
        EDITORIAL,
    ]
    inlines = [EvidencePart, SearchPart]
    parts = ("citations", "searched")
    list_display = ("ref", "status_brief", "obligor_brief", "effective_edtf_brief", "assessor_brief", "state_brief")
    list_filter = ("state", "status")
    search_fields = ("ref", "commitment__title__en", "commitment__title__ar")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.assessor, obj.codebook_version = request.user.pseudonym, codebook.read()["version"]
        super().save_model(request, obj, form, change)
