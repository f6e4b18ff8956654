"""Bundles written by plain Python, from a list of entries: to break in every way, and to check without a database."""

import base64
import hashlib
import json
import pathlib
import shutil

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commitments.bundle import verify

HERE = pathlib.Path(verify.__file__).parent
TEXT = "Both sides agreed on 7 April 2031 that the troops will leave by August 2031. «وافق الطرفان»"
LATER = "The troops left in August 2031, the ministry said."
CURATOR, REVIEWER, OTHER = "curator", "reviewer", "other-reviewer"
FIELDS = {"class": "publication_class"}


def key_of(number: int) -> Ed25519PrivateKey:
    """A key that is the same at every run."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"test key {number}".encode()).digest())


def raw(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of its public half."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def canonical(value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


class Story:
    """Entries in the making: what happened to which row, by whom."""

    def __init__(self):
        self.entries: list[dict] = []
        self.hidden: set[int] = set()
        self.rows: dict[tuple[str, str], dict] = {}

    def write(self, table: str, ref: str, after: dict | None, actor: str = CURATOR, door: str = "command") -> int:
        """One entry; answers its number. `after` None removes the row."""
        seq = len(self.entries) + 1
        table = f"commitments_{table}" if "_" not in table else table
        values = {
            "at": f"2031-09-01T10:{seq // 60 % 60:02}:{seq % 60:02}.{seq % 1000000:06}Z",
            "act": f"act-{actor}",
            "seq": seq,
            "door": door,
            "role": "tracker",
            "salt": hashlib.md5(f"{seq}".encode(), usedforsecurity=False).hexdigest(),
            "actor": actor,
            "after": after and {"ref": ref} | after,
            "table": table,
            "before": self.rows.get((table, ref)),
            "reason": "as the documents say",
            "schema": "0002_bundles",
            "reference": ref,
        }
        self.entries.append(values)
        self.rows[table, ref] = values["after"]
        return seq

    def change(self, table: str, ref: str, actor: str = CURATOR, **columns) -> int:
        """An entry that changes some columns of a row."""
        row = {name: value for name, value in self.rows[f"commitments_{table}", ref].items() if name != "ref"}
        return self.write(table, ref, row | columns, actor)

    def publish(self, kind: str, name: str, body: dict, actor: str = REVIEWER, **columns) -> int:
        """The next public version of a record."""
        table = "commitments_publication"
        earlier = [
            ref
            for (place, ref), row in self.rows.items()
            if place == table and row and row["record"] == name and row["kind"] == kind
        ]
        version = len(earlier) + 1
        row = {
            "kind": kind, "record": name, "version": version, "class": "content", "reason": "compared", "tombstone": False,
            "emergency": False, "body": body, "detail": {}, "code": "", "parties": [], "first_day": None,
        }  # fmt: skip
        return self.write("publication", f"{kind}.{name}.{version}", row | columns, actor)

    def sign_with(self, key: Ed25519PrivateKey, actor: str = "operator") -> str:
        """Records a public key; answers its id."""
        name = verify.key_id(self.origin, raw(key))
        self.write("signingkey", f"key-{name}", {"public_key": base64.b64encode(raw(key)).decode()}, actor)
        return name

    def withhold(self, seq: int, reason: str = "a court said so") -> int:
        """Makes a hash of an entry, and records that."""
        values = self.entries[seq - 1]
        row = {"entry": seq, "table": values["table"], "reference": values["reference"], "reason": reason}
        number = self.write("withholding", f"withholding-{seq}", row, "operator")
        self.hidden.add(seq)
        return number

    def texts(self) -> list[str]:
        """Each entry as it is hashed."""
        return [json.dumps(values, ensure_ascii=False) for values in self.entries]

    def chain(self) -> list[tuple[str, str]]:
        """(leaf, chain) of each entry."""
        chain, found = bytes(32), []
        for text in self.texts():
            leaf = hashlib.sha256(b"\0" + text.encode()).digest()
            chain = hashlib.sha256(b"\1" + chain + leaf).digest()
            found.append((leaf.hex(), chain.hex()))
        return found

    def head(self, size: int) -> str:
        return self.chain()[size - 1][1] if size else "0" * 64

    @property
    def origin(self) -> str:
        return f"commitment-tracker/{self.chain()[0][1][:32] if self.entries else 'empty'}"

    def note(self, size: int, *keys: Ed25519PrivateKey) -> str:
        """The checkpoint of a size, signed by these keys."""
        said = f"{self.origin}\n{size}\n{base64.b64encode(bytes.fromhex(self.head(size))).decode()}\n"
        lines = []
        for key in keys:
            name = bytes.fromhex(verify.key_id(self.origin, raw(key)))
            lines.append(f"— {self.origin} {base64.b64encode(name + key.sign(said.encode())).decode()}\n")
        return f"{said}\n{''.join(lines)}"


def date(words: str, edtf: str, earliest: str | None, latest: str | None, prefix: str) -> dict:
    return {
        f"{prefix}_words": words,
        f"{prefix}_edtf": edtf,
        f"{prefix}_earliest": earliest,
        f"{prefix}_latest": latest,
    }


def quoted(ref: str, text: str, exact: str) -> dict:
    """A quote's row."""
    start = text.index(exact)
    end = start + len(exact)
    return {
        "document_id": ref, "exact": exact, "start": start, "end": end, "prefix": text[max(start - 8, 0) : start],
        "suffix": text[end : end + 8], "waiver": "", "language": "en", "speaker_id": None,
    }  # fmt: skip


