"""Attaches source texts to the documents that have their SHA-256, and checks the quotes against them."""

import datetime
import hashlib
import pathlib
import sys

from django.core.management.base import BaseCommand, CommandError

from commitments import actions, models
from commitments.management.told import told


class Command(BaseCommand):
    help = "Attaches each file to the document with its SHA-256; says which file fits nothing, or can't be attached."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=pathlib.Path)

    def handle(self, folder, **options):
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        by_hash = {document.sha256: document for document in models.Document.objects.all()}
        who = told("attach_documents", folder)
        there = set(models.DocumentText.objects.values_list("document", flat=True))
        files, left, checks = [], [], 0
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            content = path.read_bytes()
            document = by_hash.get(hashlib.sha256(content).hexdigest())
            if document is None:
                left.append(f"{path.name}: no document has its SHA-256.")
                continue
            try:
                checks += len(actions.attach(document, content, now=datetime.datetime.now(datetime.UTC), **who))
                files.append(document.pk)
            except actions.Refused as refused:
                left.append(f"{path.name}: {refused}")
        for line in left:
            self.stdout.write(line)
        new = len(set(files) - there)
        self.stdout.write(
            f"{new} texts attached, {len(files) - new} there already, {checks} new checks, {len(left)} files fit nothing."
        )
        if left:
            sys.exit(1)
