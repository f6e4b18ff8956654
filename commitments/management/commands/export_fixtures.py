"""Writes the bundle."""

import pathlib

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
            made = fixtures.export(folder, at=at, **told("export_fixtures", folder))
        except (findings.Faulty, checkpoints.BadKey) as error:
            raise CommandError(str(error)) from error
        count = sum(entry["count"] for entry in made["files"])
        signed = "signed" if made["signed"] else "not signed (TRACKER_SIGNING_KEY names the key)"
        self.stdout.write(
            f"{count} records in {len(made['files'])} files written to {folder}: "
            f"the ledger's first {made['size']} entries, {signed}."
        )
