"""What agents said about themselves and what they lend. All of it is foreign text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from adapters.forwarded.asking import Answer, Question, Reply, Silence
from adapters.forwarding.protocol import ABOUT, CREDENTIALS, VERSION, About
from domain.credential import CredentialRecord
from domain.records import dataclass

_LONGEST_ID: Final = 100

_ON_LAPTOP: Final = "On the laptop, run:"

_SILENT: Final = {
    Silence.CLOSED: f"Laptop not reachable: no agent runs there. {_ON_LAPTOP} keyswitch agent",
    Silence.LATE: "Laptop not reachable: it did not answer in time. It may be asleep, or without a network.",
}
"""What is said of a connection that is there while nobody answers."""

_ENDED: Final = f"Laptop not reachable: the connection to it has ended. {_ON_LAPTOP} keyswitch ssh HOST"


class Laptop(NamedTuple):
    """A laptop that answered. They are in order by their ids, which are random and stay the same."""

    agent: str
    path: str
    """The socket that leads to it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking agents who they are, and what they lend."""

    heard: Mapping[Question, Answer]

    def laptops(self) -> Iterator[Laptop]:
        """Those that said who they are, each as often as connections lead to it."""
        for question, answer in self.heard.items():
            if question.target == ABOUT and isinstance(answer, Reply) and answer.ok:
                agent = answer.members.get(About.AGENT)
                if answer.members.get(About.PROTOCOL) == VERSION and isinstance(agent, str) and _is_id(agent):
                    yield Laptop(agent, question.path)

    def records(self, laptop: Laptop, now: datetime) -> tuple[CredentialRecord, ...]:
        """What *laptop* lends. *now* is aware, in UTC."""
        answer = self._lent_by(laptop)
        if not isinstance(answer, Reply) or not answer.ok:
            return ()
        from adapters.forwarded.laptop_records import laptop_records  # a laptop that sleeps should cost its time alone

        return tuple(laptop_records(answer.members, laptop.agent, now))

    def refusal(self, laptop: Laptop) -> tuple[str, str]:
        """Why *laptop* lends nothing, and the command there that helps; ("", "") where it gives no reason."""
        answer = self._lent_by(laptop)
        return _said_no(answer) if isinstance(answer, Reply) and not answer.ok else ("", "")

    def notices(self) -> Iterator[str]:
        """A sentence on each agent that lends nothing though it should. What is over is worth one only where no
        laptop is left.
        """
        said = {laptop.path for laptop in self.laptops()}
        gone = False
        for (path, target), answer in self.heard.items():
            if target == ABOUT and path not in said:
                gone = gone or answer is Silence.ENDED
                yield from _about_agent(path, answer)
            elif target == CREDENTIALS and path in said and isinstance(answer, Reply) and not answer.ok:
                yield " ".join(_told(*_said_no(answer)))
        if gone and not said:
            yield _ENDED

    def _lent_by(self, laptop: Laptop) -> Answer | None:
        return self.heard.get(Question(laptop.path, CREDENTIALS))


def _about_agent(path: str, answer: Answer) -> Iterator[str]:
    """A sentence on the agent behind *path*, which did not say who it is."""
    match answer:
        case Silence.ENDED:
            return
        case Silence.CLOSED | Silence.LATE:
            yield _SILENT[answer]
        case Silence.STRANGER:
            yield f"{path} is not used to reach your laptop: another user listens there."
        case Reply() if not answer.ok:
            yield " ".join(_told(*_said_no(answer)))
        case _:
            yield f"{path} is not used to reach your laptop: no agent of this protocol ({VERSION}) answers there."


def _said_no(answer: Reply) -> tuple[str, str]:
    """The reason of a refusal, and the command on the laptop that helps."""
    from adapters.forwarded.refusals import said_no

    return said_no(answer.members)


def _told(reason: str, command: str) -> Iterator[str]:
    yield f"Your laptop lends nothing: {reason or 'it does not say why'}"
    if command:
        yield f"{_ON_LAPTOP} {command}"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= _LONGEST_ID
