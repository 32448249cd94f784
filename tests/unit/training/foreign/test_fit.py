import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from features.errors import WeirError
from models.bundle import MOST_BYTES, MOST_TABLE_BYTES, load_bundle, verify_bundle
from models.damage import reseal
from models.disk import read_folder
from models.errors import BundleRefused
from models.signing import load_or_create_key, trusted_keys
from service.champion import require_deployable
from tests.foreign import KOREAN, SPANISH, document, small_customs, write_toml
from tests.unit.training.foreign.conftest import Fitted
from training.cli import app
from training.foreign.bundling import read_encoder
from training.foreign.learning import table_of
from training.foreign.mapping import read_mapping
from training.foreign.rows import read_rows
from training.score import open_bundle

ALL = ("model.txt", "calibration.json", "manifest.json", "card.md", "evaluation.json")


def _score(
    fitted: Fitted, out: Path, table: Path | None = None, mapping: Path | None = None
) -> str:
    words = ["score", "--table", str(table or fitted.table)]
    words += ["--mapping", str(mapping or fitted.mapping)]
    words += ["--bundle", str(fitted.bundle), "--out", str(out)]
    runner = CliRunner(env={"WEIR_STATE_DIR": str(fitted.state)})
    return runner.invoke(app, words, catch_exceptions=False).output


def test_a_fit_prints_its_figures_beside_those_of_simpler_learners(fitted: Fitted) -> None:
    for words in ("average precision", "precision in the first 5 %", "expected calibration error"):
        assert words in fitted.said
    for learner in ("model", "codes", "logistic", "random", "model, unseen"):
        assert learner in fitted.said
    evaluation = json.loads((fitted.bundle / "evaluation.json").read_text())
    model = evaluation["test"]["model"]
    assert model["average_precision"] > 2 * evaluation["test"]["random"]["average_precision"]
    n_rows = [window["n_rows"] for window in evaluation["windows"].values()]
    assert sum(n_rows) == len(fitted.frame)
    assert f"{model['average_precision']:.4g}" in (fitted.bundle / "card.md").read_text()


def test_many_repeated_rows_are_told_with_a_warning(fitted: Fitted) -> None:
    share = json.loads((fitted.bundle / "evaluation.json").read_text())["repeated_share"]
    assert 0.2 < share < 0.6
    assert f"{share:.1%} of the test rows have codes seen together before" in fitted.said
    assert "warning: so many rows repeat" in fitted.said


def test_every_row_is_scored_in_its_order_with_or_without_its_label(
    fitted: Fitted, tmp_path: Path
) -> None:
    upside_down = fitted.frame.reverse().drop("Fraud")
    upside_down.write_csv(tmp_path / "t.csv")
    assert "2,000 scores in" in _score(fitted, tmp_path / "a.csv")
    _score(fitted, tmp_path / "b.parquet", tmp_path / "t.csv")
    forth, back = pl.read_csv(tmp_path / "a.csv"), pl.read_parquet(tmp_path / "b.parquet")
    assert forth.columns == back.columns == ["id", "risk"]
    assert back["id"].to_list() == upside_down["Declaration ID"].to_list()
    np.testing.assert_allclose(forth["risk"].to_numpy(), back["risk"].reverse().to_numpy())


def test_scores_do_not_depend_on_the_other_rows_of_the_table(
    fitted: Fitted, tmp_path: Path
) -> None:
    fitted.frame.tail(3).write_parquet(tmp_path / "few.parquet")
    _score(fitted, tmp_path / "few.csv", tmp_path / "few.parquet")
    _score(fitted, tmp_path / "all.csv")
    few, whole = pl.read_csv(tmp_path / "few.csv"), pl.read_csv(tmp_path / "all.csv")
    assert few.equals(whole.tail(3))


def test_a_code_that_was_never_seen_has_a_risk(fitted: Fitted, tmp_path: Path) -> None:
    strange = fitted.frame.tail(1).with_columns(pl.lit("nobody").alias("Importer"))
    strange.write_csv(tmp_path / "t.csv")
    _score(fitted, tmp_path / "s.csv", tmp_path / "t.csv")
    assert 0 < pl.read_csv(tmp_path / "s.csv")["risk"][0] < 1


def test_a_server_refuses_a_bundle_of_a_table_and_so_does_scoring_of_items(fitted: Fitted) -> None:
    trusted = trusted_keys(fitted.state)
    manifest = verify_bundle(fitted.bundle, trusted).manifest
    assert manifest.subject == "table"
    with pytest.raises(BundleRefused, match="a table that no server has"):
        require_deployable(manifest)
    with pytest.raises(BundleRefused, match="weir-train score --table"):
        open_bundle(fitted.bundle, trusted)


def test_a_bundle_spells_out_no_code_of_the_table(fitted: Fitted) -> None:
    importer = fitted.frame["Importer"][0].encode()
    assert importer in fitted.table.read_bytes()
    for path in fitted.bundle.iterdir():
        assert importer not in path.read_bytes()
    vocabulary = pl.read_parquet(fitted.bundle / "vocabulary.parquet")
    assert vocabulary.schema == {"view": pl.Int16, "digest": pl.UInt64}


