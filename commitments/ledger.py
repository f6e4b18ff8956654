"""The ledger: the one trigger that records every change, its guards, and `act()`, which says who and why."""

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator

import orjson
import pgtrigger
from django.db import connections, models, transaction

from . import text

GENESIS = "0" * 64  # the chain's value before the first entry
LOCK = 7_263_511_904_117_001  # key of the one advisory lock for number and chain
# What is public changes with rows of these tables alone; who puts some in announces it for twice as many seconds as anybody
# relies on what was before. Another number needs a migration, which tells the database.
ANNOUNCED = ("commitments_publication", "commitments_release", "commitments_withholding")
LEASE = 0.010


class Door(models.TextChoices):
    """Where a change came in."""

    ADMIN = "admin"
    COMMAND = "command"
    SQL = "sql"


class NotInAct(ValueError):
    """A write was asked for without saying who and why."""


class Act:
    """One open act. `id` groups its entries; `actor` and `reason` are what the ledger will say."""

    def __init__(self, id: str, actor: str, reason: str, door: str):
        self.id, self.actor, self.reason, self.door = id, actor, reason, door


SETTINGS = ("actor", "reason", "door", "act")


@contextlib.contextmanager
def act(
    *, actor: str, reason: str, door: str = Door.COMMAND, using: str = "default", number: str | None = None
) -> Iterator[Act]:
    """Opens a transaction whose writes the ledger records as `actor`'s, for `reason`.

    `actor` is a lasting pseudonym or a command's name, `reason` a sentence; both must hold more than white space
    (`NotInAct`) and no character that `text.refuse` names (`text.Hostile`). Acts nest: an inner act's writes carry the
    inner actor, and what the same person does inside for the same reason belongs to the same act. Entries are written
    when the act closes.
    `number`: the UUID of an act that was announced before; by it the ledger tells whether it happened.
    """
    for name, value in (("actor", actor), ("reason", reason)):
        if not value or not value.strip():
            raise NotInAct(f"{name}: empty; say who changes the record and why, e.g. act(actor='…', reason='…').")
        text.refuse(value, field=name)
    this = Act(number or str(uuid.uuid4()), actor.strip(), reason.strip(), Door(door).value)
    # COMMIT writes the entries of an act that is a transaction of its own, and forgets its settings: chain and number are
    # locked for that one statement then, and for no round trip. (Inside a transaction the connection doesn't autocommit.)
    whole = connections[using].get_autocommit()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if not whole:
            _flush(cursor)
        before = _set(cursor, (this.actor, this.reason, this.door, this.id))
        if not number and before[:3] == (this.actor, this.reason, this.door):
            this.id = before[3]
            _set(cursor, before)
        yield this
        if not whole:
            _flush(cursor)
            _set(cursor, before)


@contextlib.contextmanager
def session_act(*, actor: str, reason: str, using: str) -> Iterator[None]:
    """As `act`, for work that spans several transactions of one connection, such as migrations."""
    values = (actor, reason, Door.COMMAND.value, str(uuid.uuid4()))
    with connections[using].cursor() as cursor:
        _set(cursor, values, local=False)
    try:
        yield
    finally:
        with connections[using].cursor() as cursor:
            _set(cursor, ("",) * len(SETTINGS), local=False)


def flush(using: str = "default") -> None:
    """Writes the entries of what the open act has changed so far; an act does so by itself when it closes."""
    with connections[using].cursor() as cursor:
        _flush(cursor)


def _flush(cursor) -> None:
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _set(cursor, values: tuple[str, ...], local: bool = True) -> tuple[str, ...]:
    """Sets SETTINGS, for this transaction or the session; answers what they were."""
    before = ", ".join(f"coalesce(current_setting('tracker.{name}', true), '')" for name in SETTINGS)
    calls = ", ".join(f"set_config('tracker.{name}', %s, {str(local).lower()})" for name in SETTINGS)
    calls += f", set_config('plan_cache_mode', 'auto', {str(local).lower()})"  # readers' plans are for all values
    cursor.execute(f"SELECT before.*, {calls} FROM (SELECT {before} OFFSET 0) before", list(values))
    return cursor.fetchone()[: len(SETTINGS)]


