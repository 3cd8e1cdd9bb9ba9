import asyncio
import hashlib
import math

import pytest
import torch
from served import held_device, served
from transformers import AutoModelForCausalLM

SEQUENCES = [
    {"tokens": [5, 6, 7, 8], "weights": [0, 0.5, -1, 2]},
    {"tokens": [9, 10], "weights": [0, 1]},
]


def test_logprobs_and_entropy_of_a_plain_forward_pass(model_folder):
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    tokens = [5, 6, 7, 300]
    with torch.no_grad():
        logp = model(torch.tensor([tokens])).logits[0].div(1.5).log_softmax(-1)
    expected = [logp[i, token].item() for i, token in enumerate(tokens[1:])]
    entropy = -(logp.exp() * logp).sum(-1)[:-1]

    async def main():
        async with served(model_folder) as client:
            reply = await client.post(
                "/v1/training/logprobs",
                model="reference",
                sequences=[{"tokens": tokens}, {"tokens": [1]}],
                temperature=1.5,
                entropy=True,
            )
            first, second = reply["results"]
            assert first["logprobs"][1:] == pytest.approx(expected, abs=1e-5)
            assert first["entropy"][1:] == pytest.approx(entropy.tolist(), abs=1e-4)
            assert second == {"logprobs": [None], "entropy": [None]}
            assert "sampler_gap" not in reply

    asyncio.run(main())


def test_backward_and_step_are_autograd_and_adamw(model_folder):
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    total = torch.zeros(())
    for row in SEQUENCES:
        logp = model(torch.tensor([row["tokens"]])).logits[0].log_softmax(-1)
        for i, token in enumerate(row["tokens"][1:]):
            total = total + row["weights"][i + 1] * logp[i, token]
    total.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1).step()
    with torch.no_grad():
        after = model(torch.tensor([[5, 6, 7]])).logits[0].log_softmax(-1)[1, 7].item()

    async def main():
        async with served(model_folder) as client:
            back = await client.post("/v1/training/backward", sequences=SEQUENCES)
            assert back["sum"] == pytest.approx(total.item(), rel=1e-5)
            assert (back["tokens"], back["trained_tokens"], back["pending_sequences"]) == (6, 4, 2)
            step = await client.post(
                "/v1/training/step", lr=0.01, weight_decay=0.1, max_grad_norm=1.0
            )
            assert step["grad_norm"] == pytest.approx(norm.item(), rel=1e-4)
            assert step["clipped"]
            assert step["step"] == 1
            reply = await client.post("/v1/training/logprobs", sequences=[{"tokens": [5, 6, 7]}])
            assert reply["results"][0]["logprobs"][2] == pytest.approx(after, abs=1e-4)
            assert reply["weights_version"] == step["weights_version"]
            none = await client.post("/v1/training/step", 409, lr=0.01)
            assert none["code"] == "SSP_POLICY_NO_GRADIENT"

    asyncio.run(main())


def test_a_backward_pass_has_the_memory_of_keys_and_values(model_folder):
    async def main():
        async with served(model_folder) as client:
            asked = {"prompt": [5, 6, 7], "max_tokens": 4, "temperature": 0}
            before = await client.post("/v1/completions", **asked)
            assert (await client.metrics())["ssp_policy_cache_bytes"] > 0
            await client.post("/v1/training/backward", sequences=SEQUENCES)
            await client.wait_for(cache_bytes=0)
            after = await client.post("/v1/completions", **asked)
            assert after["choices"] == before["choices"]
            assert (await client.metrics())["ssp_policy_cache_bytes"] > 0

    asyncio.run(main())


def test_a_repeated_request_is_applied_once(model_folder):
    async def main():
        async with served(model_folder) as client:
            body = {"sequences": SEQUENCES, "idempotency_key": "a"}
            first, other = await asyncio.gather(
                *(client.post("/v1/training/backward", **body) for _ in range(2))
            )
            assert sorted([first["repeated"], other["repeated"]]) == [False, True]
            again = await client.post("/v1/training/backward", **body)
            assert again == first | {"repeated": True}
            assert again["pending_sequences"] == 2
            changed = body | {"temperature": 2.0}
            error = await client.post("/v1/training/backward", 409, **changed)
            assert error["code"] == "SSP_POLICY_KEY_REUSED"
            error = await client.post("/v1/training/step", 409, lr=1, idempotency_key="a")
            assert error["code"] == "SSP_POLICY_KEY_REUSED"
            dropped = await client.post("/v1/training/zero")
            assert dropped == {"dropped_sequences": 2}
            failed = {"lr": 0.1, "idempotency_key": "b"}
            assert (await client.post("/v1/training/step", 409, **failed))[
                "code"
            ] == "SSP_POLICY_NO_GRADIENT"
            await client.post("/v1/training/backward", sequences=SEQUENCES)
            step = await client.post("/v1/training/step", **failed)
            assert (step["step"], step["repeated"]) == (1, False)

    asyncio.run(main())


