import numpy as np
from hypothesis import given, settings

from features.declared_duty import exemption_misused, is_filed, n_unfiled_lines
from features.declared_value import key_totals
from features.encoding import encode_items
from features.filing import filing_keys, filing_required, totals
from features.filing import is_filed as law_is_filed
from features.filing_claims import exemption_breach
from features.items import Shipment
from tests.declarations import line_of, shipment_of, vehicle_of
from tests.sundry import sundry_shipments


def unfiled_lines(item: Shipment) -> int:
    sums = totals([item])
    claim = None if exemption_breach(item) else item.filing.exemption
    duties = [
        filing_required(
            line,
            total_cents=sums[key],
            mode=item.mode,
            content=item.content,
            destination=item.destination,
        )
        for line, key in zip(item.lines, filing_keys(item), strict=True)
    ]
    if law_is_filed(item):
        return 0
    return sum(duty.required and claim not in duty.lifted_by for duty in duties)


@given(sundry_shipments())
@settings(max_examples=200, deadline=None)
def test_the_law_over_arrays_is_the_law(item: Shipment) -> None:
    encoded = encode_items([item])
    assert n_unfiled_lines(encoded).tolist() == [unfiled_lines(item)]
    assert exemption_misused(encoded).tolist() == [exemption_breach(item) is not None]
    assert is_filed(encoded).tolist() == [law_is_filed(item)]


@given(sundry_shipments())
@settings(max_examples=200, deadline=None)
def test_sums_are_those_of_the_filing_key(item: Shipment) -> None:
    owner, cents, key = encode_items([item]).shared(key_totals)
    assert sorted(cents.tolist()) == sorted(totals([item]).values())
    assert owner.tolist() == [0] * len(cents)
    by_line = [totals([item])[key] for key in filing_keys(item)]
    assert cents[key].tolist() == by_line


def test_an_unfiled_firearm_is_a_line_and_an_unfiled_television_is_not() -> None:
    lines = [line_of(schedule_b="9302"), line_of()]
    assert n_unfiled_lines(encode_items([shipment_of(*lines)])).tolist() == [1]


def test_a_vehicle_breaks_no_rule_of_filing() -> None:
    encoded = encode_items([vehicle_of()])
    assert np.isnan(n_unfiled_lines(encoded)).all()
    assert np.isnan(exemption_misused(encoded)).all()


def test_an_exemption_for_canada_does_not_reach_jamaica() -> None:
    items = [shipment_of(filing={"exemption": "30.36"}, destination=to) for to in ("CA", "JM")]
    assert exemption_misused(encode_items(list(items))).tolist() == [0, 1]
