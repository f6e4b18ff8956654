"""What the database itself refuses: SQL functions for constraints, and the triggers of the desk and the shelf."""

import datetime

import pgtrigger
from django.db import models

from . import transitions
from .ledger import SUSPECT

PARTS = (
    "alias",
    "member",
    "issuer",
    "party",
    "topic",
    "citation",
    "divergence",
    "search",
)  # parts that are approved with their record
DOT = "\\."  # a dot of a reference, in a pattern
PART = f"({'|'.join(PARTS)})-[0-9]+$"  # how a part's reference ends, in SQL's patterns
SHOWING = (  # the members of a public shape that show other records; all else of it is its own
    *(
        "members",
        "parties",
        "issuers",
        "speaker",
        "claimant",
        "obligor",
        "process",
        "document",
        "searched",
        "statement",
    ),
    *("set_by", "target", "target_statement", "issued_quote", "quotes", "citations", "evidence"),
)
# Of what it shows, these are its own, too: which records, in which role, as what.
LINKS = '$.*[*] ? (@.type() == "object").keyvalue() ? (@.key == "ref" || @.key == "role" || @.key == "part" || @.key == "stance").value'
COLUMNS = (  # of a version, that are its record's own
    *("tombstone", "emergency", "commitment", "statement", "process", "code", "documents", "parties", "topics"),
    *("first_day", "last_day"),
)
PRACTICE = "practice-"  # how the references of what is for practice begin: it never gets on the shelf


class SQLRule(models.Func):
    """A condition for a CheckConstraint: one of FUNCTIONS over the row's own columns, then plain text arguments."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, function: str, fields: tuple[str, ...], texts: tuple[str, ...] = ()):
        arguments = [models.F(name) for name in fields] + [models.Value(value) for value in texts]
        super().__init__(*arguments, function=f"public.{function}")


def check(
    function: str, fields: tuple[str, ...], name: str, message: str, texts: tuple[str, ...] = ()
) -> models.CheckConstraint:
    """A constraint that `function(*fields, *texts)` holds; `message` tells people what to do."""
    return models.CheckConstraint(
        condition=SQLRule(function, fields, texts), name=name, violation_error_message=message
    )


class DeskTrigger(pgtrigger.Trigger):
    """A trigger that runs one of FUNCTIONS with arguments; pgtrigger's own function, which a session can switch off, never runs."""

    func = "RETURN NULL;"
    runs: str
    arguments: tuple[str, ...] = ()

    def render_execute(self, model):
        return f"public.{self.runs}({', '.join(repr(argument) for argument in self.arguments)})"


class KeepRecord(DeskTrigger):
    """Keeps a reference for ever, keeps what was public, sends a published record that changes back to review.

    Each change and move is made by those who may, as `transitions` says.
    """

    name, level, when, runs = "keep_record", pgtrigger.Row, pgtrigger.Before, "desk_record"

    def __init__(self, kind: str = "", append_only: bool = False, stateless: bool = False):
        self.arguments = (kind, "append-only" if append_only else "stateless" if stateless else "mutable")
        self.operation = pgtrigger.Update | pgtrigger.Delete
        if kind:
            self.operation |= pgtrigger.Insert
        super().__init__()


class KeepAccount(DeskTrigger):
    """Accounts, groups and who is in which are for those who keep them; one's own password is one's own."""

    name, level, when, runs = "keep_account", pgtrigger.Row, pgtrigger.Before, "desk_account"
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


class KeepFactor(DeskTrigger):
    """A second factor is its owner's to enrol and to use; those who keep the accounts may take it away."""

    name, level, when, runs = "keep_factor", pgtrigger.Row, pgtrigger.Before, "desk_factor"
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


class Reopen(DeskTrigger):
    """A change of a part is a change of its record: that goes back to review, or refuses it where it is append-only."""

    name, level, when, runs = "reopen", pgtrigger.Row, pgtrigger.After, "desk_part"
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *kinds: str):
        self.arguments = kinds
        super().__init__()


class ReopenCiting(DeskTrigger):
    """A change of a Quote is a change of what cites it."""

    name, level, when, runs = "reopen_citing", pgtrigger.Row, pgtrigger.After, "desk_quote"
    operation = pgtrigger.Update


class BorneOut(DeskTrigger):
    """What is called published has a version on the shelf that nobody changed it after."""

    name, level, when, timing, runs = "borne_out", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred, "desk_borne_out"
    operation = pgtrigger.UpdateOf("state")

    def __init__(self, kind: str):
        self.arguments = (kind,)
        super().__init__()


class SameSubject(DeskTrigger):
    """An assessment corrects one of the same commitment and obligor."""

    name, level, when, timing = "same_subject", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred
    # A move is no change of it: what older versions of this software let pass still goes its way.
    runs = "desk_same_subject"
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("commitment_id", "obligor_id", "corrects_id")


class KeepWithQuote(DeskTrigger):
    """A check goes with its quote, which goes only as long as it was never public, and never by itself."""

    name, level, when, timing = "keep_with_quote", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred
    runs, operation = "desk_check", pgtrigger.Delete


class ShelfRules(DeskTrigger):
    """What must hold before a version is public: four eyes, an obligor, an undertaking, evidence, proven quotes."""

    name, level, when, timing, runs = "shelf_rules", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred, "shelf_rules"
    operation, condition = pgtrigger.Insert, ~pgtrigger.Q(new__publication_class="housekeeping")


