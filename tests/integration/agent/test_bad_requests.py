"""What is no request, or never ends, gets a short answer or none, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio

import pytest
from pytest_mock import MockerFixture

from adapters.agent import visit
from adapters.serving import heads
from tests.support.lent import host_client, lent

ODD = {
    "half a head": b"GET /v1/about HTTP/1.1\r\nhost: a\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a long head": b"GET /v1/about HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 40_000 + b"\r\n\r\n",
    "half a body": b"GET /v1/about HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc",
    "two lengths": b"GET /v1/about HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nabc",
}


@pytest.mark.slow
async def test_whatever_is_no_request_is_hung_up_on_and_others_are_answered_meanwhile(mocker: MockerFixture) -> None:
    mocker.patch.object(heads, "HEAD_SECONDS", 0.2)
    mocker.patch.object(visit, "BODY_SECONDS", 0.2)
    async with lent() as laptop:
        grant = await laptop.open()
        answers = await asyncio.gather(*(_said(grant.socket, data) for data in ODD.values()))
        async with host_client(grant) as host:
            good = await host.get("/v1/about")

    assert good.status_code == 200
    assert {name: answer[:12] for name, answer in zip(ODD, answers, strict=True)} == {
        "half a head": b"HTTP/1.1 400",
        "no HTTP": b"HTTP/1.1 400",
        "a long head": b"HTTP/1.1 400",
        "half a body": b"",
        "two lengths": b"HTTP/1.1 400",
    }


async def _said(path: str, data: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()
