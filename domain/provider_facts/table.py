"""What there is to know of each provider, in one table; `docs/extending/add-a-provider.md` says what else one needs.

How its servers are spoken to is no part of it: addresses and body formats are in `adapters/providers/*.toml`, models
and prices in `adapters/catalogue/models.json`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from domain.provider_facts.payer import Payer
from domain.provider_facts.secret_form import SecretForm, SecretKind


class ProviderFacts(NamedTuple):
    """One provider. Patterns are regular expressions. No dataclass: importing those takes a third of `--version`."""

    label: str
    """The name that people see."""
    vendor: str
    """The company behind it; people may type that name as well."""
    payer: Payer
    """Who pays for what an OAuth session asks (the vendor's terms for third-party programs)."""
    registers_itself: bool
    """Whether keyswitch gets an OAuth client by itself; elsewhere its owner brings one."""
    client_in_file: bool
    """Whether the vendor hands a client out as a file, with its id and its secret."""
    before_sign_in: str
    """Who will pay, and what the vendor permits."""
    client_help: tuple[str, ...]
    """How to get an OAuth client, and what does without; one line each. No vendor's own client may be shipped:
    keyswitch signs in under its own name or its owner's."""
    key_page: str
    """Where the vendor makes API keys."""
    key_variables: tuple[str, ...]
    """The variables in which the vendor's own SDKs look for an API key; the first that holds one counts."""
    variable_prefixes: tuple[str, ...]
    """How the names of variables begin that the vendor's programs read."""
    names: str
    """A pattern of the words by which the name of a variable or a setting tells that a key is this provider's."""
    models: str
    """A pattern of how the ids of its models begin."""
    secrets: tuple[SecretForm, ...]
    """What its keys and tokens look like, now and before; the first that fits counts."""
    clients: str
    """A pattern of the ids of its OAuth clients that tell whose they are; "" where none does."""
    issuers: tuple[str, ...]
    """The hosts that its tokens name as their issuer."""
    scopes: str
    """A pattern of scopes that it alone knows; `openid`, `email`, `offline_access` and their like are everybody's."""
    credential_types: tuple[str, ...]
    """What programs write as the type of a credential of it, beside its name and its vendor's."""
    kept_elsewhere: str
    """Where the vendor's own program keeps its sign-in, below a person's home."""


CHATGPT: Final = ProviderFacts(
    label="ChatGPT",
    vendor="OpenAI",
    payer=Payer.PLAN,
    registers_itself=True,
    client_in_file=False,
    before_sign_in="Your ChatGPT plan pays, within its limits. keyswitch registers itself under its own name.",
    client_help=('ChatGPT needs none of your own: take client_id = "" out of [providers.chatgpt] in config.toml.',),
    key_page="https://platform.openai.com/api-keys",
    key_variables=("OPENAI_API_KEY",),
    variable_prefixes=("OPENAI_", "CHATGPT_", "CODEX_"),
    names="openai|chatgpt|codex",
    models=r"gpt-(?!oss)|o\d|codex-",  # `gpt-oss` is an open-weight line that OpenAI's API does not serve
    secrets=(
        SecretForm(SecretKind.ADMIN_KEY, "sk-admin-"),
        SecretForm(SecretKind.API_KEY, "sk-(?!ant-)"),
        SecretForm(SecretKind.SIGN_IN_TOKEN, "sess-", r"[\w-]{20,}"),
        SecretForm(SecretKind.REFRESH_TOKEN, "rt[_.]", r"[\w.-]{12,}"),
    ),
    clients="(?:app|oaiapp)_.*",
    issuers=("auth.openai.com", "auth0.openai.com"),
    scopes=r"chatgpt\..+|resource\.invoke|api\.(?:connectors|model|responses)\..+",
    credential_types=("codex", "codex-cli"),
    kept_elsewhere=".codex/auth.json",
)

CLAUDE: Final = ProviderFacts(
    label="Claude",
    vendor="Anthropic",
    payer=Payer.CONSOLE,
    registers_itself=False,
    client_in_file=False,
    before_sign_in=(
        "With your own OAuth client; the Claude Console bills per token. Anthropic lets no other program use a Claude "
        "Pro or Max plan."
    ),
    client_help=(
        "Anthropic offers no public registration of OAuth clients. If you were given one, set client_id under",
        "[providers.claude] in config.toml (keyswitch config path).",
        "Without one, use an API key of the Claude Console: keyswitch login claude --api-key",
    ),
    key_page="https://platform.claude.com",
    key_variables=("ANTHROPIC_API_KEY",),
    variable_prefixes=("ANTHROPIC_", "CLAUDE_"),
    names="anthropic|claude",
    models="claude-",
    secrets=(
        SecretForm(SecretKind.API_KEY, "sk-ant-api"),
        SecretForm(SecretKind.ADMIN_KEY, "sk-ant-admin"),
        SecretForm(SecretKind.ACCESS_TOKEN, "sk-ant-oat"),
        SecretForm(SecretKind.REFRESH_TOKEN, "sk-ant-ort"),
        SecretForm(SecretKind.SIGN_IN_TOKEN, "sk-ant-sid"),
        SecretForm(SecretKind.API_KEY, "sk-ant-"),
    ),
    clients="",
    issuers=(
        "api.anthropic.com",
        "auth.claude.com",
        "claude.ai",
        "console.anthropic.com",
        "identity.anthropic.com",
        "platform.claude.com",
    ),
    scopes=r"user:(?:profile|inference|developer|sessions:.+|mcp_servers)|org:create_api_key",
    credential_types=("claude-code", "user_oauth"),
    kept_elsewhere=".claude/.credentials.json",
)

GEMINI: Final = ProviderFacts(
    label="Gemini",
    vendor="Google",
    payer=Payer.CLOUD_PROJECT,
    registers_itself=False,
    client_in_file=True,
    before_sign_in=(
        "With your own Google client; your Cloud project is billed. Google lets no other program use a Google AI plan."
    ),
    client_help=(
        "1. In a Google Cloud project of yours, enable the Generative Language API.",
        "2. Set up its consent screen, with yourself as a test user.",
        '3. Create an OAuth client of the type "Desktop app" and download its JSON file.',
        "4. Set client_secret_file to that file under [providers.gemini] in config.toml (keyswitch config path).",
        "Without one, use a Gemini API key: keyswitch login gemini --api-key",
    ),
    key_page="https://aistudio.google.com/apikey",
    key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),  # the second comes last: it may as well hold a key for maps
    variable_prefixes=("GOOGLE_", "GEMINI_"),
    names="google|gemini",
    models="gemini-",
    secrets=(
        SecretForm(SecretKind.API_KEY, r"AIza|AQ\.", r"[\w.-]{8,}"),
        SecretForm(SecretKind.ACCESS_TOKEN, r"ya29\.", r"[\w.-]{4,}"),
        SecretForm(SecretKind.REFRESH_TOKEN, "(?<![./:])1//", r"[\w-]{6,}"),
        SecretForm(SecretKind.CODE, "(?<![./:])4/0A", r"[\w-]{16,}"),
        SecretForm(SecretKind.CLIENT_SECRET, "GOCSPX-", r"[\w-]{4,}"),
    ),
    clients=r".*\.apps\.googleusercontent\.com",
    issuers=("accounts.google.com",),
    scopes=r"https://www\.googleapis\.com/auth/.+",
    credential_types=("authorized_user", "service_account", "external_account", "gemini-cli"),
    kept_elsewhere=".gemini/oauth_creds.json",
)
