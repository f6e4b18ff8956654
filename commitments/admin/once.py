"""A form that is sent twice makes its records once: it carries the number of the act that it will be."""

import contextlib
import hashlib
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from django.core import signing
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.actions import Refused
from commitments.fields import canonical
from commitments.ledger import Door, Entry, act

from . import acts

AGAIN = gettext_lazy("This form was sent before: what it asked for is recorded, once.")
SALT = "an act to come"
FORM = 18  # characters of an act's number that tell its form; the others tell what it was sent with


class Otherwise(Refused):
    """A form that was sent before, and recorded, comes again and asks for something else."""


class Announced(NamedTuple):
    """What a form carries: the number of its act, whose it is, and how long the ledger was before the form was made."""

    number: str
    whose: str
    size: int


def announce(request: HttpRequest) -> str:
    """A new announcement, signed. To be made before the records are read that the form shows."""
    return signing.dumps(Announced(str(uuid.uuid4()), request.user.pseudonym, Entry.objects.size()), salt=SALT)


def carried(request: HttpRequest) -> Announced:
    """What the form that was sent carries, whoever sent it; Refused unless it was made here."""
    try:
        return Announced(*signing.loads(request.POST.get("announced", ""), salt=SALT))
    except signing.BadSignature as error:
        raise Refused(_("This form wasn't made here, or is another version's: open the page again.")) from error


def announced(request: HttpRequest) -> Announced:
    """What the form that was sent carries; Refused unless it was announced to this very person.

    The same form with other words or another button is another act: nobody is told that it happened already.
    """
    found = carried(request)
    if found.whose != request.user.pseudonym:
        raise Refused(_("This form was opened by %s: open the page again.") % found.whose)
    files = [[name, each.name, each.size] for name, each in request.FILES.items()]
    sent = [[name, values] for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
    told = hashlib.sha256(canonical([sorted(sent), sorted(files)]).encode()).hexdigest()
    return found._replace(number=str(uuid.UUID(found.number[:FORM].replace("-", "") + told[:16])))


def made(this: Announced) -> QuerySet:
    """The entries of an announced act, none if it never happened."""
    return Entry.objects.filter(seq__gt=this.size, act=this.number).order_by("seq")


@contextlib.contextmanager
def once(request: HttpRequest) -> Iterator[bool]:
    """The announced act, open; False, and nothing open, if it happened already. Two at once wait for each other.

    Refused without an announcement that is this person's; Otherwise, where the form's act happened with other words.
    """
    this = announced(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [this.number[:FORM]])
    acts_of_it = Entry.objects.filter(seq__gt=this.size, act__startswith=this.number[:FORM])
    happened = set(acts_of_it.values_list("act", flat=True).distinct())
    if this.number in happened:
        yield False
        return
    if happened:
        raise Otherwise(
            _(
                "This form was sent before, and that is recorded; this time it asks for something else. Send it again if you mean it."
            )
        )
    told = {"actor": request.user.pseudonym, "reason": acts.given_reason(request), "door": Door.ADMIN}
    with act(**told, number=this.number):
        yield True
