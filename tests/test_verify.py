"""verify.py: what it finds in bundles that were broken in every way, and that it finds nothing in whole ones."""

import ast
import hashlib
import json
import math
import os
import pathlib
import random
import re
import runpy
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commitments import bags, dates, edtf
from commitments.bundle import verify
from tests import bundles
from tests.builders import TESTS

PROJECT = TESTS.parent
CORPUS = [json.loads(line) for line in (TESTS / "deadline_expressions.jsonl").read_text(encoding="utf-8").splitlines()]
KEY, SECOND = bundles.key_of(1), bundles.key_of(2)
LEDGER = verify.LEDGER


def told(rewritten=0):
    """The small record with its key, a release, and an entry after that: (story, the sizes that were signed).

    rewritten: the entry that says something else, with everything after it made anew.
    """
    made = bundles.story()
    if 0 < rewritten <= len(made.entries):
        made.entries[rewritten - 1]["reason"] = "as it suits us"
    made.sign_with(KEY)
    size = len(made.entries)
    made.write("release", f"release-{size}", {"size": size, "head": made.head(size), "digest": "0" * 64}, "operator")
    made.change("topic", "security", note="private")
    return made, [size, size + 1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """{kind: a signed bundle that nobody may change}."""
    made, signed = told()
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in verify.NAMES}
    return {kind: bundles.write(folder, made, kind, keys=[KEY], signed=signed) for kind, folder in folders.items()}


@pytest.fixture
def full(whole, tmp_path):
    return pathlib.Path(shutil.copytree(whole["full"], tmp_path / "bundle"))


@pytest.fixture
def papers(tmp_path):
    """The documents' folder."""
    folder = tmp_path / "documents" / "inner"
    folder.mkdir(parents=True)
    for name, text in (("a.txt", bundles.TEXT), ("b.txt", bundles.LATER)):
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder.parent


def change(folder, path, old, new, *, sealed=True):
    """Replaces text in a file that has it once, and makes the lists of hashes fit again."""
    content = (folder / path).read_text(encoding="utf-8")
    assert content.count(old) == 1, f"{path} has it {content.count(old)} times"
    (folder / path).write_text(content.replace(old, new), encoding="utf-8", newline="")
    if sealed:
        bundles.seal(folder) if path.startswith("data/") else bundles.bag(folder)


def reorder(folder, path, order):
    """Puts a file's lines into another order, or leaves some out, and makes the lists fit again."""
    lines = (folder / path).read_bytes().splitlines(keepends=True)
    (folder / path).write_bytes(b"".join(lines[place] for place in order(len(lines))))
    bundles.seal(folder)


def places(report, code):
    return {(each.file, each.line) for each in report.findings if each.code == code}


def line_with(folder, path, text):
    """The number of the one line that holds a text."""
    lines = (folder / path).read_text(encoding="utf-8").splitlines()
    (found,) = (number for number, line in enumerate(lines, 1) if text in line)
    return found


# ---- Whole bundles


def test_a_whole_bundle_passes_every_check(whole, papers):
    earlier, key = whole["public"], whole["full"] / "keys"
    report = verify.check(whole["full"], earlier, papers, next(key.iterdir()))
    assert (report.findings, report.exit_code) == ([], 0)
    assert [f"{each.check}: {each.state}" for each in report.outcomes] == [f"{name}: ok" for name in verify.CHECKS]
    assert report.outcomes[-1].text == "5 quotes, as recorded and as published, hold in 2 documents"


def test_a_public_bundle_passes_every_check_but_says_what_it_cannot_show(whole, papers):
    report = verify.check(whole["public"], documents=papers)
    assert (report.findings, report.exit_code) == ([], 0)
    states = {each.check: each.state for each in report.outcomes}
    assert states == dict.fromkeys(verify.CHECKS, "ok") | {"earlier": "not run", "rules": "partly"}
    assert "not run: four eyes" in report.outcomes[6].text


def test_a_bundle_where_text_had_to_go_still_verifies_and_says_what_was_not_compared(tmp_path):
    made, _ = told()
    made.write("topic", "extra", {"name": {"en": "Extra"}, "note": "", "state": "draft"})
    publication = next(each["seq"] for each in made.entries if each["reference"] == "commitment.talks-01.1")
    for seq in (len(made.entries), publication):
        made.withhold(seq)
    for kind, unproven in (("full", 1), ("public", 0)):
        report = verify.check(bundles.write(tmp_path / kind, made, kind, keys=[KEY]))
        assert (report.findings, report.exit_code) == ([], 0)
        state = next(each for each in report.outcomes if each.check == "state")
        assert state.state == ("partly" if unproven else "ok")
        assert ("not compared: 1 whose last entry is withheld" in state.text) == bool(unproven)


