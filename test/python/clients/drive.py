"""Runs the code of a foreign client, or a recipe, against a search service: `drive.py <client> <json>`.

Prints one JSON text: what the client made of each query, in order.
"""

import asyncio
import importlib.metadata
import importlib.util
import json
import sys
from concurrent.futures import ThreadPoolExecutor

IN_FLIGHT = 120


def in_threads(one, queries):
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(one, queries))


def plain(job):
    from plain import search

    def one(query):
        try:
            return [hit["id"] for hit in search(job["url"], query)]
        except RuntimeError as error:
            return str(error)

    return in_threads(one, job["queries"])


def verl(job):
    # The package itself wants PyTorch and Ray; its search client needs requests alone.
    name = "verl/tools/utils/search_r1_like_utils.py"
    path = importlib.metadata.distribution("verl").locate_file(name)
    spec = importlib.util.spec_from_file_location("search_r1_like_utils", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def one(query):
        url = f"{job['url']}/retrieve"
        text, facts = module.perform_single_search_batch(url, [query], topk=3, timeout=30)
        return {"text": json.loads(text)["result"], "status": facts["status"]}

    return in_threads(one, job["queries"])


def skyrl(job):
    import skyrl_gym
    from skyrl_gym.envs.search.env import SearchEnvConfig

    config = SearchEnvConfig(search_url=f"{job['url']}/retrieve", topk=3)
    extras = {"reward_spec": {"ground_truth": {"target": ["x"]}}, "max_turns": 2}

    def one(query):
        env = skyrl_gym.make("search", env_config=config, extras=extras)
        step = env.step(f"<search>{query}</search>")
        return step["observations"][0]["content"]

    return in_threads(one, job["queries"])


def verifiers(job):
    from mcp.server.mcpserver import MCPServer
    from verifiers_toolset import Search, SearchConfig

    async def run():
        toolset = Search(SearchConfig(search_url=job["url"]))
        await toolset.setup()
        server = MCPServer("search")
        toolset.register(server)

        async def one(query):
            result = await server.call_tool("search", {"query": query})
            return result.content[0].text

        return await asyncio.gather(*(one(query) for query in job["queries"]))

    return asyncio.run(run())


def openai(job):
    from openai import OpenAI
    from openai_loop import ask

    model = OpenAI(base_url=job["modelUrl"], api_key="none", max_retries=0)
    return in_threads(lambda query: ask(model, job["url"], query), job["queries"])


CLIENTS = {"plain": plain, "verl": verl, "skyrl": skyrl, "verifiers": verifiers, "openai": openai}

if __name__ == "__main__":
    print(json.dumps(CLIENTS[sys.argv[1]](json.loads(sys.argv[2]))))
