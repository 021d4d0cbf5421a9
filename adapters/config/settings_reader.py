"""From the tables of a config file to settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from adapters.config.earlier_keys import CURRENT, EarlierChoice, earlier_choice, reconciled
from adapters.config.value_checks import Section
from application.settings import KEY_COMMAND, EnvKeys, KeyPreference, LaptopUse, Looks, Settings
from domain.errors import ConfigError, UnknownName
from domain.model import Preset, ReasoningLevel
from domain.names import parse_auth_mode, parse_provider
from domain.provider import Provider

if TYPE_CHECKING:
    from domain.auth_mode import AuthMode
    from domain.spending.limits import Limits
    from domain.text.key_command import KeyCommand

ProviderOf = Callable[[str], Provider | None]
T = TypeVar("T")


class Reading:
    """What becomes of a value that makes no sense: an error, or, with *lenient*, a problem that stops nobody.

    A config may come from another version, where the value meant something. It is named, counts as absent, and the file
    is left alone.
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self.problems: list[str] = []

    def take(self, read: Callable[[], T], default: T) -> T:
        """What *read* gives, or *default* where the value is ignored. Raises ConfigError where it is not."""
        try:
            return read()
        except ConfigError as error:
            if not self._lenient:
                raise
            stop = "" if error.problem.endswith(("?", ".")) else "."
            self.problems.append(f"{error.path}: {error.problem}{stop} It is ignored, and left as it is.")
            return default


def read_settings(
    top: Section, provider_of: ProviderOf, *, lenient: bool = False, presets: tuple[Preset, ...] | None = None
) -> Settings:
    """What the file says, old keys included. With *lenient* what makes no sense is in the notices.

    *presets* are those of the file, where they were read before.

    Raises:
        ConfigError: A value makes no sense, or one provider has two tables.
    """
    reading = Reading(lenient=lenient)
    take = reading.take
    if presets is None:
        presets = tuple(_presets(take(lambda: top.section("presets"), _empty(top)), provider_of, reading))
    providers = provider_sections(top, reading)
    auth = take(lambda: top.section("auth"), _empty(top))
    models = take(lambda: top.section("models"), _empty(top))
    model = take(lambda: top.text("model"), None)
    old = take(lambda: earlier_choice(top), EarlierChoice())
    wanted = take(lambda: auth_mode(top), None) or old.mode
    mode, notice = reconciled(wanted, model, owner_lookup(presets, provider_of))
    profile = "" if auth.values.get("claude_profile") == "" else take(lambda: auth.text("claude_profile"), None)
    return Settings(
        model=model,
        active_auth_provider=mode,
        env_keys=take(lambda: auth.choice("env_keys", EnvKeys), None) or EnvKeys.IGNORE,
        laptop=take(lambda: auth.choice("laptop", LaptopUse), None) or LaptopUse.FALLBACK,
        key_source=take(lambda: key_source(top), KeyPreference.AUTO),
        strict_renewal=take(lambda: auth.flag("strict_renewal"), None) or False,
        refresh_models=take(lambda: models.flag("refresh"), None) is not False,
        claude_profile=profile or None,
        key_commands=tuple(_key_commands(providers, reading)),
        presets=presets,
        clients=frozenset(_clients(providers, reading)),
        ui=_looks(take(lambda: top.section("ui"), _empty(top)), reading),
        notices=(*old.notices, *([notice] if notice else ()), *reading.problems),
    )


def _looks(table: Section, reading: Reading) -> Looks:
    mouse = reading.take(lambda: table.flag("mouse"), None)
    theme = "" if table.values.get("theme") == "" else reading.take(lambda: table.text("theme"), None)
    return Looks(
        theme=theme or "",
        mouse=mouse is not False,
        favourites=reading.take(lambda: table.texts("favourites"), ()),
    )


def key_source(top: Section) -> KeyPreference:
    """Where the master key should be. Raises ConfigError where that is no known place."""
    return top.section("auth").choice("key_source", KeyPreference) or KeyPreference.AUTO


def limits(top: Section) -> Limits:
    """What may be spent. Raises ConfigError where one of the amounts is none: nobody's money is spent by a guess."""
    from domain.spending.limits import NOTICE, Limits

    table = top.section("limits")
    notice, day, conversation = (table.dollars(name) for name in ("notice", "day", "conversation"))
    return Limits(NOTICE if notice is None else notice, day, conversation)


