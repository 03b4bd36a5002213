"""Django's settings, made from ours (base.settings)."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.crypto import get_random_string

from examhall.base.settings import settings

_OURS = settings()
_HERE = Path(__file__).parent


def _secret_key() -> str:
    if _OURS.secret_key:
        return _OURS.secret_key
    file = _OURS.var_dir / "secret.key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as out:
            out.write(get_random_string(64))
    return file.read_text(encoding="ascii").strip()


def _database(url: str) -> dict[str, object]:
    """Django's description of the database at `url`; SQLite durable in WAL mode, writers queue for the lock."""
    parts = urlsplit(url or f"sqlite:///{_OURS.var_dir / 'examhall.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///") if url else str(_OURS.var_dir / "examhall.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                # Thousands of candidates keep some 10,000 pages warm; moving them out of the log at 16 MB, not at 4,
                # writes and syncs each of them less often.
                " PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000;",
            },
            "TEST": {"NAME": str(_OURS.var_dir / "test.sqlite3")},  # a file: the writer's thread needs it too
        }
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("database_url must start with sqlite:/// or postgresql://")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
    }


def _mail() -> str:
    """Which of Django's mail backends: a server, the console in a demonstration, or nothing."""
    if _OURS.smtp_host:
        return "smtp"
    return "console" if _OURS.sends_mail else "dummy"


SECRET_KEY = _secret_key()
DEBUG = _OURS.debug
ALLOWED_HOSTS = _OURS.allowed_hosts
_SECURE = _OURS.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [_OURS.public_url]

INSTALLED_APPS = [
    "examhall.journal",
    "examhall.people",
    "examhall.exam",
    "examhall.media",
    "examhall.incidents",
    "examhall.checkin",
    "examhall.invigilation",
    "examhall.review",
    "examhall.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "examhall.people.http.actor.no_store",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "examhall.site.errors.translate",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "examhall.site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "examhall.site.context.frame",
            ],
        },
    },
]

DATABASES = {"default": _database(_OURS.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["examhall.site.passwords.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_ADAPTER = "examhall.site.accounts.ClosedAccounts"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# A whole campus has one address, and all come within minutes; guessing is slowed down by axes, by name and address.
ACCOUNT_RATE_LIMITS = {
    "login": "3000/m/ip",
    "login_failed": "300/m/ip",
    "reset_password": "300/m/ip,5/m/key",
    "reset_password_from_key": "3000/m/ip",
}
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600
ACCOUNT_SESSION_REMEMBER = True  # a crashed browser must find its way back into the exam without the password
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "ENQUEUE_ON_COMMIT": False},
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [_HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
EMAIL_BACKEND = f"django.core.mail.backends.{_mail()}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _OURS.smtp_host, _OURS.smtp_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _OURS.smtp_user, _OURS.smtp_password
EMAIL_USE_TLS, EMAIL_USE_SSL = _OURS.smtp_security == "starttls", _OURS.smtp_security == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _OURS.mail_from or "examhall@localhost"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
}
