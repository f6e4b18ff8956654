"""Text that must go on legal demand: its entries become hashes, and the record says so and why."""

import json

from django.db import connections, transaction
from django.db import models as orm
from django.utils.translation import gettext as _

from . import fixtures, models, releases
from .actions import Refused
from .ledger import HEAD, Entry, act
from .models import CommitmentIndex, Publication, Standing, Withholding

BLOCK = "█"
SHORTEST = 8  # characters: fewer would take down half of the ledger by a slip

# All tables or none: who doesn't get one soon lets go of the others and begins again, since a writer that has it may want one of those.
# PostgreSQL ends one of two who wait for each other after a second.
ALONE = """
DO $$ BEGIN
  PERFORM set_config('lock_timeout', '300ms', true);
  LOOP
    BEGIN
      LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
END $$"""


def entries(words: str, using: str = "default") -> list[int]:
    """The numbers of the entries whose hashed text holds these words, in order."""
    found = Entry.objects.using(using).extra(where=["strpos(canonical, %s) > 0"], params=[_spelled(words)])
    return list(found.order_by("seq").values_list("seq", flat=True))


def withhold(words: str, *, by: str, reason: str) -> list[Withholding]:
    """As the owner, makes a hash of every entry that holds `words`, tombstones of the old public versions that do, blocks on the desk.

    Hashes and chain stay, so everything else still verifies; a Withholding for each entry says why, in public. Refused
    while a current public version holds the words: that is corrected or retracted first, as the public should see. And if
    a reference does: others name the record by it, and the Withholding itself has to say whose entry it was.
    """
    if len(words.strip()) < SHORTEST:
        raise Refused(_("Give at least %s characters of the text that has to go.") % SHORTEST)
    if words in reason or words in by:
        raise Refused(_("The reason is public and mustn't repeat the text."))
    using = "owner"
    with transaction.atomic(using=using):
        _alone(using)
        if held := _held(words, using):
            raise Refused(_("Still public: %s. Correct or retract that first.") % ", ".join(held))
        found = list(Entry.objects.using(using).filter(seq__in=entries(words, using)).order_by("seq"))
        if named := _named(words, found, using):
            raise Refused(_("References stay, and these hold the text: %s. Give other words.") % ", ".join(named))
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
        _hollow(made, words, using)
    if made:
        releases.withdraw(made[0].entry)
    return made


def _spelled(words: str) -> str:
    """Words as they stand inside a JSON string."""
    return json.dumps(words, ensure_ascii=False)[1:-1]


def _held(words: str, using: str) -> list[str]:
    """The current public versions that hold the words."""
    current = Publication.objects.using(using).filter(until_seq__isnull=True)
    found = current.extra(where=["strpos(body::text || detail::text, %s) > 0"], params=[_spelled(words)])
    return [f"{ref}" for ref in found.order_by("ref").values_list("ref", flat=True)]


def _named(words: str, found: list[Entry], using: str) -> list[str]:
    """The references that hold the words, of entries or of those that were withheld before."""
    gone = Withholding.objects.using(using).filter(reference__contains=words).values_list("reference", flat=True)
    return sorted({*gone, *(each.reference for each in found if words in each.reference)})


def _alone(using: str) -> None:
    """Waits for those who write, in whatever order, and lets nobody begin."""
    tables = ", ".join(f'"{model._meta.db_table}"' for model in (*models.LOCAL, *fixtures.MODELS, Entry))
    with connections[using].cursor() as cursor:
        cursor.execute(ALONE.format(tables=tables))
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _hollow(made: list[Withholding], words: str, using: str) -> None:
    """The owner's right, inside one transaction: takes the text out of entries, of past public versions and of the desk's rows."""
    versions = [each for each in made if each.table == Publication._meta.db_table]
    desk = [model for model in fixtures.MODELS if model is not Publication]
    tables = [model._meta.db_table for model in (Entry, Publication, *desk)]
    with connections[using].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        Entry.objects.using(using).filter(seq__in=[each.entry for each in made]).update(
            canonical=None, **dict.fromkeys(HEAD)
        )
        for each in versions:
            CommitmentIndex.objects.using(using).filter(publication=each.reference).delete()
            Publication.objects.using(using).filter(pk=each.reference).update(
                body="{}", detail="{}", tombstone=True, reason=each.reason
            )
        left = CommitmentIndex.objects.using(using).filter(stands=orm.OuterRef("publication"))
        Standing.objects.using(using).exclude(orm.Exists(left)).delete()
        for model in desk:
            _blank(cursor, model, words)
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _blank(cursor, model: type[orm.Model], words: str) -> None:
    """Puts as many blocks in the words' place in every text of a model's rows, so that lengths and places stay."""
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        plain = isinstance(field, orm.CharField | orm.TextField) and not field.primary_key
        if plain or isinstance(field, orm.JSONField):
            said = words if plain else _spelled(words)
            kind = "" if plain else "::jsonb"
            cursor.execute(
                f'UPDATE "{table}" SET "{field.column}" = replace("{field.column}"::text, %s, %s){kind} '
                f'WHERE strpos("{field.column}"::text, %s) > 0',
                [said, BLOCK * len(words), said],
            )
