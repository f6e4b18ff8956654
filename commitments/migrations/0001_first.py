"""The first schema: functions, tables, constraints, triggers."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import commitments.fields
import commitments.ledger
import commitments.rules
from commitments import functions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in functions.all()),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("title", commitments.fields.LanguageMapField(default=dict, verbose_name="title")),
                (
                    "strength",
                    commitments.fields.CodeField(
                        codes=["commits", "agrees", "intends", "supports", "recognises", "discusses", "asserts"],
                        max_length=40,
                        verbose_name="strength",
                    ),
                ),
                ("condition", commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="condition")),
                (
                    "fulfilled_if",
                    commitments.fields.LanguageMapField(default=dict, verbose_name="counts as fulfilled if"),
                ),
                (
                    "not_fulfilled_if",
                    commitments.fields.LanguageMapField(default=dict, verbose_name="counts as not fulfilled if"),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("published_words", models.CharField(blank=True, max_length=300, verbose_name="published: words")),
                ("published_edtf", models.CharField(blank=True, max_length=60, verbose_name="published: EDTF")),
                ("published_earliest", models.DateField(blank=True, editable=False, null=True)),
                ("published_latest", models.DateField(blank=True, editable=False, null=True)),
                (
                    "document_kind",
                    commitments.fields.CodeField(
                        codes=["official_text", "news_report", "translation"], max_length=40, verbose_name="kind"
                    ),
                ),
                ("publisher", models.CharField(blank=True, max_length=300, verbose_name="publisher")),
                ("headline", models.CharField(blank=True, max_length=500, verbose_name="headline")),
                ("address", models.URLField(blank=True, max_length=1000, verbose_name="address")),
                ("language", models.CharField(max_length=20, verbose_name="language")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("length", models.PositiveIntegerField(verbose_name="length in bytes")),
                ("characters", models.PositiveIntegerField(verbose_name="length in characters")),
                ("gaps", commitments.fields.GapsField(blank=True, default=dict, verbose_name="unknown, and why")),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("canonical", models.TextField()),
                ("leaf", models.CharField(max_length=64)),
                ("chain", models.CharField(max_length=64)),
                ("act", models.TextField(null=True)),
                ("actor", models.TextField(null=True)),
                ("role", models.TextField(null=True)),
                ("door", models.TextField(null=True)),
                ("reason", models.TextField(null=True)),
                ("table", models.TextField(null=True)),
                ("reference", models.TextField(null=True)),
                ("schema", models.TextField(null=True)),
            ],
            options={
                "verbose_name_plural": "entries",
                "db_table": "ledger_entry",
                "ordering": ("seq",),
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                (
                    "party_kind",
                    commitments.fields.CodeField(
                        codes=[
                            "state",
                            "government_body",
                            "substate",
                            "international_organisation",
                            "coalition",
                            "joint_body",
                            "non_state_group",
                            "community",
                            "person",
                        ],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                ("name", commitments.fields.LanguageMapField(default=dict, verbose_name="name")),
                ("iso3166", models.CharField(blank=True, max_length=6, verbose_name="ISO 3166 code")),
            ],
            options={
                "verbose_name_plural": "parties",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartyAlias",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                ("language", models.CharField(max_length=20, verbose_name="language")),
            ],
            options={
                "verbose_name": "alias",
                "verbose_name_plural": "aliases",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartyMember",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("name", commitments.fields.LanguageMapField(default=dict, verbose_name="name")),
                (
                    "description",
                    commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="description"),
                ),
            ],
            options={
                "verbose_name_plural": "processes",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("ref", models.CharField(db_collation="C", max_length=300, primary_key=True, serialize=False)),
                ("kind", models.CharField(db_collation="C", max_length=20)),
                ("record", models.CharField(db_collation="C", max_length=200)),
                ("version", models.PositiveIntegerField()),
                (
                    "publication_class",
                    commitments.fields.CodeField(
                        codes=["content", "housekeeping", "correction", "retraction"], db_column="class", max_length=40
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("tombstone", models.BooleanField(default=False)),
                ("emergency", models.BooleanField(default=False)),
                (
                    "body",
                    commitments.fields.ReadyJSONField(
                        help_text="What lists and details give, but for the address and what depends on the day."
                    ),
                ),
                ("detail", commitments.fields.ReadyJSONField(default="{}", help_text="What details add.")),
                ("from_seq", models.BigIntegerField(editable=False, null=True)),
                ("until_seq", models.BigIntegerField(editable=False, null=True)),
                ("commitment", models.CharField(blank=True, db_collation="C", max_length=200)),
                ("statement", models.CharField(blank=True, db_collation="C", max_length=200)),
                ("process", models.CharField(blank=True, db_collation="C", max_length=200)),
                ("code", models.CharField(blank=True, db_collation="C", max_length=40)),
                (
                    "documents",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(db_collation="C", max_length=200), default=list, size=None
                    ),
                ),
                (
                    "parties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(db_collation="C", max_length=200), default=list, size=None
                    ),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(db_collation="C", max_length=200), default=list, size=None
                    ),
                ),
                (
                    "named",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(db_collation="C", max_length=240), default=list, size=None
                    ),
                ),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
            ],
            options={
                "ordering": ("kind", "record", "version"),
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                ("exact", models.TextField(verbose_name="exact words")),
                ("start", models.PositiveIntegerField(verbose_name="start")),
                ("end", models.PositiveIntegerField(verbose_name="end")),
                ("prefix", models.TextField(blank=True, verbose_name="text before")),
                ("suffix", models.TextField(blank=True, verbose_name="text after")),
                ("language", models.CharField(max_length=20, verbose_name="language")),
                (
                    "translation",
                    commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="translation"),
                ),
                (
                    "voice",
                    commitments.fields.CodeField(
                        codes=[
                            "statement_quoted",
                            "statement_reported",
                            "speaker_quoted",
                            "speaker_reported",
                            "narrative",
                        ],
                        max_length=40,
                        verbose_name="voice",
                    ),
                ),
                (
                    "waiver",
                    models.TextField(
                        blank=True,
                        help_text="A reviewer's reason for publishing it although it isn't exact. Public.",
                        verbose_name="waiver",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="QuoteCheck",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "level",
                    commitments.fields.CodeField(
                        codes=["exact", "moved", "folded", "partial", "absent", "unchecked"], max_length=40
                    ),
                ),
                ("start", models.PositiveIntegerField(null=True)),
                ("end", models.PositiveIntegerField(null=True)),
                ("sha256", models.CharField(max_length=64)),
                ("digest", models.CharField(help_text="SHA-256 of the quote's exact words.", max_length=64)),
                ("folding", models.CharField(max_length=20)),
                ("checked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "relation_kind",
                    commitments.fields.CodeField(
                        codes=[
                            "reaffirms",
                            "specifies",
                            "extends",
                            "supersedes",
                            "fulfils",
                            "precondition_of",
                            "conflicts_with",
                            "same_as",
                            "related",
                        ],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                (
                    "scope",
                    commitments.fields.CodeField(
                        codes=["same", "wider", "narrower", "different"], max_length=40, verbose_name="scope"
                    ),
                ),
                (
                    "explanation",
                    commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="explanation"),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("party", models.CharField(blank=True, db_collation="C", max_length=200)),
                (
                    "role",
                    commitments.fields.CodeField(
                        blank=True, codes=["obligor", "beneficiary", "supporter", "guarantor"], max_length=40
                    ),
                ),
                ("first", models.DateField()),
                ("until", models.DateField()),
                (
                    "status",
                    commitments.fields.CodeField(
                        codes=[
                            "not_assessed",
                            "no_evidence",
                            "not_started",
                            "in_progress",
                            "being_kept",
                            "stalled",
                            "partly_fulfilled",
                            "fulfilled",
                            "not_fulfilled",
                            "contrary_action",
                            "withdrawn",
                            "superseded",
                            "unverifiable",
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "schedule",
                    commitments.fields.CodeField(
                        codes=[
                            "no_deadline",
                            "awaiting_event",
                            "not_due",
                            "overdue",
                            "met_on_time",
                            "met_late",
                            "met_date_unclear",
                            "ongoing_duty",
                            "closed",
                        ],
                        max_length=40,
                    ),
                ),
                ("contested", models.BooleanField()),
                ("due_earliest", models.DateField(null=True)),
                ("due_latest", models.DateField(null=True)),
                ("body", commitments.fields.ReadyJSONField(null=True)),
            ],
            options={
                "ordering": ("publication", "party", "role", "first"),
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("issued_words", models.CharField(blank=True, max_length=300, verbose_name="issued: words")),
                ("issued_edtf", models.CharField(blank=True, max_length=60, verbose_name="issued: EDTF")),
                ("issued_earliest", models.DateField(blank=True, editable=False, null=True)),
                ("issued_latest", models.DateField(blank=True, editable=False, null=True)),
                (
                    "statement_kind",
                    commitments.fields.CodeField(
                        codes=[
                            "joint_statement",
                            "joint_declaration",
                            "agreement",
                            "meeting_readout",
                            "unilateral_statement",
                        ],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                ("title", commitments.fields.LanguageMapField(default=dict, verbose_name="title")),
                ("place", commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="place")),
                ("round", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="round")),
                ("gaps", commitments.fields.GapsField(blank=True, default=dict, verbose_name="unknown, and why")),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StatementIssuer",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("name", commitments.fields.LanguageMapField(default=dict, verbose_name="name")),
                (
                    "definition",
                    commitments.fields.LanguageMapField(blank=True, default=dict, verbose_name="definition"),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="GroupPermission",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group_permissions",),
        ),
        migrations.CreateModel(
            name="RecordedGroup",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group",),
            managers=[
                ("objects", django.contrib.auth.models.GroupManager()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "pseudonym",
                    models.CharField(
                        blank=True, db_collation="C", max_length=60, unique=True, verbose_name="pseudonym"
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                ("effective_words", models.CharField(blank=True, max_length=300, verbose_name="effective: words")),
                ("effective_edtf", models.CharField(blank=True, max_length=60, verbose_name="effective: EDTF")),
                ("effective_earliest", models.DateField(blank=True, editable=False, null=True)),
                ("effective_latest", models.DateField(blank=True, editable=False, null=True)),
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "status",
                    commitments.fields.CodeField(
                        codes=[
                            "not_assessed",
                            "no_evidence",
                            "not_started",
                            "in_progress",
                            "being_kept",
                            "stalled",
                            "partly_fulfilled",
                            "fulfilled",
                            "not_fulfilled",
                            "contrary_action",
                            "withdrawn",
                            "superseded",
                            "unverifiable",
                        ],
                        max_length=40,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason_code",
                    commitments.fields.CodeField(
                        codes=[
                            "correction_of_error",
                            "not_yet_searched",
                            "no_later_document",
                            "text_too_vague",
                            "later_statement_replaces",
                            "sources_conflict",
                            "independent_confirmation",
                            "parties_confirm",
                            "official_claim",
                            "press_report",
                            "deadline_passed_unclear",
                            "later_statement_restates",
                            "searched_nothing_found",
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                ("rationale", commitments.fields.LanguageMapField(default=dict, verbose_name="rationale")),
                ("assessor", models.CharField(max_length=60, verbose_name="assessor")),
                ("codebook_version", models.CharField(max_length=20, verbose_name="codebook version")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="commitments.assessment",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="commitments.commitment",
                        verbose_name="commitment",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AssessmentSearch",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searched",
                        to="commitments.assessment",
                        verbose_name="assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "searched document",
                "verbose_name_plural": "searched documents",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CommitmentParty",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "role",
                    commitments.fields.CodeField(
                        codes=["obligor", "beneficiary", "supporter", "guarantor"], max_length=40, verbose_name="role"
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="commitments.commitment",
                        verbose_name="commitment",
                    ),
                ),
            ],
            options={
                "verbose_name": "party with a role",
                "verbose_name_plural": "parties with roles",
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CommitmentTopic",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="commitments.commitment",
                        verbose_name="commitment",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "state",
                    commitments.fields.CodeField(
                        codes=["draft", "in_review", "published", "retracted"],
                        default="draft",
                        editable=False,
                        max_length=40,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="private note")),
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "sense",
                    commitments.fields.CodeField(
                        codes=["due", "in_effect"], default="due", max_length=40, verbose_name="sense"
                    ),
                ),
                (
                    "deadline_kind",
                    commitments.fields.CodeField(
                        codes=["date", "relative", "event", "recurring", "standing", "none"],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="words")),
                ("language", models.CharField(blank=True, max_length=20, verbose_name="language")),
                ("edtf", models.CharField(blank=True, max_length=60, verbose_name="EDTF")),
                ("earliest", models.DateField(blank=True, null=True, verbose_name="earliest day")),
                ("latest", models.DateField(blank=True, null=True, verbose_name="latest day")),
                ("anchor_words", models.CharField(blank=True, max_length=300, verbose_name="counts from: words")),
                ("anchor_edtf", models.CharField(blank=True, max_length=60, verbose_name="counts from: EDTF")),
                (
                    "change",
                    commitments.fields.CodeField(
                        blank=True, codes=["extends", "replaces"], max_length=40, verbose_name="how"
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadlines",
                        to="commitments.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="commitments.deadline",
                        verbose_name="extends or replaces",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                (
                    "ref",
                    commitments.fields.ReferenceField(
                        blank=True,
                        db_collation="C",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                (
                    "part",
                    commitments.fields.CodeField(
                        codes=["undertaking", "chapeau", "deadline", "condition", "evidence"],
                        max_length=40,
                        verbose_name="part",
                    ),
                ),
                (
                    "stance",
                    commitments.fields.CodeField(
                        blank=True, codes=["supports", "disputes", "context"], max_length=40, verbose_name="stance"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="commitments.assessment",
                        verbose_name="assessment",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="commitments.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="commitments.deadline",
                        verbose_name="deadline",
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DocumentText",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="attached",
                        serialize=False,
                        to="commitments.document",
                        verbose_name="document",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("length", models.PositiveIntegerField(verbose_name="length in bytes")),
                ("characters", models.PositiveIntegerField(verbose_name="length in characters")),
            ],
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="document_sha256"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("characters__lte", models.F("length"))), name="document_characters"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule(
                    "edtf_agrees", ("published_edtf", "published_earliest", "published_latest"), ()
                ),
                name="document_published",
                violation_error_message="The earliest and latest day must be those of the EDTF form.",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_edtf", ""), models.Q(("published_words", ""), _negated=True), _connector="OR"
                ),
                name="document_published_words",
                violation_error_message="Give the words that say this date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("known_or_gap", ("publisher", "gaps"), ("publisher",)),
                name="document_publisher_known",
                violation_error_message="Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("known_or_gap", ("headline", "gaps"), ("headline",)),
                name="document_headline_known",
                violation_error_message="Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("known_or_gap", ("address", "gaps"), ("address",)),
                name="document_address_known",
                violation_error_message="Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("known_or_gap", ("published_edtf", "gaps"), ("published",)),
                name="document_published_known",
                violation_error_message="Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.",
            ),
        ),
        migrations.AddField(
            model_name="assessmentsearch",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="searches",
                to="commitments.document",
                verbose_name="document",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="ec08d2fc8a831d0d2d9251df6c8764508ad1551d",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_67209",
                    table="commitments_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="2771588414cede2ecb4f7a5a64413934a58e82c5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_5cd40",
                    table="commitments_document",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="8ba220cecc8706775ddb69f0b5d6b00cb21ae1b4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_763ff",
                    table="commitments_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('document', 'mutable')",
                    func="RETURN NULL;",
                    hash="3fdac9b8d7a3db37d138e046975886789e600522",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_ae4ad",
                    table="commitments_document",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["table", "reference", "seq"], name="entry_by_reference"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["reference", "seq"], name="entry_by_prefix", opclasses=("text_pattern_ops", "int8_ops")
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["at"], name="entry_by_time"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="keep",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="b22f3a72be85d76c9eb16c2935cb56de2c0aed43",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_keep_4f926",
                    table="ledger_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("iso3166", ""), ("iso3166__regex", "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), _connector="OR"),
                name="party_iso3166",
                violation_error_message="An ISO 3166 code looks like IQ or IQ-AR.",
            ),
        ),
        migrations.AddField(
            model_name="commitmentparty",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="roles",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="claimant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="commitments.party",
                verbose_name="who says so",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="obligor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="commitments.party",
                verbose_name="obligor",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="3aa821d1476e4fb1dafbf07bf6d0d9e88b2c8abb",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_74958",
                    table="commitments_party",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="21b0f0a06419757b3af9e99dbe31fd679d91c09b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_02baa",
                    table="commitments_party",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="cd3571cbbbd4709bb695c5ff5e858d5a6fb081cf",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_f7453",
                    table="commitments_party",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('party', 'mutable')",
                    func="RETURN NULL;",
                    hash="82c6aed138cd53ab4390f7693b15e15682977c75",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_e03bc",
                    table="commitments_party",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="partyalias",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="aliases",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        migrations.AddField(
            model_name="partymember",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to="commitments.party",
                verbose_name="member",
            ),
        ),
        migrations.AddField(
            model_name="partymember",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="2c61a20a6e5597a8845ed0047e9ce11a9945fb39",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_3a6c4",
                    table="commitments_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="031de8b3b061dc44fe25ad8c52f236fa8266813e",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_6dc4c",
                    table="commitments_process",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="494b7ae48e331e507e111d86c1182fc83e192742",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_e2538",
                    table="commitments_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('process', 'mutable')",
                    func="RETURN NULL;",
                    hash="be33f64f274cfb12773d4151906fbe88290df4d1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_43c36",
                    table="commitments_process",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("until_seq__isnull", True)), fields=["kind", "record"], name="publication_current"
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["kind", "commitment"], name="publication_of_commitment"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.GinIndex(fields=["topics"], name="publication_topics"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.GinIndex(fields=["documents"], name="publication_documents"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.GinIndex(fields=["named"], name="publication_named"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(fields=("kind", "record", "version"), name="publication_version_once"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("emergency", False), ("tombstone", False)),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="publication_reason",
                violation_error_message="A retraction needs a reason, and so does an emergency.",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_seq__isnull", True), ("until_seq__gt", models.F("from_seq")), _connector="OR"
                ),
                name="publication_span",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="c6923f6d938ff92da4b93341cb81639566fb9752",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_8a1f5",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', 'from_seq,until_seq')",
                    func="RETURN NULL;",
                    hash="0d8258aefe6247f9c70966a9b3b58cfa31570736",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_5c4f0",
                    table="commitments_publication",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="7f0b7c977540f5bc7cb9f58d22adfb5b655f8ce1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_71a37",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="shelf_rules",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.shelf_rules()",
                    func="RETURN NULL;",
                    hash="7a5760a8fd9edc3a2eb16962f7d116cb9864c429",
                    operation="INSERT",
                    pgid="pgtrigger_shelf_rules_23d5d",
                    table="commitments_publication",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="1013b22b7c6b6d9e8ea27b41526d5358e115ca75",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_keep_deleted_acf85",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.body::text, OLD.detail::text, to_jsonb(OLD) - '{from_seq,until_seq}'::text[]) IS DISTINCT FROM (NEW.body::text, NEW.detail::text, to_jsonb(NEW) - '{from_seq,until_seq}'::text[]))",
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="7d56049fd6ded3588d603e2ad85caf6606bd808c",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_version_ac02e",
                    table="commitments_publication",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quotes",
                to="commitments.document",
                verbose_name="document",
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="speaker",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quotes",
                to="commitments.party",
                verbose_name="speaker",
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="quote",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="citations",
                to="commitments.quote",
                verbose_name="quote",
            ),
        ),
        migrations.AddField(
            model_name="quotecheck",
            name="quote",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="commitments.quote",
                verbose_name="quote",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="commitments.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="target",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="related_from",
                to="commitments.commitment",
                verbose_name="to the commitment",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="standings", to="commitments.publication"
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="issued_quote",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dated_statements",
                to="commitments.quote",
                verbose_name="issued: quote",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="process",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statements",
                to="commitments.process",
                verbose_name="process",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="target_statement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="related_from",
                to="commitments.statement",
                verbose_name="to the statement",
            ),
        ),
        migrations.AddField(
            model_name="deadline",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deadlines",
                to="commitments.statement",
                verbose_name="statement that set it",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="commitments.statement",
                verbose_name="statement",
            ),
        ),
        migrations.AddField(
            model_name="statementissuer",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="issued",
                to="commitments.party",
                verbose_name="party",
            ),
        ),
        migrations.AddField(
            model_name="statementissuer",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="issuers",
                to="commitments.statement",
                verbose_name="statement",
            ),
        ),
        migrations.AddField(
            model_name="commitmenttopic",
            name="topic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="commitments.topic",
                verbose_name="topic",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="627be12b3419af5a519ae3d927fca99635d60854",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_e04ae",
                    table="commitments_topic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="d6e113b905756575c634fc40a27ee1aacbe265da",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_cb48e",
                    table="commitments_topic",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="4e4771c977786aa86847c3e9d33aa4bc7b129f29",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_09571",
                    table="commitments_topic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('topic', 'mutable')",
                    func="RETURN NULL;",
                    hash="5485c57284434e380977bb5bb748c3d3c3e3be87",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_fc95a",
                    table="commitments_topic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="9c59f816e4a3ed25d7dd07ce9ac8ad88b02ddc60",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_9988b",
                    table="auth_group_permissions",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', '')",
                    func="RETURN NULL;",
                    hash="92c4d25acb301789a8b9c71e98e13aec71882c42",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_4de7f",
                    table="auth_group_permissions",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="aa6dbccb158a4135f7d2a85d60a6851b494094b9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_8724c",
                    table="auth_group_permissions",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="70aead61792a03d128770b0cb41320fc9c6a2792",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_e524c",
                    table="auth_group",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', '')",
                    func="RETURN NULL;",
                    hash="7c71e592b51596d226fc289b79ba711ffefc5cd6",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_c9235",
                    table="auth_group",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="a29904b203ffc5861d0e0b0383dad4063d0b7810",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_cb79a",
                    table="auth_group",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.CreateModel(
            name="UserGroup",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("commitments.user_groups",),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("pseudonym", ""), _negated=True), name="user_pseudonym"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="48c65a1914ffc369db6baa114d26b9d73e2f1620",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_56494",
                    table="commitments_user",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', 'password,email,first_name,last_name', '')",
                    func="RETURN NULL;",
                    hash="11dd865c385d74b48efda6c027a0497ba3d0babe",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_6286e",
                    table="commitments_user",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="109d0e9b3227101522a992357f66490489ac407e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_a234b",
                    table="commitments_user",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_pseudonym",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."pseudonym" IS DISTINCT FROM (NEW."pseudonym"))',
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="c3096c1fc85048f533724d85dcb0be6af4fd4299",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_pseudonym_56c2a",
                    table="commitments_user",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.CreateModel(
            name="UserPermission",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("commitments.user_user_permissions",),
        ),
        migrations.AddConstraint(
            model_name="documenttext",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("same_text", ("text", "sha256", "length", "characters"), ()),
                name="text_is_hashed",
                violation_error_message="The text isn't the one with this SHA-256.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documenttext",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="ffd08d5d94aaacb7428b4514f6e617d477df891c",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_30944",
                    table="commitments_documenttext",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documenttext",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('document_id', 'text', '')",
                    func="RETURN NULL;",
                    hash="1d040998f7298d5a16255dab37d31a2c017980e9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_0dc58",
                    table="commitments_documenttext",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documenttext",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="665c1b320571d548c1bea8a976539fbbde071a7b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_40e65",
                    table="commitments_documenttext",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentsearch",
            constraint=models.UniqueConstraint(fields=("assessment", "document"), name="search_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessmentsearch",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="d4e188e35ffe3775f7dc97d756aff83027dff1b6",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_a8ce3",
                    table="commitments_assessmentsearch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessmentsearch",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="d98932541389073c8f002f94238058eae05c51e0",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_63332",
                    table="commitments_assessmentsearch",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessmentsearch",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="c737caf07d8588d3989eeb8729ab0f49febe861b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_38114",
                    table="commitments_assessmentsearch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessmentsearch",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="6d9995aac846ff99c7a9d2ba211be3f7a3bc4880",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_b90a5",
                    table="commitments_assessmentsearch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessmentsearch",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('assessment')",
                    func="RETURN NULL;",
                    hash="cb972a911c10390299f7da41c9959f77babcb78f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_e9556",
                    table="commitments_assessmentsearch",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentparty",
            constraint=models.UniqueConstraint(fields=("commitment", "party", "role"), name="role_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentparty",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="1012779346d2d76cd2a1d96f7514f0c964741b21",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_3faf9",
                    table="commitments_commitmentparty",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentparty",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="61e2aaa09e0d6cde02ef2de54463bf20e7bc6894",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_d88f0",
                    table="commitments_commitmentparty",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentparty",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="278500d14252f3d55d3cf01fb1a147d188ded582",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_faee5",
                    table="commitments_commitmentparty",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentparty",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="9397ae8be174d67e1107189cbfdd86e61a211b74",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_03fb0",
                    table="commitments_commitmentparty",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmentparty",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('commitment')",
                    func="RETURN NULL;",
                    hash="c99c43535f46649210c2e322945440618567e271",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_3ca6b",
                    table="commitments_commitmentparty",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule(
                    "edtf_agrees", ("effective_edtf", "effective_earliest", "effective_latest"), ()
                ),
                name="assessment_effective",
                violation_error_message="The earliest and latest day must be those of the EDTF form.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="b62bf0fafd402ffcac19b3ee311c696e9c5980fc",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_30990",
                    table="commitments_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="abe90999dd0573acba707299da0c9b823e0f0502",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_8e5e4",
                    table="commitments_assessment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="d665dc5127885461e338b5880ca968a364298e4a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_dde53",
                    table="commitments_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('assessment', 'append-only')",
                    func="RETURN NULL;",
                    hash="2eb9a9352d875534940a91e0ec14648ebac4ff71",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_3ef38",
                    table="commitments_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="partyalias",
            constraint=models.UniqueConstraint(fields=("party", "name", "language"), name="alias_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyalias",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="44a547fa580466a1a2aaab81deea146df1c1f573",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_42953",
                    table="commitments_partyalias",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyalias",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="6cde5874f8fc0be65c68b4faee2ba65145429354",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_a0f32",
                    table="commitments_partyalias",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyalias",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="f61988270362e19986f5ebccb6c60eedc9571245",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_291b4",
                    table="commitments_partyalias",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyalias",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="4cce9c11cf0331b22f75ef5a7aa608bf037203bd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_d2b31",
                    table="commitments_partyalias",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyalias",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('party')",
                    func="RETURN NULL;",
                    hash="a715815fcc7ea746e59ea4dec310c99282d36f27",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_06b9e",
                    table="commitments_partyalias",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="partymember",
            constraint=models.UniqueConstraint(fields=("party", "member"), name="member_once"),
        ),
        migrations.AddConstraint(
            model_name="partymember",
            constraint=models.CheckConstraint(
                condition=models.Q(("party", models.F("member")), _negated=True), name="member_of_another"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partymember",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="685dc6b96477f480ddcaea2740431511f84db495",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_6e626",
                    table="commitments_partymember",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partymember",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="f18242447e47742b57debadee1944ebefd2b348c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_6c123",
                    table="commitments_partymember",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partymember",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="26058f6a2a3748a2d9c418e40521e4ac95915883",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_db2b6",
                    table="commitments_partymember",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partymember",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="27bc4dc5ceb48d809fb405701d63ee58d72f0e43",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_39d2e",
                    table="commitments_partymember",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partymember",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('party')",
                    func="RETURN NULL;",
                    hash="9fea0e8778cd32bd1d1a786242bf0fc479713e9a",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_c9786",
                    table="commitments_partymember",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "end",
                        django.db.models.expressions.CombinedExpression(
                            models.F("start"), "+", django.db.models.functions.text.Length("exact")
                        ),
                    ),
                    models.Q(("exact", ""), _negated=True),
                ),
                name="quote_span",
                violation_error_message="The end must be the start plus the number of characters quoted.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("voice__in", ["speaker_quoted", "speaker_reported"]), _negated=True),
                    ("speaker__isnull", False),
                    _connector="OR",
                ),
                name="quote_speaker",
                violation_error_message="Say who speaks.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="1ccfd7d595c7b853a61dc2cc83e8f2a7c659ad13",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_5164b",
                    table="commitments_quote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="a292c4db3f7f11990feb434ce40c4854782b5460",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_46288",
                    table="commitments_quote",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="1634d8b4b70f4c718d15213035313a2a1ea1e864",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_61e50",
                    table="commitments_quote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('quote', 'stateless')",
                    func="RETURN NULL;",
                    hash="7faa027e0d87f8ee8e2e53fd7a696bd1e6d2ed0f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_0fdad",
                    table="commitments_quote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quote",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen_citing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_quote()",
                    func="RETURN NULL;",
                    hash="5e129c74a3f3bf39487e59aad6bbf6bd9c854628",
                    operation="UPDATE",
                    pgid="pgtrigger_reopen_citing_2e9a5",
                    table="commitments_quote",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assessment__isnull", True), ("commitment__isnull", False), ("deadline__isnull", True)),
                    models.Q(("assessment__isnull", True), ("commitment__isnull", True), ("deadline__isnull", False)),
                    models.Q(("assessment__isnull", False), ("commitment__isnull", True), ("deadline__isnull", True)),
                    _connector="OR",
                ),
                name="citation_one_target",
                violation_error_message="A citation proves one thing: a commitment, a deadline or an assessment.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assessment__isnull", False), ("part", "evidence")),
                    models.Q(("deadline__isnull", False), ("part", "deadline")),
                    models.Q(("commitment__isnull", False), ("part__in", ["undertaking", "chapeau", "condition"])),
                    _connector="OR",
                ),
                name="citation_part_fits",
                violation_error_message="Evidence proves an assessment, a deadline's words its deadline, every other part the commitment.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("part", "evidence"), models.Q(("stance", ""), _negated=True)),
                    models.Q(models.Q(("part", "evidence"), _negated=True), ("claimant__isnull", True), ("stance", "")),
                    _connector="OR",
                ),
                name="citation_stance",
                violation_error_message="Evidence, and evidence alone, has a stance.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(
                fields=("quote", "commitment", "deadline", "assessment", "part"),
                name="citation_once",
                nulls_distinct=False,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="citation",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="87a6cee0b77989cabcfe5f6a9a35646ed4ed90ad",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_d448e",
                    table="commitments_citation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="citation",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="8200c8c64c3c849f27af11cd6f353ef59897807d",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_689be",
                    table="commitments_citation",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="citation",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="5f613174bb70665bc8167135a90e85ddf55a9cbf",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_32b36",
                    table="commitments_citation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="citation",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="3b7c975b11aa88fad05affbbd80e78b9fef7302a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_a562c",
                    table="commitments_citation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="citation",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('commitment', 'deadline', 'assessment')",
                    func="RETURN NULL;",
                    hash="2adf5eacb08850e0799396f15222675814bf95e2",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_73868",
                    table="commitments_citation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="quotecheck",
            constraint=models.UniqueConstraint(fields=("quote", "number"), name="check_number_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="86ab471e5469b36d238af3292baa973c0c029a48",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_f01a7",
                    table="commitments_quotecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="be4cf911fd12c0a453176f5a1a9562c5714f44dc",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_f4c07",
                    table="commitments_quotecheck",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="06b29fc32763c291bb3d8ff6cf94d9a7e5856ef6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_cbf7a",
                    table="commitments_quotecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="quotecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_check",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="64da9715a187dbe913871831f60399555de6ad02",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_check_54aba",
                    table="commitments_quotecheck",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["party", "role", "status", "due_latest"], name="standing_by_party"),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.UniqueConstraint(fields=("publication", "party", "role", "first"), name="standing_once"),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("until"))), name="standing_span"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_standing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.shelf_standing()",
                    func="RETURN NULL;",
                    hash="f7e7b0a315c770b06e8ffb56ee12b93f0e5dfe03",
                    operation="INSERT",
                    pgid="pgtrigger_keep_standing_a1b66",
                    table="commitments_standing",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standing",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="06e06b5c4db2c20635ca570b387929eca2d3834a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_52b0d",
                    table="commitments_standing",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule(
                    "edtf_agrees", ("issued_edtf", "issued_earliest", "issued_latest"), ()
                ),
                name="statement_issued",
                violation_error_message="The earliest and latest day must be those of the EDTF form.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("issued_edtf", ""), models.Q(("issued_words", ""), _negated=True), _connector="OR"),
                name="statement_issued_words",
                violation_error_message="Give the words that say this date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("known_or_gap", ("issued_edtf", "gaps"), ("issued",)),
                name="statement_issued_known",
                violation_error_message="Fill it, or say under “unknown, and why” why the documents don't give it: one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__isnull", True), ("process__isnull", False), _connector="OR"),
                name="statement_round_of_process",
                violation_error_message="A round belongs to a process.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="ce7bf3154c69f99a5ed162675a9de97ba8676484",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_179d4",
                    table="commitments_statement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="bead569e4e3b894e94616f23365bce912f4166d5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_9a076",
                    table="commitments_statement",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="0716077d0e4f1f2b76e1507ae18bb2dfa7a22465",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_2b3e2",
                    table="commitments_statement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('statement', 'mutable')",
                    func="RETURN NULL;",
                    hash="10a0879926e77cb460c13bf813a46c7c24ef5913",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_f6d12",
                    table="commitments_statement",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__isnull", True), ("target_statement__isnull", True), _connector="XOR"),
                name="relation_one_target",
                violation_error_message="Link to a commitment or to a statement: one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target__isnull", True),
                    models.Q(("target", models.F("commitment")), _negated=True),
                    _connector="OR",
                ),
                name="relation_to_another",
                violation_error_message="A commitment isn't linked to itself.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                fields=("commitment", "relation_kind", "target", "target_statement"),
                name="relation_once",
                nulls_distinct=False,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="297fbdd10fc085bdd2bac943fff0183ee97aab8c",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_0938d",
                    table="commitments_relation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="8aff8890c9b38617bf862922c88ac4d98167364c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_e539b",
                    table="commitments_relation",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="2d4623de454dccfd44df295763ce64a721018a9c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_42887",
                    table="commitments_relation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('relation', 'mutable')",
                    func="RETURN NULL;",
                    hash="16f8f9d5b1aad15b03e04596dc43e765635c4a0a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_d23c4",
                    table="commitments_relation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=commitments.rules.SQLRule("edtf_within", ("edtf", "earliest", "latest"), ()),
                name="deadline_within_edtf",
                violation_error_message="The earliest and latest day must lie within the EDTF form.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline_kind__in", ["date", "relative"]), ("edtf", ""), _connector="OR"),
                name="deadline_undated_kinds",
                violation_error_message="Only a date or a relative deadline has days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline_kind", "none"), models.Q(("words", ""), _negated=True), _connector="OR"),
                name="deadline_words",
                violation_error_message="Give the words that set this deadline.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change", ""), ("replaces__isnull", True)),
                    models.Q(("replaces__isnull", False), models.Q(("change", ""), _negated=True)),
                    _connector="OR",
                ),
                name="deadline_change",
                violation_error_message="Say which deadline it extends or replaces, and which of the two.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="579be627d31ef8fbe529f6ea8f3c820ac1546cad",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_06abb",
                    table="commitments_deadline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="41b65aaeb367d21dd9572e12fa9523f3901889ab",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_d167e",
                    table="commitments_deadline",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="5d57f527638565eb93c9647875036c55fc645f1a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_53fe8",
                    table="commitments_deadline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deadline",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('deadline', 'append-only')",
                    func="RETURN NULL;",
                    hash="fcf3f5932b98cbb52c98a51eb825528413872b5b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_0566e",
                    table="commitments_deadline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="35a008fd41fff877eca644381dcab384d61b0c9f",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_f511f",
                    table="commitments_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="24ceae492fe56931841f0f8331b775a66efc29e5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_51d32",
                    table="commitments_commitment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="ed0daabbaf661e5a1574dbd34f14be21a79e3371",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_7be09",
                    table="commitments_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('commitment', 'mutable')",
                    func="RETURN NULL;",
                    hash="1a3d7115b2bec95e9e43c18441038754d065016e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_39eaf",
                    table="commitments_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="statementissuer",
            constraint=models.UniqueConstraint(fields=("statement", "party"), name="issuer_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementissuer",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="4c01e0f2565f040761b3552f8cef456efbc5529d",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_436d8",
                    table="commitments_statementissuer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementissuer",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="82e4184deeb9c074e34741088ae621d2eab389ab",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_71dbb",
                    table="commitments_statementissuer",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementissuer",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="d21343ab9bd361a0287afc056b5bc7910dff080b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_91d3b",
                    table="commitments_statementissuer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementissuer",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="3a1505e6d81142ed9724a0eb68455c7c5424de9e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_5c370",
                    table="commitments_statementissuer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementissuer",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('statement')",
                    func="RETURN NULL;",
                    hash="1777be32d03d0335f918073c3109f9acf7cc9875",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_f6aeb",
                    table="commitments_statementissuer",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmenttopic",
            constraint=models.UniqueConstraint(fields=("commitment", "topic"), name="topic_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmenttopic",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="940455fac0169668c2fffdfad59375f994c9e8d0",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_55fd8",
                    table="commitments_commitmenttopic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmenttopic",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('ref', '', '')",
                    func="RETURN NULL;",
                    hash="d5740b420ec23e8fc581d1009bf238ceb1ac231b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_cc36e",
                    table="commitments_commitmenttopic",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmenttopic",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="f83c50b679a135c473e58e12400721ea09a5741e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_feb49",
                    table="commitments_commitmenttopic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmenttopic",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_record",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_record('', 'mutable')",
                    func="RETURN NULL;",
                    hash="ebfdc77b3ce0e5632eb1fc088b66c4466566eb47",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_record_dac51",
                    table="commitments_commitmenttopic",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitmenttopic",
            trigger=pgtrigger.compiler.Trigger(
                name="reopen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.desk_part('commitment')",
                    func="RETURN NULL;",
                    hash="a821250ba3dee3fda84bb938f55e68f566fb0361",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_reopen_d90d3",
                    table="commitments_commitmenttopic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="usergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="a28c866fe9370a6aaf19ac085c9c49bf47e94632",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_2ad69",
                    table="commitments_user_groups",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="usergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', '')",
                    func="RETURN NULL;",
                    hash="047ce0baeb86dd509a9ca6a503b3354e84a0ef8a",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_d5c33",
                    table="commitments_user_groups",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="usergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="6ba0723df9cd9067a83076a09fe0cc76ec2fc317",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_af434",
                    table="commitments_user_groups",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_guard()",
                    func="RETURN NULL;",
                    hash="49fd225334cd9278a0577701be97d0a5a2cfe78c",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_guard_07295",
                    table="commitments_user_user_permissions",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    execute="public.ledger_capture('id', '', '')",
                    func="RETURN NULL;",
                    hash="ecfbde5a909b4646f866237a9cd757193c34573c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_capture_e999a",
                    table="commitments_user_user_permissions",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="public.ledger_refuse()",
                    func="RETURN NULL;",
                    hash="034645552212e3e488020c8b5a5baa2415014f66",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_4311d",
                    table="commitments_user_user_permissions",
                    when="BEFORE",
                ),
            ),
        ),
    ]
