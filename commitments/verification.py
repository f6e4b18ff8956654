"""Read-only checks of the whole record: quotes against texts, the ledger against itself and the rows, the shelf against fresh renderings."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from django.db import connections
from django.db.models import Exists, Model, OuterRef
from pgtrigger import registry

from . import actions, checkpoints, functions, models, quotes, search
from .checkpoints import Checkpoint
from .findings import Finding
from .ledger import GENESIS, HEAD, HOSTILE, SUSPECT, Capture, Entry, privileges


def quotes_(using: str = "default", step: Callable[[], None] = lambda: None) -> Iterator[Finding]:
    """Each quote that isn't proven exact: by its document's text where that is attached, else by its last check.

    Where the text is attached, an exact quote's prefix and suffix must stand around it, too.
    `step` is called after each quote.
    """
    prepared: dict[str, quotes.Text | None] = {}
    found = models.Quote.objects.using(using).checked().order_by("document", "ref")
    for quote in found.iterator(chunk_size=500):
        level, against = quote.level, ""
        if quote.document_id not in prepared:  # one text at a time
            attached = models.DocumentText.objects.using(using).filter(pk=quote.document_id).first()
            prepared = {quote.document_id: attached and quotes.Text(attached.text)}
        if text := prepared[quote.document_id]:
            level = quotes.find(text, quote.exact, start=quote.start, prefix=quote.prefix, suffix=quote.suffix).level
        elif quote.last_sha256:
            against = f"; its text isn't attached, and was last checked with SHA-256 {quote.last_sha256}"
        if level != models.Level.EXACT:
            yield Finding("quote", 0, f"QUOTE_{level.upper()}", f"{quote.ref}: {level} in {quote.document_id}{against}")
        elif text and not quotes.is_between(text.text, quote.start, quote.end, quote.prefix, quote.suffix):
            words = f"{quote.ref}: its prefix or suffix isn't what stands around it in {quote.document_id}"
            yield Finding("quote", 0, "QUOTE_CONTEXT", words)
        step()


def ledger(using: str = "default", proven: Collection[type[Model]] = ()) -> Iterator[Finding]:
    """What doesn't hold: numbers, hashes, chain, checkpoints; triggers, functions and privileges as declared; rows as last recorded.

    `proven`: tables of which somebody else answers for that: rows for being as last recorded and holding no `hostile`
    character, entries for what their texts say in columns.
    """
    yield from _chain(using, columns=Entry not in proven)
    yield from _checkpoints(using)
    yield from _releases(using)
    yield from _declared(using)
    yield from _rows(using, proven)
    yield from _hollow(using)


ALTERED = {"HOSTILE": "its actor or reason holds a character that no record may hold"}


READ = [f'"{name}"' for name in HEAD]
# What is wrong with an entry, by code; the database looks, since it is the one that holds what is looked at.
CHAIN = (  # beside the one before
    ("GAP", "e.seq <> 1 AND b.seq IS NULL"),
    ("HIDDEN", "(e.canonical IS NULL) <> (w.entry IS NOT NULL)"),
    ("WRONG_LEAF", "encode(sha256('\\x00'::bytea || convert_to(e.canonical, 'UTF8')), 'hex') <> e.leaf"),
    (
        "WRONG_CHAIN",
        f"encode(sha256('\\x01'::bytea || decode(coalesce(b.chain, '{GENESIS}'), 'hex') || decode(e.leaf, 'hex')), 'hex') <> e.chain",
    ),
    ("WRONG_TIME", "e.at < b.at"),
    ("HOSTILE", f"concat(e.actor, e.reason) ~ '[{HOSTILE}]'"),
)
SAID = (  # beside its own text
    ("GAP", "h.seq <> e.seq::text"),
    (
        "WRONG_COLUMN",
        f"({', '.join(map('e.{}'.format, READ))}) IS DISTINCT FROM ({', '.join(map('h.{}'.format, READ))})",
    ),
    ("WRONG_TIME", """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') <> h.at"""),
    ("HOSTILE", f"concat(h.actor, h.reason) ~ '[{HOSTILE}]'"),
)
TEXT = f", json_to_record(e.canonical::json) h ({' text, '.join(('seq', 'at', *READ))} text)"


