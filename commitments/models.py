"""The desk's records, the shelf's Publications, and the QuerySets above them."""

import datetime
import secrets
import sys

import orjson
import pgtrigger
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import dates, search, text, transitions
from .checkpoints import Checkpoint, Release, SigningKey
from .fields import (
    CodeField,
    GapsField,
    LanguageMapField,
    ReadyJSONField,
    ReferenceField,
    Shared,
    VectorField,
    vocabulary,
)
from .ledger import Announce, Entry, Refuse, recorded
from .rules import (
    BorneOut,
    Enter,
    FillSearch,
    Follow,
    KeepAccount,
    KeepFactor,
    KeepOwn,
    KeepRecord,
    KeepStanding,
    KeepWithQuote,
    OfVersion,
    Reopen,
    ReopenCiting,
    SameSubject,
    ShelfRules,
    SpanSearch,
    check,
)

StatementKind = vocabulary("statement_kind")
PartyKind = vocabulary("party_kind")
DocumentKind = vocabulary("document_kind")
Voice = vocabulary("voice")
CitationPart = vocabulary("part")
Stance = vocabulary("stance")
Role = vocabulary("role")
Strength = vocabulary("strength")
DeadlineSense = vocabulary("deadline_sense")
DeadlineKind = vocabulary("deadline_kind")
RelationKind = vocabulary("relation_kind")
RelationScope = vocabulary("relation_scope")
Status = vocabulary("status")
ReasonCode = vocabulary("reason_code")
Schedule = vocabulary("schedule")
State = vocabulary("editorial_state")
Level = vocabulary("level")
PublicationClass = vocabulary("publication_class")

BEGINNING, END = datetime.date.min, datetime.date.max  # before and after every day that a record can hold
NEEDS_EVIDENCE = (Status.FULFILLED, Status.PARTLY_FULFILLED, Status.NOT_FULFILLED, Status.CONTRARY_ACTION)


class Written(models.Model):
    """What people write: no text of it may hold a character that `text.refuse` names."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude)
        errors = {}
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str) and field.name not in (exclude or ()):
                try:
                    self._refuse(field.name, value)
                except text.Hostile as error:
                    errors[field.name] = str(error)
        if errors:
            raise ValidationError(errors)

    def _refuse(self, field: str, value: str) -> None:
        try:
            text.refuse(value, field=field)
        except text.Hostile:  # only now the source is asked
            text.refuse(value, field=field, bidi_overrides=self.proves(field, value))

    def proves(self, field: str, value: str) -> bool:
        """Whether a source is known to have these very characters, bidi overrides and all."""
        return False


class User(AbstractUser, Written):
    """Somebody who may log in. The public knows a curator by `pseudonym` alone; it never changes."""

    last_login = None  # a log-in is no change of the record
    pseudonym = models.CharField(_("pseudonym"), max_length=60, unique=True, blank=True, db_collation="C")

    class Meta(AbstractUser.Meta):
        triggers = [
            *recorded("id", hidden=("password", "email", "first_name", "last_name")),
            KeepAccount(),
            Refuse(
                name="keep_pseudonym",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("pseudonym"),
            ),
        ]
        constraints = (models.CheckConstraint(condition=~Q(pseudonym=""), name="user_pseudonym"),)

    def __str__(self) -> str:
        return self.username

    def save(self, *args, **kwargs):
        self.pseudonym = self.pseudonym or f"person-{secrets.token_hex(4)}"
        super().save(*args, **kwargs)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The groups whose rights it has: of those that `transitions` names all for a superuser, none once it is inactive."""
        if not self.is_active:
            return frozenset()
        return frozenset(transitions.GROUPS if self.is_superuser else self.groups.values_list("name", flat=True))


class UserGroup(User.groups.through):
    """Who is in which group, as the ledger records it."""

    class Meta:
        proxy = True
        triggers = [*recorded("id"), KeepAccount()]


class UserPermission(User.user_permissions.through):
    """Who holds which permission, as the ledger records it."""

    class Meta:
        proxy = True
        triggers = [*recorded("id"), KeepAccount()]


class RecordedGroup(Group):
    """A group, as the ledger records it."""

    class Meta:
        proxy = True
        triggers = [*recorded("id"), KeepAccount()]


class GroupPermission(Group.permissions.through):
    """Which group holds which permission, as the ledger records it."""

    class Meta:
        proxy = True
        triggers = [*recorded("id"), KeepAccount()]


# What each log-in changes is no change of the record.
COUNTS = ("throttling_failure_count", "throttling_failure_timestamp", "last_used_at")


class Factor(TOTPDevice):
    """Somebody's second factor: an app that shows a code for each half minute, made from a key and the time.

    The key that the app has is made from the stored one with the server's secret: neither, alone, makes a code.
    """

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("second factor"), _("second factors")
        triggers = [*recorded("id", hidden=("key",), derived=("last_t", "drift", *COUNTS)), KeepFactor()]

    @property
    def bin_key(self) -> bytes:
        return salted_hmac("second factor", self.key).digest()


class RecoveryCodes(StaticDevice):
    """Somebody's codes for the day on which the phone is lost."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("recovery codes"), _("recovery codes")
        triggers = [*recorded("id", derived=COUNTS), KeepFactor()]

    def verify_token(self, token: str) -> bool:
        return super().verify_token(RecoveryCode.hidden(token))


class RecoveryCode(StaticToken):
    """One of these codes, as a hash that takes the server's secret to make; it is gone once it was used."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("recovery code"), _("recovery codes")
        triggers = [*recorded("id", hidden=("token",)), KeepFactor()]

    @staticmethod
    def hidden(code: str) -> str:
        """What is stored of a code."""
        return salted_hmac("recovery code", code, algorithm="sha256").hexdigest()[:16]


