"""Run in an environment of its own: what MLServer reads to serve the model on a port."""

import json
import sys
from pathlib import Path

model, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
folder.mkdir()
settings = {
    "host": "127.0.0.1",
    "http_port": port,
    "grpc_port": 0,
    "metrics_endpoint": None,
    # in the process itself: a pool of workers on one core only costs
    "parallel_workers": 0,
}
(folder / "settings.json").write_text(json.dumps(settings))
implementation = "mlserver_lightgbm.LightGBMModel"
of_model = {"name": "weir", "implementation": implementation, "parameters": {"uri": model}}
(folder / "model-settings.json").write_text(json.dumps(of_model))
