"""The peers: what to install, how each is started, and how each is asked for the risk of a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

APPS = Path(__file__).parent / "apps"
LIGHTGBM = f"lightgbm=={version('lightgbm')}"
"""The same release for all."""


@dataclass(frozen=True)
class Peer:
    """A server that can be asked for the risk of one row.

    Words of commands may hold `{model}` (the model's file), `{folder}` (a folder of the peer's
    own, not there yet), `{port}` and `{apps}`. Programs are those of the peer's environment.

    Parameters
    ----------
    name : str
        What it is called.
    requirements : sequence of str
        What is installed; empty if it runs in our own environment.
    serve : sequence of str
        The command that serves.
    path : str
        The route.
    body : callable
        From a row to what is posted, as JSON.
    risk : callable
        From the reply to the risk.
    prepare : sequence of str
        A command to run before it, if any.
    settings : mapping of str to str
        Variables of its environment; values may hold the same words.
    """

    name: str
    requirements: Sequence[str]
    serve: Sequence[str]
    path: str
    body: Callable[[list[float]], object]
    risk: Callable[[Any], float]
    prepare: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


THIN = Peer(
    name="thin route",
    requirements=(),
    serve=("python", "-m", "service.proof.peers.thin", "{model}", "{port}"),
    path="/predict",
    body=lambda row: {"row": row},
    risk=lambda reply: reply["risk"],
)
"""What anybody would write first: one route of FastAPI, and the model behind it."""

PEERS = (
    Peer(
        name="LitServe",
        requirements=("litserve==0.2.19", LIGHTGBM),
        serve=("python", "{apps}/litserve_app.py", "{model}", "{port}"),
        path="/predict",
        body=lambda row: {"row": row},
        risk=lambda reply: reply["risk"],
    ),
    Peer(
        name="BentoML",
        requirements=("bentoml==1.4.40", LIGHTGBM),
        serve=("bentoml", "serve", "bentoml_app:Scorer", "--working-dir", "{apps}",
               "--host", "127.0.0.1", "--port", "{port}"),
        path="/predict",
        body=lambda row: {"row": row},
        risk=float,
        settings={"PEER_MODEL": "{model}", "BENTOML_DO_NOT_TRACK": "True",
                  "BENTOML_HOME": "{folder}"},
    ),
    Peer(
        name="MLServer",
        requirements=("mlserver==1.7.1", "mlserver-lightgbm==1.7.1", LIGHTGBM),
        prepare=("python", "{apps}/mlserver_settings.py", "{model}", "{folder}", "{port}"),
        serve=("mlserver", "start", "{folder}"),
        path="/v2/models/weir/infer",
        body=lambda row: {
            "inputs": [{"name": "row", "shape": [1, len(row)], "datatype": "FP64", "data": row}]
        },
        risk=lambda reply: reply["outputs"][0]["data"][0],
    ),
    Peer(
        name="MLflow",
        requirements=("mlflow==3.17.2", LIGHTGBM),
        prepare=("python", "{apps}/mlflow_save.py", "{model}", "{folder}"),
        serve=("mlflow", "models", "serve", "--model-uri", "{folder}", "--env-manager", "local",
               "--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
        path="/invocations",
        body=lambda row: {"inputs": [row]},
        risk=lambda reply: reply["predictions"][0],
        settings={"MLFLOW_DISABLE_TELEMETRY": "true"},
    ),
)  # fmt: skip