FORGED = {  # what stands in public.txt → what is found there
    "another list": (
        lambda made, said: said.replace(said.split("\n")[2], made.note(1, KEY).split("\n")[2]),
        "PUBLIC_DIFFERS",
        3,
    ),
    "no note": (lambda made, said: "nothing", "CHECKPOINT", 1),
    "no signature": (lambda made, said: said.partition("\n\n")[0] + "\n\n", "CHECKPOINT", 1),
    "another's signature": (lambda made, said: said[:-90] + made.note(1, KEY)[-90:], "WRONG_SIGNATURE", 5),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_public_is_what_was_signed(tmp_path, name):
    made, _ = told()
    folder = bundles.write(tmp_path / "public", made, "public", keys=[KEY])
    assert verify.check(folder).exit_code == 0
    forge, code, line = FORGED[name]
    path = folder / "public.txt"
    path.write_text(forge(made, path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    assert ("public.txt", line) in places(verify.check(bundles.bag(folder)), code)


def test_what_is_public_is_signed_by_a_key_that_the_record_has_and_the_auditor_brings(tmp_path):
    made, _ = told()
    folder = bundles.write(tmp_path / "public", made, "public", keys=[KEY])
    bundles.show(folder, made, SECOND)
    assert places(verify.check(folder), "UNKNOWN_KEY") == {("public.txt", 5)}


def test_a_public_bundle_that_nobody_signed_says_that_nobody_can_tell_what_is_missing(tmp_path):
    made, _ = told()
    folder = bundles.write(tmp_path / "public", made, "public", keys=[KEY])
    (folder / "public.txt").unlink()
    report = verify.check(bundles.bag(folder))
    outcome = next(each for each in report.outcomes if each.check == "signature")
    assert (report.findings, report.exit_code, outcome.state) == ([], 3, "partly")
    assert "what was taken out can't be told" in outcome.text


def test_what_was_public_in_an_earlier_bundle_is_not_hidden_later(whole, tmp_path):
    made, _ = told()
    later = bundles.write(tmp_path / "later", made, "public", keys=[KEY])
    shown = next(each["seq"] for each in made.entries if each["table"] == "commitments_publication")
    spoil_entry(later, shown)
    found = places(verify.check(bundles.bag(later), whole["public"]), "EARLIER_DIFFERS")
    assert found == {(LEDGER, shown)}


def spoil_entry(folder, seq):
    """Turns an entry into its hashes."""
    path, lines = folder / LEDGER, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        entry = json.loads(line)
        if number == seq:
            del entry["canonical"]
        lines.append(bundles.canonical(entry))
    path.write_text("".join(lines), encoding="utf-8", newline="")
    bundles.seal(folder)


def test_what_lies_beside_verify_py_is_never_run(full):
    (full / "base64.py").write_text("raise SystemExit(0)")
    done = subprocess.run([sys.executable, "verify.py"], cwd=full, capture_output=True, text=True, check=False)
    assert (done.returncode, "base64.py:0 ADDED_FILE" in done.stdout) == (1, True)


def test_a_quote_comes_back_with_what_cites_it_and_a_retraction_ends_everything_else(tmp_path):
    made = bundles.story()
    gone = {"tombstone": True, "class": "retraction"}
    made.publish("quote", "news.quote-1", {}, **gone)
    made.publish("quote", "news.quote-1", bundles.shown_quote(made, "news.quote-1", "evidence"))
    assert verify.check(bundles.write(tmp_path, made)).findings == []


def test_an_emergency_and_its_approval_by_a_second_person_pass(tmp_path):
    made = bundles.story()
    made.change("topic", "security", bundles.OTHER, name={"en": "Safety"})
    made.publish("topic", "security", {}, bundles.OTHER, emergency=True)
    made.publish("topic", "security", {}, bundles.REVIEWER)
    assert verify.check(bundles.write(tmp_path, made)).findings == []


def test_an_empty_ledger_is_a_bundle_too(tmp_path):
    report = verify.check(bundles.write(tmp_path, bundles.Story()))
    assert (report.findings, report.exit_code) == ([], 3)
    assert report.outcomes[1].state == "not run"


@pytest.mark.no_cover
def test_the_shipped_bundle_verifies():
    report = verify.check(PROJECT / "fixtures")
    assert report.findings == []
    assert {
        each.state for each in report.outcomes if each.check in ("manifests", "leaves", "chain", "state", "rules")
    } == {"ok"}


@pytest.mark.documents
@pytest.mark.no_cover
def test_the_shipped_quotes_stand_in_the_documents():
    report = verify.check(PROJECT / "fixtures", documents=os.environ["TRACKER_DOCUMENTS"])
    assert (report.findings, report.outcomes[-1].state) == ([], "ok")


# ---- Each code, by a bundle that was broken on the disk: code → how, and the place of the finding

ON_DISK = {
    "NOT_A_FILE": (lambda it: (it / "data/odd").symlink_to("/etc/passwd"), ("data/odd", 0)),
    "MISSING_FILE": (lambda it: (it / "data/topic.jsonl").unlink(), ("data/topic.jsonl", 0)),
    "ADDED_FILE": (lambda it: (it / "notes.txt").write_text("hello"), ("notes.txt", 0)),
    "WRONG_SHA256": (lambda it: (it / "README.md").write_text("Trust me."), ("README.md", 0)),
    "MANIFEST_LINE": (
        lambda it: change(it, "manifest-sha256.txt", "  data/topic.jsonl", " data/topic.jsonl", sealed=False),
        ("manifest-sha256.txt", 22),
    ),
    "BAGIT": (lambda it: change(it, "bag-info.txt", "Oxum: ", "Oxum: 1", sealed=False), ("bag-info.txt", 3)),
    "MANIFEST": (lambda it: change(it, "manifest.json", '"kind": "full"', '"kind": "fool"'), ("manifest.json", 0)),
    "WRONG_COUNT": (lambda it: miscount(it), ("data/topic.jsonl", 0)),
    "NOT_JSON": (lambda it: change(it, "data/topic.jsonl", '{"fields"', '["fields"'), ("data/topic.jsonl", 1)),
    "NOT_CANONICAL": (lambda it: change(it, "data/topic.jsonl", '"fields":', '"fields": '), ("data/topic.jsonl", 1)),
    "NOT_A_RECORD": (lambda it: change(it, "data/topic.jsonl", '"pk"', '"pq"'), ("data/topic.jsonl", 1)),
    "NOT_SORTED": (lambda it: reorder(it, "data/party.jsonl", lambda n: (1, 0)), ("data/party.jsonl", 2)),
    "WRONG_LEAF": (lambda it: change(it, LEDGER, '"reference\\\": \\\"iraq\\\"', '"reference\\\": \\\"iran\\\"'), (LEDGER, 3)),
    "GAP": (lambda it: reorder(it, LEDGER, lambda n: [each for each in range(n) if each != 4]), (LEDGER, 5)),
    "WRONG_CHAIN": (lambda it: reorder(it, LEDGER, lambda n: [each for each in range(n) if each != 4]), (LEDGER, 5)),
    "WRONG_END": (lambda it: reorder(it, LEDGER, lambda n: range(n - 1)), (LEDGER, 35)),
    "CHECKPOINT": (lambda it: (it / "checkpoint.txt").write_text("all is well\n"), ("checkpoint.txt", 1)),
    "CHECKPOINT_DIFFERS": (lambda it: shutil.copy(it / "checkpoints/35.txt", it / "checkpoint.txt"), ("checkpoint.txt", 2)),
    "WRONG_SIGNATURE": (lambda it: reseal_signature(it), ("checkpoint.txt", 5)),
    "ROW_DIFFERS": (lambda it: change(it, "data/topic.jsonl", "Security", "Insecurity"), ("data/topic.jsonl", 1)),
    "ROW_UNRECORDED": (lambda it: change(it, "data/topic.jsonl", '"pk":"security"', '"pk":"safety"'), ("data/topic.jsonl", 1)),
    "ROW_MISSING": (lambda it: reorder(it, "data/party.jsonl", lambda n: (1,)), (LEDGER, 3)),
    "WRONG_SPAN": (lambda it: change(it, "data/publication.jsonl", '"until_seq":33', '"until_seq":34'), ("data/publication.jsonl", 2)),
}  # fmt: skip


def miscount(folder):
    """manifest.json says one more of the first file."""
    value = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    value["files"][0]["count"] += 1
    (folder / "manifest.json").write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    bundles.bag(folder)


def reseal_signature(folder):
    """Changes one bit of the checkpoint's signature."""
    path = folder / "checkpoint.txt"
    note = path.read_text(encoding="utf-8")
    path.write_text(note[:-20] + ("A" if note[-20] != "A" else "B") + note[-19:], encoding="utf-8")
    bundles.bag(folder)


@pytest.mark.parametrize("code", ON_DISK)
def test_a_bundle_broken_on_the_disk_is_found_with_file_and_line(full, code):
    breaks, place = ON_DISK[code]
    breaks(full)
    report = verify.check(full)
    assert report.exit_code == 1
    assert place in places(report, code)


# ---- Each code, by a record that was written wrong, with every hash right: code → how, and the reference that is named


def published(made, ref):
    """A public version's row."""
    return made.rows["commitments_publication", ref]


def row(made, table, ref):
    return made.rows[f"commitments_{table}", ref]


WRITTEN = {
    "NOT_AN_ENTRY": lambda made: made.entries[4].pop("actor"),
    "HIDDEN_ENTRY": lambda made: made.hidden.add(2),
    "SHOWN_ENTRY": lambda made: (made.withhold(2), made.hidden.clear()),
    "TIME_BACK": lambda made: made.entries[4].update(at="2030-01-01T00:00:00.000000Z"),
    "KEY": lambda made: made.write("signingkey", "key-00000000", {"public_key": "AAAA"}),
    "NO_FILE": lambda made: made.write("commitments_widget", "w", {"note": ""}),
    "WRONG_RELEASE": lambda made: made.write("release", "release-9", {"size": 9, "head": "0" * 64, "digest": ""}),
    "WRONG_NAME": lambda made: made.write("withholding", "withholding-99", {"entry": 99, "table": "", "reference": "", "reason": "x"}),
    "WRONG_VERSION": lambda made: published(made, "commitment.talks-01.2").update(version=7),
    "FOUR_EYES": lambda made: made.entries[11].update(actor=bundles.REVIEWER),
    "NO_STATEMENT": lambda made: published(made, "commitment.talks-01.1")["body"].update(statement={"ref": "other"}),
    "NO_OBLIGOR": lambda made: published(made, "commitment.talks-01.1")["body"].update(parties=[{"role": "guarantor"}]),
    "NO_UNDERTAKING": lambda made: published(made, "commitment.talks-01.1")["body"].update(quotes=[]),
    "NO_EVIDENCE": lambda made: published(made, "assessment.talks-01.assessment-1.1")["body"].update(evidence=[]),
    "NO_SEARCH": lambda made: published(made, "assessment.talks-01.assessment-1.1")["body"].update(status="no_evidence"),
    "QUOTE_SPAN": lambda made: row(made, "quote", "report.quote-2").update(end=1000),
    "WRONG_DAYS": lambda made: row(made, "statement", "talks").update(issued_latest="2031-04-08"),
    "TOO_PRECISE": lambda made: row(made, "document", "news").update(
        published_edtf="2031-08-09", published_earliest="2031-08-09", published_latest="2031-08-09"
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", WRITTEN)
def test_a_record_written_wrong_is_found_though_every_hash_is_right(tmp_path, code):
    made = bundles.story()
    WRITTEN[code](made)
    report = verify.check(bundles.write(tmp_path, made))
    assert report.exit_code == 1
    found = [each for each in report.findings if each.code not in ("ROW_UNRECORDED", "ADDED_FILE", "MANIFEST_LINE")]
    assert {each.code for each in found} == {code}
    assert all(each.line for each in found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 99},
        {"at": "yesterday"},
        {"at": "2026-02-30T00:00:00.000000Z"},
        {"at": "2026-02-03T24:00:00.000000Z"},
        {"at": "2026-02-03T23:59:60.000000Z"},
        {"before": None, "after": None},
        {"after": "gone"},
        {"after": {"ref": "another"}},
        {"actor": None},
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_is_found(tmp_path, wrong):
    made = bundles.story()
    made.entries[1].update(wrong)
    made.rows.pop(("commitments_topic", "security"))
    assert places(verify.check(bundles.write(tmp_path, made)), "NOT_AN_ENTRY") == {(LEDGER, 2)}


@pytest.mark.parametrize("encoded", ["not base64", None, "AAAA"])
def test_a_recorded_key_that_is_none_is_found(tmp_path, encoded):
    made = bundles.story()
    made.write("signingkey", "key-00000000", {"public_key": encoded})
    made.rows.pop(("commitments_signingkey", "key-00000000"))
    assert places(verify.check(bundles.write(tmp_path, made)), "KEY") == {(LEDGER, len(made.entries))}


@pytest.mark.parametrize(("ref", "size"), [("release-9", "9"), ("release-9", 99), ("release-8", 9)])
def test_a_release_that_names_no_size_of_its_ledger_is_found(tmp_path, ref, size):
    made = bundles.story()
    made.write("release", ref, {"size": size, "head": made.head(9), "digest": ""})
    assert places(verify.check(bundles.write(tmp_path, made)), "WRONG_NAME") == {(LEDGER, len(made.entries))}


def test_a_withheld_version_that_still_shows_its_text_is_found(tmp_path):
    made = bundles.story()
    seq = next(each["seq"] for each in made.entries if each["reference"] == "party.north.1")
    made.withhold(seq)
    folder = bundles.write(tmp_path, made)
    number = line_with(folder, "data/publication.jsonl", '"pk":"party.north.1"')
    lines = (folder / "data/publication.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace('"body":{}', '"body":{"name":"still here"}')
    (folder / "data/publication.jsonl").write_text("".join(lines), encoding="utf-8")
    assert places(verify.check(bundles.seal(folder)), "ROW_DIFFERS") == {("data/publication.jsonl", number)}


def test_drafts_need_no_proof_and_wide_records_are_no_deep_ones(tmp_path):
    made = bundles.story()
    made.change("assessment", "talks-01.assessment-1", state="draft")
    made.write("citation", "talks-01.assessment-1.citation-1", None)
    made.write("topic", "wide", {"name": [[], "[{" * 300] * 300, "note": "", "state": "draft"})
    made.write("topic", "brackets", {"name": "[" * 500, "note": '\\ "', "state": "draft"})
    assert verify.check(bundles.write(tmp_path, made)).findings == []


def test_lists_of_hashes_out_of_order_or_short_are_found(full):
    path = full / "tagmanifest-sha256.txt"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[1], lines[0], *lines[2:]]), encoding="utf-8")
    assert places(verify.check(full), "MANIFEST_LINE") == {("tagmanifest-sha256.txt", 2)}
    path.write_text("".join(line for line in lines if "README" not in line), encoding="utf-8")
    assert places(verify.check(full), "MANIFEST_LINE") == {("tagmanifest-sha256.txt", len(lines) - 1)}
    (full / "README.md").unlink()
    assert places(verify.check(full), "MISSING_FILE") == {("README.md", 0)}


def test_a_public_bundles_own_note_that_is_listed_and_gone_is_found(whole, tmp_path):
    public = pathlib.Path(shutil.copytree(whole["public"], tmp_path / "public"))
    (public / "public.txt").unlink()
    assert [(each.file, each.code) for each in verify.check(public).findings] == [("public.txt", "MISSING_FILE")]


def test_a_listed_key_that_the_record_does_not_know_and_a_listed_checkpoint_that_is_gone_are_found(full):
    (full / "keys/00000000.pem").write_bytes(verify.pem(bundles.raw(SECOND)))
    assert places(verify.check(bundles.bag(full)), "ADDED_FILE") == {("keys/00000000.pem", 0)}
    (full / "checkpoints/35.txt").unlink()
    assert places(verify.check(full), "MISSING_FILE") == {("checkpoints/35.txt", 0)}


def test_a_manifest_that_is_spelled_otherwise_is_found_at_its_line(full):
    change(full, "manifest.json", '"format": 2', '"format":  2', sealed=False)
    assert places(verify.check(bundles.bag(full)), "MANIFEST") == {
        ("manifest.json", line_with(full, "manifest.json", '"format"'))
    }


ARGUMENTS = {  # found with what is named beside the bundle
    "NOT_A_BUNDLE", "CALLED_WRONGLY", "OTHER_KEY", "EARLIER_BROKEN", "EARLIER_LONGER", "EARLIER_DIFFERS",
    "CHECKPOINT_GONE", "PUBLIC_DIFFERS", "DOCUMENT_DIFFERS", "QUOTE_DIFFERS", "UNKNOWN_KEY", "LONG_LINE",
}  # fmt: skip


def test_every_code_has_a_case():
    assert {*ON_DISK, *WRITTEN, *ARGUMENTS} == {*verify.CODES}
    assert {check for check, _ in verify.CODES.values()} == {*verify.CHECKS}


# ---- Rules in every guise


@pytest.mark.parametrize("kind", ["full", "public"])
@pytest.mark.parametrize(
    "code", ["NO_STATEMENT", "NO_OBLIGOR", "NO_UNDERTAKING", "NO_EVIDENCE", "NO_SEARCH", "WRONG_VERSION"]
)
def test_a_rule_of_what_is_public_is_checked_in_both_kinds_at_the_line_of_the_version(tmp_path, kind, code):
    made = bundles.story()
    WRITTEN[code](made)
    folder = bundles.write(tmp_path, made, kind)
    report = verify.check(folder)
    (place,) = places(report, code)
    assert place[0] == "data/publication.jsonl"
    ref = next(each.text for each in report.findings if each.code == code).partition(":")[0]
    assert place[1] == line_with(folder, place[0], f'"pk":"{ref}"')


@pytest.mark.parametrize(
    "shape",
    [
        lambda made: published(made, "quote.report.quote-1.1")["body"].update(start=-1),
        lambda made: published(made, "quote.report.quote-1.1")["body"].update(exact="shorter"),
        lambda made: published(made, "document.report.1")["body"].update(characters=50),
        lambda made: published(made, "document.report.1")["body"].update(characters="many"),
    ],
    ids=["negative", "shorter", "beyond the end", "no length"],
)  # fmt: skip
def test_a_public_quote_that_cannot_stand_at_its_place_is_found(tmp_path, shape):
    made = bundles.story()
    shape(made)
    report = verify.check(bundles.write(tmp_path, made, "public"))
    assert {each.code for each in report.findings} == {"QUOTE_SPAN"}


@pytest.mark.parametrize(
    ("table", "ref", "code"),
    [
        ("commitmentparty", "talks-01.party-1", "NO_OBLIGOR"),
        ("citation", "talks-01.citation-1", "NO_UNDERTAKING"),
        ("citation", "talks-01.assessment-1.citation-1", "NO_EVIDENCE"),
    ],
)
def test_a_published_record_of_the_desk_that_lost_its_proof_is_found(tmp_path, table, ref, code):
    made = bundles.story()
    made.write(table, ref, None)
    folder = bundles.write(tmp_path, made)
    kind = "assessment" if code == "NO_EVIDENCE" else "commitment"
    assert places(verify.check(folder), code) == {(f"data/{kind}.jsonl", 1)}


def test_the_searched_documents_of_no_evidence_are_looked_for_on_the_desk(tmp_path):
    made = bundles.story()
    row(made, "assessment", "talks-01.assessment-1")["status"] = "no_evidence"
    folder = bundles.write(tmp_path / "without", made)
    assert places(verify.check(folder), "NO_SEARCH") == {("data/assessment.jsonl", 1)}
    made.write("assessmentsearch", "talks-01.assessment-1.search-1", {"assessment_id": "talks-01.assessment-1"})
    assert verify.check(bundles.write(tmp_path / "with", made)).findings == []


def test_who_approves_is_none_of_those_who_changed_the_record_its_parts_or_its_quotes(tmp_path):
    for place, actor in ((10, "commitment"), (11, "a part"), (6, "a quote")):
        made = bundles.story()
        made.entries[place]["actor"] = bundles.REVIEWER
        report = verify.check(bundles.write(tmp_path / str(place), made))
        assert "commitment.talks-01.1" in " ".join(each.text for each in report.findings if each.code == "FOUR_EYES"), (
            actor
        )


def test_changes_before_the_last_approval_moves_and_drafts_do_not_count(tmp_path):
    made = bundles.story()
    made.change("topic", "security", bundles.REVIEWER, name={"en": "Safety"})
    made.publish("topic", "security", {}, bundles.OTHER)
    made.change("topic", "security", bundles.REVIEWER, note="compared", state="published")
    made.publish("topic", "security", {"name": "new"}, bundles.REVIEWER)
    assert verify.check(bundles.write(tmp_path, made)).findings == []


def test_a_citation_that_moved_away_no_longer_counts(tmp_path):
    made = bundles.story()
    made.change("quote", "report.quote-2", bundles.REVIEWER, waiver="as printed")
    made.change("citation", "talks-01.citation-1", quote_id="report.quote-2")
    made.change("citation", "talks-01.citation-1", quote_id="report.quote-1")
    made.publish("commitment", "talks-01", published(made, "commitment.talks-01.1")["body"])
    assert verify.check(bundles.write(tmp_path, made)).findings == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made.write("publication", "party.iraq.1", None),
        lambda made: made.publish("party", "iraq", {}, version="2"),
        lambda made: made.publish("party", "iraq", {}, record=None),
        lambda made: made.publish("topic", "security", {}, **{"class": "housekeeping"}),
        lambda made: (made.publish("party", "iraq", {}, tombstone=True), made.publish("party", "iraq", {})),
    ],
    ids=["removed", "no number", "no kind", "first but housekeeping", "after its retraction"],
)  # fmt: skip
def test_versions_that_cannot_be_are_found(tmp_path, wrong):
    made = bundles.story()
    wrong(made)
    assert places(verify.check(bundles.write(tmp_path, made)), "WRONG_VERSION")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"edtf": "2031-13"}, "WRONG_DAYS"),
        ({"edtf": "2031-XX-01"}, "WRONG_DAYS"),
        ({"edtf": "2031-33-01"}, "WRONG_DAYS"),
        ({"edtf": "../.."}, "WRONG_DAYS"),
        ({"edtf": "2032/2031"}, "WRONG_DAYS"),
        ({"edtf": 2031}, "WRONG_DAYS"),
        ({"edtf": ""}, "WRONG_DAYS"),
        ({"words": 7}, "WRONG_DAYS"),
        ({"latest": "2031-09-01"}, "WRONG_DAYS"),
        ({"earliest": "2031-07-31"}, "WRONG_DAYS"),
        ({"earliest": "2031-08-20", "latest": "2031-08-10"}, "WRONG_DAYS"),
        ({"edtf": "2031-08-31"}, "TOO_PRECISE"),
        ({"words": ""}, "TOO_PRECISE"),
        ({"edtf": "../2031-08"}, None),
        ({"edtf": "[..2031-08]"}, None),
        ({"edtf": "2031-08/..", "earliest": "2031-08-01", "latest": "2040-01-01"}, None),
    ],
)
def test_a_deadlines_days_lie_within_its_form_and_its_words(tmp_path, columns, code):
    made = bundles.story()
    row(made, "deadline", "talks-01.deadline-1").update(columns)
    report = verify.check(bundles.write(tmp_path, made))
    assert {(each.file, each.line, each.code) for each in report.findings} == (
        {("data/deadline.jsonl", 1, code)} if code else set()
    )


