from typer.testing import CliRunner

from service.cli import app


def test_a_good_predicate_is_told_what_it_reads() -> None:
    result = CliRunner().invoke(
        app, ["rules", "check", "local_hour < 5 AND occupants = 1 AND any_line(value_usd > 1)"]
    )
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "feature  local_hour  (number)",
        "item     occupants  (number)",
        "line     value_usd  (number)",
        "a condition; columns that it reads: 3",
    ]


def test_a_bad_one_is_shown_the_place() -> None:
    result = CliRunner().invoke(app, ["rules", "check", "occupant = 1"])
    assert result.exit_code == 1
    told = result.output.splitlines()
    assert told[0].endswith("did you mean occupants?")
    assert told[1:] == ["occupant = 1", "^"]
