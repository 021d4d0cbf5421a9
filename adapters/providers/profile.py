"""A provider's profile: the defaults that come with the program, and what the person's config changes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.providers.setting_checks import CHECKS, Body, Misfit, refused
from application.settings import KEY_COMMAND
from domain.credential import CredentialRecord
from domain.provider import Provider
from domain.records import dataclass, field, replace
from domain.text.secret import Secret
from domain.text.suggestion import nearest

_SERVER: Final = ("authorize_url", "token_url", "revoke_url", "device_authorization_url", "issuer")
"""The addresses that belong to one authorization server."""


@dataclass(frozen=True, slots=True)
class SelfRegistration:
    """How a program becomes a client by its first sign-in, where the vendor offers that."""

    client_id: str
    """Stands in for the client that does not exist yet; good at the authorize address only."""
    name_hint: str
    resource: str
    """RFC 8707: the API that the token is for."""
    scopes: tuple[str, ...]
    plan_scope: str
    """The one that allows use of the owner's plan, and that a person may refuse."""
    sign_in_life: timedelta
    """From the sign-in and from each renewal."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a vendor's server wants or does beyond the standards. Not configurable."""

    rotates: bool = True
    """Whether each renewal must be expected to give a new refresh token and to spend the old one."""
    always_rotates: bool = True
    """Whether the vendor is known to do so. Of a server in the vendor's place it is only assumed."""
    revocation_ends_all: bool = False
    """Whether ending one session ends every other that the same account allowed this client."""
    state_in_exchange: bool = False
    refresh_headers: Mapping[str, str] = field(default_factory=dict)
    required_scopes: tuple[str, ...] = ()
    """Without these, where they were asked for, the API answers nothing."""
    needs: str = ""
    """What they allow, in words."""


@dataclass(frozen=True, slots=True)
class ImportedSessions:
    """Where the sessions belong that another program of the vendor's made, and that were taken over."""

    client_id: str
    """That program's own."""
    token_url: str
    revoke_url: str | None
    refresh_body: Body
    api_base: str


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """Everything that signing in to one provider depends on."""

    provider: Provider
    client_id: str | None
    """None: no client is configured. Then there is `registration`, or signing in is not possible."""
    client_secret: Secret | None
    """None: the client is public (RFC 6749, 2.1)."""
    authorize_url: str | None
    token_url: str | None
    """These two are None only where `issuer` is given, to be discovered."""
    revoke_url: str | None
    device_authorization_url: str | None
    issuer: str | None
    """Enables discovery, and the checks of id_token and `iss`."""
    scopes: tuple[str, ...]
    authorize_params: Mapping[str, str]
    code_page: str | None
    """A page of the provider's that shows the code to paste, in the place of a redirect to this machine."""
    redirect_host: str
    redirect_path: str
    redirect_ports: tuple[int, ...]
    token_body: Body
    refresh_body: Body
    """Of the renewal, and of the revocation."""
    quota_project: str | None
    api_base: str
    traits: Traits = Traits()
    registration: SelfRegistration | None = None
    """None where the vendor has none, or a client is configured."""
    imported: ImportedSessions | None = None
    """None where no other program's sessions are taken over."""
    notices: tuple[str, ...] = ()
    """What a person should know of this configuration."""

    @property
    def has_client(self) -> bool:
        """Whether a sign-in can be started at all."""
        return self.client_id is not None or self.registration is not None

    def of(self, record: CredentialRecord) -> ProviderProfile:
        """What renewing, revoking and using the session of *record* depends on."""
        imported = self.imported
        if imported is None or not record.imported:
            return self
        return replace(
            self,
            client_id=record.client_id or imported.client_id,
            client_secret=None,
            token_url=imported.token_url,
            revoke_url=imported.revoke_url,
            issuer=None,
            refresh_body=imported.refresh_body,
            api_base=imported.api_base,
            traits=Traits(),
            registration=None,
        )

    @property
    def required_scopes(self) -> tuple[str, ...]:
        """The scopes without which a sign-in is of no use, as far as they were asked for."""
        return tuple(scope for scope in self.traits.required_scopes if scope in self.scopes)

    @property
    def plan_scope(self) -> str:
        """The scope without which a plan may not be used; "" where the client is no self-registered one."""
        return self.registration.plan_scope if self.registration else ""

    @property
    def sign_in_life(self) -> timedelta | None:
        """How long each new refresh token is good; None where the vendor has no rule, or another server answers."""
        return self.registration.sign_in_life if self.registration else None


Tables = Mapping[str, Mapping[str, object]]


class ConfiguredProfiles:
    """The profiles as the config has them now, each checked once as long as the config stays the same.

    *tables* gives the tables of the config, the same object for as long as they do not change; paths in them count
    from *folder*.
    """

    def __init__(self, *, tables: Callable[[], Tables], folder: Path) -> None:
        self._tables = tables
        self._folder = folder
        self._known: tuple[Tables, dict[Provider, ProviderProfile]] = ({}, {})

    def __call__(self, provider: Provider) -> ProviderProfile:
        """The profile of *provider*. Raises `ConfigError` as *tables* and `load_profile` do."""
        tables, known = self._tables(), self._known
        if known[0] is not tables:
            known = self._known = (tables, {})
        profile = known[1].get(provider)
        if profile is None:
            table = tables.get(provider.value, {})
            profile = load_profile(provider, table, folder=self._folder)
            if "client_secret_file" not in table:  # what that file says may change while the config does not
                known[1][provider] = profile
        return profile


