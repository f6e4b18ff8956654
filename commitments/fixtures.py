"""Bundles: the whole record out into a folder of plain files, and back in, byte for byte."""

import contextlib
import datetime
import hashlib
import json
import pathlib
import re
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.postgres.fields import ArrayField
from django.db import Error, connections, transaction
from django.db import models as orm

from . import actions, bags, beside, checkpoints, models, search, verification
from .bundle import verify
from .checkpoints import Checkpoint, Release, SigningKey
from .fields import canonical
from .findings import Faulty, Finding
from .ledger import GENESIS, HEAD, LEASE, MIGRATED, Entry, act
from .models import Publication, Withholding
from .text import is_suspect

# The order in which the files load: what is named comes before what names it.
MODELS = (
    models.Topic,
    models.Process,
    models.Party,
    models.PartyAlias,
    models.PartyMember,
    models.Document,
    models.Quote,
    models.QuoteCheck,
    models.Statement,
    models.StatementIssuer,
    models.Commitment,
    models.CommitmentParty,
    models.CommitmentTopic,
    models.Deadline,
    models.Relation,
    models.Assessment,
    models.AssessmentSearch,
    models.Citation,
    models.Divergence,
    Publication,
    SigningKey,
    Withholding,
    Release,
)
# An import's tables, and what refers to one of them; the search columns' keys are put aside before (`_unindexed`).
EMPTIED = (*MODELS, Entry, models.Standing, models.DocumentText)
PUBLIC = (Publication, SigningKey, Withholding, Release)  # what a public bundle holds, entries whole
KINDS = {"full": MODELS, "public": PUBLIC}
LEDGER = "ledger.jsonl"
KEY_REASON = "this key signs checkpoints from here on"  # public, so it is never a command's own line
HERE = pathlib.Path(verify.__file__).parent
BATCH = 500
TYPES = {"seq": "int8", "at": "timestamptz"}  # what columns of an entry and of a standing are but text
TYPES |= dict.fromkeys(("first", "until", "due_earliest", "due_latest"), "date") | dict.fromkeys(
    ("lead", "contested"), "bool"
)
NUMBER = re.compile("[0-9]{1,19}")  # as PostgreSQL writes one
TIMEOUTS = ("statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout")  # no server has all
LEDGER_LINES = """SELECT CASE WHEN canonical IS NULL THEN row_to_json((SELECT h FROM (SELECT chain, leaf, seq) h)) ELSE row_to_json(e) END
  FROM (SELECT canonical, chain, leaf, seq FROM ledger_entry WHERE seq <= {size} ORDER BY seq) e"""


def file_of(model: type[orm.Model]) -> str:
    """The name of a model's file."""
    return f"{model._meta.model_name}.jsonl"


def export(folder: pathlib.Path, *, kind: str = "full", at: int | None = None, by: str, reason: str) -> dict:
    """Writes the bundle of the ledger's first `at` entries (None: all) to `folder`, which appears whole or not at all.

    Answers its manifest, with the `digest` of the list of its data files' hashes and whether it is `signed`. The bytes depend on the
    data, the size and the checkpoints signed alone. A size that nobody signed yet is signed where a key is at hand;
    a key that the ledger doesn't know is recorded first, as `by`'s act. Faulty, BadKey: nothing was written.
    """
    size = signing_size(by=by, reason=reason) if at is None else existing(at)
    note, key = checkpoint(size)
    with bags.replacing(folder.absolute()) as work, snapshot():
        bag = bags.Bag(work)
        name = checkpoints.origin_of()
        files = [_file(bag, model, kind, size) for model in KINDS[kind]] + [bag.data(LEDGER, ledger(kind, size))]
        manifest = bags.manifest(kind, name, size, checkpoints.head(size), schema(), files)
        tags = {bags.MANIFEST: manifest, "checkpoint.txt": note}
        tags |= {path.name: path.read_text(encoding="utf-8") for path in (HERE / "README.md", HERE / "verify.py")}
        tags |= {f"checkpoints/{each}.txt": note for each, note in signed_notes(size).items()}
        for row in map(orjson.loads, rows(SigningKey, kind, size)):
            each = SigningKey(ref=row["pk"], **row["fields"])
            tags[f"keys/{each.ref.removeprefix('key-')}.pem"] = each.pem
        for path in sorted(tags):
            bag.tag(path, tags[path])
        shown = release_note(size, bag.digest(), key) if kind == "public" else ""
        if shown:
            bag.tag("public.txt", shown)
        bag.close(f"{name}/{size}/{kind}")
    return json.loads(manifest) | {"digest": bag.digest(), "note": shown, "signed": checkpoints.is_note(note)}


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read inside was so at one moment, whatever others write meanwhile."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        unhurried(cursor)  # a table is one statement, however long it is
        yield


