"""How parameters are read: each known one once, each value strictly, every fault named with the way out."""

import copy
import datetime
import difflib
import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.http import urlencode

from .. import codebook, search
from ..models import Publication
from ..text import Hostile, refuse
from . import shapes
from .errors import SHOWN, Faults, TooLong

LONGEST = 8000  # bytes of a query
MOST = 50  # values of one parameter
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def fault(code: str, detail: str, near: str = "", allowed: Iterable[str] = ()) -> forms.ValidationError:
    """What is wrong with a value; `allowed` is offered, and the nearest of it."""
    allowed = list(allowed)
    return forms.ValidationError(
        detail, code=code, params=nearest(near, allowed) | ({"allowed": allowed} if allowed else {})
    )


def nearest(near: str, allowed: list[str]) -> dict[str, str]:
    """The member `nearest` of a fault, where one of `allowed` is near."""
    found = difflib.get_close_matches(near.lower(), allowed, 1, cutoff=0.6)
    return {"nearest": found[0]} if found else {}


@dataclass(frozen=True)
class Kind:
    """A kind of value: how it is read (ValidationError if it can't be) and its JSON schema."""

    read: Callable[[str], object]
    schema: dict
    blank: bool = False  # whether it may be empty


def _reference(value: str) -> str:
    if len(value) > 200 or not re.fullmatch(shapes.REFERENCE, value):
        raise fault(
            "malformed",
            "isn't a reference: those are lower-case letters a–z, digits and single hyphens, such as talks-2030-05-04",
        )
    return value


def _day(value: str) -> datetime.date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise fault("malformed", "isn't a day of the calendar: write it as YYYY-MM-DD")


def _instant(value: str) -> datetime.datetime:
    """An instant in UTC, which is what the database can read whatever the offset; a day means its end."""
    try:
        if not INSTANT.fullmatch(value):
            return datetime.datetime.combine(_day(value), datetime.time.max, datetime.UTC)
        return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)
    except OverflowError:  # before the first or after the last day of the calendar, by its offset
        end = datetime.datetime.min if value.startswith("0001") else datetime.datetime.max
        return end.replace(tzinfo=datetime.UTC)
    except (ValueError, forms.ValidationError):
        raise fault(
            "malformed", "is neither a day, YYYY-MM-DD, nor an instant, such as 2030-05-04T12:00:00Z (write + as %2B)"
        ) from None


def _size(value: str) -> int:
    if re.fullmatch(r"[1-9]\d{0,2}", value, re.ASCII) and int(value) <= 200:
        return int(value)
    raise fault("not_allowed", "isn't a whole number from 1 to 200")


def _number(value: str) -> int:
    if re.fullmatch(r"0|[1-9]\d{0,17}", value, re.ASCII):
        return int(value)
    raise fault("malformed", "isn't a whole number from 0")


def _query(value: str) -> search.Query:
    try:
        if len(value) <= 200:
            refuse(value, field="it", bidi_overrides=True)
            return search.read(value)
    except Hostile as error:
        raise fault("malformed", str(error).replace("it:", "holds", 1)) from None
    except search.Unsearchable as error:
        raise fault("malformed", str(error)) from None
    raise fault("malformed", "is longer than 200 characters: give fewer words")


def one_of(allowed: Iterable[str], schema: dict | None = None) -> Kind:
    """One of a list of words."""
    allowed = list(allowed)

    def read(value: str) -> str:
        if value not in allowed:
            raise fault("not_allowed", f"isn't allowed here; what is: {', '.join(allowed)}", value, allowed)
        return value

    return Kind(read, schema or {"type": "string", "enum": allowed})


def vocabulary(name: str) -> Kind:
    """One code of a vocabulary."""
    return one_of(codebook.codes(name), shapes.ref(shapes.component(name)))


