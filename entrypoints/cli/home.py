"""What a command gets to work with: the services over the person's home folder."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from domain.errors import KeyswitchError, StoreNotWritable
from domain.records import dataclass
from entrypoints.cli.output import say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from domain.text.secret import Secret
    from entrypoints.services import LightServices, Services
    from entrypoints.taking_over import Passphrases

T = TypeVar("T")


def light(*, tells_what_is_open: bool = False) -> LightServices:
    """For commands that only read: nothing is migrated, so that they work where nothing can be written.

    *tells_what_is_open*: also what others may touch and cannot be closed; what was closed now is always said.
    """
    from entrypoints.light import close_to_others, light_services, open_home

    for sentence in close_to_others(os.environ, all_that_is=tells_what_is_open):
        say(sentence)
    return light_services(open_home(os.environ, writing=False), os.environ)


def light_up_to_date() -> LightServices:
    """For commands that write: what an earlier program left is taken over first, and what changed is said."""
    found = up_to_date()
    for sentence in found.sentences:
        say(sentence)
    return found.light


def light_to_ask() -> UpToDate:
    """For a question, which needs no more than a home that can be read: what is different there is said."""
    found = up_to_date_or_as_it_is()
    for sentence in found.sentences:
        say(sentence)
    return found


def up_to_date_or_as_it_is(*, asks_itself: bool = False) -> UpToDate:
    """As `up_to_date`; a home that cannot be written, and can be read, is used as it is.

    Raises:
        StoreNotWritable: It cannot be read either.
    """
    try:
        return up_to_date(asks_itself=asks_itself)
    except StoreNotWritable as refused:
        try:
            as_it_is = light()
        except KeyswitchError:
            raise refused from None
        sentence = f"{refused.path}: {refused.problem}. Nothing is saved here, and no sign-in is renewed."
        return UpToDate(as_it_is, (sentence,), saves=False)


@dataclass(frozen=True, slots=True)
class UpToDate:
    """A home after what an earlier program left was taken over, as far as that could be."""

    light: LightServices
    sentences: tuple[str, ...]
    """What changed."""
    sealed: bool = False
    """Whether sign-ins of an earlier program are still to be taken over, once the passphrase of the key is there."""
    saves: bool = True
    """False where the home cannot be written: a fresh access token is used, and nothing is kept."""


def up_to_date(*, asks_itself: bool = False) -> UpToDate:
    """As `light_up_to_date`, for whoever says what changed by themselves.

    With *asks_itself* the passphrase that the key is sealed with is not asked for here.
    """
    from entrypoints.light import bring_up_to_date, close_to_others, light_services, open_home, others_at_work

    closed = close_to_others(os.environ)
    try:
        home = open_home(os.environ)
    except KeyswitchError:
        for sentence in closed:
            say(sentence)
        raise
    sentences = closed + bring_up_to_date(home, os.environ)
    if others_at_work(home):
        from entrypoints.taking_over import take_over

        try:
            sentences += take_over(home, os.environ, _passphrases(home, asks_itself=asks_itself))
        except _Later:
            return UpToDate(light_services(home, os.environ), sentences, sealed=True)
        except KeyswitchError:
            for sentence in sentences:  # what was done is done
                say(sentence)
            raise
    return UpToDate(light_services(home, os.environ), sentences)


class _Later(Exception):
    """The passphrase is asked for by the caller, when there is a place for the question."""


def _passphrases(home: Path, *, asks_itself: bool) -> Passphrases:
    from entrypoints.cli.passphrase import current_passphrase, give_again, new_passphrase, store_path
    from entrypoints.taking_over import Passphrases

    store = store_path(home)

    def current() -> Secret:
        if asks_itself:
            raise _Later
        return give_again(current_passphrase(store))

    return Passphrases(current=current, new=lambda: give_again(new_passphrase(store)))


@asynccontextmanager
async def full(light_ones: LightServices, *, with_key: bool = True, quiet: bool = False) -> AsyncIterator[Services]:
    """Everything, over the home of *light_ones*; connections are closed at the end.

    *with_key* says whether credentials are going to be opened: then a passphrase is asked for here, if there is one,
    and it is said before which of them are older copies, or another place's; with *quiet* it is not.

    Raises:
        PassphraseNeeded, WrongPassphrase, UsageError: It was not given, or is another one.
    """
    from entrypoints.light import protect

    protect()
    services = light_ones.load()
    for sentence in light_ones.auth.snapshot().store_notices if with_key and not quiet else ():
        say(sentence)
    if with_key and services.keys.needs_passphrase():
        from entrypoints.cli.passphrase import current_passphrase, store_path

        services.keys.unlock(current_passphrase(store_path(light_ones.home)))
    try:
        yield services
    finally:
        await services.close()
        for sentence in services.store_news():
            say(sentence)
        for key in services.renewal.unsaved():
            say(
                f"keyswitch: error: cannot save the renewed {key.provider.label} sign-in: the disk takes nothing. "
                "It is kept beside the store if that was possible. [store_not_writable]"
            )
            say("  run: keyswitch doctor")


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run *coroutine* to its end; Ctrl+C cancels it and arrives here as `KeyboardInterrupt`, a kill as `SystemExit`."""
    import asyncio

    from entrypoints.crash_report import in_loop
    from entrypoints.signals import PoliteEnd

    # The outer one last: closing the runner waits for threads that may be saving.
    with PoliteEnd(warn=say) as end, asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(in_loop)
        return end.run(runner, coroutine)
