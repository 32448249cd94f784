"""Run in an environment of its own: the model behind LitServe."""

import sys

import lightgbm
import litserve
import numpy as np


class Scorer(litserve.LitAPI):
    """One row in, one risk out."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - the name is LitServe's
        """Load the model."""
        self.booster = lightgbm.Booster(model_file=sys.argv[1])

    def decode_request(self, request: dict[str, list[float]]) -> np.ndarray:
        """Read the row."""
        return np.array([request["row"]])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predict."""
        return np.asarray(self.booster.predict(x, num_threads=1))

    def encode_response(self, output: np.ndarray) -> dict[str, float]:
        """Write the risk."""
        return {"risk": float(output[0])}


if __name__ == "__main__":
    server = litserve.LitServer(Scorer(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", generate_client_file=False
    )
