"""The outbox of a home folder: one file a message, named by what may be done with it.

    outbox/5c1f....json                          waits
    outbox/5c1f...-0.file                        the first file that goes along with it
    outbox/5c1f....back                          what the conversation 5c1f... was left with at a limit
    outbox/5c1f....4711-1795435200.taken         taken by process 4711 at that second of the epoch, in order to be sent

Taking is a rename, which only one of two processes can make. A file that stays taken after its process is gone belongs
to a message that may have been sent: nothing sends it again unasked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from adapters.conversations.rows import held_from, held_text, moment, storable
from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write, is_running, sweep_orphans
from adapters.files.private_file import FileRefused, private_subfolder, read_private, sync_folder
from adapters.json.strict_json import json_object
from application.ports.clock import Clock
from application.ports.parking.outbox import InOutbox
from domain.attached.attachment import LARGEST, Attachment
from domain.errors import StoreNotWritable
from domain.outbox.parked import Parked, ParkedState
from domain.outbox.way_back import WayBack
from domain.records import dataclass, replace
from domain.text.moments import moment_text

NAME: Final = "outbox"
_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one message: many times what any model takes in."""
_WAITING: Final = re.compile(r"([0-9a-f]{32})\.json")
_TAKEN: Final = re.compile(r"([0-9a-f]{32})\.(\d{1,10})-(\d{1,12})\.taken")
_LARGEST_BACK: Final = 64 * 1024
_FILE: Final = re.compile(r"([0-9a-f]{32})-\d{1,4}\.file")
_LONGEST_PARKING: Final = timedelta(hours=1)
"""Longer than it takes to write a message once its files are written: after that nobody comes for them."""
_LONGEST_SENDING: Final = timedelta(hours=2)
"""Longer than any answer takes: then the number belongs to another process by now."""


@dataclass(frozen=True, slots=True)
class _File:
    """What the name of a file in the folder says."""

    path: Path
    id: str
    state: ParkedState