def test_a_public_deadline_that_counts_from_a_day_is_judged_by_it(tmp_path):
    made = bundles.story()
    body = published(made, "deadline.talks-01.deadline-1.1")["body"]
    body.update(text="by 31 August", edtf="2031-08-31", latest="2031-08-31", anchor={"text": "2031", "edtf": "2031"})
    assert verify.check(bundles.write(tmp_path / "within", made, "public")).findings == []
    body["anchor"]["edtf"] = "2020"
    assert places(verify.check(bundles.write(tmp_path / "without", made, "public")), "TOO_PRECISE")


# ---- Precision, held against the tracker's own reading


def readable(case):
    """A corpus line's anchor, where it is a form that the tracker keeps."""
    try:
        edtf.bounds(case["anchor"] or "")
    except ValueError:
        return None
    return case["anchor"] or None


def candidates(case):
    """Forms near what a line of the corpus says, finer and coarser, right and wrong."""
    days = [day for day in edtf.bounds(case["edtf"] or "2031-05") if day]
    near = sorted({day + timedelta(step) for day in days for step in (0, 16)})
    simple = [f"{day:{how}}" for day in near for how in ("%Y-%m-%d", "%Y-%m", "%Y")]
    return {*simple, *(f"../{each}" for each in simple), f"{near[0]}/..", f"{near[0]:%Y}-35", f"{near[0]:%Y}-22"}


