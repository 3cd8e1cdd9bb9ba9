import json

from openai import OpenAI
from plain import search

TOOL = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Searches an encyclopedia; gives passages, best first.",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
        },
    },
}


def ask(model: OpenAI, search_url: str, question: str, most_turns: int = 8) -> str:
    """Lets the model search until it answers; an error of a search is what the model reads instead."""
    messages: list = [{"role": "user", "content": question}]
    for _ in range(most_turns):
        reply = model.chat.completions.create(model="default", messages=messages, tools=[TOOL])
        message = reply.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return message.content or ""
        for call in message.tool_calls:
            try:
                query = json.loads(call.function.arguments)["query"]
                hits = search(search_url, query)
                found = "\n\n".join(f"{hit['title']}\n{hit['text']}" for hit in hits)
            except (RuntimeError, ValueError, KeyError) as error:
                found = f"Search failed: {error}"
            messages.append({"role": "tool", "tool_call_id": call.id, "content": found})
    raise RuntimeError(f"no answer after {most_turns} turns")
