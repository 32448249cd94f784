import json
import logging

import pytest
import structlog

from service.telemetry import Metrics, configure_logs


@pytest.fixture(autouse=True)
def _restored() -> None:
    structlog.reset_defaults()


def _fail() -> None:
    plate = "ABC1234"
    raise ValueError(f"{len(plate)} letters")


def test_a_log_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger().info("scored", n_items=3)
    structlog.get_logger().debug("not written")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["n_items"], line["level"]) == ("scored", 3, "info")


def test_other_libraries_log_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logging.getLogger("elsewhere").warning("take care")
    assert json.loads(capsys.readouterr().err)["event"] == "take care"


def test_a_traceback_in_the_log_holds_no_local_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("info")
    try:
        _fail()
    except ValueError as failed:
        structlog.get_logger().error("failed", exc_info=failed)
    line = capsys.readouterr().err
    assert "7 letters" in line
    assert "ABC1234" not in line


def test_each_server_counts_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.store_failures.inc()
    assert second.registry.get_sample_value("weir_store_failures_total") == 0.0
