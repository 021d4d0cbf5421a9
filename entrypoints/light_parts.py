"""What `light.py` makes, and `container.py` builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from adapters.borrowed.anthropic_profiles import AnthropicProfiles
    from adapters.config.toml_config import TomlConfig
    from adapters.earlier_programs.found import FoundSignIns
    from adapters.events.jsonl_log import JsonlEventLog
    from adapters.forwarded.laptops import Laptops
    from adapters.master_key.note import NoteFile
    from adapters.model_lists.kept import ModelListFiles
    from adapters.session_store.reading_records import StoreReader
    from adapters.system.clipboard import SystemClipboard
    from adapters.system.clock import SystemClock
    from adapters.system.environment_keys import ProcessEnvironmentKeys
    from application.ports.conversation_store import ConversationStore
    from application.ports.ledger import Ledger
    from application.ports.parking.outbox import Outbox
    from domain.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class LightParts:
    """The adapters behind the fast commands; the container builds on the same ones."""

    home: Path
    environ: Mapping[str, str]
    catalogue: Catalogue
    config: TomlConfig
    reader: StoreReader
    key_note: NoteFile
    clock: SystemClock
    clipboard: SystemClipboard
    events: JsonlEventLog
    environment: ProcessEnvironmentKeys
    borrowed: AnthropicProfiles
    forwarded: Laptops
    earlier_sign_ins: FoundSignIns
    model_lists: ModelListFiles
    conversations: Callable[[], ConversationStore]
    ledger: Callable[[], Ledger]
    outbox: Callable[[], Outbox]
