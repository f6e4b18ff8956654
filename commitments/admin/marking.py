"""Pages of several forms that are saved in one act; of these, the form for a passage with its quote."""

from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.sites import AdminSite
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from commitments import intake, models

from . import acts, display, moves, once, widgets
from .forms import DeskForm

VOICES = {"official_text": "statement_quoted", "translation": "statement_quoted", "news_report": "statement_reported"}


def named(record: Any, more: Any = "") -> SafeString:
    """A record as a choice: its name in its direction, its reference."""
    return format_html("<bdi>{}</bdi>{}", display.label(record), format_html(" · {}", more) if more else "")


class Offered(forms.ChoiceField):
    """One of what is proposed, or none of it."""

    def __init__(self, choices: list[tuple[str, Any]], *, none: Any, label: Any, **kwargs):
        super().__init__(
            choices=[*choices, ("", none)], widget=widgets.Offer(label), required=False, label=label, **kwargs
        )


class Sheet(NamedTuple):
    """One form of the page as the template shows it."""

    form: forms.BaseForm
    lines: AdminForm


class Last(forms.Form):
    """Why, and what the form carries so that it is sent but once."""

    reason = widgets.Reason()
    announced = forms.CharField(widget=forms.HiddenInput)


class Sheets:
    """Forms of one page, saved in one announced act. `is_valid` and `save` work as a form's; `sheets` are they, in order."""

    kept: QueryDict | None = None  # what was typed on an earlier page, to be shown again

    def __init__(self, site: AdminSite, request: HttpRequest):
        self.site, self.request = site, request
        self.data = request.POST if request.method == "POST" else None
        self.errors: list[str] = []
        self.announced = once.announce(request)  # before anything is read for the forms
        self.told = ""  # what else to say of what was recorded
        self.sheets: list[Sheet] = []

    def build(self) -> None:
        """Adds the forms, but for the last."""

    def record(self) -> list[Any]:
        """Makes the records, in the act, and answers them."""

    def end(self, why: str) -> None:
        """Adds the last form, with the reason that it proposes."""
        self.last = Last(self.data, initial={"announced": self.announced, "reason": why})
        self.again(self.last, "announced")

    # -- forms

    def sheet(self, form: forms.BaseForm, *groups: tuple[Any, list]) -> Any:
        """Adds a form to the page, its fields in groups of (heading, lines)."""
        fieldsets = [(heading, {"fields": lines}) for heading, lines in groups]
        self.sheets.append(Sheet(form, AdminForm(form, fieldsets, {}, (), self.site.get_model_admin(models.Document))))
        return form

    def form(self, model: type, fields: list[str], base: type = DeskForm, **kwargs) -> forms.ModelForm:
        """A form of some of a model's fields, each as on the model's own page."""
        page = self.site.get_model_admin(model)
        callback = partial(page.formfield_for_dbfield, request=self.request)
        made = forms.modelform_factory(model, form=base, fields=fields, formfield_callback=callback)
        return self.again(made(self.data, prefix=model._meta.model_name, **kwargs))

    def fields(self, prefix: str, **fields: forms.Field) -> forms.Form:
        """A form of some fields that are no model's."""
        return self.again(type("Fields", (forms.Form,), fields)(self.data, prefix=prefix))

    def look_up(self, model: type, field: str, label: Any) -> forms.Field:
        """A record found by typing."""
        field = model._meta.get_field(field)
        widget = widgets.RecordSelect(field, self.site)
        return field.formfield(widget=widget, form_class=widgets.RecordField, required=False, label=label)

    def again(self, form: forms.BaseForm, *but: str) -> forms.BaseForm:
        """Shows in a form what was typed before."""
        for name, field in form.fields.items() if self.kept else ():
            key = form.add_prefix(name)
            if name not in but and not field.widget.value_omitted_from_data(self.kept, {}, key):
                form.initial[name] = field.widget.value_from_datadict(self.kept, {}, key)
        return form

    @property
    def media(self) -> forms.Media:
        page = self.site.get_model_admin(models.Commitment).media
        return sum((sheet.form.media for sheet in self.sheets), page + self.last.media)

    # -- saving

    def is_valid(self) -> bool:
        return all([*(sheet.form.is_valid() for sheet in self.sheets if self.asked(sheet.form)), self.last.is_valid()])

    def asked(self, form: forms.BaseForm) -> bool:
        """Tell whether a form counts, as the others are filled in."""
        return True

    def save(self) -> str | None:
        """Makes everything, or nothing: None then, and `errors` says why. Sent a second time it makes nothing more."""
        try:
            with transaction.atomic(), once.once(self.request) as first:
                if not first:
                    return str(once.AGAIN)
                made = self.record()
                if "_submit" in self.request.POST:
                    moves.make(self.request, moves.MOVES["submit"], self.drafts(made))
        except acts.REFUSALS as error:
            self.errors = [acts.refusal(error).message]
            if isinstance(error, once.Otherwise):
                self.last.data = self.last.data.copy()
                self.last.data["announced"] = once.announce(self.request)
            return None
        acts.remember(self.request)
        return ". ".join(filter(None, (now("Recorded: %s") % ", ".join(map(str, made)), self.told)))

    def drafts(self, made: list[models.Record]) -> list[models.Record]:
        """What is submitted with the records made: they, and what they rest on, as far as it is a draft."""
        found = {(type(record), record.pk): record for record in [*self.beside(made), *made]}
        return [record for record in found.values() if getattr(record, "state", "") == models.State.DRAFT]

    def beside(self, made: list[models.Record]) -> list[models.Record]:
        """What the records made rest on."""


class Mark(Sheets):
    """One way to use a passage."""

    name: str
    label: Any
    title: Any
    judging = False  # whether it is for the assessment that one comes from, and no other way is offered then
    onward = ""  # where it leads, if not back to the text
    do_not_call_in_templates = True  # the classes themselves are listed as the ways

    def __init__(self, site: AdminSite, request: HttpRequest, passage: intake.Passage):
        super().__init__(site, request)
        self.passage = passage
        self.there = passage.quoted()
        self.quote = None if self.there else self._quote()
        self.build()
        self.end(now("Recorded from %s") % self.passage.document.pk)

    def make(self, quote: models.Quote) -> list[models.Record]:
        """Makes the records and answers them, those first that others belong to."""

    def record(self) -> list[Any]:
        quote = intake.quote(self.passage, now=timezone.now(), **self._told_of_quote())
        return [quote, *self.make(quote)]

    def beside(self, made: list[models.Record]) -> list[models.Record]:
        return [self.passage.document, *(each.statement for each in made if isinstance(each, models.Commitment))]

    def _quote(self) -> forms.ModelForm:
        last = max(self._quotes, key=lambda quote: int(quote.ref.rpartition("-")[2]), default=None)
        voice = last.voice if last else VOICES.get(self.passage.document.document_kind)
        known = {"voice": voice, "speaker": last.speaker_id if last and voice == last.voice else None}
        instance = models.Quote(**self.passage.values())
        form = self.form(models.Quote, ["voice", "speaker", "translation"], instance=instance, initial=known)
        return self.sheet(form, (_("The quote"), ["voice", "speaker", "translation"]))

    @cached_property
    def _quotes(self) -> list[models.Quote]:
        return list(self.passage.document.quotes.all())

    def _told_of_quote(self) -> dict:
        return {name: self.quote.cleaned_data[name] for name in self.quote._meta.fields} if self.quote else {}


def add(record: Any) -> Any:
    """Saves a new record after all the checks that its own page would make."""
    record.full_clean()
    record.save(force_insert=True)
    return record
