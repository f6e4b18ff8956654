"""Writers in processes of their own, and a reader of what they make public: no gap, no fork, nothing missed or seen twice."""

import subprocess
import sys

import pytest

from tests import writers
from tracker import PROJECT


@pytest.mark.prove
def test_a_reader_misses_nothing_that_several_processes_write(fresh_database):
    outcome = writers.run(fresh_database, seconds=1, writers=3)
    assert outcome.faults == []
    assert outcome.entries >= outcome.public > 0


def test_the_outcome_is_told_in_one_line():
    assert str(writers.Outcome(8, 60.0, 60_000, 3_000, [])) == (
        "8 writers, 20 ms inside each transaction, 60.0 s: 60000 entries, 1000 a second (3000 public); "
        "no gap, no fork, every public entry read once."
    )
    assert str(writers.Outcome(1, 2.0, 10, 1, ["the numbers have a gap", "and more"])).endswith(
        "10 entries, 5 a second (1 public); the numbers have a gap; and more."
    )


@pytest.mark.prove
def test_eight_processes_write_for_a_minute(record_property):
    """The one command, as anybody runs it; it fails below its bound, too."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.writers"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    record_property("checked", done.stdout.strip())
    assert done.returncode == 0, done
