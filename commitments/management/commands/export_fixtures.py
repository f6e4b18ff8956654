"""Writes the bundle."""

import os
import pathlib

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from commitments import checkpoints, findings, fixtures
from commitments.management.told import told


class Command(BaseCommand):
    help = "Writes the bundle: every record and the ledger in a folder that checks itself, signed where there is a key."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=pathlib.Path)
        parser.add_argument("--at", type=int, metavar="SEQ", help="as it was when the ledger had SEQ entries")

    def handle(self, folder, at, **options):
        try:
            who = told("export_fixtures", folder)
            reason = os.environ.get("TRACKER_REASON") or fixtures.KEY_REASON  # public, if a key is recorded
            made = fixtures.export(folder, at=at, by=who["by"], reason=reason)
        except (findings.Faulty, checkpoints.BadKey) as error:
            raise CommandError(str(error)) from error
        count = sum(entry["count"] for entry in made["files"])
        why = "the ledger didn't know the key yet" if settings.SIGNING_KEY else "TRACKER_SIGNING_KEY names no key"
        signed = "signed" if made["signed"] else f"not signed ({why})"
        self.stdout.write(
            f"{count} records in {len(made['files'])} files written to {folder}: "
            f"the ledger's first {made['size']} entries, {signed}."
        )
