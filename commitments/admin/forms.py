"""The forms of the desk: the reason, what the database refused, and what follows from a document's text."""

import codecs
import hashlib
import itertools

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from commitments import dates, judging, quotes, text
from commitments.models import Document, User

from . import display
from .acts import FIELDS, Refusal
from .sentences import said
from .widgets import Reason, RecordField, Verbatim, placed, sound

SHOWN = 5  # differences between a quote and its document's words that a message lists


def readable_date(value: str) -> None:
    """ValidationError unless it is EDTF as the register keeps it."""
    try:
        dates.bounds(value)
    except ValueError as error:
        raise ValidationError(str(error)) from error


# UTF-8, then what older Arabic and Latin texts come in.
ENCODINGS = ("utf-8", "windows-1256", "iso-8859-6", "windows-1252", "iso-8859-1", "utf-16")


def counted(content: bytes) -> dict:
    """What a Document says of its text: {"sha256", "length" in bytes, "characters" in code points}."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "length": len(content), "characters": len(content.decode())}


class DeskForm(forms.ModelForm):
    """A record's or part's form: each message at its field, each text in its record's direction."""

    refusal: Refusal | None = None  # why the database refused this very form a moment ago

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = getattr(self.instance, "language", "")
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField) and not isinstance(field, Reason):  # which says so itself
                placed(field)
            widget = getattr(field.widget, "widget", field.widget)  # without the wrapper for related records
            if name in display.SPOKEN and language:
                widget.attrs |= {"dir": display.direction(language), "lang": language}
            elif name in display.SPOKEN | display.ANY:
                widget.attrs |= {"dir": "auto"}
            elif isinstance(widget, forms.TextInput | forms.URLInput) and not isinstance(field, Reason):
                widget.attrs |= {
                    "dir": "ltr"
                }  # references, dates in EDTF, addresses: turned round they say another thing
            if hasattr(widget, "optgroups") and hasattr(field, "queryset"):
                field.known = widget.known = self._at_hand(name)

    def _at_hand(self, name: str) -> dict:
        field = self._meta.model._meta.get_field(name)
        if field.many_to_many or not field.is_cached(self.instance):
            return {}
        record = field.get_cached_value(self.instance)
        return {record.pk: record} if record else {}

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.refusal:
            self.add_error(self.refusal.field if self.refusal.field in self.fields else None, self.refusal.message)
        return cleaned

    def _post_clean(self) -> None:
        """As Django's; of a row that nobody touched, which isn't saved, what Python alone checks: the database holds the rest."""
        if self.instance._state.adding or self.has_changed():
            super()._post_clean()
            return
        links = {field.name for field in self.instance._meta.concrete_fields if field.remote_field}
        try:
            self.instance.full_clean(self._get_validation_exclusions() | links, False, validate_constraints=False)
        except ValidationError as error:
            self._update_errors(error)

    def add_error(self, field: str | None, error: ValidationError | str) -> None:
        """As Django's; what a room below said comes in the reader's language."""
        error = error if isinstance(error, ValidationError) else ValidationError(error)
        leaves = error.error_dict.values() if hasattr(error, "error_dict") else [error.error_list]
        for each in itertools.chain.from_iterable(leaves):
            each.message = said(each.message) if type(each.message) is str else each.message
        super().add_error(field, error)

    def _update_errors(self, errors: ValidationError) -> None:
        """Moves each constraint's message from above the form to the field that FIELDS names."""
        for error in errors.error_dict.pop(NON_FIELD_ERRORS, []):
            field = self._where(error)
            errors.error_dict.setdefault(field if field in self.fields else NON_FIELD_ERRORS, []).append(error)
        super()._update_errors(errors)

    def _where(self, error: ValidationError) -> str | None:
        unique = (error.params or {}).get("unique_check")
        for constraint in self.instance._meta.constraints:
            if unique == getattr(constraint, "fields", ()) or error.message == constraint.get_violation_error_message():
                return FIELDS.get(constraint.name)
        return None


class PartFormSet(forms.BaseInlineFormSet):
    """The parts of one record: a row that says it exists must be one of them still."""

    def add_fields(self, form: DeskForm, index: int | None) -> None:
        """As Django's, but a row that the set has read isn't asked for again."""
        super().add_fields(form, index)
        name = self.model._meta.pk.name
        asked = form.fields[name]
        form.fields[name] = RecordField(asked.queryset, initial=asked.initial, required=False, widget=asked.widget)
        if not form.instance._state.adding:
            form.fields[name].known = {form.instance.pk: form.instance}

    def clean(self) -> None:
        super().clean()
        if any(form.instance._state.adding for form in self.initial_forms):
            raise ValidationError(
                _("One of these rows isn't this record's, or was removed meanwhile: open the page again.")
            )


