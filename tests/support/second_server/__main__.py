"""Run the second server in FOLDER until its standard input ends: `python -m tests.support.second_server FOLDER`.

Its first line on standard output is its origin. `GET /requests` tells what it was asked.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from tests.support.second_server.clients import CLIENTS, PASSWORD, PEOPLE
from tests.support.second_server.settings import django_settings

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Silent(WSGIRequestHandler):  # type: ignore[misc]  # Django carries no types
    """Keeps requests to itself."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Nothing: `/requests` has it all."""


class Counting:
    """In front of the application: remembers path and grant type of each request."""

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self._seen: list[dict[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/requests":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self._seen).encode()]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        grant = parse_qs(body.decode("utf-8", "replace")).get("grant_type", [""])[0]
        self._seen.append({"path": environ["PATH_INFO"], "method": environ["REQUEST_METHOD"], "grant_type": grant})
        return self._application(environ, start_response)


def main(folder: Path) -> None:
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no TLS
    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    settings.configure(**django_settings(folder=folder, origin=origin, signing_key=_signing_key()))
    django.setup()
    _fill()
    server.set_app(Counting(_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(origin, flush=True)  # noqa: T201 - how the tests learn of it
    sys.stdin.read()
    server.shutdown()


def _application() -> Wsgi:
    from django.core.wsgi import get_wsgi_application

    application: Wsgi = get_wsgi_application()
    return application


def _fill() -> None:
    """Tables, people and clients."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0)
    for email in PEOPLE:
        get_user_model().objects.create_user(username=email, email=email, password=PASSWORD)
    for client in CLIENTS:
        get_application_model().objects.create(name="keyswitch", **client)


def _signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