def auth_mode(top: Section) -> AuthMode | None:
    """The value of `active_auth_provider`. Raises ConfigError where it is no mode."""
    value = top.values.get(CURRENT)
    if value is None:
        return None
    try:
        return parse_auth_mode(value)
    except UnknownName as error:
        known = ", ".join(error.known)
        raise top.wrong(CURRENT, f"one of {known}", suggestion=error.suggestion) from None


def provider_sections(top: Section, reading: Reading | None = None) -> dict[Provider, Section]:
    """The tables below `providers`; *reading* decides about what is none, or of an unknown provider.

    Raises:
        ConfigError: A provider is there twice; as *reading* says.
    """
    reading = reading or Reading()
    providers = reading.take(lambda: top.section("providers"), _empty(top))
    found: dict[Provider, Section] = {}
    for name in providers.values:
        section = reading.take(partial(_provider_table, providers, name), None)
        if section is None:
            continue
        provider = parse_provider(name)
        if provider in found:
            raise providers.problem(f"{found[provider].name} and {section.name} mean the same provider; keep one")
        found[provider] = section
    return found


def _provider_table(providers: Section, name: str) -> Section | None:
    section = providers.section(name)
    try:
        parse_provider(name)
    except UnknownName as error:
        raise providers.problem(f"{section.name}: {error}") from None
    return section


def _empty(top: Section) -> Section:
    return Section(top.path, {})


def owner_lookup(presets: tuple[Preset, ...], provider_of: ProviderOf) -> ProviderOf:
    """Whose model a name is: a preset's of the file first."""
    own = {preset.id: preset.provider for preset in presets}
    return lambda name: own.get(name) or provider_of(name)


def _presets(table: Section, provider_of: ProviderOf, reading: Reading) -> Iterator[Preset]:
    for name in table.values:
        preset = reading.take(partial(_preset, table, name, provider_of), None)
        if preset is not None:
            yield preset


def _preset(table: Section, name: str, provider_of: ProviderOf) -> Preset | None:
    section = table.section(name)
    if not name.strip() or not name.isprintable():
        raise table.problem(f"{section.name}: expected a name of visible characters for a preset")
    model = section.text("model")
    if model is None:
        raise section.problem(f"{section.dotted('model')}: expected the id of a model, found nothing")
    return Preset(
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
    except UnknownName as error:
        raise section.problem(f"{section.dotted('provider')}: {error}") from None


def _key_commands(providers: dict[Provider, Section], reading: Reading) -> Iterator[KeyCommand]:
    for provider, section in providers.items():
        command = reading.take(partial(_key_command, provider, section), None)
        if command is not None:
            yield command


def _key_command(provider: Provider, section: Section) -> KeyCommand | None:
    if KEY_COMMAND not in section:
        return None
    given = section.values[KEY_COMMAND]
    # No value is shown: somebody may have put the key itself there.
    expected = 'expected a list, the program first: ["pass", "show", "anthropic"]'
    if not isinstance(given, list):
        found = "a text, and no shell reads it" if isinstance(given, str) else "something else"
        raise section.problem(f"{section.dotted(KEY_COMMAND)}: {expected}; found {found}")
    words = tuple(word for word in given if isinstance(word, str) and word.isprintable())
    if len(words) != len(given):
        raise section.problem(f"{section.dotted(KEY_COMMAND)}: {expected}; each must be one line of text in quotes")
    if not words or not words[0].strip():
        raise section.problem(f"{section.dotted(KEY_COMMAND)}: {expected}; found no program")
    from domain.text.key_command import KeyCommand  # here: few configs name one

    return KeyCommand(provider, words)


def _clients(providers: dict[Provider, Section], reading: Reading) -> Iterator[Provider]:
    """Those with a client of their owner's, and those at which keyswitch registers one by itself."""
    yield from (provider for provider in Provider if provider.facts.registers_itself)
    for provider, section in providers.items():
        client_id, file = (
            reading.take(partial(section.text, key), None) for key in ("client_id", "client_secret_file")
        )
        if client_id or (provider.facts.client_in_file and file):
            yield provider
