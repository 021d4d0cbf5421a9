"""What is said while an OAuth client is entered."""

from __future__ import annotations

from domain.errors import NoClient
from domain.provider import Provider
from domain.text.pasted_client import OwnClient
from domain.text.untrusted import untrusted_line


def client_title(provider: Provider) -> str:
    """What the dialog is called."""
    return f"{provider.label}: your OAuth client, once"


def needs_client(provider: Provider) -> str:
    """Why one is asked for."""
    return str(NoClient(provider))


def asked_for(provider: Provider) -> str:
    """What belongs into the first field."""
    return "Client ID, or the path of the JSON file" if provider.facts.client_in_file else "Client ID"


def client_kept(client: OwnClient) -> str:
    """What was kept, and where."""
    sealed = ", its secret is sealed" if client.secret else ""
    return untrusted_line(f"{client.provider.label} client {client.client_id}: the ID is in config.toml{sealed}.")


def guide_page(provider: Provider) -> str:
    """Where the whole guide is."""
    return f"The whole guide: docs/how-to/sign-in-{provider}.md"
