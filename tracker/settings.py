"""Every setting, from the environment. A missing or wrong variable stops the start, saying why and what to do."""

import os

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tracker import PROJECT, data_dir, postgres


def required(name: str, why: str, fix: str) -> str:
    """Return a variable of the environment; raise ImproperlyConfigured, with reason and fix, where it is not set."""
    if not (value := os.environ.get(name)):
        raise ImproperlyConfigured(
            f"{name} is not set. {why} {fix} (To try the tracker on this machine: `make run`, which needs no settings.)"
        )
    return value


def flag(name: str, default: bool) -> bool:
    """Return a yes-or-no variable; raise ImproperlyConfigured on anything but 1 and 0."""
    value = os.environ.get(name) or str(int(default))
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Set it to 1 or 0.")
    return value == "1"


def number(name: str, default: int) -> int:
    """Return a whole number, 0 or more; raise ImproperlyConfigured on anything else."""
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is no whole number. Set it to 0 or more, say {default}.")
    return int(value)


def database(name: str, url: str) -> dict:
    """Return Django's form of a database address; raise ImproperlyConfigured if it is not PostgreSQL's."""
    try:
        parsed = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    except ValueError:
        parsed = {}
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} is no address of a PostgreSQL database, and the history needs PostgreSQL's triggers. "
            "Write it as postgresql://USER:PASSWORD@HOST:5432/NAME, or unset it to use a private database."
        )
    return parsed


DEBUG = flag("DJANGO_DEBUG", False)
SECRET_KEY = required(
    "DJANGO_SECRET_KEY",
    "It signs the curators' sessions; whoever knows it can act as any of them.",
    "Set it to 50 or more random characters, say from `python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`.",
)
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        f"DJANGO_SECRET_KEY has {len(SECRET_KEY)} characters, too few to be safe from guessing. Set 50 or more, at "
        "random: `python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`."
    )
ALLOWED_HOSTS = [
    host.strip()
    for host in required(
        "DJANGO_ALLOWED_HOSTS",
        "Answers to any other host name are refused, since such a name can be forged.",
        "Set it to the site's host names, comma-separated, say `tracker.example.org`.",
    ).split(",")
    if host.strip()
]

if os.environ.get("DATABASE_OWNER_URL") and not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured(
        "DATABASE_OWNER_URL is set and DATABASE_URL is not: migrations would reach another database than the site. "
        "Set both, the second for a role that owns nothing; or neither, to use a private database."
    )
_cluster = postgres.ensure()
_url = os.environ.get("DATABASE_URL") or _cluster.url
_owner_url = os.environ.get("DATABASE_OWNER_URL") or (_cluster.owner_url if _cluster else _url)
DATABASES = {
    "default": database("DATABASE_URL", _url),  # serves, and owns nothing
    "owner": database("DATABASE_OWNER_URL", _owner_url),  # migrates, imports
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SIGNING_KEY = os.environ.get("TRACKER_SIGNING_KEY", "")  # a PEM file, kept outside the database: signs checkpoints
RELEASES = data_dir() / "releases"

INSTALLED_APPS = [
    "commitments.apps.CommitmentsConfig",
    "commitments.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "pgtrigger",
]
MIDDLEWARE = [
    "commitments.api.middleware.number",
    "tracker.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "commitments.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [PROJECT / "commitments" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect, nothing to forget

# Plain HTTP is for the local mode, or behind a proxy on one machine's loopback; all else is bound to HTTPS.
PLAIN_HTTP = flag("DJANGO_PLAIN_HTTP", False)
SECURE_SSL_REDIRECT = not PLAIN_HTTP and flag("DJANGO_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz)$"]  # a probe asks the process itself, not the proxy
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else number("DJANGO_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
if _header := os.environ.get("DJANGO_PROXY_SSL_HEADER"):  # say X-Forwarded-Proto, where the proxy always sets it
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + _header.upper().replace("-", "_"), "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The API is for reading by anybody, from any site's pages, without cookies.
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/(api|feeds)/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "commitments.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commitment tracker",
    "DESCRIPTION": "Commitments that governments made in joint statements, each proved by verbatim source quotes.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],  # the components are written out, in shapes.py; its own would change them in place
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tracker.logs.JSONLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
