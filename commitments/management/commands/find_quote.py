"""Finds a quote in a text file and says how exactly it stands there."""

import dataclasses
import json
import pathlib

from django.core.management.base import BaseCommand, CommandError

from commitments import quotes
from commitments.text import refuse


class Command(BaseCommand):
    help = "Prints one JSON object: level, start, end (code points), places, differences, score."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=pathlib.Path, help="a text in UTF-8")
        parser.add_argument("--exact", required=True, metavar="TEXT", help="the words to find")
        parser.add_argument("--start", type=int, metavar="N", help="where they should stand")
        parser.add_argument("--prefix", default="", metavar="TEXT", help="the text before them")
        parser.add_argument("--suffix", default="", metavar="TEXT", help="the text after them")

    def handle(self, file, exact, start, prefix, suffix, **options):
        try:
            text = file.read_bytes().decode()
            for field, words in {"exact": exact, "prefix": prefix, "suffix": suffix, str(file): text}.items():
                refuse(words, field=field, bidi_overrides=True)
            match = quotes.find(text, exact, start=start, prefix=prefix, suffix=suffix)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Name a readable file, a text in UTF-8.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is no UTF-8 from byte {error.start} on. Save it as UTF-8.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(dataclasses.asdict(match), ensure_ascii=False))
