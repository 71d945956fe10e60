"""All settings of the site in one file.

What an installation may set comes from the environment through the typed helpers below; each is
declared in ``DECLARED`` with its meaning, so that ``samverkan check`` and the documentation list
them all. What belongs to the municipality's policy is dated rows in the database
(``samverkan.foundation.municipality``), never here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from samverkan.foundation.web import tiles


@dataclass(frozen=True)
class Declared:
    """One environment variable: what it means, what it is when unset, and if it is secret."""

    name: str
    meaning: str
    default: str = ""
    secret: bool = False


DECLARED: dict[str, Declared] = {}


def text(name: str, meaning: str, default: str = "", *, secret: bool = False) -> str:
    """The value of a variable, or of the file named by ``<name>_FILE``, which must then be readable."""
    DECLARED[name] = Declared(name, meaning, default, secret)
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return os.environ.get(name, default)


def flag(name: str, meaning: str, default: bool = False) -> bool:
    """A yes or no: 1/0, true/false, yes/no."""
    value = text(name, meaning, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} is '{value}'. Write 1 or 0.")


def names(name: str, meaning: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, meaning, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """A PostgreSQL address as Django's settings, sockets included (``postgresql://user:pw@/db?host=/dir``)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://. No other database is supported.")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "samverkan",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "samverkan", **options},
    }


BASE = Path(__file__).resolve().parents[1]
CHECKOUT = BASE.parents[1]

DATA = Path(text("SAMVERKAN_DATA", "The folder of files, keys and the embedded database.", str(CHECKOUT / ".data")))
DEMO = flag("SAMVERKAN_DEMO", "Demonstration: one-click sign-in with invented people, on this computer only.")
DEBUG = flag("SAMVERKAN_DEBUG", "Show program errors in the browser. Never in operation.")
INSTALLATION = text("SAMVERKAN_INSTALLATION", "Short name that keeps the cookies of two installations apart.", "main")
BASE_URL = text("SAMVERKAN_BASE_URL", "The address that people use, for links in mail.", "http://localhost:8000")
SECRET_KEY = text("SAMVERKAN_SECRET_KEY", "Signs sessions and links. At least 50 random characters.", secret=True)
if not SECRET_KEY:
    # Commands that neither serve nor sign (checks, type checks, message extraction) need no real key.
    SECRET_KEY = "not-for-serving"  # noqa: S105
text("SAMVERKAN_EPSG", "Metric coordinate system of a new installation; read once, when it is created.", "3006")
ALLOWED_HOSTS = names(
    "SAMVERKAN_HOSTS", "Host names the site answers to, separated by commas.", "localhost,127.0.0.1,[::1]"
)
_secure = BASE_URL.startswith("https://")
MAP_TILES = text(
    "SAMVERKAN_MAP_TILES",
    "A background for the maps: the https address of raster tiles with {z}, {x} and {y}. Its host learns where one looks.",
)
MAP_TILES_ATTRIBUTION = text(
    "SAMVERKAN_MAP_TILES_ATTRIBUTION",
    "Whose background map it is, as its licence wants it written. Demanded with the tiles.",
)
try:
    MAP_TILES_HOST = tiles.host_of(MAP_TILES)
except ValueError as error:
    raise ImproperlyConfigured(f"SAMVERKAN_MAP_TILES is no address of tiles: {error}.") from error
if MAP_TILES and not MAP_TILES_ATTRIBUTION:
    raise ImproperlyConfigured(
        "SAMVERKAN_MAP_TILES is set without SAMVERKAN_MAP_TILES_ATTRIBUTION. Write whose map it is."
    )

DATABASES = {
    "default": database(
        text(
            "DATABASE_URL",
            "The database, as the role app. Set by the embedded server when empty.",
            "postgresql://app@/samverkan",
            secret=True,
        )
    )
}
text("SAMVERKAN_OWNER_DATABASE_URL", "The database as the role owner. Only migrations use it.", "", secret=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "samverkan.foundation.web",  # before allauth: its templates are replaced by ours
    "samverkan.site",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "samverkan.foundation.postgres",
    "samverkan.foundation.people",
    "samverkan.foundation.refs",
    "samverkan.foundation.audit",
    "samverkan.foundation.chain",
    "samverkan.foundation.municipality",
    "samverkan.foundation.files",
    "samverkan.foundation.marks",
    "samverkan.foundation.jobs",
    "samverkan.foundation.notify",
    "samverkan.foundation.search",
    "samverkan.domain.places",
    "samverkan.domain.measures",
    "samverkan.domain.incidents",
    "samverkan.domain.picture",
    "samverkan.domain.est",
]