def unhurried(cursor) -> None:
    """None of the limits that a role has for short work ends this transaction."""
    cursor.execute(f"SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN {TIMEOUTS}")


def existing(size: int) -> int:
    """A size that the ledger had, as far as its text is all there; Faulty otherwise."""
    there = Entry.objects.size()
    if not min(1, there) <= size <= there:
        raise Faulty([Finding(LEDGER, 0, "NO_SUCH_SIZE", f"the ledger has {there} entries, not {size}")])
    later = Entry.objects.filter(table=Withholding._meta.db_table, seq__gt=size).values_list("reference", flat=True)
    withheld = Withholding.objects.filter(ref__in=later, entry__lte=size).values("entry")
    if Entry.objects.filter(seq__in=withheld, canonical=None).exists():
        text = f"text of it had to go later; export at entry {Entry.objects.filter(reference__in=later).latest('seq').seq} or later"
        raise Faulty([Finding(LEDGER, size, "WITHHELD_LATER", text)])
    return size


def signing_size(*, by: str, reason: str) -> int:
    """The ledger's size now, after recording the key at hand if it has something to sign and the ledger doesn't know it."""
    size = Entry.objects.size()
    to_sign = size and not Checkpoint.objects.filter(size=size).exists()
    if to_sign and (key := checkpoints.private_key()) and _unrecorded(key):
        with act(actor=by, reason=reason), connections["default"].cursor() as cursor:
            # An import into an empty register gives the ledger another origin, by which a key is called.
            cursor.execute(f"LOCK TABLE {SigningKey._meta.db_table} IN ROW EXCLUSIVE MODE")
            if record := _unrecorded(key):  # an export at the same moment may find so, too
                SigningKey.objects.bulk_create([record], ignore_conflicts=True)
        size = Entry.objects.size()
    return size


def _unrecorded(key: Ed25519PrivateKey) -> SigningKey | None:
    """What is to be recorded of a key before it signs; none if that is there."""
    record = checkpoints.public_record(key, checkpoints.origin_of())
    return None if SigningKey.objects.filter(pk=record.ref).exists() else record


def checkpoint(size: int) -> tuple[str, Ed25519PrivateKey | None]:
    """(The note on a size of the ledger, the key at hand if it may sign that size); a note that is stored and holds is never signed again."""
    said = name, _size, _chain = checkpoints.origin_of(), size, checkpoints.head(size)
    key = checkpoints.private_key() if size else None
    if key and not _known(checkpoints.public_record(key, name), size):
        key = None  # a key counts from its own entry on
    stored = signed_notes(size + 1).get(size)
    if stored is None and key:
        stored = checkpoints.signed(*said, key)
        Checkpoint.objects.bulk_create([Checkpoint(size=size, note=stored)], ignore_conflicts=True)
    return stored or checkpoints.unsigned(*said), key


def _known(key: SigningKey, size: int) -> bool:
    """Whether the ledger had recorded a key by then."""
    return Entry.objects.filter(table=SigningKey._meta.db_table, reference=key.ref, seq__lte=size).exists()


def signed_notes(size: int) -> dict[int, str]:
    """The stored notes on fewer than `size` entries that hold: what anybody else may have put there isn't shipped."""
    name, keys = checkpoints.origin_of(), [key.public for key in SigningKey.objects.all()]
    notes = Checkpoint.objects.filter(size__lt=size).values_list("size", "note")
    heads = dict(Entry.objects.filter(seq__in=[each for each, _note in notes]).values_list("seq", "chain"))
    return {
        each: note
        for each, note in notes
        if each in heads
        and note.startswith(checkpoints.text(name, each, heads[each]) + "\n")
        and any(checkpoints.is_signed(note, name, key) for key in keys)
    }


def release_note(size: int, digest: str, key: Ed25519PrivateKey | None) -> str:
    """The signed note on a public bundle's data files: the release's own, else one by the key at hand; "" without either."""
    if stored := Release.objects.filter(size=size, digest=digest).first():
        return stored.note
    return checkpoints.signed(checkpoints.origin_of(), size, digest, key, about="/public") if key else ""


