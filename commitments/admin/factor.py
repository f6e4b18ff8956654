"""The second factor at the desk: asked for after the password, enrolled with a QR code, taken away with a reason."""

import base64
import unicodedata

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp import login as remember

from commitments import factors
from commitments.actions import Refused
from commitments.models import Factor, RecoveryCodes
from tracker.requests import is_local

KEY = "factor"  # in the session: the stored key of a factor that isn't enrolled yet


def required(request: HttpRequest) -> bool:
    """Whether everybody needs one: as soon as the desk can be reached from another machine, or is."""
    return settings.BEYOND_LOOPBACK or not is_local(request)


def passed(request: HttpRequest) -> bool:
    """Whether a session has shown what it must: whoever has a factor is asked for it everywhere. One query a request."""
    if getattr(request.user, "otp_device", None):
        return True
    if not hasattr(request, "lacks_factor"):
        request.lacks_factor = required(request) or factors.of(request.user) is not None
    return not request.lacks_factor


class CodeField(forms.CharField):
    """A code as people type it: with spaces or hyphens, in capitals, in any digits."""

    def __init__(self, **kwargs):
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "dir": "ltr"}
        super().__init__(max_length=30, widget=forms.TextInput(attrs), **kwargs)

    def to_python(self, value: str) -> str:
        typed = super().to_python(value).replace(" ", "").replace("-", "").lower()
        return "".join(str(unicodedata.decimal(letter, letter)) for letter in typed)


class ShowForm(forms.Form):
    """Asks whoever has a factor for its code."""

    code = CodeField(label=_("Code"), help_text=_("Six digits of the app, or one of the recovery codes."))

    def __init__(self, data: dict | None, request: HttpRequest):
        super().__init__(data)
        self.fields["code"].widget.attrs["autofocus"] = True
        self.request = request

    def clean(self) -> None:
        if "code" in self.cleaned_data:
            try:
                self.device = factors.show(self.request.user, self.cleaned_data["code"])
            except Refused as error:
                self.add_error("code", str(error))


class EnrolForm(forms.Form):
    """Asks for the code of a new key and, where it takes another's place, for one of the present factor first."""

    present = CodeField(label=_("Code of the present factor"), help_text=_("Or one of the recovery codes."))
    code = CodeField(label=_("Code of this key"), help_text=_("Six digits that the app shows now."))

    def __init__(self, data: dict | None, request: HttpRequest):
        super().__init__(data)
        self.user, self.key = request.user, request.session[KEY]
        self.instead = factors.of(self.user)
        if not self.instead:
            del self.fields["present"]

    def clean(self) -> None:
        if self.errors:
            return
        asked = "code"
        try:
            self.device = factors.proved(self.user, key=self.key, code=self.cleaned_data["code"])
            if self.instead:
                asked = "present"
                factors.show(self.user, self.cleaned_data["present"])
            self.codes = factors.enrol(self.device, instead=self.instead)
        except Refused as error:
            self.add_error(asked, str(error))


def page(request: HttpRequest, context: dict) -> HttpResponse:
    """Asks for the code of whoever has a factor and hasn't shown it; lets everybody else enrol one, or another."""
    asked = not request.user.otp_device and factors.of(request.user) is not None
    if not asked:
        request.session.setdefault(KEY, factors.new_key())
    form = (ShowForm if asked else EnrolForm)(request.POST if request.method == "POST" else None, request)
    context |= {"form": form, "title": _("Second factor"), "next": wanted(request), "asked": asked}
    context |= {"has_permission": False, "is_nav_sidebar_enabled": False, "required": required(request)}
    if form.is_valid():
        remember(request, form.device)
        request.session.pop(KEY, None)
        request.session.cycle_key()  # whoever knew the key of the half-open session doesn't know this one
        if not asked:
            codes = [f"{code[:5]}-{code[5:]}" for code in form.codes]
            return render(request, "admin/second_factor_codes.html", context | {"codes": codes})
        if isinstance(form.device, RecoveryCodes):
            _tell_left(request)
        return HttpResponseRedirect(context["next"])
    if not asked:
        factor = Factor(user=request.user, key=request.session[KEY])
        key = base64.b32encode(factor.bin_key).decode()
        context["image"] = segno.make(factor.config_url).svg_data_uri(scale=4, light="#fff")
        context["key"] = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
    return render(request, "admin/second_factor.html", context)


def wanted(request: HttpRequest) -> str:
    """Where a request wanted to go, the start page where that is none of ours."""
    told = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    ours = url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure())
    return told if ours else reverse("admin:index")


def _tell_left(request: HttpRequest) -> None:
    number = factors.left(request.user)
    told = ngettext(
        "You used a recovery code: %d is left. If your phone is lost, replace your second factor now.",
        "You used a recovery code: %d are left. If your phone is lost, replace your second factor now.",
        number,
    )
    messages.warning(request, told % number)


def locked_out(request: HttpRequest, *_more) -> HttpResponse:
    """The page for who typed too many wrong passwords: it names nobody, and is the same for names that don't exist."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = admin.site.each_context(request) | {"title": _("Locked for a while"), "minutes": minutes}
    answer = render(request, "admin/locked_out.html", context, status=429)
    answer["Retry-After"] = str(60 * minutes)
    return answer
