"""A credential on its way: put into a request at the last moment, and only into one that goes where it belongs."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import httpx2

from adapters.http.bound_transport import check_bound
from adapters.http.origin import Origin
from domain.text.secret import Secret


class BoundCredential(httpx2.Auth):
    """Header fields that one origin may see.

    The transport takes them from here and not from the caller, so a request that was built for another address by
    mistake is refused before it has a token in it.
    """

    def __init__(self, origin: Origin, fields: Mapping[str, Secret]) -> None:
        self._origin = origin
        self._fields = dict(fields)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """*request* with the credential in it.

        Raises:
            ForeignOrigin: It goes somewhere else; it was not sent.
        """
        check_bound(request, self._origin)
        for name, value in self._fields.items():
            request.headers[name] = value.reveal()
        yield request