def _file(bag: bags.Bag, model: type[orm.Model], kind: str, size: int) -> dict:
    return bag.data(file_of(model), rows(model, kind, size)) | _about(model)


def _about(model: type[orm.Model]) -> dict:
    """What a manifest says of a model's file, whatever is in it."""
    columns = {field.name: field.column for field in model._meta.concrete_fields if field.name != field.column}
    return {"model": model._meta.label_lower, "table": model._meta.db_table, "columns": columns}


def is_migrated() -> bool:
    """Whether the database has its tables."""
    return Entry._meta.db_table in connections["default"].introspection.table_names()


def schema() -> str:
    """The name of the last migration, by which a bundle says what its columns mean."""
    with connections["default"].cursor() as cursor:
        cursor.execute(MIGRATED)
        return cursor.fetchone()[0]


def rows(model: type[orm.Model], kind: str, size: int) -> Iterator[bytes]:
    """A model's records when the ledger had `size` entries, in the order of their references, as lines that loaddata reads."""
    if kind == "full" and Entry.objects.size() == size:
        yield from _present(model, "default")
        return
    label, pk, names = model._meta.label_lower, model._meta.pk.column, _names(model)
    for (text,) in _stream(_query(model, size)):
        row = orjson.loads(text)
        if kind == "full" or model is not Withholding or row["table"] == Publication._meta.db_table:
            yield bags.line({"model": label, "pk": row[pk], "fields": {names[column]: row[column] for column in names}})


def _names(model: type[orm.Model]) -> dict[str, str]:
    """What a record calls the columns beside its key."""
    return {field.column: field.name for field in model._meta.concrete_fields if not field.primary_key}


def _present(model: type[orm.Model], using: str, *, imported: bool = False, in_order: bool = True) -> Iterator[bytes]:
    """A model's records as they are now; just `imported`: what is ready JSON is canonical, since it was written out from a line."""
    label, pk, names = model._meta.label_lower, model._meta.pk.column, _names(model)
    fields = ", ".join(f't."{column}" AS "{name}"' for column, name in sorted(names.items(), key=lambda each: each[1]))
    one = f"""SELECT (SELECT f FROM (SELECT {fields}) f) AS fields, '{label}' AS model, t."{pk}" AS pk FROM"""
    order = f'ORDER BY t."{pk}" COLLATE "C"' if in_order else ""
    query = f'SELECT row_to_json(l) FROM ({one} "{model._meta.db_table}" t {order}) l'
    found, kept = _ready(query, using), [field for field in model._meta.concrete_fields if _is_json(field)]
    if imported:
        kept = [field for field in kept if not isinstance(field, models.ReadyJSONField)]
    return (bags.line(orjson.loads(each)) for each in found) if kept else found  # with their spaces and their order


def _is_json(field: orm.Field) -> bool:
    return isinstance(field, orm.JSONField | models.ReadyJSONField)


def _query(model: type[orm.Model], size: int) -> str:
    """SQL for a model's rows as JSON: from its table where that is as it was, else out of the ledger."""
    table, pk = model._meta.db_table, model._meta.pk.column
    if model is Publication:  # append-only: as it was, but for when a version ceased to be current
        until = f"jsonb_build_object('until_seq', CASE WHEN until_seq <= {size} THEN until_seq END)"
        return (
            f'SELECT (to_jsonb(t) || {until})::text FROM "{table}" t WHERE from_seq <= {size} ORDER BY ref COLLATE "C"'
        )
    if Entry.objects.size() == size:
        return f'SELECT to_jsonb(t)::text FROM "{table}" t ORDER BY t."{pk}" COLLATE "C"'
    return (
        "SELECT after::text FROM (SELECT DISTINCT ON (reference) reference, "
        "canonical::jsonb -> 'after' AS after FROM ledger_entry "
        f"""WHERE "table" = '{table}' AND seq <= {size} ORDER BY reference, seq DESC) last """
        """WHERE after <> 'null' ORDER BY reference"""
    )


