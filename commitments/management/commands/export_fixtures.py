"""Writes the bundle."""

import pathlib

from django.core.management.base import BaseCommand, CommandError

from commitments import findings, fixtures


class Command(BaseCommand):
    help = "Writes every record and the whole ledger into a folder of JSON Lines with a manifest."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=pathlib.Path)

    def handle(self, folder, **options):
        try:
            manifest = fixtures.export(folder)
        except findings.Faulty as faulty:
            raise CommandError(str(faulty)) from faulty
        count = sum(entry["count"] for entry in manifest["files"])
        self.stdout.write(f"{count} records in {len(manifest['files'])} files written to {folder}.")
