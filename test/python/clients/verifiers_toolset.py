import httpx
import verifiers.v1 as vf


class SearchConfig(vf.ToolsetConfig):
    search_url: str = "http://127.0.0.1:8000"
    top_k: int = 3


class Search(vf.Toolset[SearchConfig]):
    async def setup(self) -> None:
        self.client = httpx.AsyncClient(base_url=self.config.search_url, timeout=60)

    @vf.tool
    async def search(self, query: str) -> str:
        """Searches an encyclopedia; gives passages, best first."""
        body = {"query": query, "topK": self.config.top_k}
        reply = await self.client.post("/v1/search", json=body)
        reply.raise_for_status()
        hits = reply.json()["results"][0]["hits"]
        return "\n\n".join(f"{hit['title']}\n{hit['text']}" for hit in hits)