def ledger(kind: str, size: int) -> Iterator[bytes]:
    """The first `size` entries as lines, in ledger order; in a public bundle, those of the desk by their hashes alone."""
    if kind == "full":
        yield from _ready(LEDGER_LINES.format(size=size), "default")
        return
    public = [model._meta.db_table for model in PUBLIC]
    for seq, said, leaf, chain in _stream(
        f"SELECT seq, canonical, leaf, chain FROM ledger_entry WHERE seq <= {size} ORDER BY seq"
    ):
        hashes = {"seq": seq, "leaf": leaf, "chain": chain}
        if said is None or not _is_public(orjson.loads(said), public):
            yield bags.line(hashes)
        else:
            yield bags.line(hashes | {"canonical": said})


def _is_public(entry: dict, public: list[str]) -> bool:
    about_desk = entry["table"] == Withholding._meta.db_table and entry["after"]["table"] != Publication._meta.db_table
    return entry["table"] in public and not about_desk


def _ready(query: str, using: str) -> Iterator[bytes]:
    """Lines that the database itself writes as `bags.line` would, sent as a COPY, which only doubles backslashes."""
    connection, copy = connections[using], f"COPY ({query}) TO STDOUT"
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor, cursor.copy(copy) as found:
        for one in found:
            yield bytes(one).replace(rb"\\", b"\\")


def _stream(query: str) -> Iterator[tuple]:
    connection = connections["default"]
    connection.ensure_connection()
    with connection.connection.cursor(name="bundle") as cursor:  # on the server's side, so memory stays flat
        cursor.itersize = BATCH
        yield from cursor.execute(query)


def proved(report: verify.Report, tags: bytes | None = None) -> None:
    """Faulty lists what doesn't hold of a bundle; or that it isn't the one whose tag files are listed so."""
    if report.findings:
        raise Faulty([Finding(*found) for found in report.findings])
    if tags is not None and report.tags != hashlib.sha256(tags).hexdigest():
        raise Faulty([Finding(verify.TAG_LIST, 0, "WRONG_SHA256", "it isn't the one whose bundle was proved")])


class Unfit(Faulty):
    """A bundle isn't one for this database, whatever else may be said of it."""


def restore(folder: pathlib.Path) -> int:
    """Puts a bundle into an empty database as its owner, ledger included; answers how many rows it holds now.

    Nothing is recorded anew: the ledger comes with the bundle and goes on from there. Before the commit it is proved
    that the bundle verifies, as any auditor proves it (in a process beside, since that takes as long): so its chain holds, and
    every row equals its last entry. And that the database has just this: its chain is the same, and each table gives the bytes
    of its file. Faulty if the database isn't empty, proof fails, or the database or the disk refuses what the bundle holds.
    django.db.Error if the database is away, or lets nobody begin.
    """
    with beside.process() as another:
        proof = Proof(another, folder)
        try:
            files = verify.Folder(folder)
            if files.odd:
                proved(proof.report())  # a pipe or a link is never opened
            tags = files.read(verify.TAG_LIST) or b""
            hashes = _listed(tags)
            manifest = _fitting(files, hashes)
            _refuse_filled("owner")
            with transaction.atomic(using="owner"):
                _restore(files, manifest, hashes, "owner", proof)
                proved(proof.report(), tags)
        except Unfit:
            raise
        except Exception as error:
            if isinstance(error, Error) and not (proof.begun and connections["owner"].is_usable()):
                raise  # nothing was read of the bundle yet, or nobody is there
            proved(proof.report())  # what doesn't hold of the bundle says more than what it led to
            if isinstance(error, Faulty):
                raise
            # A record may be what its entry says and still not be one: then a field is missing, or is no text.
            kind = "" if isinstance(error, Error | OSError) else f"{type(error).__name__}: "
            text = f"nothing was written: {kind}{verify.shown(' '.join(str(error).split()))}"
            raise Faulty([Finding(folder.resolve().name, 0, "REFUSED", text)]) from error
    return sum(entry["count"] for entry in manifest["files"])


class Proof:
    """The proof of a bundle by another process: begun once, told when it is asked for."""

    def __init__(self, another: ProcessPoolExecutor, folder: pathlib.Path):
        self.another, self.folder = another, folder
        self.begun: Future | None = None

    def begin(self) -> Future:
        """Begins it, unless it is begun."""
        if self.begun is None:
            self.begun = self.another.submit(verify.check, self.folder, write=bags.line)
            self.another.shutdown(wait=False)  # once it has told, its memory is free
        return self.begun

    def report(self) -> verify.Report:
        """What came of it; Faulty if nothing could."""
        try:
            return self.begin().result()
        except (BrokenProcessPool, MemoryError, OSError) as error:
            text = "what was to prove it had no room to, or was ended from outside, as where memory runs out"
            raise Faulty([Finding(bags.MANIFEST, 0, "UNPROVED", text)]) from error