MIDDLEWARE = [
    "samverkan.foundation.web.middleware.RequestIdMiddleware",
    "samverkan.foundation.web.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "samverkan.foundation.web.middleware.DatabaseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "samverkan.foundation.people.middleware.ActorMiddleware",
    "samverkan.foundation.access.middleware.DeclaredRoutesMiddleware",
    "samverkan.foundation.web.middleware.ProblemMiddleware",
]

ROOT_URLCONF = "samverkan.site.urls"
WSGI_APPLICATION = "samverkan.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "samverkan.site.context.site",
            ],
        },
    }
]

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["samverkan.foundation.people.passwords.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "samverkan.foundation.people.passwords.NotPublic"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "samverkan.foundation.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation reaches the address, which verifies it
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    # Wrong passwords and codes are counted by foundation.people.guesses, which strangers cannot turn against a person.
    "login": "",
    "login_failed": "",
    # A link that a stranger asks for reaches the person all the same; this keeps their mail from being filled.
    "reset_password": "20/m/ip,3/h/key",
}
ACCOUNT_FORMS = {"change_password": "samverkan.foundation.people.password_forms.ChangePasswordForm"}
MFA_ADAPTER = "samverkan.foundation.people.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": ""}  # nobody guesses a passkey, and strangers on one's network must not stop it
MFA_FORMS = {
    "authenticate": "samverkan.foundation.people.codes.AuthenticateForm",
    "reauthenticate": "samverkan.foundation.people.codes.ReauthenticateForm",
    "activate_totp": "samverkan.foundation.people.codes.ActivateTOTPForm",
}
MFA_TOTP_TOLERANCE = 1  # a code is right one period before and after its own, at set-up as at sign-in (RFC 6238, 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure  # localhost is a secure context, though not https
MFA_TOTP_ISSUER = "Samverkan"

SESSION_COOKIE_NAME = f"samverkan_{INSTALLATION}"
CSRF_COOKIE_NAME = f"samverkan_csrf_{INSTALLATION}"
KNOWN_BROWSER_COOKIE_NAME = f"samverkan_known_{INSTALLATION}"
LANGUAGE_COOKIE_NAME = f"samverkan_lang_{INSTALLATION}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
METRICS_TOKEN = text(
    "SAMVERKAN_METRICS_TOKEN",
    "Whoever sends it as Bearer reads /metrics, from anywhere. Empty: only this computer does, and nobody behind a proxy.",
    secret=True,
)
BEHIND_PROXY = flag(
    "SAMVERKAN_BEHIND_PROXY", "Believe X-Forwarded-Proto and X-Forwarded-For. Only behind a proxy that sets both."
)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Wrong attempts are counted by address too; all would share the proxy's, and one could hold back everybody.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CSRF_FAILURE_VIEW = "samverkan.foundation.web.views.csrf_failure"

# Reports carry at most four photos of 12 megapixels; larger files are written to disk while received.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
FILE_UPLOAD_PERMISSIONS = 0o600

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [
    BASE / "foundation" / "locale",
    BASE / "foundation" / "documents" / "locale",
    BASE / "foundation" / "editions" / "locale",
    BASE / "foundation" / "reading" / "locale",
    BASE / "foundation" / "privacy" / "locale",
    BASE / "cli" / "locale",
]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# Files are served from where they lie and carry their version in the address (vendor) or are
# revalidated, so that no collecting step stands between a checkout and a running site.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA / "files"

_mail = text(
    "SAMVERKAN_SMTP_URL", "Mail server, smtp://user:password@host:port. Empty: mail stays in a folder.", secret=True
)
if _mail:
    _m = urlsplit(_mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _m.hostname or "localhost", _m.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_m.username or ""), unquote(_m.password or "")
    EMAIL_USE_TLS = _m.scheme == "smtp" and EMAIL_PORT == 587
    EMAIL_USE_SSL = _m.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"
DEFAULT_FROM_EMAIL = text("SAMVERKAN_MAIL_FROM", "Sender of mail.", "samverkan@localhost")

# Holds what is counted of attempts to sign in, and used codes, for all processes together; nothing else uses a cache.
CACHES = {"default": {"BACKEND": "samverkan.foundation.people.attempts.SharedCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
#: The colours of the design system.
MESSAGE_TAGS = {
    messages.INFO: "accent",
    messages.SUCCESS: "success",
    messages.WARNING: "warning",
    messages.ERROR: "danger",
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "samverkan.foundation.web.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