class Record(Written):
    """What is approved as one thing: it has an editorial state, and a private note that nobody outside the desk reads."""

    ref = ReferenceField()
    state = CodeField(State, default=State.DRAFT, editable=False, verbose_name=_("state"))
    note = models.TextField(_("private note"), blank=True)

    class Meta:
        abstract = True
        ordering = ("ref",)

    def __str__(self) -> str:
        return self.ref or ""  # a deleted record has none left

    def save(self, *args, **kwargs):
        if not self._state.adding and kwargs.get("update_fields") is None:  # the state moves by actions alone
            kwargs["update_fields"] = [
                field.name for field in self._meta.concrete_fields if field.name not in ("ref", "state")
            ]
        super().save(*args, **kwargs)

    @classmethod
    def kind(cls) -> str:
        """The record's kind, as Publications name it."""
        return cls._meta.model_name


class Numbered(Written):
    """What gets its reference from its parent's and a number: `<parent>.<kind>-<n>`, never given twice."""

    PARENTS: tuple[str, ...]  # the foreign keys of which the one that is set names the parent
    SUFFIX: str

    class Meta:
        abstract = True
        ordering = ("ref",)

    def __str__(self) -> str:
        return self.ref or ""

    def save(self, *args, **kwargs):
        self.ref = self.ref or self.next_reference()
        super().save(*args, **kwargs)

    @property
    def parent(self) -> str:
        """The parent's reference; ValidationError if none is set."""
        for name in self.PARENTS:
            if value := getattr(self, f"{name}_id"):
                return value
        raise ValidationError({self.PARENTS[0]: _("Say what this belongs to.")})

    def next_reference(self) -> str:
        """The parent's next free reference: one above every number in the table or ever in the ledger."""
        stem = f"{self.parent}.{self.SUFFIX}-"
        rows = type(self).objects.filter(ref__startswith=stem).values_list("ref", flat=True)
        past = ever(type(self), Q(reference__startswith=stem))
        numbers = (int(ref.removeprefix(stem)) for ref in (*rows, *past) if ref.removeprefix(stem).isdigit())
        return f"{stem}{max(numbers, default=0) + 1}"


def imprecise(prefix: str, label: str) -> type[models.Model]:
    """A date as far as a source says it: its words, its EDTF form (ISO 8601-2), its earliest and latest day.

    The two days follow from the EDTF form and are filled in at save; the database refuses any others.
    """

    def save(self, *args, **kwargs):
        setattr_days(self, prefix)
        super(base, self).save(*args, **kwargs)

    members = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"abstract": True}),
        f"{prefix}_words": models.CharField(format_lazy("{}: {}", label, _("words")), max_length=300, blank=True),
        f"{prefix}_edtf": models.CharField(format_lazy("{}: {}", label, _("EDTF")), max_length=60, blank=True),
        f"{prefix}_earliest": models.DateField(null=True, blank=True, editable=False),
        f"{prefix}_latest": models.DateField(null=True, blank=True, editable=False),
        "save": save,
    }
    base = type(f"{prefix.title()}Date", (models.Model,), members)
    return base


def days_of(record: models.Model, field: str) -> dates.Days:
    """The earliest and latest day of a record's EDTF field; ValidationError naming the field if it has none."""
    try:
        return dates.bounds(getattr(record, field))
    except ValueError as error:
        raise ValidationError({field: str(error)}) from error


def setattr_days(record: models.Model, prefix: str) -> None:
    """Fills a date's earliest and latest day from its EDTF form."""
    earliest, latest = days_of(record, f"{prefix}_edtf")
    setattr(record, f"{prefix}_earliest", earliest)
    setattr(record, f"{prefix}_latest", latest)


def dated(prefix: str, name: str) -> models.CheckConstraint:
    """A date's earliest and latest day are those of its EDTF form, neither finer nor wider."""
    message = _("The earliest and latest day must be those of the EDTF form.")
    return check("edtf_agrees", (f"{prefix}_edtf", f"{prefix}_earliest", f"{prefix}_latest"), name, message)


def worded(prefix: str, name: str) -> models.CheckConstraint:
    """A date carries the words that it was read from."""
    message = _("Give the words that say this date.")
    condition = Q(**{f"{prefix}_edtf": ""}) | ~Q(**{f"{prefix}_words": ""})
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=message)


def known(field: str, name: str, column: str = "") -> models.CheckConstraint:
    """A field is filled, or `gaps` says why it is unknown: never both, never neither."""
    message = _("Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.")
    return check("known_or_gap", (column or field, "gaps"), name, message, texts=(field,))


class Process(Record):
    """A series of talks; its Statements are its rounds."""

    name = LanguageMapField(verbose_name=_("name"))
    description = LanguageMapField(verbose_name=_("description"), blank=True)

    class Meta(Record.Meta):
        verbose_name_plural = _("processes")
        triggers = [*recorded(), KeepRecord("process"), BorneOut("process")]


class Topic(Record):
    """What a Commitment is about; the list is the codebook's."""

    name = LanguageMapField(verbose_name=_("name"))
    definition = LanguageMapField(verbose_name=_("definition"), blank=True)

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("topic"), BorneOut("topic")]


