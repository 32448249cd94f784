"""Do the product's intervals contain the hidden truth? `-s` prints the counts."""
# ruff: noqa: T201 - the counts are what this is run for

from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from models.estimates.figures import figures
from models.estimates.honesty import Honesty, Trial, honesty
from models.estimates.intervals import Interval, total_interval
from models.estimates.logged import read_logged
from models.estimates.totals import hajek_interval, hajek_total, weigh
from tests.borders import PORTS, Port, run_shift

N_SHIFTS = 200


class _Judged(NamedTuple):
    stated: Trial
    two_sided: Trial
    carried: Trial
    captured: Trial | None
    helped: Trial
    error: float
    naive_error: float
    width: float
    plain_width: float
    n_finds: int


def judge(port: Port, seed: int) -> _Judged:
    shift = run_shift(port, seed)
    told = read_logged(shift.items, shift.decisions, shift.inspections, shift.scores)
    n_finding = sum(shift.would_find[item] for item in told.item_id.tolist())
    n_illicit = sum(shift.illicit[item] for item in told.item_id.tolist())
    sample, n = weigh(told), len(told)
    said, carried = figures(told), figures(told, "carried")
    capture = said.capture_share
    caught = int((told.found & told.by_policy).sum())
    ends = hajek_interval(sample)
    return _Judged(
        stated=Trial(port.code, _ends(said.prevalence.low, said.prevalence.high), n_finding / n),
        two_sided=Trial(port.code, ends, n_finding),
        carried=Trial(
            port.code, _ends(carried.prevalence.low, carried.prevalence.high), n_illicit / n
        ),
        captured=Trial(port.code, _ends(capture.low, capture.high), caught / n_finding)
        if n_finding
        else None,
        helped=Trial(
            port.code,
            _ends(said.prevalence_doubly_robust.low, said.prevalence_doubly_robust.high),
            n_finding / n,
        ),
        error=hajek_total(sample) / n - n_finding / n,
        naive_error=told.found.sum() / max(1, told.examined.sum()) - n_finding / n,
        width=(ends.high - ends.low) / n,
        plain_width=said.plain_sample_width,
        n_finds=sample.n_finds,
    )


def _ends(low: float | None, high: float | None) -> Interval:
    return Interval(0.0 if low is None else low, np.inf if high is None else high)


def _together(seed: int) -> Trial:
    shifts = [run_shift(port, seed) for port in PORTS]
    tables = [
        pl.concat([getattr(shift, name) for shift in shifts])
        for name in ("items", "decisions", "inspections")
    ]
    truth = sum(sum(shift.would_find.values()) for shift in shifts)
    return Trial("all", hajek_interval(weigh(read_logged(*tables))), truth)


def _tell(name: str, told: Honesty) -> None:
    print(f"{name}: {told.pooled.n_covered} of {told.pooled.n} = {told.pooled.share:.4f}")
    for port, each in told.ports.items():
        missed = f"{each.n_too_low} too low, {each.n_too_high} too high"
        print(f"  {port}: {each.n_covered} of {each.n}, {missed}, p {told.p_values[port]:.3f}")


@pytest.mark.slow
def test_intervals_cover_the_hidden_truth_over_200_shifts_at_every_port() -> None:
    judged = {port.code: [judge(port, seed) for seed in range(N_SHIFTS)] for port in PORTS}
    every = [each for trials in judged.values() for each in trials]
    kinds = {
        "prevalence as stated": [each.stated for each in every],
        "total, two-sided always": [each.two_sided for each in every],
        "prevalence carried": [each.carried for each in every],
        "capture share": [each.captured for each in every if each.captured is not None],
        "doubly robust": [each.helped for each in every],
    }
    kinds["all ports together"] = [_together(seed) for seed in range(N_SHIFTS)]
    counted = {name: honesty(trials) for name, trials in kinds.items()}
    for name, told in counted.items():
        _tell(name, told)
    for port, trials in judged.items():
        finds = np.mean([each.n_finds for each in trials])
        width, plain = (np.mean([each[at] for each in trials]) for at in (7, 8))
        print(f"{port}: {finds:.2f} finds by chance, width {width:.4f}, plain {plain:.4f}")
    errors, naive = (np.array([each[at] for each in every]) for at in (5, 6))
    print(f"root mean square error {(errors**2).mean() ** 0.5:.4f}")
    print(f"naive {(naive**2).mean() ** 0.5:.4f}, bias {naive.mean():.4f} to {errors.mean():.5f}")
    for name in kinds.keys() - {"doubly robust"}:
        assert counted[name].pooled.share >= 0.93, name
        assert counted[name].dishonest_ports() == [], name
    assert abs(errors.mean()) < 3 * errors.std() / len(errors) ** 0.5
    assert (errors**2).mean() < (naive**2).mean() / 2


@pytest.mark.slow
@pytest.mark.parametrize("expected", [0.0, 0.5, 2.0, 10.0])
@pytest.mark.parametrize("spread", [0.0, 1.0, 2.5])
def test_intervals_hold_with_extreme_weights_and_hardly_any_find(
    expected: float, spread: float
) -> None:
    rng = np.random.default_rng(11)
    propensity = np.minimum(0.9, 0.02 * np.exp(rng.normal(0, spread, 3000)))
    prevalence = expected / propensity.sum()
    trials = []
    for _ in range(1000):
        carries, drawn = rng.random(3000) < prevalence, rng.random(3000) < propensity
        weight = 1 / propensity[carries & drawn]
        ends = total_interval(weight, float((1 / propensity[drawn]).max()))
        trials.append(Trial("2304", ends, float(carries.sum())))
    told = honesty(trials)
    print(expected, spread, told.pooled)
    assert told.dishonest_ports() == []


def test_a_few_shifts_of_two_ports_are_covered_and_beat_the_naive_figure() -> None:
    judged = [judge(port, seed) for port in (PORTS[1], PORTS[7]) for seed in range(15)]
    told = honesty([each.two_sided for each in judged])
    assert told.pooled.n_covered >= 26
    assert told.dishonest_ports() == []
    errors, naive = (np.array([each[at] for each in judged]) for at in (5, 6))
    assert (errors**2).mean() < (naive**2).mean()