def test_a_keyed_request_is_applied_though_its_client_has_gone(model_folder):
    async def main():
        async with served(model_folder) as client:
            keyed = {"sequences": SEQUENCES, "idempotency_key": "a"}
            async with held_device(client) as waiting_jobs:
                leaving = [
                    asyncio.create_task(client.post("/v1/training/backward", **body))
                    for body in (keyed, {"sequences": SEQUENCES})
                ]
                while waiting_jobs() < 2:
                    await asyncio.sleep(0.01)
                for request in leaving:
                    request.cancel()
                while client.service._state.in_flight > 0:
                    await asyncio.sleep(0.01)
            again = await client.post("/v1/training/backward", **keyed)
            assert again["repeated"]
            metrics = await client.metrics()
            assert metrics["ssp_policy_pending_sequences"] == 2, (
                "the one without a key is not applied"
            )

    asyncio.run(main())


def test_a_restarted_service_goes_on_where_it_saved(model_folder, checkpoints):
    backward = {"sequences": SEQUENCES, "idempotency_key": "backward-1"}
    step = {"lr": 0.01, "idempotency_key": "step-1"}
    later = [{"tokens": [5, 6, 7, 8]}]

    async def main():
        async with served(model_folder, checkpoints=checkpoints, exact_sampling=True) as client:
            await client.complete([5], max_tokens=4)
            await client.post("/v1/training/backward", **backward)
            pending = await client.post("/v1/training/save", 409, name="first")
            assert pending["code"] == "SSP_POLICY_GRADIENT_PENDING"
            done = await client.post("/v1/training/step", **step)
            saved = await client.post("/v1/training/save", name="first")
            assert saved["path"] == str(checkpoints / "first")
            assert saved["bytes"] > 0
            exists = await client.post("/v1/training/save", 409, name="first")
            assert exists["code"] == "SSP_POLICY_CHECKPOINT_EXISTS"
            await client.post("/v1/training/save", name="first", overwrite=True)
            unseeded = await client.complete([5], max_tokens=9, ignore_eos=True)
            scores = await client.post("/v1/training/logprobs", sequences=later)

        async with served(model_folder, checkpoints=checkpoints, exact_sampling=True) as client:
            unknown = await client.post("/v1/training/load", 404, name="second")
            assert unknown["code"] == "SSP_POLICY_CHECKPOINT_UNKNOWN"
            await client.post("/v1/training/load", name="first")
            again = await client.post("/v1/training/step", **step)
            assert again == done | {"repeated": True}
            repeated = await client.post("/v1/training/backward", **backward)
            assert repeated["repeated"]
            assert (await client.metrics())["ssp_policy_pending_sequences"] == 0
            resumed = await client.post("/v1/training/logprobs", sequences=later)
            assert resumed["results"] == scores["results"]
            seeds = await client.complete([5], max_tokens=9, ignore_eos=True)
            assert seeds[0]["token_ids"] == unseeded[0]["token_ids"]

    asyncio.run(main())


def folder_bytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_the_size_of_a_checkpoint_is_known_before(model_folder, checkpoints, full, dtype):
    settings = {"full": full, "dtype": dtype}

    async def main():
        async with served(model_folder, checkpoints=checkpoints / "a" / "b", **settings) as client:
            facts = await client.get("/v1/facts")
            assert facts["trained_steps"] == 0
            assert 0 < facts["checkpoint_free_bytes"] < 2**60
            saved = await client.post("/v1/training/save", name="fresh")
            assert saved["bytes"] == folder_bytes(checkpoints / "a" / "b" / "fresh")
            assert facts["checkpoint_bytes"] == pytest.approx(saved["bytes"], rel=0.05)
            for i in range(20):
                await client.post("/v1/training/backward", sequences=SEQUENCES)
                await client.post("/v1/training/step", lr=0.01, idempotency_key=f"step-{i:030}")
            facts = await client.get("/v1/facts")
            assert facts["trained_steps"] == 20
            saved = await client.post("/v1/training/save", name="trained")
            assert facts["checkpoint_bytes"] == pytest.approx(saved["bytes"], rel=0.05)
            await client.post("/v1/training/load", name="fresh")
            assert (await client.get("/v1/facts"))["trained_steps"] == 0

    asyncio.run(main())