def check_precision(cases):
    """(How often the tracker finds a form too precise, how often verify.py does so as well); it never does so alone."""
    found = both = 0
    for case in cases:
        for form in sorted(candidates(case)):
            fault = dates.too_precise(form, case["text"], readable(case)) is not None
            certain = verify.finer(form, case["text"], readable(case) or "") is not None
            blind = verify.finer(form, case["text"], None) is not None
            assert fault or not (certain or blind), (form, case["text"], case["anchor"])
            found, both = found + fault, both + certain
    return found, both


def test_what_follows_a_record_on_its_line_is_found(full):
    change(full, "data/topic.jsonl", "}\n", "}{}\n")
    assert places(verify.check(bundles.bag(full)), "NOT_JSON") == {("data/topic.jsonl", 1)}


def test_no_date_of_the_corpus_is_called_too_precise():
    for case in (case for case in CORPUS if case["edtf"]):
        assert verify.finer(case["edtf"], case["text"], readable(case) or "") is None
        assert verify.bounds(case["edtf"]) == tuple(day and f"{day}" for day in edtf.bounds(case["edtf"]))


@pytest.mark.no_cover
def test_what_is_called_too_precise_is_so():
    found, both = check_precision(CORPUS[::40])
    assert both > found / 4


@pytest.mark.prove
def test_what_is_called_too_precise_is_so_for_the_whole_corpus(record_property):
    found, both = check_precision(CORPUS)
    record_property("checked", f"verify.py is certain of {both} of {found} dates that say more than their words")
    assert both > found / 3


def test_most_days_that_the_words_leave_open_are_found():
    cases = [case for case in CORPUS if len(case["edtf"] or "") in (4, 7)]
    days = [f"{edtf.bounds(case['edtf']).earliest + timedelta(16)}" for case in cases]
    found = [verify.finer(day, case["text"], readable(case) or "") for day, case in zip(days, cases, strict=True)]
    assert sum(map(bool, found)) > 0.7 * len(cases)


