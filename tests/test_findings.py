"""Findings: one line each, in order, and input with faults says them all."""

from commitments.findings import Faulty, Finding


def test_a_finding_is_one_line_with_file_line_code_and_text():
    assert (
        str(Finding("register.yaml", 7, "UNKNOWN_KEY", "colour: no such key"))
        == "register.yaml:7 UNKNOWN_KEY colour: no such key"
    )


def test_faults_are_all_said_by_file_and_line():
    faults = [Finding("b.yaml", 1, "GAP", "x"), Finding("a.yaml", 10, "GAP", "x"), Finding("a.yaml", 9, "GAP", "x")]
    assert str(Faulty(faults)).splitlines() == ["a.yaml:9 GAP x", "a.yaml:10 GAP x", "b.yaml:1 GAP x"]
    assert Faulty(faults).findings == sorted(faults)
