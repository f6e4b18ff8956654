"""The shipped quotes against the documents themselves, and the shipped fixtures against the seeds."""

import os
import pathlib

import pytest
from django.conf import settings
from django.core.management import call_command

from commitments import actions, codebook, fixtures, models, quotes, seeds, verification
from commitments.checkpoints import SigningKey
from commitments.ledger import Entry
from tests import builders
from tests.builders import bytes_of
from tracker import local

SEEDS, FIXTURES = settings.PROJECT / "seeds", settings.PROJECT / "fixtures"
# What the seeds say is compared column by column; these depend on when the bundle was made, not on what it says.
WHEN = {"checked_at", "number"}


@pytest.mark.documents
def test_every_shipped_quote_stands_in_its_document_at_its_place(documents, shipped, record_property):
    shipped_quotes = list(models.Quote.objects.select_related("document").order_by("ref"))
    for quote in shipped_quotes:
        text = documents[quote.document.sha256]
        assert text[quote.start : quote.end] == quote.exact, quote.ref
        assert text[: quote.start].endswith(quote.prefix), quote.ref
        assert text[quote.end :].startswith(quote.suffix), quote.ref
        assert quotes.find(text, quote.exact, start=quote.start).level == "exact"
    assert len(documents) >= 5
    assert shipped_quotes
    record_property("checked", f"{len(shipped_quotes)} quotes checked against {len(documents)} documents")


@pytest.mark.documents
def test_the_texts_attach_to_the_shipped_record_and_every_check_stands(documents, shipped):
    with builders.undone():
        for document in models.Document.objects.all():
            content = documents[document.sha256].encode()
            assert actions.attach(document, content, by="auditor", reason="prove the quotes", now=builders.NOW) == []
        assert models.DocumentText.objects.count() == 5
        assert [*verification.quotes_(), *verification.ledger()] == []


@pytest.mark.prove
@pytest.mark.documents
def test_the_seeds_load_with_their_texts_and_verify(documents, fresh_database):
    read = seeds.Seeds(SEEDS, pathlib.Path(os.environ["TRACKER_DOCUMENTS"]))
    read.write(now=builders.NOW)
    assert models.DocumentText.objects.count() == 5
    assert [*verification.quotes_(), *verification.ledger(), *verification.shelf()] == []


def rows():
    """Every record's public content: Publications current now, and all desk rows but what depends on the moment."""
    desk = {}
    for model in fixtures.MODELS:
        if model in (models.Publication, SigningKey):  # the one follows, the other is of who exported
            continue
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in WHEN]
        desk[model._meta.model_name] = list(model.objects.order_by("pk").values_list(*names))
    shelf = models.Publication.objects.known_at(None).order_by("kind", "record")
    return desk, [(publication.kind, publication.record, publication.body, publication.detail) for publication in shelf]


def references(said) -> set[str]:
    """Every `ref` that a YAML value holds at any depth."""
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    own = {said["ref"]} if isinstance(said, dict) and "ref" in said else set()
    return own.union(*map(references, inner))


def test_every_shipped_record_is_one_that_the_seeds_name(shipped):
    named = references([codebook.load(path) for path in SEEDS.glob("*.yaml")]) | set(codebook.codes("topic"))
    assert {ref for model in actions.KINDS.values() for ref in model.objects.values_list("pk", flat=True)} == named


@pytest.mark.prove
def test_the_shipped_fixtures_are_what_the_seeds_say(shipped, empty_database):
    restored = rows()
    with empty_database():
        read = seeds.Seeds(SEEDS)
        read.write(now=builders.NOW)
        assert rows() == restored


def test_loading_the_seeds_onto_the_shipped_fixtures_writes_nothing_and_notes_it(shipped, monkeypatch, capsys):
    before = Entry.objects.count()
    taken = []
    monkeypatch.setattr(local, "take_shipped", lambda: taken.append(True))
    call_command("load_seeds")
    assert taken == [True]
    assert "0 ledger entries written, 0 versions published" in capsys.readouterr().out
    assert Entry.objects.count() == before


def test_the_shipped_fixtures_come_out_as_they_went_in(fresh_database, tmp_path):
    fixtures.restore(FIXTURES)
    fixtures.export(tmp_path / "out", by="auditor", reason="compare")
    assert bytes_of(tmp_path / "out") == bytes_of(FIXTURES)


@pytest.mark.prove
def test_the_shipped_record_verifies(shipped):
    assert [*verification.quotes_(), *verification.ledger(), *verification.shelf()] == []


def test_every_obligor_of_every_commitment_has_been_looked_at(shipped):
    for commitment in models.Commitment.objects.all():
        judged = set(commitment.assessments.values_list("obligor", flat=True))
        obligors = set(commitment.parties.filter(role="obligor").values_list("party", flat=True))
        assert None in judged or obligors <= judged, commitment.ref


def test_every_judgement_in_force_took_the_newest_document_into_account(shipped):
    newest = models.Document.objects.exclude(published_latest=None).latest("published_latest")
    for standing in models.Standing.objects.known_at(None).as_of(newest.published_latest).filter(party=""):
        detail = standing.index.publication.detail_json
        obligors = {
            party["ref"] for party in standing.index.publication.body_json["parties"] if party["role"] == "obligor"
        }
        in_force = {}
        for judged in sorted(detail["assessments"], key=lambda judged: (judged["counts_from"], judged["ref"])):
            in_force[judged["obligor"] and judged["obligor"]["ref"]] = judged
        for obligor in obligors:
            judged = in_force.get(obligor) or in_force[None]
            searched = {document["ref"] for document in judged["searched"]}
            dated = judged["counts_from"] == newest.published_latest.isoformat()
            assert dated or newest.ref in searched, (judged["ref"], obligor)


@pytest.mark.documents
def test_no_shipped_file_holds_a_long_run_of_a_document(documents):
    for path in [*SEEDS.rglob("*"), *FIXTURES.rglob("*"), *(settings.PROJECT / "docs").rglob("*.yaml")]:
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            for text in documents.values():
                assert not any(text[at : at + 300] in content for at in range(0, len(text) - 300, 25)), path
