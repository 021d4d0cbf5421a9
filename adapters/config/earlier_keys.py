"""Keys of earlier programs that used the same file, and what they mean now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.auth_mode import AuthMode
from domain.errors import ConfigError
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.config.value_checks import Section
    from domain.provider import Provider

USING: Final = "using_chatgpt_auth"
PREFERRED: Final = "preferred_auth_method"
CURRENT: Final = "active_auth_provider"

_PREFERRED_VALUES: Final = {mode.value: mode for mode in (AuthMode.CHATGPT, AuthMode.APIKEY)}


@dataclass(frozen=True, slots=True)
class EarlierChoice:
    """What the old keys of a file say."""

    mode: AuthMode | None = None
    """None where no old key counts: there is none, or the current key is set."""
    keys: tuple[str, ...] = ()
    """The old keys that may go, because something else says what they said."""
    notices: tuple[str, ...] = ()


def earlier_choice(top: Section) -> EarlierChoice:
    """What the old keys of a file mean.

    Raises:
        ConfigError: One of them has to be understood and cannot be.
    """
    if CURRENT in top:
        return _outdated(top)
    using, preferred = _using(top), _preferred(top)
    keys = tuple(key for key in (USING, PREFERRED) if key in top)
    if using and preferred and using is not preferred:
        notice = f"{USING} and {PREFERRED} disagreed: {USING} counts, since it said what was in use."
        return EarlierChoice(using, keys, (notice,))
    return EarlierChoice(using or preferred, keys)


def reconciled(
    mode: AuthMode | None, model: str | None, provider_of: Callable[[str], Provider | None]
) -> tuple[AuthMode | None, str | None]:
    """*mode* where it fits *model*; where it means another provider's OAuth, that of the model's, and a notice."""
    owner = provider_of(model) if model else None
    if mode is None or mode.provider is None or owner is None or mode.provider is owner:
        return mode, None
    return AuthMode.oauth(owner), (
        f"The config names {model} and a {mode.provider.label} sign-in: "
        f"the model counts, and {owner.label} OAuth goes with it."
    )


def _outdated(top: Section) -> EarlierChoice:
    keys: list[str] = []
    notices: list[str] = []
    for key, reader in ((USING, _using), (PREFERRED, _preferred)):
        if key not in top:
            continue
        try:
            reader(top)
            keys.append(key)
        except ConfigError:
            notices.append(f"{top.path}: {key} is out of date and ignored; {CURRENT} is set.")
    return EarlierChoice(None, tuple(keys), tuple(notices))


def _using(top: Section) -> AuthMode | None:
    match top.flag(USING):
        case True:
            return AuthMode.CHATGPT
        case False:
            return AuthMode.APIKEY
        case None:
            return None


def _preferred(top: Section) -> AuthMode | None:
    value = top.values.get(PREFERRED)
    if value is None:
        return None
    mode = _PREFERRED_VALUES.get(value.strip().casefold()) if isinstance(value, str) else None
    if mode is None:
        raise top.wrong(PREFERRED, '"chatgpt" or "apikey"')
    return mode