class Party(Record):
    """Who owes, gains, signs or speaks. `iso3166` is the country's code (ISO 3166-1 alpha-2, or -2 for a part), where one exists."""

    party_kind = CodeField(PartyKind, verbose_name=_("kind"))
    name = LanguageMapField(verbose_name=_("name"))
    iso3166 = models.CharField(_("ISO 3166 code"), max_length=6, blank=True)

    class Meta(Record.Meta):
        verbose_name_plural = _("parties")
        triggers = [*recorded(), KeepRecord("party"), BorneOut("party")]
        constraints = (
            models.CheckConstraint(
                condition=Q(iso3166="") | Q(iso3166__regex=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"),
                name="party_iso3166",
                violation_error_message=_("An ISO 3166 code looks like IQ or IQ-AR."),
            ),
        )


class PartyAlias(Numbered):
    """Another name of a Party, as found in texts."""

    PARENTS, SUFFIX = ("party",), "alias"
    ref = ReferenceField(blank=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="aliases", verbose_name=_("party"), db_index=False)
    name = models.CharField(_("name"), max_length=300)
    language = models.CharField(_("language"), max_length=20)

    class Meta(Numbered.Meta):
        verbose_name, verbose_name_plural = _("alias"), _("aliases")
        triggers = [*recorded(), KeepRecord(), Reopen("party")]
        constraints = (models.UniqueConstraint(fields=("party", "name", "language"), name="alias_once"),)


class PartyMember(Numbered):
    """A Party that belongs to another: a ministry to its state, a state to a coalition."""

    PARENTS, SUFFIX = ("party",), "member"
    ref = ReferenceField(blank=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="members", verbose_name=_("party"), db_index=False)
    member = models.ForeignKey(Party, models.PROTECT, related_name="memberships", verbose_name=_("member"))

    class Meta(Numbered.Meta):
        triggers = [*recorded(), KeepRecord(), Reopen("party")]
        constraints = (
            models.UniqueConstraint(fields=("party", "member"), name="member_once"),
            models.CheckConstraint(condition=~Q(party=F("member")), name="member_of_another"),
        )


class Document(imprecise("published", _("published")), Record):
    """One published copy of a text. `length` counts its bytes, `characters` its Unicode code points; the text itself is private."""

    document_kind = CodeField(DocumentKind, verbose_name=_("kind"))
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    headline = models.CharField(_("headline"), max_length=500, blank=True)
    address = models.URLField(_("address"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=20)
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    length = models.PositiveIntegerField(_("length in bytes"))
    characters = models.PositiveIntegerField(_("length in characters"))
    gaps = GapsField()

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("document"), BorneOut("document")]
        constraints = (
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="document_sha256"),
            models.CheckConstraint(condition=Q(characters__lte=F("length")), name="document_characters"),
            dated("published", "document_published"),
            worded("published", "document_published_words"),
            known("publisher", "document_publisher_known"),
            known("headline", "document_headline_known"),
            known("address", "document_address_known"),
            known("published", "document_published_known", "published_edtf"),
        )

    def clean(self):
        refuse_finer(self, "published")


class DocumentText(models.Model):
    """A Document's exact text: private working material. It never leaves the desk; the ledger knows it by its hash."""

    document = models.OneToOneField(
        Document, models.PROTECT, primary_key=True, related_name="attached", verbose_name=_("document")
    )
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    length = models.PositiveIntegerField(_("length in bytes"))
    characters = models.PositiveIntegerField(_("length in characters"))

    class Meta:
        triggers = recorded("document_id", hidden=("text",))
        constraints = (
            check(
                "same_text",
                ("text", "sha256", "length", "characters"),
                "text_is_hashed",
                _("The text isn't the one with this SHA-256."),
            ),
        )

    def __str__(self) -> str:
        return self.document_id or ""


class QuoteQuerySet(models.QuerySet):
    def checked(self):
        """Each Quote with `level`: its last check's, or `unchecked` where the quote or the document's text is another since.

        Where a quote says that it stands decides between `exact` and `moved`, and nothing about words that aren't there.
        `last_sha256` names the text that it was last held against.
        """
        last = QuoteCheck.objects.filter(quote=models.OuterRef("pk")).order_by("-number")
        there = Q(start=models.OuterRef("start"))
        holds = last.filter(
            ~Q(level__in=(Level.EXACT, Level.MOVED)) | (there & Q(level=Level.EXACT)) | (~there & Q(level=Level.MOVED)),
            sha256=models.OuterRef("document__sha256"),
            digest=models.Func(
                models.OuterRef("exact"), template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
            ),
        )
        number = models.Subquery(last.values("number")[:1])
        return self.annotate(
            last_number=number,
            last_sha256=models.Subquery(last.values("sha256")[:1]),
            level=models.functions.Coalesce(
                models.Subquery(holds.filter(number=models.OuterRef("last_number")).values("level")[:1]),
                models.Value(Level.UNCHECKED.value),
            ),
        )