def _listed(tags: bytes) -> dict[str, str]:
    """The tag files' hashes by their paths, as they are listed."""
    lines = (line.partition("  ") for line in tags.decode().splitlines())
    return {path: digest for digest, _between, path in lines}


def _fitting(files: verify.Folder, tags: dict[str, str]) -> dict:
    """The manifest of a bundle of this database's kind; Unfit if it is of another."""
    manifest = json.loads(_tag(files, bags.MANIFEST, tags))
    if manifest["kind"] != "full":
        text = "a public bundle lacks the desk; take the full one, which an auditor exports"
        raise Unfit([Finding(bags.MANIFEST, 1, "PUBLIC_ONLY", text)])
    if manifest["schema"] != schema():
        text = f"the bundle has {verify.shown(str(manifest['schema']))}, this database {schema()}; take the tracker of that schema, import, then upgrade"
        raise Unfit([Finding(bags.MANIFEST, 1, "OTHER_SCHEMA", text)])
    wanted = [{"file": f"data/{file_of(model)}"} | _about(model) for model in MODELS] + [{"file": f"data/{LEDGER}"}]
    if [{key: each[key] for key in each.keys() - {"count", "sha256"}} for each in manifest["files"]] != wanted:
        text = f"its files and their columns aren't those of {schema()}, whose name it bears"
        raise Unfit([Finding(bags.MANIFEST, 1, "OTHER_SCHEMA", text)])
    return manifest


def _restore(files: verify.Folder, manifest: dict, tags: dict[str, str], using: str, proof: Proof) -> None:
    """Puts a bundle into an empty database, inside a transaction."""
    with connections[using].cursor() as cursor:
        tables = ", ".join(model._meta.db_table for model in EMPTIED)
        others = ", ".join(model._meta.db_table for model in (*models.LOCAL, models.CommitmentIndex))
        # Those first whose entries come at a commit: whoever wrote one has committed, or takes its number after.
        cursor.execute(f"LOCK TABLE {others}, {tables} IN ACCESS EXCLUSIVE MODE")
        unhurried(cursor)
        cursor.execute("SELECT pg_sleep(%s)", [2 * LEASE])  # as `ledger.Announce`, which is switched off here
        _refuse_filled(using)  # by what was being written before
        cursor.execute(ROOM)
        with _unindexed(cursor, models.CommitmentIndex):
            with (
                _unindexed(cursor, *MODELS, Entry, models.Standing),
                _uncaptured(cursor, *EMPTIED, models.RecordedGroup),
            ):
                cursor.execute(f"TRUNCATE {tables}; DELETE FROM auth_group")
                proof.begin()
                for model in MODELS:
                    _restore_rows(using, files, model)
                actions.store(Entry, _entries(files, manifest), using, fresh=True, types=TYPES)
                _restore_checkpoints(files, manifest["size"], tags)
                standing = _standing(files, manifest)
                rows = (row for version in standing for row in actions.standings_of(*version))
                actions.store(models.Standing, rows, using, fresh=True, types=TYPES)
            cursor.execute("ANALYZE")  # what was proved and filled by plans for empty tables would take hours
            cursor.execute(search.FILL)
        with _uncaptured(cursor, models.RecordedGroup):
            cursor.execute(GROUPS)
        _go_on_numbering(using)
        if found := sorted([*_altered(manifest, using), *verification.ledger(using, proven=(*MODELS, Entry))]):
            raise Faulty(found)


def _tag(files: verify.Folder, name: str, tags: dict[str, str]) -> str:
    """A tag file's text; Faulty if it isn't the one that is listed."""
    content = files.read(name) or b""
    if hashlib.sha256(content).hexdigest() != tags.get(name):
        raise Faulty([Finding(name, 0, "WRONG_SHA256", f"it isn't the file that {verify.TAG_LIST} lists")])
    return content.decode()


def derive() -> None:
    """Makes what is derived of versions that were loaded one by one, in whatever order: standings, and the words that they are found by."""
    stood = models.Standing.objects.filter(publication=orm.OuterRef("stands"))
    without = models.CommitmentIndex.objects.order_by().exclude(orm.Exists(stood)).values("stands")
    versions = Publication.objects.filter(ref__in=without)
    if not versions.exists():
        return
    actions.stand(versions.iterator(chunk_size=BATCH), using="owner")
    with connections["owner"].cursor() as cursor:
        cursor.execute(search.ANEW)


