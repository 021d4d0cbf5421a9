"""An OAuth client is entered line by line."""

from __future__ import annotations

from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.text.pasted_client import is_path
from domain.text.secret import Secret
from entrypoints.plain.line_terminal import LineTerminal, say_lines
from entrypoints.services import Services
from entrypoints.words.errors import trouble
from entrypoints.words.own_clients import asked_for, client_kept, guide_page, needs_client

LEFT = "Nothing was changed."


def ask_for_client(line: LineTerminal, services: Services, provider: Provider, way_in: str) -> bool:
    """Whether a client was entered; *way_in* is what works without one."""
    say_lines(needs_client(provider), way_in, *provider.facts.client_help, guide_page(provider))
    while True:
        try:
            given = line.ask(f"{asked_for(provider)} (Enter alone leaves): ")
            if not given:
                break
            secret = Secret("") if is_path(given) else _secret(line)
            client = services.enter_client(provider, given, secret)
        except EOFError:
            break
        except KeyboardInterrupt:
            line.forgive()
            break
        except KeyswitchError as error:
            say_lines(trouble(error, again="Give it again"))
        else:
            say_lines(client_kept(client))
            return True
    say_lines(LEFT)
    return False


def _secret(line: LineTerminal) -> Secret:
    """The secret of the client; empty where it has none."""
    if line.ask("Has it a client secret? y/N ").casefold() != "y":
        return Secret("")
    return line.ask_unseen("Client secret (does not show): ")
