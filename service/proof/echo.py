"""Run as a module: routes of the same FastAPI that send back what they got, to compare with.

What is compared with is what anybody would write first: the body declared as the model that the
scoring routes take, so that FastAPI decodes, validates and encodes it, and nothing else is done.
Beside it stands the least that a route can do, the bytes as they came.
"""

import socket

import uvicorn
from fastapi import FastAPI, Request, Response

from features.items import Item
from service.api.body import ItemBatch

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/echo")
async def echo(item: Item) -> Item:
    """Send one item back."""
    return item


@app.post("/echo/batch")
async def echo_batch(batch: ItemBatch) -> ItemBatch:
    """Send a batch of items back."""
    return batch


@app.post("/bare")
async def bare(request: Request) -> Response:
    """Send the body back as it came."""
    return Response(await request.body(), media_type="application/json")


def main() -> None:
    """Serve on a free port, and print its number."""
    # as `weir serve` does: asyncio turns Nagle's algorithm off only where the protocol is named
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - read by who started it
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