PRIVILEGES = {  # what the serving role may do, by what a table is for; it owns nothing and truncates nothing
    "recorded": "SELECT, INSERT, UPDATE, DELETE",
    "append-only": "SELECT, INSERT",
    "with its record": "SELECT, INSERT, DELETE",
    "read": "SELECT",
}
READ_ONLY = (
    "ledger_entry",
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "commitments_commitmentindex",
)
APPEND_ONLY = tuple(
    f"commitments_{name}" for name in ("publication", "standing", "signingkey", "checkpoint", "release", "withholding")
)
WITH_ITS_RECORD = ("commitments_quotecheck",)


def privileges(table: str) -> str:
    """What the serving role may do to a table, as GRANT names it."""
    kinds = {"read": READ_ONLY, "append-only": APPEND_ONLY, "with its record": WITH_ITS_RECORD}
    return PRIVILEGES[next((kind for kind, tables in kinds.items() if table in tables), "recorded")]


def grant(role: str, using: str = "owner") -> None:
    """Gives the serving role its privileges, table by table, and takes away all others. The owner itself needs none.

    It may make nothing, not even for a while: a temporary table or type can stand in a real one's place.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return
        name = connections[using].ops.quote_name(role)
        database = connections[using].ops.quote_name(connections[using].settings_dict["NAME"])
        cursor.execute(f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {name}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(f'REVOKE ALL ON public."{table}" FROM {name}')
            cursor.execute(f'GRANT {privileges(table)} ON public."{table}" TO {name}')
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(
            "REVOKE EXECUTE ON FUNCTION public.ledger_capture(), public.shelf_rules(), public.shelf_follow(), "
            "public.shelf_enter(), public.shelf_search(), public.shelf_span() FROM PUBLIC"
        )


def leaf_hash(canonical: str) -> str:
    """SHA-256 (hex) of an entry's canonical text, apart from every other hash by its first byte, 0."""
    return hashlib.sha256(b"\x00" + canonical.encode()).hexdigest()


def chain_hash(previous: str, leaf: str) -> str:
    """SHA-256 (hex) of the chain so far and the next leaf; its first byte is 1."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(previous) + bytes.fromhex(leaf)).hexdigest()


HEAD = ("act", "actor", "role", "door", "reason", "table", "reference", "schema")  # of the hashed text, in columns


def but(models: Iterable[type[models.Model]], derived: Iterable[str]) -> pgtrigger.UpdateOf:
    """An update of anything but derived columns: of those alone no trigger hears."""
    return pgtrigger.UpdateOf(
        *sorted({field.column for model in models for field in model._meta.concrete_fields} - {*derived})
    )


class Refuse(pgtrigger.Trigger):
    """Refuses an operation for everybody, the owner too: where nothing else is said, an update of anything but `derived` columns."""

    level, when, operation = pgtrigger.Statement, pgtrigger.Before, pgtrigger.Update
    func = "RETURN NULL;"  # pgtrigger's own function can be switched off by a session, so it is never what runs

    def __init__(self, *, derived: tuple[str, ...] = (), **said):
        self.derived = derived
        super().__init__(**said)

    def register(self, *models):
        if self.derived:
            self.operation = but(models, self.derived)
        super().register(*models)

    def render_execute(self, model):
        return "public.ledger_refuse()"


class EntryQuerySet(models.QuerySet):
    def of(self, reference: str):
        """Every entry of one record and of its parts, in ledger order."""
        return self.filter(models.Q(reference=reference) | models.Q(reference__startswith=reference + ".")).order_by(
            "seq"
        )

    def size(self) -> int:
        """How many entries there are."""
        return self.order_by("-seq").values_list("seq", flat=True).first() or 0

    def until(self, instant):
        """The entries that there were at an instant, the last one first."""
        return self.filter(at__lte=instant).order_by("-seq")


class Entry(models.Model):
    """One change of one row: who, when, why, before and after, chained to the entry before. Only the trigger writes it.

    `canonical` is the exact JSON text that was hashed; `leaf` is its hash, `chain` that of all entries so far. Where the
    text had to go on legal demand, a Withholding says so and why, and the two hashes stay. The columns after `chain` are
    HEAD, as the text says.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    canonical = models.TextField(null=True)  # noqa: DJ001 - no text, not an empty one, where it is withheld
    leaf = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    act = models.TextField(null=True)  # noqa: DJ001
    actor = models.TextField(null=True)  # noqa: DJ001
    role = models.TextField(null=True)  # noqa: DJ001
    door = models.TextField(null=True)  # noqa: DJ001
    reason = models.TextField(null=True)  # noqa: DJ001
    table = models.TextField(null=True, db_collation="C")  # noqa: DJ001
    reference = models.TextField(null=True, db_collation="C")  # noqa: DJ001
    schema = models.TextField(null=True)  # noqa: DJ001

    objects = EntryQuerySet.as_manager()

    class Meta:
        app_label = "commitments"
        db_table = "ledger_entry"
        ordering = ("seq",)
        verbose_name_plural = "entries"
        indexes = (
            models.Index(fields=("table", "reference", "seq"), name="entry_by_reference"),
            models.Index(fields=("reference", "seq"), name="entry_by_prefix"),
            models.Index(fields=("at",), name="entry_by_time"),
        )
        triggers = (Refuse(name="keep", operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate),)

    def __str__(self) -> str:
        return f"{self.seq} · {self.reference}" if self.canonical else str(self.seq)

    @property
    def values(self) -> dict:
        """The hashed text, read: `before` and `after` are the row as JSON, or None; {} where it is withheld."""
        return orjson.loads(self.canonical or "{}")


