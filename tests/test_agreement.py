"""The coders' agreement: textbook figures, pairing by place, and the command over the shipped lists."""

import math
import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from commitments import agreement


def coded(start, end, **values):
    defaults = {
        "strength": "commits",
        "obligors": ["north"],
        "statement_kind": "joint_statement",
        "voice": "narrative",
        "status": [],
    }
    return {"start": start, "end": end} | defaults | values


def test_alpha_is_that_of_the_textbook():
    """Ten units, two coders, nominal: Krippendorff (2011), section A, gives 0.095."""
    first, second = "0100000010", "1110010000"
    assert round(agreement.alpha(list(zip(first, second, strict=True))), 3) == 0.095


def test_alpha_is_one_where_all_agree_and_where_nobody_could_disagree():
    assert agreement.alpha([("a", "a"), ("b", "b")]) == 1
    assert agreement.alpha([("a", "a")]) == 1


@pytest.mark.no_cover
def test_the_interval_holds_alpha_and_is_the_same_at_every_run():
    values = [("a", "a")] * 20 + [("b", "b")] * 15 + [("a", "b")] * 5
    low, high = agreement.interval(values)
    assert low < agreement.alpha(values) < high
    assert agreement.interval(values) == (low, high)


def test_passages_are_paired_by_their_overlap_and_each_once():
    first = [coded(0, 10), coded(20, 30), coded(50, 60)]
    second = [coded(1, 10), coded(0, 9), coded(24, 30), coded(59, 90)]
    pairs = agreement.pair(first, second)
    assert [(one["start"], other["start"]) for one, other in pairs] == [(0, 1), (20, 24)]


@pytest.mark.prove
def test_what_one_coder_alone_found_is_counted_apart():
    found = agreement.compare(
        [([coded(0, 10), coded(20, 30)], [coded(0, 10, strength="agrees"), coded(40, 50), coded(60, 70)])]
    )
    assert (found.pairs, found.only_first, found.only_second, found.found_by_both) == (1, 1, 2, 0.25)
    assert found.alphas["strength"][3] == 1
    assert found.alphas["obligors"][0] == 1


def test_where_nothing_is_shared_there_is_no_alpha():
    found = agreement.compare([([coded(0, 10)], [])])
    assert found.found_by_both == 0
    assert math.isnan(found.alphas["strength"][0])
    assert found.alphas["strength"][3] == 0


SHOWN = (settings.PROJECT / "docs" / "coding" / "README.md").read_text(encoding="utf-8")


@pytest.mark.prove
def test_the_command_prints_the_table_that_the_docs_show(capsys):
    call_command("coding_agreement")
    assert capsys.readouterr().out.strip() in SHOWN


def test_but_for_the_intervals_the_command_prints_it_with_few_resamplings_too(capsys, monkeypatch):
    monkeypatch.setattr(agreement, "RESAMPLES", 40)
    call_command("coding_agreement")
    interval = re.compile(r"\| -?\d\.\d\d to -?\d\.\d\d \|")
    assert interval.sub("", capsys.readouterr().out.strip()) in interval.sub("", SHOWN)


def test_the_command_wants_the_same_files_of_both_coders(tmp_path):
    with pytest.raises(CommandError, match="must hold the same files"):
        call_command("coding_agreement", tmp_path)