def test_another_checkpoint_than_the_one_that_is_meant_is_refused(model_folder, checkpoints):
    async def main():
        async with served(model_folder, checkpoints=checkpoints) as client:
            first = (await client.post("/v1/training/save", name="a"))["manifest_sha256"]
            digest = hashlib.sha256((checkpoints / "a" / "manifest.json").read_bytes())
            assert digest.hexdigest() == first
            wanted = {"name": "a", "manifest_sha256": first}
            loaded = await client.post("/v1/training/load", **wanted)
            assert loaded["manifest_sha256"] == first
            assert loaded == await client.post("/v1/training/load", name="a") | {
                "weights_version": loaded["weights_version"]
            }
            await client.post("/v1/training/backward", sequences=SEQUENCES)
            await client.post("/v1/training/step", lr=0.01)
            saved = await client.post("/v1/training/save", name="a", overwrite=True)
            before = (await client.get("/v1/facts"))["weights_version"]
            error = await client.post("/v1/training/load", 409, **wanted)
            assert error["code"] == "SSP_POLICY_CHECKPOINT_DIFFERS"
            assert error["details"] == {
                "name": "a",
                "expected": f"the manifest {first}",
                "found": f"the manifest {saved['manifest_sha256']}",
            }
            assert (await client.get("/v1/facts"))["weights_version"] == before
            for wrong in ("", first[:-1], first.upper(), 1):
                body = wanted | {"manifest_sha256": wrong}
                await client.post("/v1/training/load", 400, **body)

    asyncio.run(main())


def test_what_cannot_be_done_is_refused_before_anybody_waits(model_folder, checkpoints):
    """A long completion goes on, and another one begins, while such calls are answered."""
    long = {"max_tokens": 1000, "ignore_eos": True}

    async def main():
        async with served(model_folder, checkpoints=checkpoints, max_running=2) as client:
            saved = await client.post("/v1/training/save", name="good")
            await client.post("/v1/training/save", name="cut")
            (checkpoints / "cut" / "state.json").write_text("{")
            running = asyncio.create_task(client.complete([1], **long))
            await client.wait_for(running_requests=1)
            refused = [
                ("POST", "load", 404, {"name": "unknown"}),
                ("POST", "load", 422, {"name": "cut"}),
                ("POST", "load", 409, {"name": "good", "manifest_sha256": "0" * 64}),
                ("POST", "load", 400, {"name": "../good"}),
                ("POST", "load", 400, {"name": "good/"}),
                ("POST", "save", 409, {"name": "good"}),
                ("POST", "save", 400, {"name": ".."}),
                ("POST", "step", 409, {"lr": 0.1}),
                ("POST", "snapshots", 404, {"name": "s", "from": "unknown"}),
                ("POST", "snapshots", 404, {"name": "s", "from": {"checkpoint": "unknown"}}),
                ("POST", "snapshots", 400, {"name": "s", "from": {"checkpoint": "../good"}}),
                ("DELETE", "snapshots/unknown", 404, {}),
                ("DELETE", "snapshots/..%2Fgood", 404, {}),
            ]
            for method, path, status, body in refused:
                await client.request(method, f"/v1/training/{path}", status, json=body)
                assert not running.done(), path
            assert await client.complete([1], max_tokens=1)
            assert not running.done()
            folder = {"good": saved["bytes"]}
            assert {name: folder_bytes(checkpoints / name) for name in folder} == folder
            await client.post("/v1/training/backward", sequences=SEQUENCES)
            pending = await client.post("/v1/training/load", 409, name="good")
            assert pending["code"] == "SSP_POLICY_GRADIENT_PENDING"
            assert not running.done()
            running.cancel()

    asyncio.run(main())


