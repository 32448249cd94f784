"""Run in an environment of its own: the model behind BentoML."""

import os

import bentoml
import lightgbm
import numpy as np


@bentoml.service(workers=1)
class Scorer:
    """One row in, one risk out."""

    def __init__(self) -> None:
        self.booster = lightgbm.Booster(model_file=os.environ["PEER_MODEL"])

    @bentoml.api
    async def predict(self, row: list[float]) -> float:
        """Predict."""
        return float(self.booster.predict(np.array([row]), num_threads=1)[0])
