import requests


def search(url: str, query: str, top_k: int = 3) -> list[dict]:
    """Passages for a query, best first: id, title, text, url, score, rank."""
    reply = requests.post(f"{url}/v1/search", json={"query": query, "topK": top_k}, timeout=60)
    if not reply.ok:
        error = reply.json()
        raise RuntimeError(f"{error['code']}: {error['message']} {error['remedy']}")
    return reply.json()["results"][0]["hits"]
