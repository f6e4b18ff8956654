"""Approvals while others write: nothing that nobody saw becomes public, or is called so."""

import threading

import pytest
from django.db import connections

from commitments import actions, models
from commitments.ledger import act


@pytest.mark.parametrize("part", [False, True], ids=["itself", "a part of it"])
def test_what_somebody_else_changes_while_it_is_approved_is_not_approved_unseen(published_database, monkeypatch, part):
    def change(name):
        with act(actor="author", reason="write"):
            if part:
                models.PartyAlias.objects.create(party_id="north", name=name, language="en")
            else:
                models.Party.objects.filter(pk="north").update(name={"en": name})
        connections.close_all()

    def aside(name):
        thread = threading.Thread(target=change, args=(name,))
        thread.start()
        thread.join()

    aside("First")
    shelve = actions._shelve
    monkeypatch.setattr(actions, "_shelve", lambda *args, **told: (aside("Unseen"), shelve(*args, **told))[1])
    before = models.Publication.objects.count()
    with pytest.raises(
        actions.Refused, match="^north was changed by somebody else at this very moment; look at it once more"
    ):
        actions.publish([models.Party.objects.get(pk="north")], by="approver", reason="checked")
    assert (models.Party.objects.get(pk="north").state, models.Publication.objects.count()) == ("in_review", before)
    monkeypatch.undo()
    actions.publish([models.Party.objects.get(pk="north")], by="approver", reason="checked")
    assert "Unseen" in models.Publication.objects.known_at(None).get(kind="party", record="north").body
