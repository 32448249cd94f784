from pathlib import Path

import polars as pl
import pytest

from features.errors import InvalidTable
from training.foreign.mapping import Writing
from training.foreign.table import read_table


def _file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    return path


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path) -> None:
    frame = read_table(_file(tmp_path, b"\xef\xbb\xbfid,x\n1, 2 \n"))
    assert frame.rows(named=True) == [{"id": "1", "x": "2"}]


def test_a_column_without_a_name_goes_by_its_place_and_blank_lines_are_no_rows(
    tmp_path: Path,
) -> None:
    frame = read_table(_file(tmp_path, b",id,x\n0,a,1\n\n1,b,\n\n"))
    assert frame.rows(named=True) == [
        {"column 1": "0", "id": "a", "x": "1"},
        {"column 1": "1", "id": "b", "x": ""},
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
def test_headers_and_cells_of_any_script_are_read_in_their_encoding(
    tmp_path: Path, encoding: str
) -> None:
    path = _file(tmp_path, "신고번호;세관\n가1;\u5e73\n".encode(encoding))
    frame = read_table(path, Writing(separator=";", encoding=encoding))
    assert frame.rows(named=True) == [{"신고번호": "가1", "세관": "\u5e73"}]


def test_a_file_in_another_encoding_says_which_line_and_what_to_set(tmp_path: Path) -> None:
    path = _file(tmp_path, b"id\n1\n" + "세관".encode("cp949"))
    with pytest.raises(InvalidTable, match="line 3 is not utf-8; name the encoding"):
        read_table(path)
    with pytest.raises(InvalidTable, match="'klingon' is not known"):
        read_table(path, Writing(encoding="klingon"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty: it has no header"),
        (b"id,x\n", "has no rows"),
        (b"id,x,id\n1,2,3\n", "column 3 'id' is there twice"),
        (b",column 1\n1,2\n", "column 2 'column 1' is there twice"),
        (b"id,x\n1,2\n3\n", "row 2 has 1 cells where the header has 2"),
        (b"id,x\n1,2\n3,4,5\n", "row 2 has 3 cells where the header has 2"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_place(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(InvalidTable, match=message):
        read_table(_file(tmp_path, data))


def test_parquet_is_read_as_the_text_that_a_csv_file_would_have(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {"i": [1, None], "f": [2.0, 2.5], "b": [True, False], "s": [" a ", None]}
    ).with_columns(d=pl.Series(["2021-01-02", "2021-01-03"]).str.to_date()).write_parquet(path)
    assert read_table(path).rows() == [
        ("1", "2", "true", "a", "2021-01-02"),
        ("", "2.5", "false", "", "2021-01-03"),
    ]


def test_parquet_of_other_types_is_text_as_well(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "code": pl.Series(["a", None], dtype=pl.Categorical),
            "price": pl.Series(["1.50", "2.00"]).cast(pl.Decimal(10, 2)),
            "wait": pl.Series([1_500, None]).cast(pl.Duration("ms")),
            "at": pl.Series([0, 1]).cast(pl.Datetime("us", "Asia/Seoul")),
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").rows() == [
        ("a", "1.50", "1.5", "1970-01-01 09:00:00"),
        ("", "2.00", "", "1970-01-01 09:00:00"),
    ]


def test_what_is_no_parquet_and_what_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"no parquet")
    with pytest.raises(InvalidTable, match="cannot be read as parquet"):
        read_table(tmp_path / "t.parquet")
    with pytest.raises(InvalidTable, match="cannot be read: No such file"):
        read_table(tmp_path / "absent.csv")
