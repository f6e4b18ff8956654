"""For the page that Django shows where a form's log-in is out of date: what was typed there."""

from django import template

from commitments.admin import again

register = template.Library()


@register.simple_tag(takes_context=True)
def sent(context: dict) -> again.Sent:
    """What the request was sent with."""
    return again.sent(context["request"])
