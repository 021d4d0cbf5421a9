"""From the tables of a config file to settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters.config.checks import Section
from adapters.config.old_keys import CURRENT, old_choice, reconciled
from application.settings import EnvKeys, KeySource, Settings
from domain.auth_mode import AuthMode, parse_auth_mode
from domain.errors import UnknownAuthMode, UnknownProvider
from domain.model import Preset, ReasoningLevel
from domain.provider import Provider, parse_provider

ProviderOf = Callable[[str], Provider | None]


def read_settings(top: Section, provider_of: ProviderOf) -> Settings:
    """What the file says, old keys included.

    Raises:
        ConfigError: A value makes no sense.
    """
    presets = tuple(_presets(top.section("presets"), provider_of))
    providers = provider_sections(top)
    auth = top.section("auth")
    model = top.text("model")
    old = old_choice(top)
    mode, notice = reconciled(auth_mode(top) or old.mode, model, owner_lookup(presets, provider_of))
    return Settings(
        model=model,
        active_auth_provider=mode,
        env_keys=auth.choice("env_keys", EnvKeys) or EnvKeys.IGNORE,
        key_source=auth.choice("key_source", KeySource) or KeySource.AUTO,
        strict_renewal=auth.flag("strict_renewal") or False,
        claude_profile=None if auth.values.get("claude_profile") == "" else auth.text("claude_profile"),
        presets=presets,
        clients=frozenset(_clients(providers)),
        ui=dict(top.section("ui").values),
        notices=(*old.notices, *([notice] if notice else ())),
    )


def auth_mode(top: Section) -> AuthMode | None:
    """The value of `active_auth_provider`. Raises ConfigError where it is no mode."""
    value = top.values.get(CURRENT)
    if value is None:
        return None
    try:
        return parse_auth_mode(value)
    except UnknownAuthMode as error:
        known = ", ".join(error.known)
        raise top.wrong(CURRENT, f"one of {known}", suggestion=error.suggestion) from None


def provider_sections(top: Section) -> dict[Provider, Section]:
    """The tables below `providers`. Raises ConfigError for an unknown provider, and for one that is there twice."""
    providers = top.section("providers")
    found: dict[Provider, Section] = {}
    for name, section in providers.sections():
        try:
            provider = parse_provider(name)
        except UnknownProvider as error:
            raise providers.problem(f"{section.name}: {error}") from None
        if provider in found:
            raise providers.problem(f"{found[provider].name} and {section.name} mean the same provider; keep one")
        found[provider] = section
    return found


def owner_lookup(presets: tuple[Preset, ...], provider_of: ProviderOf) -> ProviderOf:
    """Whose model a name is: a preset's of the file first."""
    own = {preset.id: preset.provider for preset in presets}
    return lambda name: own.get(name) or provider_of(name)


def _presets(table: Section, provider_of: ProviderOf) -> Iterator[Preset]:
    for name, section in table.sections():
        if not name.strip() or not name.isprintable():
            raise table.problem(f"{section.name}: expected a name of visible characters for a preset")
        model = section.text("model")
        if model is None:
            raise section.problem(f"{section.dotted('model')}: expected the id of a model, found nothing")
        yield Preset(
            id=name,
            label=section.text("label") or name,
            model=model,
            provider=_preset_provider(section, model, provider_of),
            tagline=section.text("tagline") or "",
            family=section.text("family") or "",
            level=section.choice("level", ReasoningLevel),
            aliases=section.texts("aliases"),
            own=True,
        )


def _preset_provider(section: Section, model: str, provider_of: ProviderOf) -> Provider:
    named = section.text("provider")
    if named is None:
        inferred = provider_of(model)
        if inferred is None:
            known = ", ".join(Provider)
            raise section.problem(f"{section.dotted('provider')}: {model} does not tell it; expected one of {known}")
        return inferred
    try:
        return parse_provider(named)
    except UnknownProvider as error:
        raise section.problem(f"{section.dotted('provider')}: {error}") from None


def _clients(providers: dict[Provider, Section]) -> Iterator[Provider]:
    """ChatGPT registers a client by itself; at the others one has to bring one's own."""
    yield Provider.CHATGPT
    for provider, section in providers.items():
        client_id, file = section.text("client_id"), section.text("client_secret_file")
        if client_id or (provider is Provider.GEMINI and file):
            yield provider