class Capture(pgtrigger.Trigger):
    """Records each changed row when the act closes. `pk` names its key; `hidden` columns never show, `derived` don't count."""

    name, level, when, timing = "capture", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = "RETURN NULL;"

    def __init__(self, pk: str = "ref", hidden: tuple[str, ...] = (), derived: tuple[str, ...] = ()):
        self.arguments, self.derived = (pk, ",".join(hidden), ",".join(derived)), derived
        super().__init__()

    def register(self, *models):
        if self.derived:
            self.operation = pgtrigger.Insert | pgtrigger.Delete | but(models, self.derived)
        super().register(*models)

    def render_execute(self, model):
        return "public.ledger_capture({})".format(", ".join(f"'{argument}'" for argument in self.arguments))


class Guard(pgtrigger.Trigger):
    """Refuses a write that doesn't say who and why, at its own statement."""

    name, level, when = "guard", pgtrigger.Statement, pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = "RETURN NULL;"

    def render_execute(self, model):
        return "public.ledger_guard()"


class Announce(pgtrigger.Trigger):
    """Of a table in ANNOUNCED: who changes it waits before anybody can see that.

    By its name it is the first trigger: none that comes after has locked the ledger, where others would wait, too.
    """

    name, level, when, operation = (
        "announce",
        pgtrigger.Statement,
        pgtrigger.Before,
        pgtrigger.Insert | pgtrigger.Update,
    )
    func = "RETURN NULL;"

    def render_execute(self, model):
        return "public.ledger_announce()"


def recorded(pk: str = "ref", hidden: tuple[str, ...] = (), derived: tuple[str, ...] = ()) -> list[pgtrigger.Trigger]:
    """The triggers that every domain table carries."""
    return [
        Guard(),
        Capture(pk, hidden, derived),
        Refuse(name="no_truncate", operation=pgtrigger.Truncate),
    ]


# What no record may hold, as PostgreSQL's regular expressions name it; its texts hold neither NUL nor surrogates anyway.
HOSTILE = "".join(text.REFUSALS[kind][1] for kind in ("control", "nonchar", "bidi")).replace(r"\x00", r"\x01")
SUSPECT = rf"[{HOSTILE}]|{text.ESCAPED.pattern}"  # what JSON's text shows of it
OVERRIDES = {  # columns with a document's own characters, bidi overrides and all
    "commitments_quote": ["exact", "prefix", "suffix"],
    "commitments_documenttext": ["text"],
    "commitments_publication": ["body", "detail"],
}

