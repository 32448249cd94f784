from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.foreign import KOREAN, document, small_customs
from training.cli import app
from training.foreign.drafting import draft_mapping
from training.foreign.mapping import read_mapping
from training.foreign.windows import read_windows


@pytest.mark.parametrize("names", [{}, KOREAN], ids=["English", "Korean"])
def test_the_mapping_of_a_customs_table_is_drafted_whole(
    tmp_path: Path, names: dict[str, str]
) -> None:
    frame = small_customs(600)
    frame.rename(names).write_csv(tmp_path / "t.csv")
    out = tmp_path / "m.toml"
    done = CliRunner().invoke(app, ["map", str(tmp_path / "t.csv"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "18 columns in" in done.output
    drafted, meant = read_mapping(out), document(frame, names)
    assert drafted.columns == meant["columns"]
    assert drafted.table.model_dump(exclude={"value", "time_format"}) == {
        key: tuple(value) if key == "positive" else value
        for key, value in meant["table"].items()
        if key != "value"
    }


def test_without_a_place_the_draft_is_printed(tmp_path: Path) -> None:
    small_customs(300).write_csv(tmp_path / "t.csv")
    done = CliRunner().invoke(app, ["map", str(tmp_path / "t.csv")])
    assert done.output == draft_mapping(tmp_path / "t.csv").text


def test_how_a_file_is_written_is_drafted_with_it(tmp_path: Path) -> None:
    path, out = tmp_path / "t.csv", tmp_path / "m.toml"
    rows = "".join(f"{n};{n % 28 + 1:02d}/03/2021;1.2{n:02d},5;0{n};{n % 2}\n" for n in range(60))
    path.write_bytes(f"código;fecha;valor;partida;¿fraude?\n{rows}".encode("cp1252"))
    out.write_text(draft_mapping(path).text, encoding="utf-8")
    drafted = read_mapping(out)
    assert (drafted.csv.separator, drafted.csv.encoding) == (";", "cp1252")
    assert (drafted.csv.decimal, drafted.csv.thousands) == (",", ".")
    assert (drafted.table.time, drafted.table.time_format) == ("fecha", "%d/%m/%Y")
    assert drafted.columns == {"valor": "number", "partida": "code"}


def test_what_the_file_does_not_tell_is_left_to_a_person(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1, 1, 2, 3], "b": ["x", "x", "x", "x"]}).write_csv(tmp_path / "t.csv")
    text = draft_mapping(tmp_path / "t.csv").text
    for words in ("no column names each row once", "no column has two values", "test_table"):
        assert words in text


@pytest.mark.parametrize(
    ("values", "find"),
    [
        (("no", "yes"), "yes"),
        (("0.0", "1.0"), "1.0"),
        (("FALSE", "TRUE"), "TRUE"),
        (("정상", "적발"), "적발"),
        (("No", "Sí"), "Sí"),
        (("passed", "stopped"), "stopped"),
    ],
)
def test_the_find_is_what_says_so_and_else_the_rarer(
    tmp_path: Path, values: tuple[str, str], find: str
) -> None:
    # more finds than not where the values say which they are
    n_finds = 30 if find == "stopped" else 70
    labels = [values[1]] * n_finds + [values[0]] * (99 - n_finds) + [""]
    pl.DataFrame({"id": range(100), "outcome": labels}).write_csv(tmp_path / "t.csv")
    assert f'positive = ["{find}"]' in draft_mapping(tmp_path / "t.csv").text


@pytest.mark.parametrize(
    ("form", "named"),
    [("%Y/%m/%d", None), ("%d.%m.%Y", "%d.%m.%Y"), ("%m/%d/%Y", "%m/%d/%Y"), ("%d-%b-%y", None)],
)
def test_a_drafted_mapping_works_as_it_is_however_dates_are_written(
    tmp_path: Path, form: str, named: str | None
) -> None:
    frame = small_customs(600)
    written = frame.with_columns(
        pl.col("Date").str.to_date().dt.strftime(form),
        (pl.col("Date").str.to_date() + pl.duration(days=3)).dt.strftime(form).alias("Paid"),
        pl.lit(None, pl.String).alias("Nothing"),
    )
    written.write_csv(tmp_path / "t.csv")
    (tmp_path / "m.toml").write_text(draft_mapping(tmp_path / "t.csv").text)
    drafted = read_mapping(tmp_path / "m.toml")
    assert drafted.table.time_format == named
    assert (drafted.columns["Paid"], drafted.columns["Nothing"]) == ("time", "ignore")
    windows = read_windows(tmp_path / "t.csv", drafted, tmp_path / "m.toml")
    assert sum(map(len, vars(windows).values())) == 600


def test_days_of_a_spreadsheet_are_drafted_by_their_header(tmp_path: Path) -> None:
    days = pl.DataFrame({"id": range(90), "Date": range(44000, 44090), "y": [0, 0, 1] * 30})
    days.write_csv(tmp_path / "t.csv")
    assert 'time_format = "excel"' in draft_mapping(tmp_path / "t.csv").text


def test_a_file_of_two_bytes_a_character_is_drafted(tmp_path: Path) -> None:
    path, out = tmp_path / "t.csv", tmp_path / "m.toml"
    path.write_bytes(small_customs(300).rename(KOREAN).write_csv().encode("utf-16"))
    out.write_text(draft_mapping(path).text)
    assert read_mapping(out).csv.encoding == "utf-16"
