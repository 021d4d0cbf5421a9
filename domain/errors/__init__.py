"""What can go wrong, named by what one can do about it.

An error carries facts and a stable `code`, never a secret. Its text is one sentence that says what
happened and what was kept. `entrypoints/words/errors.py` has a row for every code: the exit code, and
the next step as a command and as a line to type in the app. A class of its own is for what some code
tells apart from the rest of its family; where only words differ, `code` does.

    KeyswitchError              error
    ├─ UsageError               usage, ambiguous_account, held_back, key_of_another, not_forwarded, on_laptop, set_by_command, weak_passphrase, wrong_setting
    │  ├─ UnknownName           unknown_provider, unknown_auth_mode, unknown_model, unknown_setting, unknown_chat
    │  └─ UnknownAccount        unknown_account
    ├─ SignInNeeded             auth_required
    │  └─ PlanUseOff            plan_use_off
    ├─ SessionEnded             session_ended
    │  └─ RefreshInterrupted    refresh_interrupted
    ├─ AuthRejected             auth_rejected, key_not_taken
    ├─ NoClient                 no_client
    ├─ NothingToAdopt           nothing_to_adopt
    ├─ PayerChange              payer_change
    ├─ SourceUnusable           profile_unusable, key_command, laptop_refused
    ├─ SignInUnderWay           sign_in_under_way
    ├─ SignInError              sign_in_failed, device_not_offered
    │  ├─ CallbackUnusable      callback_unusable
    │  ├─ LinkOpenedTwice       link_opened_twice
    │  ├─ ListenerUnavailable   listener_unavailable
    │  ├─ OtherAccount          other_account
    │  ├─ SignInDeclined        sign_in_declined
    │  ├─ SignInRefused         sign_in_failed
    │  └─ SignInTimedOut        sign_in_timed_out
    ├─ ProviderError            provider
    │  ├─ AnswerUnreadable      answer_unreadable
    │  ├─ BrokenStream          broken_stream
    │  ├─ LimitReached          limit_reached, credit_used_up, spend_limit, member_limit
    │  ├─ Offline               offline
    │  ├─ Overloaded            overloaded
    │  ├─ Refused               refused, plan_not_taken
    │  │  └─ ClientRefused      client_refused
    │  └─ RenewalPaused         renewal_paused
    ├─ ConfigError              config
    │  └─ VariableUnusable      environment
    └─ StoreError               store, home_copied, store_older
       ├─ StoreBusy             store_busy
       ├─ StoreDamaged          store_damaged
       ├─ StoreNewer            store_newer
       ├─ StoreNotWritable      store_not_writable
       ├─ StoreWrongKey         store_wrong_key
       │  └─ WrongPassphrase    wrong_passphrase
       └─ StoreLocked           store_locked, key_missing, sign_out_locked
          ├─ KeyringUnavailable keyring_locked, keyring_timeout, keyring_unusable
          └─ PassphraseNeeded   passphrase_needed
"""  # noqa: E501 - a line of the tree is a class

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:
    from domain.errors.provider_failures import (
        AnswerUnreadable,
        AuthRejected,
        BrokenStream,
        ClientRefused,
        LimitReached,
        Offline,
        Overloaded,
        ProviderError,
        Refused,
        RenewalPaused,
    )
    from domain.errors.sign_in import (
        CallbackUnusable,
        LinkOpenedTwice,
        ListenerUnavailable,
        NoClient,
        NothingToAdopt,
        OtherAccount,
        PayerChange,
        PlanUseOff,
        RefreshInterrupted,
        SessionEnded,
        SignInDeclined,
        SignInError,
        SignInNeeded,
        SignInRefused,
        SignInTimedOut,
        SignInUnderWay,
        SourceUnusable,
    )
    from domain.errors.storage import (
        ConfigError,
        KeyringUnavailable,
        PassphraseNeeded,
        StoreBusy,
        StoreDamaged,
        StoreError,
        StoreLocked,
        StoreNewer,
        StoreNotWritable,
        StoreWrongKey,
        VariableUnusable,
        WrongPassphrase,
    )
    from domain.errors.usage import (
        UnknownAccount,
        UnknownName,
        UsageError,
    )

__all__ = [
    "AnswerUnreadable",
    "AuthRejected",
    "BrokenStream",
    "CallbackUnusable",
    "ClientRefused",
    "ConfigError",
    "KeyringUnavailable",
    "KeyswitchError",
    "LimitReached",
    "LinkOpenedTwice",
    "ListenerUnavailable",
    "NoClient",
    "NothingToAdopt",
    "Offline",
    "OtherAccount",
    "Overloaded",
    "PassphraseNeeded",
    "PayerChange",
    "PlanUseOff",
    "ProviderError",
    "RefreshInterrupted",
    "Refused",
    "RenewalPaused",
    "SessionEnded",
    "SignInDeclined",
    "SignInError",
    "SignInNeeded",
    "SignInRefused",
    "SignInTimedOut",
    "SignInUnderWay",
    "SourceUnusable",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreLocked",
    "StoreNewer",
    "StoreNotWritable",
    "StoreWrongKey",
    "UnknownAccount",
    "UnknownName",
    "UsageError",
    "VariableUnusable",
    "WrongPassphrase",
]

_FAMILIES: Final = {
    "usage": ("UnknownAccount", "UnknownName", "UsageError"),
    "sign_in": (
        "CallbackUnusable",
        "LinkOpenedTwice",
        "ListenerUnavailable",
        "NoClient",
        "NothingToAdopt",
        "OtherAccount",
        "PayerChange",
        "PlanUseOff",
        "RefreshInterrupted",
        "SessionEnded",
        "SignInDeclined",
        "SignInError",
        "SignInNeeded",
        "SignInRefused",
        "SignInTimedOut",
        "SignInUnderWay",
        "SourceUnusable",
    ),
    "provider_failures": (
        "AnswerUnreadable",
        "AuthRejected",
        "BrokenStream",
        "ClientRefused",
        "LimitReached",
        "Offline",
        "Overloaded",
        "ProviderError",
        "Refused",
        "RenewalPaused",
    ),
    "storage": (
        "ConfigError",
        "KeyringUnavailable",
        "PassphraseNeeded",
        "StoreBusy",
        "StoreDamaged",
        "StoreError",
        "StoreLocked",
        "StoreNewer",
        "StoreNotWritable",
        "StoreWrongKey",
        "VariableUnusable",
        "WrongPassphrase",
    ),
}
"""Where each class is defined. A family is loaded for the first of it: no command meets all of them."""


if not TYPE_CHECKING:

    def __getattr__(name):
        """Load the family of the class *name*."""
        for family, names in _FAMILIES.items():
            if name in names:
                from importlib import import_module

                return getattr(import_module(f"{__name__}.{family}"), name)
        raise AttributeError(name)