@pytest.mark.parametrize("name", ["known.parquet", "vocabulary.parquet"])
def test_the_files_that_encode_are_sealed_as_the_others_are(
    fitted: Fitted, tmp_path: Path, name: str
) -> None:
    folder = shutil.copytree(fitted.bundle, tmp_path / "copy")
    trusted = trusted_keys(fitted.state)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BundleRefused, match=f"{name}: size or sha256"):
        verify_bundle(folder, trusted)
    (folder / name).unlink()
    with pytest.raises(BundleRefused, match=f"{name}: it is missing from the bundle"):
        verify_bundle(folder, trusted)


def test_the_loaded_bundle_makes_the_features_that_were_fitted(fitted: Fitted) -> None:
    verified = verify_bundle(fitted.bundle, trusted_keys(fitted.state))
    encoder, vocabulary, mapping = read_encoder(verified)
    assert mapping == read_mapping(fitted.mapping)
    rows = read_rows(fitted.table, mapping, labelled=False).take(np.arange(50))
    X = encoder.later(table_of(rows, encoder.plan, vocabulary))
    assert X.shape == (50, len(verified.manifest.feature_names))
    assert load_bundle(verified).risk(X).min() > 0


def test_known_rows_that_are_no_table_are_refused_though_signed(
    fitted: Fitted, tmp_path: Path
) -> None:
    folder = shutil.copytree(fitted.bundle, tmp_path / "copy")
    contents = read_folder(folder, MOST_BYTES, MOST_TABLE_BYTES)
    contents |= {"known.parquet": b"no parquet"}
    for name, data in reseal(contents, load_or_create_key(fitted.state), new_version=True).items():
        (folder / name).write_bytes(data)
    with pytest.raises(BundleRefused, match=r"known\.parquet: it cannot be read as an encoding"):
        read_encoder(verify_bundle(folder, trusted_keys(fitted.state)))


def test_headers_in_any_script_give_the_same_risks(fitted: Fitted, tmp_path: Path) -> None:
    names = KOREAN | dict(list(SPANISH.items())[::2])
    renamed = fitted.frame.rename(names)
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + renamed.write_csv().encode())
    mapping = write_toml(tmp_path / "m.toml", document(fitted.frame, names))
    runner = CliRunner(env={"WEIR_STATE_DIR": str(tmp_path / "state")})
    where = ["--table", str(tmp_path / "t.csv"), "--mapping", str(mapping)]
    words = ["fit", *where, "--out", str(tmp_path / "b")]
    assert runner.invoke(app, words, catch_exceptions=False).exit_code == 0
    words = ["score", *where, "--bundle", str(tmp_path / "b"), "--out", str(tmp_path / "s.csv")]
    assert runner.invoke(app, words, catch_exceptions=False).exit_code == 0
    _score(fitted, tmp_path / "plain.csv")
    risks = [pl.read_csv(tmp_path / name)["risk"].to_numpy() for name in ("s.csv", "plain.csv")]
    np.testing.assert_allclose(risks[0], risks[1])


def test_rows_without_times_fit_where_the_test_is_a_file_of_its_own(tmp_path: Path) -> None:
    frame = small_customs(1_500).drop("Date")
    frame.head(1_200).write_parquet(tmp_path / "t.parquet")
    frame.tail(300).write_csv(tmp_path / "later.csv")
    content = document(frame) | {"split": {"test_table": "later.csv"}}
    del content["table"]["time"]
    content["columns"] = {"Office": "code"} | content["columns"]
    mapping = write_toml(tmp_path / "m.toml", content)
    runner = CliRunner(env={"WEIR_STATE_DIR": str(tmp_path / "state")})
    words = ["fit", "--table", str(tmp_path / "t.parquet"), "--mapping", str(mapping)]
    done = runner.invoke(app, [*words, "--out", str(tmp_path / "b")], catch_exceptions=False)
    assert done.exit_code == 0
    windows = json.loads((tmp_path / "b" / "evaluation.json").read_text())["windows"]
    assert {name: window["n_rows"] for name, window in windows.items()} == {
        "fit": 1_020,
        "calibrate": 180,
        "test": 300,
    }


def test_a_mapping_that_is_not_the_one_of_the_fit_is_refused(
    fitted: Fitted, tmp_path: Path
) -> None:
    content = document(fitted.frame)
    content["columns"]["Importer"] = "ignore"
    other = write_toml(tmp_path / "m.toml", content)
    with pytest.raises(WeirError, match="fitted with column 'Importer' as code"):
        _score(fitted, tmp_path / "s.csv", mapping=other)
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "d", "--table", "t.csv", "--mapping", "m.toml"], "give either --data"),
        ([], "give either --data"),
        (["--table", "t.csv"], "go together"),
        (["--data", "d", "--mapping", "m.toml"], "go together"),
        (["--table", "t.csv", "--mapping", "m.toml", "--until", "2021-01-01"], "--until cannot"),
    ],
)
def test_options_that_do_not_say_one_thing_to_read_are_refused(
    words: list[str], message: str, tmp_path: Path
) -> None:
    runner = CliRunner(env={"COLUMNS": "200", "WEIR_STATE_DIR": str(tmp_path / "state")})
    done = runner.invoke(app, ["fit", "--out", str(tmp_path / "b"), *words])
    assert done.exit_code == 2
    assert message in done.output