class ProofFormSet(PartFormSet):
    """What a judgement rests on; one that may not stand without is refused, with the rule."""

    rests_on: str  # "evidence" or "searched"

    def clean(self) -> None:
        super().clean()
        left = [form for form in self.forms if form not in self.deleted_forms]
        counted = {"evidence": 1, "searched": 1}
        counted[self.rests_on] = sum(form in self.initial_forms or form.has_changed() for form in left)
        if lacking := judging.lacking(self.instance.status, **counted):
            raise ValidationError(lacking)


class ReasonedForm(DeskForm):
    """The main form of a page: it asks for the reason."""

    reason = Reason()

    @property
    def edited(self) -> list[str]:
        """The fields of the record that were changed."""
        return [name for name in self.changed_data if name != "reason"]


class DocumentForm(ReasonedForm):
    """A document and, where at hand, its exact text: what is counted and hashed follows from the text."""

    text = Verbatim(
        label=_("Text: paste it"),
        required=False,
        rows=8,
        help_text=_("As it was published. The line ends that a browser sends (CR LF) become LF before it is hashed."),
    )
    file = forms.FileField(
        label=_("Text: or a file"),
        required=False,
        help_text=_("Its exact bytes are kept, hashed and counted; they never leave the desk."),
    )
    encoding = forms.ChoiceField(
        label=_("The file's encoding"),
        required=False,
        choices=[(code, code.upper()) for code in ENCODINGS],
        help_text=_("A text in another encoding than UTF-8 is kept, hashed and counted as UTF-8."),
    )
    ASKED, COUNTED = ("text", "file", "encoding"), ("sha256", "length", "characters")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.COUNTED:
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = _("Follows from the text; to be typed only where the text isn't at hand.")

    def _read_file(self) -> bytes | None:
        """The file's text in UTF-8, byte by byte the file itself if that is its encoding; None, and told why, if it isn't sound."""
        file, encoding = self.cleaned_data["file"], self.cleaned_data.get("encoding") or ENCODINGS[0]
        file.seek(0)
        content = file.read()
        if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            message = _("%s has no byte order mark, so which UTF-16 it is can't be told: save it as UTF-8.")
            self.add_error("file", message % file.name)
            return None
        try:
            written = content.decode(encoding)
            sound(written)
        except UnicodeDecodeError as error:
            told = {"name": file.name, "encoding": encoding.upper(), "at": error.start}
            told |= {"line": content.count(b"\n", 0, error.start) + 1, "value": content[error.start :][:4].hex(" ")}
            message = _(
                "%(name)s isn't %(encoding)s: bytes %(value)s at offset %(at)d (line %(line)d). "
                "Choose the encoding that it has, or save it as UTF-8 and choose it again."
            )
            self.add_error("file", message % told)
        except ValidationError as error:
            self.add_error("file", error)
        else:
            return content if encoding == ENCODINGS[0] else written.encode()
        return None

    @property
    def content(self) -> bytes | None:
        """The exact bytes of the text that was given."""
        return self.cleaned_data.get("file") or self.cleaned_data.get("text", "").encode() or None

    @property
    def kept(self) -> str:
        """What became of the text's bytes, in words."""
        if not self.cleaned_data.get("file"):
            return _("Line ends that the form sent as CR LF are LF.")
        if (self.cleaned_data.get("encoding") or ENCODINGS[0]) == ENCODINGS[0]:
            return _("The file's bytes are kept as they are.")
        return _("The file's text is kept in UTF-8, its line ends as they are.")

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("file"):
            cleaned["file"] = self._read_file()
        if cleaned.get("file") and cleaned.get("text"):
            self.add_error("file", _("Paste the text or choose a file, not both."))
        if self.content and not self.content.decode().strip():
            self.add_error("file" if cleaned.get("file") else "text", _("Nothing but white space is no text."))
        follows = counted(self.content) if self.content else {}
        wrong = self.errors.keys() & {"text", "file"}
        for name in self.COUNTED:
            if name not in self.fields or name in self.errors:
                continue
            if cleaned.get(name) in (None, ""):
                cleaned[name] = follows.get(name)
                if not follows and not wrong:
                    self.add_error(name, _("Give the text, or else type this."))
            elif follows and cleaned[name] != follows[name]:
                self.add_error(name, _("The text gives %s here.") % follows[name])
        if same := Document.objects.filter(sha256=cleaned.get("sha256")).exclude(pk=self.instance.pk).first():
            told = _("A document has this very text already: {}. What is missing there, add there.")
            self.add_error("sha256", format_html(told, display.link(same)))
        return cleaned


OTHERWISE = {  # by how a word differs; any other way is one word instead of another
    "added": _("At %(at)s it lacks “%(quote)s”."),
    "dropped": _("At %(at)s it also has “%(document)s”."),
    "moved": _("“%(document)s” stands at %(at)s, elsewhere than in these words."),
}


