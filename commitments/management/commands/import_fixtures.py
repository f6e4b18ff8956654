"""Restores a bundle into an empty database."""

import pathlib

from django.core.management.base import BaseCommand, CommandError

from commitments import findings, fixtures
from tracker import local


class Command(BaseCommand):
    help = "Checks a bundle and restores it, ledger included, into an empty database."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=pathlib.Path)

    def handle(self, folder, **options):
        if not fixtures.is_migrated():
            raise CommandError("The database has no tables yet; run `manage.py migrate` first.")
        try:
            count = fixtures.restore(folder)
        except findings.Faulty as faulty:
            for finding in faulty.findings:
                self.stdout.write(str(finding))
            raise CommandError(f"{len(faulty.findings)} faults; nothing was written.") from faulty
        if folder.resolve() == local.SHIPPED:
            local.take_shipped()
        self.stdout.write(f"{count} records restored from {folder}.")
