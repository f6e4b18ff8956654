"""Which of an address's formats an answer comes in: the one that the header Accept likes best."""

import functools
from collections.abc import Sequence

from django.http.request import HttpRequest, MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import BaseRenderer

REFUSED = (0.0, 0, 0)
MOST = 100  # ranges that are read: no client has use for more


def chosen(request: HttpRequest, forms: tuple[BaseRenderer, ...]) -> tuple[BaseRenderer, str]:
    """(The format, its media type) that a client likes best; NotAcceptable if it takes none.

    By weight (RFC 9110, 12.5.1), then by how closely a format is named, then by the client's order, then by ours.
    """
    best = liked(request.META.get("HTTP_ACCEPT") or "*/*", forms)
    if best is None:
        raise NotAcceptable(available_renderers=forms)
    return forms[best], forms[best].media_type


@functools.lru_cache(200)
def liked(accept: str, forms: tuple[BaseRenderer, ...]) -> int | None:
    """Which of these formats the header likes best; None if it takes none."""
    ranges = [MediaType(each.lower()) for each in accept.split(",")[:MOST]]
    likings = [liking(form.media_type, ranges) for form in forms]
    best = max(range(len(forms)), key=likings.__getitem__)
    return best if likings[best] != REFUSED else None


def liking(offered: str, ranges: Sequence[MediaType]) -> tuple[float, int, int]:
    """(Weight, closeness, minus the place) of the range that names a media type most closely; REFUSED if none does."""
    fitting = [(each.specificity, -place, each.quality) for place, each in enumerate(ranges) if each.match(offered)]
    closeness, place, weight = max(fitting, default=REFUSED)
    return (weight, closeness, place) if weight > 0 else REFUSED  # no number, too, is no more than 0
