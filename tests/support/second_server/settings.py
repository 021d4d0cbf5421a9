"""Settings of the second authorization server: Django with django-oauth-toolkit, as their documentation has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LOGIN_PAGE = """<!doctype html><title>Sign in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button type="submit">Sign in</button></form>"""


def django_settings(*, folder: Path, origin: str, signing_key: str) -> dict[str, Any]:
    """For `django.conf.settings.configure`. *signing_key* is a private RSA key in PEM."""
    return {
        "SECRET_KEY": "fake-secret-key-of-the-second-server",
        "DEBUG": False,
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "tests.support.second_server.urls",
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.contrib.auth.context_processors.auth"],
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "second.sqlite3"),
                "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
            }
        },
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # fast, and guards nothing here
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LOGIN_URL": "/accounts/login/",
        "OAUTH2_PROVIDER": oauth_settings(origin=origin, signing_key=signing_key),
    }


def oauth_settings(*, origin: str, signing_key: str) -> dict[str, Any]:
    """Strict wherever the toolkit leaves a choice (RFC 9700)."""
    strict = ("PKCE_METHOD", "PKCE_REQUIRED", "REFRESH_TOKEN", "TOKEN_STORAGE", "AUTHZ_RESPONSE_ISS")
    return {
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "SCOPES": {"openid": "Know who you are", "email": "See your e-mail address", "chat": "Chat for you"},
        "DEFAULT_SCOPES": ["chat"],
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": signing_key,
        "OAUTH2_VALIDATOR_CLASS": "tests.support.second_server.claims.NamesPeople",
        "OAUTH_DEVICE_VERIFICATION_URI": f"{origin}/o/device/",
        "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": f"{origin}/o/device/?user_code={{user_code}}",
        "ALLOWED_SCHEMES": ["http"],
        **{f"COMPLIANT_BCP_RFC9700_{name}": True for name in strict},
    }