class FolderOutbox:
    """The `Outbox` of one home. Another program's files in the folder are left alone."""

    def __init__(self, *, home: Path, clock: Clock) -> None:
        self._folder = home / NAME
        self._clock = clock

    def park(self, message: Parked) -> None:
        target = self._folder / f"{message.id}.json"
        with self._saving():
            private_subfolder(self._folder)
            sweep_orphans(target)
            self._sweep_files()
            for number, attached in enumerate(message.files):
                place = self._place(message.id, number)
                if not place.exists():  # one that is put back has them already
                    durable_write(place, attached.content)
            taken = next((file.path for file in self._files() if file.id == message.id), target)
            durable_write(taken, json.dumps(_members(message)).encode("ascii") + b"\n")
            if taken != target:
                taken.replace(target)
                sync_folder(self._folder)

    def look(self) -> InOutbox:
        found: list[Parked] = []
        unreadable: list[str] = []
        for file in self._files():
            try:
                kept = read_private(file.path, limit=_LIMIT)
                if kept is not None:  # else it was taken, sent or dropped a moment ago
                    found.append(self._parsed(json_object(kept.content), file))
            except (FileRefused, ValueError, TypeError, LookupError):
                if os.path.lexists(file.path):  # else it went while its files were read
                    unreadable.append(str(file.path))
        return InOutbox(tuple(sorted(found, key=lambda message: (message.at, message.id))), tuple(sorted(unreadable)))

    def take(self, message_id: str) -> bool:
        mark = f"{message_id}.{os.getpid()}-{int(self._clock.now().timestamp())}.taken"
        mine = [file for file in self._files() if file.id == message_id and file.state is not ParkedState.SENDING]
        if not mine:
            return False
        with self._saving():
            try:
                mine[0].path.rename(self._folder / mark)
            except FileNotFoundError:
                return False
            sync_folder(self._folder)  # after a power cut it must not look as if nobody had begun to send it
        return True

    def forget(self, message_id: str) -> None:
        with self._saving():
            for file in self._files():
                if file.id == message_id:
                    file.path.unlink(missing_ok=True)
            for path in self._attached(message_id):
                path.unlink(missing_ok=True)

    def way_back(self, conversation: str) -> WayBack | None:
        try:
            kept = read_private(self._back(conversation), limit=_LARGEST_BACK)
            members = json_object(kept.content) if kept else None
            return WayBack(held_from(members["held"]), conversation, moment(members["at"])) if members else None
        except (FileRefused, ValueError, TypeError, LookupError):
            return None

    def keep_way_back(self, back: WayBack) -> None:
        with self._saving():
            private_subfolder(self._folder)
            document = {"held": held_text(back.held), "at": moment_text(back.at)}
            durable_write(self._back(back.conversation), json.dumps(document).encode("ascii"))

    def forget_way_back(self, conversation: str) -> None:
        with self._saving():
            self._back(conversation).unlink(missing_ok=True)

    def _back(self, conversation: str) -> Path:
        """Named by a check sum: an id may hold what no file name does."""
        return self._folder / f"{sha256(conversation.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.back"

    def stamp(self) -> Hashable:
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return None

    @contextmanager
    def _saving(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreNotWritable(str(self._folder), cannot_save(error)) from None

    def _files(self) -> list[_File]:
        found: list[_File] = []
        if self._folder.is_symlink():  # what lies where it leads is not ours
            return found
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                path = self._folder / entry.name
                if match := _WAITING.fullmatch(entry.name):
                    found.append(_File(path, match[1], ParkedState.WAITING))
                elif match := _TAKEN.fullmatch(entry.name):
                    found.append(_File(path, match[1], self._state(int(match[2]), int(match[3]))))
        return found

    def _place(self, message_id: str, number: int) -> Path:
        return self._folder / f"{message_id}-{number}.file"

    def _attached(self, message_id: str = "") -> list[Path]:
        """Files that go along with that message, or with any."""
        found = [(match, path) for path in self._folder.iterdir() if (match := _FILE.fullmatch(path.name))]
        return [path for match, path in found if message_id in ("", match[1])]

    def _sweep_files(self) -> None:
        """Remove files whose message was never written, or is gone: a crash left them."""
        known = {file.id for file in self._files()}
        oldest = self._clock.now().timestamp() - _LONGEST_PARKING.total_seconds()
        for path in self._attached():
            with suppress(FileNotFoundError):
                if path.name[:32] not in known and path.stat().st_mtime < oldest:
                    path.unlink()

    def _parsed(self, members: dict[str, Any], file: _File) -> Parked:
        """Raises ValueError, TypeError, LookupError, FileRefused where it is not what it should be."""
        attached = []
        for number, described in enumerate(members.get("files", ())):
            content = read_private(self._place(file.id, number), limit=LARGEST)
            if content is None or len(content.content) != described["size"]:
                raise ValueError("a file that goes along is missing or cut off")
            name, media_type = _text(described["name"]), _text(described["media_type"])
            attached.append(Attachment(name, media_type, content.content))
        return replace(_parsed(members, file), files=tuple(attached))

    def _state(self, pid: int, since: int) -> ParkedState:
        recent = self._clock.now().timestamp() - since < _LONGEST_SENDING.total_seconds()
        return ParkedState.SENDING if recent and is_running(pid) else ParkedState.DOUBTFUL


def _members(message: Parked) -> dict[str, Any]:
    return {
        "conversation": message.conversation,
        "begun": message.begun,
        "text": storable(message.text),
        "at": moment_text(message.at),
        "held": held_text(message.held) if message.held else None,
        "files": [
            {"name": storable(file.name), "media_type": file.media_type, "size": file.size} for file in message.files
        ],
        "cause": message.cause,
        "until": moment_text(message.until) if message.until else None,
    }


def _parsed(members: dict[str, Any], file: _File) -> Parked:
    """Raises ValueError, TypeError, LookupError where a member is not what it should be."""
    conversation, text, cause = (_text(members[name]) for name in ("conversation", "text", "cause"))
    until, held = members["until"], members["held"]
    return Parked(
        id=file.id,
        conversation=conversation,
        begun=members["begun"] is True,
        text=text,
        at=moment(members["at"]),
        held=held_from(held) if held else None,
        cause=cause,
        until=moment(until) if until else None,
        state=file.state,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
