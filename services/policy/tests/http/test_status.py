import asyncio
import threading

import pytest
from make_settings import make_settings
from served import served

from ssp_policy import VERSION
from ssp_policy.errors import PolicyError
from ssp_policy.http.access import is_loopback, service_token
from ssp_policy.service import Service

TOKEN = "a-token-of-some-length"


def test_the_port_answers_before_the_model_is_loaded(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            health = await client.get("/healthz")
            assert (health["status"], health["version"]) == ("ok", VERSION)
            loading = await client.get("/readyz", 503)
            starting = {"name": "starting", "unit": "percent", "done": 0, "total": 100}
            assert loading["stages"] == [starting | {"ended": False}]
            assert loading["status"] == "loading"
            assert loading["detail"] == "loading (starting, 0%)"
            error = await client.post("/v1/completions", 503, prompt=[1])
            assert error["code"] == "SSP_POLICY_NOT_READY"
            seen: list[tuple[float, str]] = []
            await client.service.load(lambda done, what: seen.append((done, what)))
            assert seen[-1][0] == 1
            ready = await client.get("/readyz")
            assert (ready["status"], ready["detail"]) == ("ready", "ready")
            assert "error" not in ready
            assert all(stage["ended"] for stage in ready["stages"])
            done = {stage["name"]: stage["done"] for stage in ready["stages"]}
            assert (done["reading the configuration"], done["loading weights"]) == (0, 100)
            assert len(done) == len(ready["stages"])
            facts = await client.get("/v1/facts")
            assert facts["vocab"] == 512
            assert facts["mode"] == "full"
            assert facts["memory"]["now_bytes"] > 0
            assert await client.complete([1])

    asyncio.run(main())


def test_a_model_that_cannot_be_loaded(tmp_path):
    async def main():
        async with served(tmp_path, load=False) as client:
            with pytest.raises(PolicyError, match="SSP_POLICY_MODEL"):
                await client.service.load()
            failed = await client.get("/readyz", 503)
            assert (failed["status"], failed["detail"]) == ("failed", "failed")
            assert failed["error"]["code"].startswith("SSP_POLICY_MODEL")
            assert str(tmp_path) in failed["error"]["message"]
            assert (await client.get("/healthz"))["status"] == "ok"
            error = await client.post("/v1/completions", 503, prompt=[1])
            assert error["code"] == "SSP_POLICY_NOT_READY"

    asyncio.run(main())


def test_bodies_that_are_too_large_or_no_json(model_folder):
    async def main():
        async with served(model_folder, max_body_bytes=2000) as client:
            error = await client.post("/v1/completions", 413, prompt=[1] * 2000)
            assert error["code"] == "SSP_POLICY_BODY_TOO_LARGE"
            for body in (b"{", b"[1]", b"\xff", b'"x"', b"nul", b'{"prompt": [1],}'):
                async with client.session.post(
                    "/v1/completions", data=body, headers={"Content-Type": "application/json"}
                ) as response:
                    assert response.status == 400
                    error = (await response.json())["error"]
                    assert error["code"] == "SSP_POLICY_BODY_MALFORMED"

    asyncio.run(main())


def test_bytes_that_are_no_http(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            host, port = client.service.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"NOT HTTP AT ALL\r\n\r\n")
            reply = await reader.read()
            writer.close()
            await writer.wait_closed()
            assert reply.split()[1] == b"400", reply
            assert b"SSP_POLICY_HTTP_MALFORMED" in reply

    asyncio.run(main())


def test_a_token_is_asked_for(model_folder):
    closed = ("/v1/models", "/v1/facts", "/metrics", "/openapi.json", "/nowhere", "/healthz/")

    async def main():
        async with served(model_folder, token=TOKEN) as client:
            assert await client.get("/v1/models")
            for wrong in ("", "Bearer", "Bearer another-token-of-length", TOKEN, "Bearer ü"):
                headers = {"Authorization": wrong}
                for path in closed:
                    error = await client.request("GET", path, 401, headers=headers)
                    assert error["code"] == "SSP_POLICY_UNAUTHORIZED"
                async with client.session.get("/v1/facts", headers=headers) as response:
                    assert response.headers["WWW-Authenticate"] == "Bearer"
                for path in ("/", "/healthz", "/health", "/readyz", "/ready"):
                    await client.request("GET", path, 200, headers=headers)

    asyncio.run(main())


def test_tokens_and_addresses():
    assert service_token("127.0.0.1", {}) is None
    assert service_token("0.0.0.0", {"SSP_TOKEN": TOKEN}) == TOKEN
    both = {"SSP_TOKEN": "y" * 20, "SSP_POLICY_TOKEN": f" {TOKEN}\n"}
    assert service_token("::1", both) == TOKEN
    with pytest.raises(PolicyError, match="SSP_POLICY_TOKEN_REQUIRED"):
        service_token("0.0.0.0", {})
    for bad in ("", "short", "with a space inside it"):
        with pytest.raises(PolicyError, match="SSP_POLICY_TOKEN_INVALID"):
            service_token("127.0.0.1", {"SSP_TOKEN": bad})
    loopback = ("127.0.0.1", "127.9.9.9", "::1", "LOCALHOST")
    assert all(is_loopback(host) for host in loopback)
    assert not any(is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "::", "example.org", ""))


