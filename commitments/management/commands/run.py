"""Sets up what is missing, then serves the site on this machine and watches over server and database."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from rich.console import Console

from commitments.ledger import act
from tracker import PROJECT, local, postgres

ACCOUNTS = ("curator", "reviewer")  # one to propose, one to approve: nobody publishes alone
FAILURES = 3  # as many ends of the server before it ever answered mean that it can't run


class Command(BaseCommand):
    """`manage.py run`: the local mode."""

    help = "Sets up database, records and accounts, then serves the site on 127.0.0.1 until Ctrl-C."

    def handle(self, **options) -> None:
        """Set up and serve; Ctrl-C and SIGTERM end it cleanly, with the server and then the database."""
        if not settings.PLAIN_HTTP:
            raise CommandError(
                "`run` serves plain HTTP on this machine only, and the environment holds production settings. "
                "Unset DJANGO_SECRET_KEY and DJANGO_ALLOWED_HOSTS, or serve tracker.wsgi:application by a WSGI server."
            )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.set_up()
            self.serve()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def set_up(self) -> None:
        """Migrate, take the shipped records into an empty database, make the two accounts."""
        with self.step("Bringing the database up to date"):
            call_command("migrate", interactive=False, verbosity=0)
        if local.shipped() and self.is_empty():
            with self.step("Taking in the shipped records"):
                call_command("import_fixtures", str(local.SHIPPED))
        elif local.shipped() != local.taken():
            self.stdout.write(
                "Newer records were shipped than this database took in; yours stay as they are. "
                "To take the newer ones: .venv/bin/python manage.py load_seeds"
            )
        self.make_accounts()
        connections.close_all()

    def is_empty(self) -> bool:
        """Tell whether the database holds no record yet, in whatever state."""
        models = apps.get_app_config("commitments").get_models()
        return not any(model.objects.exists() for model in models if hasattr(model, "state"))

    def make_accounts(self) -> None:
        """Make the accounts that are missing, and show their passwords this once."""
        users = get_user_model().objects
        missing = [name for name in ACCOUNTS if not users.filter(username=name).exists()]
        if not missing:
            return
        passwords = {name: secrets.token_urlsafe(12) for name in missing}
        with act(actor="run", reason="The accounts of the local mode"):
            for name, password in passwords.items():
                user = users.create_user(name, password=password, is_staff=True)
                user.groups.add(Group.objects.get_or_create(name=name)[0])
        self.stdout.write("\nAccounts for the admin (passwords are shown only now; `changepassword` sets new ones):")
        for name, password in passwords.items():
            self.stdout.write(f"  {name:10} {password}")

    def serve(self) -> None:
        """Serve until interrupted; start server or database again if one of them is killed."""
        site = f"http://127.0.0.1:{local.port()}/"
        self.stdout.write(f"\nSite      {site}\nAPI       {site}api/docs/\nAdmin     {site}admin/\nStop with Ctrl-C.\n")
        self.stdout.flush()
        failures = 0
        while failures < FAILURES:
            with self.server() as server:
                answered = self.watch(server)
            killed = server.returncode == -signal.SIGKILL  # from outside: that says nothing about the server
            failures = 0 if answered else failures + (not killed)
            self.stderr.write("The server is gone; starting it again.")
        raise CommandError(f"The server ended {FAILURES} times before it answered; the lines above say why.")

    @contextlib.contextmanager
    def server(self) -> Iterator[subprocess.Popen]:
        """Run the server as a child in a process group of its own; in the end, none of the group is left."""
        command = [sys.executable, "-m", "tracker.serve"]
        child = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, start_new_session=True)
        try:
            yield child
        finally:
            child.terminate()  # it stops its workers itself; where it is gone without having done so, we do
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(10)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            child.stdin.close()

    def watch(self, server: subprocess.Popen) -> bool:
        """Return when the server ends, and whether it answered before; meanwhile, start the private database again if it is gone."""
        cluster, answered = postgres.ensure(), False
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(1 if answered else 0.05)  # whether it ever answered must be known however soon it is killed
                return answered
            answered = answered or local.answers()
            if cluster and not cluster.alive():
                self.stderr.write("The database is gone; starting it again.")
                cluster = postgres.ensure()

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show what takes time: a moving line on a terminal, a plain one elsewhere."""
        console = Console(file=self.stdout)
        with console.status(f"{what} …") if console.is_terminal else contextlib.nullcontext():
            begun = time.monotonic()
            yield
        self.stdout.write(f"{what}: done in {time.monotonic() - begun:.1f} s")