REFERENCE = Kind(_reference, {"type": "string", "pattern": shapes.REFERENCE, "maxLength": 200})
CALENDAR_DAY = Kind(_day, {"type": "string", "format": "date"})
MOMENT = Kind(_instant, {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]})
SIZE = Kind(_size, {"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
# No control characters and no noncharacters; of these, those that every dialect of patterns can name.
SAYABLE = "^[^\\u0000-\\u001f\\u007f-\\u009f\\ufdd0-\\ufdef\\ufffe\\uffff]+$"
QUERY = Kind(_query, {"type": "string", "minLength": 1, "maxLength": 200, "pattern": SAYABLE})
NUMBER = Kind(_number, {"type": "integer", "minimum": 0, "maximum": 10**18 - 1})
PLACE = Kind(str, {"type": "string", "format": "cursor", "pattern": "^[A-Za-z0-9_-]+$"})
_flag = one_of(("true", "false"), {"type": "boolean"})
FLAG = Kind(lambda value: _flag.read(value) == "true", _flag.schema)


@dataclass(frozen=True)
class Spoken:
    """A query that is known by its tsquery alone."""

    said: str
    terms: tuple = ()

    def tsquery(self) -> str:
        return self.said


def values(read: list | search.Query) -> list:
    """What a query for rows is given of a parameter's value."""
    return read if isinstance(read, list) else [read.tsquery()]


def meant(read: list | search.Query, values: list) -> list | Spoken:
    """The same parameter with other `values`."""
    return values if isinstance(read, list) else Spoken(*values)


class Field(forms.Field):
    """A parameter's value or values; None where it isn't given."""

    def __init__(self, *, kind: Kind, several: bool, **kwargs):
        super().__init__(**kwargs)
        self.kind, self.several = kind, several

    def clean(self, value: str | None):
        if value is None:
            return None
        if (value == "" and not self.kind.blank) or CONTROLS.search(value):
            raise fault("malformed", "is empty or holds control characters: give a value, or leave the parameter out")
        if not self.several:
            return self.kind.read(value)
        values = value.split(",")
        if len(values) > MOST:
            raise fault("malformed", f"has more than {MOST} values")
        return [self.kind.read(each) for each in dict.fromkeys(values)]


class Parameter(django_filters.Filter):
    """A parameter that picks rows. `is_plain`: it does so by the query alone, and looks nothing up before."""

    field_class = Field
    is_plain = True

    def __init__(
        self,
        kind: Kind,
        about: str,
        *,
        several: bool = False,
        field_name: str | None = None,
        lookup_expr: str = "exact",
    ):
        super().__init__(field_name, lookup_expr, label="", kind=kind, several=several, help_text=about)

    def documented(self, name: str) -> dict:
        """Its OpenAPI parameter object."""
        kind, several = self.extra["kind"], self.extra["several"]
        schema = {"type": "array", "items": kind.schema, "minItems": 1, "maxItems": MOST} if several else kind.schema
        style = {"style": "form", "explode": False} if several else {}
        return {"name": name, "in": "query", "description": self.extra["help_text"], "schema": schema} | style


class Setting(Parameter):
    """A parameter that picks no rows: the view reads it."""

    def filter(self, qs: QuerySet, value) -> QuerySet:
        return qs


class Parameters(django_filters.FilterSet):
    """No parameter at all; every other set is one of these.

    `size` and `day` are what `known_at` and `as_of` come to, which the view finds out.
    """

    size: int | None = None
    day: datetime.date | None = None

    def __init__(self, data: dict[str, str], queryset: QuerySet):
        known = type(self).base_filters  # of these the parent copies only what is asked for, which is little
        self.base_filters = {name: known[name] for name in known if name in data}
        super().__init__(data, queryset)
        self.told: dict[type[Parameters], str] = {}

    @functools.cached_property
    def form(self) -> forms.Form:
        """What was read, each parameter of the set by its name; None where it isn't given."""
        form = super().form
        form.full_clean()
        form.cleaned_data = dict.fromkeys(type(self).base_filters) | form.cleaned_data
        return form

    @classmethod
    @functools.cache
    def showing(cls) -> frozenset[str]:
        """The parameters that pick no rows."""
        return frozenset(name for name, each in cls.base_filters.items() if isinstance(each, Setting))

    @functools.cached_property
    def is_plain(self) -> bool:
        """Whether the parameters that are given pick rows by the query alone."""
        return all(each.is_plain for each in self.base_filters.values())

    @property
    def is_alike(self) -> bool:
        """Whether one way leads to the rows whatever the values are: where none are picked, it does."""
        return not self.picking()

    def picking(self) -> list[str]:
        """The parameters that are given and pick rows, in the order of their names."""
        return sorted(self.base_filters.keys() - self.showing())

    def at(self, size: int | None, day: datetime.date, asked: dict) -> "Parameters":
        """The same at a moment, with what was read of it."""
        found = type(self)(self.data, self.queryset)
        found.form = copy.copy(self.form)
        found.form.cleaned_data = asked
        found.size, found.day = size, day
        return found

    def taken(self, others: type["Parameters"]) -> str:
        """The query with those of its parameters that another set takes."""
        if others not in self.told:
            asked = {name: value for name, value in self.data.items() if name in others.base_filters}
            self.told[others] = f"?{urlencode(asked).replace('%2C', ',')}" if asked else ""
        return self.told[others]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The rows that the parameters pick."""
        for name, each in self.filters.items():
            queryset = each.filter(queryset, self.form.cleaned_data[name])
        return queryset

    def check(self) -> dict[str, list[forms.ValidationError]]:
        """What is wrong, by parameter, pairs that contradict each other included."""
        found = dict(self.form.errors.as_data())
        asked = self.form.cleaned_data
        for late, limit in asked.items():
            early = late.replace("before", "after")
            if early != late and limit and asked.get(early) and asked[early] > limit:
                found[late] = [fault("contradictory", f"is before {early}: nothing can be both")]
        return found


def sent(query: str, known: Iterable[str]) -> tuple[dict[str, str], list[dict]]:
    """({name: value}, faults) of a query string as WSGI gives it: each known parameter once, in UTF-8."""
    if len(query) > LONGEST:
        raise TooLong
    known, data, faults = sorted(known), {}, []
    for pair in filter(None, query.split("&")):
        try:
            name, value = (decoded(part) for part in pair.partition("=")[::2])
        except UnicodeError:
            name, value = pair.encode("ascii", "backslashreplace").decode(), None
            error = fault("malformed", "isn't UTF-8, percent-encoded")
        else:
            error = misplaced(name, known, name in data, faults)
        if error:
            faults.append(shown(name, value, error))
        else:
            data[name] = value
    return data, faults


def decoded(part: str) -> str:
    """A name or value of a query; UnicodeError if it isn't UTF-8."""
    return unquote_to_bytes(part.replace("+", " ").encode("latin-1")).decode()


def misplaced(name: str, known: list[str], repeated: bool, faults: list[dict]) -> forms.ValidationError | None:
    """Why a parameter can't stand where it does, whatever its value; where `known` was offered before, only the nearest is."""
    if name not in known:
        shown = len(faults) < SHOWN
        if shown and all(each["code"] != "unknown" for each in faults):
            offer = ", ".join(known) or "none"
            return fault("unknown", f"isn't a parameter of this address; those are: {offer}", name, known)
        offer = nearest(name, known) if shown else {}
        return forms.ValidationError("isn't a parameter of this address", code="unknown", params=offer)
    return fault("repeated", "is given more than once: give several values comma-separated") if repeated else None


def shown(name: str, value: str | None, error: forms.ValidationError) -> dict:
    """A fault as the component Fault says."""
    name, value = name[:100], None if value is None else value[:100]
    said = f"{name}={value}" if value else name
    found = {"parameter": name, "value": value, "code": error.code, "detail": f"{said} {error.message}."}
    return found | (error.params or {})


@functools.lru_cache(500)
def read(filterset_class: type[Parameters], query: str) -> Parameters:
    """A query string's FilterSet, valid, for reading alone; Faults naming every parameter that isn't."""
    data, faults = sent(query, filterset_class.base_filters)
    asked = filterset_class(data, queryset=Publication.objects.none())
    for name, errors in asked.check().items():
        faults += [shown(name, data[name], error) for error in errors]
    if faults:
        raise Faults(faults)
    return asked
