from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from itertools import product
from pathlib import Path

from adapters.catalogue.builtin import load_catalogue
from domain.capability import reasoning_fields
from domain.model import Lifecycle, title
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import replace

CATALOGUE = load_catalogue()
REPO = Path(__file__).parents[3]
TODAY = date(2026, 11, 23)
SAMPLED = [TODAY + timedelta(days=days) for days in range(0, (date(2027, 12, 31) - TODAY).days + 1, 3)]

CLASSICS = {
    "gemini-3-pro": "Gemini 3 Pro (LMArena #1) — $2/$12",
    "gemini-2.5-pro": "Gemini 2.5 Pro (strong reasoning, good value) — $1.25/$10",
    "gemini-2.5-flash": "Gemini 2.5 Flash (fastest, cheapest Google) — $0.30/$2.50",
    "claude-opus-4.1": "Claude Opus 4.1 (ultra premium) — $15/$75",
    "claude-sonnet-4.5": "Claude Sonnet 4.5 (balanced, coding) — $3/$15",
    "claude-haiku-4.5": "Claude Haiku 4.5 (fast, simple tasks) — $1/$5",
    "gpt-5.1-minimal": "GPT-5.1 Minimal (fastest) — $1.25/$10",
    "gpt-5.1-low": "GPT-5.1 Low (quick) — $1.25/$10",
    "gpt-5.1-medium": "GPT-5.1 Medium (default) — $1.25/$10",
    "gpt-5.1-high": "GPT-5.1 High (deepest reasoning) — $1.25/$10",
    "gpt-5.1-codex-low": "GPT-5.1 Codex Low (code, light) — $1.25/$10",
    "gpt-5.1-codex-medium": "GPT-5.1 Codex Medium (code, balanced) — $1.25/$10",
    "gpt-5.1-codex-high": "GPT-5.1 Codex High (code, deep) — $1.25/$10",
}


def payers(provider: Provider) -> tuple[Payer, ...]:
    return (provider.facts.payer, Payer.API_BILLING)


def test_the_thirteen_classic_presets_come_first_as_people_know_them() -> None:
    shown = {preset.id: title(preset, CATALOGUE.price(preset, TODAY)) for preset in CATALOGUE.presets.values()}
    assert list(shown.items())[:13] == list(CLASSICS.items())
    assert [preset.id for preset in CATALOGUE.presets.values() if preset.featured] == list(CLASSICS)


def test_every_chain_of_successors_ends_in_a_current_model_until_the_end_of_2027() -> None:
    dead_ends = []
    for preset in CATALOGUE.presets.values():
        for payer, day in product(payers(preset.provider), SAMPLED):
            answers = CATALOGUE.answering(preset, payer, day).model
            is_current = answers.lifecycle(day) is Lifecycle.CURRENT and answers.serves(payer)
            if not is_current or answers.provider is not preset.provider:
                dead_ends.append((preset.id, payer, day, answers.id))
    assert not dead_ends


def test_every_preset_is_found_by_id_label_alias_and_address() -> None:
    meant = {
        typed: preset
        for preset in CATALOGUE.presets.values()
        for typed in (preset.id, preset.label, f"{preset.provider}/{preset.id}", *preset.aliases)
    }
    assert {typed: CATALOGUE.resolve(typed) for typed in meant} == meant


def test_every_id_on_the_wire_is_known_by_itself() -> None:
    answering = {
        name: CATALOGUE.answering(CATALOGUE.resolve(name), Payer.API_BILLING, date(2026, 1, 1)).model
        for name in CATALOGUE.models
    }
    assert answering == CATALOGUE.models


def test_a_short_name_means_the_current_best_of_its_line() -> None:
    meant = {
        "opus": "claude-opus-5-5",
        "sonnet": "claude-sonnet-5-5",
        "haiku": "claude-haiku-5-5",
        "gemini": "gemini-4-argon",
        "flash": "gemini-3.8-flash",
        "gpt": "gpt-6.2-sol",
        "codex": "gpt-6.2-sol",
        "gpt-5.1": "gpt-5.1-medium",
        "gpt-5.1-codex": "gpt-5.1-codex-medium",
        "claude-opus-4-1": "claude-opus-4.1",
    }
    assert {alias: CATALOGUE.resolve(alias).id for alias in meant} == meant