# What was just written is in memory, and nothing of it was vacuumed: plans for a disk would read the ledger again for each table,
# and think of too little work as worth sharing among processes.
ROOM = """SET LOCAL work_mem = '128MB'; SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL max_parallel_maintenance_workers = 1;
SET LOCAL seq_page_cost = 0.1; SET LOCAL random_page_cost = 0.1;
SET LOCAL parallel_setup_cost = 10; SET LOCAL parallel_tuple_cost = 0.01; SET LOCAL min_parallel_table_scan_size = '256kB'"""

# The groups as the ledger last says: their names mean the same everywhere, and who is in them stays where it is.
GROUPS = """
INSERT INTO auth_group (id, name) SELECT (after ->> 'id')::integer, after ->> 'name' FROM (
  SELECT DISTINCT ON (reference) canonical::jsonb -> 'after' AS after FROM ledger_entry WHERE "table" = 'auth_group' ORDER BY reference, seq DESC
) last WHERE after <> 'null'"""


def _refuse_filled(using: str) -> None:
    """Unfit unless nothing was recorded but the groups, which a migration makes."""
    filled = [model._meta.db_table for model in (*MODELS, Checkpoint) if model.objects.using(using).exists()]
    if Entry.objects.using(using).exclude(table="auth_group", actor="migrate").exists():
        filled.append(Entry._meta.db_table)
    if filled:
        raise Unfit([Finding(table, 0, "NOT_EMPTY", "a bundle goes into an empty database only") for table in filled])


@contextlib.contextmanager
def _uncaptured(cursor, *models: type[orm.Model]) -> Iterator[None]:
    """The owner's right, inside one transaction: rows go in without being recorded a second time."""
    tables = [model._meta.db_table for model in models]
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


# What tables have beside rows and keys, as (table, name, kind, definition): keys of others before what they may rest on.
ASIDE = """
SELECT conrelid::regclass::text, quote_ident(conname), contype::text, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype IN ('f', 'u', 'x') AND conrelid = ANY (%(tables)s::regclass[])
UNION ALL
SELECT indrelid::regclass::text, indexrelid::regclass::text, 'i', pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = ANY (%(tables)s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
 ORDER BY 3, 1, 2"""


