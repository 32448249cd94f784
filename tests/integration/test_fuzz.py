"""A small version of `python -m tests.fuzz`, and proof that it finds what is out of line."""

from tests.fuzz import fuzz, report
from tests.serving import MakeDesk


def test_no_made_up_request_gets_a_reply_out_of_line(make_desk: MakeDesk) -> None:
    told: list[int] = []
    tally = fuzz(make_desk(caller_rate=100_000, feed_rate=100_000), 250, 1, told.append)
    assert tally.faults.total() == 0, report(tally)
    assert tally.n_sent == tally.came.total() == told[-1] >= 250
    assert {200, 401, 403, 404, 422} - set(tally.came) == {401}


def test_a_reply_that_the_document_does_not_describe_is_a_fault(make_desk: MakeDesk) -> None:
    desk = make_desk(caller_rate=100_000, feed_rate=100_000)
    document = desk.app.openapi()
    del document["paths"]["/v1/items/{item_id}"]["get"]["responses"]["403"]
    tally = fuzz(desk, 150, 1)
    assert tally.faults
    assert all(fault.startswith("GET /v1/items/{item_id} as ") for fault in tally.faults)
    assert report(tally).endswith(f"{tally.faults.total()} faults")
