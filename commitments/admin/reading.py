"""The reading view of a document: its text as it is, the quotes in it marked, and what can be made of a passage."""

import re
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commitments import actions, intake, models, practice, text

from . import acts, display, once, ways
from .roles import may
from .sentences import said

TARGETS = ("commitment", "deadline", "assessment")  # what a citation leads to


class Marked(NamedTuple):
    """One quote beside the text: its number there, its words to show, what it proves, and whether it stands where it says."""

    number: int
    quote: models.Quote
    words: str
    anchor: str
    proves: list[SafeString]
    there: bool


def may_mark(request: HttpRequest) -> bool:
    """Tell whether somebody may make records of passages: that adds some and changes others."""
    return may(request.user, "add") and may(request.user, "change")


def verbatim(content: str) -> SafeString:
    """Text as HTML that a browser reads back character by character: it would turn CR LF into LF.

    What would turn text around can't leave its own element, which shows it as its escape.
    """
    signed = text.REFUSED.sub(_sign, escape(content))
    return mark_safe(signed.replace("\r", "&#13;"))  # noqa: S308 - it is escaped


def _sign(found: re.Match) -> str:
    return f'<bdi class="sign" title="{text.visible(found[0])}">{found[0]}</bdi>'


def proves(quote: models.Quote) -> list[SafeString]:
    """The ways to what a quote proves, each with its part."""
    shown = []
    for citation in quote.citations.all():
        record = next(filter(None, (getattr(citation, name) for name in TARGETS)))
        shown.append(format_html("{} · {}", display.code("part", citation.part), display.link(record)))
    return shown


def place(start: int) -> str:
    """What the page calls the place in the text where a quote begins."""
    return f"at-{start}"


def highlighted(content: str, quotes: list[models.Quote]) -> tuple[SafeString, list[Marked]]:
    """The text with its quotes marked and numbered, and the list of them; overlapping ones are marked apart."""
    there = [content[quote.start : quote.end] == quote.exact for quote in quotes]
    numbers = [number for number, is_there in enumerate(there, 1) if is_there]
    pieces = intake.segments(content, [(quotes[n - 1].start, quotes[n - 1].end) for n in numbers])
    anchors, shown = {}, []
    for piece in pieces:
        if not piece.covered:
            shown.append(verbatim(piece.text))
            continue
        begins = [numbers[index] for index in piece.begins]
        anchors |= {number: place(quotes[number - 1].start) for number in begins}
        covered = [quotes[numbers[index] - 1].ref for index in piece.covered]
        at = format_html(' id="{}" data-begins="{}"', anchors[begins[0]], " ".join(map(str, begins))) if begins else ""
        deep = " deep" if len(covered) > 1 else ""
        mark = '<mark class="quote{}" title="{}"{}>{}</mark>'
        shown.append(format_html(mark, deep, ", ".join(covered), at, verbatim(piece.text)))
    told = [
        Marked(number, quote, text.visible(quote.exact), anchors.get(number, ""), proves(quote), there[number - 1])
        for number, quote in enumerate(quotes, 1)
    ]
    return mark_safe("".join(shown)), told  # noqa: S308 - each piece is escaped


