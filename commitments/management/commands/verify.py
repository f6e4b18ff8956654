"""Checks the record without changing it: quotes, ledger, shelf, a bundle, or all."""

import contextlib
import itertools
import json
import pathlib
import sys
from collections.abc import Callable, Iterator

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from commitments import bags, fixtures, models, verification
from commitments.bundle import verify
from commitments.findings import Finding

OF_BUNDLE = ("earlier", "documents", "key")


class Command(BaseCommand):
    help = (
        "Read-only checks. Exit code 0: nothing found; 1: findings, one a line as FILE:LINE CODE text. A bundle is checked "
        "by the program that it carries, with that program's exit codes."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=[*verification.CHECKS, "bundle", "all"])
        parser.add_argument("folder", nargs="?", type=pathlib.Path, help="the bundle")
        parser.add_argument("--earlier", type=pathlib.Path, metavar="OLD", help="an older bundle, or a checkpoint")
        parser.add_argument("--documents", type=pathlib.Path, metavar="DIR", help="your own copies of the documents")
        parser.add_argument("--key", type=pathlib.Path, metavar="PEM", help="the public key, from where you trust it")
        parser.add_argument("--json", action="store_true", help="findings as JSON Lines")

    def handle(self, what, folder, **options):
        asked = {name: options[name] for name in OF_BUNDLE if options[name]}
        if (what == "bundle") != (folder is not None):
            raise CommandError("verify bundle needs the bundle's folder, and it alone does.")
        if asked and what != "bundle":
            raise CommandError(f"--{min(asked)} is for `verify bundle` alone.")
        told = (lambda outcome: None) if options["json"] else (lambda outcome: self.stdout.write(str(outcome)))
        if what == "bundle":
            report = verify.check(folder, progress=told, write=bags.line, **asked)
            found, code = [Finding(*each) for each in report.findings], report.exit_code
        else:
            with fixtures.snapshot():
                found = sorted(self._checks(what, options["json"]))
            code = int(bool(found))
        for finding in found:
            self.stdout.write(json.dumps(vars(finding), ensure_ascii=False) if options["json"] else str(finding))
        if not options["json"]:
            self.stdout.write(f"{what}: {len(found)} findings.")
        if code:
            sys.exit(code)

    def _checks(self, what, quiet):
        for name in verification.CHECKS if what == "all" else [what]:
            if name == "quotes":
                with self._counted(models.Quote.objects.count(), quiet) as step:
                    yield from verification.quotes_(step=step)
            else:
                yield from verification.CHECKS[name]()

    @contextlib.contextmanager
    def _counted(self, total: int, quiet: bool) -> Iterator[Callable[[], None]]:
        """Shows how many quotes are done, beside what is found: a bar on a terminal, else a line at each tenth."""
        console, done = Console(stderr=True), itertools.count(1)

        def line():
            number = next(done)
            if not quiet and number * 10 // total > (number - 1) * 10 // total:
                self.stderr.write(f"quotes: {number} of {total}")

        if not console.is_terminal:
            yield line
            return
        with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console, transient=True) as bar:
            task = bar.add_task("quotes", total=total)
            yield lambda: bar.advance(task)
