"""Before anything becomes public: what approval would make public, beside what is public now, and the buttons that do it."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import actions, codebook, models
from commitments.api.differences import compared, label
from commitments.ledger import Door, Entry

from . import acts, display, moves, once, widgets
from .roles import may

MANY = 50  # records that are reviewed at once: a page of a list
# The vocabularies that a member takes its codes from, where it isn't called like the one.
VOCABULARIES = {
    "kind": ("statement_kind", "party_kind", "document_kind", "deadline_kind", "relation_kind"),
    "reason": ("reason_code",),
    "scope": ("relation_scope",),
    "sense": ("deadline_sense",),
}
DIRECTIONS = {"ltr": gettext_lazy("left to right"), "rtl": gettext_lazy("right to left")}
REVIEWED = [move.name for move in moves.MOVES.values() if move.reviewed]


class Shown(NamedTuple):
    """One version that approval would make, ready to show: what it is called, and each field before and after."""

    kind: str
    record: str
    new: bool
    follows: bool  # rendered anew since it shows another record that is approved
    emergencies: list[tuple[str, str]]  # (who, why) of what one person published alone and this approval confirms
    changes: list[dict]


def shown(before: models.Publication | None, after: models.Publication) -> Shown:
    """A version beside the one that it follows; beside the last that two persons stand for, where it confirms an emergency."""
    confirmed = []
    if before and before.emergency and not after.emergency and after.publication_class != "housekeeping":
        versions = models.Publication.objects.of(after.kind).filter(record=after.record, version__lt=after.version)
        before = versions.filter(emergency=False).order_by("-version").first()
        alone = versions.filter(version__gt=before.version if before else 0).exclude(publication_class="housekeeping")
        confirmed = [(Entry.objects.get(seq=each.from_seq).actor, each.reason) for each in alone.order_by("version")]
    old, new = ({} if each is None or each.tombstone else each.body_json | each.detail_json for each in (before, after))
    changes = [
        {
            "field": change["label"][_reader()],
            "items": " · ".join(str(value) for item in change["items"] for value in item.values()),
            "before": _value(change["before"], change["field"].rpartition(".")[2]),
            "after": _value(change["after"], change["field"].rpartition(".")[2]),
        }
        for change in compared(old, new)
    ]
    return Shown(_called(after), after.record, not old, after.publication_class == "housekeeping", confirmed, changes)


def _called(version: models.Publication) -> str:
    return capfirst(actions.KINDS[version.kind]._meta.verbose_name)


def _value(value: Any, name: str) -> SafeString:
    """What a member of the public JSON holds, for reading: words in their direction, members by their names."""
    if value in (None, "", [], {}):
        return SafeString(display.NONE)
    if isinstance(value, str):
        for vocabulary in VOCABULARIES.get(name, (name,)):
            if vocabulary in codebook.read()["vocabularies"] and value in codebook.codes(vocabulary):
                return display.code(vocabulary, value)
        if name == "dir":
            return DIRECTIONS[value]
        return display.words(value, name if name in widgets.LANGUAGES else None)
    if isinstance(value, list):
        return format_html_join("", "<div>{}</div>", [(_value(each, name),) for each in value])
    if isinstance(value, dict):
        rows = [(label((inner,))[_reader()], _value(value[inner], inner)) for inner in value]
        return format_html_join("", '<div><span class="quiet">{}</span> {}</div>', rows)
    return display.plain(value)


def _reader() -> str:
    return "ar" if display.reader() == "ar" else "en"


class Reviewed:
    """For pages of records: the review, the one way in the admin by which something becomes public."""

    def get_urls(self) -> list:
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        return [path("review/", self.admin_site.admin_view(self.review_view), name=name), *super().get_urls()]

    def review_address(self, records: Iterable[models.Record], reason: str = "") -> str:
        """The way to the review of these records; `reason` is what its form comes up with."""
        asked = [("ref", record.pk) for record in records] + ([("reason", reason)] if reason else [])
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_review")
        return f"{address}?{urlencode(asked)}"

    def review_view(self, request: HttpRequest) -> HttpResponse:
        """Shows what approval would make public, and does it, if that is still the same."""
        if not any(may(request.user, name) for name in REVIEWED):
            raise PermissionDenied
        announced = once.announce(request)
        records = list(self.get_queryset(request).filter(pk__in=request.GET.getlist("ref")[:MANY]).order_by("pk"))
        listed = HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        if not records:
            messages.error(request, _("Choose what to review: none of these records is there."))
            return listed
        if request.method == "POST" and (move := moves.asked(request)):
            if told := self._make(request, move, records):
                messages.error(request, told)
            else:
                return HttpResponseRedirect(display.address(records[0])) if len(records) == 1 else listed
        context = {
            **self.admin_site.each_context(request),
            **self._reviewed(request, records),
            "title": _("Review"),
            "opts": self.opts,
            "records": [display.link(record) for record in records],
            "announced": announced,
            "reason": request.POST.get("reason") or request.GET.get("reason", ""),
        }
        return TemplateResponse(request, "admin/review.html", context)

    def _make(self, request: HttpRequest, move: moves.Move, records: list[models.Record]) -> str:
        """Makes the move once; answers why not, "" if it was made."""
        try:
            if not acts.given_reason(request):
                raise actions.Refused(acts.NO_REASON)
            with transaction.atomic(), once.once(request) as first:
                if first:
                    moves.make(request, move, records)
        except acts.REFUSALS as error:
            for record in records:
                record.refresh_from_db()
            return acts.refusal(error).message
        acts.remember(request)
        moves.tell(request, move, records)
        return ""

    def _reviewed(self, request: HttpRequest, records: list[models.Record]) -> dict:
        """What each offered way to make these records public would do, or why it can't: the first that can is shown."""
        offered = [moves.offered(request, record) for record in records]
        common = [move for move in offered[0] if all(move in each for each in offered) and move.name != "submit"]
        found = {"moves": [], "versions": [], "refused": "", "again": any(map(moves.was_public, records))}
        found["moves"] = [move for move in common if move.name == "send_back"]
        for move in (each for each in common if each.reviewed):
            carried = [*records, *moves.carried(move, records)]
            told = {"by": request.user.pseudonym, "emergency": move.name == "publish_at_once", "door": Door.ADMIN}
            try:
                preview = actions.preview(carried, **told)
            except acts.REFUSALS as error:
                if found["refused"]:
                    continue
                found["refused"] = acts.refusal(error).message
                if isinstance(error, actions.Unpublished):
                    kind, ref = error.record
                    found["first"] = display.link(actions.KINDS[kind].objects.get(pk=ref))
                continue
            versions = [shown(before, after) for before, after in preview.versions]
            found["moves"].append(move)
            found |= {"versions": versions, "seen": preview.seen, "rippled": preview.rippled}
            found["many"] = preview.rippled > actions.SHOWN
            found["unrendered"] = [f"{_called(each)} {each.record}" for each in preview.unrendered]
        return found
