"""The commands that answer about texts and words alone."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

TEXT = "قالت الشمال إنها ملتزمة بالحماية."


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_find_quote_prints_level_and_place(file, capsys):
    call_command("find_quote", file, exact="ملتزمة", start=TEXT.index("ملتزمة"))
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["start"], found["end"]) == ("exact", 17, 23)


def test_find_quote_says_where_a_moved_quote_stands(file, capsys):
    call_command("find_quote", file, exact="ملتزمة", start=16)
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["start"], found["places"]) == ("moved", 17, [17])


def test_find_quote_refuses_an_empty_quote(file):
    with pytest.raises(CommandError, match="empty"):
        call_command("find_quote", file, exact="")


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("exact", "a\ufffeb", "exact: U+FFFE NONCHARACTER at index 1 (line 1): take this character out"),
        ("prefix", "\x00", "prefix: U+0000 CONTROL CHARACTER at index 0 (line 1): take this character out"),
        ("suffix", "\ud800", "suffix: U+D800 LONE SURROGATE at index 0 (line 1): take this character out"),
    ],
)
def test_find_quote_names_a_character_that_no_record_may_hold(file, name, words, told):
    with pytest.raises(CommandError) as refusal:
        call_command("find_quote", file, **{"exact": "x", name: words})
    assert str(refusal.value) == told


def test_find_quote_names_such_a_character_of_the_file(file):
    file.write_text("two\nlines\ufdd0", encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        call_command("find_quote", file, exact="two")
    assert str(refusal.value) == f"{file}: U+FDD0 NONCHARACTER at index 9 (line 2): take this character out"


def test_find_quote_says_why_it_cannot_read_a_file(file):
    with pytest.raises(CommandError) as refusal:
        call_command("find_quote", file.with_name("nowhere.txt"), exact="x")
    told = f"{file.parent}/nowhere.txt: No such file or directory. Name a readable file, a text in UTF-8."
    assert str(refusal.value) == told
    file.write_bytes(b"caf\xe9")
    with pytest.raises(CommandError) as refusal:
        call_command("find_quote", file, exact="x")
    assert str(refusal.value) == f"{file} is no UTF-8 from byte 3 on. Save it as UTF-8."


def test_read_deadline_proposes_days(capsys):
    call_command("read_deadline", "بحلول 31 كانون الأول 2031")
    assert json.loads(capsys.readouterr().out) == {
        "kind": "date", "edtf": "2031-12-31", "earliest": None, "latest": "2031-12-31",
        "readings": None, "anchor_missing": False, "refused": None,
    }  # fmt: skip


def test_read_deadline_counts_from_its_anchor(capsys):
    call_command("read_deadline", "within six months", anchor="2031-04-07")
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["latest"]) == ("relative", "2031-10-07")


def test_read_deadline_answers_a_batch_line_by_line(capsys, monkeypatch):
    asked = [{"text": "by 1 March 2031", "anchor": None}, {"text": "في أقرب وقت"}]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(one) + "\n" for one in asked)))
    call_command("read_deadline", batch=True)
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert kinds == ["date", "relative"]


@pytest.mark.parametrize("line", ["{", "[]", '{"anchor": "2031"}', '{"text": 4}'])
def test_read_deadline_names_the_line_that_it_cannot_read(line, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))
    with pytest.raises(CommandError, match="line 1: "):
        call_command("read_deadline", batch=True)


@pytest.mark.parametrize("arguments", [{}, {"text": "by 2031", "batch": True}])
def test_read_deadline_wants_words_or_a_batch(arguments):
    with pytest.raises(CommandError, match="one of the two"):
        call_command("read_deadline", **arguments)


def test_read_deadline_refuses_an_anchor_that_is_no_date():
    with pytest.raises(CommandError):
        call_command("read_deadline", "within a year", anchor="soon")
