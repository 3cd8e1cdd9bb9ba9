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
