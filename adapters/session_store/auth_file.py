"""`auth.json` format 2 without its secrets: read, checked, and put together again. Needs the standard library alone.

    {"format": 2, "records": [
    {"bound": ...},
    {"bound": ...}
    ]}

A record that is damaged, missing or older than in the backup is read from there (`mending`). One that is in neither is
set aside and keeps its place through every rewrite; the others go on working. Where the file as a whole is no JSON any
more, the records in it that are still whole count, and it is kept as it was when it is written next.

Where another program's file stands in its place, or none, the backup says what is ours. Where there never was one, an
earlier program's file is what there is to take over; one in which nothing is ours stays, and our store is made beside.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from adapters.files.home_files import backup_path, store_path
from adapters.files.private_file import FileRefused, PrivateFile, read_private
from adapters.session_store.document import SIZE_LIMIT, Document, parse_store, with_backup
from adapters.session_store.generations import is_outdated, read_marks
from adapters.session_store.home_place import at_home_elsewhere, place_of
from adapters.session_store.mending import mend_entries
from adapters.session_store.record import FORMAT, Entry, parse_entry
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import StoreDamaged, StoreNewer
from domain.records import replace

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path


def file_stamp(path: Path) -> Hashable:
    """A stamp that changes whenever the file at *path* may have changed; it costs one `stat`."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_document(path: Path, *, backup: bool = True) -> Document:
    """What the file holds. Where it is absent, empty or another program's, its *backup* stands in: no other program's
    sign-in or tidying ends a session of ours.

    Raises:
        StoreDamaged: Nothing in it can be read, or it must not be (a link, somebody else's file).
        StoreNewer: A newer program wrote it in a way that this one cannot read at all.
    """
    try:
        file = read_private(path, limit=SIZE_LIMIT)
    except FileRefused as refusal:
        raise StoreDamaged(str(path), with_backup(path, str(refusal))) from None
    if file is None or (backup and not file.content.strip()):
        return _restored(path) if backup else Document(path)
    document = _of_another(path, file.content) if backup else None
    if document is None and not backup:
        return parse_store(path, file.content)
    document = document or _with_copy(path, file)
    if document.mended is not None and _changed_since(path, file):
        return read_document(path)  # between the two readings somebody wrote both
    document = _marked(document)
    return replace(document, mode=file.mode) if file.loose else document


def _changed_since(path: Path, file: PrivateFile) -> bool:
    try:
        again = read_private(path, limit=SIZE_LIMIT)
    except FileRefused:
        return True
    return again is None or again.content != file.content


def _marked(document: Document) -> Document:
    """*document* with a mark at each record of which a later version was stored here once, or that is a copy here."""
    home = document.path.parent
    marks, place = read_marks(home), place_of(home)

    def marked(entry: Entry) -> Entry:
        record = entry.record
        if record is None or record.kind is not CredentialKind.OAUTH:
            return entry
        older = is_outdated(record, marks)
        elsewhere = "" if entry.home == place else at_home_elsewhere(entry.home, home, partial(_holds, record))
        if not older and not elsewhere:
            return entry
        return replace(entry, record=replace(record, older_copy=older, elsewhere=elsewhere))

    return replace(document, entries=tuple(map(marked, document.entries)))


def _holds(record: CredentialRecord, home: Path) -> bool:
    """Whether *home* has the same session; True where it cannot be told."""
    try:
        file = read_private(store_path(home), limit=SIZE_LIMIT)
        found = parse_store(store_path(home), file.content).find(record.key) if file is not None else None
    except (FileRefused, StoreDamaged, StoreNewer):
        return True
    return found is not None and (found.record is None or found.record.session_id == record.session_id)


def _with_copy(path: Path, file: PrivateFile) -> Document:
    """What *file*, ours by all that can be told, holds together with its backup."""
    copy = _copy_beside(path, file)
    error: StoreDamaged | None = None
    try:
        document = parse_store(path, file.content)
    except StoreDamaged as damaged:
        document, error = Document(path), damaged
    if copy is None:
        if error is not None:
            raise error
        return _rewritable(document, file)
    broken = document.problem or error is not None
    if document.format > FORMAT and not _differs_in_format_alone(file.content, document.format, path):
        return document  # a newer program's; its own backup means nothing here
    result = mend_entries(document.entries, copy.entries)
    changed = bool(result.restored or broken or document.format != copy.format)
    hurt = bool(broken) or any(entry.record is None for entry in document.entries) or document.format != copy.format
    return replace(
        document,
        format=copy.format,
        members=copy.members if broken else document.members,
        entries=result.entries,
        problem="",
        mended=result if changed else None,
        spoiled=file.content if changed and hurt else None,
    )


def _copy_beside(path: Path, file: PrivateFile) -> Document | None:
    """The backup of *path*, where it has something to say beyond what *file* does."""
    backup = backup_path(path)
    with suppress(FileRefused, StoreDamaged, StoreNewer):
        found = read_private(backup, limit=SIZE_LIMIT)
        if found is not None and found.content != file.content:
            copy = parse_store(path, found.content)
            return copy if copy.records and copy.format <= FORMAT else None
    return None


def _differs_in_format_alone(content: bytes, version: int, path: Path) -> bool:
    """Whether *content* is the backup but for the number of its format: that is damage, and no newer program's."""
    ours = content.replace(b'"format":%d' % version, b'"format":%d' % FORMAT, 1)
    with suppress(FileRefused):
        copy = read_private(backup_path(path), limit=SIZE_LIMIT)
        return copy is not None and copy.content == ours
    return False


def _rewritable(document: Document, file: PrivateFile) -> Document:
    """*document*, of which no copy helps, with a place for what a break in it hides: that is not nothing."""
    if not document.problem:
        return document
    hidden = () if any(entry.record is None for entry in document.entries) else (parse_entry(None),)
    entries = tuple(replace(entry, problem=document.problem) for entry in hidden)
    return replace(document, entries=(*document.entries, *entries), problem="", spoiled=file.content)


def _restored(path: Path) -> Document:
    try:
        document = _backup_of(path)
    except StoreDamaged:
        return Document(path)  # nothing to restore, and nothing that a new file would hide
    return document or Document(path, fresh=True)


def _of_another(path: Path, content: bytes) -> Document | None:
    """What there is of ours where *content*, of another program, stands in its place; None where that is not so."""
    if b'"records"' in content or b'"format"' in content:  # so it is in every file of ours, and cheap to tell
        return None
    from adapters.earlier_formats.formats import holds_sign_ins, is_blank, is_object

    # Of a file of ours no damage to one place makes such an object: both of those members would have to go.
    if not is_object(content):
        return None
    document = _backup_of(path)
    if document is not None:
        return replace(document, replacement=content)
    if is_blank(content):
        return Document(path, fresh=True)
    ours = holds_sign_ins(content, datetime.now(UTC))
    return Document(path, earlier=content) if ours else Document(path, others=content, fresh=True)


def _backup_of(path: Path) -> Document | None:
    """The last good copy, None where none was ever made. Raises as `read_document` does."""
    backup = backup_path(path)
    try:
        file = read_private(backup, limit=SIZE_LIMIT)
    except FileRefused as refusal:
        raise StoreDamaged(str(backup), str(refusal)) from None
    if file is None:
        return None
    document = parse_store(path, file.content)
    return replace(document, problem="", restored=bool(document.entries))
