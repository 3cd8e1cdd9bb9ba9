import asyncio
import json
import re
import time

from served import held_device, served

HOST = b"Host: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /v1/completions HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"


async def dial(client):
    host, port = client.service.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def until_closed(client, data=b"", limit=30.0):
    """Give all that comes back for bytes until the service closes the connection."""
    reader, writer = await dial(client)
    writer.write(data)
    async with asyncio.timeout(limit):
        reply = await reader.read()
    writer.close()
    return reply


def told(reply):
    """Give the statuses of replies, and the code of the last one where it is an error."""
    code = re.search(rb'"code":"(\w+)"', reply)
    statuses = re.findall(rb"HTTP/1\.[01] (\d+) ", reply)
    return [int(status) for status in statuses], code[1].decode() if code else None


def test_a_request_that_comes_in_part_only_is_answered_408(model_folder):
    body = POST + b"Content-Length: 99\r\n\r\n{"

    async def main():
        async with served(model_folder, request_timeout_seconds=0.3) as client:
            for before, statuses in ((b"", [408]), (HEALTH, [200, 408])):
                reply = await until_closed(client, before + body)
                assert told(reply) == (statuses, "SSP_POLICY_REQUEST_TIMEOUT")
                assert b"Connection: close\r\n" in reply
            assert told(await until_closed(client, b"GET /hea")) == (
                [408],
                "SSP_POLICY_REQUEST_TIMEOUT",
            )
            assert await client.complete([1]), "the others are served"

    asyncio.run(main())


def test_a_request_that_drips_is_not_waited_for(model_folder):
    async def main():
        async with served(model_folder, request_timeout_seconds=0.5) as client:
            reader, writer = await dial(client)
            begun = time.monotonic()
            dripping = asyncio.create_task(reader.read())
            writer.write(b"GET /healthz HTTP/1.1\r\na: ")
            while not dripping.done() and time.monotonic() < begun + 30:
                writer.write(b"a")
                await asyncio.sleep(0.05)
            assert told(await dripping) == ([408], "SSP_POLICY_REQUEST_TIMEOUT")
            writer.close()

    asyncio.run(main())


def test_a_silent_connection_gets_no_word(model_folder):
    """Neither before a request nor between two, for a client would take it for the next reply."""

    async def main():
        async with served(model_folder, request_timeout_seconds=0.1) as client:
            reader, writer = await dial(client)
            for _ in range(2):
                await asyncio.sleep(0.4)
                writer.write(HEALTH)
                head = await reader.readuntil(b"\r\n\r\n")
                assert told(head) == ([200], None)
                length = re.search(rb"Content-Length: (\d+)", head)
                assert json.loads(await reader.readexactly(int(length[1])))["status"] == "ok"
            writer.close()

    asyncio.run(main())


def test_a_request_that_takes_long_to_answer_has_arrived(model_folder):
    async def main():
        async with served(model_folder, request_timeout_seconds=0.1) as client:
            async with held_device(client):
                waiting = asyncio.create_task(client.post("/v1/training/zero"))
                await asyncio.sleep(0.5)
                assert not waiting.done()
            assert await waiting == {"dropped_sequences": 0}

    asyncio.run(main())


def test_one_connection_too_many_is_told_so(model_folder):
    async def main():
        async with served(model_folder, max_connections=3) as client:
            idle = [await dial(client) for _ in range(3)]
            models = b"GET /v1/models HTTP/1.1\r\n" + HOST + b"\r\n"
            refused = await until_closed(client, models)
            assert told(refused) == ([503], "SSP_POLICY_TOO_MANY_CONNECTIONS")
            assert b"Retry-After: 1\r\n" in refused
            assert told(await until_closed(client, HEALTH)) == ([200], None)
            silent = [asyncio.create_task(until_closed(client)) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await until_closed(client, HEALTH) == b"", "more than twice the limit"
            assert await asyncio.gather(*silent) == [b"", b"", b""]
            for reader, writer in idle:
                writer.write(models)
                assert told(await reader.readuntil(b"\r\n\r\n")) == ([200], None)
                writer.close()

    asyncio.run(main())


def test_a_client_that_goes_in_the_middle_of_a_body(model_folder, caplog):
    async def main():
        async with served(model_folder) as client:
            for _ in range(20):
                _, writer = await dial(client)
                writer.write(POST + b"Content-Length: 99\r\n\r\n{")
                await asyncio.sleep(0.01)
                writer.transport.abort()
            assert await client.complete([1])
            await asyncio.wait_for(client.service._state.idle.wait(), 10)

    asyncio.run(main())
    assert not caplog.records


def test_headers_without_end_are_refused(model_folder):
    async def main():
        async with served(model_folder) as client:
            for headers in (b"a: b\r\n" * 5_000, b"a: " + b"b" * 100_000 + b"\r\n"):
                reply = await until_closed(client, b"GET / HTTP/1.1\r\n" + HOST + headers + b"\r\n")
                assert told(reply) == ([400], "SSP_POLICY_HTTP_MALFORMED")
                assert len(reply) < 2_000

    asyncio.run(main())
