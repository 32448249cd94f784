from pathlib import Path

from tests.foreign import KOREAN, document, small_customs
from training.foreign.mapping import Mapping, mapping_text, read_mapping


def test_a_mapping_that_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    content = document(small_customs(100), KOREAN | {"Office": 'the "main" \\\\ office'})
    content["csv"] = {"separator": ";", "decimal": ","}
    mapping = Mapping.model_validate(content)
    (tmp_path / "m.toml").write_text(mapping_text(mapping), encoding="utf-8")
    assert read_mapping(tmp_path / "m.toml") == mapping


def test_dates_and_positive_labels_need_no_quotes(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[table]\nid = "i"\ntime = "t"\nlabel = "l"\npositive = [1, true]\n'
        '[columns]\nx = "number"\n'
        "[split]\nfit_until = 2021-01-01\ntest_from = 2021-02-01T00:00:00Z\n"
    )
    mapping = read_mapping(tmp_path / "m.toml")
    assert mapping.table.positive == ("1", "true")
    assert mapping.split.fit_until is not None
    assert mapping.split.fit_until.isoformat() == "2021-01-01T00:00:00+00:00"


def test_what_has_a_part_of_its_own_is_not_learned_from() -> None:
    content = document(small_customs(100))
    content["columns"] |= {"Declaration ID": "code", "Date": "time", "Office": "ignore"}
    learned = Mapping.model_validate(content).learned
    assert not {"Declaration ID", "Date", "Fraud", "Office"} & set(learned)
    assert "Item Price" in learned