def paper(text: str, words: str, edtf: str, earliest: str, latest: str) -> dict:
    """A document's row."""
    content = text.encode()
    sizes = {"sha256": hashlib.sha256(content).hexdigest(), "length": len(content), "characters": len(text)}
    return (
        sizes
        | date(words, edtf, earliest, latest, "published")
        | {"state": "in_review", "note": "", "headline": '"Talks" \\ «بيان»'}
    )


def shown_quote(story: Story, ref: str, part: str) -> dict:
    """A quote as a public version shows it."""
    row = story.rows["commitments_quote", ref]
    document = {"ref": row["document_id"], "sha256": story.rows["commitments_document", row["document_id"]]["sha256"]}
    names = ("exact", "start", "end", "prefix", "suffix")
    return {name: row[name] for name in names} | {
        "ref": ref, "part": part, "document": document, "verification": {"level": "exact", "waiver": row["waiver"] or None},
    }  # fmt: skip


def story() -> Story:
    """A small record with a file for each model in use: one commitment, its deadline, its fulfilment, and all of it public."""
    made = Story()
    april = date("7 April 2031", "2031-04-07", "2031-04-07", "2031-04-07", "issued")
    made.write("user", "1", {"pseudonym": CURATOR}, "operator", "admin")
    made.entries[-1]["after"] = {"id": 1, "pseudonym": CURATOR}
    made.write("topic", "security", {"name": {"ar": "الأمن", "en": "Security"}, "note": "", "state": "in_review"})
    for ref in ("iraq", "north"):
        made.write("party", ref, {"party_kind": "state", "name": {"en": ref.title()}, "note": "", "state": "in_review"})
    made.write("document", "report", paper(TEXT, "7 April 2031", "2031-04-07", "2031-04-07", "2031-04-07"))
    made.write("document", "news", paper(LATER, "August 2031", "2031-08", "2031-08-01", "2031-08-31"))
    made.write("quote", "report.quote-1", quoted("report", TEXT, "the troops will leave by August 2031"))
    made.write("quote", "report.quote-2", quoted("report", TEXT, "«وافق الطرفان»"))
    made.write("quote", "news.quote-1", quoted("news", LATER, "The troops left in August 2031"))
    made.write("statement", "talks", april | {"state": "in_review", "issued_quote_id": None, "note": ""})
    made.write(
        "commitment", "talks-01", {"statement_id": "talks", "strength": "agrees", "note": "", "state": "in_review"}
    )
    made.write(
        "commitmentparty", "talks-01.party-1", {"commitment_id": "talks-01", "party_id": "north", "role": "obligor"}
    )
    made.write(
        "commitmentparty", "talks-01.party-2", {"commitment_id": "talks-01", "party_id": "iraq", "role": "beneficiary"}
    )
    made.write("commitmenttopic", "talks-01.topic-1", {"commitment_id": "talks-01", "topic_id": "security"})
    deadline = {
        "commitment_id": "talks-01",
        "statement_id": "talks",
        "words": "by August 2031",
        "edtf": "2031-08",
        "earliest": None,
    }
    deadline |= {
        "latest": "2031-08-31",
        "anchor_words": "",
        "anchor_edtf": "",
        "state": "in_review",
        "note": "",
        "deadline_kind": "date",
    }
    made.write("deadline", "talks-01.deadline-1", deadline)
    judged = {"commitment_id": "talks-01", "status": "fulfilled", "state": "in_review", "note": "", "obligor_id": None}
    made.write(
        "assessment",
        "talks-01.assessment-1",
        judged | date("August 2031", "2031-08", "2031-08-01", "2031-08-31", "effective"),
    )
    for ref, part, quote, column in (
        ("talks-01.citation-1", "undertaking", "report.quote-1", "commitment_id"),
        ("talks-01.deadline-1.citation-1", "deadline", "report.quote-1", "deadline_id"),
        ("talks-01.assessment-1.citation-1", "evidence", "news.quote-1", "assessment_id"),
    ):
        none = dict.fromkeys(("commitment_id", "deadline_id", "assessment_id"))
        made.write(
            "citation", ref, {"quote_id": quote, "part": part, "stance": ""} | none | {column: ref.rpartition(".")[0]}
        )
    approve(made)
    return made