def test_a_port_that_is_taken(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            port = int(client.service.url.rsplit(":", 1)[1])
            second = Service(make_settings(model_folder, port=port), None)
            with pytest.raises(PolicyError, match="SSP_POLICY_ADDRESS_UNAVAILABLE"):
                await second.listen()

    asyncio.run(main())


def test_a_stopping_service_finishes_what_it_has_and_refuses_the_rest(model_folder):
    async def main():
        async with served(model_folder, shutdown_seconds=60) as client:
            running = asyncio.create_task(client.complete([1], max_tokens=600, ignore_eos=True))
            await client.wait_for(running_requests=1)
            stopping = asyncio.create_task(client.service.stop())
            await asyncio.sleep(0)
            error = await client.post("/v1/completions", 503, prompt=[1])
            assert error["code"] == "SSP_POLICY_STOPPING"
            assert (await client.get("/readyz", 503))["status"] == "stopping"
            (choice,) = await running
            assert len(choice["token_ids"]) == 600
            assert await stopping

    asyncio.run(main())


def test_what_takes_too_long_is_cut_off(model_folder):
    async def main():
        async with served(model_folder, shutdown_seconds=0) as client:
            body = {"prompt": [1], "max_tokens": 1000, "ignore_eos": True}
            whole = asyncio.create_task(client.post("/v1/completions", 503, **body))
            streamed = asyncio.create_task(client.events("/v1/completions", **body))
            await client.wait_for(running_requests=2)
            assert await client.service.stop()
            assert (await whole)["code"] == "SSP_POLICY_STOPPING"
            assert (await streamed)[-1]["error"]["code"] == "SSP_POLICY_STOPPING"

    asyncio.run(main())


def test_metrics_count(model_folder):
    async def main():
        async with served(model_folder) as client:
            await client.complete([1, 2, 3], max_tokens=5, ignore_eos=True, n=2)
            await client.post("/v1/training/logprobs", sequences=[{"tokens": [1, 2]}])
            await client.post("/v1/completions", 400, prompt=[])
            metrics = await client.metrics()
            assert metrics["ssp_policy_sampled_tokens_total"] == 10
            assert metrics["ssp_policy_scored_tokens_total"] == 2
            prefilled = metrics["ssp_policy_prefilled_tokens_total"]
            hits = metrics["ssp_policy_prefix_hit_tokens_total"]
            assert prefilled + hits >= 4
            requests = 'ssp_policy_requests_total{route="/v1/completions",status="%d"}'
            assert metrics[requests % 200] == metrics[requests % 400] == 1
            assert metrics["ssp_policy_queue_seconds_count"] == 2
            assert metrics["ssp_policy_running_requests"] == 0

    asyncio.run(main())


def test_a_job_whose_client_has_gone_has_the_time_of_the_others(model_folder, monkeypatch):
    monkeypatch.setattr("ssp_policy.service._LAST_SECONDS", 0.05)

    async def main():
        async with served(model_folder, shutdown_seconds=60) as client:
            gate, begun = threading.Event(), threading.Event()
            job = asyncio.create_task(
                client.service._device.submit(lambda: begun.set() or gate.wait(60))
            )
            await asyncio.to_thread(begun.wait)
            stopping = asyncio.create_task(client.service.stop())
            await asyncio.sleep(0.5)
            assert not stopping.done()
            gate.set()
            assert await stopping
            assert await job

    asyncio.run(main())
