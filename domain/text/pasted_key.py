"""An API key as people give it: pasted, piped, or set in a variable, with what came along with it.

What surrounds a key is taken away where that leaves no doubt: blanks, quotation marks, `export OPENAI_API_KEY=`, signs
that nobody sees. Whatever leaves a doubt is refused, with a sentence that says what is wrong and repeats nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from domain.errors import UsageError
from domain.provider import Provider
from domain.provider_facts.secret_form import SecretKind
from domain.text.secret import Secret
from domain.text.untrusted import untrusted
from domain.text.vendor_secrets import is_token, mark_of

LONGEST: Final = 4096
"""Characters; vendors' keys have some two hundred at most."""

_SHORTEST: Final = 6
"""Anything shorter could not be masked in a text."""

_LONGEST_LETTERS: Final = 24
"""A word of so many letters and nothing else is a word; keys have digits."""

_PAIRS: Final = ('""', "''", "``", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\u00ab\u00bb", "<>")
_MARKS: Final = frozenset("\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb<>\\{}[]()|,;$")
"""No vendor's key has any of them."""

_NAMED: Final = re.compile(
    r"""(?: (?:export|setx?|env)\s+ | \$env: )?
    ['"]? (?P<name>[A-Za-z][\w.\ -]{0,40}?) ['"]? \s* [=:] \s* (?P<value>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
"""A line of a shell, of an `.env` file, of JSON or YAML, or of a header."""

_NAMES: Final = {provider: re.compile(provider.facts.names, re.IGNORECASE) for provider in Provider}
_NAME: Final = re.compile(
    "|".join(["api|key|token|secret|auth", *(provider.facts.names for provider in Provider)]), re.IGNORECASE
)
_LEAD: Final = re.compile(r"(?:bearer|token|-H|--header)\s+", re.IGNORECASE)
"""What stands before a key, or the whole header of one."""


def parse_key(given: Secret, provider: Provider) -> Secret:
    """The API key of *provider* in what was given.

    Raises:
        UsageError: There is no key in it, or not without a doubt; or it is one of another provider (`key_of_another`).
    """
    value, named = _bare(_line(given.reveal()))
    if named is not None and named is not provider and mark_of(value) is None:
        raise _key_of(named, f"the variable that it was set in says that it is a {named.label} key")
    _refuse_no_key(value)
    _refuse_others(value, provider)
    return Secret(value)


def _line(text: str) -> str:
    """The one line that says something, without what nobody sees."""
    seen = "".join(_seen(character) for character in untrusted(text))
    lines = [line.strip() for line in seen.split("\n")]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise _no_key("nothing was given")
    if len(lines) > 1:
        raise _no_key("these are several lines; give the key alone, on one")
    if len(lines[0]) > LONGEST:
        raise _no_key("it is too long for one")
    return lines[0]


def _seen(character: str) -> str:
    if character.isspace():
        return "\n" if character in "\n\r\v\f\x85\u2028\u2029" else " "
    hidden = unicodedata.category(character) in ("Cf", "Cc") or "VARIATION SELECTOR" in unicodedata.name(character, "")
    return "" if hidden or character in "\u034f\u115f\u1160\u3164\uffa0" else character


def _bare(line: str) -> tuple[str, Provider | None]:
    """What is left without its wrapping, and whose the name before it says it is."""
    value, named = line, None
    while True:
        before = value
        value = value.strip().removesuffix(",").removesuffix(";").rstrip()
        ends, inside = value[:1] + value[-1:], value[1:-1]
        if ends in _PAIRS and len(value) > 1 and not set(ends).intersection(inside):
            value = inside
        elif found := _LEAD.match(value):
            value = value[found.end() :]
        elif (assigned := _NAMED.fullmatch(value)) and mark_of(value) is None and _NAME.search(assigned["name"]):
            value, named = assigned["value"], _vendor_of(assigned["name"]) or named
        if value == before:
            return value, named


def _vendor_of(name: str) -> Provider | None:
    return next((provider for provider, pattern in _NAMES.items() if pattern.search(name)), None)


def _refuse_no_key(value: str) -> None:
    if not value:
        raise _no_key("nothing was given")
    if any(character.isspace() for character in value):
        raise _no_key("a key is one word, and these are several")
    if "****" in value or "…" in value or value.endswith("..."):
        raise _no_key("it is masked or cut off; copy the whole key")
    if "://" in value or "@" in value:
        raise _no_key("it is an address")
    if _MARKS.intersection(value):
        raise _no_key("it has a quotation mark, a bracket or another sign in it that no key has; copy the key alone")
    if not all("!" <= character <= "~" for character in value):
        raise _no_key("it has a character in it that no key has, such as a letter with an accent or a long dash")
    if len(value) < _SHORTEST:
        raise _no_key("it is too short for one")
    if value.isalpha() and len(value) <= _LONGEST_LETTERS:
        raise _no_key("it is a word; keys have digits in them")


def _refuse_others(value: str, provider: Provider) -> None:
    """A value that tells whose it is goes nowhere else."""
    mark = mark_of(value)
    if mark is None:
        if is_token(value):
            raise _no_key("it is a token of a sign-in, which is renewed by the program that signed in")
        return
    if mark.provider is None:
        raise _no_key(f"it looks like a key of {mark.vendor}, which {provider.label} must not see")
    if mark.kind is not SecretKind.API_KEY:
        raise _no_key(f"it looks like {_article(mark.kind)} {mark.kind} of {mark.vendor}, not like an API key")
    if mark.provider is not provider:
        raise _key_of(mark.provider, f"it looks like a {mark.vendor} key")


def _key_of(owner: Provider, why: str) -> UsageError:
    sentence = f"That key belongs to {owner.label}: {why}. It was neither stored nor sent anywhere."
    return UsageError(sentence, code="key_of_another", provider=owner)


def _article(kind: SecretKind) -> str:
    return "an" if kind.value[0] in "aeiou" else "a"


def _no_key(why: str) -> UsageError:
    return UsageError(f"That is no API key that can be stored: {why}. Nothing was changed.")
