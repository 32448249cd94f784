"""Plots of figures: where rates and weeks stand."""

from typing import Any

from service.web.plots import LABELS_PX, PANEL_PX, SCALE_PX, plot_arms, plot_weeks


def _arm(n: int, value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    return {"n_inspections": n, "hit_rate": {"value": value, "low": low, "high": high}}


NONE = _arm(0, None, None, None)


def test_arms_share_one_scale_whose_end_is_the_highest_end() -> None:
    plot = plot_arms({"risk": _arm(9, 0.2, 0.1, 0.4), "rule": _arm(3, None, None, 0.8), "x": NONE})
    assert [row.label for row in plot.rows] == ["risk", "rule"]
    assert plot.most == 0.8
    assert plot.rows[0].high == LABELS_PX + SCALE_PX / 2
    assert (plot.rows[1].low, plot.rows[1].value) == (LABELS_PX, None)


def test_a_week_without_an_inspection_leaves_its_place_empty() -> None:
    weeks = [
        {"arms": {"risk": _arm(4, 0.25, 0.0, 0.5), "rule": NONE}},
        {"arms": {"risk": NONE, "rule": NONE}},
        {"arms": {"risk": _arm(4, 0.5, 0.25, 1.0), "rule": _arm(1, 0.0, 0.0, 0.9)}},
    ]
    risk, rule = plot_weeks(weeks)
    assert [each.x for each in risk.whiskers] == [
        round(LABELS_PX + SCALE_PX / 6, 1),
        round(LABELS_PX + SCALE_PX * 5 / 6, 1),
    ]
    assert [each.value for each in risk.whiskers] == [
        risk.top + PANEL_PX * 0.75,
        risk.top + PANEL_PX * 0.5,
    ]
    assert [each.x for each in rule.whiskers] == [risk.whiskers[1].x]
    assert rule.top > risk.top + PANEL_PX


def test_nothing_inspected_is_nothing_drawn() -> None:
    assert plot_weeks([{"arms": {"risk": NONE}}]) == []
    assert plot_arms({"risk": NONE}).rows == []
