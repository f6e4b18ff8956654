"""Takes somebody's second factor away, for the day on which nobody who keeps the accounts can log in."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from commitments import actions, factors
from commitments.management.told import told


class Command(BaseCommand):
    help = "Takes an account's second factor away and ends its sessions; its next log-in enrols another."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, username, **options):
        users = get_user_model().objects
        if not (user := users.filter(username=username).first()):
            raise CommandError(f"No account is called {username}.")
        try:
            factors.take_away(user, **told("reset_factor", username))
        except actions.Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The second factor of {username} is gone, and so are their sessions.")
