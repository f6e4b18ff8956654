"""Loads the hand-written seeds: checks them whole, then writes as the coder and approves as the reviewer."""

import datetime
import pathlib

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from commitments import seeds
from tracker import local

SHIPPED = settings.PROJECT / "seeds"


class Command(BaseCommand):
    help = "Checks seeds/ whole, then writes what differs. A second run writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=pathlib.Path, default=SHIPPED, help="default: seeds/")
        parser.add_argument(
            "--documents", type=pathlib.Path, metavar="DIR", help="attach these texts, and check every quote"
        )
        parser.add_argument(
            "--keep-ours", action="store_true", help="leave alone what was changed here by somebody else"
        )

    def handle(self, folder, documents, keep_ours, **options):
        for given in filter(None, (folder, documents)):
            if not given.is_dir():
                raise CommandError(f"{given} is no folder.")
        try:
            read = seeds.Seeds(folder, documents)
            written, published = read.write(now=datetime.datetime.now(datetime.UTC), keep_ours=keep_ours)
        except seeds.Faulty as faulty:
            for finding in faulty.findings:
                self.stdout.write(str(finding))
            raise CommandError(f"{len(faulty.findings)} faults; nothing was written.") from faulty
        if folder == SHIPPED:
            local.take_shipped()
        quotes = sum(len(read.texts) and quote.document.ref in read.texts for quote in read.quotes)
        self.stdout.write(
            f"{len(read.records)} records: {written} ledger entries written, {published} versions published, "
            f"{quotes} quotes checked against {len(read.texts)} texts."
        )
