"""The steps of the benchmark of durability: which proof, how much of it, what is read from it."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from training.evaluation.children import ChildFailed, last_words, proved, run

Figures = dict[str, float]
Read = Callable[[Mapping[str, Any]], dict[str, Figures]]


@dataclass(frozen=True)
class Counts:
    """How much is offered.

    Parameters
    ----------
    kills, kills_with_model, kills_postgresql : int
        Servers killed in mid-write: by the rules alone, with a model, and on PostgreSQL.
    edits, truncations : int
        Bundles with one byte changed, and with a file cut short.
    swaps, bad_bundles : int
        Promotions and rollbacks under load, and bad bundles offered meanwhile.
    races, racers : int
        Records and claims that are raced for, and requests at once.
    audit_edits, audit_rows : int
        Random edits of the audit, and rows verified for the pace.
    made_up_requests : int
        Requests made from the OpenAPI document; only where the tests are.
    """

    kills: int = 900
    kills_with_model: int = 100
    kills_postgresql: int = 200
    edits: int = 1_000
    truncations: int = 200
    swaps: int = 200
    bad_bundles: int = 20
    races: int = 10_000
    racers: int = 8
    audit_edits: int = 1_000
    audit_rows: int = 1_000_000
    made_up_requests: int = 100_000


BRIEF = Counts(
    kills=6,
    kills_with_model=2,
    kills_postgresql=3,
    edits=20,
    truncations=6,
    swaps=6,
    bad_bundles=2,
    races=100,
    racers=8,
    audit_edits=50,
    audit_rows=10_000,
    made_up_requests=600,
)


@dataclass(frozen=True)
class Step:
    """One proof.

    Parameters
    ----------
    name : str
        What it is called, fit for a file.
    words : tuple of str
        The proof and its options.
    read : callable
        From what it wrote to figures by what they are about.
    goes_on : bool
        Whether the proof itself goes on in a folder where it was interrupted.
    """

    name: str
    words: tuple[str, ...]
    read: Read
    goes_on: bool = False

    def run(self, folder: Path) -> dict[str, Figures]:
        """Run it.

        Parameters
        ----------
        folder : Path
            Its folder.

        Returns
        -------
        dict of str to dict of str to float
            Figures by what they are about.

        Raises
        ------
        ChildFailed
            If it ended without a result.
        """
        proof, *options = self.words
        if proof == FUZZ:
            return self.read(_fuzz(options))
        return self.read(proved(proof, folder, *options))


FUZZ = "fuzz"
_FUZZ_MODULE = "tests.fuzz"


def _fuzz(options: list[str]) -> dict[str, float]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    done = run(["-m", _FUZZ_MODULE, *options], kept)
    sent = re.search(r"^(\d+) requests on", done.stdout, re.MULTILINE)
    faults = re.search(r"^(\d+) faults$", done.stdout, re.MULTILINE)
    if sent is None or faults is None:
        raise ChildFailed(f"python -m {_FUZZ_MODULE} ended without a result: {last_words(done)}")
    return {"n_sent": int(sent[1]), "n_faults": int(faults[1])}


def has_fuzz() -> bool:
    """Tell whether the tests are there, one of which makes up requests."""
    return find_spec("tests") is not None and find_spec(_FUZZ_MODULE) is not None


def steps(counts: Counts, seed: int, database: str | None) -> list[Step]:
    """List the proofs to run with a seed; one of which nothing is wanted is left out.

    Parameters
    ----------
    counts : Counts
        How much of each.
    seed : int
        The seed.
    database : str or None
        URL of an empty database of PostgreSQL.

    Returns
    -------
    list of Step
        The quick ones first.
    """
    of_seed = ("--seed", str(seed))
    kill = ("durability", *of_seed, "--cycles")
    wanted = [
        (counts.races, Step(
            "races", ("races", *_options(races=counts.races, duplicates=counts.racers)), _races)),
        (counts.audit_edits, Step(
            "tamper", ("tamper", *of_seed, *_options(edits=counts.audit_edits,
                                                     rows=counts.audit_rows)), _tamper)),
        (counts.swaps, Step(
            "swaps", ("swaps", *_options(swaps=counts.swaps, bad=counts.bad_bundles)), _swaps)),
        (counts.edits + counts.truncations, Step(
            "damage", ("damage", *of_seed, *_options(edits=counts.edits,
                                                     truncations=counts.truncations)), _damage)),
        (counts.made_up_requests if has_fuzz() else 0, Step(
            "fuzz", (FUZZ, *of_seed, *_options(requests=counts.made_up_requests)), _faults)),
        (counts.kills_with_model, Step(
            "kills-with-model", (*kill, str(counts.kills_with_model), "--model"),
            _kills("kills, with a model"), goes_on=True)),
        (counts.kills, Step(
            "kills", (*kill, str(counts.kills)), _kills("kills"), goes_on=True)),
        (counts.kills_postgresql if database else 0, Step(
            "kills-postgresql",
            (*kill, str(counts.kills_postgresql), "--database", database or ""),
            _kills("kills, PostgreSQL"), goes_on=True)),
    ]  # fmt: skip
    return [step for count, step in wanted if count]


def _options(**given: int) -> tuple[str, ...]:
    return tuple(word for name, value in given.items() for word in (f"--{name}", str(value)))


def _kills(policy: str) -> Read:
    def read(told: Mapping[str, Any]) -> dict[str, Figures]:
        return {
            policy: {
                "times": told["n_cycles"],
                "offered": told["n_findings"],
                "lost": told["n_lost"],
                "doubled": told["n_doubled"],
                "breaks": told["n_chain_breaks"],
            }
        }

    return read


def _races(told: Mapping[str, Any]) -> dict[str, Figures]:
    return {
        f"races to {what}": {
            "times": told[name]["n_races"],
            "offered": told[name]["n_requests"],
            "wrong": told[name]["n_wrong"],
        }
        for what, name in (("record", "written"), ("claim", "claimed"))
    }


def _tamper(told: Mapping[str, Any]) -> dict[str, Figures]:
    pace = told["pace"]
    return {
        "edits of the audit": {
            "offered": told["n_edits"],
            "missed": len(told["missed"]),
            "verified_per_second": pace["n_rows"] / pace["seconds"],
        }
    }


def _swaps(told: Mapping[str, Any]) -> dict[str, Figures]:
    return {
        "swaps under load": {
            "times": told["n_swaps"],
            "offered": told["n_requests"],
            "failed": told["n_failed"],
            "wrong": told["n_mixed"],
            "taken": told["n_bad_taken"],
            "p99_ratio": told["p99_ms"] / told["quiet_p99_ms"],
        }
    }


def _damage(told: Mapping[str, Any]) -> dict[str, Figures]:
    return {
        "damaged bundles": {
            "offered": told["n_offered"],
            "taken": len(told["loaded"]),
            "failed": told["n_dead"],
        }
    }


def _faults(told: Mapping[str, Any]) -> dict[str, Figures]:
    return {"made-up requests": {"offered": told["n_sent"], "failed": told["n_faults"]}}
