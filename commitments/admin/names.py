"""What the pages call the records, columns, groups and doors that are named by their code alone: in the reader's language."""

from django.apps import apps
from django.db import models as orm
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RECORDS = {  # one, and several
    "assessment": (_("assessment"), _("assessments")),
    "checkpoint": (_("checkpoint"), _("checkpoints")),
    "citation": (_("citation"), _("citations")),
    "commitment": (_("commitment"), _("commitments")),
    "commitmentindex": (_("commitment index"), _("commitment indexes")),
    "commitmenttopic": (_("commitment topic"), _("commitment topics")),
    "deadline": (_("deadline"), _("deadlines")),
    "document": (_("document"), _("documents")),
    "documenttext": (_("document text"), _("document texts")),
    "entry": (_("entry"), _("entries")),
    "grouppermission": (_("group permission"), _("group permissions")),
    "party": (_("party"), _("parties")),
    "partymember": (_("party member"), _("party members")),
    "process": (_("process"), _("processes")),
    "publication": (_("publication"), _("publications")),
    "quote": (_("quote"), _("quotes")),
    "quotecheck": (_("quote check"), _("quote checks")),
    "recordedgroup": (_("recorded group"), _("recorded groups")),
    "relation": (_("relation"), _("relations")),
    "release": (_("release"), _("releases")),
    "signingkey": (_("signing key"), _("signing keys")),
    "standing": (_("standing"), _("standings")),
    "statement": (_("statement"), _("statements")),
    "statementissuer": (_("statement issuer"), _("statement issuers")),
    "topic": (_("topic"), _("topics")),
    "user_groups": (_("user group"), _("user groups")),
    "user_user_permissions": (_("user permission"), _("user permissions")),
    "usergroup": (_("user group"), _("user groups")),
    "userpermission": (_("user permission"), _("user permissions")),
    "withholding": (_("withholding"), _("withholdings")),
}
COLUMNS = {
    "act": _("act"),
    "actor": _("actor"),
    "at": _("at"),
    "body": _("body"),
    "canonical": _("canonical"),
    "chain": _("chain"),
    "checked_at": _("checked at"),
    "code": _("code"),
    "commitment": _("commitment"),
    "contested": _("contested"),
    "detail": _("detail"),
    "digest": _("digest"),
    "documents": _("documents"),
    "door": _("door"),
    "due_earliest": _("due earliest"),
    "due_by": _("due by"),
    "due_latest": _("due latest"),
    "effective_earliest": _("effective earliest"),
    "effective_latest": _("effective latest"),
    "emergency": _("emergency"),
    "end": _("end"),
    "first": _("first"),
    "first_day": _("first day"),
    "folding": _("folding"),
    "from_seq": _("from entry"),
    "group": _("group"),
    "id": _("ID"),
    "issued_earliest": _("issued earliest"),
    "issued_latest": _("issued latest"),
    "kind": _("kind"),
    "last_day": _("last day"),
    "lead": _("first row of its party"),
    "leaf": _("leaf"),
    "level": _("level"),
    "named": _("named"),
    "note": _("note"),
    "number": _("number"),
    "parties": _("parties"),
    "party": _("party"),
    "permission": _("permission"),
    "process": _("process"),
    "publication": _("publication"),
    "publication_class": _("publication class"),
    "published_earliest": _("published earliest"),
    "published_latest": _("published latest"),
    "reason": _("reason"),
    "record": _("record"),
    "ref": _("reference"),
    "reference": _("reference"),
    "role": _("role"),
    "schedule": _("schedule"),
    "schema": _("form of the entry"),
    "second_hand": _("second hand"),
    "stands": _("stands as"),
    "seq": _("entry number"),
    "sha256": _("SHA-256"),
    "size": _("size"),
    "start": _("start"),
    "statement": _("statement"),
    "status": _("status"),
    "table": _("kind of record"),
    "tombstone": _("tombstone"),
    "topics": _("topics"),
    "until": _("until"),
    "whole": _("status of the whole"),
    "until_seq": _("until entry"),
    "user": _("user"),
    "vector": _("vector"),
    "version": _("version"),
    "confirmed": _("confirmed"),
    "created_at": _("created at"),
    "device": _("device"),
    "digits": _("digits"),
    "drift": _("drift"),
    "key": _("key"),
    "last_t": _("last step used"),
    "last_used_at": _("last used at"),
    "name": _("name"),
    "step": _("seconds a code"),
    "t0": _("counts from"),
    "throttling_failure_count": _("wrong codes"),
    "throttling_failure_timestamp": _("last wrong code"),
    "token": _("token"),
    "tolerance": _("tolerance"),
}
DOORS = {"admin": _("admin"), "command": _("command"), "sql": _("SQL")}
GROUPS = {
    "curator": _("curator"),
    "reviewer": _("reviewer"),
    "emergency publisher": _("emergency publisher"),
    "auditor": _("auditor"),
    "administrator": _("administrator"),
}


def model_of(table: str) -> type[orm.Model] | None:
    """The model whose rows a table holds."""
    return next((model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table), None)


def kind(table: str) -> str:
    """What a row of a table is called."""
    model = model_of(table)
    return str(model._meta.verbose_name) if model else table


def give() -> None:
    """Names the models and columns that models.py leaves to Django, whose names are English; no migration knows of it."""
    for model in apps.get_app_config("commitments").get_models(include_auto_created=True):
        if called := RECORDS.get(model._meta.model_name):
            model._meta.verbose_name, model._meta.verbose_name_plural = called
        for field in model._meta.concrete_fields if model._meta.proxy else model._meta.local_concrete_fields:
            if not isinstance(field.verbose_name, Promise):
                field.verbose_name = COLUMNS[field.name]
