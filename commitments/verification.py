"""Read-only checks of the whole record: quotes against texts, the ledger against itself and the rows, the shelf against fresh renderings."""

import re
from collections.abc import Iterator

from django.db import connections
from pgtrigger import registry

from . import actions, functions, models, quotes
from .findings import Finding
from .ledger import GENESIS, Capture, Entry, chain_hash, leaf_hash, privileges


def quotes_(using: str = "default") -> Iterator[Finding]:
    """Each quote that isn't proven exact: by its document's text where that is attached, else by its last check."""
    prepared: dict[str, quotes.Text] = {}
    found = models.Quote.objects.using(using).checked().select_related("document__attached").order_by("ref")
    for quote in found.iterator(chunk_size=500):
        level = quote.level
        if hasattr(quote.document, "attached"):
            if quote.document_id not in prepared:
                prepared = {quote.document_id: quotes.Text(quote.document.attached.text)}
            text = prepared[quote.document_id]
            level = quotes.find(text, quote.exact, start=quote.start, prefix=quote.prefix, suffix=quote.suffix).level
        if level != models.Level.EXACT:
            yield Finding("quote", 0, f"QUOTE_{level.upper()}", f"{quote.ref}: {level} in {quote.document_id}")


def ledger(using: str = "default") -> Iterator[Finding]:
    """What doesn't hold: numbers, hashes, chain; triggers, functions and privileges as declared; rows as last recorded."""
    yield from _chain(using)
    yield from _declared(using)
    yield from _rows(using)


def _chain(using: str) -> Iterator[Finding]:
    number, chain, at = 0, GENESIS, None
    for entry in Entry.objects.using(using).order_by("seq").iterator(chunk_size=500):
        number += 1
        values = entry.values
        faults = {
            "GAP": entry.seq != number or values["seq"] != number,
            "WRONG_LEAF": leaf_hash(entry.canonical) != entry.leaf,
            "WRONG_CHAIN": chain_hash(chain, entry.leaf) != entry.chain,
            "WRONG_TIME": f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}" != values["at"] or (at is not None and entry.at < at),
        }
        yield from (
            Finding("ledger_entry", entry.seq, code, "the entry was altered") for code, wrong in faults.items() if wrong
        )
        number, chain, at = entry.seq, entry.chain, entry.at


def _declared(using: str) -> Iterator[Finding]:
    for model, trigger in registry.registered():
        status, enabled = trigger.get_installation_status(model, database=using)
        if status != "INSTALLED" or not enabled:
            words = "switched off" if status == "INSTALLED" else status.lower()
            yield Finding(model._meta.db_table, 0, "TRIGGER", f"{trigger.name} is {words}")
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        there = dict(cursor.fetchall())
        for declared in functions.all():
            for name, source in re.findall(r"FUNCTION public\.(\w+)\(.*?AS \$\w*\$(.*?)\$\w*\$", declared, re.DOTALL):
                if there.get(name) != source:
                    yield Finding(name, 0, "FUNCTION", "the function isn't the declared one")
        role = connections["default"].settings_dict["USER"]
        held = ", ".join(
            f"CASE WHEN has_table_privilege(r.oid, c.oid, '{name}') THEN '{name}' END" for name in PRIVILEGES
        )
        cursor.execute(
            f"SELECT c.relname, c.relowner = r.oid, array_remove(ARRAY[{held}], NULL) FROM pg_class c, pg_roles r "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND r.rolname = %s ORDER BY 1",
            [role],
        )
        for table, owned, allowed in cursor.fetchall():
            if not owned and sorted(allowed) != sorted(privileges(table).split(", ")):
                yield Finding(table, 0, "PRIVILEGE", f"{role} may {', '.join(allowed)}")


PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def _rows(using: str) -> Iterator[Finding]:
    """Each row that isn't as its last entry says, that the ledger doesn't know, or that is gone.

    What stays on its own machine (users, texts) may be gone: a bundle brings its entries and not its rows.
    """
    for model, trigger in registry.registered():
        if not isinstance(trigger, Capture):
            continue
        pk, hidden, derived = trigger.arguments
        left_out = f"'{{{','.join(filter(None, (hidden, derived)))}}}'::text[]"
        table = model._meta.db_table
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"""
                SELECT coalesce(t.{pk}::text, e.reference), e.seq, t.{pk} IS NULL
                  FROM (SELECT DISTINCT ON (reference) reference, seq, canonical::jsonb -> 'after' AS after
                          FROM ledger_entry WHERE "table" = %s ORDER BY reference, seq DESC) e
                  FULL JOIN "{table}" t ON t.{pk}::text COLLATE "C" = e.reference COLLATE "C"
                 WHERE (to_jsonb(t) - {left_out}) IS DISTINCT FROM nullif(e.after, 'null'::jsonb) ORDER BY 1""",
                [table],
            )
            for reference, seq, gone in cursor.fetchall():
                if gone and model in models.LOCAL:
                    continue
                words = (
                    "the ledger doesn't know it"
                    if seq is None
                    else "it is gone"
                    if gone
                    else f"it isn't as entry {seq} says"
                )
                yield Finding(table, seq or 0, "ROW", f"{reference}: {words}")


def shelf(using: str = "default") -> Iterator[Finding]:
    """Each current Publication that differs from a fresh rendering of what was approved, or stands otherwise than it should."""
    for reference, words in actions.stale():
        yield Finding("commitments_publication", 0, "STALE", f"{reference}: {words}")


CHECKS = {"quotes": quotes_, "ledger": ledger, "shelf": shelf}
