"""Run as a module: a route of the same FastAPI that sends back what it got, to compare with."""

import socket

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/echo")
async def echo(request: Request) -> Response:
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
