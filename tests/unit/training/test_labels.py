from features.reference.tables import exam_methods
from tests.examined import decisions, inspection, inspections
from training.labels import MOST_WEIGHT, final_findings, inspection_weights


def test_a_correction_replaces_what_it_corrects() -> None:
    found = final_findings(
        inspections(inspection("A", "find"), inspection("B", "clear", supersedes="A"))
    )
    assert found["find"].to_list() == [False]


def test_an_examination_that_was_not_completed_is_no_label() -> None:
    assert final_findings(inspections(inspection("A", "not_completed"))).is_empty()


def test_a_find_decides_among_several_examinations() -> None:
    found = final_findings(inspections(inspection("A", "clear"), inspection("B", "find")))
    assert found.row(0, named=True)["find"]
    assert found.row(0, named=True)["n_firearms"] == 1


def test_a_label_weighs_the_inverse_of_its_propensity_up_to_a_bound() -> None:
    weights = inspection_weights(
        decisions(("A", "risk", True, 0.25), ("B", "exploration", True, 1e-6))
    )
    assert dict(weights.select("item_id", "weight").iter_rows()) == {"A": 4.0, "B": MOST_WEIGHT}


def test_officers_picks_have_no_known_probability_and_weigh_nothing() -> None:
    assert inspection_weights(decisions(("A", "officer", True, 1.0)))["weight"].to_list() == [0.0]


def test_items_that_were_not_chosen_get_no_weight() -> None:
    assert inspection_weights(decisions(("A", None, False, 0.5))).is_empty()


def test_a_clear_says_as_much_as_its_exams_would_have_found() -> None:
    xray, hands = (exam_methods()[name].detection for name in ("nii_pov", "partial_search"))
    found = final_findings(
        inspections(
            inspection("A", "clear", method="nii_pov"),
            inspection("B", "clear", method="partial_search"),
            inspection("C", "not_completed", method="full_search"),
        )
    )
    assert found["detection"].to_list() == [1 - (1 - xray) * (1 - hands)]


def test_a_method_that_is_not_known_counts_as_the_best() -> None:
    found = final_findings(inspections(inspection("A", "clear", method="neutrons")))
    assert found["detection"].to_list() == [
        max(method.detection for method in exam_methods().values())
    ]


def test_what_was_drawn_at_random_is_marked() -> None:
    drawn = inspection_weights(
        decisions(("A", "exploration", True, 0.1), ("B", "risk", True, 0.1))
    ).sort("item_id")
    assert drawn["explored"].to_list() == [True, False]
