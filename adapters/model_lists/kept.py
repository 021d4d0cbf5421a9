"""The providers' lists as they were last read: a small file for each provider and account."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.private_file import FileRefused, private_subfolder, read_private
from adapters.json.json_members import BadRecord, moment, moment_or_none, typed_member, written
from adapters.json.strict_json import NotJson, json_object
from domain.accounts import tag
from domain.catalogue import provider_of
from domain.errors import StoreNotWritable
from domain.model_lists.listed import ListedModel, ModelList

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from domain.credential import CredentialKey

FOLDER: Final = "model-lists"
VERSION: Final = 1
_LIMIT: Final = 512 * 1024
"""Bytes; a thousand models take a third."""

_Stamp = tuple[int, int, int] | None


class ModelListFiles:
    """Reads each file once for each of its versions."""

    def __init__(self, *, home: Path) -> None:
        self._folder = home / FOLDER
        self._known: dict[CredentialKey, tuple[_Stamp, ModelList | None]] = {}
        self._notices: dict[CredentialKey, str] = {}

    def read(self, key: CredentialKey) -> ModelList | None:
        """As the port says."""
        path = self._path(key)
        stamp = _stamp(path)
        known = self._known.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        self._notices.pop(key, None)
        found: ModelList | None = None
        try:
            file = read_private(path, limit=_LIMIT, closing=True) if stamp else None
            found = _list(json_object(file.content), key) if file else None
        except (FileRefused, NotJson, BadRecord) as error:
            self._notices[key] = (
                f"The kept list of {key.provider.label}'s models was ignored: {error}."
                " keyswitch models --refresh reads it anew."
            )
        self._known[key] = (stamp, found)
        return found

    def notices(self) -> tuple[str, ...]:
        """As the port says."""
        return tuple(self._notices.values())

    def keep(self, found: ModelList) -> None:
        """As the port says."""
        path = self._path(found.key)
        try:
            private_subfolder(self._folder)
            sweep_orphans(path)
            durable_write(path, json.dumps(_document(found)).encode())
        except OSError as error:
            raise StoreNotWritable(str(path), cannot_save(error)) from None

    def stamp(self) -> Hashable:
        """As the port says: a file that is replaced changes its folder."""
        return _stamp(self._folder)

    def _path(self, key: CredentialKey) -> Path:
        return self._folder / f"{key.provider}-{tag(key)}.json"


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _document(found: ModelList) -> dict[str, Any]:
    return {
        "version": VERSION,
        "credential": tag(found.key),
        "tried_at": written(found.tried_at),
        "read_at": written(found.read_at),
        "of_plan": found.of_plan,
        "models": [_row(model) for model in found.models],
    }


def _row(model: ListedModel) -> dict[str, Any]:
    days = {"ends": model.ends, "created": model.created, "missing_since": model.missing_since}
    row: dict[str, Any] = {"id": model.id, "label": model.label}
    if model.context is not None:
        row["context"] = model.context
    return row | {name: day.isoformat() for name, day in days.items() if day is not None}


def _list(document: Mapping[str, Any], key: CredentialKey) -> ModelList:
    """Raises BadRecord where it is not the list of *key* as this version writes it."""
    if document.get("version") != VERSION:
        raise BadRecord("another version of keyswitch wrote it")
    if document.get("credential") != tag(key):
        raise BadRecord("it is another account's")
    return ModelList(
        key=key,
        tried_at=moment(document, "tried_at"),
        read_at=moment_or_none(document, "read_at"),
        of_plan=typed_member(document, "of_plan", bool),
        models=tuple(_model(row, key) for row in typed_member(document, "models", list)),
    )


def _model(row: Any, key: CredentialKey) -> ListedModel:
    if not isinstance(row, dict):
        raise BadRecord('its "models" hold something other than models')
    name = typed_member(row, "id", str)
    if provider_of(name) is not key.provider:
        raise BadRecord("it names another provider's model")
    return ListedModel(
        id=name,
        label=typed_member(row, "label", str),
        context=typed_member(row, "context", int) if "context" in row else None,
        ends=_day(row, "ends"),
        created=_day(row, "created"),
        missing_since=_day(row, "missing_since"),
    )


def _day(row: Mapping[str, Any], name: str) -> date | None:
    if name not in row:
        return None
    try:
        return date.fromisoformat(typed_member(row, name, str))
    except ValueError:
        raise BadRecord(f'its "{name}" is no day') from None
