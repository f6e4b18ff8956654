"""Restores a bundle into an empty database."""

import pathlib

from django.core.management.base import BaseCommand, CommandError

from commitments import findings, fixtures


class Command(BaseCommand):
    help = "Checks a bundle and restores it, ledger included, into an empty database."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=pathlib.Path)

    def handle(self, folder, **options):
        try:
            count = fixtures.restore(folder)
        except findings.Faulty as faulty:
            for finding in faulty.findings:
                self.stdout.write(str(finding))
            raise CommandError(f"{len(faulty.findings)} faults; nothing was written.") from faulty
        self.stdout.write(f"{count} records restored from {folder}.")