def test_who_answers_today() -> None:
    answers = {
        ("gemini-3-pro", Payer.CLOUD_PROJECT): "gemini-3.1-pro-preview",
        ("gemini-2.5-pro", Payer.CLOUD_PROJECT): "gemini-3.8-flash",
        ("gemini-2.5-flash", Payer.API_BILLING): "gemini-3.5-flash-lite",
        ("claude-opus-4.1", Payer.CONSOLE): "claude-opus-5-5",
        ("claude-sonnet-4.5", Payer.CONSOLE): "claude-sonnet-5-5",
        ("claude-haiku-4.5", Payer.CONSOLE): "claude-haiku-4-5-20251001",
        ("gpt-5.1-high", Payer.API_BILLING): "gpt-5.1",
        ("gpt-5.1-high", Payer.PLAN): "gpt-6.1-sol",
        ("gpt-5.1-codex-high", Payer.API_BILLING): "gpt-6.2-sol",
        ("gpt-5.1-codex-high", Payer.PLAN): "gpt-6.1-sol",
        ("gpt-6.2-astra", Payer.PLAN): "gpt-6.2-astra",
        ("gpt-5.5", Payer.PLAN): "gpt-6.1-sol",
        ("claude-opus-4-5", Payer.CONSOLE): "claude-opus-4-5-20251101",
    }
    presets = CATALOGUE.presets
    assert {
        (preset, payer): CATALOGUE.answering(presets[preset], payer, TODAY).model.id for preset, payer in answers
    } == answers


def test_the_first_sign_in_selects_a_current_model_of_its_provider_which_answers_itself() -> None:
    assert {provider: CATALOGUE.default_for(provider).id for provider in Provider} == {
        Provider.CHATGPT: "gpt-6.1-sol",
        Provider.CLAUDE: "claude-sonnet-5-5",
        Provider.GEMINI: "gemini-3.8-flash",
    }
    answering = [CATALOGUE.answering(CATALOGUE.default_for(one), one.facts.payer, TODAY) for one in Provider]
    assert [answer.notice for answer in answering] == [None] * 3
    assert CATALOGUE.presets["gpt-5.1-medium"].tagline == "default"


def test_the_efforts_of_gpt_5_1_are_ones_that_the_answering_model_takes() -> None:
    # both vendors' lists for these models begin at "low"
    efforts = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
    for payer in (Payer.PLAN, Payer.API_BILLING):
        answering = {
            asked: CATALOGUE.answering(CATALOGUE.presets[f"gpt-5.1-{asked}"], payer, TODAY) for asked in efforts
        }
        fields = {asked: reasoning_fields(answer.model, answer.level) for asked, answer in answering.items()}
        assert fields == {asked: {"reasoning": {"effort": effort}} for asked, effort in efforts.items()}


def test_loading_is_left_to_the_standard_library() -> None:
    program = (
        "import sys, adapters.catalogue.builtin as b; b.load_catalogue(); "
        "heavy = {'asyncio', 'pydantic', 'genai_prices', 'tomlkit'}; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=REPO, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_model_takes_in_what_its_vendor_says() -> None:
    models = CATALOGUE.models
    wanted = {
        "gpt-6.2-sol": (922_000, 500_000),
        "gpt-6-sol": (922_000, 272_000),
        "gpt-5.1": (272_000, 272_000),
        "claude-haiku-4-5-20251001": (191_808, 191_808),
    }
    both = (Payer.API_BILLING, Payer.PLAN)
    assert {name: tuple(models[name].takes_in(payer) for payer in both) for name in wanted} == wanted
    assert [model.id for model in models.values() if model.takes_in(Payer.PLAN) < 100_000] == []


def test_an_alias_means_what_a_plan_is_known_to_have_and_a_name_means_itself() -> None:
    catalogue, gpt = load_catalogue(), load_catalogue().resolve("gpt")
    listed = replace(catalogue.models["gpt-6.2-sol"], on_plan=True)
    with_list = replace(catalogue, models={**catalogue.models, listed.id: listed})
    meant = {
        "alias, key": catalogue.surest("gpt", gpt, Payer.API_BILLING),
        "alias, plan": catalogue.surest("GPT ", gpt, Payer.PLAN),
        "alias, plan whose list has it": with_list.surest("gpt", gpt, Payer.PLAN),
        "name, plan": catalogue.surest("gpt-6.2-sol", gpt, Payer.PLAN),
    }
    assert {how: preset.id for how, preset in meant.items()} == {
        "alias, key": "gpt-6.2-sol",
        "alias, plan": "gpt-6.1-sol",
        "alias, plan whose list has it": "gpt-6.2-sol",
        "name, plan": "gpt-6.2-sol",
    }
