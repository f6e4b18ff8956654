"""Takes text out of the ledger on legal demand; hashes, chain and a public reason stay."""

import pathlib

from django.core.management.base import BaseCommand, CommandError

from commitments import actions, withholding
from commitments.management.told import told


class Command(BaseCommand):
    help = "Makes a hash of every entry that holds the text in FILE; the reason is public. It can't be undone."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", type=pathlib.Path, help="a file that holds the text, so that no command line keeps it"
        )
        parser.add_argument("--reason", required=True, help="public: which demand, by whom, when")
        parser.add_argument("--yes", action="store_true", help="do it; without this, only the entries are listed")

    def handle(self, file, reason, yes, **options):
        try:
            words = file.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} can't be read as UTF-8 text: {error}") from error
        if not yes:
            found = withholding.entries(words)
            self.stdout.write(
                f"{len(found)} entries hold the text: {', '.join(map(str, found))}. With --yes they become hashes."
            )
            return
        try:
            made = withholding.withhold(words, by=told("withhold")["by"], reason=reason)
        except actions.Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(made)} entries are hashes now.")
