"""POST /v1/chat/completions: messages through the tokenizer's chat template."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ssp_policy.errors import PolicyError, shown
from ssp_policy.http import sample_requests as common
from ssp_policy.http.choices import Choice, check_count
from ssp_policy.http.sampling_route import SamplingRoute
from ssp_policy.http.sampling_schemas import ChatRequest, Message
from ssp_policy.http.streaming import ChunkFormat
from ssp_policy.sampling.request import SampledToken, SampleRequest

_OURS = {"tokenize", "return_dict", "return_tensors", "add_generation_prompt", "tools"}


class ChatCompletions(SamplingRoute[ChatRequest]):
    """Answers /v1/chat/completions of one loaded service."""

    kind = ("chat.completion", "chatcmpl")

    async def _requests(self, body: ChatRequest) -> list[SampleRequest]:
        weights = self._parts.weights
        weights.version(body.model)
        prompt = await self._encode(body)
        room = weights.max_length - len(prompt)
        max_tokens = body.max_completion_tokens or body.max_tokens or max(room, 1)
        common.check_prompt("messages", prompt, max_tokens, weights)
        check_count(body.n, self._limit)
        return common.make_requests(
            body,
            [prompt],
            seed=self._parts.seeds.draw() if body.seed is None else body.seed,
            max_tokens=max_tokens,
            top_logprobs=body.top_logprobs if body.logprobs else 0,
        )

    async def _encode(self, body: ChatRequest) -> common.Tokens:
        """Give the token ids of the conversation, as the model's template writes it."""
        tokenizer = common.need_tokenizer(self._parts.weights, "a chat")
        if not tokenizer.chat_template:
            raise PolicyError("SSP_POLICY_NO_CHAT_TEMPLATE")
        taken = _OURS & body.chat_template_kwargs.keys()
        if taken:
            problem = f"chat_template_kwargs cannot set {', '.join(sorted(taken))}."
            raise _invalid(problem, "chat_template_kwargs")
        template: Any = tokenizer.chat_template
        variables = body.chat_template_kwargs | _reasoning(body, str(template))
        tools: Any = body.tools if body.tools and body.tool_choice == "auto" else None
        try:
            ids: Any = await asyncio.to_thread(
                tokenizer.apply_chat_template,
                [_plain(message) for message in body.messages],
                tools=tools,
                add_generation_prompt=body.add_generation_prompt,
                tokenize=True,
                return_dict=False,
                **variables,
            )
        except Exception as error:
            problem = f"the chat template refuses these messages: {shown(str(error), 300)}."
            raise _invalid(problem, "messages") from error
        return tuple(ids)

    def _choice(self, body: ChatRequest, index: int, choice: Choice) -> dict[str, Any]:
        return {
            "index": index,
            "message": {"role": "assistant", "content": choice.text},
            "logprobs": self._logprobs(choice.tokens) if body.logprobs else None,
        } | common.ending(choice, with_ids=body.return_token_ids)

    def _logprobs(self, tokens: Sequence[SampledToken]) -> dict[str, Any]:
        return {
            "content": [
                self._entry(token.id, token.logprob)
                | {"top_logprobs": [self._entry(*pair) for pair in token.top]}
                for token in tokens
            ]
        }

    def _entry(self, token: int, logprob: float) -> dict[str, Any]:
        data = self._names.bytes_of(token)
        return {
            "token": self._names.of(token),
            "logprob": logprob,
            "bytes": None if data is None else list(data),
        }

    def _format(self, body: ChatRequest) -> ChunkFormat:
        def delta(choice: Choice, token: SampledToken) -> dict[str, Any]:
            role = {} if choice.tokens else {"role": "assistant"}
            return role | {"content": token.text_delta}

        return ChunkFormat(
            head=common.envelope("chat.completion.chunk", "chatcmpl", body.model),
            token=lambda choice, token: {
                "delta": delta(choice, token),
                "logprobs": self._logprobs([token]) if body.logprobs else None,
            },
            end=lambda: {"delta": {}, "logprobs": None},
        )


def _plain(message: Message) -> dict[str, Any]:
    """Give a message as templates read it: the text parts of its content as one text."""
    fields = message.model_dump(exclude_none=True)
    if isinstance(message.content, list):
        fields["content"] = "".join(part.text for part in message.content)
    return fields


def _reasoning(body: ChatRequest, template: str) -> dict[str, Any]:
    """Give the template's variables for `reasoning_effort`: its own, or Qwen3's switch.

    Refuses an effort that the template does not read, but for OpenAI's defaults (`medium`, and
    `none` of models that do not think), which ask for nothing.
    """
    effort = body.reasoning_effort
    if effort is None:
        return {}
    settings = {"reasoning_effort": effort, "enable_thinking": effort != "none"}
    read = {name: value for name, value in settings.items() if name in template}
    if not read and effort not in {"none", "medium"}:
        problem = (
            f"reasoning_effort {effort} is not supported by this model, whose chat template reads "
            "no such variable; leave it out."
        )
        raise _invalid(problem, "reasoning_effort")
    return {name: value for name, value in read.items() if name not in body.chat_template_kwargs}


def _invalid(problem: str, param: str) -> PolicyError:
    return PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param=param)
