from __future__ import annotations

import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from adapters.config.toml_config import TomlConfig
from adapters.config.toml_edit import EditRefused, TomlText
from adapters.config.toml_head import with_values
from domain.auth_mode import AuthMode
from domain.errors import ConfigError
from tests.integration.config.conftest import Write

REPO = Path(__file__).parents[3]
CHOICE: dict[tuple[str, ...], str] = {("model",): "claude-opus-4.1", ("active_auth_provider",): "claude"}


def selected(text: str) -> str:
    """*text* after the selection `CHOICE`."""
    edited = TomlText(text)
    edited.edit(CHOICE)
    return edited.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n'),
        (
            "model = 'old' # keep\n  active_auth_provider='gemini'\t# this\nz = 1",
            'model = "claude-opus-4.1" # keep\n  active_auth_provider="claude"\t# this\nz = 1',
        ),
        (
            'z = 1\nmodel = "old"\n',
            'active_auth_provider = "claude"\nz = 1\nmodel = "claude-opus-4.1"\n',
        ),
        (
            "# Ana's settings\n\n# about a\n[a]\nb = 1\n",
            (
                "# Ana's settings\n\n"
                'model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n\n# about a\n[a]\nb = 1\n'
            ),
        ),
        ("# about z\nz = 1", 'model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n\n# about z\nz = 1'),
        ("# only a remark\n", '# only a remark\nmodel = "claude-opus-4.1"\nactive_auth_provider = "claude"\n'),
        ("[a]\nb = 1", 'model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n\n[a]\nb = 1'),
        (
            "# x\r\n\r\n[a]\r\nb = 1\r\n",
            '# x\r\n\r\nmodel = "claude-opus-4.1"\r\nactive_auth_provider = "claude"\r\n\r\n[a]\r\nb = 1\r\n',
        ),
        (
            'text = """\n[a]\nmodel = "x"\n"""\n[a]\nmodel = "y"\n',
            (
                'model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n'
                'text = """\n[a]\nmodel = "x"\n"""\n[a]\nmodel = "y"\n'
            ),
        ),
    ],
    ids=["empty", "in-place", "one-is-new", "heading", "remark", "only-a-remark", "table", "windows", "look-alikes"],
)
def test_a_selection_changes_its_two_lines_alone(before: str, after: str) -> None:
    assert selected(before) == after
    assert selected(after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[auth]\nenv_keys = "fallback"\n'),
        ("z = 1", 'z = 1\n\n[auth]\nenv_keys = "fallback"\n'),
        (
            "[auth] # mine\nkey_source = 'file'\n\n# about b\n[b]\n",
            "[auth] # mine\nenv_keys = \"fallback\"\nkey_source = 'file'\n\n# about b\n[b]\n",
        ),
        ("[auth]", '[auth]\nenv_keys = "fallback"\n'),
        ("[auth]\r\nx = 1\r\n", '[auth]\r\nenv_keys = "fallback"\r\nx = 1\r\n'),
        ("[auth]\nenv_keys = 'ignore' # no\n", '[auth]\nenv_keys = "fallback" # no\n'),
        ("[auth.more]\nx = 1\n", '[auth.more]\nx = 1\n\n[auth]\nenv_keys = "fallback"\n'),
        ("auth = {key_source = 'file'}\n", "auth = {key_source = 'file',env_keys = \"fallback\"}\n"),
        ("auth.key_source = 'file'\nz = 1\n", "auth.key_source = 'file'\nauth.env_keys = \"fallback\"\nz = 1\n"),
        (
            "t = '''\n[auth]\n'''\n[auth]\nx = 1\n",
            "t = '''\n[auth]\n'''\n[auth]\nenv_keys = \"fallback\"\nx = 1\n",
        ),
    ],
)
def test_a_policy_goes_into_its_table_however_that_is_written(before: str, after: str) -> None:
    edited = TomlText(before)
    edited.edit({("auth", "env_keys"): "fallback"})
    assert edited.text == after


KEYS = st.text("abcdefgh_-", min_size=1, max_size=8).map(lambda name: f"k{name}")
SCALARS = (
    st.integers(-(2**40), 2**40)
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.text(max_size=20).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3)
TREES = st.dictionaries(
    KEYS, VALUES | st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=4), max_size=8
)
REMARKS = st.text("abc #[]='\"\t", max_size=12)


@st.composite
def toml_texts(draw: st.DrawFn) -> str:
    """A text as a person may leave it: any values, remarks and empty lines anywhere between them."""
    tree = draw(TREES)
    lines = tomlkit.dumps(tree).splitlines(keepends=True) if _given_back(tree) else []
    for position in sorted(draw(st.lists(st.integers(0, len(lines)), max_size=4)), reverse=True):
        lines.insert(position, draw(st.sampled_from(["\n", f"# {draw(REMARKS)}\n"])))
    text = "".join(lines)
    return text if _is_toml(text) else ""