@contextlib.contextmanager
def _unindexed(cursor, *models: type[orm.Model]) -> Iterator[None]:
    """Rows go in alone; what looks them up and what they must name is made and proved after, all at once, as it was."""
    cursor.execute(ASIDE, {"tables": [model._meta.db_table for model in models]})
    aside = cursor.fetchall()
    for table, name, kind, _definition in aside:
        cursor.execute(f"DROP INDEX {name}" if kind == "i" else f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, kind, definition in reversed(aside):
        cursor.execute(definition if kind == "i" else f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _restore_rows(using: str, files: verify.Folder, model: type[orm.Model]) -> None:
    """A model's rows; of a value in JSON, canonical like its line, the text is what the line has; of references, but for the brackets."""
    pk, fields = model._meta.pk.attname, [field for field in model._meta.concrete_fields if not field.primary_key]
    renamed = [(field.attname, field.name) for field in fields if field.attname != field.name]
    in_json = [field.attname for field in fields if _is_json(field)]
    listed = [field.attname for field in fields if isinstance(field, ArrayField)]

    def row(one: dict) -> dict:
        made = one["fields"]
        made[pk] = one["pk"]
        for attname, name in renamed:
            made[attname] = made[name]
        for name in in_json:
            made[name] = None if made[name] is None else canonical(made[name])
        for name in listed:
            made[name] = f"{{{canonical(made[name])[1:-1]}}}"
        return made

    lines = (each for _number, each in files.lines(f"data/{file_of(model)}"))
    actions.store(model, map(row, map(orjson.loads, lines)), using, fresh=True)


def _standing(files: verify.Folder, manifest: dict) -> Iterator[tuple[str, str, dict, dict]]:
    """The commitments' versions that stand, of a bundle: a connection that takes rows in gives none out meanwhile.

    Each by what its standings are worked out from: so these are of versions that are there, and no trigger need hold them against all.
    Faulty if the file isn't the one that the manifest names, which its rows were read from.
    """
    for each in _lines(files, f"data/{file_of(Publication)}", manifest):
        if b'"kind":"commitment"' in each:
            one = orjson.loads(each)
            fields = one["fields"]
            if fields["kind"] == "commitment" and not fields["tombstone"]:
                yield one["pk"], fields["record"], fields["body"], fields["detail"]


def _lines(files: verify.Folder, name: str, manifest: dict) -> Iterator[bytes]:
    """A file's lines; Faulty at its end if it isn't the one that the manifest names."""
    digest = hashlib.sha256()
    for _number, each in files.lines(name, digest):
        yield each
    if digest.hexdigest() not in [each["sha256"] for each in manifest["files"] if each["file"] == name]:
        raise Faulty([Finding(name, 0, "WRONG_SHA256", "it isn't the file that manifest.json names")])


def _altered(manifest: dict, using: str) -> Iterator[Finding]:
    """Each of a bundle's files that wouldn't come out again as it went in, each hostile character, and the ledger if it is another.

    So rows are what their last entries say if they are in the bundle, and the ledger is the bundle's if its chain holds.
    """
    given = {each["file"]: each["sha256"] for each in manifest["files"]}
    with connections[using].cursor() as cursor:
        cursor.execute(AS_THEY_LIE)
        for model in MODELS:
            name = f"data/{file_of(model)}"
            for in_order in (False, True):
                digest, suspect = _read_again(model, using, in_order)
                if digest == given[name]:
                    break
            else:
                yield Finding(name, 0, "ROW_DIFFERS", "what its rows became isn't what it says")
            if suspect:
                yield from verification.hostile(model, using)
        cursor.execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")
    last = Entry.objects.using(using).order_by("-seq").values_list("seq", "chain").first()
    if (last or (0, GENESIS)) != (manifest["size"], manifest["head"]):
        yield Finding(f"data/{LEDGER}", 0, "WRONG_END", "its entries became another ledger")


# Rows that just came in lie in their file's order, where one process reads them from the beginning; else they are sorted.
AS_THEY_LIE = "SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0"


def _read_again(model: type[orm.Model], using: str, in_order: bool) -> tuple[str, bool]:
    """(SHA-256 in hex, whether one may hold a hostile character) of a model's records, just imported: as they lie, or in order."""
    digest, suspect = hashlib.sha256(), False
    for each in _present(model, using, imported=True, in_order=in_order):
        digest.update(each)
        suspect = suspect or is_suspect(each)
    return digest.hexdigest(), suspect


def _go_on_numbering(using: str) -> None:
    """Users and groups made here get numbers that the ledger has not seen; an import that is taken back takes that back, too."""
    with connections[using].cursor() as cursor:
        for model in models.LOCAL:
            if model._meta.pk.get_internal_type().endswith("AutoField"):
                said = models.ever(model, using=using)
                if odd := sorted(each for each in said if not NUMBER.fullmatch(each)):
                    text = f"{model._meta.db_table} is numbered, and one can't be {verify.shown(odd[0])}"
                    raise Faulty([Finding(f"data/{LEDGER}", 0, "REFUSED", text)])
                if last := max(map(int, said), default=0):
                    cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ALTER id RESTART WITH {last + 1}')


def _entries(files: verify.Folder, manifest: dict) -> Iterator[dict]:
    """The entries with what their texts say in columns. Faulty if the file isn't the one that the manifest names."""
    at = None
    for entry in map(orjson.loads, _lines(files, f"data/{LEDGER}", manifest)):
        said = orjson.loads(entry["canonical"]) if "canonical" in entry else dict.fromkeys((*HEAD, "canonical", "at"))
        at = datetime.datetime.fromisoformat(said["at"]) if said["at"] else at
        said.update(entry, at=at)  # of a withheld entry no more is known than that it came after the one before
        yield said


def _restore_checkpoints(files: verify.Folder, size: int, tags: dict[str, str]) -> None:
    """The signed notes: all the earlier ones that are listed, and the bundle's own if it is signed."""
    places = ((path, verify.CHECKPOINT.fullmatch(path)) for path in tags)
    notes = {int(place[1]): _tag(files, path, tags) for path, place in places if place}
    own = _tag(files, "checkpoint.txt", tags)
    notes |= {size: own} if checkpoints.is_note(own) else {}
    made = [Checkpoint(size=each, note=note) for each, note in sorted(notes.items())]
    Checkpoint.objects.using("owner").bulk_create(made)
