"""Reads a deadline's words and proposes what they say."""

import json
import sys

from django.core.management.base import BaseCommand, CommandError

from commitments import dates


class Command(BaseCommand):
    help = "Prints JSON: kind, edtf, earliest, latest, readings, anchor_missing, refused. It proposes; people decide."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("text", nargs="?", help="the words")
        parser.add_argument("--anchor", metavar="EDTF", help="the date that the words count from")
        parser.add_argument(
            "--batch", action="store_true", help='JSON Lines {"text", "anchor"} in, one answer a line out'
        )

    def handle(self, text, anchor, batch, **options):
        if batch == (text is not None):
            raise CommandError("Give the words, or --batch with JSON Lines on standard input: one of the two.")
        if not batch:
            self._answer(text, anchor, "")
            return
        for number, line in enumerate(sys.stdin, 1):
            try:
                asked = json.loads(line)
                words, counted_from = asked["text"], asked.get("anchor")
                if not isinstance(words, str) or not isinstance(counted_from, str | None):
                    raise TypeError("text and anchor are text")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CommandError(f"line {number}: not a JSON object with a text: {line.strip()!r}") from error
            self._answer(words, counted_from, f"line {number}: ")

    def _answer(self, text, anchor, where):
        try:
            reading = dates.read(text, anchor)
        except (ValueError, TypeError) as error:
            raise CommandError(f"{where}{error}") from error
        self.stdout.write(json.dumps(reading.to_json(), ensure_ascii=False))