@pytest.mark.parametrize(
    ("form", "words", "anchor", "said"),
    [
        ("2020-08-15", "August 2020", "", "the day of 2020-08-15"),
        ("2031-05", "2031", "", "the month of 2031-05"),
        ("2031-22", "2031", "", "the season or part of 2031-22"),
        ("2032", "2031", "", "the year of 2032"),
        ("2020-08-15", "أغسطس 2020", "", "the day of 2020-08-15"),
        ("2021-12-30", "31 ديسمبر/كانون الأول 2021", "", "the day of 2021-12-30"),
        ("2021-12-31", "31 ديسمبر/كانون الأول 2021", "", None),
        ("../2031-07-31", "before August 2031", "", None),
        ("2032-01-01/..", "after 2031", "", None),
        ("2021-07-26/2031", "until 2031", "2021-07-26", None),
        ("2021-07-27/2031", "until 2031", None, None),
        ("2031-05-17", "mid-2031, day 12345", "", None),
        ("203X", "the 2030s", "", None),
        ("20XX", "2031", "", None),
    ],
)
def test_only_what_is_certain_is_called_too_precise(form, words, anchor, said):
    assert verify.finer(form, words, anchor) == said


# ---- Signatures and keys


def test_a_checkpoint_of_a_key_that_the_record_does_not_know_is_found(tmp_path):
    made, _ = told()
    report = verify.check(bundles.write(tmp_path, made, note=made.note(len(made.entries), SECOND)))
    assert places(report, "UNKNOWN_KEY") == {("checkpoint.txt", 5)}


def test_a_checkpoint_older_than_its_key_is_found(tmp_path):
    made, _ = told()
    folder = bundles.write(tmp_path, made, keys=[KEY], signed=[3])
    assert places(verify.check(folder), "UNKNOWN_KEY") == {("checkpoints/3.txt", 5)}


def test_the_key_that_the_auditor_holds_must_be_the_one_that_signed(full, tmp_path):
    pem = tmp_path / "mine.pem"
    pem.write_bytes(verify.pem(bundles.raw(KEY)))
    assert verify.check(full, key=pem).exit_code == 0
    pem.write_bytes(verify.pem(bundles.raw(SECOND)))
    assert places(verify.check(full, key=pem), "OTHER_KEY") == {("checkpoint.txt", 0)}


def test_a_new_key_is_an_entry_and_the_old_one_vouches_only_so_far(tmp_path):
    made, (size, _) = told()
    made.sign_with(SECOND)
    folder = bundles.write(tmp_path / "b", made, keys=[SECOND])
    (folder / "checkpoints").mkdir(exist_ok=True)
    (folder / f"checkpoints/{size}.txt").write_text(made.note(size, KEY), encoding="utf-8")
    bundles.bag(folder)
    assert verify.check(folder).exit_code == 0
    pem = tmp_path / "old.pem"
    pem.write_bytes(verify.pem(bundles.raw(KEY)))
    (finding,) = verify.check(folder, key=pem).findings
    assert (finding.code, finding.text.endswith(f"it signed up to entry {size}")) == ("OTHER_KEY", True)


def test_a_key_or_folder_that_is_not_there_is_refused(full, tmp_path):
    gone, file = tmp_path / "gone", full / "README.md"
    (tmp_path / "empty").mkdir()
    for arguments in (
        {"key": gone},
        {"documents": file},
        {"earlier": gone},
        {"earlier": file},
        {"earlier": tmp_path / "empty"},
    ):
        report = verify.check(full, **arguments)
        assert (report.exit_code, [each.code for each in report.findings]) == (2, ["CALLED_WRONGLY"])
    assert [each.code for each in verify.check(gone).findings] == ["NOT_A_BUNDLE"]


@pytest.mark.parametrize("inside", ["", "!!", "A", "AAAA"])
def test_a_file_that_is_no_key_is_refused(full, tmp_path, inside):
    pem = tmp_path / "my.pem"
    pem.write_text(f"-----BEGIN PUBLIC KEY-----\n{inside}\n-----END PUBLIC KEY-----\n")
    report = verify.check(full, key=pem)
    assert (report.exit_code, report.findings[0].code) == (2, "CALLED_WRONGLY")


def test_a_shipped_key_that_is_another_is_found(full):
    (path,) = (full / "keys").iterdir()
    path.write_bytes(verify.pem(bundles.raw(SECOND)))
    bundles.bag(full)
    assert places(verify.check(full), "KEY") == {(f"keys/{path.name}", 0)}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("commitment-tracker/", "tracker/"),
        lambda note: note + "— other AAAA\n",
        lambda note: note + "— other AA=A\n",
        lambda note: re.sub(r"\n(.{42}).=\n", r"\n\1B=\n", note, count=1),
        lambda note: "\udcff" + note,
    ],
    ids=["no empty line", "origin", "short signature", "bad base64", "loose bits", "no UTF-8"],
)  # fmt: skip
def test_a_checkpoint_that_is_no_signed_note_is_found(full, spoil):
    path = full / "checkpoint.txt"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8", errors="surrogateescape")
    assert places(verify.check(full), "CHECKPOINT") == {("checkpoint.txt", 1)}


def test_an_earlier_checkpoint_stands_in_the_file_of_its_size_and_is_signed(full):
    shutil.copy(full / "checkpoints/35.txt", full / "checkpoints/33.txt")
    assert ("checkpoints/33.txt", 2) in places(verify.check(full), "CHECKPOINT")
    made, (size, _) = told()
    (full / "checkpoints/33.txt").unlink()
    (full / f"checkpoints/{size}.txt").write_text(made.note(size), encoding="utf-8")
    assert (f"checkpoints/{size}.txt", 2) in places(verify.check(full), "CHECKPOINT")


def test_a_checkpoint_of_another_ledger_or_head_is_found(full):
    other = bundles.Story()
    other.write("topic", "else", {"note": ""})
    path = full / "checkpoint.txt"
    note = path.read_text(encoding="utf-8")
    path.write_text(other.note(1), encoding="utf-8")
    assert places(verify.check(full), "CHECKPOINT_DIFFERS") == {("checkpoint.txt", 1)}
    path.write_text(note.replace(note.split("\n")[2], "A" * 43 + "="), encoding="utf-8")
    assert places(verify.check(full), "CHECKPOINT_DIFFERS") == {("checkpoint.txt", 3)}


def without_openssl(monkeypatch, folder):
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))


def test_without_openssl_it_says_that_no_signature_was_checked(full, tmp_path, monkeypatch):
    without_openssl(monkeypatch, tmp_path / "bin")
    report = verify.check(full)
    assert (report.findings, report.exit_code) == ([], 3)
    assert str(report.outcomes[3]) == "signature: not run: there is no openssl here; no signature was checked"


@pytest.mark.parametrize("code", [0, 1])
def test_an_openssl_that_says_the_same_of_every_signature_is_not_believed(full, tmp_path, monkeypatch, code):
    without_openssl(monkeypatch, tmp_path / "bin")
    program = tmp_path / "bin/openssl"
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    report = verify.check(full)
    assert (report.findings, report.exit_code, report.outcomes[3].state) == ([], 3, "not run")


def test_an_openssl_that_cannot_start_is_none(full, tmp_path, monkeypatch):
    without_openssl(monkeypatch, tmp_path / "bin")
    program = tmp_path / "bin/openssl"
    program.write_bytes(b"\x7fnothing")
    program.chmod(0o755)
    assert verify.check(full).exit_code == 3


# ---- Earlier bundles


@pytest.mark.parametrize("seq", [1, 2, 10, 33])
def test_history_rewritten_and_signed_again_is_found_against_any_earlier_checkpoint(full, tmp_path, seq):
    made, _ = told(rewritten=seq)
    folder = bundles.write(tmp_path / "new", made, keys=[KEY])
    assert verify.check(folder).exit_code == 0, "by itself it is whole"
    assert places(verify.check(folder, full), "EARLIER_DIFFERS") >= {(LEDGER, seq)}
    for old in (full / "checkpoint.txt", *(full / "checkpoints").iterdir()):
        report = verify.check(folder, old)
        assert (report.exit_code, len(places(report, "EARLIER_DIFFERS"))) == (1, 1)


def test_history_rewritten_is_found_against_the_checkpoints_that_come_with_it(full, tmp_path):
    made, signed = told(rewritten=10)
    folder = bundles.write(tmp_path / "new", made, keys=[KEY])
    shutil.copytree(full / "checkpoints", folder / "checkpoints", dirs_exist_ok=True)
    bundles.bag(folder)
    old = {(f"checkpoints/{path.name}", 3) for path in (full / "checkpoints").iterdir() if int(path.stem) >= 10}
    assert len(old) >= len(signed)
    assert places(verify.check(folder), "CHECKPOINT_DIFFERS") >= old


