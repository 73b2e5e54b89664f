"""Django's settings, all from :mod:`hamlets.web.configuration`."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from hamlets.web.configuration import database, secret_key, web_settings, work_accounts

_HERE = Path(__file__).parent
_site = web_settings()

DEBUG = False
SECRET_KEY = secret_key()
ALLOWED_HOSTS = _site.hosts
ROOT_URLCONF = "hamlets.web.urls"
WSGI_APPLICATION = "hamlets.web.wsgi.application"
DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "hamlets.web.people",
    "hamlets.web.places",
    "hamlets.web.audit",
    "hamlets.web.jobs",
    "hamlets.web.answers",
    "hamlets.web.teamwork",
    "hamlets.web.uploads",
    "hamlets.web.reception",
    "hamlets.web.learning",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hamlets.web.middleware.away.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hamlets.web.middleware.sessions.SessionLimitsMiddleware",
    "hamlets.web.middleware.private.PrivatePagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "hamlets.web.templating.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "hamlets.web.templating.site",
            ],
        },
    },
    # For e-mails of the accounts package, which are plain Django templates.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

# ---- language and time: the records are London wall time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

# ---- static files: compiled once, in the package, served by the site itself
STATIC_URL = "/static/"
STATICFILES_DIRS = [_HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# ---- who somebody is
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "hamlets.web.people.passwords.NotAboutYou"},
    {
        "NAME": "hamlets.web.people.passwords.LongEnough",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "hamlets.web.people.passwords.NotCommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "hamlets.web.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "hamlets.web.people.adapters.SocialAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is proved by the invitation that was sent to it
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if _site.loopback_only else "https"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
_forms = "hamlets.web.people.account_forms"
ACCOUNT_FORMS = {
    "login": f"{_forms}.LoginForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "set_password": f"{_forms}.SetPasswordForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": f"{_forms}.AuthenticateForm",
    "reauthenticate": f"{_forms}.StepReauthenticateForm",
    "activate_totp": f"{_forms}.ActivateTotpForm",
    "add_webauthn": f"{_forms}.AddKeyForm",
    "edit_webauthn": f"{_forms}.EditKeyForm",
    "authenticate_webauthn": f"{_forms}.AuthenticateKeyForm",
    "login_webauthn": f"{_forms}.LoginKeyForm",
    "reauthenticate_webauthn": f"{_forms}.ReauthenticateKeyForm",
}
MFA_ADAPTER = "hamlets.web.people.adapters.StepAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation proved it: the package's own mark is not kept
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hamlets"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _site.loopback_only
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_PROVIDERS = work_accounts()

# ---- sessions: 15 minutes without a click, 12 hours in all
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 15 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "hamlets-session"
CSRF_COOKIE_NAME = "hamlets-form"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "hamlets.web.pages.errors.form_expired"
_secure = not _site.loopback_only
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
SECURE_SSL_REDIRECT = _secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# ---- no page takes files but the one that loads data, which streams them to the disk itself
FILE_UPLOAD_HANDLERS = ["hamlets.web.uploads.receiving.NoFiles"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# ---- post
_post = urlsplit(_site.email_url)
EMAIL_BACKEND = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "memory": "django.core.mail.backends.locmem.EmailBackend",
}.get(_site.email_url, "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _post.hostname or "localhost"
EMAIL_PORT = _post.port or 25
EMAIL_USE_TLS = _post.scheme == "smtps"
EMAIL_HOST_USER = _post.username or ""
EMAIL_HOST_PASSWORD = _post.password or ""
DEFAULT_FROM_EMAIL = _site.email_from

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}
}
# Counts of wrong passwords must be shared by all processes, so the cache lies in the database.
LOGGING_CONFIG = None
# Our own line tells of a defect without what was asked; Django's would hold the message of the
# error, and a database's message may hold a row.
logging.getLogger("django.request").propagate = False
logging.getLogger("django.request").addHandler(logging.NullHandler())
