"""What the client of the Python package `mcp` gets from the server whose address is the argument."""

import asyncio
import json
import sys

from mcp import Client, MCPError


async def main(url: str) -> None:
    for mode in ("legacy", "auto"):
        progress = []

        async def on_progress(done, total, message):
            progress.append([done, total])

        async with Client(url, mode=mode) as client:
            tools = await client.list_tools()
            found = await client.call_tool(
                "search", {"queries": ["glass", "river town"]}, progress_callback=on_progress
            )
            page = await client.call_tool("read_page", {"title": "Velmora town"})
            missing = await client.call_tool("read_page", {"title": "Nowhere"})
            resource = await client.read_resource("wiki://page/Velmora%20town")
            try:
                unknown = await client.call_tool("serch", {})
            except MCPError as error:
                unknown = error
            print(
                json.dumps(
                    {
                        "tools": [tool.name for tool in tools.tools],
                        "found": [block.text for block in found.content],
                        "facts": found.structured_content["mode"],
                        "page": [block.text for block in page.content],
                        "missing": [missing.is_error, missing.content[0].text],
                        "resource": resource.contents[0].text,
                        "unknown": str(unknown),
                        "progress": progress[-1],
                    }
                )
            )


asyncio.run(main(sys.argv[1]))