def test_snapshots_stay_as_they_were(model_folder, checkpoints):
    score = {"sequences": [{"tokens": [5, 6, 7, 8]}]}

    async def main():
        async with served(model_folder, checkpoints=checkpoints) as client:
            made = await client.post("/v1/training/snapshots", name="opponent-1")
            assert made["name"] == "opponent-1"
            before = await client.post("/v1/training/logprobs", **score)
            await client.post("/v1/training/save", name="start")
            await client.post("/v1/training/backward", sequences=SEQUENCES)
            await client.post("/v1/training/step", lr=0.05)
            after = await client.post("/v1/training/logprobs", **score)
            kept = await client.post("/v1/training/logprobs", model="opponent-1", **score)
            assert kept["results"] == before["results"]
            assert after["results"] != before["results"]
            source = {"checkpoint": "start"}
            body = {"name": "from-disk", "from": source}
            await client.post("/v1/training/snapshots", **body)
            disk = await client.post("/v1/training/logprobs", model="from-disk", **score)
            assert disk["results"] == before["results"]
            greedy = {"max_tokens": 8, "temperature": 0}
            one = await client.complete([5, 6], model="opponent-1", **greedy)
            two = await client.complete([5, 6], model="from-disk", **greedy)
            assert one[0]["token_ids"] == two[0]["token_ids"]
            copy = {"name": "copy", "from": "opponent-1"}
            await client.post("/v1/training/snapshots", **copy)
            models = await client.get("/v1/models")
            names = [row["id"] for row in models["data"]]
            assert names == ["policy", "reference", "opponent-1", "from-disk", "copy"]
            listed = await client.get("/v1/training/snapshots")
            assert [row["name"] for row in listed["snapshots"]] == names[2:]
            exists = await client.post("/v1/training/snapshots", 409, name="copy")
            assert exists["code"] == "SSP_POLICY_SNAPSHOT_EXISTS"
            taken = await client.post("/v1/training/snapshots", 400, name="policy")
            assert taken["code"] == "SSP_POLICY_REQUEST_INVALID"
            for name, status in (("copy", 200), ("copy", 404), ("policy", 404)):
                await client.request("DELETE", f"/v1/training/snapshots/{name}", status)
            lost = await client.post("/v1/training/logprobs", 404, model="copy", **score)
            assert lost["code"] == "SSP_POLICY_MODEL_UNKNOWN"

    asyncio.run(main())


def test_no_completion_mixes_two_weights(model_folder):
    """Whatever step comes in between, a completion's log-probs are those of one version."""
    prompt = [5, 6, 7]

    async def main():
        async with served(model_folder, max_running=4) as client:
            await client.post("/v1/training/snapshots", name="policy-0")
            versions = {
                (await client.post("/v1/training/logprobs", sequences=[{"tokens": prompt}]))[
                    "weights_version"
                ]: "policy-0"
            }
            completions = [
                asyncio.create_task(
                    client.complete(prompt, seed=seed, max_tokens=40, logprobs=0, ignore_eos=True)
                )
                for seed in range(24)
            ]
            for number in range(1, 4):
                await client.post("/v1/training/backward", sequences=SEQUENCES)
                step = await client.post("/v1/training/step", lr=0.02)
                versions[step["weights_version"]] = f"policy-{number}"
                await client.post("/v1/training/snapshots", name=f"policy-{number}")
            choices = [(await completion)[0] for completion in completions]
            assert len({choice["weights_version"] for choice in choices}) > 1
            for choice in choices:
                reply = await client.post(
                    "/v1/training/logprobs",
                    model=versions[choice["weights_version"]],
                    sequences=[{"tokens": prompt + choice["token_ids"]}],
                )
                scored = reply["results"][0]["logprobs"][len(prompt) :]
                sampled = choice["logprobs"]["token_logprobs"]
                assert scored == pytest.approx(sampled, abs=1e-4)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("path", "code", "status", "body"),
    [
        ("backward", "SSP_POLICY_SHAPE_MISMATCH", 400, {"tokens": [1, 2], "weights": [0]}),
        ("backward", "SSP_POLICY_TOKEN_OUT_OF_RANGE", 400, {"tokens": [1, 512], "weights": [0, 1]}),
        ("backward", "SSP_POLICY_REQUEST_INVALID", 400, {"tokens": [1, 2], "weights": [1, 1]}),
        ("backward", "SSP_POLICY_WEIGHT_NOT_FINITE", 400, {"tokens": [1], "weights": [math.nan]}),
        (
            "backward",
            "SSP_POLICY_GRADIENT_NOT_FINITE",
            409,
            {"tokens": [1, 2], "weights": [0, 1e39]},
        ),
        ("logprobs", "SSP_POLICY_SEQUENCE_TOO_LONG", 400, {"tokens": [1] * 1025}),
        ("logprobs", "SSP_POLICY_SHAPE_MISMATCH", 400, {"tokens": [1], "sampled_logprobs": []}),
        ("logprobs", "SSP_POLICY_SHAPE_MISMATCH", 400, {"tokens": [1], "mask": [True, True]}),
        ("logprobs", "SSP_POLICY_REQUEST_INVALID", 400, {"tokens": []}),
    ],
)
def test_a_refused_call_leaves_nothing(model_folder, path, code, status, body):
    async def main():
        async with served(model_folder) as client:
            fine = (
                {"tokens": [1, 2], "weights": [0, 1.0]} if path == "backward" else {"tokens": [1]}
            )
            error = await client.post(f"/v1/training/{path}", status, sequences=[fine, body])
            assert error["code"] == code
            none = await client.post("/v1/training/step", 409, lr=0.1)
            assert none["code"] == "SSP_POLICY_NO_GRADIENT"

    asyncio.run(main())
