"""Prints how far the two codings in docs/coding/ agree."""

import pathlib

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from commitments import agreement, codebook


class Command(BaseCommand):
    help = "Share found by both coders and Krippendorff's alpha for each field, with 95 % interval and n, as a Markdown table."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=pathlib.Path, default=settings.PROJECT / "docs" / "coding")

    def handle(self, folder, **options):
        names = sorted(path.name for path in (folder / "first").glob("*.yaml"))
        if not names or names != sorted(path.name for path in (folder / "second").glob("*.yaml")):
            raise CommandError(f"{folder}: first/ and second/ must hold the same files, at least one.")
        codings = [tuple(self._read(folder / coder / name) for coder in ("first", "second")) for name in names]
        found = agreement.compare(codings)
        self.stdout.write(
            f"Found by both: {found.pairs}; by the first coder only: {found.only_first}; by the second only: "
            f"{found.only_second}; share found by both: {found.found_by_both:.2f}.\n\n| field | alpha | 95 % interval | n |\n| --- | --- | --- | --- |"
        )
        for field, (alpha, low, high, n) in found.alphas.items():
            self.stdout.write(f"| {field} | {alpha:.2f} | {low:.2f} to {high:.2f} | {n} |")

    @staticmethod
    def _read(path: pathlib.Path) -> list[dict]:
        return codebook.load(path)["undertakings"]
