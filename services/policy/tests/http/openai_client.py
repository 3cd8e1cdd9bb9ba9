"""What a user of the package openai does, told as JSON: openai_client.py <url of the service>."""

import json
import sys

import openai

client = openai.OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none", max_retries=0)
messages = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hi"}]
asked = {
    "model": "policy",
    "messages": messages,
    "max_completion_tokens": 20,
    "temperature": 2,
    "seed": 3,
    "extra_body": {"ignore_eos": True, "skip_special_tokens": False},
}
every_field = {
    "n": 1,
    "logprobs": True,
    "top_logprobs": 2,
    "store": False,
    "metadata": {"run": "a"},
    "service_tier": "auto",
    "modalities": ["text"],
    "response_format": {"type": "text"},
    "parallel_tool_calls": True,
    "reasoning_effort": "none",
    "verbosity": "medium",
    "user": "me",
    "safety_identifier": "me",
    "prompt_cache_key": "key",
    "logit_bias": {},
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "top_p": 1,
    "stop": ["never said"],
}


def error_of(**fields):
    """Give class, code and field of the error that a request meets."""
    try:
        client.chat.completions.create(**(asked | fields))
    except openai.APIStatusError as error:
        return [type(error).__name__, error.code, error.param]
    return None


whole = client.chat.completions.create(**asked, **every_field)
streamed, usage = "", None
for chunk in client.chat.completions.create(
    **asked, stream=True, stream_options={"include_usage": True}
):
    streamed += "".join(choice.delta.content or "" for choice in chunk.choices)
    usage = chunk.usage or usage
helped = ""
with client.chat.completions.stream(**asked) as stream:
    try:
        helped = "".join(event.delta for event in stream if event.type == "content.delta")
    except openai.LengthFinishReasonError as error:
        # The helper's way to say that max_completion_tokens was reached.
        helped = error.completion.choices[0].message.content
texts = client.completions.create(model="policy", prompt=["a", "b"], max_tokens=2, logprobs=2)
sys.stdout.write(
    json.dumps(
        {
            "models": [model.id for model in client.models.list()],
            "whole": whole.choices[0].message.content,
            "bytes": [b for token in whole.choices[0].logprobs.content for b in token.bytes or []],
            "usage": whole.usage.total_tokens,
            "streamed": streamed,
            "streamed_usage": usage.total_tokens,
            "helped": helped,
            "texts": len(texts.choices),
            "errors": [
                error_of(response_format={"type": "json_object"}),
                error_of(stop=["a"] * 17),
                error_of(top_logprobs=2),
                error_of(model="gpt"),
            ],
        }
    )
)
