"""The second factor's verbs: enrol one, show its code, take it away."""

import math
import secrets
import time

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import default_key

from .actions import Refused
from .ledger import Door, act
from .models import Factor, RecoveryCode, RecoveryCodes, User

CODES = 10  # for recovery
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
new_key = default_key


def of(user: User) -> Factor | None:
    """Somebody's factor, None where they have none."""
    return Factor.objects.filter(user=user).first()


def proved(user: User, *, key: str, code: str) -> Factor:
    """A factor of this stored key, not saved yet; Refused unless `code` is the key's code of now."""
    factor = Factor(user=user, key=key)
    clock = TOTP(factor.bin_key, factor.step, factor.t0, factor.digits)
    clock.time = time.time()
    if not (code.isdecimal() and clock.verify(int(code), factor.tolerance)):
        raise Refused(_("This isn't the code of this key. Take the newest one; is the phone's clock right?"))
    factor.drift, factor.last_t = clock.drift, clock.t()
    return factor


def enrol(factor: Factor, *, instead: Factor | None) -> list[str]:
    """Keeps a factor that was proved, in the place of that `instead`; answers new recovery codes, which nobody sees again.

    Refused where another was enrolled meanwhile.
    """
    user = factor.user
    with act(actor=user.pseudonym, reason="Enrol a second factor", door=Door.ADMIN):
        User.objects.select_for_update().get(pk=user.pk)  # one at a time
        if of(user) != instead:
            raise Refused(_("Another second factor was enrolled meanwhile: open the page again."))
        _drop(user)
        factor.save()
        codes = ["".join(secrets.choice(LETTERS) for _letter in range(10)) for _code in range(CODES)]
        device = RecoveryCodes.objects.create(user=user)
        RecoveryCode.objects.bulk_create(RecoveryCode(device=device, token=RecoveryCode.hidden(each)) for each in codes)
    return codes


def show(user: User, code: str) -> Factor | RecoveryCodes:
    """What a code of now, or a recovery code, proves; either is good once. Refused if it proves nothing, or comes too soon.

    After each wrong code the next one has to wait twice as long as before, from a second on.
    """
    kind = Factor if len(code) == 6 and code.isdecimal() else RecoveryCodes
    with act(actor=user.pseudonym, reason="Show the second factor", door=Door.ADMIN):
        device = kind.objects.filter(user=user).select_for_update().first()
        allowed, why = device.verify_is_allowed() if device else (True, None)
        shown = device is not None and device.verify_token(code)
    if not allowed:
        wait = math.ceil((why["locked_until"] - timezone.now()).total_seconds())
        told = ngettext(
            "A wrong code came before: wait %d second, then type a new one.",
            "Wrong codes came before: wait %d seconds, then type a new one.",
            wait,
        )
        raise Refused(told % wait)
    if not shown:
        raise Refused(_("This code isn't right, or was used before."))
    return device


def left(user: User) -> int:
    """How many recovery codes somebody has."""
    return RecoveryCode.objects.filter(device__user=user).count()


def take_away(user: User, *, by: str, reason: str, door: str = "command") -> None:
    """Ends somebody's factor and all their sessions: whoever has their password enrols another at the next log-in.

    Refused where there is none.
    """
    with act(actor=by, reason=reason, door=door):
        if not of(user):
            raise Refused(_("There is no second factor of %s.") % user)
        _drop(user)
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
            if session.get_decoded().get(SESSION_KEY) == str(user.pk):
                session.delete()


def _drop(user: User) -> None:
    RecoveryCode.objects.filter(device__user=user).delete()
    RecoveryCodes.objects.filter(user=user).delete()
    Factor.objects.filter(user=user).delete()
