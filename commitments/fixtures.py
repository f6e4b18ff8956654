"""Bundles: the whole record out into a folder of plain files, and back in, byte for byte."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import orjson
from django.db import connections, transaction
from django.db import models as orm

from . import actions, models, verification
from .findings import Faulty, Finding
from .ledger import Entry

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
    models.Publication,
)
MANIFEST, LEDGER = "manifest.json", "ledger.jsonl"
BATCH = 500
LEDGER_COLUMNS = ("seq", "at", "canonical", "leaf", "chain")


def file_of(model: type[orm.Model]) -> str:
    """The name of a model's file."""
    return f"{model._meta.model_name}.jsonl"


def line(value: dict) -> bytes:
    """A record's one line: canonical JSON, UTF-8, then a line feed."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def export(folder: pathlib.Path) -> dict:
    """Writes the bundle to `folder`, which appears whole or not at all; answers its manifest.

    The bytes depend on the data alone, read in one snapshot. A folder that isn't a bundle is left alone (`Faulty`).
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise Faulty(
            [Finding(folder.name, 0, "NOT_A_BUNDLE", "the folder holds other things; name an empty or a new one")]
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            manifest = _write_all(work)
        _swap(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _write_all(work: pathlib.Path) -> dict:
    files = [_write(work / file_of(model), rows(model)) for model in MODELS] + [_write(work / LEDGER, ledger())]
    manifest = {"format": 1, "schema": schema(), "files": files}
    (work / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for path in [*work.iterdir(), work]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return manifest


def _swap(work: pathlib.Path, folder: pathlib.Path) -> None:
    """Puts the finished folder in the old one's place; what else stood beside the bundle's files goes with the old one."""
    work.chmod(0o755)
    if folder.exists():
        old = work.with_name(f"{work.name}-old")
        folder.rename(old)
        work.rename(folder)
        shutil.rmtree(old)
    else:
        work.rename(folder)


def _write(path: pathlib.Path, lines: Iterator[bytes]) -> dict:
    digest, count = hashlib.sha256(), 0
    with path.open("wb") as file:
        for one in lines:
            file.write(one)
            digest.update(one)
            count += 1
    return {"file": path.name, "sha256": digest.hexdigest(), "count": count}


def is_migrated() -> bool:
    """Whether the database has its tables."""
    return Entry._meta.db_table in connections["default"].introspection.table_names()


def schema() -> str:
    """The name of the last migration, by which a bundle says what its columns mean."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'commitments'")
        return cursor.fetchone()[0]


def rows(model: type[orm.Model]) -> Iterator[bytes]:
    """A model's records as lines that Django's loaddata reads, in the order of their references."""
    label = model._meta.label_lower
    names = {field.column: field.name for field in model._meta.concrete_fields if not field.primary_key}
    table, pk = model._meta.db_table, model._meta.pk.column
    for (text,) in _stream(f'SELECT to_jsonb(t)::text FROM "{table}" t ORDER BY t."{pk}" COLLATE "C"'):
        row = orjson.loads(text)
        yield line({"model": label, "pk": row[pk], "fields": {names[column]: row[column] for column in names}})


def ledger() -> Iterator[bytes]:
    """Every entry as a line, in ledger order."""
    for seq, canonical, leaf, chain in _stream("SELECT seq, canonical, leaf, chain FROM ledger_entry ORDER BY seq"):
        yield line({"seq": seq, "canonical": canonical, "leaf": leaf, "chain": chain})


def _stream(query: str) -> Iterator[tuple]:
    connection = connections["default"]
    connection.ensure_connection()
    with connection.connection.cursor(name="bundle") as cursor:  # on the server's side, so memory stays flat
        cursor.itersize = BATCH
        yield from cursor.execute(query)


def read_manifest(folder: pathlib.Path) -> dict:
    """A bundle's manifest, after checking that every file is there, whole, and alone; Faulty lists what isn't."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = {entry["file"]: entry for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Faulty([Finding(MANIFEST, 1, "BAD_MANIFEST", f"it can't be read: {error}")]) from error
    found = []
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    wanted = {file_of(model) for model in MODELS} | {LEDGER}
    for name in sorted(there - listed.keys()):
        found.append(Finding(name, 0, "ADDED_FILE", "the manifest doesn't list it"))
    for name in sorted((listed.keys() | wanted) - there):
        found.append(Finding(name, 0, "MISSING_FILE", "the bundle lacks it"))
    for name in sorted(listed.keys() & there):
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != listed[name]["sha256"]:
            found.append(Finding(name, 0, "WRONG_SHA256", "its bytes aren't those of the manifest"))
        elif content.count(b"\n") != listed[name]["count"]:
            found.append(Finding(name, 0, "WRONG_COUNT", f"{listed[name]['count']} records in the manifest"))
    if found:
        raise Faulty(found)
    return manifest


def restore(folder: pathlib.Path) -> int:
    """Puts a bundle into an empty database as its owner, ledger included; answers how many rows it holds now.

    Nothing is recorded anew: the ledger comes with the bundle and goes on from there. Before the commit it is proved
    that the chain holds and that every row equals its last entry. Faulty if the database isn't empty or proof fails.
    """
    manifest = read_manifest(folder)
    if manifest["schema"] != schema():
        raise Faulty(
            [Finding(MANIFEST, 1, "OTHER_SCHEMA", f"the bundle has {manifest['schema']}, this database {schema()}")]
        )
    using = "owner"
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _refuse_filled(using)
        with _uncaptured(cursor):
            for model in MODELS:
                _restore_rows(cursor, folder / file_of(model), model)
            _restore_ledger(cursor, folder / LEDGER)
            _go_on_numbering(cursor)
        for publication in models.Publication.objects.using(using).of("commitment").standing().iterator():
            actions.stand(publication, using=using)
        if found := sorted(verification.ledger(using)):
            raise Faulty(found)
    return sum(entry["count"] for entry in manifest["files"])


def _refuse_filled(using: str) -> None:
    filled = [model._meta.db_table for model in (*MODELS, Entry) if model.objects.using(using).exists()]
    if filled:
        raise Faulty([Finding(table, 0, "NOT_EMPTY", "a bundle goes into an empty database only") for table in filled])


@contextlib.contextmanager
def _uncaptured(cursor) -> Iterator[None]:
    """The owner's right, inside one transaction: rows go in without being recorded a second time."""
    tables = [model._meta.db_table for model in MODELS] + [Entry._meta.db_table]
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _batches(path: pathlib.Path) -> Iterator[list[dict]]:
    with path.open("rb") as file:
        batch = []
        for one in file:
            batch.append(orjson.loads(one))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _restore_rows(cursor, path: pathlib.Path, model: type[orm.Model]) -> None:
    table = model._meta.db_table
    columns = {field.name: field.column for field in model._meta.concrete_fields if not field.primary_key}
    pk = model._meta.pk.column
    listed = ", ".join(f'"{column}"' for column in (pk, *columns.values()))
    query = f'INSERT INTO "{table}" ({listed}) SELECT {listed} FROM json_populate_recordset(NULL::"{table}", %s::json)'
    for batch in _batches(path):
        rows = [
            {pk: entry["pk"]} | {columns[name]: value for name, value in entry["fields"].items()} for entry in batch
        ]
        cursor.execute(query, [orjson.dumps(rows, option=orjson.OPT_SORT_KEYS).decode()])


def _go_on_numbering(cursor) -> None:
    """Users and groups made here get numbers that the ledger has not seen."""
    for model in models.LOCAL:
        if model._meta.pk.get_internal_type().endswith("AutoField"):
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(reference::bigint)) "
                'FROM ledger_entry WHERE "table" = %s HAVING count(*) > 0',
                [model._meta.db_table] * 2,
            )


def _restore_ledger(cursor, path: pathlib.Path) -> None:
    listed = ", ".join(LEDGER_COLUMNS)
    query = f"INSERT INTO ledger_entry ({listed}) SELECT {listed} FROM json_populate_recordset(NULL::ledger_entry, %s::json)"
    for batch in _batches(path):
        rows = [entry | {"at": json.loads(entry["canonical"])["at"]} for entry in batch]
        cursor.execute(query, [orjson.dumps(rows).decode()])