class Follow(DeskTrigger):
    """What must hold before a version is public that follows from others'."""

    name, level, when, timing, runs = "follow", pgtrigger.Row, pgtrigger.After, pgtrigger.Deferred, "shelf_follow"
    operation, condition = pgtrigger.Insert, pgtrigger.Q(new__publication_class="housekeeping")


class Enter(DeskTrigger):
    """Enters versions that follow from others' in the ledger, all of a statement at once."""

    name, level, when, runs = "enter", pgtrigger.Statement, pgtrigger.After, "shelf_enter"
    operation, referencing = pgtrigger.Insert, pgtrigger.Referencing(new="made")


class KeepOwn(DeskTrigger):
    """What a housekeeping version says of its own record was said and approved before."""

    name, level, when, runs = "keep_own", pgtrigger.Statement, pgtrigger.After, "shelf_own"
    operation, referencing = pgtrigger.Insert, pgtrigger.Referencing(new="made")


class FillSearch(DeskTrigger):
    """Makes a commitment's search column with its version, and anew when other names of what it shows are public."""

    name, level, when, runs = "fill_search", pgtrigger.Statement, pgtrigger.After, "shelf_search"
    operation, referencing = pgtrigger.Insert, pgtrigger.Referencing(new="made")


class SpanSearch(DeskTrigger):
    """Tells a version's search row when it became current and when it ceased to be."""

    name, level, when, runs = "span_search", pgtrigger.Statement, pgtrigger.After, "shelf_span"
    operation, referencing = pgtrigger.Update, pgtrigger.Referencing(new="made")


class KeepStanding(DeskTrigger):
    """A version's standings are made with it, and never afterwards, but by the owner, who may work them out anew."""

    name, level, when, runs = "keep_standing", pgtrigger.Statement, pgtrigger.After, "shelf_standing"
    operation, referencing = pgtrigger.Insert, pgtrigger.Referencing(new="made")


class OfVersion(DeskTrigger):
    """A version's standings are some version's: asked of the first one of each, as there are many (`shelf_standing` asks for that one)."""

    name, level, when, timing, runs = (
        "of_version",
        pgtrigger.Row,
        pgtrigger.After,
        pgtrigger.Deferred,
        "shelf_of_version",
    )
    operation, condition = pgtrigger.Insert, pgtrigger.Q(new__party="", new__first=datetime.date.min)


def _cells() -> str:
    """The table of transitions as rows of SQL: action, start, end, group; a row without a group is for commands alone."""
    cells = [(*each[:3], group) for each in transitions.TRANSITIONS for group in (*each.groups, "")]
    cells += [(right, "", "", group) for right, groups in transitions.RIGHTS.items() for group in (*groups, "")]
    return ", ".join(f"({', '.join(map(repr, cell))})" for cell in cells)


def _rows(version: str) -> str:
    """SQL of a version's COLUMNS, to compare."""
    return f"({', '.join(f'{version}.{name}' for name in COLUMNS)})"


def authored(kind: str, ref: str, part: str) -> str:
    """SQL of the entries whose actors are the authors of a record: its own, its parts', its quotes' and its emergency publications'.

    `kind` and `ref` are SQL that names the record, `part` SQL of a pattern for its parts.
    """
    return f"""SELECT * FROM ledger_entry WHERE reference = {ref} AND "table" = 'commitments_' || {kind}
      UNION ALL SELECT * FROM ledger_entry WHERE reference >= ({ref} || '.') AND reference < ({ref} || '/')
        AND reference ~ {part}
      UNION ALL SELECT * FROM ledger_entry WHERE "table" = 'commitments_quote' AND reference IN (
        SELECT c.quote_id FROM commitments_citation c WHERE {ref} IN (c.commitment_id, c.deadline_id, c.assessment_id))
      UNION ALL SELECT l.* FROM commitments_publication p JOIN ledger_entry l ON l.seq = p.from_seq  -- a second person is not the first
        WHERE p.kind = {kind} AND p.record = {ref} AND p.emergency AND p.class <> 'housekeeping'"""


# What a version must be of its record's: SQL, null where it is. A quote goes, and comes back, with what cites it.
LINEAGE = f"""CASE WHEN {{new}}.version <> 1 AND {{gone}} IS NULL THEN 'its version is not the next one'
      WHEN {{new}}.record LIKE '{PRACTICE}%' THEN 'it is for practice and never public'
      WHEN {{new}}.kind <> 'quote' AND {{gone}} THEN 'it was retracted'
      WHEN {{new}}.version = 1 AND {{unapproved}} THEN 'nothing of it was approved before' END"""

