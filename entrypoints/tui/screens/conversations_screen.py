"""`/chats`, `/search`, F4: the conversations that are kept."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from application.ports.clock import Clock
from domain.conversations.kept import Hit, Summary
from domain.errors import KeyswitchError, UsageError
from domain.text.untrusted import untrusted_line
from entrypoints.chat.chat_face import Work
from entrypoints.chat.fitting import cut, packed
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.kept_conversations import KeptConversations, written_words
from entrypoints.export.formats import ExportFormat
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.screens.question import Choice, Question
from entrypoints.tui.widgets.conversation_rows import ConversationRows, Row
from entrypoints.tui.widgets.field import Field
from entrypoints.tui.widgets.fitted_row import FittedRow
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.tui.window import begin_in
from entrypoints.words.conversations import NOTHING_KEPT, details, title_words
from entrypoints.words.errors import error_sentence

_KEEP: Final = "keep"
_PAGE: Final = 10
_FIRST: Final = 200
"""Conversations that are read and shown at once. There may be thousands more, which takes a while."""

_LOWEST: Final = 14
"""Rows of the window below which the line about the highlighted conversation is left out."""

_FORMS: Final = (
    Choice(ExportFormat.MARKDOWN.value, "Markdown"),
    Choice(ExportFormat.HTML.value, "Page (HTML)"),
    Choice(ExportFormat.JSON.value, "JSON, with all receipts"),
    Choice(_KEEP, "Not now"),
)


class ConversationsScreen(Dialog[None]):
    """A list that is searched as one types; what the keys do to the highlighted row shows at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False, priority=True),
        Binding("f4", "close", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", f"move({_PAGE})", show=False, priority=True),
        Binding("pageup", f"move(-{_PAGE})", show=False, priority=True),
        Binding("ctrl+r", "rename", show=False, priority=True),
        Binding("ctrl+d", "remove", show=False, priority=True),
        Binding("ctrl+z", "undo", show=False, priority=True),
        Binding("ctrl+e", "export", show=False, priority=True),
    ]

    def __init__(self, kept: KeptConversations, glyphs: Glyphs, clock: Clock, search: str = "") -> None:
        """*search* is what is looked for at first."""
        super().__init__()
        self._kept = kept
        self._glyphs = glyphs
        self._now = clock.now()
        self._search = search
        self._summaries: tuple[Summary, ...] = ()
        self._changes = 0
        """How often something was changed here since the list opened."""
        self._shown: tuple[str, int] | None = None
        """The text and the number of changes that the rows were found for; None while nothing is read yet."""
        self._found: list[Row] = []
        self._back = ""
        """The id of what was brought back just now, which is highlighted next."""
        self._finding = False
        self._wants_open = False
        """Whether Enter was pressed while the rows were still those of another text."""

    def compose(self) -> ComposeResult:
        """From top to bottom; the field for a new title lies over the row that gets it."""
        with Vertical(classes="dialog conversations"):
            yield FittedRow(self._title, classes="title")
            yield Field(self._search, placeholder="type to find by title or text", id="search", compact=True)
            with Vertical(id="listing"):
                yield ConversationRows(self._glyphs, self._now)
                yield Field(id="new-title", compact=True)
            yield Static("", id="said", markup=False)
            yield FittedRow(self._detail, id="detail")
            yield KeyHints(self._glyphs.dot, *self._keys(), classes="keys")

    def on_mount(self) -> None:
        """Read them in a thread."""
        for field in self.query(Field):
            field.cursor_blink = False
        self.query_one("#search", Field).focus()
        self.tell_more(self._rows)
        self._find()

    @property
    def _rows(self) -> ConversationRows:
        return self.query_one(ConversationRows)

    @property
    def _renaming(self) -> bool:
        return bool(self.query_one("#new-title", Field).display)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a title is written, the keys are its field's own; Esc ends it."""
        return action == "back" or not self._renaming

    # Finding.

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search at each key."""
        event.stop()
        if event.input.id == "search":
            self._say("")
            self._find()

    @work(group="find")
    async def _find(self) -> None:
        """Show what is found for what stands in the field. What is typed or changed meanwhile is found next."""
        if self._finding:
            return
        self._finding = True
        try:
            while (wanted := self._wanted()) != self._shown:
                await self._show(*wanted)
        except KeyswitchError as error:
            self._fail(error)
        finally:
            self._finding = False
        if self._wants_open:
            self._wants_open = False
            self._open()

    async def _show(self, text: str, changes: int) -> None:
        if self._shown is None and not text:
            self._list(await self._kept.listed(limit=_FIRST))
        if self._shown is None or self._shown[1] != changes:
            self._summaries = await self._kept.listed()
        hits = await self._kept.found(text) if text else ()
        same = self._shown is None or self._shown[0] == text
        self._shown = (text, changes)
        row, back, self._back = self._rows.highlighted, self._back, ""
        self._list(self._summaries, text, hits, back or (row.summary.id if row is not None and same else ""))
        self.query_one(".title", FittedRow).refresh()

    def _list(self, some: tuple[Summary, ...], text: str = "", hits: tuple[Hit, ...] = (), wanted: str = "") -> None:
        self._found = _found(some, text, hits)
        self._rows.show(self._found, open_one=self._kept.open_one, wanted=wanted)

    def _wanted(self) -> tuple[str, int]:
        return self.query_one("#search", Field).value.strip(), self._changes

    def _find_anew(self) -> None:
        """Something was changed: read all again."""
        self._changes += 1
        self._find()

    # What the keys do.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the highlighted conversation, or give it the title that was written."""
        event.stop()
        if event.input.id == "new-title":
            self._rename_to(event.value)
        elif self._wanted() != self._shown:
            self._wants_open = True
        else:
            self._open()

    def on_conversation_rows_chosen(self, event: ConversationRows.Chosen) -> None:
        """A click is an Enter."""
        event.stop()
        self._open()

    def on_conversation_rows_highlighted(self, event: ConversationRows.Highlighted) -> None:
        """Describe the row that is highlighted now."""
        event.stop()
        self._describe()

    def on_resize(self) -> None:
        """In a low window every line is for rows; the field for a new title stays over its row."""
        self._describe()
        self.call_after_refresh(self._fit_new_title)

    def action_move(self, by: int) -> None:
        """Highlight another row, *by* places away."""
        self._rows.move(by)

    def action_back(self) -> None:
        """Write no title, or close the list."""
        if self._renaming:
            self._end_renaming()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close the list and change nothing."""
        self.dismiss(None)

    def action_rename(self) -> None:
        """Write a new title in the place of the old one."""
        if (row := self._rows.highlighted) is None:
            return
        field = self.query_one("#new-title", Field)
        self._fit_new_title()
        field.value = row.summary.title
        field.display = True
        field.focus()
        self._show_keys()

    def _fit_new_title(self) -> None:
        field = self.query_one("#new-title", Field)
        field.styles.offset = (self._rows.lead, self._rows.highlighted_line)
        field.styles.width = self._rows.title_cells

    def action_remove(self) -> None:
        """Remove the highlighted conversation; Ctrl+Z brings it back."""
        if (row := self._rows.highlighted) is not None:
            self._do(partial(self._remove, row.summary))

    def action_undo(self) -> None:
        """Bring back what was removed last."""
        self._do(self._undo)

    def action_export(self) -> None:
        """Ask in which form, then write the file."""
        if (row := self._rows.highlighted) is None:
            return
        summary = row.summary

        def chosen(form: str | None) -> None:
            if form in list(ExportFormat):
                self._do(partial(self._export, summary, ExportFormat(form)))

        lines = (f'Write "{title_words(summary.title)}" to a file in the current folder?', "Only you can read it.")
        self.app.push_screen(Question("Export", lines, _FORMS, on_escape=_KEEP, glyphs=self._glyphs), chosen)

    def _open(self) -> None:
        if (row := self._rows.highlighted) is not None:
            self._do(partial(self._open_one, row.summary))

    def _rename_to(self, title: str) -> None:
        self._end_renaming()
        if (row := self._rows.highlighted) is not None:
            self._do(partial(self._rename, row.summary, title))

    async def _open_one(self, one: Summary) -> None:
        await self._kept.open(one.id)
        self.dismiss(None)

    async def _rename(self, one: Summary, title: str) -> None:
        await self._kept.rename(one.id, title)
        self._find_anew()

    async def _remove(self, one: Summary) -> None:
        await self._kept.remove(one)
        self._say(f'"{title_words(one.title)}" is removed. Ctrl+Z brings it back.')
        self._find_anew()

    async def _undo(self) -> None:
        back = await self._kept.restore()
        self._back = back.id
        self._say(f'"{title_words(back.title)}" is there again.')
        self._find_anew()

    async def _export(self, one: Summary, form: ExportFormat) -> None:
        self._say(f"Writing{self._glyphs.ellipsis}")
        self._say(written_words(await self._kept.export(one.id, form)))

    def _do(self, work: Work) -> None:
        begin_in(self, partial(self._told, work), group="conversations")

    async def _told(self, work: Work) -> None:
        try:
            await work()
        except KeyswitchError as error:
            self._fail(error)
            self._find_anew()

    def _end_renaming(self) -> None:
        self.query_one("#new-title", Field).display = False
        self.query_one("#search", Field).focus()
        self._show_keys()

    # What is shown.

    def _fail(self, error: KeyswitchError) -> None:
        self._say(str(error) if isinstance(error, UsageError) else error_sentence(error), kind="trouble")

    def _say(self, words: str, *, kind: str = "info") -> None:
        said = self.query_one("#said", Static)
        said.set_class(kind == "trouble", "trouble")
        said.update(Content(untrusted_line(words)))
        said.display = bool(words)

    def _title(self, width: int) -> str:
        parts = ["Conversations"]
        if self._shown is not None:
            parts.append(f"{len(self._found)} found" if self._shown[0] else f"{len(self._found)} kept")
        return cut(self._glyphs.dot.join(parts), width, self._glyphs.ellipsis)

    def _describe(self) -> None:
        detail = self.query_one("#detail", FittedRow)
        detail.display = self.app.size.height >= _LOWEST or self._rows.highlighted is None
        detail.refresh()

    def _detail(self, width: int) -> str:
        row = self._rows.highlighted
        if row is not None:
            return packed(details(row.summary), self._glyphs.dot, width)[0]
        if self._shown is None:
            return f"Reading{self._glyphs.ellipsis}"
        typed = untrusted_line(self._shown[0])
        return cut(f'Nothing was found for "{typed}".' if typed else NOTHING_KEPT, width, self._glyphs.ellipsis)

    def _show_keys(self) -> None:
        self.query_one(KeyHints).show(
            *(self._keys() if not self._renaming else (["Enter rename", "Esc keep the title"],))
        )

    def _keys(self) -> tuple[list[str], ...]:
        keys = ["Esc back", "Enter open", "Ctrl+R rename", "Ctrl+D remove", "Ctrl+Z undo", "Ctrl+E export"]
        return ([*keys[:1], f"{self._glyphs.vertical} move", *keys[1:]], keys)


def _found(summaries: tuple[Summary, ...], text: str, hits: tuple[Hit, ...]) -> list[Row]:
    """The rows for *text*: those whose title holds all its words, then those in which it was said, with the place."""
    if not text:
        return [Row(one) for one in summaries]
    words = text.casefold().split()
    snippets = {hit.conversation: hit.snippet for hit in reversed(hits) if hit.turn is not None}
    by_title = [one for one in summaries if all(word in one.title.casefold() for word in words)]
    named = {one.id for one in by_title}
    said = {one.id: one for one in summaries if one.id not in named}
    order = dict.fromkeys(hit.conversation for hit in hits)
    return [
        *(Row(one, snippets.get(one.id, ())) for one in by_title),
        *(Row(said[name], snippets.get(name, ())) for name in order if name in said),
    ]