class Quote(Numbered):
    """A verbatim passage of one Document. `start` and `end` count Unicode code points from 0; `exact` is `text[start:end]`."""

    PARENTS, SUFFIX = ("document",), "quote"
    ref = ReferenceField(blank=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="quotes", verbose_name=_("document"))
    exact = models.TextField(_("exact words"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    prefix = models.TextField(_("text before"), blank=True)
    suffix = models.TextField(_("text after"), blank=True)
    language = models.CharField(_("language"), max_length=20)
    translation = LanguageMapField(verbose_name=_("translation"), blank=True)
    voice = CodeField(Voice, verbose_name=_("voice"))
    speaker = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="quotes", verbose_name=_("speaker")
    )
    waiver = models.TextField(
        _("waiver"), blank=True, help_text=_("A reviewer's reason for publishing it although it isn't exact. Public.")
    )

    LONGEST = 5_000  # characters: a quote is a passage, and is read for deadlines and likeness word by word
    exact_by_check = False  # whether a check that comes with it, in a seed, found it exact

    objects = QuoteQuerySet.as_manager()

    class Meta(Numbered.Meta):
        triggers = [*recorded(), KeepRecord("quote", stateless=True), ReopenCiting()]
        constraints = (
            models.CheckConstraint(
                condition=Q(end=F("start") + models.functions.Length("exact")) & ~Q(exact=""),
                name="quote_span",
                violation_error_message=_("The end must be the start plus the number of characters quoted."),
            ),
            models.CheckConstraint(
                condition=~Q(voice__in=[Voice.SPEAKER_QUOTED, Voice.SPEAKER_REPORTED]) | Q(speaker__isnull=False),
                name="quote_speaker",
                violation_error_message=_("Say who speaks."),
            ),
        )

    def clean(self):
        self.refuse_longer(len(self.exact))

    @classmethod
    def refuse_longer(cls, characters: int) -> None:
        """ValidationError, with the way out, for more than LONGEST."""
        if characters > cls.LONGEST:
            told = {"n": characters, "most": cls.LONGEST}
            raise ValidationError(
                _("A quote has at most %(most)d characters, and this one %(n)d: choose a shorter passage, or several."),
                params=told,
            )

    def proves(self, field: str, value: str) -> bool:
        """The document's text has it, if that is attached; else the last check found the quote exact."""
        if field not in ("exact", "prefix", "suffix"):
            return False
        if attached := self.document_id and getattr(self.document, "attached", None):
            return value in attached.text
        proven = Quote.objects.checked().filter(pk=self.pk, exact=self.exact, level=Level.EXACT)
        return self.exact_by_check or proven.exists()

    @property
    def dir(self) -> str:
        """The direction of its script: rtl or ltr."""
        return text.direction(self.language)


class QuoteCheck(Numbered):
    """What was found when a Quote was held against its Document's text; a new one only where the result differs.

    Append-only: it goes only with its Quote, while that was never public.
    """

    PARENTS, SUFFIX = ("quote",), "check"
    ref = ReferenceField(blank=True)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="checks", verbose_name=_("quote"), db_index=False)
    number = models.PositiveIntegerField()
    level = CodeField(Level)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the quote's exact words."))
    folding = models.CharField(max_length=20)
    checked_at = models.DateTimeField()

    class Meta(Numbered.Meta):
        triggers = [*recorded(), Refuse(name="keep_check", operation=pgtrigger.Update), KeepWithQuote()]
        constraints = (models.UniqueConstraint(fields=("quote", "number"), name="check_number_once"),)

    def save(self, *args, **kwargs):
        if not self.ref:
            self.ref = self.next_reference()
            self.number = int(self.ref.rpartition("-")[2])
        super().save(*args, **kwargs)


class Statement(imprecise("issued", _("issued")), Record):
    """What parties issued together, or one party or spokesman announced. `issued_quote` is the passage that dates it."""

    statement_kind = CodeField(StatementKind, verbose_name=_("kind"))
    title = LanguageMapField(verbose_name=_("title"))
    place = LanguageMapField(verbose_name=_("place"), blank=True)
    process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="statements", verbose_name=_("process")
    )
    round = models.PositiveSmallIntegerField(_("round"), null=True, blank=True)
    issued_quote = models.ForeignKey(
        Quote, models.PROTECT, null=True, blank=True, related_name="dated_statements", verbose_name=_("issued: quote")
    )
    gaps = GapsField()

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("statement"), BorneOut("statement")]
        constraints = (
            dated("issued", "statement_issued"),
            worded("issued", "statement_issued_words"),
            known("issued", "statement_issued_known", "issued_edtf"),
            models.CheckConstraint(
                condition=Q(round__isnull=True) | Q(process__isnull=False),
                name="statement_round_of_process",
                violation_error_message=_("A round belongs to a process."),
            ),
        )

    def clean(self):
        refuse_finer(self, "issued", self.issued_quote.document.published_edtf if self.issued_quote else None)


class StatementIssuer(Numbered):
    """A Party that issued a Statement."""

    PARENTS, SUFFIX = ("statement",), "issuer"
    ref = ReferenceField(blank=True)
    statement = models.ForeignKey(
        Statement, models.PROTECT, related_name="issuers", verbose_name=_("statement"), db_index=False
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="issued", verbose_name=_("party"))

    class Meta(Numbered.Meta):
        triggers = [*recorded(), KeepRecord(), Reopen("statement")]
        constraints = (models.UniqueConstraint(fields=("statement", "party"), name="issuer_once"),)


class Commitment(Record):
    """One undertaking, made in one Statement. Said again in another Statement it is another Commitment, linked.

    `fulfilled_if` and `not_fulfilled_if` are the test of success, written before anyone judges.
    """

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="commitments", verbose_name=_("statement"))
    title = LanguageMapField(verbose_name=_("title"))
    strength = CodeField(Strength, verbose_name=_("strength"))
    condition = LanguageMapField(verbose_name=_("condition"), blank=True)
    fulfilled_if = LanguageMapField(verbose_name=_("counts as fulfilled if"))
    not_fulfilled_if = LanguageMapField(verbose_name=_("counts as not fulfilled if"))

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("commitment"), BorneOut("commitment")]


class CommitmentParty(Numbered):
    """The role of a Party in a Commitment."""

    PARENTS, SUFFIX = ("commitment",), "party"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="parties", verbose_name=_("commitment"), db_index=False
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="roles", verbose_name=_("party"))
    role = CodeField(Role, verbose_name=_("role"))

    class Meta(Numbered.Meta):
        verbose_name, verbose_name_plural = _("party with a role"), _("parties with roles")
        triggers = [*recorded(), KeepRecord(), Reopen("commitment")]
        constraints = (models.UniqueConstraint(fields=("commitment", "party", "role"), name="role_once"),)


class CommitmentTopic(Numbered):
    """What a Commitment is about."""

    PARENTS, SUFFIX = ("commitment",), "topic"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="topics", verbose_name=_("commitment"), db_index=False
    )
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="commitments", verbose_name=_("topic"))

    class Meta(Numbered.Meta):
        triggers = [*recorded(), KeepRecord(), Reopen("commitment")]
        constraints = (models.UniqueConstraint(fields=("commitment", "topic"), name="topic_once"),)