def _given_back(tree: dict[str, Any]) -> bool:
    try:
        return repr(tomllib.loads(tomlkit.dumps(tree))) == repr(tree)
    except tomllib.TOMLDecodeError:
        return False


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@given(toml_texts())
def test_whatever_else_is_in_the_file_stays_byte_for_byte(text: str) -> None:
    lines = ['model = "claude-opus-4.1"\n', 'active_auth_provider = "claude"\n']
    after = selected(text)
    start = after.index(lines[0])
    end = after.index(lines[1]) + len(lines[1])
    assert after[start:end] == "".join(lines)
    rest = after[end:]
    assert after[:start] + rest in (text, text[:start] + "\n" + text[start:])
    assert selected(after) == after


@given(toml_texts(), st.sampled_from(["model", "active_auth_provider"]))
def test_one_of_the_two_lines_may_stand_anywhere_at_the_top(text: str, present: str) -> None:
    before = f'{present} = "old"  # keep me\n{text}'
    after = tomllib.loads(selected(before))
    assert repr({key: after[key] for key in after if (key,) not in CHOICE}) == repr(tomllib.loads(text))
    assert "# keep me" in selected(before)


@given(toml_texts(), st.text(max_size=20))
def test_a_second_edit_of_the_same_text_is_as_good_as_the_first(text: str, name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    edited = TomlText(text)
    edited.edit(CHOICE)
    edited.edit({("model",): name})
    assert tomllib.loads(edited.text)["model"] == name
    edited.edit(CHOICE)
    assert edited.text == selected(text)


@given(toml_texts(), st.permutations(["model", "active_auth_provider"]), st.sampled_from(["\n", "\r\n"]))
def test_lines_at_the_top_are_changed_as_the_editor_changes_them(text: str, keys: list[str], newline: str) -> None:
    before = "".join(f'{key} = "old"  # keep me{newline}' for key in keys) + text.replace("\n", newline)
    if not _is_toml(before):
        return
    values = {"model": "claude-opus-4.1", "active_auth_provider": "claude"}
    after = with_values(before, values)
    assert after in (None, selected(before))
    # A line break within a text is unusual, and so is a NaN, which equals nothing.
    assert after or "nan" in text or "[" in text or newline == "\r\n"


@pytest.mark.parametrize(
    "unusual",
    [
        "",
        "# nothing\n",
        "model = 1\n",
        'model = """a"""\n',
        'model = "a\\tb"\n',
        '"model" = "a"\n',
        'note = """\nmodel = "a"\n"""\nmodel = "b"\n',
        'note = """\n[a]\n"""\nmodel = "b"\n',
        "list = [\n[1]\n]\nmodel = 'b'\n",
        '[a]\nmodel = "b"\n',
        'model = "b" x',
    ],
)
def test_what_is_unusual_at_the_top_is_left_to_the_editor(unusual: str) -> None:
    assert with_values(unusual, {"model": "c"}) is None


def test_a_model_of_an_odd_name_is_left_to_the_editor() -> None:
    assert with_values('model = "a"\n', {"model": 'say "hello"'}) is None


def test_an_edit_that_would_change_something_else_is_refused() -> None:
    with pytest.raises(EditRefused):
        TomlText("auth = 1\n").edit({("auth", "env_keys"): "fallback"})


# On the disk


def test_a_byte_order_mark_and_unknown_keys_survive(wrote: Write, config_path: Path) -> None:
    wrote("\ufeff# café\r\nmodel = 'a'\r\n[odd]\r\nx = 0x1F # hex\r\n").select("gpt-5.1-low", AuthMode.CHATGPT)
    assert config_path.read_bytes().decode() == (
        '\ufeffactive_auth_provider = "chatgpt"\r\n\r\n# café\r\nmodel = "gpt-5.1-low"\r\n[odd]\r\nx = 0x1F # hex\r\n'
    )


def test_a_new_file_is_its_owners_alone(config: TomlConfig, config_path: Path) -> None:
    config.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert S_IMODE(config_path.stat().st_mode) == 0o600
    assert S_IMODE(config_path.with_name("config.lock").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_the_mode_of_the_file_stays(wrote: Write, config_path: Path, mode: int) -> None:
    store = wrote("")
    config_path.chmod(mode)
    store.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert S_IMODE(config_path.stat().st_mode) == mode


def test_a_link_stays_a_link_and_its_target_is_written(config: TomlConfig, config_path: Path, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    target = dotfiles / "keyswitch.toml"
    target.write_text("# mine\n")
    config_path.symlink_to(Path("dotfiles") / "keyswitch.toml")
    config.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert config_path.is_symlink()
    assert "# mine" in target.read_text()
    assert config.read().model == "gpt-5.1-low"
    assert [path.name for path in dotfiles.iterdir()] == ["keyswitch.toml"]


def test_a_change_by_an_editor_between_two_switches_survives(wrote: Write, config_path: Path) -> None:
    store = wrote("[ui]\ntheme = 'a'\n")
    store.select("gpt-5.1-low", AuthMode.CHATGPT)
    stamp = config_path.stat()
    config_path.write_text(config_path.read_text().replace("'a'", "'b'"))  # in place, of the same length
    assert config_path.stat().st_ino == stamp.st_ino
    store.select("gpt-5.1-high", AuthMode.CHATGPT)
    assert store.read().ui.theme == "b"


@pytest.mark.parametrize("odd", ["", "[presets.broken]\nmodel = 1\n", "[ui]\ntheme = 7\n"])
def test_what_a_switch_leaves_is_read_as_a_new_reader_reads_it(wrote: Write, config_path: Path, odd: str) -> None:
    mine = '[presets.mine]\nmodel = "gpt-6.1-sol"\naliases = ["m"]\n'
    store = wrote(f'model = "mine"\nactive_auth_provider = "chatgpt"\n{mine}{odd}')
    for model, mode in (("sonnet", AuthMode.CLAUDE), ("mine", AuthMode.CHATGPT), ("mine", AuthMode.APIKEY)):
        store.select(model, mode)
        assert store.read() == TomlConfig(home=config_path.parent).read()
        assert store.top().values == tomllib.loads(config_path.read_text())
        assert store.read().model == model
    config_path.write_text(config_path.read_text().replace("gpt-6.1-sol", "gpt-6.2-sol"))
    assert store.read() == TomlConfig(home=config_path.parent).read()


def test_a_switch_to_what_is_selected_leaves_the_file_untouched(config: TomlConfig) -> None:
    config.select("gpt-5.1-low", AuthMode.CHATGPT)
    before = config.stamp()
    config.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert config.stamp() == before


def test_another_writer_that_never_ends_is_an_error(
    wrote: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapters.files.locks import exclusive

    monkeypatch.setattr("adapters.config.config_file._LONGEST_WAIT", 0.01)
    store = wrote("a = 1\n")
    with (
        exclusive(tmp_path / "config.lock", timeout=1),
        pytest.raises(ConfigError, match="another process held this lock"),
    ):
        store.select("gpt-5.1-low", AuthMode.CHATGPT)


def test_threads_that_write_different_keys_all_succeed(wrote: Write, tmp_path: Path) -> None:
    store = wrote("# mine\nz = 1\n")
    other = TomlConfig(home=tmp_path)

    def switch(number: int) -> None:
        (store if number % 2 else other).select(f"preset-{number}", AuthMode.CLAUDE)

    with ThreadPoolExecutor(4) as pool:
        profiles = [
            pool.submit(store.set_claude_profile, "work"),
            pool.submit(other.set_claude_profile, "work"),
        ]
        switches = [pool.submit(switch, number) for number in range(20)]
        for future in (*profiles, *switches):
            future.result()
    settings = store.read()
    assert settings.claude_profile == "work"
    assert settings.model in {f"preset-{number}" for number in range(20)}
    assert "# mine" in (tmp_path / "config.toml").read_text()


def test_processes_that_write_at_once_lose_nothing(wrote: Write, tmp_path: Path) -> None:
    wrote("# mine\n")
    program = (
        "import sys; from pathlib import Path; import tomlkit\n"
        "from adapters.config.toml_config import TomlConfig\n"
        "config = TomlConfig(home=Path(sys.argv[1]))\n"
        "for turn in range(8): config._write({(f'key_{sys.argv[2]}_{turn}',): 'x'})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(n)], cwd=REPO) for n in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    text = (tmp_path / "config.toml").read_text()
    assert set(tomllib.loads(text)) == {f"key_{n}_{turn}" for n in range(3) for turn in range(8)}
    assert "# mine\n" in text


def test_reading_needs_no_editor() -> None:
    program = (
        "import sys; from pathlib import Path; from adapters.config.toml_config import TomlConfig; "
        "config = TomlConfig(home=Path('/nonexistent')); config.read(); config.provider_tables(); "
        "heavy = {'tomlkit', 'asyncio', 'pydantic', 'secrets', 'difflib', 'tempfile'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=REPO, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