def test_an_end_that_was_cut_off_is_found_against_what_was_longer(full, tmp_path):
    made, signed = told()
    made.rows["commitments_topic", "security"] = made.entries.pop()["before"]
    folder = bundles.write(tmp_path / "cut", made, keys=[KEY], signed=signed[:1])
    assert verify.check(folder).exit_code == 0
    for old in (full, full / "checkpoint.txt"):
        assert places(verify.check(folder, old), "EARLIER_LONGER") == {(LEDGER, len(made.entries))}


def test_a_signed_checkpoint_that_no_longer_comes_along_is_found(full, tmp_path):
    made, signed = told()
    made.change("topic", "security", note="later")
    folder = bundles.write(tmp_path / "new", made, keys=[KEY], signed=signed)
    gone = {(f"checkpoints/{len(made.entries) - 1}.txt", 0)}
    assert places(verify.check(folder, full), "CHECKPOINT_GONE") == gone
    assert places(verify.check(folder, full / "checkpoint.txt"), "CHECKPOINT_GONE") == gone


@pytest.mark.no_cover
def test_a_later_bundle_follows_from_every_earlier_one(full, tmp_path):
    made, signed = told()
    size = len(made.entries)
    made.change("topic", "security", note="later")
    folder = bundles.write(tmp_path / "new", made, keys=[KEY], signed=[*signed, size])
    for old in (full, full / "checkpoint.txt", full / "checkpoints/35.txt"):
        assert verify.check(folder, old).exit_code == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: (it / LEDGER).write_bytes((it / LEDGER).read_bytes().replace(b"operator", b"imposter", 1)),
        lambda it: (it / LEDGER).write_bytes(b"not an entry\n"),
        lambda it: (it / LEDGER).write_bytes((it / LEDGER).read_bytes()[1000:]),
        lambda it: (it / "checkpoint.txt").write_text("all is well\n"),
        lambda it: shutil.copy(it / "checkpoints/35.txt", it / "checkpoint.txt") and change_head(it / "checkpoint.txt"),
    ],
    ids=["leaf", "no entry", "no first", "no note", "another head"],
)  # fmt: skip
def test_an_earlier_bundle_that_does_not_hold_itself_is_found(whole, full, spoil):
    spoil(full)
    assert places(verify.check(whole["full"], full), "EARLIER_BROKEN")


def change_head(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:2], "A" * 43 + "=", *lines[3:]]), encoding="utf-8")


def test_another_trackers_bundle_is_no_earlier_one(full, tmp_path):
    other = bundles.Story()
    other.write("topic", "else", {"note": ""})
    report = verify.check(full, bundles.write(tmp_path / "other", other))
    assert (LEDGER, 1) in places(report, "EARLIER_DIFFERS")


def test_the_checkpoints_of_an_earlier_bundle_serve_where_its_ledger_is_lost(whole, full):
    (full / LEDGER).unlink()
    (full / "README.md").unlink()
    report = verify.check(whole["full"], full)
    assert (report.exit_code, report.outcomes[4].state) == (0, "ok")


# ---- Documents


def test_copies_are_found_by_their_hash_and_links_are_not_followed(full, papers, tmp_path):
    shutil.copytree(papers, tmp_path / "elsewhere")
    shutil.rmtree(papers / "inner")
    (papers / "a.txt").symlink_to(tmp_path / "elsewhere/inner/a.txt")
    (papers / "whatever").write_text("something else")
    shutil.copy(tmp_path / "elsewhere/inner/b.txt", papers / "any name")
    assert (
        verify.check(full, documents=papers)
        .outcomes[-1]
        .text.startswith("2 quotes, as recorded and as published, hold in 1 documents; not run: 3 quotes")
    )


def test_without_a_manifest_the_documents_are_not_looked_at(full, papers):
    (full / "manifest.json").unlink()
    assert verify.check(full, documents=papers).outcomes[-1].state == "not run"


def test_a_document_that_is_not_there_is_named_and_nothing_is_called_ok(full, papers):
    (papers / "inner/b.txt").unlink()
    report = verify.check(full, documents=papers)
    assert (report.findings, report.exit_code, report.outcomes[-1].state) == ([], 3, "partly")
    assert re.search(
        r"3 quotes, as recorded and as published, hold in 1 documents; not run: 2 quotes of .*: news \(SHA-256 [0-9a-f]{64}\)",
        report.outcomes[-1].text,
    )


@pytest.mark.parametrize("column", ["exact", "prefix", "suffix"])
@pytest.mark.parametrize("kind", ["full", "public"])
def test_a_quote_that_the_document_does_not_hold_is_found(tmp_path, papers, kind, column):
    made = bundles.story()
    for it in (row(made, "quote", "report.quote-1"), published(made, "quote.report.quote-1.1")["body"]):
        it[column] = it[column][:-1] + "X"
    report = verify.check(bundles.write(tmp_path / "b", made, kind), documents=papers)
    files = {"data/publication.jsonl"} | ({"data/quote.jsonl"} if kind == "full" else set())
    assert {file for file, _ in places(report, "QUOTE_DIFFERS")} == files


def test_a_quote_that_was_waived_is_not_held_against_its_document(tmp_path, papers):
    made = bundles.story()
    row(made, "quote", "report.quote-2").update(
        exact="«وافق الجميع»", end=row(made, "quote", "report.quote-2")["start"] + 13, waiver="as printed"
    )
    report = verify.check(bundles.write(tmp_path / "b", made), documents=papers)
    assert (report.findings, report.outcomes[-1].text) == (
        [],
        "4 quotes, as recorded and as published, hold in 2 documents",
    )


def test_a_document_of_another_length_than_recorded_is_found(tmp_path, papers):
    made = bundles.story()
    row(made, "document", "report")["length"] += 1
    report = verify.check(bundles.write(tmp_path / "b", made), documents=papers)
    assert places(report, "DOCUMENT_DIFFERS") == {("data/document.jsonl", 2)}


def test_a_document_that_is_no_text_is_found(tmp_path):
    made = bundles.story()
    content = b"\xff\xfe"
    for it in (row(made, "document", "news"), published(made, "document.news.1")["body"]):
        it["sha256"] = verify.hashlib.sha256(content).hexdigest()
    folder = bundles.write(tmp_path / "b", made)
    (tmp_path / "news.txt").write_bytes(content)
    assert places(verify.check(folder, documents=tmp_path), "DOCUMENT_DIFFERS") == {("data/document.jsonl", 1)}


def test_a_quote_of_a_document_that_is_not_recorded_is_found(tmp_path):
    made = bundles.story()
    row(made, "quote", "report.quote-2")["document_id"] = "lost"
    assert places(verify.check(bundles.write(tmp_path, made)), "QUOTE_SPAN") == {("data/quote.jsonl", 3)}


# ---- Hostile bundles: findings, never a traceback

DEEP = "[" * 100_000 + "]" * 100_000


def hashed(text):
    """A line of the ledger with this between its quotation marks."""
    return f'{{"canonical":"{text}","chain":"{"0" * 64}","leaf":"{"0" * 64}","seq":1}}'


