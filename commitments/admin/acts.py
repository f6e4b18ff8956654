"""One act around every change from the admin, and what the database says when it refuses one."""

import contextlib
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import text
from commitments.actions import Refused
from commitments.ledger import Door, NotInAct, act

from .sentences import said

NO_REASON = gettext_lazy("Nothing was changed: give the reason, too.")
REASONS = 8  # how many of a person's last reasons are offered again
REFUSALS = (IntegrityError, ProgrammingError, ValidationError, NotInAct, Refused)
GUARDED = "42501"  # insufficient_privilege: the SQLSTATE of the ledger's guards

# Where a constraint's message belongs: beside the field that most likely holds the slip.
FIELDS = {
    "user_pseudonym": "pseudonym",
    "party_iso3166": "iso3166",
    "alias_once": "name",
    "member_once": "member",
    "member_of_another": "member",
    "document_sha256": "sha256",
    "document_characters": "characters",
    "document_published": "published_edtf",
    "document_published_words": "published_words",
    "document_publisher_known": "publisher",
    "document_headline_known": "headline",
    "document_address_known": "address",
    "document_published_known": "published_edtf",
    "text_is_hashed": "text",
    "quote_span": "exact",
    "quote_speaker": "speaker",
    "statement_issued": "issued_edtf",
    "statement_issued_words": "issued_words",
    "statement_issued_known": "issued_edtf",
    "statement_round_of_process": "round",
    "issuer_once": "party",
    "role_once": "role",
    "topic_once": "topic",
    "deadline_within_edtf": "edtf",
    "deadline_undated_kinds": "edtf",
    "deadline_words": "words",
    "deadline_change": "change",
    "relation_one_target": "target",
    "relation_to_another": "target",
    "relation_once": "target",
    "assessment_effective": "effective_edtf",
    "search_once": "document",
    "divergence_once": "other",
    "divergence_of_two": "other",
    "citation_one_target": "quote",
    "citation_part_fits": "part",
    "citation_stance": "stance",
    "citation_once": "quote",
}


class Refusal(NamedTuple):
    """Why a change was refused, in words for the page, and the form field that they belong to, if one."""

    message: str
    field: str | None = None


def acting(request: HttpRequest) -> contextlib.AbstractContextManager:
    """An act by whoever is logged in, for the reason that the form gives; without one, nothing can be written."""
    if not reasoned(request):
        return contextlib.nullcontext()
    return act(actor=request.user.pseudonym, reason=given_reason(request), door=Door.ADMIN)


def reasoned(request: HttpRequest) -> bool:
    """Tell whether a form gives a reason that can be kept; what is wrong with another, the form says."""
    try:
        return bool(given_reason(request))
    except Refused:
        return False


def given_reason(request: HttpRequest) -> str:
    """The reason that a form gives, "" for none; Refused if it holds what no record may hold."""
    reason = request.POST.get("reason", "").strip() if request.method == "POST" else ""
    try:
        text.refuse(reason, field=_("reason"))
    except ValueError as error:
        raise Refused(str(error)) from error
    return reason


def remember(request: HttpRequest) -> None:
    """Keeps the reason that was just given among those that the session offers again."""
    if reason := given_reason(request):
        given = [other for other in request.session.get("reasons", []) if other != reason]
        request.session["reasons"] = [reason, *given][:REASONS]


def refusal(error: Exception) -> Refusal:
    """Reads a refusal for people; raises the error again if it is no rule's but a fault."""
    if isinstance(error, ValidationError):
        return Refusal(" ".join(map(said, error.messages)), next(iter(getattr(error, "error_dict", {})), None))
    if isinstance(error, NotInAct | Refused):
        return Refusal(said(str(error)))
    told = error.__cause__.diag
    if isinstance(error, ProgrammingError):
        if told.sqlstate != GUARDED:
            raise error
        return Refusal(_("Nothing was changed: a change needs a reason. (%s)") % said(told.message_primary))
    for model in apps.get_app_config("commitments").get_models():
        for constraint in model._meta.constraints:
            if constraint.name == told.constraint_name:
                return Refusal(constraint.get_violation_error_message(), FIELDS.get(constraint.name))
    return Refusal(_("The record's rules refuse this: %s.") % said(told.message_primary))
