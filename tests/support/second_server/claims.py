"""What the second server's id_tokens say of a person."""

from __future__ import annotations

from typing import Any, ClassVar

from oauth2_provider.oauth2_validators import OAuth2Validator


class NamesPeople(OAuth2Validator):  # type: ignore[misc]  # the toolkit carries no types
    """Adds the e-mail address to those who ask for it."""

    oidc_claim_scope: ClassVar = {**OAuth2Validator.oidc_claim_scope, "email": "email"}

    def get_additional_claims(self, request: Any) -> dict[str, str]:
        """By claim; the toolkit leaves out what the scopes do not cover."""
        return {"email": request.user.email}