def approve(made: Story) -> None:
    """The reviewer publishes all of the small record."""

    def seen(words: str, edtf: str, earliest: str | None, latest: str | None) -> dict:
        return {"text": words, "edtf": edtf, "earliest": earliest, "latest": latest}

    for ref in ("iraq", "north"):
        made.publish("party", ref, {"name": {"en": ref.title()}})
    for ref in ("news", "report"):
        row = made.rows["commitments_document", ref]
        ends = (row[f"published_{end}"] for end in ("words", "edtf", "earliest", "latest"))
        made.publish(
            "document",
            ref,
            {"published": seen(*ends)} | {name: row[name] for name in ("sha256", "length", "characters")},
        )
    for ref in ("news.quote-1", "report.quote-1"):
        made.publish("quote", ref, shown_quote(made, ref, "undertaking"))
    made.publish("statement", "talks", {"issued": seen("7 April 2031", "2031-04-07", "2031-04-07", "2031-04-07")})
    owed = [{"ref": "north", "role": "obligor"}, {"ref": "iraq", "role": "beneficiary"}]
    promise = {
        "statement": {"ref": "talks"},
        "parties": owed,
        "quotes": [shown_quote(made, "report.quote-1", "undertaking")],
    }
    made.publish("commitment", "talks-01", promise)
    by = seen("by August 2031", "2031-08", None, "2031-08-31")
    made.publish("deadline", "talks-01.deadline-1", by | {"commitment": "talks-01", "anchor": None})
    evidence = [shown_quote(made, "news.quote-1", "evidence")]
    effective = seen("August 2031", "2031-08", "2031-08-01", "2031-08-31")
    judged = {"status": "fulfilled", "evidence": evidence, "searched": [], "effective": effective}
    made.publish("assessment", "talks-01.assessment-1", judged)
    for table, ref in (("statement", "talks"), ("commitment", "talks-01"), ("assessment", "talks-01.assessment-1")):
        made.change(table, ref, REVIEWER, state="published")
    made.publish("commitment", "talks-01", promise | {"status": "fulfilled"}, **{"class": "housekeeping"})


def records(made: Story, kind: str) -> dict[str, list[dict]]:
    """Each model's records, as the bundle of a kind holds them."""
    found = {name: [] for name in verify.NAMES[kind]}
    first, later = {}, {}
    for values in made.entries:
        row = values["after"]
        if values["table"] == "commitments_publication" and row:
            later[first.get((row["kind"], row["record"]))] = values["seq"]
            first[row["kind"], row["record"]] = first[row["ref"]] = values["seq"]
    for (table, ref), row in sorted(made.rows.items(), key=lambda item: item[0][1].encode()):
        name = table.removeprefix("commitments_")
        shown = name in found and row is not None
        if kind == "public" and name == "withholding" and row["table"] != "commitments_publication":
            shown = False
        if shown:
            fields = {
                FIELDS.get(column, column.removesuffix("_id")): value
                for column, value in row.items()
                if column != "ref"
            }
            if name == "publication":
                seq = first[ref]
                gone = {"body": {}, "detail": {}, "tombstone": True} if seq in made.hidden else {}
                fields |= {"from_seq": seq, "until_seq": later.get(seq)} | gone
            found[name].append({"fields": fields, "model": f"commitments.{name}", "pk": ref})
    return found


def ledger(made: Story, kind: str) -> str:
    """data/ledger.jsonl."""
    lines = []
    hashes = zip(made.entries, made.texts(), made.chain(), strict=True)
    for seq, (values, text, (leaf, chain)) in enumerate(hashes, 1):
        one = {"seq": seq, "leaf": leaf, "chain": chain}
        if seq not in made.hidden and (kind == "full" or verify.is_public(values["table"], values["after"])):
            one["canonical"] = text
        lines.append(canonical(one))
    return "".join(lines)


