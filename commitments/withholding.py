"""Text that must go on legal demand: its entries become hashes, and the record says so and why."""

import json

from django.db import connections, transaction
from django.utils.translation import gettext as _

from . import fixtures, releases
from .actions import Refused
from .ledger import Entry, act
from .models import Publication, Standing, Withholding

SHORTEST = 8  # characters: fewer would take down half of the ledger by a slip


def entries(words: str, using: str = "default") -> list[int]:
    """The numbers of the entries whose hashed text holds these words, in order."""
    found = Entry.objects.using(using).extra(where=["strpos(canonical, %s) > 0"], params=[_spelled(words)])
    return list(found.order_by("seq").values_list("seq", flat=True))


def withhold(words: str, *, by: str, reason: str) -> list[Withholding]:
    """As the owner, makes a hash of every entry that holds `words`, and tombstones of the old public versions that do.

    Hashes and chain stay, so everything else still verifies; a Withholding for each entry says why, in public. Refused
    while a row of the desk or a current public version holds the words: those go by the usual ways first.
    """
    if len(words.strip()) < SHORTEST:
        raise Refused(_("Give at least %s characters of the text that has to go.") % SHORTEST)
    if words in reason or words in by:
        raise Refused(_("The reason is public and mustn't repeat the text."))
    using = "owner"
    with transaction.atomic(using=using):
        if held := _held(words, using):
            raise Refused(
                _("Still there: %s. Correct or retract it first; what is left is withheld then.") % ", ".join(held)
            )
        found = list(Entry.objects.using(using).filter(seq__in=entries(words, using)).order_by("seq"))
        with act(actor=by, reason=reason, using=using):
            made = [
                Withholding(
                    ref=f"withholding-{entry.seq}",
                    entry=entry.seq,
                    table=entry.table,
                    reference=entry.reference,
                    reason=reason,
                )
                for entry in found
            ]
            Withholding.objects.using(using).bulk_create(made)
        _hollow(made, using)
    if made:
        releases.withdraw(made[0].entry)
    return made


def _spelled(words: str) -> str:
    """Words as they stand inside a JSON string."""
    return json.dumps(words, ensure_ascii=False)[1:-1]


def _held(words: str, using: str) -> list[str]:
    """The rows of the desk and the current public versions that hold the words, as "table reference"."""
    held = []
    for model in fixtures.MODELS:
        table, pk = model._meta.db_table, model._meta.pk.column
        current = "AND t.until_seq IS NULL" if model is Publication else ""
        with connections[using].cursor() as cursor:
            query = f'SELECT t."{pk}" FROM "{table}" t WHERE strpos(to_jsonb(t)::text, %s) > 0 {current} ORDER BY 1'
            cursor.execute(query, [_spelled(words)])
            held += [f"{model._meta.verbose_name} {reference}" for (reference,) in cursor.fetchall()]
    return held


def _hollow(made: list[Withholding], using: str) -> None:
    """The owner's right, inside one transaction: takes the text out of entries and of public versions that are past."""
    versions = [each for each in made if each.table == Publication._meta.db_table]
    tables = [model._meta.db_table for model in (Entry, Publication)]
    with connections[using].cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        Entry.objects.using(using).filter(seq__in=[each.entry for each in made]).update(canonical=None)
        for each in versions:
            Standing.objects.using(using).filter(publication=each.reference).delete()
            Publication.objects.using(using).filter(pk=each.reference).update(
                body="{}", detail="{}", tombstone=True, reason=each.reason
            )
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