class Deadline(Numbered, Record):
    """When a Commitment is due, or in effect: the words, and the days as far as they go. Append-only once it was public.

    `earliest` and `latest` lie within the EDTF form's days ("by 1 March 2031": latest 2031-03-01, earliest unknown).
    """

    PARENTS, SUFFIX = ("commitment",), "deadline"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="deadlines", verbose_name=_("commitment"))
    statement = models.ForeignKey(
        Statement, models.PROTECT, related_name="deadlines", verbose_name=_("statement that set it")
    )
    sense = CodeField(DeadlineSense, default=DeadlineSense.DUE, verbose_name=_("sense"))
    deadline_kind = CodeField(DeadlineKind, verbose_name=_("kind"))
    words = models.CharField(_("words"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    edtf = models.CharField(_("EDTF"), max_length=60, blank=True)
    earliest = models.DateField(_("earliest day"), null=True, blank=True)
    latest = models.DateField(_("latest day"), null=True, blank=True)
    anchor_words = models.CharField(_("counts from: words"), max_length=300, blank=True)
    anchor_edtf = models.CharField(_("counts from: EDTF"), max_length=60, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("extends or replaces")
    )
    change = CodeField(("extends", "replaces"), blank=True, verbose_name=_("how"))

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("deadline", append_only=True), BorneOut("deadline")]
        constraints = (
            check(
                "edtf_within",
                ("edtf", "earliest", "latest"),
                "deadline_within_edtf",
                _("The earliest and latest day must lie within the EDTF form."),
            ),
            models.CheckConstraint(
                condition=Q(deadline_kind__in=[DeadlineKind.DATE, DeadlineKind.RELATIVE]) | Q(edtf=""),
                name="deadline_undated_kinds",
                violation_error_message=_("Only a date or a relative deadline has days."),
            ),
            models.CheckConstraint(
                condition=Q(deadline_kind=DeadlineKind.NONE) | ~Q(words=""),
                name="deadline_words",
                violation_error_message=_("Give the words that set this deadline."),
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, change="") | (Q(replaces__isnull=False) & ~Q(change="")),
                name="deadline_change",
                violation_error_message=_("Say which deadline it extends or replaces, and which of the two."),
            ),
        )

    def clean(self):
        days_of(self, "edtf")
        days_of(self, "anchor_edtf")
        if self.edtf and (fault := dates.too_precise(self.edtf, self.words, self.anchor_edtf or None)):
            raise ValidationError({"edtf": fault})
        if self.replaces and self.replaces.commitment_id != self.commitment_id:
            raise ValidationError({"replaces": _("That deadline belongs to another commitment.")})


class Relation(Numbered, Record):
    """A typed link from a Commitment to a Commitment, or to a Statement where the text names only that. It changes no status."""

    PARENTS, SUFFIX = ("commitment",), "relation"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="relations", verbose_name=_("commitment"), db_index=False
    )
    relation_kind = CodeField(RelationKind, verbose_name=_("kind"))
    target = models.ForeignKey(
        Commitment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="related_from",
        verbose_name=_("to the commitment"),
    )
    target_statement = models.ForeignKey(
        Statement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="related_from",
        verbose_name=_("to the statement"),
    )
    scope = CodeField(RelationScope, verbose_name=_("scope"))
    explanation = LanguageMapField(verbose_name=_("explanation"), blank=True)

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("relation"), BorneOut("relation")]
        constraints = (
            models.CheckConstraint(
                condition=Q(target__isnull=True) ^ Q(target_statement__isnull=True),
                name="relation_one_target",
                violation_error_message=_("Link to a commitment or to a statement: one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | ~Q(target=F("commitment")),
                name="relation_to_another",
                violation_error_message=_("A commitment isn't linked to itself."),
            ),
            models.UniqueConstraint(
                fields=("commitment", "relation_kind", "target", "target_statement"),
                nulls_distinct=False,
                name="relation_once",
            ),
        )


class Assessment(imprecise("effective", _("effective")), Numbered, Record):
    """This register's own dated judgement of a Commitment, or of one obligor's role in it. Append-only once it was public."""

    PARENTS, SUFFIX = ("commitment",), "assessment"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="assessments", verbose_name=_("commitment"))
    obligor = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="assessments", verbose_name=_("obligor")
    )
    status = CodeField(Status, verbose_name=_("status"))
    reason_code = CodeField(ReasonCode, verbose_name=_("reason"))
    rationale = LanguageMapField(verbose_name=_("rationale"))
    assessor = models.CharField(_("assessor"), max_length=60)
    codebook_version = models.CharField(_("codebook version"), max_length=20)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=_("corrects")
    )

    class Meta(Record.Meta):
        triggers = [*recorded(), KeepRecord("assessment", append_only=True), BorneOut("assessment"), SameSubject()]
        constraints = (dated("effective", "assessment_effective"),)

    def clean(self):
        setattr_days(self, "effective")
        if self.effective_words:
            refuse_finer(self, "effective")
        roles = CommitmentParty.objects.filter(commitment=self.commitment_id, role=Role.OBLIGOR)
        if self.obligor_id and not roles.filter(party=self.obligor_id).exists():
            raise ValidationError({"obligor": _("%s is no obligor of this commitment.") % self.obligor_id})
        if self.corrects and self.corrects.commitment_id != self.commitment_id:
            raise ValidationError({"corrects": _("That assessment belongs to another commitment.")})
        if self.corrects and self.corrects.obligor_id != self.obligor_id:
            told = _("That assessment judges %s: only a judgement of the same corrects it.")
            raise ValidationError({"corrects": told % (self.corrects.obligor_id or _("the whole"))})


