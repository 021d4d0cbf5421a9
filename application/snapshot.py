"""A snapshot of config and session store. Every decision starts from one, so that it cannot mix two states."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.ports.elsewhere.forwarded import ForwardedFound, ForwardedSignIns
from application.settings import EnvKeys, LaptopUse, Settings
from domain.auth_mode import AuthMode
from domain.catalogue import Catalogue, merged
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import SourceUnusable, UnknownName
from domain.model_lists.merging import with_lists
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.switching import Switch, SwitchInput, SwitchTo, best_credential, decide, is_away, keep

if TYPE_CHECKING:
    from application.ports.clock import Clock
    from application.ports.config_store import ConfigStore
    from application.ports.elsewhere.borrowed import BorrowedProfiles
    from application.ports.elsewhere.environment import EnvironmentKeys
    from application.ports.models.model_lists import KeptModelLists
    from application.ports.session_store import RecordReader
    from domain.model import Preset
    from domain.model_lists.listed import ModelList
    from domain.selection import Held, Selection
    from domain.store_trouble import StoreTrouble


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What config and store said at one moment. It holds no secret."""

    settings: Settings
    catalogue: Catalogue
    given: SwitchInput
    env_keys_present: dict[Provider, str]
    """The variables that hold a key, used or not, by provider."""
    redirections: tuple[str, ...] = ()
    """The variables that lead other programs to another host, and are ignored."""
    store_notices: tuple[str, ...] = ()
    """What the owner of the session store should know, each a sentence."""
    list_notices: tuple[str, ...] = ()
    """What is wrong with the kept lists of models, each a sentence."""

    @property
    def credentials(self) -> tuple[CredentialRecord, ...]:
        """Stored credentials, and keys of the environment and of commands as far as config lets them be used."""
        return self.given.credentials

    @property
    def preset(self) -> Preset | None:
        """The preset that config selects: its model, else the default of the provider that its sign-in names.

        None where it selects none, or one that is unknown by now.
        """
        if self.settings.model is None:
            provider = self._provider_of_mode()
            return self.catalogue.default_for(provider) if provider else None
        try:
            return self.catalogue.resolve(self.settings.model)
        except UnknownName:
            return None

    @property
    def selection(self) -> Selection | None:
        """The preset in force with its credential; None where nothing can answer for it unasked."""
        preset = self.preset
        if preset is None:
            return None
        match decide(preset, self.catalogue, self.given):
            case SwitchTo(selection):
                return selection
            case _:
                return None

    @property
    def mode(self) -> AuthMode | None:
        """How the next request authenticates: as selected, else as config prefers."""
        return self.selection.mode if self.selection else self.settings.active_auth_provider

    def resumed(self, held: Held) -> Switch:
        """What answers in a conversation that holds on to *held*."""
        return keep(held, self.catalogue, self.given)

    def _provider_of_mode(self) -> Provider | None:
        """The provider that the sign-in of the config means without a model: for a key, the only one that has one."""
        mode = self.settings.active_auth_provider
        if mode is not AuthMode.APIKEY:
            return mode.provider if mode else None
        keyed = {record.provider for record in self.credentials if record.kind is CredentialKind.API_KEY}
        return keyed.pop() if len(keyed) == 1 else None


class Elsewhere(NamedTuple):
    """What knows of credentials that are not stored."""

    environment: EnvironmentKeys
    borrowed: BorrowedProfiles
    forwarded: ForwardedSignIns


