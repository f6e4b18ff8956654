"""Bags: put in their place whole or not at all, whatever happens meanwhile."""

import pathlib
import random
import shutil
import signal
import subprocess
import sys

import pytest

from commitments import bags
from commitments.findings import Faulty

PROJECT = pathlib.Path(__file__).parent.parent
WRITER = """
import pathlib, resource, sys
from commitments import bags
folder, limit = pathlib.Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
generation = 0
while True:
    generation += 1
    with bags.replacing(folder) as work:
        bag = bags.Bag(work)
        for name in range(20):
            bag.data(f"{name}.jsonl", [b'{"generation":%d}\\n' % generation] * 200)
        bag.tag(bags.MANIFEST, "{}")
        bag.close("test/1/full")
    print(generation, flush=True)
"""


def writer(folder, limit=0):
    command = [sys.executable, "-c", WRITER, str(folder), str(limit)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def generation_of(folder):
    """The one generation of a whole bag; fails if it is a half one."""
    found = {path.read_text() for path in (folder / "data").iterdir()}
    assert len(found) == 1
    assert len(list((folder / "data").iterdir())) == 20
    lines = found.pop().splitlines()
    assert len(lines) == 200
    for listed in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", listed], cwd=folder, check=True)
    return int(lines[0].partition(":")[2].rstrip("}"))


def kill_while_writing(folder, times):
    chance = random.Random(7)
    for _turn in range(times):
        with writer(folder) as process:
            done = [int(process.stdout.readline()) for _ in range(chance.randrange(1, 4))]
            try:
                process.wait(chance.random() / 30)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            assert generation_of(folder) >= done[-1]
    with bags.replacing(folder) as work:
        bags.Bag(work).tag(bags.MANIFEST, "{}")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]  # what the killed ones left is gone


def test_a_killed_export_leaves_the_old_bag_or_the_new_one_whole(tmp_path):
    kill_while_writing(tmp_path / "bag", 5)


@pytest.mark.prove
def test_a_hundred_killed_exports_leave_a_whole_bag_each_time(tmp_path):
    kill_while_writing(tmp_path / "bag", 100)


def test_a_full_disk_leaves_the_old_bag_and_says_so(tmp_path):
    with writer(tmp_path / "bag") as process:
        process.stdout.readline()
        process.kill()
    before = generation_of(tmp_path / "bag")
    with writer(tmp_path / "bag", limit=1000) as process:
        _out, said = process.communicate()
    assert "NOT_WRITTEN File too large" in said
    assert generation_of(tmp_path / "bag") >= before
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".bag-part-")) == ["bag"]


def test_a_bag_in_the_making_is_left_alone_by_another_export(tmp_path):
    with bags.replacing(tmp_path / "bag") as first:
        bags.Bag(first).tag(bags.MANIFEST, "1")
        with bags.replacing(tmp_path / "bag") as second:
            bags.Bag(second).tag(bags.MANIFEST, "2")
        assert first.is_dir()
    assert (tmp_path / "bag/manifest.json").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


@pytest.mark.parametrize(
    "swap", [bags.SWAP, {}, {sys.platform: ("no_such_call", 0)}], ids=["at once", "none", "unknown"]
)
def test_two_folders_change_places(tmp_path, monkeypatch, swap):
    monkeypatch.setattr(bags, "SWAP", swap)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    bags.exchange(tmp_path / "one", tmp_path / "other")
    assert [(tmp_path / name / "file").read_text() for name in ("one", "other")] == ["other", "one"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_with_other_things_or_none_to_write_in_is_refused(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/letter.txt").write_text("mine")
    with pytest.raises(Faulty, match="letters:0 NOT_A_BUNDLE"), bags.replacing(tmp_path / "letters"):
        pass
    with (
        pytest.raises(Faulty, match=r"bag:0 NOT_WRITTEN Not a directory|File exists"),
        bags.replacing(tmp_path / "letters/letter.txt/bag"),
    ):
        pass
    shutil.rmtree(tmp_path / "letters")


def test_an_empty_folder_becomes_the_bag(tmp_path):
    (tmp_path / "bag").mkdir()
    with bags.replacing(tmp_path / "bag") as work:
        bags.Bag(work).tag(bags.MANIFEST, "{}")
    assert sorted(path.name for path in (tmp_path / "bag").iterdir()) == ["data", "manifest.json"]