class Divergence(Numbered):
    """The curator's note on how two copies of one passage differ, and what follows from it. Public."""

    PARENTS, SUFFIX = ("commitment",), "divergence"
    ref = ReferenceField(blank=True)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="divergences", verbose_name=_("commitment"), db_index=False
    )
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="+", verbose_name=_("quote"))
    other = models.ForeignKey(Quote, models.PROTECT, related_name="+", verbose_name=_("the other quote"))
    explanation = LanguageMapField(verbose_name=_("explanation"))

    class Meta(Numbered.Meta):
        verbose_name, verbose_name_plural = _("divergence"), _("divergences")
        triggers = [*recorded(), KeepRecord(), Reopen("commitment")]
        constraints = (
            models.UniqueConstraint(fields=("commitment", "quote", "other"), name="divergence_once"),
            models.CheckConstraint(
                condition=~Q(quote=F("other")),
                name="divergence_of_two",
                violation_error_message=_("Name two quotes: a copy doesn't differ from itself."),
            ),
        )

    def clean(self):
        cited = Citation.objects.filter(commitment=self.commitment_id).values_list("quote", flat=True)
        if missing := {self.quote_id, self.other_id}.difference(cited, [None]):
            raise ValidationError(
                _("%s is not cited for this commitment: cite it first, then say how it differs.")
                % ", ".join(sorted(missing))
            )


class AssessmentSearch(Numbered):
    """A Document that was searched for an Assessment."""

    PARENTS, SUFFIX = ("assessment",), "search"
    ref = ReferenceField(blank=True)
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="searched", verbose_name=_("assessment"), db_index=False
    )
    document = models.ForeignKey(Document, models.PROTECT, related_name="searches", verbose_name=_("document"))

    class Meta(Numbered.Meta):
        verbose_name, verbose_name_plural = _("searched document"), _("searched documents")
        triggers = [*recorded(), KeepRecord(), Reopen("assessment")]
        constraints = (models.UniqueConstraint(fields=("assessment", "document"), name="search_once"),)


class Citation(Numbered):
    """Links a Quote to the one Commitment, Deadline or Assessment that it proves, with its part."""

    PARENTS, SUFFIX = ("commitment", "deadline", "assessment"), "citation"
    ref = ReferenceField(blank=True)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="citations", verbose_name=_("quote"), db_index=False)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, null=True, blank=True, related_name="citations", verbose_name=_("commitment")
    )
    deadline = models.ForeignKey(
        Deadline, models.PROTECT, null=True, blank=True, related_name="citations", verbose_name=_("deadline")
    )
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="citations", verbose_name=_("assessment")
    )
    part = CodeField(CitationPart, verbose_name=_("part"))
    stance = CodeField(Stance, blank=True, verbose_name=_("stance"))
    claimant = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="claims", verbose_name=_("who says so")
    )

    class Meta(Numbered.Meta):
        triggers = [*recorded(), KeepRecord(), Reopen("commitment", "deadline", "assessment")]
        constraints = (
            models.CheckConstraint(
                condition=Q(commitment__isnull=False, deadline__isnull=True, assessment__isnull=True)
                | Q(commitment__isnull=True, deadline__isnull=False, assessment__isnull=True)
                | Q(commitment__isnull=True, deadline__isnull=True, assessment__isnull=False),
                name="citation_one_target",
                violation_error_message=_("A citation proves one thing: a commitment, a deadline or an assessment."),
            ),
            models.CheckConstraint(
                condition=Q(part=CitationPart.EVIDENCE, assessment__isnull=False)
                | Q(part=CitationPart.DEADLINE, deadline__isnull=False)
                | Q(
                    part__in=[CitationPart.UNDERTAKING, CitationPart.CHAPEAU, CitationPart.CONDITION],
                    commitment__isnull=False,
                ),
                name="citation_part_fits",
                violation_error_message=_(
                    "Evidence proves an assessment, a deadline's words its deadline, every other part the commitment."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(part=CitationPart.EVIDENCE) & ~Q(stance=""))
                | (~Q(part=CitationPart.EVIDENCE) & Q(stance="", claimant__isnull=True)),
                name="citation_stance",
                violation_error_message=_("Evidence, and evidence alone, has a stance."),
            ),
            models.UniqueConstraint(
                fields=("quote", "commitment", "deadline", "assessment", "part"),
                nulls_distinct=False,
                name="citation_once",
            ),
        )


def refuse_finer(record: models.Model, prefix: str, anchor: str | None = None) -> None:
    """ValidationError if a date's EDTF form says more than its words (and the day they count from) do."""
    setattr_days(record, prefix)
    edtf, words = getattr(record, f"{prefix}_edtf"), getattr(record, f"{prefix}_words")
    if edtf and (fault := dates.too_precise(edtf, words, anchor)):
        raise ValidationError({f"{prefix}_edtf": fault})


