"""Checks the record without changing it: quotes, ledger, shelf, a bundle, or all."""

import json
import pathlib
import sys

from django.core.management.base import BaseCommand, CommandError

from commitments import findings, fixtures, verification


class Command(BaseCommand):
    help = "Read-only checks. Exit code 0: nothing found; 1: findings, one a line as FILE:LINE CODE text."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=[*verification.CHECKS, "bundle", "all"])
        parser.add_argument("folder", nargs="?", type=pathlib.Path, help="the bundle")
        parser.add_argument("--json", action="store_true", help="findings as JSON Lines")

    def handle(self, what, folder, **options):
        if (what == "bundle") != (folder is not None):
            raise CommandError("verify bundle needs the bundle's folder, and it alone does.")
        found = sorted(self._bundle(folder) if folder else self._checks(what))
        for finding in found:
            self.stdout.write(json.dumps(vars(finding), ensure_ascii=False) if options["json"] else str(finding))
        if not options["json"]:
            self.stdout.write(f"{what}: {len(found)} findings.")
        if found:
            sys.exit(1)

    def _bundle(self, folder):
        try:
            fixtures.read_manifest(folder)
        except findings.Faulty as faulty:
            return faulty.findings
        return []

    def _checks(self, what):
        for name in verification.CHECKS if what == "all" else [what]:
            yield from verification.CHECKS[name]()