HOSTILE = {
    "deep": lambda it: spoil_line(it, "data/topic.jsonl", DEEP),
    "deep but short": lambda it: spoil_line(it, "data/topic.jsonl", '{"a":' * 399 + "1" + "}" * 399),
    "deep where text belongs": lambda it: spoil_line(it, "data/quote.jsonl", '{"fields":{"document":' + DEEP[99_500:100_500] + '},"model":"commitments.quote","pk":"a"}'),
    "huge number": lambda it: spoil_line(it, "data/topic.jsonl", "9" * 100_000),
    "no number": lambda it: spoil_line(it, "data/topic.jsonl", "NaN"),
    "endless number": lambda it: spoil_line(it, "data/topic.jsonl", "1e999"),
    "twice the same key": lambda it: spoil_line(it, "data/topic.jsonl", '{"pk":"a","pk":"b"}'),
    "half a character": lambda it: spoil_line(it, "data/topic.jsonl", '{"fields":{},"model":"commitments.topic","pk":"\\ud800"}'),
    "a list": lambda it: spoil_line(it, "data/topic.jsonl", "[]"),
    "a number for a key": lambda it: spoil_line(it, "data/topic.jsonl", '{"fields":{},"model":"commitments.topic","pk":7}'),
    "binary": lambda it: (it / "data/topic.jsonl").write_bytes(bytes(range(256)) * 100),
    "loose quote in the ledger": lambda it: spoil_line(it, LEDGER, hashed('a"b')),
    "tab in the ledger": lambda it: spoil_line(it, LEDGER, hashed("{\t}")),
    "nothing": lambda it: (it / "data/topic.jsonl").write_bytes(b""),
    "deep ledger": lambda it: spoil_line(it, LEDGER, DEEP),
    "binary ledger": lambda it: (it / LEDGER).write_bytes(bytes(range(256)) * 100),
    "no ledger": lambda it: (it / LEDGER).unlink(),
    "canonical that is empty": lambda it: spoil_line(it, LEDGER, hashed("")),
    "canonical that is no object": lambda it: spoil_line(it, LEDGER, hashed("7")),
    "a space in the ledger": lambda it: spoil_line(it, LEDGER, '{"seq": 1}'),
    "deep manifest": lambda it: (it / "manifest.json").write_text(DEEP),
    "manifest of nothing": lambda it: (it / "manifest.json").write_text("null\n"),
    "no manifest": lambda it: (it / "manifest.json").unlink(),
    "huge list of hashes": lambda it: (it / "manifest-sha256.txt").write_bytes(b"\xff\n" * 5000),
    "file for a folder": lambda it: (shutil.rmtree(it / "keys"), (it / "keys").write_text("")),
    "folder for a file": lambda it: ((it / "checkpoint.txt").unlink(), (it / "checkpoint.txt").mkdir()),
    "folder in data": lambda it: (it / "data/inner/inner").mkdir(parents=True),
    "link out": lambda it: ((it / "data/topic.jsonl").unlink(), (it / "data/topic.jsonl").symlink_to("/etc/hostname")),
    "linked room": lambda it: (shutil.rmtree(it / "checkpoints"), (it / "checkpoints").symlink_to("/etc")),
    "pipe": lambda it: os.mkfifo(it / "data/pipe"),
    "odd name": lambda it: (it / "a\nFILE:1 OK \x1b[2J\udcff").write_text(""),
}  # fmt: skip


def spoil_line(folder, path, line):
    """Puts a line in the place of a file's first one."""
    rest = (folder / path).read_bytes().partition(b"\n")[2]
    (folder / path).write_bytes(line.encode("utf-8", "surrogatepass") + b"\n" + rest)


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("kind", ["full", "public"])
def test_whatever_a_bundle_holds_gives_findings(whole, tmp_path, monkeypatch, how, kind):
    monkeypatch.setenv("PATH", "")  # what matters here isn't signed, and openssl takes its time
    folder = pathlib.Path(shutil.copytree(whole[kind], tmp_path / "bundle"))
    for name in ("topic", "quote"):  # so that there is something to spoil; in a public one it is added
        shutil.copy(whole["full"] / f"data/{name}.jsonl", folder / f"data/{name}.jsonl")
    HOSTILE[how](folder)
    report = verify.check(folder)
    assert report.exit_code == 1
    assert all(
        re.fullmatch(r"[^\n]+:\d+ [A-Z_0-9]+ [^\n]+", str(each)) and str(each).isprintable() for each in report.findings
    )


@pytest.mark.parametrize(
    "change_of",
    [
        lambda it: it.update(files=[]),
        lambda it: it["files"].append("x"),
        lambda it: it["files"].pop(0),
        lambda it: it["files"].insert(0, it["files"][0]),
        lambda it: it["files"][0].update(file="data/../../etc/passwd.jsonl"),
        lambda it: it["files"][0].update(table="auth_group"),
        lambda it: it["files"][0].update(count=True),
        lambda it: it["files"][0].update(sha256="x"),
        lambda it: it["files"][0].update(columns={"name": "note"}),
        lambda it: it["files"][0].update(columns=[]),
        lambda it: it.update(size=-1),
        lambda it: it.update(head=None),
        lambda it: it.update(kind=["full"]),
        lambda it: it.update(origin=1),
        lambda it: it.update(more=1),
    ],
)
def test_a_manifest_that_says_what_cannot_be_is_found(full, change_of):
    value = json.loads((full / "manifest.json").read_text(encoding="utf-8"))
    change_of(value)
    (full / "manifest.json").write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert places(verify.check(full), "MANIFEST") == {("manifest.json", 0)}


def test_a_line_longer_than_any_record_ends_the_reading_of_its_file(full, monkeypatch):
    monkeypatch.setattr(verify, "LONGEST", 1 << 15)
    (full / "data/topic.jsonl").write_text("x" * 40_000 + "\n" + "y\n")
    report = verify.check(full)
    assert places(report, "LONG_LINE") == {("data/topic.jsonl", 1)}


LONG = {"manifest.json": "MANIFEST", "bag-info.txt": "BAGIT", "keys/": "KEY", "checkpoint.txt": "CHECKPOINT"}


@pytest.mark.parametrize("name", LONG)
def test_a_tag_file_longer_than_any_is_found(full, name):
    """What isn't read isn't taken for right."""
    path = next((full / name).iterdir()) if name.endswith("/") else full / name
    with path.open("a") as file:
        file.write(" " * verify.LONGEST)
    bundles.bag(full)
    with path.open("a") as file:  # which `bag` may have written anew
        file.write(" " * (verify.LONGEST if path.stat().st_size < verify.LONGEST else 0))
    tags = full / verify.TAG_LIST
    shown, digest = path.relative_to(full).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
    tags.write_text(re.sub(f"[0-9a-f]+  {shown}\n", f"{digest}  {shown}\n", tags.read_text()))
    report = verify.check(full)
    assert {each.code for each in report.findings if each.file == shown} == {LONG[name]}


def test_a_checkpoint_that_changes_while_it_is_read_is_found(full, monkeypatch):
    sums = verify.Audit._sum
    monkeypatch.setattr(
        verify.Audit, "_sum", lambda self, name: "0" * 64 if name == "checkpoint.txt" else sums(self, name)
    )
    found = [each.text for each in verify.check(full).findings if each.code == "CHECKPOINT"]
    assert found == ["it changed while it was read"]


def test_what_takes_a_files_place_while_a_bundle_is_read_is_not_opened(full, monkeypatch):
    read = verify.Audit.read_tags

    def later(self):
        (full / "data/topic.jsonl").unlink()
        os.mkfifo(full / "data/topic.jsonl")
        read(self)

    monkeypatch.setattr(verify.Audit, "read_tags", later)
    report = verify.check(full)
    assert (report.exit_code, str(report.findings[0])) == (
        2,
        "data/topic.jsonl:0 CALLED_WRONGLY it is no file any more",
    )


@pytest.mark.parametrize("write", [verify.line_of, bags.line])
def test_a_number_beyond_all_is_no_json_however_it_is_spelled(tmp_path, write):
    """An entry can spell one as JSON does, which the row can't."""
    made = bundles.story()
    seq = made.write("topic", "endless", {"name": {"en": "Endless"}, "note": math.inf, "state": "draft"})
    texts = made.texts()
    made.texts = lambda: [each.replace("Infinity", "1e999") for each in texts]
    report = verify.check(bundles.write(tmp_path, made), write=write)
    assert (LEDGER, seq) in places(report, "NOT_AN_ENTRY")


def test_a_file_full_of_faults_does_not_flood(full, monkeypatch):
    monkeypatch.setattr(verify, "MOST", 3)
    (full / "data/topic.jsonl").write_text("x\n" * 10)
    report = verify.check(full)
    assert len([each for each in report.findings if each.code == "NOT_JSON"]) == 3
    assert report.outcomes[0].text.endswith("findings, the first of each kind are told")


