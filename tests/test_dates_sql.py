"""The bounds in the constraints are the bounds that the parser knows: SQL and Python agree on any text."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.dates import bounds

IN_ONE_DATABASE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
YEARS = st.integers(0, 9999).map("{:04}".format) | st.sampled_from(
    ["0000", "9999", "203X", "20XX", "000X", "00XX", "99XX"]
)
SUFFIXES = st.integers(0, 45).map("-{:02}".format)
DATES = st.builds(
    lambda year, *rest: year + "".join(rest),
    YEARS,
    st.just("")
    | SUFFIXES
    | st.builds(lambda month, day: f"-{month:02}-{day:02}", st.integers(0, 13), st.integers(0, 32)),
    st.sampled_from(["", "", "", "~", "?", "%", "~?", " "]),
)
ENDS = DATES | st.sampled_from(["", "..", "soon"])
FORMS = DATES | st.builds("{}/{}".format, ENDS, ENDS) | st.builds("[{}..{}]".format, ENDS, ENDS)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NEAR_FORMS = st.text(st.sampled_from("0123456789X-/.[]~?% ٣\n"), max_size=14)


def in_python(form):
    try:
        return tuple(bounds(form))
    except ValueError:
        return "refused"


def in_sql(form, settings=""):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(settings or "SELECT")
            cursor.execute("SELECT public.edtf_earliest(%s), public.edtf_latest(%s)", [form, form])
            return cursor.fetchone()
    except IntegrityError:
        return "refused"


@IN_ONE_DATABASE
@given(FORMS | NEAR_FORMS | st.text(CHARACTERS))
def test_sql_and_python_bound_any_text_alike(db, form):
    assert in_sql(form) == in_python(form)


def test_the_short_way_to_a_day_is_right_about_each_it_takes_and_takes_nearly_all(db):
    years = ("0000", "0001", "1900", "2000", "2031", "2032", "9999", "203X", "031")
    forms = [f"{year}-{month:02}-{day:02}" for year in years for month in range(14) for day in range(33)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT form, public.edtf_day(form) FROM unnest(%s::text[]) form", [[*forms, "2031-01-01~", "", "x"]]
        )
        taken = {form: (day, day) for form, day in cursor if day}
    assert taken == {form: in_python(form) for form in taken}
    left = [form for form in forms if form not in taken and in_python(form) != "refused"]
    assert left == ["2000-02-29", "2032-02-29"]


def test_sql_and_python_bound_every_month_season_quarter_third_and_half_alike(db):
    forms = [f"{year}-{code:02}" for year in ("2031", "2032", "9999") for code in range(100)]
    assert {form: in_sql(form) for form in forms} == {form: in_python(form) for form in forms}


@pytest.mark.prove
def test_sql_and_python_bound_every_day_and_pair_of_forms_alike(db):
    days = [
        f"{year}-{month:02}-{day:02}" for year in (1900, 2000, 2031, 2032) for month in range(14) for day in range(33)
    ]
    ends = ["", "..", "2031", "2031-06", "2031-06-15", "203X", "20XX", "2031-24", "2031-34", "2032~", "soon"]
    pairs = [form.format(*pair) for pair in itertools.product(ends, ends) for form in ("{}/{}", "[{}..{}]")]
    assert {form: in_sql(form) for form in days + pairs} == {form: in_python(form) for form in days + pairs}


def test_no_date_has_no_bounds_in_sql(db):
    assert in_sql(None) == in_sql("") == (None, None)


@pytest.mark.parametrize(
    "settings",
    ["SET LOCAL datestyle = 'SQL, DMY'", "SET LOCAL search_path = ''", "SET LOCAL intervalstyle = 'iso_8601'"],
)
@pytest.mark.parametrize("form", ["2031-02/2031-24", "2031-03-31"])
def test_no_setting_of_the_session_has_a_say_in_sql(db, settings, form):
    assert in_sql(form, settings) == in_python(form)


@pytest.mark.no_cover
def test_sql_refuses_as_a_constraint_does_and_names_the_form(db):
    with (
        pytest.raises(IntegrityError, match="2031-02-30") as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT public.edtf_latest('2031-02-30')")
    assert refusal.value.__cause__.sqlstate == "23514"


def test_constraints_may_be_built_on_the_sql_functions(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT provolatile, proparallel FROM pg_proc WHERE proname LIKE 'edtf\\_%%est'", [])
        assert cursor.fetchall() == [("i", "s")]