def at_size(size: int, prefix: str = "") -> Q:
    """Of what has a version's span, what was current when the ledger had so many entries."""
    until = f"{prefix}until_seq"
    return (Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": size})) & Q(**{f"{prefix}from_seq__lte": size})


class PublicationQuerySet(models.QuerySet):
    def known_at(self, size: int | None):
        """The versions that were current when the ledger had `size` entries (None: now). Tombstones are among them."""
        if size is None:
            return self.filter(until_seq__isnull=True, from_seq__isnull=False)
        return self.filter(at_size(size))

    def standing(self):
        """Without what was retracted."""
        return self.filter(tombstone=False)

    def of(self, kind: str):
        """The versions of one kind of record."""
        return self.filter(kind=kind)


SPAN = ("from_seq", "until_seq")


class Publication(models.Model):
    """One approved public version of a record, as rendered at approval. Append-only; nothing else is public.

    It is current from the ledger entry `from_seq` on and before `until_seq` (none: still). Both are the ledger's to set.
    """

    ref = models.CharField(max_length=300, primary_key=True, db_collation="C")
    kind = models.CharField(max_length=20, db_collation="C")
    record = models.CharField(max_length=200, db_collation="C")
    version = models.PositiveIntegerField()
    publication_class = CodeField(PublicationClass, db_column="class")
    reason = models.TextField(blank=True)
    tombstone = models.BooleanField(default=False)
    emergency = models.BooleanField(default=False)
    body = ReadyJSONField(help_text="What lists and details give, but for the address and what depends on the day.")
    detail = ReadyJSONField(default="{}", help_text="What details add.")
    from_seq = models.BigIntegerField(null=True, editable=False)
    until_seq = models.BigIntegerField(null=True, editable=False)
    commitment = models.CharField(max_length=200, blank=True, db_collation="C")
    statement = models.CharField(max_length=200, blank=True, db_collation="C")
    process = models.CharField(max_length=200, blank=True, db_collation="C")
    code = models.CharField(
        max_length=40, blank=True, db_collation="C"
    )  # a strength, a status, a kind: what one filters by
    documents = ArrayField(models.CharField(max_length=200, db_collation="C"), default=list)
    parties = ArrayField(models.CharField(max_length=200, db_collation="C"), default=list)
    topics = ArrayField(models.CharField(max_length=200, db_collation="C"), default=list)
    named = ArrayField(
        models.CharField(max_length=240, db_collation="C"), default=list
    )  # `kind.ref` of all that it shows
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "record", "version")
        triggers = [
            *recorded(derived=SPAN),
            Announce(),
            ShelfRules(),
            KeepOwn(),
            Follow(),
            Enter(),
            FillSearch(),
            SpanSearch(),
            Refuse(name="keep_deleted", operation=pgtrigger.Delete),
            Refuse(name="keep_version", derived=SPAN),
        ]
        constraints = (
            models.UniqueConstraint(fields=("kind", "record", "version"), name="publication_version_once"),
            models.CheckConstraint(
                condition=Q(tombstone=False, emergency=False) | ~Q(reason=""),
                name="publication_reason",
                violation_error_message=_("A retraction needs a reason, and so does an emergency."),
            ),
            models.CheckConstraint(
                condition=Q(until_seq__isnull=True) | Q(until_seq__gt=F("from_seq")), name="publication_span"
            ),
        )
        indexes = (
            models.Index(fields=("kind", "record"), condition=Q(until_seq__isnull=True), name="publication_current"),
            models.Index(fields=("kind", "commitment"), name="publication_of_commitment"),
            models.Index(fields=("kind", "statement", "record"), name="publication_of_statement"),
            models.Index(fields=("from_seq",), name="publication_in_order"),
            HashIndex(fields=("ref",), name="publication_by_ref"),  # half as many blocks as its key
            GinIndex(fields=("topics",), name="publication_topics"),
            GinIndex(fields=("documents",), name="publication_documents"),
            GinIndex(fields=("named",), name="publication_named"),
        )

    def __str__(self) -> str:
        return self.ref

    @property
    def body_json(self) -> dict:
        return orjson.loads(self.body)

    @property
    def detail_json(self) -> dict:
        return orjson.loads(self.detail)


WHOLE = "whole_standing"


def of_whole(column: str) -> str:
    """A column of the whole's row, beside another row of its version (`StandingQuerySet.beside_whole`)."""
    return column if column.startswith(("publication_", "index_")) else f"{WHOLE}__{column}"


class StandingQuerySet(models.QuerySet):
    def as_of(self, day: datetime.date):
        """How things stood on a day in the world: one row for the whole of each version, one for each of its parties."""
        return self.filter(first__lte=day, until__gt=day)

    def known_at(self, size: int | None):
        """As PublicationQuerySet.known_at, retracted commitments left out."""
        return self.filter(index__until_seq__isnull=True) if size is None else self.filter(at_size(size, "index__"))

    def beside_whole(self, day: datetime.date):
        """Each row with the one of its commitment as a whole on a day, as the relation WHOLE."""
        its = {"party": "", "first__lte": day, "until__gt": day}
        condition = Q(**{f"index__standings__{name}": value for name, value in its.items()})
        return self.annotate(**{WHOLE: models.FilteredRelation("index__standings", condition=condition)})


