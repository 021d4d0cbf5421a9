"""The settings of a person as they stand in the config file, after they were checked."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.records import dataclass

if TYPE_CHECKING:
    from domain.auth_mode import AuthMode
    from domain.model import Preset
    from domain.provider import Provider
    from domain.text.key_command import KeyCommand

KEY_COMMAND: Final = "key_command"
"""What the command that prints an API key is called in the table of its provider."""


class EnvKeys(StrEnum):
    """What happens with API keys that lie in the environment."""

    IGNORE = "ignore"
    FALLBACK = "fallback"
    """Used where a provider has no stored credential at all."""


class LaptopUse(StrEnum):
    """When what a laptop lends answers here."""

    FALLBACK = "fallback"
    """Where nothing that is kept here does."""
    FIRST = "first"
    """Before what is kept here."""
    NEVER = "never"


class KeyPreference(StrEnum):
    """Where the person wants the master key of the session store to be kept."""

    AUTO = "auto"
    KEYRING = "keyring"
    FILE = "file"
    PASSPHRASE = "passphrase"


@dataclass(frozen=True, slots=True)
class Looks:
    """How a person likes the screen: the table `ui`, whose members have these names."""

    theme: str = ""
    """The name of a theme; "" leaves it to the terminal's background."""
    mouse: bool = True
    favourites: tuple[str, ...] = ()
    """The ids of presets that come first, in the order in which they were marked."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that a person made. Everything has a default: an absent file counts as an empty one."""

    model: str | None = None
    """The id of the preset that is selected."""
    active_auth_provider: AuthMode | None = None
    env_keys: EnvKeys = EnvKeys.IGNORE
    laptop: LaptopUse = LaptopUse.FALLBACK
    key_source: KeyPreference = KeyPreference.AUTO
    strict_renewal: bool = False
    """Whether a refresh token whose answer was lost is never sent again: a new sign-in is asked for instead."""
    refresh_models: bool = True
    """Whether the app asks the providers for their lists of models, once a day."""
    claude_profile: str | None = None
    """The profile of Anthropic's own tool that is borrowed, if one is."""
    key_commands: tuple[KeyCommand, ...] = ()
    """What prints API keys that are stored elsewhere: one a provider at most, and only what nobody else can write."""
    presets: tuple[Preset, ...] = ()
    """Presets that the person added or overrode."""
    clients: frozenset[Provider] = frozenset()
    """The providers for which an OAuth client is at hand."""
    ui: Looks = Looks()
    notices: tuple[str, ...] = ()
    """What a person should know once about the file itself: a migrated key, loose permissions."""
