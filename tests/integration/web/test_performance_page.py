"""The performance page: arms side by side, ports, burden."""

from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import visitor_of


def _examine(desk: Desk, n: int, outcome: dict[str, object]) -> None:
    desk.score(VEHICLE | {"item_id": f"V{n}", "plate": f"P{n}"})
    finding = {"item_id": f"V{n}", "method": "full_search", "minutes": 70} | outcome
    headers = desk.headers() | {"Idempotency-Key": f"finding-{n}"}
    assert desk.client.post("/v1/inspections", json=finding, headers=headers).status_code == 201


def test_what_officers_chose_stands_with_its_interval_and_its_burden(desk: Desk) -> None:
    _examine(desk, 1, {"outcome": "find", "n_firearms": 1})
    _examine(desk, 2, {"outcome": "clear"})
    desk.clock.forward(hours=2)
    page = visitor_of(desk, "supervisor").get("/performance?port=2304&from=&to=")
    assert page.status == 200
    assert "An officer 2 2 1 50.0 % (1.3 % to 98.7 %)" in page.text
    assert "2 items left" in page.text
    assert "Not enough" in page.text
    assert page.markup.count('class="whisker"') == 2
    assert "A rule 0 0 0 none inspected none inspected" in page.text
    assert "Laredo (2304)" in page.text
    assert "No shipper" in page.text


def test_a_period_without_anything_says_so(desk: Desk) -> None:
    page = visitor_of(desk, "evaluator").get("/performance?from=2026-01-01&to=2026-02-01")
    assert page.status == 200
    assert "Nothing left in this period." in page.text


def test_a_period_that_is_none_is_refused(desk: Desk) -> None:
    visitor = visitor_of(desk, "auditor")
    for period in ("from=2026-02-01&to=2026-01-01", "from=x", "port=9999"):
        assert visitor.get(f"/performance?{period}").status == 422, period


def test_weeks_begin_on_mondays_and_add_up(desk: Desk) -> None:
    _examine(desk, 1, {"outcome": "find", "n_firearms": 1})
    _examine(desk, 2, {"outcome": "clear"})
    desk.clock.forward(days=7)
    desk.score(VEHICLE | {"item_id": "V3", "plate": "P3", "presented_at": "2026-12-01T08:30:00Z"})
    desk.clock.forward(hours=2)
    page = visitor_of(desk, "supervisor").get("/performance?from=2026-11-18&to=2026-12-20")
    assert page.status == 200
    assert "2026-11-18 0 none none none none" in page.text
    assert "2026-11-23 2 none none none 1 of 2: 50.0 % (1.3 % to 98.7 %)" in page.text
    assert "2026-11-30 1 none none none none" in page.text
    assert "2026-12-07" not in page.text
    assert page.markup.count('class="whisker"') == 2