class Standing(models.Model):
    """How a published version of a Commitment stands in a span of days (`first` to the day before `until`).

    `publication` is the version that it was worked out for; those after it that show nothing but other names stand so, too
    (`index`: all of them, of which one is current at any moment).

    Worked out from the Publications when the version is made, so that any day is one indexed look-up; never typed, and
    not a record: it can be made anew at any time. `party` is "" in the row of the whole, which carries the day's public fields;
    `whole` is that row's status, in those of the parties, too, and `record` the commitment, so that the first page of a
    party and a status by deadline is the beginning of one index. `lead`: the first row of its party, or the whole's.
    """

    # The triggers see to it: a look for each of the rows took as long as half of the version.
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    index = Shared("CommitmentIndex", ["publication"], ["stands"], related_name="standings")
    record = models.CharField(max_length=200, db_collation="C")
    party = models.CharField(max_length=200, blank=True, db_collation="C")
    role = CodeField(Role, blank=True)
    lead = models.BooleanField()
    first = models.DateField()
    until = models.DateField()
    status = CodeField(Status)
    whole = CodeField(Status)
    schedule = CodeField(Schedule)
    contested = models.BooleanField()
    due_earliest = models.DateField(null=True)
    due_latest = models.DateField(null=True)
    due_by = models.GeneratedField(  # the place in the order by deadline: unknown ones come last
        expression=models.functions.Coalesce("due_latest", models.Value(END)),
        output_field=models.DateField(),
        db_persist=True,
    )
    body = ReadyJSONField(null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ("publication", "party", "role", "first")
        constraints = (
            models.UniqueConstraint(fields=("publication", "party", "role", "first"), name="standing_once"),
            models.CheckConstraint(condition=Q(first__lt=F("until")), name="standing_span"),
        )
        indexes = (
            models.Index(fields=("party", "role", "status", "due_by", "record"), name="standing_by_party"),
            models.Index(
                fields=("party", "whole", "due_by", "record"),
                include=("publication", "first", "until"),
                condition=Q(lead=True),
                name="standing_by_whole",
            ),
            models.Index(
                fields=("party", "due_by", "record"),
                include=("role", "lead", "publication", "first", "until"),
                name="standing_of_party",
            ),
            models.Index(
                fields=("due_by", "record"),
                include=("publication", "first", "until"),
                condition=Q(party=""),
                name="standing_by_due",
            ),
            models.Index(
                fields=("publication", "until"), include=("first",), condition=Q(party=""), name="standing_of_whole"
            ),
        )
        triggers = (
            KeepStanding(),
            OfVersion(),
            Refuse(name="keep_publication", operation=pgtrigger.UpdateOf("publication_id")),
            Refuse(name="no_truncate", operation=pgtrigger.Truncate),
        )

    def __str__(self) -> str:
        return f"{self.publication_id} {self.first}"


class CommitmentIndexQuerySet(models.QuerySet):
    def known_at(self, size: int):
        """As PublicationQuerySet.known_at, retracted commitments left out."""
        return self.filter(at_size(size))

    # Materialized, it is planned for all rows, so that rare words are looked up by the index, and stops at the first one.
    STANDS = """(WITH found AS MATERIALIZED (SELECT FROM commitments_commitmentindex WHERE vector @@ %s::tsquery)
        SELECT %s WHERE EXISTS (SELECT FROM found))"""

    def standing(self, words: set[str]) -> set[str]:
        """Those of some words of the column that any version has."""
        if not words:
            return set()
        with connections[self.db].cursor() as cursor:
            values = [value for word in sorted(words) for value in (search.quoted(word), word)]
            cursor.execute(" UNION ALL ".join([self.STANDS] * len(words)), values)
            return {word for (word,) in cursor.fetchall()}


class CommitmentIndex(models.Model):
    """What a commitment's version is found by: its words, folded, with their places, and whether only reports prove it.

    As derived as a Standing: the database writes it (`search_rows`), and it can be made anew at any time. The version's
    commitment and span stand here, too, so that a search looks each match up once. `stands`: the version whose standings
    are its own, too.
    """

    publication = models.OneToOneField(Publication, models.PROTECT, primary_key=True, related_name="index")
    vector = VectorField()
    second_hand = models.BooleanField()
    record = models.CharField(max_length=200, db_collation="C")
    from_seq = models.BigIntegerField(null=True)
    until_seq = models.BigIntegerField(null=True)
    stands = models.CharField(max_length=300, db_collation="C")

    objects = CommitmentIndexQuerySet.as_manager()

    class Meta:
        ordering = ("publication",)
        indexes = (
            GinIndex(fields=("vector",), name="search_vector"),
            HashIndex(fields=("stands",), name="search_by_stands"),
        )
        triggers = (Refuse(name="no_truncate", operation=pgtrigger.Truncate),)

    def __str__(self) -> str:
        return self.publication_id


class Withholding(models.Model):
    """Says which entry's text had to go on legal demand, which row it recorded, and why; the entry's hashes stay. Public."""

    ref = ReferenceField()
    entry = models.BigIntegerField(_("entry"), unique=True)
    table = models.CharField(_("table"), max_length=100, db_collation="C")
    reference = models.CharField(_("reference"), max_length=300, db_collation="C")
    reason = models.TextField(_("reason"))

    class Meta:
        ordering = ("entry",)
        indexes = (models.Index(fields=("table", "reference"), name="withholding_by_reference"),)
        triggers = [
            *recorded(),
            Announce(),
            Refuse(name="keep_withholding", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
        constraints = (
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"),
                name="withholding_reason",
                violation_error_message=_("Say why the text has to go."),
            ),
        )

    def __str__(self) -> str:
        return self.ref


def ever(model: type[models.Model], *conditions: Q, size: int | None = None, using: str = "default") -> set[str]:
    """The references that a model's records ever had, or had when the ledger had `size` entries, where conditions hold.

    As ledger.EVER: an entry whose text had to go is known by its withholding.
    """
    table, until = model._meta.db_table, sys.maxsize if size is None else size
    entries = Entry.objects.using(using).filter(*conditions, table=table, seq__lte=until)
    gone = Withholding.objects.using(using).filter(*conditions, table=table, entry__lte=until)
    said, unsaid = (each.order_by().values_list("reference", flat=True) for each in (entries, gone))
    return set(said.union(unsaid))


RECORDS = (Process, Topic, Party, Document, Quote, Statement, Commitment, Deadline, Relation, Assessment)
LOCAL = (
    User,
    UserGroup,
    UserPermission,
    RecordedGroup,
    GroupPermission,
    Factor,
    RecoveryCodes,
    RecoveryCode,
    DocumentText,
)  # in the ledger, never in a bundle
MUTABILITY = {
    "mutable": {
        Process,
        Topic,
        Party,
        PartyAlias,
        PartyMember,
        Document,
        DocumentText,
        Quote,
        Statement,
        StatementIssuer,
        Commitment,
        CommitmentParty,
        CommitmentTopic,
        Relation,
        Citation,
        Divergence,
        User,
    },
    "append-only once public": {Deadline, Assessment, AssessmentSearch},
    "append-only": {Entry, Publication, QuoteCheck, SigningKey, Checkpoint, Release, Withholding},
    "derived": {Standing, CommitmentIndex},
}
