"""The obvious models."""

from django.db import models


class Named(models.Model):
    ref, name_en, name_ar = models.TextField(), models.TextField(), models.TextField()

    class Meta:
        abstract = True


class Party(Named):
    class Meta:
        managed, db_table = False, "party"


class Topic(Named):
    class Meta:
        managed, db_table = False, "topic"


class Document(models.Model):
    ref, publisher, headline, sha256 = (models.TextField() for _each in range(4))

    class Meta:
        managed, db_table = False, "document"


class Statement(models.Model):
    ref, title_en, title_ar = (models.TextField() for _each in range(3))
    issued = models.DateField()

    class Meta:
        managed, db_table = False, "statement"


class Commitment(models.Model):
    ref, title_en, title_ar, strength, status, schedule = (models.TextField() for _each in range(6))
    contested = models.BooleanField()
    deadline = models.DateField(null=True)
    statement = models.ForeignKey(Statement, models.CASCADE)
    parties = models.ManyToManyField(Party, through="CommitmentParty")
    topics = models.ManyToManyField(Topic, through="CommitmentTopic")

    class Meta:
        managed, db_table = False, "commitment"


class CommitmentParty(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="roles")
    party = models.ForeignKey(Party, models.CASCADE)
    role = models.TextField()

    class Meta:
        managed, db_table = False, "commitmentparty"


class CommitmentTopic(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE)
    topic = models.ForeignKey(Topic, models.CASCADE)

    class Meta:
        managed, db_table = False, "commitmenttopic"


class Quote(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="quotes")
    document = models.ForeignKey(Document, models.CASCADE)
    exact, translation, language, voice, prefix, suffix = (models.TextField() for _each in range(6))
    start, end = models.IntegerField(), models.IntegerField()

    class Meta:
        managed, db_table = False, "quote"


class Assessment(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="assessments")
    document = models.ForeignKey(Document, models.CASCADE)
    ref, status, note_en, note_ar = (models.TextField() for _each in range(4))
    date = models.DateField()

    class Meta:
        managed, db_table = False, "assessment"