def test_a_public_bundle_that_shows_the_desk_is_found(tmp_path):
    made = bundles.story()
    folder = bundles.write(tmp_path, made, "public")
    lines = bundles.ledger(made, "full").splitlines(keepends=True)
    hidden = (folder / LEDGER).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / LEDGER).write_text("".join([hidden[0], lines[1], *hidden[2:]]), encoding="utf-8")
    assert places(verify.check(bundles.seal(folder)), "SHOWN_ENTRY") == {(LEDGER, 2)}


def test_a_room_that_cannot_be_opened_is_found(full, monkeypatch):
    real = os.scandir
    denied = PermissionError(13, "Permission denied")

    def scandir(path):
        if str(path).endswith("keys"):
            raise denied
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert ("keys", 0) in places(verify.check(full), "NOT_A_FILE")


def test_a_file_that_cannot_be_opened_is_found(full, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("topic.jsonl"))
    assert ("data/topic.jsonl", 0) in places(verify.check(full), "NOT_A_FILE")


def test_a_file_that_goes_while_it_is_read_ends_the_check(full, monkeypatch):
    monkeypatch.setattr(verify.Folder, "sha256", lambda self, name: (self.path / "gone").read_bytes())
    report = verify.check(full)
    assert (report.exit_code, report.findings[0].code) == (2, "CALLED_WRONGLY")


# ---- Mutations by chance


def flip(data, chance):
    """One bit of a file is another."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def insert(data, chance):
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.randbytes(chance.randint(1, 40)) + data[place:]


def drop(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 40) :]


def by_line(rule):
    """A mutation of the list of lines, as one of the bytes."""

    def mutate(data, chance):
        lines = data.splitlines(keepends=True)
        rule(lines, chance)
        return b"".join(lines)

    return mutate


def swap(lines, chance):
    if len(lines) > 1:
        one, other = chance.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]


BY_LINE = [
    swap,
    lambda lines, chance: lines.pop(chance.randrange(len(lines))),
    lambda lines, chance: lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines)),
    lambda lines, chance: lines.pop(),
]
BYTES = [flip, flip, flip, cut, insert, drop, *map(by_line, BY_LINE)]


def mutate(folder, chance):
    """One change of a bundle by chance; answers the files that it touched (none: nothing is different)."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    how = chance.choice(["bytes"] * 6 + ["ledger"] * 2 + ["add", "remove", "rename"])
    path = folder / LEDGER if how == "ledger" else chance.choice(files)
    name = path.relative_to(folder).as_posix()
    if how == "add":
        added = chance.choice(
            ["x", "data/x.jsonl", "checkpoints/7.txt", "keys/00000000.pem", "data/x/y", "manifest.json.bak"]
        )
        (folder / added).parent.mkdir(exist_ok=True)
        (folder / added).write_bytes(chance.randbytes(20))
        return {added, added.rpartition("/")[0]}
    if how == "remove":
        path.unlink()
        return {name}
    if how == "rename":
        other = chance.choice(files)
        one, two = path.read_bytes(), other.read_bytes()
        path.write_bytes(two)
        other.write_bytes(one)
        return {name, other.relative_to(folder).as_posix()} if one != two else set()
    before = path.read_bytes()
    after = chance.choice(BYTES)(before, chance)
    path.write_bytes(after)
    return {name} if before != after else set()


def check_mutations(whole, tmp_path, seeds):
    """Each change by chance is found, in the file that was changed; answers how many there were."""
    done = 0
    for seed in seeds:
        chance = random.Random(seed)
        kind = chance.choice(["full", "full", "public"])
        folder = pathlib.Path(shutil.copytree(whole[kind], tmp_path / str(seed)))
        touched = mutate(folder, chance)
        report = verify.check(folder)
        if touched:
            assert report.exit_code == 1, seed
            # A hash and a file that disagree are one finding: it names both, for nobody can tell which was changed.
            assert any(name in str(each) for name in touched for each in report.findings if name), (seed, touched)
            assert all(each.file and each.line >= 0 for each in report.findings)
            done += 1
        shutil.rmtree(folder)
    return done


def test_changes_by_chance_are_found_in_their_files(whole, tmp_path):
    assert check_mutations(whole, tmp_path, range(20)) >= 16


@pytest.mark.prove
def test_a_thousand_changes_by_chance_are_found_in_their_files(whole, tmp_path, record_property):
    done = check_mutations(whole, tmp_path, range(1000, 2030))
    record_property("checked", f"{done} changes of a bundle by chance, all found")
    assert done >= 1000


@pytest.mark.parametrize("place", range(0, 38, 5))
@pytest.mark.no_cover
def test_a_change_of_the_ledger_is_found_at_its_line_though_the_lists_fit(full, place):
    lines = (full / LEDGER).read_bytes().splitlines(keepends=True)
    lines[place] = lines[place].replace(b"2031-09-01T10", b"2031-09-01T11", 1)
    (full / LEDGER).write_bytes(b"".join(lines))
    report = verify.check(bundles.seal(full))
    assert places(report, "WRONG_LEAF") == {(LEDGER, place + 1)}


# ---- The command


def run(folder, *arguments, env=None):
    """verify.py of a bundle, as an auditor runs it."""
    command = [sys.executable, "-I", str(folder / "verify.py"), *map(str, arguments)]
    env = {"PATH": os.environ["PATH"]} if env is None else env
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)


def test_the_command_checks_the_folder_that_it_lies_in_and_tells_by_its_exit_code(full, papers):
    done = run(full, "--documents", papers)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "exit code 0: every check that was asked for ran and found nothing"
    assert [line.split(": ")[0] for line in done.stdout.splitlines()[:-1]] == [*verify.CHECKS]
    assert run(full, env={"PATH": ""}).returncode == 3
    (full / "README.md").write_text("Trust me.")
    done = run(full)
    assert done.returncode == 1
    assert re.search(r"^README\.md:0 WRONG_SHA256 .+$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["missing"], ["--earlier", "missing"], ["--documents", "README.md"], ["--key", "missing"], ["--what"]])  # fmt: skip
def test_the_command_called_wrongly_says_so(full, arguments):
    done = run(full, *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_folder_that_is_no_bundle_is_called_so(tmp_path, capsys):
    assert verify.main([str(tmp_path)]) == 2
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"{tmp_path}:0 NOT_A_BUNDLE ")
    assert out[-1] == "exit code 2: called wrongly, or not a bundle"


def test_the_file_runs_as_a_program(full, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["verify.py", str(full)])
    with pytest.raises(SystemExit, match="^0$"):
        runpy.run_path(verify.__file__, run_name="__main__")
    assert capsys.readouterr().out.startswith("manifests: ok: ")


def test_nothing_of_a_public_bundle_is_needed_but_the_one_file(full, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(full / "verify.py", alone)
    assert run(alone, full, "--earlier", full).returncode == 0


def test_the_file_runs_on_python_39_and_imports_the_standard_library_alone():
    source = pathlib.Path(verify.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imports |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imports} <= sys.stdlib_module_names


def test_the_readme_lists_every_code_and_every_exit_code():
    text = (bundles.HERE / "README.md").read_text(encoding="utf-8")
    for code, (check, sentence) in verify.CODES.items():
        assert f"| `{code}` | {check} | {sentence} |" in text
    for code in verify.EXITS:
        assert text.count(f"| {code} |") == 2, "in English and in Arabic"
    for option in ("--earlier", "--documents", "--key"):
        assert text.count(option) >= 2


# ---- A faster writer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
@example([1e16, 1.5, 1e-7, -0.0, 10**20])  # what writers write in their own ways, or not at all
def test_what_a_faster_writer_writes_is_what_the_slow_one_writes(value):
    read = verify.decoded(json.dumps(value).encode())
    assert bags.line(read) == verify.line_of(read) == verify.line_of(value)


def test_half_a_character_is_refused_by_either_writer():
    for write in (bags.line, verify.line_of):
        with pytest.raises(UnicodeEncodeError):
            write({"said": "\ud800"})
