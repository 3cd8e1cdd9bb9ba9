import asyncio
import json
import shutil

from served import served
from transformers import AutoTokenizer

MESSAGES = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "what is the capital?"},
]


def test_messages_go_through_the_models_template(model_folder):
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    prompt = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, return_dict=False)

    async def main():
        async with served(model_folder, exact_sampling=True) as client:
            body = {"messages": MESSAGES, "seed": 2, "max_tokens": 12, "return_token_ids": True}
            reply = await client.post("/v1/chat/completions", logprobs=True, top_logprobs=2, **body)
            (choice,) = reply["choices"]
            assert choice["prompt_token_ids"] == prompt
            (plain,) = await client.complete(prompt, seed=2, max_tokens=12)
            assert choice["token_ids"] == plain["token_ids"]
            assert choice["message"] == {"role": "assistant", "content": plain["text"]}
            content = choice["logprobs"]["content"]
            assert len(content) == len(choice["token_ids"])
            assert all(len(entry["top_logprobs"]) == 2 for entry in content)
            parts = [{"type": "text", "text": "what is "}, {"type": "text", "text": "the capital?"}]
            split = [MESSAGES[0], {"role": "user", "content": parts}]
            again = await client.post("/v1/chat/completions", **(body | {"messages": split}))
            assert again["choices"][0]["token_ids"] == choice["token_ids"]
            events = await client.events("/v1/chat/completions", **body)
            deltas = [event["choices"][0]["delta"] for event in events]
            assert deltas[0]["role"] == "assistant"
            assert "".join(delta.get("content", "") for delta in deltas) == plain["text"]
            assert events[-1]["choices"][0]["finish_reason"] == choice["finish_reason"]

    asyncio.run(main())


def test_without_a_limit_a_reply_ends_with_the_context(model_folder):
    async def main():
        async with served(model_folder, max_sequence_tokens=64) as client:
            reply = await client.post(
                "/v1/chat/completions", messages=MESSAGES[1:], ignore_eos=True
            )
            assert reply["usage"]["total_tokens"] == 64
            assert reply["choices"][0]["finish_reason"] == "length"
            too_long = [{"role": "user", "content": "x" * 99}]
            error = await client.post("/v1/chat/completions", 400, messages=too_long)
            assert error["code"] == "SSP_POLICY_SEQUENCE_TOO_LONG"

    asyncio.run(main())


def test_what_the_template_cannot_write(model_folder, tmp_path):
    strict = tmp_path / "strict"
    shutil.copytree(model_folder, strict)
    template = "{% for m in messages %}{{ raise_exception('no ' + m.role) }}{% endfor %}"
    (strict / "chat_template.jinja").write_text(template)
    bare = tmp_path / "bare"
    shutil.copytree(model_folder, bare)
    (bare / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((bare / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (bare / "tokenizer_config.json").write_text(json.dumps(config))

    async def main():
        async with served(strict) as client:
            error = await client.post("/v1/chat/completions", 400, messages=MESSAGES)
            assert error["code"] == "SSP_POLICY_REQUEST_INVALID"
            assert "no system" in error["message"]
            error = await client.post(
                "/v1/chat/completions",
                400,
                messages=MESSAGES,
                chat_template_kwargs={"tokenize": False},
            )
            assert "cannot set tokenize" in error["message"]
        async with served(bare) as client:
            error = await client.post("/v1/chat/completions", 400, messages=MESSAGES)
            assert error["code"] == "SSP_POLICY_NO_CHAT_TEMPLATE"

    asyncio.run(main())


def test_bytes_are_those_of_half_characters(model_folder):
    """A hot random model samples mostly broken UTF-8; the bytes of all tokens are the text."""

    async def main():
        async with served(model_folder) as client:
            body = {"messages": MESSAGES, "seed": 4, "max_tokens": 60, "temperature": 100}
            body |= {"ignore_eos": True, "logprobs": True, "top_logprobs": 3, "n": 2}
            body |= {"skip_special_tokens": False}
            reply = await client.post("/v1/chat/completions", **body)
            halves = 0
            for choice in reply["choices"]:
                entries = choice["logprobs"]["content"]
                data = b"".join(bytes(entry["bytes"] or []) for entry in entries)
                assert data.decode(errors="replace") == choice["message"]["content"]
                halves += sum("token_id:" in entry["token"] for entry in entries)
                for entry in [*entries, *(top for each in entries for top in each["top_logprobs"])]:
                    if "token_id:" not in entry["token"]:
                        assert bytes(entry["bytes"]).decode() == entry["token"]
            assert halves > 5
            events = await client.events("/v1/chat/completions", **body)
            texts = ["", ""]
            for event in events:
                (choice,) = event["choices"]
                texts[choice["index"]] += choice["delta"].get("content", "")
            assert texts == [choice["message"]["content"] for choice in reply["choices"]]

    asyncio.run(main())


def test_standard_fields_are_taken_at_their_neutral_values(model_folder):
    neutral = {
        "response_format": {"type": "text"},
        "metadata": {"run": "first"},
        "store": False,
        "service_tier": "auto",
        "parallel_tool_calls": True,
        "modalities": ["text"],
        "reasoning_effort": "none",
        "verbosity": "medium",
        "user": "me",
        "logit_bias": {},
        "frequency_penalty": 0,
        "top_logprobs": 0,
        "functions": [],
        "bad_words": [],
        "spaces_between_special_tokens": True,
        "thinking_token_budget": -1,
        "guided_json": None,
        "stream_options": None,
    }
    other = {
        "response_format": {"type": "json_schema", "json_schema": {"name": "a"}},
        "store": True,
        "service_tier": "flex",
        "modalities": ["text", "audio"],
        "verbosity": "low",
        "reasoning_effort": "high",
        "logit_bias": {"7": 1},
        "top_logprobs": 2,
        "functions": [{"name": "f"}],
        "bad_words": ["a"],
        "thinking_token_budget": 9,
        "guided_json": {},
        "prediction": {"type": "content", "content": "a"},
        "tool_choice": "required",
        "stream_options": {"include_usage": True},
    }

    async def main():
        async with served(model_folder) as client:
            body = {"messages": MESSAGES, "max_tokens": 1}
            await client.post("/v1/chat/completions", **body, **neutral)
            for name, value in other.items():
                error = await client.post("/v1/chat/completions", 400, **body, **{name: value})
                assert error["code"] == "SSP_POLICY_REQUEST_INVALID"
                assert name in error["message"]
                assert error["param"] == name

    asyncio.run(main())


def test_reasoning_effort_goes_to_a_template_that_reads_it(model_folder, tmp_path):
    folder = tmp_path / "thinking"
    shutil.copytree(model_folder, folder)
    template = "{{ reasoning_effort }}{% if enable_thinking is false %} off{% endif %}"
    (folder / "chat_template.jinja").write_text(template)
    tokenizer = AutoTokenizer.from_pretrained(folder)

    async def main():
        async with served(folder) as client:
            for fields, prompt in (
                ({"reasoning_effort": "high"}, "high"),
                ({"reasoning_effort": "none"}, "none off"),
                (
                    {"reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": True}},
                    "none",
                ),
            ):
                reply = await client.post(
                    "/v1/chat/completions",
                    messages=MESSAGES,
                    max_tokens=1,
                    return_token_ids=True,
                    **fields,
                )
                assert tokenizer.decode(reply["choices"][0]["prompt_token_ids"]) == prompt

    asyncio.run(main())
