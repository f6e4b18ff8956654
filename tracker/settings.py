"""Every setting, from the environment. A missing or wrong variable stops the start, saying why and what to do."""

import datetime
import os
import re

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tracker import PROJECT, data_dir, local, logs, postgres


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


def number(name: str, default: int, example: int | None = None) -> int:
    """Return a whole number, 0 to a billion; raise ImproperlyConfigured, with an example, on anything else."""
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ImproperlyConfigured(
            f"{name}={value!r} is no whole number. Set it to 0 or more, say {default if example is None else example}."
        )
    return int(value)


def origins(name: str) -> list[str]:
    """Return the origins that are named, comma-separated; [] for `*`; raise ImproperlyConfigured on anything else."""
    value = os.environ.get(name) or "*"
    found = [each.strip() for each in value.split(",")]
    wrong = [each for each in found if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", each)]
    if wrong and found != ["*"]:
        raise ImproperlyConfigured(
            f"{name}: {wrong[0]!r} is no origin. Set it to `*` for any, or to origins as browsers send them, "
            "comma-separated, without a path: `https://www.example.org,http://localhost:3000`."
        )
    return [] if wrong else found


# A server that doesn't answer is given up after seconds, in connecting and while a query runs.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def database(name: str, url: str, **options) -> dict:
    """Return Django's form of a database address; raise ImproperlyConfigured if it is not PostgreSQL's.

    `options` of the connection give way to those in the address.
    """
    try:
        parsed = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    except ValueError:
        parsed = {}
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} is no address of a PostgreSQL database, and the history needs PostgreSQL's triggers. "
            "Write it as postgresql://USER:PASSWORD@HOST:5432/NAME, or unset it to use a private database."
        )
    parsed["ENGINE"] = "tracker.database"
    parsed["OPTIONS"] = NETWORK | {"prepare_threshold": 1} | options | parsed.get("OPTIONS", {})
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

# Who knows a name for the site that means another machine than theirs reaches it from elsewhere.
BEYOND_LOOPBACK = not set(ALLOWED_HOSTS) <= set(local.HOSTS.split(","))
if DEBUG and BEYOND_LOOPBACK:
    raise ImproperlyConfigured(
        "DJANGO_DEBUG=1 shows stack traces and settings, and DJANGO_ALLOWED_HOSTS has names by which others reach this "
        f"site. Unset DJANGO_DEBUG, or allow only {local.HOSTS}."
    )

if os.environ.get("DATABASE_OWNER_URL") and not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured(
        "DATABASE_OWNER_URL is set and DATABASE_URL is not: migrations would reach another database than the site. "
        "Set both, the second for a role that owns nothing; or neither, to use a private database."
    )
_cluster = postgres.ensure()
_url = os.environ.get("DATABASE_URL") or _cluster.url
_owner_url = os.environ.get("DATABASE_OWNER_URL") or (_cluster.owner_url if _cluster else _url)
# A question that runs away or waits for a lock ends as a 503; a transaction that is forgotten ends, too.
TIMEOUTS = postgres.TIMEOUTS
# What is planned once (tracker/database) is planned for all values; an act's statements as PostgreSQL likes (ledger).
_startup = TIMEOUTS | {"plan_cache_mode": "force_generic_plan"}
_options = " ".join(f"-c {name}={value}" for name, value in _startup.items())
DATABASES = {
    "default": database("DATABASE_URL", _url, options=_options),  # serves, and owns nothing
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
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]
MIDDLEWARE = [
    "tracker.logs.each_request",
    "tracker.middleware.public",  # which a public address leaves by PUBLIC; the rest is the desk's
    "tracker.middleware.desk_headers",
    "tracker.middleware.SecurityHeaders",
    "commitments.api.limits.desk_seats",
    "django.middleware.security.SecurityMiddleware",  # within the limits: it redirects
    "commitments.api.errors.bodies",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tracker.middleware.Slashes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
PUBLIC = [
    "tracker.middleware.public_headers",
    "tracker.middleware.Cors",  # around all that refuses or redirects, so that a page of another site can read it
    "commitments.api.limits.length",
    "commitments.api.limits.rate",
    "commitments.api.limits.seats",
    "tracker.middleware.Redirects",
    "commitments.api.errors.bodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.compression.compress",
    "tracker.middleware.Slashes",
]
AGAIN = "commitments.api.again.Again"  # before all of these: what was asked before
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
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

# Five wrong passwords for one name, or from one address, and it is locked for a quarter of an hour. A success resets
# nothing, or an account of one's own would pay for more guesses; a try while it is locked doesn't make it longer.
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "tracker.requests.subscriber"
AXES_LOCKOUT_CALLABLE = "commitments.admin.factor.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # who logged in from where is personal data that nobody needs
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Commitment tracker"

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
SESSION_ENGINE = "tracker.sessions"
SESSION_COOKIE_AGE = 2 * 60 * 60  # seconds without a request after which a session ends
SESSION_LASTS = 12 * 60 * 60  # seconds after the log-in, whatever happens in between
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A cookie of the name __Host-… is one that this very host set over TLS: no neighbour and no plain connection can plant it.
_secure = not PLAIN_HTTP or bool(_header)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    f"{'__Host-' if _secure else ''}{name}" for name in ("sessionid", "csrftoken", "django_language")
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE, LANGUAGE_COOKIE_SAMESITE = 31_536_000, "Lax"  # a year: no person chooses at each log-in anew
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # bytes of a form: a long document's text is pasted into one

# What is public is for reading by anybody, from any site's pages, without cookies.
CORS_ALLOWED_ORIGINS = origins("TRACKER_CORS_ORIGINS")
CORS_ALLOW_ALL_ORIGINS = not CORS_ALLOWED_ORIGINS
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["Accept", "If-Modified-Since", "If-None-Match", "X-Request-ID"]
CORS_EXPOSE_HEADERS = [
    *("Content-Disposition", "ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")
]
CORS_PREFLIGHT_MAX_AGE = 86_400  # a day: what is allowed changes with a new start alone

PROXIES = number("TRACKER_PROXIES", 0, 1)  # in front of this; each appends to X-Forwarded-For
RATE_LIMIT = number("TRACKER_RATE_LIMIT", 0, 600)  # requests a minute and client; 0: as many as come

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "commitments.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commitment tracker",
    "DESCRIPTION": "Commitments that governments made in joint statements, each proved by verbatim source quotes.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "commitments.api.schema.completed"
    ],  # its own would change shapes.py's components in place
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = logs.CONFIG
