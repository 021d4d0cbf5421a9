"""Keep an OAuth client that a person enters: its id in the config, its secret sealed."""

from __future__ import annotations

from application.ports.config_editor import ConfigEditor
from application.ports.registrations import OwnClients
from domain.errors import UsageError
from domain.provider import Provider
from domain.text.pasted_client import OwnClient, bare, is_path, parse_client
from domain.text.secret import Secret


class EnterClient:
    """What the next sign-in of a provider is made with. Sessions that are stored keep their own clients."""

    def __init__(self, *, clients: OwnClients, config: ConfigEditor) -> None:
        self._clients = clients
        self._config = config

    def __call__(self, provider: Provider, given: str, secret: Secret) -> OwnClient:
        """Keep the client whose id is *given*, or that is in the file of that name. Blocks.

        Raises:
            UsageError: That is no client, or the config holds the secret of another one, or refuses this one.
            ConfigError: The config cannot be read or written.
            StoreError: The secret could not be sealed.
        """
        table = f"providers.{provider}"
        for name in ("client_secret", "client_secret_file"):
            if self._config.get(f"{table}.{name}") is not None:
                raise UsageError(
                    f"The config has a {name} under [{table}], which would go along with this client. "
                    "Take it out of config.toml first. Nothing was changed."
                )
        client = (
            self._clients.from_file(provider, bare(given)) if is_path(given) else parse_client(provider, given, secret)
        )
        if client.secret:
            self._clients.seal(client)  # first: it is good for this id alone, and an id without its secret is of no use
        self._config.set(f"{table}.client_id", client.client_id)
        if client.project and self._config.get(f"{table}.quota_project") is None:
            self._config.set(f"{table}.quota_project", client.project)
        return client
