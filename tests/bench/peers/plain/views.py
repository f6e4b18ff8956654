"""Nested serializers, a filter set, a viewset, its addresses."""

import django_filters
from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from tests.bench.peers.plain.models import (
    Assessment,
    Commitment,
    CommitmentParty,
    Document,
    Party,
    Quote,
    Statement,
    Topic,
)


def serializer(of, *names, **nested):
    """A model's serializer with these fields, and these others nested."""
    meta = type("Meta", (), {"model": of, "fields": [*names, *nested]})
    return type(f"{of.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta, **nested})


PartyS, TopicS = (serializer(each, "ref", "name_en", "name_ar") for each in (Party, Topic))
DocumentS = serializer(Document, "ref", "publisher", "headline", "sha256")
StatementS = serializer(Statement, "ref", "title_en", "title_ar", "issued")
RoleS = serializer(CommitmentParty, "role", party=PartyS())
QUOTE = ("exact", "translation", "language", "voice", "prefix", "suffix", "start", "end")
OWN = ("ref", "title_en", "title_ar", "strength", "status", "schedule", "contested", "deadline")
NESTED = {
    "statement": StatementS(),
    "roles": RoleS(many=True),
    "topics": TopicS(many=True),
    "quotes": serializer(Quote, *QUOTE, document=DocumentS())(many=True),
}
ListS = serializer(Commitment, *OWN, **NESTED)
AssessmentS = serializer(Assessment, "ref", "status", "date", "note_en", "note_ar", document=DocumentS())
DetailS = serializer(Commitment, *OWN, **NESTED, assessments=AssessmentS(many=True))


class CommitmentFilter(django_filters.FilterSet):
    party = django_filters.CharFilter(field_name="parties__ref")
    status = django_filters.CharFilter()


class Commitments(viewsets.ReadOnlyModelViewSet):
    queryset = (
        Commitment.objects.select_related("statement")
        .prefetch_related("roles__party", "topics", "quotes__document")
        .order_by("ref")
    )
    filterset_class, lookup_field = CommitmentFilter, "ref"
    ordering_fields, search_fields = ("deadline", "ref"), ("quotes__exact",)

    def get_queryset(self):
        found = super().get_queryset()
        return found.prefetch_related("assessments__document") if self.action == "retrieve" else found

    def get_serializer_class(self):
        return DetailS if self.action == "retrieve" else ListS


router = routers.SimpleRouter()
router.register("commitments", Commitments)
urlpatterns = [path("", include(router.urls))]