def _chain(using: str, *, columns: bool) -> Iterator[Finding]:
    """Each entry that doesn't follow from its text and the one before; `columns`: or whose columns aren't what its text says."""
    faults = CHAIN + SAID * columns
    found = ", ".join(f"CASE WHEN {wrong} THEN '{code}' END" for code, wrong in faults)
    with connections[using].cursor() as cursor:
        cursor.execute(  # each beside the one before: that is looked up by several processes at once, which a window isn't
            f"""SELECT * FROM (
              SELECT e.seq, array_remove(ARRAY[{found}], NULL) AS codes
                FROM ledger_entry e LEFT JOIN ledger_entry b ON b.seq = e.seq - 1
                LEFT JOIN (SELECT DISTINCT entry FROM commitments_withholding) w ON w.entry = e.seq{TEXT * columns}
            ) each WHERE cardinality(codes) > 0 ORDER BY seq"""
        )
        for seq, codes in cursor.fetchall():
            for code in dict.fromkeys(codes):
                yield Finding("ledger_entry", seq, code, ALTERED.get(code, "the entry was altered"))


def _checkpoints(using: str) -> Iterator[Finding]:
    name = checkpoints.origin_of(using)
    keys = [key.public for key in checkpoints.SigningKey.objects.using(using)]
    chains = dict(
        Entry.objects.using(using)
        .filter(seq__in=Checkpoint.objects.using(using).values("size"))
        .values_list("seq", "chain")
    )
    for checkpoint in Checkpoint.objects.using(using):
        size = checkpoint.size
        if size not in chains or not checkpoint.note.startswith(checkpoints.text(name, size, chains[size]) + "\n"):
            yield Finding("commitments_checkpoint", size, "CHECKPOINT", "it isn't about this ledger")
        elif not any(checkpoints.is_signed(checkpoint.note, name, key) for key in keys):
            yield Finding("commitments_checkpoint", size, "SIGNATURE", "no key that the ledger knows signed it")


def _releases(using: str) -> Iterator[Finding]:
    """Each release that states another head than the ledger had, or whose note nobody signed."""
    name, keys = checkpoints.origin_of(using), [key.public for key in checkpoints.SigningKey.objects.using(using)]
    for release in checkpoints.Release.objects.using(using).order_by("size"):
        chain = Entry.objects.using(using).filter(seq=release.size).values_list("chain", flat=True).first()
        said = checkpoints.text(f"{name}/public", release.size, release.digest) + "\n"
        signed = release.note.startswith(said) and any(checkpoints.is_signed(release.note, name, key) for key in keys)
        if chain != release.head or not signed:
            yield Finding("commitments_release", release.size, "RELEASE", f"{release.ref}: it isn't one of this ledger")


def _declared(using: str) -> Iterator[Finding]:
    with connections[using].cursor() as cursor:
        yield from _triggers(cursor)
        yield from _functions(cursor)
        role, owner = (connections[alias].settings_dict["USER"] for alias in ("default", "owner"))
        if role != owner:  # with one role for all, nothing is kept from it
            yield from _privileges(cursor, role)


