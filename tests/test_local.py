"""The local mode: a secret of its own, loopback only, a port that is free, and `manage.py run` as a whole."""

import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker import PROJECT, local


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder, and none of our variables set."""
    for name in ("DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "DJANGO_PLAIN_HTTP", "TRACKER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_without_settings_the_local_mode_holds_and_children_inherit_it(data):
    assert local.prepare() is True
    assert {name: os.environ[name] for name in ("DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "DJANGO_PLAIN_HTTP")} == {
        "DJANGO_SECRET_KEY": (data / "secret-key").read_text(),
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "DJANGO_PLAIN_HTTP": "1",
    }


@pytest.mark.parametrize("name", ["DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS"])
def test_an_operators_settings_are_left_alone(data, monkeypatch, name):
    monkeypatch.setenv(name, "given")
    assert local.prepare() is False
    assert "DJANGO_PLAIN_HTTP" not in os.environ
    assert not data.exists()


def test_the_secret_is_long_and_lasting_and_for_its_owner_only(data):
    first = local.secret()
    assert local.secret() == first
    assert len(first) >= 50
    assert (data / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in data.iterdir()] == ["secret-key"]


def test_first_calls_at_once_agree_on_one_secret(data):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: local.secret(), range(8)))) == 1


def test_a_secret_of_another_user_is_refused_with_the_way_out(data, monkeypatch):
    local.secret()

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ImproperlyConfigured) as refusal:
        local.secret()
    assert str(refusal.value) == (
        f"{data}/secret-key belongs to another user. Run as that user, or set TRACKER_DATA_DIR to a folder of your own."
    )


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(ImproperlyConfigured) as refusal:
        local.secret()
    assert str(refusal.value) == (
        f"User id {os.geteuid()} can't write to {tmp_path}/file/data. Run as its owner, or set TRACKER_DATA_DIR to a "
        "folder of your own."
    )


@pytest.mark.parametrize("told", ["0", "65536", "http", "-1", "8000 ", "٨٠٠٠"])
def test_what_is_no_port_is_refused(data, monkeypatch, told):
    monkeypatch.setenv("TRACKER_PORT", told)
    with pytest.raises(ImproperlyConfigured) as refusal:
        local.port()
    assert str(refusal.value) == f"TRACKER_PORT={told!r} is no port. Set it to a number from 1 to 65535, say 8001."


def test_a_busy_port_stops_the_run_before_anything_is_done(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = subprocess.run(
            [sys.executable, PROJECT / "manage.py", "run"],
            env=os.environ | {"TRACKER_PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        f"Port {port} on 127.0.0.1 can't be used: another program answers there. Stop that program, or choose another "
        f"port: TRACKER_PORT={port + 1} make run\n"
    )
    assert not data.exists()


def test_shipped_records_are_known_by_their_manifests(data, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "SHIPPED", tmp_path)
    assert (local.shipped(), local.taken()) == ("", "")
    (tmp_path / "manifest.json").write_text("first")
    local.take_shipped()
    assert local.taken() == local.shipped() != ""
    (tmp_path / "manifest.json").write_text("second")
    assert local.taken() != local.shipped()


class Site:
    """`manage.py run` in a data folder and on a port of its own."""

    def __init__(self, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = data
        self.errors = data.parent / "errors"
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "DATABASE_"))}
        self.environment = ours | {"TRACKER_PORT": str(self.port), "TRACKER_DATA_DIR": str(data)}

    def start(self):
        with self.errors.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, PROJECT / "manage.py", "run"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler),
            )  # whoever runs the tests in the background has it ignore Ctrl-C, and so would this one
        self.wait_for("/readyz", 200)

    def wait_for(self, path, expected):
        """Ask until the answer is as expected; only a site that never gets there runs into the limit."""
        limit = time.monotonic() + 300
        while (answer := self.ask(path)) != expected:
            assert time.monotonic() < limit, f"{path} answers {answer}, not {expected}"
            assert self.process.poll() is None, self.errors.read_text()
            time.sleep(0.1)

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return None

    def stop(self, by):
        self.process.send_signal(by)
        said, _ = self.process.communicate()
        return self.process.returncode, said

    def postmaster(self):
        """Return the number of the database's process; None while none is written down."""
        file = self.data / "postgres/data/postmaster.pid"
        said = file.read_text().split() if file.exists() else []
        return int(said[0]) if said else None

    def servers(self):
        """Return the numbers of the server's processes, the first the one that the command started."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True)
        return [int(number) for number in found.stdout.split()]


@pytest.fixture
def site():
    with tempfile.TemporaryDirectory(prefix="tracker test ") as name:
        Path(name).chmod(0o755)
        site = Site(Path(name) / "data")
        yield site
        if site.process.poll() is None:
            site.stop(signal.SIGTERM)


@pytest.mark.prove
def test_a_first_run_sets_up_all_and_a_second_keeps_it(site):
    site.start()
    code, said = site.stop(signal.SIGINT)
    assert code == 0
    assert "shown only now" in said
    assert said.endswith("Stop with Ctrl-C.\nStopped.\n")
    assert not (site.data / "postgres/data/postmaster.pid").exists()
    site.start()
    code, said = site.stop(signal.SIGTERM)
    assert code == 0
    assert "shown only now" not in said
    assert "Newer records were shipped" not in said
    assert said.endswith(f"Admin     http://127.0.0.1:{site.port}/admin/\nStop with Ctrl-C.\nStopped.\n")
    assert not (site.data / "postgres/data/postmaster.pid").exists()


@pytest.mark.prove
def test_database_and_server_come_back_after_each_kill(site):
    site.start()
    for _ in range(5):
        killed = site.postmaster()
        os.kill(killed, signal.SIGKILL)
        limit = time.monotonic() + 300
        while site.postmaster() in (killed, None):  # whose processes may answer to their end
            assert time.monotonic() < limit
            time.sleep(0.1)
        site.wait_for("/readyz", 200)
    for _ in range(2):
        os.kill(site.servers()[0], signal.SIGKILL)
        site.wait_for("/readyz", 200)
    assert site.stop(signal.SIGTERM)[0] == 0


@pytest.mark.prove
def test_a_killed_run_takes_its_server_along_and_the_next_one_starts(site):
    site.start()
    site.process.kill()
    site.process.communicate()
    limit = time.monotonic() + 300
    while site.ask("/livez") is not None:
        assert time.monotonic() < limit
        time.sleep(0.1)
    site.start()
    assert site.stop(signal.SIGTERM)[0] == 0