FUNCTIONS = {
    "desk_may": f"""
CREATE OR REPLACE FUNCTION public.desk_may(who text, door text, wanted text, was text, becomes text) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
-- Nulls stand for whatever there is, but for no change without a move. Who has no account is a command's or an operator's name, and never comes through the admin.
DECLARE
  account record;
BEGIN
  SELECT u.id, u.is_active, u.is_superuser INTO account FROM commitments_user u WHERE u.pseudonym = who;
  RETURN EXISTS (SELECT FROM (VALUES {_cells()}) AS t (action, start, finish, needed)
    WHERE t.action = coalesce(wanted, nullif(t.action, 'change')) AND t.start = coalesce(was, t.start) AND t.finish = coalesce(becomes, t.finish)
      AND CASE WHEN account.id IS NULL THEN door <> 'admin' WHEN NOT account.is_active THEN false WHEN account.is_superuser THEN t.needed <> ''
        ELSE t.needed IN (SELECT g.name FROM commitments_user_groups m JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = account.id) END);
END $$""",
    "desk_allow": """
CREATE OR REPLACE FUNCTION public.desk_allow(ref text, wanted text, was text, becomes text) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  open jsonb := nullif(current_setting('tracker.open', true), '')::jsonb;
BEGIN
  IF NOT desk_may(open ->> 'actor', open ->> 'door', wanted, was, becomes) THEN
    RAISE EXCEPTION '%: % may not %', ref, open ->> 'actor', coalesce(wanted, format('move it from %s to %s', was, becomes))
      USING ERRCODE = 'restrict_violation', HINT = 'docs/curators.md says who may';
  END IF;
END $$""",
    "desk_account": """
CREATE OR REPLACE FUNCTION public.desk_account() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('tracker.open', true), '')::jsonb ->> 'actor';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'password' = to_jsonb(OLD) - 'password' AND who IN (to_jsonb(OLD) ->> 'pseudonym', 'login') THEN
    RETURN NEW;  -- their own, or the same password hashed anew
  END IF;
  PERFORM desk_allow(TG_TABLE_NAME, 'people', NULL, NULL);
  RETURN coalesce(NEW, OLD);
END $$""",
    "desk_factor": """
CREATE OR REPLACE FUNCTION public.desk_factor() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('tracker.open', true), '')::jsonb ->> 'actor';
  this jsonb; owner text;
BEGIN
  FOR this IN SELECT value FROM unnest(ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
                                             CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END]) AS value WHERE value IS NOT NULL LOOP
    SELECT u.pseudonym INTO owner FROM commitments_user u WHERE u.id = coalesce((this ->> 'user_id')::bigint,
      (SELECT d.user_id FROM otp_static_staticdevice d WHERE d.id = (this ->> 'device_id')::bigint));
    IF owner IS DISTINCT FROM who AND TG_OP = 'DELETE' THEN
      PERFORM desk_allow(TG_TABLE_NAME, 'people', NULL, NULL);
    ELSIF owner IS DISTINCT FROM who THEN
      RAISE EXCEPTION 'a second factor of % is not for % to give or change', owner, who USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN coalesce(NEW, OLD);
END $$""",
    "desk_hands": """
CREATE OR REPLACE FUNCTION public.desk_hands(who text) RETURNS text[] LANGUAGE plpgsql STABLE
  SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
-- Whoever made or changed an account, its groups or its password may act through it, and so may who made or changed theirs.
BEGIN
  RETURN (WITH RECURSIVE hands (name) AS (
    SELECT who
    UNION SELECT made.actor FROM hands h JOIN commitments_user u ON u.pseudonym = h.name JOIN LATERAL (
      SELECT e.actor FROM ledger_entry e WHERE e."table" = 'commitments_user' AND e.reference = u.id::text
      UNION ALL SELECT e.actor FROM ledger_entry e WHERE e."table" = 'commitments_user_groups'
        AND u.id::text IN (e.canonical::jsonb #>> '{before,user_id}', e.canonical::jsonb #>> '{after,user_id}')) made ON true
  ) SELECT array_agg(name) FROM hands);
END $$""",
    "desk_own_work": f"""
CREATE OR REPLACE FUNCTION public.desk_own_work(this_kind text, this_ref text, approver text, since bigint) RETURNS text
  LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
-- Why somebody may not approve what was changed after the entry `since`; null if they may.
-- A plan kept from when the ledger was short reads all of it when it is long.
DECLARE
  moves text[] := ARRAY['state', 'note'];
  author text; account boolean;
BEGIN
  FOR author IN SELECT DISTINCT e.actor FROM (
      {authored("this_kind", "this_ref", f"('^' || replace(this_ref, '.', '{DOT}') || '{DOT}{PART}')")}
    ) e WHERE e.seq > since
      AND nullif(e.canonical::jsonb -> 'before', 'null') - moves IS DISTINCT FROM nullif(e.canonical::jsonb -> 'after', 'null') - moves
  LOOP
    IF author = approver THEN
      RETURN format('%s changed it since the last approval, and nobody approves their own work', approver);
    ELSIF author = ANY (desk_hands(approver)) OR approver = ANY (desk_hands(author)) THEN
      RETURN format('%s changed it since the last approval and shares hands with %s: one made or changed the account of the other', author, approver);
    ELSIF EXISTS (SELECT FROM commitments_user u WHERE u.pseudonym = author) AND NOT EXISTS (SELECT FROM commitments_user u WHERE u.pseudonym = approver) THEN
      RETURN format('%s changed it with an account, and %s has none to approve it with', author, approver);
    END IF;
  END LOOP;
  RETURN NULL;
END $$""",
    "is_language_map": """
CREATE OR REPLACE FUNCTION public.is_language_map(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(value) IS DISTINCT FROM 'object' THEN false ELSE NOT EXISTS (
    SELECT FROM jsonb_each(value) entry WHERE entry.key !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'
      OR jsonb_typeof(entry.value) <> 'string' OR entry.value #>> '{}' !~ '\\S') END $$""",
    "is_filled_map": """
CREATE OR REPLACE FUNCTION public.is_filled_map(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT public.is_language_map(value) AND value <> '{}' $$""",
    "are_gaps": """
CREATE OR REPLACE FUNCTION public.are_gaps(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(value) IS DISTINCT FROM 'object' THEN false ELSE NOT EXISTS (
    SELECT FROM jsonb_each(value) entry WHERE NOT public.is_filled_map(entry.value)) END $$""",
    "known_or_gap": """
CREATE OR REPLACE FUNCTION public.known_or_gap(value text, gaps jsonb, field text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (coalesce(value, '') ~ '\\S') <> (gaps ? field) $$""",
    "edtf_agrees": """
CREATE OR REPLACE FUNCTION public.edtf_agrees(edtf text, earliest date, latest date) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT earliest IS NOT DISTINCT FROM public.edtf_earliest(edtf) AND latest IS NOT DISTINCT FROM public.edtf_latest(edtf) $$""",
    "edtf_within": """
CREATE OR REPLACE FUNCTION public.edtf_within(edtf text, earliest date, latest date) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (earliest IS NULL OR earliest >= public.edtf_earliest(edtf) OR (edtf <> '' AND public.edtf_earliest(edtf) IS NULL))
     AND (latest IS NULL OR latest <= public.edtf_latest(edtf) OR (edtf <> '' AND public.edtf_latest(edtf) IS NULL))
     AND (edtf <> '' OR (earliest IS NULL AND latest IS NULL)) AND (earliest IS NULL OR latest IS NULL OR earliest <= latest) $$""",
    "same_text": """
CREATE OR REPLACE FUNCTION public.same_text(content text, digest text, bytes integer, characters integer) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex') = digest AND octet_length(convert_to(content, 'UTF8')) = bytes
     AND char_length(content) = characters $$""",
    "desk_record": """
CREATE OR REPLACE FUNCTION public.desk_record() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  this_kind text := TG_ARGV[0];
  moves text[] := ARRAY['state', 'note'];
  who text := nullif(current_setting('tracker.open', true), '')::jsonb ->> 'actor';
  was text; becomes text; was_public boolean; changes boolean; fault text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    was := to_jsonb(OLD) ->> 'state';
    was_public := this_kind <> '' AND EXISTS (SELECT FROM public.commitments_publication p WHERE p.kind = this_kind AND p.record = OLD.ref);
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF was_public THEN
      RAISE EXCEPTION '% was public: it can be retracted, not deleted', OLD.ref USING ERRCODE = 'restrict_violation';
    END IF;
    IF this_kind <> '' THEN PERFORM desk_allow(OLD.ref, 'discard', was, NULL); END IF;
    RETURN OLD;
  END IF;
  becomes := to_jsonb(NEW) ->> 'state';
  IF coalesce(to_jsonb(NEW) ->> 'waiver', '') <> coalesce(to_jsonb(OLD) ->> 'waiver', '') THEN
    PERFORM desk_allow(NEW.ref, 'waive', NULL, NULL);
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM desk_allow(NEW.ref, 'add', NULL, NULL);
    IF becomes <> 'draft' AND EXISTS (SELECT FROM commitments_user u WHERE u.pseudonym = who) THEN  -- commands load whole records
      PERFORM desk_allow(NEW.ref, 'submit', 'draft', becomes);
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.ref <> OLD.ref THEN
    RAISE EXCEPTION '% is a lasting reference and can''t become %', OLD.ref, NEW.ref USING ERRCODE = 'restrict_violation';
  END IF;
  IF this_kind = '' THEN RETURN NEW; END IF;
  IF to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN PERFORM desk_allow(OLD.ref, 'change', NULL, NULL); END IF;
  changes := to_jsonb(NEW) - moves <> to_jsonb(OLD) - moves;
  IF changes THEN
    IF was_public AND TG_ARGV[1] = 'append-only' THEN
      RAISE EXCEPTION '% was public and is append-only: correct it by a new record', OLD.ref USING ERRCODE = 'restrict_violation';
    END IF;
    IF was = 'retracted' THEN
      RAISE EXCEPTION '% was retracted and no longer changes', OLD.ref USING ERRCODE = 'restrict_violation';
    END IF;
    IF becomes = 'published' THEN NEW.state := 'in_review'; becomes := 'in_review'; END IF;
  END IF;
  -- A change of what is published, of its parts or quotes, sends it back to review: that is no move of its own.
  IF was IS DISTINCT FROM becomes AND NOT (was = 'published' AND becomes = 'in_review' AND (changes OR pg_trigger_depth() > 1)) THEN
    PERFORM desk_allow(OLD.ref, NULL, was, becomes);
    IF becomes = 'published' AND NOT was_public THEN  -- `desk_borne_out` sees to the rest, once all is recorded
      fault := 'it has no public version';
    ELSIF becomes = 'retracted' AND NOT EXISTS (
        SELECT FROM public.commitments_publication p WHERE p.kind = this_kind AND p.record = OLD.ref AND p.tombstone) THEN
      fault := 'it has no tombstone';
    END IF;
    IF fault IS NOT NULL THEN
      RAISE EXCEPTION '% can''t become %: %', OLD.ref, becomes, fault USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$""",
    "desk_borne_out": f"""
CREATE OR REPLACE FUNCTION public.desk_borne_out() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  this_kind text := TG_ARGV[0];
  moves text[] := ARRAY['state', 'note'];
  last bigint;
BEGIN
  IF NEW.state <> 'published' OR OLD.state = 'published' THEN RETURN NULL; END IF;
  SET CONSTRAINTS ALL IMMEDIATE;  -- whenever this is asked, all that was changed before is in the ledger
  SET CONSTRAINTS ALL DEFERRED;
  SELECT max(p.from_seq) INTO last FROM commitments_publication p
    WHERE p.kind = this_kind AND p.record = NEW.ref AND p.class <> 'housekeeping';
  IF EXISTS (SELECT FROM (
      {authored("this_kind", "NEW.ref", f"('^' || replace(NEW.ref, '.', '{DOT}') || '{DOT}{PART}')")}
    ) e WHERE e.seq > last
      AND nullif(e.canonical::jsonb -> 'before', 'null') - moves IS DISTINCT FROM nullif(e.canonical::jsonb -> 'after', 'null') - moves) THEN
    RAISE EXCEPTION '% can''t become %: %', NEW.ref, NEW.state, 'it was changed after its last public version'
      USING ERRCODE = 'restrict_violation', HINT = 'publish it, and it gets one';
  END IF;
  RETURN NULL;
END $$""",
    "desk_same_subject": """
CREATE OR REPLACE FUNCTION public.desk_same_subject() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  found record;
BEGIN
  SELECT a.ref, w.ref AS wrong INTO found FROM commitments_assessment a JOIN commitments_assessment w ON w.ref = a.corrects_id
    WHERE NEW.ref IN (a.ref, a.corrects_id) AND (a.commitment_id, a.obligor_id) IS DISTINCT FROM (w.commitment_id, w.obligor_id) LIMIT 1;
  IF found.ref <> '' THEN
    RAISE EXCEPTION '% judges another commitment or obligor than %, which it corrects', found.ref, found.wrong
      USING ERRCODE = 'restrict_violation', HINT = 'correct a judgement by one of the same commitment and obligor';
  END IF;
  RETURN NULL;
END $$""",
    "desk_check": """
CREATE OR REPLACE FUNCTION public.desk_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM commitments_quote q WHERE q.ref = OLD.quote_id) THEN
    RAISE EXCEPTION '% stays: a check goes with its quote alone', OLD.ref USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$""",
    "desk_part": """
CREATE OR REPLACE FUNCTION public.desk_part() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  part jsonb; this_kind text; parent text;
BEGIN
  PERFORM desk_allow(coalesce(NEW.ref, OLD.ref), 'change', NULL, NULL);
  FOR part IN SELECT value FROM unnest(ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
                                             CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END]) AS value WHERE value IS NOT NULL LOOP
    FOREACH this_kind IN ARRAY TG_ARGV[0:] LOOP
      parent := part ->> (this_kind || '_id');
      CONTINUE WHEN parent IS NULL;
      IF part = to_jsonb(NEW) AND NOT starts_with(part ->> 'ref', parent || '.') THEN  -- who changed a record is read from the references of its parts
        RAISE EXCEPTION '% is no part of %', part ->> 'ref', parent USING ERRCODE = 'restrict_violation';
      END IF;
      IF this_kind IN ('deadline', 'assessment')
         AND EXISTS (SELECT FROM public.commitments_publication p WHERE p.kind = this_kind AND p.record = parent) THEN
        RAISE EXCEPTION '% was public and is append-only: correct it by a new record', parent USING ERRCODE = 'restrict_violation';
      END IF;
      EXECUTE format('UPDATE public.%I r SET state = ''in_review'' WHERE ref = $1 AND state = ''published'' AND EXISTS '
        '(SELECT FROM public.commitments_publication p WHERE p.kind = $2 AND p.record = r.ref)', 'commitments_' || this_kind)
        USING parent, this_kind;
    END LOOP;
  END LOOP;
  RETURN NULL;
END $$""",
    "desk_quote": """
CREATE OR REPLACE FUNCTION public.desk_quote() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  kind text;
BEGIN
  IF to_jsonb(NEW) - 'note' = to_jsonb(OLD) - 'note' THEN RETURN NULL; END IF;
  FOREACH kind IN ARRAY ARRAY['commitment', 'deadline', 'assessment'] LOOP
    EXECUTE format('UPDATE public.%I SET state = ''in_review'' WHERE state = ''published'' AND ref IN '
      '(SELECT %I FROM public.commitments_citation WHERE quote_id = $1)', 'commitments_' || kind, kind || '_id') USING NEW.ref;
  END LOOP;
  UPDATE public.commitments_statement SET state = 'in_review' WHERE state = 'published' AND issued_quote_id = NEW.ref;
  RETURN NULL;
END $$""",
    "shelf_standing": """
CREATE OR REPLACE FUNCTION public.shelf_standing() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE public text;
BEGIN
  SELECT min(m.publication_id) INTO public FROM (SELECT DISTINCT publication_id FROM made) m WHERE NOT EXISTS (
    SELECT FROM commitments_standing s WHERE s.publication_id = m.publication_id AND s.party = '' AND s.first = '0001-01-01');
  IF public <> '' THEN
    RAISE EXCEPTION '% has no standing from the first day on', public USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    SELECT min(p.ref) INTO public FROM commitments_publication p WHERE p.from_seq IS NOT NULL AND p.ref IN (SELECT publication_id FROM made);
    IF public <> '' THEN
      RAISE EXCEPTION '% is public already: how it stands was worked out then', public USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$""",
    "shelf_of_version": """
CREATE OR REPLACE FUNCTION public.shelf_of_version() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM commitments_publication p WHERE p.ref = NEW.publication_id) THEN
    RAISE EXCEPTION '% is no version that could stand', NEW.publication_id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$""",
    "shelf_renamed": """
CREATE OR REPLACE FUNCTION public.shelf_renamed(published text[]) RETURNS SETOF text
  LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
-- Those housekeeping versions whose text is that of the version before, but at most for one name that became another since, as the shelf has both.
-- Beside its reference a name stands only where a record is shown (`representations.name_shown`).
BEGIN
  RETURN QUERY
  WITH v AS MATERIALIZED (SELECT n.ref::text, n.named, n.body::text, n.detail::text, l.from_seq AS since, l.body::text AS body_was, l.detail::text AS detail_was
                            FROM commitments_publication n JOIN commitments_publication l ON l.kind = n.kind AND l.record = n.record AND l.version = n.version - 1
                           WHERE n.ref = ANY (published) AND n.class = 'housekeeping'),
       m AS MATERIALIZED (SELECT s.name, n.from_seq, '"name":' || (l.body -> 'name') || said.ref AS was, '"name":' || (n.body -> 'name') || said.ref AS now
                            FROM (SELECT DISTINCT unnest(named) AS name FROM v) s,
                            LATERAL (SELECT p.* FROM commitments_publication p
                                      WHERE p.until_seq IS NULL AND p.kind = split_part(s.name, '.', 1) AND p.record = substr(s.name, strpos(s.name, '.') + 1) OFFSET 0) n
                            JOIN commitments_publication l ON l.kind = n.kind AND l.record = n.record AND l.version = n.version - 1,
                            LATERAL (SELECT ',"ref":' || to_json(n.record)) said (ref)
                           WHERE s.name ~ '^(party|process)[.]' AND n.from_seq > (SELECT min(since) FROM v) AND (l.body -> 'name')::text <> (n.body -> 'name')::text)
  SELECT v.ref FROM v WHERE v.body = v.body_was AND v.detail = v.detail_was OR EXISTS (
    SELECT FROM m WHERE m.name = ANY (v.named) AND m.from_seq > v.since
       AND v.body = replace(v.body_was, m.was, m.now) AND v.detail = replace(v.detail_was, m.was, m.now));
END $$""",
    "shelf_own": f"""
CREATE OR REPLACE FUNCTION public.shelf_own() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- What it shows of others is for `verify` to compare. Of two versions either may be the one that comes later.
DECLARE
  shows text[] := '{{{",".join(SHOWING)}}}';
  renamed text[] := current_setting('tracker.renamed');  -- as `shelf_enter` found
  children text[] := ARRAY['deadlines', 'relations', 'assessments'];
  found text;
BEGIN
  SELECT min(n.ref) INTO found FROM (
      SELECT m.kind, m.record, m.version FROM made m WHERE m.class = 'housekeeping'
      UNION ALL SELECT m.kind, m.record, m.version + 1 FROM made m WHERE m.class <> 'housekeeping') v
    CROSS JOIN LATERAL (SELECT * FROM commitments_publication p WHERE p.kind = v.kind AND p.record = v.record AND p.version = v.version
                           AND p.class = 'housekeeping' OFFSET 0) n  -- else all versions of a record are compared, and then found to be others
    CROSS JOIN LATERAL (SELECT * FROM commitments_publication p WHERE p.kind = v.kind AND p.record = v.record AND p.version = v.version - 1 OFFSET 0) l
   WHERE {_rows("n")} IS DISTINCT FROM {_rows("l")} OR n.ref <> ALL (renamed) AND EXISTS (
     SELECT FROM (SELECT n.body::jsonb AS body, n.detail::jsonb - children AS detail OFFSET 0) now,  -- each read once
       (SELECT l.body::jsonb AS body, l.detail::jsonb - children AS detail OFFSET 0) was
      WHERE now.body - shows <> was.body - shows OR now.detail - shows <> was.detail - shows
         OR jsonb_path_query_array(now.body, '{LINKS}') <> jsonb_path_query_array(was.body, '{LINKS}')
         OR jsonb_path_query_array(now.detail, '{LINKS}') <> jsonb_path_query_array(was.detail, '{LINKS}'));
  IF found <> '' THEN
    RAISE EXCEPTION '% says something else of its own than the version before it: no housekeeping does', found
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$""",
    "shelf_search": """
CREATE OR REPLACE FUNCTION public.shelf_search() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  fresh text[] := ARRAY(SELECT ref FROM made WHERE kind = 'commitment' AND NOT tombstone);
  renamed text[] := ARRAY(SELECT unnest(fresh) INTERSECT SELECT unnest(current_setting('tracker.renamed')::text[]));
BEGIN
  INSERT INTO commitments_commitmentindex (publication_id, vector, second_hand, record, from_seq, until_seq, stands)
    SELECT r.ref, r.vector, r.second_hand, m.record, m.from_seq, m.until_seq, r.stands
      FROM (SELECT * FROM search_renamed(renamed)
            UNION ALL SELECT *, ref FROM search_rows(ARRAY(SELECT unnest(fresh) EXCEPT SELECT unnest(renamed)))) r,
        LATERAL (SELECT * FROM commitments_publication p WHERE p.ref = r.ref OFFSET 0) m;
  UPDATE commitments_commitmentindex s SET vector = r.vector, second_hand = r.second_hand FROM search_rows(ARRAY(
      SELECT DISTINCT p.ref::text FROM made m JOIN commitments_publication l ON l.kind = m.kind AND l.record = m.record AND l.version = m.version - 1
        JOIN commitments_publication p ON p.until_seq IS NULL AND p.kind = 'commitment' AND p.named @> ARRAY[(m.kind || '.' || m.record)::varchar]
       WHERE m.kind IN ('party', 'document') AND NOT m.tombstone AND (l.code <> m.code
          OR l.body::jsonb -> 'aliases' IS DISTINCT FROM m.body::jsonb -> 'aliases' OR l.body::jsonb -> 'headline' IS DISTINCT FROM m.body::jsonb -> 'headline'))) r
    WHERE s.publication_id = r.ref;
  RETURN NULL;
END $$""",
    "shelf_span": """
CREATE OR REPLACE FUNCTION public.shelf_span() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE commitments_commitmentindex s SET from_seq = m.from_seq, until_seq = m.until_seq FROM made m
    WHERE m.kind = 'commitment' AND s.publication_id = m.ref;
  RETURN NULL;
END $$""",
    "shelf_enter": f"""
CREATE OR REPLACE FUNCTION public.shelf_enter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET bytea_output = 'hex' AS $$
DECLARE
  refs text[]; news json[]; owns text[]; broken text; hostile text; number bigint;
  renamed text[] := ARRAY(SELECT shelf_renamed(ARRAY(SELECT ref::text FROM made WHERE class = 'housekeeping')));
BEGIN
  PERFORM set_config('tracker.renamed', renamed::text, true);  -- the first of a statement's three: nothing comes between
  -- As ready JSON, all columns but those that the ledger sets. What comes before what it follows is entered row by row.
  EXECUTE (SELECT format('SELECT array_agg(m.ref), array_agg(row_to_json(m)), array_agg(own.said) FROM (SELECT %s FROM made WHERE class = ''housekeeping''
      AND ARRAY(SELECT e.seq FROM commitments_publication p JOIN ledger_entry e ON e."table" = ''commitments_publication'' AND e.reference = p.ref
                 WHERE p.kind = made.kind AND p.record = made.record AND p.version = made.version - 1) <> ''{{}}'') m,
      LATERAL (SELECT row_to_json(o)::text AS said FROM (SELECT %s) o) own',
                         string_agg(quote_ident(attname), ', ' ORDER BY attnum),
                         string_agg('m.' || quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attname NOT IN ('body', 'detail')))
             FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('from_seq', 'until_seq')) INTO refs, news, owns;
  IF refs IS NULL THEN RETURN NULL; END IF;
  SELECT r.ref, h INTO broken, hostile FROM unnest(refs, news, owns) r (ref, new_row, own), hostile_in(TG_TABLE_NAME, r.new_row::jsonb) h
   -- the texts of a renamed one are the last one's and a name's, which were looked through when they were entered
   WHERE CASE WHEN r.ref = ANY (renamed) THEN r.own ELSE r.new_row::text END ~ '{SUSPECT}' AND h <> '' LIMIT 1;
  IF hostile <> '' THEN
    RAISE EXCEPTION '% %: %: no record may hold this character', TG_TABLE_NAME, broken, hostile
      USING ERRCODE = 'check_violation', HINT = 'take it out';
  END IF;
  number := ledger_write(TG_TABLE_NAME, true, refs, array_fill(NULL::json, ARRAY[cardinality(refs)]), news);
  UPDATE commitments_publication p SET from_seq = number + m.place - 1, until_seq = NULL  -- who foresaw it spares the second write
    FROM unnest(refs) WITH ORDINALITY m (ref, place) WHERE p.ref = m.ref AND (p.from_seq, p.until_seq) IS DISTINCT FROM (number + m.place - 1, NULL);
  UPDATE commitments_publication p SET until_seq = m.from_seq FROM commitments_publication m
   WHERE m.ref = ANY (refs) AND p.kind = m.kind AND p.record = m.record AND p.version = m.version - 1;
  RETURN NULL;
END $$""",
    "shelf_follow": f"""
CREATE OR REPLACE FUNCTION public.shelf_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  open jsonb := nullif(current_setting('tracker.open', true), '')::jsonb;
  gone boolean; fault text;
BEGIN
  SELECT p.tombstone INTO gone FROM commitments_publication p
    WHERE p.kind = NEW.kind AND p.record = NEW.record AND p.version = NEW.version - 1;
  fault := CASE WHEN NOT (desk_may(open ->> 'actor', open ->> 'door', NULL, NULL, 'published')
      OR desk_may(open ->> 'actor', open ->> 'door', NULL, NULL, 'retracted')) THEN format('%s may not', open ->> 'actor')
    ELSE {LINEAGE.format(new="NEW", gone="gone", unapproved="true")} END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '% % can''t be published: %', NEW.kind, NEW.record, fault USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$""",
    "shelf_rules": f"""
CREATE OR REPLACE FUNCTION public.shelf_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  open jsonb := nullif(current_setting('tracker.open', true), '')::jsonb;
  approver text := open ->> 'actor';
  needed text := 'publish'; was text; since bigint; fault text; desk jsonb; gone boolean;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;  -- whenever this is asked, all that was changed before is in the ledger
  SET CONSTRAINTS ALL DEFERRED;
  IF to_regclass('commitments_' || NEW.kind) IS NOT NULL THEN
    EXECUTE 'SELECT to_jsonb(r) FROM ' || quote_ident('commitments_' || NEW.kind) || ' r WHERE ref = $1' INTO desk USING NEW.record;
  END IF;
  IF NEW.tombstone THEN
    needed := 'retract';
  ELSIF NEW.emergency THEN
    needed := 'publish_at_once';
  END IF;
  IF EXISTS (SELECT FROM commitments_user u WHERE u.pseudonym = approver) THEN  -- commands load past versions
    was := desk ->> 'state';
  END IF;
  SELECT p.tombstone INTO gone FROM commitments_publication p WHERE p.kind = NEW.kind AND p.record = NEW.record AND p.version = NEW.version - 1;
  IF NOT (desk_may(approver, open ->> 'door', needed, was, 'published') OR desk_may(approver, open ->> 'door', needed, was, 'retracted')) THEN
    fault := format('%s may not', approver);
  ELSE
    fault := {LINEAGE.format(new="NEW", gone="gone", unapproved="NEW.tombstone")};
  END IF;
  IF fault IS NULL AND NOT NEW.tombstone THEN
    SELECT coalesce(max(from_seq), 0) INTO since FROM commitments_publication p
      WHERE p.kind = NEW.kind AND p.record = NEW.record AND p.version < NEW.version AND p.class <> 'housekeeping' AND NOT p.emergency;
    IF NOT NEW.emergency THEN fault := desk_own_work(NEW.kind, NEW.record, approver, since); END IF;
    IF fault IS NOT NULL THEN
      NULL;
    ELSIF desk IS NULL THEN
      fault := 'the desk has no such record';
    ELSIF NEW.kind = 'commitment' THEN
      fault := CASE
        WHEN NOT EXISTS (SELECT FROM commitments_commitmentparty r WHERE r.commitment_id = NEW.record AND r.role = 'obligor')
          THEN 'it has no obligor'
        WHEN NOT EXISTS (SELECT FROM commitments_citation c WHERE c.commitment_id = NEW.record AND c.part = 'undertaking')
          THEN 'no quote proves its undertaking'
        WHEN NOT EXISTS (SELECT FROM commitments_commitment c JOIN commitments_publication p
                           ON p.kind = 'statement' AND p.record = c.statement_id AND NOT p.tombstone WHERE c.ref = NEW.record)
          THEN 'its statement is not published' END;
    ELSIF NEW.kind = 'assessment' THEN
      SELECT CASE
        WHEN a.status IN ('fulfilled', 'partly_fulfilled', 'not_fulfilled', 'contrary_action')
             AND NOT EXISTS (SELECT FROM commitments_citation c WHERE c.assessment_id = a.ref AND c.part = 'evidence')
          THEN format('%s needs evidence', a.status)
        WHEN a.status = 'no_evidence' AND NOT EXISTS (SELECT FROM commitments_assessmentsearch s WHERE s.assessment_id = a.ref)
          THEN 'no_evidence must say which documents were searched' END
        INTO fault FROM commitments_assessment a WHERE a.ref = NEW.record;
    END IF;
    fault := coalesce(fault, (SELECT format('quote %s is not proven exact and carries no waiver', min(q.ref))
      FROM commitments_quote q WHERE q.waiver = '' AND (NEW.kind = 'quote' AND q.ref = NEW.record OR q.ref IN (
        SELECT c.quote_id FROM commitments_citation c WHERE NEW.record IN (c.commitment_id, c.deadline_id, c.assessment_id)))
      AND NOT EXISTS (
        SELECT FROM commitments_quotecheck k JOIN commitments_document d ON d.ref = q.document_id
          LEFT JOIN commitments_documenttext t ON t.document_id = d.ref
         WHERE (t.text IS NULL OR t.sha256 = d.sha256 AND substr(t.text, q.start + 1, q."end" - q.start) = q.exact) AND k.quote_id = q.ref AND k.level = 'exact'
           AND k.sha256 = d.sha256 AND k.start = q.start
           AND k.digest = encode(sha256(convert_to(q.exact, 'UTF8')), 'hex')
           AND NOT EXISTS (SELECT FROM commitments_quotecheck l WHERE l.quote_id = q.ref AND l.number > k.number))
      HAVING count(*) > 0));
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '% % can''t be published: %', NEW.kind, NEW.record, fault USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$""",
}