def load_profile(provider: Provider, overrides: Mapping[str, object], *, folder: Path | None = None) -> ProviderProfile:
    """The profile of *provider* with *overrides*, its table in the config file, which lies in *folder*.

    Raises:
        ConfigError: A value is not what its key takes; it names both.
    """
    defaults = _defaults(provider)
    given = _checked(provider, _placed(overrides, folder))
    vendors = _checked(provider, defaults)
    values = {**vendors, **given, **_server(defaults, given)}
    downloaded: Mapping[str, Any] = values.get("client_secret_file", {})
    client_id = values.get("client_id") or downloaded.get("client_id")
    same_client = client_id == downloaded.get("client_id")
    secret = values.get("client_secret") or (downloaded.get("client_secret") if same_client else None)
    registration = None if client_id else _registration(defaults)
    if registration and "scopes" not in given:
        values["scopes"] = registration.scopes
    if not values["issuer"] and not (values["authorize_url"] and values["token_url"]):
        raise refused(provider, "issuer", "is needed where authorize_url or token_url is missing")
    return ProviderProfile(
        provider=provider,
        client_id=client_id,
        client_secret=secret,
        scopes=values["scopes"],
        authorize_params=values.get("authorize_params", {}),
        code_page=values.get("code_page"),
        quota_project=values.get("quota_project") or downloaded.get("project_id"),
        traits=_traits(defaults, given),
        registration=registration,
        imported=_imported(vendors.get("imported"), given.get("imported", {})),
        notices=(*_unknown(provider, overrides), *_cautions(provider, defaults, {**given, "client_id": client_id})),
        **{name: values[name] for name in (*_SERVER, *_PLAIN)},
    )


_PLAIN: Final = ("redirect_host", "redirect_path", "redirect_ports", "token_body", "refresh_body", "api_base")


@cache
def _defaults(provider: Provider) -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{provider}.toml").read_text("utf-8"))


def _placed(overrides: Mapping[str, object], folder: Path | None) -> Mapping[str, object]:
    """*overrides* with a path that counts from the config's *folder*: who is in which folder now does not matter."""
    path = overrides.get("client_secret_file")
    if folder is None or not isinstance(path, str) or not path.strip() or path.startswith("~"):
        return overrides
    return {**overrides, "client_secret_file": str(folder / path)}


def _checked(provider: Provider, settings: Mapping[str, object]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, check in CHECKS.items():
        if key not in settings:
            continue
        try:
            values[key] = check(settings[key])
        except Misfit as misfit:
            raise refused(provider, key, str(misfit)) from None
    return values


def _server(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str | None]:
    """The addresses of one server: the vendor's, or another's, but never a mixture that the person did not write.

    Else a token of the configured server would be sent to the vendor's revocation address.
    """
    if "issuer" in given:
        kept: tuple[str, ...] = ()
    elif given.keys() & {"authorize_url", "token_url"}:
        kept = ("authorize_url", "token_url")
    else:
        kept = _SERVER
    chosen = {name: given.get(name) or (defaults.get(name) if name in kept else None) for name in _SERVER}
    suffix = defaults.get("traits", {}).get("revoke_suffix")
    if chosen["revoke_url"] is None and suffix and chosen["token_url"]:
        chosen["revoke_url"] = chosen["token_url"] + suffix
    return chosen


def _registration(defaults: Mapping[str, Any]) -> SelfRegistration | None:
    table = defaults.get("self_registration")
    if table is None:
        return None
    return SelfRegistration(
        client_id=table["client_id"],
        name_hint=table["name_hint"],
        resource=table["resource"],
        scopes=tuple(table["scopes"]),
        plan_scope=table["plan_scope"],
        sign_in_life=timedelta(days=table["sign_in_days"]),
    )


def _imported(table: Mapping[str, Any] | None, changed: Mapping[str, Any]) -> ImportedSessions | None:
    """The vendor's *table* with what the config changes of it; None where the vendor has none."""
    if table is None:
        return None
    values = {**table, **changed}
    if "token_url" in changed and "revoke_url" not in changed:
        values["revoke_url"] = None  # the vendor's would be another server's
    return ImportedSessions(**values)


def _traits(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Traits:
    """The vendor's, but of a server in its place the worst is assumed: that it spends refresh tokens."""
    table = defaults["traits"]
    return Traits(
        rotates=table["rotates"] or bool(given.keys() & {"token_url", "issuer"}),
        always_rotates=table["rotates"],
        revocation_ends_all=table.get("revocation_ends_all", False),
        state_in_exchange=table.get("state_in_exchange", False),
        refresh_headers=table.get("refresh_headers", {}),
        required_scopes=tuple(table.get("required_scopes", ())),
        needs=table.get("needs", ""),
    )


def _unknown(provider: Provider, overrides: Mapping[str, object]) -> list[str]:
    """A key of another version is no error; a slip should not pass in silence either."""
    notices = []
    known = {*CHECKS, KEY_COMMAND} - (set() if "imported" in _defaults(provider) else {"imported"})
    for key in overrides.keys() - known:
        meant = nearest(key, known)
        hint = f"; did you mean {meant}?" if meant else ""
        notices.append(f"providers.{provider}.{key} is not a setting of this version{hint}")
    return sorted(notices)


def _cautions(provider: Provider, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """What the vendor forbids or refuses of what is configured.

    Raises:
        ConfigError: It is something that keyswitch does not do.
    """
    notices = []
    for caution in defaults.get("cautions", ()):
        key = caution["key"]
        if not _named(given.get(key)) & set(caution["values"]):
            continue
        if caution.get("refuse"):
            raise refused(provider, key, caution["text"])
        notices.append(f"{caution['text']} (providers.{provider}.{key})")
    return notices


def _named(value: object) -> set[str]:
    """A value by all that a caution may call it: a list's members, an address's host."""
    if isinstance(value, tuple):
        return set(value)
    if isinstance(value, str):
        return {value, urlsplit(value).hostname or ""}
    return set()
