"""A form that is sent twice makes its records once: it carries the number of the act that it will be."""

import contextlib
import uuid
from collections.abc import Iterator

from django.core import signing
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from commitments.actions import Refused
from commitments.ledger import Door, Entry, act

from . import acts

SALT = "an act to come"


def announce(request: HttpRequest) -> str:
    """What a form carries: the number of its act, whose it is, and how long the ledger was when it was shown; signed."""
    return signing.dumps([str(uuid.uuid4()), request.user.pseudonym, Entry.objects.size()], salt=SALT)


@contextlib.contextmanager
def once(request: HttpRequest) -> Iterator[bool]:
    """The announced act, open; False, and nothing open, if it happened already. Two at once wait for each other.

    Refused without an announcement that is this person's.
    """
    try:
        number, whose, size = signing.loads(request.POST.get("announced", ""), salt=SALT)
    except signing.BadSignature as error:
        raise Refused(_("This form wasn't made here, or is another version's: open the page again.")) from error
    if whose != request.user.pseudonym:
        raise Refused(_("This form was opened by %s: open the page again.") % whose)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [number])
    if Entry.objects.filter(seq__gt=size, act=number).exists():
        yield False
        return
    told = {"actor": request.user.pseudonym, "reason": acts.given_reason(request), "door": Door.ADMIN}
    with act(**told, number=number):
        yield True