def write(folder: pathlib.Path, made: Story, kind: str = "full", *, keys=(), signed=(), note: str = "") -> pathlib.Path:
    """A bundle of all the entries: its checkpoint signed by `keys` (or `note` as it is), and at each size of `signed` too."""
    size = len(made.entries)
    files = {f"data/{name}.jsonl": "".join(map(canonical, rows)) for name, rows in records(made, kind).items()}
    files["data/ledger.jsonl"] = ledger(made, kind)
    files["checkpoint.txt"] = note or made.note(size, *keys)
    released = [row["size"] for (table, _), row in made.rows.items() if table == "commitments_release" and row]
    past = {*signed, *(each for each in released if keys and each < size)}
    files |= {f"checkpoints/{each}.txt": made.note(each, *keys) for each in past}
    for (table, ref), row in made.rows.items():
        if table == "commitments_signingkey":
            files[f"keys/{ref[4:]}.pem"] = verify.pem(base64.b64decode(row["public_key"])).decode()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8", newline="")
    for name in ("README.md", "verify.py"):
        shutil.copyfile(HERE / name, folder / name)
    head = {
        "format": 2,
        "kind": kind,
        "origin": made.origin,
        "size": size,
        "head": made.head(size),
        "schema": "0002_bundles",
    }
    columns = {
        name: {
            FIELDS.get(column, column.removesuffix("_id")): column
            for (table, _), row in made.rows.items()
            if table == f"commitments_{name}" and row
            for column in row
            if column.endswith("_id") or column in FIELDS
        }
        for name in verify.NAMES[kind]
    }
    seal(folder, head, columns)
    if kind == "public" and keys:
        show(folder, made, *keys)
    return folder


def show(folder: pathlib.Path, made: Story, *keys: Ed25519PrivateKey) -> pathlib.Path:
    """Signs the data files of a public bundle."""
    digest = hashlib.sha256((folder / "manifest-sha256.txt").read_bytes()).digest()
    said = f"{made.origin}/public\n{len(made.entries)}\n{base64.b64encode(digest).decode()}\n"
    lines = [
        base64.b64encode(bytes.fromhex(verify.key_id(made.origin, raw(key))) + key.sign(said.encode())).decode()
        for key in keys
    ]
    signatures = "".join(f"— {made.origin} {line}\n" for line in lines)
    (folder / "public.txt").write_text(f"{said}\n{signatures}", encoding="utf-8", newline="")
    return bag(folder)


def seal(folder: pathlib.Path, head: dict | None = None, columns: dict | None = None) -> pathlib.Path:
    """Writes manifest.json and the BagIt files anew, for whatever the other files hold now."""
    path = folder / "manifest.json"
    old = json.loads(path.read_text(encoding="utf-8")) if head is None else head
    names = (
        [each["file"] for each in old["files"]]
        if head is None
        else [f"data/{name}.jsonl" for name in columns] + ["data/ledger.jsonl"]
    )
    known = {each["file"]: each for each in old["files"]} if head is None else {}
    files = []
    for name in names:
        content = (folder / name).read_bytes()
        stem = name[5:-6]
        about = {"model": f"commitments.{stem}", "table": f"commitments_{stem}", "columns": (columns or {}).get(stem)}
        about = {} if stem == "ledger" else {key: known.get(name, about)[key] for key in about}
        files.append(
            {"file": name, "count": content.count(b"\n"), "sha256": hashlib.sha256(content).hexdigest()} | about
        )
    path.write_text(json.dumps(old | {"files": files}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return bag(folder)


def bag(folder: pathlib.Path) -> pathlib.Path:
    """Writes the BagIt files anew, for whatever the other files hold now."""
    about = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    payload = sorted(path for path in (folder / "data").iterdir() if path.is_file())
    total = sum(path.stat().st_size for path in payload)
    info = (
        "Bag-Software-Agent: commitment tracker",
        f"External-Identifier: {about['origin']}/{about['size']}/{about['kind']}",
    )
    (folder / "bagit.txt").write_bytes(verify.BAGIT)
    (folder / "bag-info.txt").write_text(
        "\n".join([*info, f"Payload-Oxum: {total}.{len(payload)}", ""]), encoding="utf-8"
    )
    tags = [path for path in folder.rglob("*") if path.is_file() and path not in payload]
    for name, paths in (
        ("manifest-sha256.txt", payload),
        ("tagmanifest-sha256.txt", [*tags, folder / "manifest-sha256.txt"]),
    ):
        listed = sorted({path.relative_to(folder).as_posix() for path in paths} - {"tagmanifest-sha256.txt"})
        lines = (f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}\n" for path in listed)
        (folder / name).write_text("".join(lines), encoding="utf-8")
    return folder