class Readable:
    """For a document's pages: the reading view, the form for a passage, the practice text."""

    def get_urls(self) -> list:
        wrap = self.admin_site.admin_view
        return [
            path("practice/", wrap(require_POST(self.practice_view)), name="commitments_document_practice"),
            path("<path:object_id>/read/", wrap(self.read_view), name="commitments_document_read"),
            path("<path:object_id>/mark/", wrap(self.mark_view), name="commitments_document_mark"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        announced = once.announce(request) if may_mark(request) else ""
        return super().changelist_view(request, {"announced": announced} | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: Any = None, **kwargs) -> HttpResponse:
        context["readable"] = bool(obj and obj.with_text)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def attached(self, request: HttpRequest, document: models.Document, kept: str) -> None:
        """Says what was kept of a text that was just attached, and how, and leads on to it."""
        request.attached = True
        told = {
            "kept": kept,
            "ref": document,
            "n": document.characters,
            "bytes": document.length,
            "sha256": document.sha256,
        }
        message = _("Text of %(ref)s kept: %(n)d characters, %(bytes)d bytes, SHA-256 %(sha256)s. %(kept)s")
        messages.success(request, message % told)

    def response_add(self, request: HttpRequest, obj: Any, *args) -> HttpResponse:
        return self._onward(request, obj, super().response_add(request, obj, *args))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._onward(request, obj, super().response_change(request, obj))

    def _onward(self, request: HttpRequest, document: models.Document, answer: HttpResponse) -> HttpResponse:
        """From a form that brought the text to the reading view, unless another way was asked for."""
        if not hasattr(request, "attached") or {"_continue", "_addanother", IS_POPUP_VAR} & request.POST.keys():
            return answer
        return HttpResponseRedirect(reverse("admin:commitments_document_read", args=[document.pk]))

    def read_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The text to read and to choose passages in; `words` are looked for, `start` and `end` are chosen."""
        document = self._readable(request, object_id)
        if isinstance(document, HttpResponse):
            return document
        chosen = {name: request.GET.get(name, "") for name in ("start", "end", "words")}
        judged = models.Commitment.objects.filter(pk=request.GET.get("judging", "")).first()
        try:
            if chosen["words"]:
                found = intake.search(document, chosen["words"])
                chosen |= {"start": found.start, "end": found.end}
        except actions.Refused as error:
            messages.error(request, text.visible(said(str(error))))
        quotes = document.quotes.order_by("start", "end", "ref").prefetch_related(
            *(f"citations__{name}" for name in TARGETS)
        )
        content, marked = highlighted(document.attached.text, list(quotes))
        context = {
            **self._context(request, document),
            "title": _("Read and mark"),
            "subtitle": display.label(document),
            "text": content,
            "dir": display.direction(document.language),
            "marked": marked,
            "chosen": chosen | {"words": text.visible(chosen["words"])},
            "judged": judged and (judged.pk, display.label(judged)),
            "modes": [mode for mode in ways.MODES.values() if mode.judging == bool(judged)]
            if may_mark(request)
            else (),
            "mark_url": reverse("admin:commitments_document_mark", args=[document.pk]),
        }
        return TemplateResponse(request, "admin/reading.html", context)

    def mark_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form for one passage: quote and all that is made of it, in one act."""
        document = self._readable(request, object_id)
        if isinstance(document, HttpResponse):
            return document
        if not may_mark(request):
            raise PermissionDenied
        back = reverse("admin:commitments_document_read", args=[document.pk])
        try:
            asked = request.POST or request.GET
            mode = ways.MODES[asked.get("do", "")]
            passage = intake.passage(document, *(int(asked.get(name, "")) for name in ("start", "end")))
            if mode.judging and not models.Commitment.objects.filter(pk=asked.get("judging", "").replace("\0", "")):
                raise actions.Refused(_("The commitment that is to be assessed isn't there: begin at its page."))
        except (KeyError, ValueError) as error:  # Refused is a ValueError with words for people
            told = (
                said(str(error))
                if isinstance(error, actions.Refused)
                else _("Choose a passage first, then what to make of it.")
            )
            messages.error(request, told)
            return HttpResponseRedirect(back)
        form = mode(self.admin_site, request, passage)
        if request.method == "POST" and form.is_valid() and (told := form.save()):
            messages.success(request, told)
            return HttpResponseRedirect(form.onward or f"{back}#{place(passage.start)}")
        context = {
            **self._context(request, document),
            "title": mode.title,
            "subtitle": None,
            "form": form,
            "passage": passage,
            "verbatim": {name: verbatim(getattr(passage, name)) for name in ("prefix", "exact", "suffix")},
        }
        return TemplateResponse(request, "admin/marking.html", context | {"dir": display.direction(document.language)})

    def practice_view(self, request: HttpRequest) -> HttpResponse:
        """Makes the practice text, once a form."""
        if not may_mark(request):
            raise PermissionDenied
        if not acts.given_reason(request):
            raise actions.Refused(acts.NO_REASON)
        with once.once(request) as first:
            if first:
                made = practice.make()
                acts.remember(request)
                messages.success(request, _("Made for practice, never to be public: %s") % ", ".join(map(str, made)))
        return HttpResponseRedirect(reverse("admin:commitments_document_changelist", query={"q": practice.PREFIX}))

    def _readable(self, request: HttpRequest, object_id: str) -> Any:
        """The document; the way to its page, where it has no text yet; or to the list, where there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not document.with_text:
            messages.error(request, _("%s has no text yet: paste it, or attach its file, below.") % document)
            return HttpResponseRedirect(display.address(document))
        return document

    def _context(self, request: HttpRequest, document: models.Document) -> dict:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "document": document,
            "practice": practice.is_practice(document.pk),
        }
