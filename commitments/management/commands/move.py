"""Moves records along the table of transitions, in the name of an account or of a command."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from commitments import actions
from commitments.management.told import told

ACTIONS = {
    "submit": actions.submit,
    "send_back": actions.send_back,
    "publish": actions.publish,
    "publish_at_once": lambda records, **told: actions.publish(records, emergency=True, **told),
    "retract": lambda records, **told: [actions.retract(record, **told) for record in records],
}


class Command(BaseCommand):
    help = "Does one action of the table of transitions to records; TRACKER_ACTOR and TRACKER_REASON say who and why."

    def add_arguments(self, parser):
        parser.add_argument("action", choices=ACTIONS)
        parser.add_argument("records", nargs="+", metavar="KIND.REF", help="such as party.north")

    def handle(self, action, records, **options):
        found = []
        for each in records:
            kind, _dot, ref = each.partition(".")
            model = actions.KINDS.get(kind)
            if not hasattr(model, "state") or not (record := model.objects.filter(pk=ref).first()):
                kinds = ", ".join(name for name, model in actions.KINDS.items() if hasattr(model, "state"))
                raise CommandError(f"{each} is no record. Name it as KIND.REF; the kinds are {kinds}.")
            found.append(record)
        try:
            ACTIONS[action](found, **told("move", action, *records))
        except (actions.Refused, IntegrityError) as error:
            raise CommandError(str(error).partition("\n")[0]) from error
        self.stdout.write(f"{action}: {', '.join(record.ref for record in found)}")