def otherwise(found: quotes.Match) -> list[str]:
    """What the nearest passage of a document has instead of a quote's words, the first few differences."""
    rows = [
        OTHERWISE.get(row.get("op"), _("At %(at)s it has “%(document)s”, not “%(quote)s”."))
        % {name: text.visible(str(row[name])) for name in ("at", "document", "quote")}
        for row in found.differences
    ]
    more = len(rows[SHOWN:])
    return rows[:SHOWN] + [ngettext("%s more difference.", "%s more differences.", more) % more] * bool(more)


class QuoteForm(ReasonedForm):
    """A quote: where the document's text is attached, its place and what stands around it follow from the text."""

    exact = Verbatim(label=_("Exact words"), rows=4)
    prefix = Verbatim(label=_("Text before"), rows=2, required=False)
    suffix = Verbatim(label=_("Text after"), rows=2, required=False)
    FOUND = {
        "start": _("Counted in characters from 0. Found in the document's text, where that is attached."),
        "language": _("The document's, if left empty."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.FOUND.keys() & self.fields.keys():
            self.fields[name].required, self.fields[name].help_text = False, self.FOUND[name]
        for name in {"exact", "prefix", "suffix"} & self.fields.keys():
            if (shown := text.visible(words := getattr(self.instance, name))) != words:
                self.fields[name].help_text = _("With characters that can't be seen: %s") % shown

    def clean(self) -> dict:
        cleaned = super().clean()
        document, exact = cleaned.get("document"), cleaned.get("exact")
        if not document or not exact:
            return cleaned
        cleaned["language"] = cleaned.get("language") or document.language
        attached = getattr(document, "attached", None)
        if attached:
            self._find(attached.text, exact)
        elif cleaned.get("start") is None and "start" not in self.errors:
            self.add_error("start", _("Attach the document's text, or type where the words begin."))
        if cleaned.get("start") is not None and "exact" in cleaned:
            self.instance.end = cleaned["start"] + len(cleaned["exact"])
        return cleaned

    def _find(self, content: str, exact: str) -> None:
        cleaned = self.cleaned_data
        if exact not in content:  # a document may have kept the line ends that the form took away
            exact = exact.replace("\n", "\r\n")
        start, around = cleaned.get("start"), {name: cleaned.get(name) or "" for name in ("prefix", "suffix")}
        found = quotes.find(content, exact, start=start, **around)
        if found.level == "exact" and (start is not None or len(found.places) == 1):
            cleaned |= {"exact": exact, "start": found.start}
            cleaned["prefix"], cleaned["suffix"] = quotes.context(content, found.start, found.end)
        elif found.places:
            places = ", ".join(map(str, found.places[:10]))
            self.add_error("start", _("In the document these words begin at %s: type which one is meant.") % places)
        elif cleaned.get("waiver") and start is None and "start" not in self.errors:
            near = _("Type where the words should stand.")
            if found.start is not None:
                near = _("Type where the words should stand; the nearest passage begins at %s.") % found.start
            self.add_error("start", near)
        elif not cleaned.get("waiver"):
            told = _("The document doesn't hold these words. Copy them from its text as they are.")
            self.add_error("exact", [told, *otherwise(found)])


class AccountForm(ReasonedForm, AdminUserCreationForm):
    """A new account."""

    class Meta(AdminUserCreationForm.Meta):
        model = User

    def _get_validation_exclusions(self) -> set[str]:
        """A pseudonym that isn't given is made at save."""
        return super()._get_validation_exclusions() | (set() if self.cleaned_data.get("pseudonym") else {"pseudonym"})


class PasswordForm(AdminPasswordChangeForm):
    """Another person's new password."""

    # Django puts the two together when it starts, and so in English.
    usable_password_help_text = format_lazy(
        '{} <ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        AdminUserCreationForm.usable_password_help_text,
        _("If disabled, the current password is lost."),
    )
    reason = Reason()


class TakeForm(forms.Form):
    """Why somebody's second factor goes."""

    reason = Reason(help_text=_("Kept for ever in the history."))


class MoveForm(ActionForm):
    """What to do with the rows that are ticked, and why. Only they: never with all that a search found."""

    reason = Reason(label=_("Reason"), help_text="")

    def clean_select_across(self) -> bool:
        return False


class DeadlineForm(DeskForm):
    """A deadline beside its commitment: one that names no statement was set by the commitment's own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "statement" in self.fields:
            self.fields["statement"].required = False
            self.fields["statement"].help_text = _("The commitment's own, if left empty.")

    def clean(self) -> dict:
        cleaned = super().clean()
        parent = cleaned.get("commitment")
        if parent and parent.statement_id and not cleaned.get("statement"):
            cleaned["statement"] = parent.statement
        return cleaned