def _triggers(cursor) -> Iterator[Finding]:
    """Each trigger that isn't there, isn't the declared one, is switched off, or is nobody's; each rule, as none is ours."""
    cursor.execute(
        "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    there = {(table, name): (_plain(definition), enabled) for table, name, definition, enabled in cursor.fetchall()}
    for model, trigger in registry.registered():
        table = model._meta.db_table
        definition, enabled = there.pop((table, trigger.get_pgid(model)), ("", ""))
        if definition != _plain(_definition(model, trigger)):
            yield Finding(table, 0, "TRIGGER", f"{trigger.name} is {'another' if definition else 'uninstalled'}")
        elif enabled != "O":
            yield Finding(table, 0, "TRIGGER", f"{trigger.name} is switched off")
    yield from (Finding(table, 0, "TRIGGER", f"{name} is nobody's") for table, name in there)
    cursor.execute("SELECT tablename, rulename FROM pg_rules WHERE schemaname = 'public' ORDER BY 1, 2")
    yield from (Finding(table, 0, "TRIGGER", f"the rule {name} is nobody's") for table, name in cursor.fetchall())


OPERATIONS = ("INSERT", "DELETE", "UPDATE", "TRUNCATE")  # in the server's own order


def _definition(model, trigger) -> str:
    """A trigger as the server would write it."""
    when, operations = trigger.render_condition(model), str(trigger.operation).split(" OR ")
    return (
        f"CREATE {'CONSTRAINT' if trigger.timing else ''} TRIGGER {trigger.get_pgid(model)} {trigger.when} "
        f"{' OR '.join(each for name in OPERATIONS for each in operations if each.startswith(name))} ON public.{model._meta.db_table} "
        f"{f'DEFERRABLE INITIALLY {trigger.timing}' if trigger.timing else ''} {trigger.referencing or ''} FOR EACH {trigger.level} {when} "
        f"EXECUTE FUNCTION {trigger.render_execute(model)}"
    )


def _plain(definition: str) -> str:
    """A definition without what servers write differently: spaces, brackets, quotes, capitals, casts, our schema."""
    return re.sub(r'[\s()"]|public\.|::text', "", definition).lower()


def _functions(cursor) -> Iterator[Finding]:
    """Each function that isn't there once, with the declared source, rights and settings."""
    cursor.execute(
        "SELECT proname, array_agg(concat_ws(' ', CASE WHEN prosecdef THEN 'definer' END, lower(array_to_string(proconfig, ' ')), prosrc)) "
        "FROM pg_proc WHERE pronamespace = 'public'::regnamespace GROUP BY 1"
    )
    there = dict(cursor.fetchall())
    for declared in functions.all():
        for name, head, source in re.findall(
            r"FUNCTION public\.(\w+)\((.*?)AS \$\w*\$(.*?)\$\w*\$", declared, re.DOTALL
        ):
            settings = [f"{key}={value}" for key, value in re.findall(r"SET (\w+) = (.*?)(?= SET |\s*$)", head)]
            rights = ["definer"] if "SECURITY DEFINER" in head else []
            if there.get(name) != [
                " ".join([*rights, *settings]).lower().replace("'", "") + f" {source}" if rights + settings else source
            ]:
                yield Finding(name, 0, "FUNCTION", "the function isn't the declared one")


def _privileges(cursor, role: str) -> Iterator[Finding]:
    """Each privilege of the serving role that isn't declared, and each declared one that it lacks."""
    held = ", ".join(f"CASE WHEN {test}(r.oid, c.oid, '{name}') THEN '{name}' END" for name, test in PRIVILEGES.items())
    cursor.execute(
        f"SELECT c.relname, pg_has_role(r.oid, c.relowner, 'MEMBER'), array_remove(ARRAY[{held}], NULL) FROM pg_class c, pg_roles r "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND r.rolname = %s ORDER BY 1",
        [role],
    )
    for table, owned, allowed in cursor.fetchall():
        if owned or sorted(allowed) != sorted(privileges(table).split(", ")):
            yield Finding(table, 0, "PRIVILEGE", f"{role} may {'do all' if owned else ', '.join(allowed)}")
    cursor.execute(
        "SELECT 'make ' || what FROM (VALUES ('temporary tables', has_database_privilege(%s, current_database(), 'TEMPORARY')), "
        "('schemas', has_database_privilege(%s, current_database(), 'CREATE')), "
        "('tables', has_schema_privilege(%s, 'public', 'CREATE'))) AS v (what, may) WHERE may "
        "UNION ALL SELECT 'execute ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
        "AND has_function_privilege(%s, oid, 'EXECUTE') ORDER BY 1",
        [role] * 4,
    )
    yield from (Finding("database", 0, "PRIVILEGE", f"{role} may {what}") for (what,) in cursor.fetchall())


COLUMNS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")  # what can be granted for single columns, too
PRIVILEGES = dict.fromkeys(COLUMNS, "has_any_column_privilege") | dict.fromkeys(
    ("DELETE", "TRUNCATE", "TRIGGER"), "has_table_privilege"
)


def _rows(using: str, proven: Collection[type[Model]]) -> Iterator[Finding]:
    """Each row that isn't as its last entry says, that the ledger doesn't know, or that is gone; or with a hostile character.

    What stays on its own machine (users, texts) may be gone: a bundle brings its entries and not its rows. Of a row
    whose last entry is withheld nothing can be said, but that a public version is hollow.
    """
    withheld = {
        (each.table, each.reference): each.entry for each in models.Withholding.objects.using(using).order_by("entry")
    }
    for model, trigger in registry.registered():
        if not isinstance(trigger, Capture) or model in proven:
            continue
        pk, hidden, derived = trigger.arguments
        table, left_out = model._meta.db_table, ",".join(filter(None, (hidden, derived)))
        with connections[using].cursor() as cursor:
            cursor.execute(ROWS.format(table=table, pk=pk, left_out=left_out, suspect=SUSPECT))
            found = cursor.fetchall()
        for reference, seq, gone, differs, _character in found:
            if not differs or (gone and model in models.LOCAL) or withheld.get((table, reference), 0) > (seq or 0):
                continue
            words = (
                "the ledger doesn't know it"
                if seq is None
                else "it is gone"
                if gone
                else f"it isn't as entry {seq} says"
            )
            yield Finding(table, seq or 0, "ROW", f"{reference}: {words}")
        yield from _hostile(table, ((reference, character) for reference, *_others, character in found))


def hostile(model: type[Model], using: str = "default") -> Iterator[Finding]:
    """Each row of a table with a character that no record may hold."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(ALONE.format(table=table, pk=model._meta.pk.column, suspect=SUSPECT))
        yield from _hostile(table, cursor.fetchall())


def _hostile(table: str, found: Iterable[tuple[str, str | None]]) -> Iterator[Finding]:
    for reference, character in found:
        if character:
            yield Finding(table, 0, "HOSTILE", f"{reference}: {character}: no record may hold this character")


# (reference, its last entry, whether it is gone, whether it differs, its hostile character) of each row of a table with a fault.
# What is gone is asked apart: a full join is one process's work, and these rows can be shared by several.
LAST = """(SELECT reference, max(seq) AS seq FROM ledger_entry WHERE "table" = '{table}' GROUP BY reference) l"""
SAME = "t.{pk}::text = l.reference"
DIFFERS = (
    "to_jsonb(t) - '{{{left_out}}}'::text[] IS DISTINCT FROM nullif((e.canonical::json -> 'after')::jsonb, 'null')"
)
SUSPICIOUS = "t::text ~ '{suspect}'"  # a text shows no less of what it holds than its JSON
FOUND = "public.hostile_in('{table}', to_jsonb(t))"
ALONE = f"""SELECT t.{{pk}}::text, {FOUND} FROM "{{table}}" t WHERE {SUSPICIOUS} ORDER BY 1"""
ROWS = f"""
SELECT t.{{pk}}::text, l.seq, false, {DIFFERS}, CASE WHEN {SUSPICIOUS} THEN {FOUND} END
  FROM "{{table}}" t LEFT JOIN {LAST} ON {SAME} LEFT JOIN ledger_entry e ON e.seq = l.seq AND e."table" = '{{table}}'
 WHERE {DIFFERS} OR {SUSPICIOUS}
UNION ALL
SELECT reference, seq, true, true, NULL
  FROM (SELECT l.* FROM {LAST} WHERE NOT EXISTS (SELECT FROM "{{table}}" t WHERE {SAME}) OFFSET 0) gone
 WHERE (SELECT e.canonical::json ->> 'after' FROM ledger_entry e WHERE e.seq = gone.seq) IS NOT NULL
 ORDER BY 1"""


def _hollow(using: str) -> Iterator[Finding]:
    """Each public version whose entry is withheld and that still says something."""
    table = models.Publication._meta.db_table
    told = models.Withholding.objects.using(using).filter(table=table).values_list("reference", "reason")
    for ref, reason in told.order_by("reference"):
        version = models.Publication.objects.using(using).filter(pk=ref).first()
        if version and (version.body, version.detail, version.tombstone, version.reason) != ("{}", "{}", True, reason):
            yield Finding(table, 0, "NOT_WITHHELD", f"{ref}: its entry is withheld, and its text is still there")


def shelf(using: str = "default") -> Iterator[Finding]:
    """Each current Publication that differs from a fresh rendering of what was approved, or stands otherwise than it should."""
    for reference, words in actions.stale():
        yield Finding("commitments_publication", 0, "STALE", f"{reference}: {words}")
    standing = models.Publication.objects.known_at(None).standing().filter(record=OuterRef("pk"))
    for kind, model in actions.KINDS.items():
        called = model.objects.none() if model is models.Quote else model.objects.filter(state=models.State.PUBLISHED)
        for record in called.exclude(Exists(standing.of(kind))).order_by("pk"):
            words = f"{record.pk}: it is called published, and nothing of it is public"
            yield Finding(model._meta.db_table, 0, "STALE", words)
    with connections[using].cursor() as cursor:
        cursor.execute(search.DIFFERENT)
        for (reference,) in cursor.fetchall():
            yield Finding(
                "commitments_commitmentindex", 0, "STALE", f"{reference}: its index isn't that of what it shows"
            )


CHECKS = {"quotes": quotes_, "ledger": ledger, "shelf": shelf}
