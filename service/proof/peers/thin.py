"""Run as a module: the model behind one route of FastAPI, as anybody would write it first."""

import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from models.risk import load_booster


class Row(BaseModel):
    """Features of one item."""

    row: list[float]


class Risk(BaseModel):
    """What the trees say of it."""

    risk: float


def make_app(model: bytes) -> FastAPI:
    """Put a model behind a route.

    Parameters
    ----------
    model : bytes
        LightGBM's text.

    Returns
    -------
    fastapi.FastAPI
        `POST /predict`.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    booster = load_booster(model)

    @app.post("/predict")
    async def predict(row: Row) -> Risk:
        return Risk(risk=float(np.asarray(booster.predict(np.array([row.row]), num_threads=1))[0]))

    return app


if __name__ == "__main__":
    uvicorn.run(
        make_app(Path(sys.argv[1]).read_bytes()),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