class ReadSnapshot:
    """Reads config and store once for each call."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        sessions: RecordReader,
        config: ConfigStore,
        elsewhere: Elsewhere,
        lists: KeptModelLists,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._sessions = sessions
        self._config = config
        self._environment, self._borrowed, self._forwarded = elsewhere
        self._lists = lists
        self._clock = clock
        self._merged: tuple[tuple[ModelList, ...], tuple[Preset, ...], Catalogue] = ((), (), catalogue)

    def __call__(self, *, held: CredentialKey | None = None) -> Snapshot:
        """Take a snapshot now. *held* is the credential of an open conversation: what another window stored since does
        not hide a key of the environment from it.

        Raises:
            ConfigError: The config file makes no sense.
        """
        settings = self._config.read()
        found = self._sessions.stored()
        stored = found.records
        lent: tuple[CredentialRecord, ...] = ()
        if settings.claude_profile is not None:
            try:
                lent = (self._borrowed.record(settings.claude_profile),)
            except SourceUnusable as error:
                settings = replace(settings, notices=(*settings.notices, str(error)))
        here = stored + lent + self._not_stored(settings, stored + lent, found.troubles, held)
        away = self._forwarded.found() if settings.laptop is not LaptopUse.NEVER else ForwardedFound()
        given = SwitchInput(
            credentials=here + away.records,
            now=self._clock.now(),
            preferred=settings.active_auth_provider,
            troubles=found.troubles,
            laptop_first=settings.laptop is LaptopUse.FIRST,
            laptop_never=settings.laptop is LaptopUse.NEVER,
        )
        further = (*self._environment.refused(), *away.notices, *_instead_of_laptop(given))
        settings = replace(settings, notices=(*settings.notices, *further))
        return Snapshot(
            settings,
            self._catalogue_with(self._lists_for(given, held), settings.presets),
            given,
            env_keys_present=self._environment.present(),
            redirections=self._environment.redirections(),
            store_notices=found.notices,
            list_notices=self._lists.notices(),
        )

    def _lists_for(self, given: SwitchInput, held: CredentialKey | None) -> tuple[ModelList, ...]:
        """The last list of each credential that would answer; of the provider of *held*, that one's."""
        used = (best_credential(provider, given) for provider in Provider)
        keys = {record.provider: record.key for record in used if record is not None}
        if held is not None:
            keys[held.provider] = held
        found = (self._lists.read(key) for key in keys.values())
        return tuple(one for one in found if one is not None)

    def _catalogue_with(self, lists: tuple[ModelList, ...], own: tuple[Preset, ...]) -> Catalogue:
        """The catalogue by *lists* and the person's *own* presets, made anew only where either changed."""
        made_of, presets, catalogue = self._merged
        if lists != made_of or own is not presets:
            catalogue = with_lists(self._catalogue, lists)
            catalogue = merged(catalogue, own) if own else catalogue
            self._merged = (lists, own, catalogue)
        return catalogue

    def _not_stored(
        self,
        settings: Settings,
        stored: tuple[CredentialRecord, ...],
        troubles: tuple[StoreTrouble, ...],
        held: CredentialKey | None,
    ) -> tuple[CredentialRecord, ...]:
        """Keys of the environment, where config allows to fall back on them, else those that a command of the config
        prints: for providers that have nothing stored at all. And *held*, whatever is stored.

        What cannot be read may be a sign-in, and then nobody chose that a key pays.
        """
        found: list[CredentialRecord] = []
        if settings.env_keys is EnvKeys.FALLBACK:
            found += [key.record for key in map(self._environment.key, Provider) if key is not None]
        found += [command.record(self._clock.now()) for command in settings.key_commands]
        covered = {record.provider for record in stored}
        covered |= {provider for provider in Provider for trouble in troubles if trouble.concerns(provider)}
        used: list[CredentialRecord] = []
        for record in found:
            if record.provider not in covered:
                covered.add(record.provider)
                used.append(record)
            elif record.key == held:
                # Beside something else it is nobody's choice but that of the conversation that holds on to it.
                used.append(replace(record, active=False))
        return tuple(used)


def _instead_of_laptop(given: SwitchInput) -> tuple[str, ...]:
    """That what is kept here answers although a laptop should: nobody's bill moves in silence."""
    if not given.laptop_first or any(map(is_away, given.credentials)) or not given.credentials:
        return ()
    return ('No laptop is connected (auth.laptop = "first"): what is signed in here answers.',)
