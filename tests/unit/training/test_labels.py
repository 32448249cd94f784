from datetime import timedelta

import polars as pl

from features.records import DECISIONS, INSPECTIONS
from features.reference.tables import exam_methods
from tests.fakes import START
from training.labels import MOST_WEIGHT, final_findings, inspection_weights


def _inspection(inspection_id: str, outcome: str, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "inspection_id": inspection_id,
        "supersedes": None,
        "item_id": "V1",
        "method": "canine",
        "minutes": 2.0,
        "outcome": outcome,
        "n_firearms": int(outcome == "find"),
        "n_parts": 0,
        "n_rounds": 0,
        "found_at": START,
        "recorded_at": START + timedelta(hours=1),
        "agency": "CBP",
    }
    return fields | changes


def _inspections(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=INSPECTIONS.schema)


def _decisions(*rows: tuple[str, str | None, bool, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "decision_id": f"D{number}",
                "item_id": item_id,
                "shift_id": "S",
                "arm": arm,
                "decided_at": START,
                "policy_id": "p",
                "chosen": chosen,
                "reason": None,
                "propensity": propensity,
                "capacity_minutes": 60.0,
                "model_version": None,
            }
            for number, (item_id, arm, chosen, propensity) in enumerate(rows)
        ],
        schema=DECISIONS.schema,
    )


def test_a_correction_replaces_what_it_corrects() -> None:
    found = final_findings(
        _inspections(_inspection("A", "find"), _inspection("B", "clear", supersedes="A"))
    )
    assert found["find"].to_list() == [False]


def test_an_examination_that_was_not_completed_is_no_label() -> None:
    assert final_findings(_inspections(_inspection("A", "not_completed"))).is_empty()


def test_a_find_decides_among_several_examinations() -> None:
    found = final_findings(_inspections(_inspection("A", "clear"), _inspection("B", "find")))
    assert found.row(0, named=True)["find"]
    assert found.row(0, named=True)["n_firearms"] == 1


def test_a_label_weighs_the_inverse_of_its_propensity_up_to_a_bound() -> None:
    weights = inspection_weights(
        _decisions(("A", "risk", True, 0.25), ("B", "exploration", True, 1e-6))
    )
    assert dict(weights.select("item_id", "weight").iter_rows()) == {"A": 4.0, "B": MOST_WEIGHT}


def test_officers_picks_have_no_known_probability_and_weigh_nothing() -> None:
    assert inspection_weights(_decisions(("A", "officer", True, 1.0)))["weight"].to_list() == [0.0]


def test_items_that_were_not_chosen_get_no_weight() -> None:
    assert inspection_weights(_decisions(("A", None, False, 0.5))).is_empty()


def test_a_clear_says_as_much_as_its_exams_would_have_found() -> None:
    xray, hands = (exam_methods()[name].detection for name in ("nii_pov", "partial_search"))
    found = final_findings(
        _inspections(
            _inspection("A", "clear", method="nii_pov"),
            _inspection("B", "clear", method="partial_search"),
            _inspection("C", "not_completed", method="full_search"),
        )
    )
    assert found["detection"].to_list() == [1 - (1 - xray) * (1 - hands)]


def test_a_method_that_is_not_known_counts_as_the_best() -> None:
    found = final_findings(_inspections(_inspection("A", "clear", method="neutrons")))
    assert found["detection"].to_list() == [
        max(method.detection for method in exam_methods().values())
    ]


def test_what_was_drawn_at_random_is_marked() -> None:
    drawn = inspection_weights(
        _decisions(("A", "exploration", True, 0.1), ("B", "risk", True, 0.1))
    ).sort("item_id")
    assert drawn["explored"].to_list() == [True, False]