# SQL of the references that a table's rows ever had, of some; an entry whose text had to go is known by its withholding.
EVER = """SELECT e.reference FROM public.ledger_entry e WHERE e."table" = {table} AND e.reference = {references}
      UNION ALL SELECT w.reference FROM public.commitments_withholding w WHERE w."table" = {table} AND w.reference = {references}"""
MIGRATED = "SELECT name FROM public.django_migrations WHERE app = 'commitments' ORDER BY id DESC LIMIT 1"  # a few rows from the end
# A session keeps a function's plan. One made while the ledger was a page long would read all of it for each entry, all others waiting.
BY_INDEX = "SET enable_seqscan = off"
COLUMNS = ", ".join(f'"{name}"' for name in HEAD)
OPEN = "open ->> 'id', open ->> 'actor', session_user, open ->> 'door', open ->> 'reason'"  # the first of them, of the open act

FUNCTIONS = {
    "hostile_in": rf"""
CREATE OR REPLACE FUNCTION public.hostile_in(source text, content jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
DECLARE field text; found text;
BEGIN
  -- JSON's own text escapes nothing but controls so: what it doesn't show isn't there, and nearly every row ends here
  IF content::text !~ '{SUSPECT}' THEN RETURN NULL; END IF;
  FOR field, found IN
    SELECT column_.key, substring(said.said #>> '{{}}' FROM
        CASE WHEN '{json.dumps(OVERRIDES)}'::jsonb -> source ? column_.key THEN '[{HOSTILE.removesuffix(text.REFUSALS["bidi"][1])}]' ELSE '[{HOSTILE}]' END)
      FROM jsonb_each(content) column_, LATERAL (
        SELECT jsonb_path_query(column_.value, '$.** ? (@.type() == "string")')
        UNION ALL SELECT jsonb_path_query(column_.value, '$.** ? (@.type() == "object").keyvalue().key')) said (said)
  LOOP
    IF found <> '' THEN RETURN format('%s: U+%s', field, regexp_replace(lpad(upper(to_hex(ascii(found))), 6, '0'), '^00?', '')); END IF;
  END LOOP;
  RETURN NULL;
END $$""",
    "ledger_refuse": """
CREATE OR REPLACE FUNCTION public.ledger_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: what was recorded stays', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'correct it by a new record';
END $$""",
    "ledger_guard": """
CREATE OR REPLACE FUNCTION public.ledger_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  wanted jsonb := jsonb_build_object(
    'actor', coalesce(current_setting('tracker.actor', true), ''), 'reason', coalesce(current_setting('tracker.reason', true), ''),
    'door', coalesce(nullif(current_setting('tracker.door', true), ''), 'sql'), 'act', coalesce(current_setting('tracker.act', true), ''));
  open text := coalesce(current_setting('tracker.open', true), '');
BEGIN
  IF wanted ->> 'actor' !~ '\\S' OR wanted ->> 'reason' !~ '\\S' THEN
    RAISE EXCEPTION 'a write to % needs an actor and a reason', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege',
      HINT = 'use act(actor=…, reason=…), or in SQL: SET LOCAL tracker.actor = …; SET LOCAL tracker.reason = …';
  END IF;
  IF open <> '' AND (pg_trigger_depth() > 1 OR open::jsonb - 'id' = wanted) THEN RETURN NULL; END IF;
  IF open <> '' THEN  -- another act in the same transaction: what came before is signed by its own actor
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
  END IF;
  PERFORM set_config('tracker.open',
    (wanted || jsonb_build_object('id', coalesce(nullif(wanted ->> 'act', ''), gen_random_uuid()::text)))::text, true);
  RETURN NULL;
END $$""",
    "ledger_announce": f"""
CREATE OR REPLACE FUNCTION public.ledger_announce() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- The statement's lock on its table is the announcement; it stays until everybody sees what was put in. Once a transaction.
BEGIN
  IF current_setting('tracker.announced', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM pg_sleep({2 * LEASE});
    PERFORM set_config('tracker.announced', pg_current_xact_id()::text, true);
  END IF;
  RETURN NULL;
END $$""",
    "ledger_lease": f"""
CREATE OR REPLACE FUNCTION public.ledger_lease() RETURNS double precision LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- For how many seconds from now on the public state holds that is read after this; 0 where somebody announced another.
-- An import and whoever empties a table have the second lock. A replica isn't told of locks.
BEGIN
  RETURN CASE WHEN pg_is_in_recovery() OR EXISTS (
    SELECT FROM pg_locks WHERE mode IN ('RowExclusiveLock', 'AccessExclusiveLock')
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation IN ({", ".join(f"'public.{table}'::regclass" for table in ANNOUNCED)})) THEN 0 ELSE {LEASE} END;
END $$""",
    "ledger_write": f"""
CREATE OR REPLACE FUNCTION public.ledger_write(source text, lasting boolean, refs text[], olds json[], news json[]) RETURNS bigint
  LANGUAGE plpgsql SET search_path = public, pg_temp {BY_INDEX} AS $$
-- One entry for each reference, in their order: its row before and after, null where there is none. The first one's number.
DECLARE
  open jsonb := nullif(current_setting('tracker.open', true), '')::jsonb;
  migrated text := ({MIGRATED});
  fresh text[]; used text; last record; number bigint; moment timestamptz; contents text[]; leaves text[]; chains text[]; content text; leaf bytea; chain bytea;
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  IF lasting THEN
    fresh := ARRAY(SELECT r.ref FROM unnest(refs, olds) AS r (ref, old_row) WHERE r.old_row IS NULL);
    used := (ARRAY({EVER.format(table="source", references="ANY (fresh)")}))[1];
  END IF;
  IF used <> '' THEN
    RAISE EXCEPTION '% %: this reference was used before and is never given again', source, used
      USING ERRCODE = 'unique_violation', HINT = 'choose another reference';
  END IF;
  SELECT e.seq, e.at, e.chain INTO last FROM public.ledger_entry e ORDER BY seq DESC LIMIT 1;
  number := coalesce(last.seq, 0) + 1;
  moment := greatest(clock_timestamp(), last.at + interval '1 microsecond');  -- `known_at` tells any two entries apart
  contents := ARRAY(SELECT row_to_json(e) FROM (
    SELECT number + place - 1 AS seq, to_char(moment + (place - 1) * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
      open ->> 'id' AS act, open ->> 'actor' AS actor, session_user AS role, open ->> 'door' AS door, open ->> 'reason' AS reason,
      source AS table, r.ref AS reference, r.old_row AS before, r.new_row AS after,
      migrated AS schema, replace(gen_random_uuid()::text, '-', '') AS salt
    FROM unnest(refs, olds, news) WITH ORDINALITY AS r (ref, old_row, new_row, place) ORDER BY place) e);
  chain := decode(coalesce(last.chain, '{GENESIS}'), 'hex');
  FOREACH content IN ARRAY contents LOOP
    leaf := sha256('\\x00'::bytea || convert_to(content, 'UTF8'));
    chain := sha256('\\x01'::bytea || chain || leaf);
    leaves := leaves || encode(leaf, 'hex');
    chains := chains || encode(chain, 'hex');
  END LOOP;
  INSERT INTO public.ledger_entry (seq, at, canonical, leaf, chain, {COLUMNS})
    SELECT number + place - 1, moment + (place - 1) * interval '1 microsecond', e.content, e.leaf, e.chain,
        {OPEN}, source, e.ref, migrated
      FROM unnest(contents, leaves, chains, refs) WITH ORDINALITY AS e (content, leaf, chain, ref, place) ORDER BY place;
  RETURN number;
END $$""",
    "ledger_capture": f"""
CREATE OR REPLACE FUNCTION public.ledger_capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET bytea_output = 'hex' {BY_INDEX} AS $$
DECLARE
  open jsonb := nullif(current_setting('tracker.open', true), '')::jsonb;
  hidden text[] := string_to_array(TG_ARGV[1], ',');
  derived text[] := string_to_array(TG_ARGV[2], ',');
  version boolean := TG_OP = 'INSERT' AND 'from_seq' = ANY (derived);
  old_row jsonb; new_row jsonb; this_ref text; hostile text; migrated text; last record; number bigint; moment timestamptz; content text; leaf text;
BEGIN
  IF version THEN  -- of a Publication; what follows from others' versions was entered with its statement, nearly always
    IF NEW.class = 'housekeeping' AND EXISTS (
        SELECT FROM public.ledger_entry e WHERE e."table" = TG_TABLE_NAME AND e.reference = NEW.ref) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD) - derived; END IF;
  IF TG_OP <> 'DELETE' THEN new_row := to_jsonb(NEW) - derived; END IF;
  IF old_row IS NOT DISTINCT FROM new_row THEN RETURN NULL; END IF;
  IF coalesce(open ->> 'actor', '') !~ '\\S' OR coalesce(open ->> 'reason', '') !~ '\\S' OR coalesce(open ->> 'id', '') = ''
     OR coalesce(open ->> 'door', '') NOT IN ('{"', '".join(Door.values)}') THEN
    RAISE EXCEPTION 'a write to % has no act', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  this_ref := coalesce(new_row, old_row) ->> TG_ARGV[0];
  IF TG_OP = 'UPDATE' AND old_row ->> TG_ARGV[0] <> this_ref THEN
    RAISE EXCEPTION '% %: a primary key is lasting and can''t become %', TG_TABLE_NAME, old_row ->> TG_ARGV[0], this_ref
      USING ERRCODE = 'restrict_violation';
  END IF;
  hostile := coalesce(public.hostile_in(TG_TABLE_NAME, new_row), public.hostile_in(TG_TABLE_NAME,
    jsonb_build_object('the act''s actor', open ->> 'actor', 'the act''s reason', open ->> 'reason')));
  IF hostile <> '' THEN
    RAISE EXCEPTION '% %: %: no record may hold this character', TG_TABLE_NAME, this_ref, hostile
      USING ERRCODE = 'check_violation', HINT = 'take it out';
  END IF;
  -- As `ledger_write` for one row, in half of its time: all other acts wait meanwhile.
  PERFORM pg_advisory_xact_lock({LOCK});
  IF TG_OP = 'INSERT' AND TG_ARGV[0] = 'ref' AND EXISTS ({EVER.format(table="TG_TABLE_NAME", references="this_ref")}) THEN
    RAISE EXCEPTION '% %: this reference was used before and is never given again', TG_TABLE_NAME, this_ref
      USING ERRCODE = 'unique_violation', HINT = 'choose another reference';
  END IF;
  SELECT e.seq, e.at, e.chain INTO last FROM public.ledger_entry e ORDER BY seq DESC LIMIT 1;
  number := coalesce(last.seq, 0) + 1;
  moment := greatest(clock_timestamp(), last.at + interval '1 microsecond');
  migrated := ({MIGRATED});
  content := jsonb_build_object(
    'seq', number, 'at', to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'act', open ->> 'id', 'actor', open ->> 'actor',
    'role', session_user, 'door', open ->> 'door', 'reason', open ->> 'reason', 'table', TG_TABLE_NAME, 'reference', this_ref,
    'before', old_row - hidden, 'after', new_row - hidden,
    'schema', migrated, 'salt', replace(gen_random_uuid()::text, '-', ''))::text;
  leaf := encode(sha256('\\x00'::bytea || convert_to(content, 'UTF8')), 'hex');
  INSERT INTO public.ledger_entry (seq, at, canonical, leaf, chain, {COLUMNS}) VALUES (number, moment, content, leaf,
    encode(sha256('\\x01'::bytea || decode(coalesce(last.chain, '{GENESIS}'), 'hex') || decode(leaf, 'hex')), 'hex'), {OPEN}, TG_TABLE_NAME, this_ref, migrated);
  IF version THEN  -- current from here on, and its last version until here
    UPDATE public.commitments_publication p
       SET from_seq = CASE WHEN p.ref = NEW.ref THEN number ELSE p.from_seq END, until_seq = CASE WHEN p.ref <> NEW.ref THEN number END
     WHERE p.kind = NEW.kind AND p.record = NEW.record AND p.version IN (NEW.version, NEW.version - 1);
  END IF;
  RETURN NULL;
END $$""",
}
