from dataclasses import replace

import numpy as np
import pytest

from tests.foreign import mapping, small_customs
from training.foreign.encoder import Encoder
from training.foreign.learning import table_of
from training.foreign.plan import Known, Plan, blocks
from training.foreign.rows import Rows, read_rows
from training.foreign.views import learn_vocabulary, views_of


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    path = tmp_path_factory.mktemp("encoder") / "t.csv"
    frame = small_customs(600)
    frame.write_csv(path)
    return read_rows(path, mapping(frame), labelled=True)


def _encoder(rows: Rows, **changes: object) -> Encoder:
    views = views_of(rows)
    vocabulary = learn_vocabulary(views, rows, b"salt")
    plan = Plan(
        views=views,
        columns=tuple(rows.numbers),
        keys=((0, 7), (6, 7, 10)),
        norm_views=(7,),
        nearest_views=(0, 6, 7, 10),
        nearest_worth=(1.0, 1.0, 1.0, 1.0),
    ).model_copy(update=changes)
    known = Known(table_of(rows, plan, vocabulary), rows.y, blocks(len(rows), plan, 1))
    return Encoder(plan, known)


@pytest.mark.parametrize("scheme", ["others", "earlier"])
def test_a_known_row_does_not_see_its_own_label(rows: Rows, scheme: str) -> None:
    encoder = _encoder(rows, scheme=scheme)
    before = encoder.own()
    own = encoder.known.block == encoder.known.block[17]
    # the share of finds stays, or every smoothed risk would move with it
    flipped = encoder.known.y.copy()
    flipped[own] = np.roll(flipped[own], 1)
    after = Encoder(encoder.plan, replace(encoder.known, y=flipped)).own()
    np.testing.assert_array_equal(before[own], after[own])
    assert not np.array_equal(before, after)


def test_a_row_sees_nothing_of_later_blocks_where_only_earlier_ones_may_be_seen(
    rows: Rows,
) -> None:
    encoder = _encoder(rows, scheme="earlier")
    early, late = encoder.known.block < 5, encoder.known.block >= 5
    changed = encoder.known.y.copy()
    changed[late] = np.roll(changed[late], 1)
    after = Encoder(encoder.plan, replace(encoder.known, y=changed)).own()
    risks = [n for n, name in enumerate(encoder.names()) if name.startswith(("risk_", "nearest_"))]
    np.testing.assert_array_equal(encoder.own()[early][:, risks], after[early][:, risks])


def test_what_became_of_the_latest_rows_is_told_of_keys_that_foretell(rows: Rows) -> None:
    encoder = _encoder(rows, latest=True)
    names = [name for name in encoder.names() if name.startswith("last_3_")]
    assert names == ["last_3_7", "last_3_0_7", "last_3_6_7_10"]
    place = encoder.names().index("last_3_7")
    known = encoder.known
    own, later = encoder.own()[:, place], encoder.later(known.table)[:, place]
    same = np.flatnonzero(known.table.codes[7][:-1] == known.table.codes[7][-1])[-3:]
    assert own[-1] == pytest.approx(known.y[same].mean())
    assert later[-1] == pytest.approx(np.append(known.y[same[-2:]], known.y[-1]).mean())


def test_every_column_has_a_name_of_its_own(rows: Rows) -> None:
    bare = {"keys": (), "risks": False, "norm_views": (), "nearest_views": ()}
    for changes in ({}, {"latest": True}, bare):
        encoder = _encoder(rows, **changes)
        names = encoder.names()
        assert encoder.own().shape == (600, len(names))
        assert len(set(names)) == len(names)


def test_a_price_is_held_against_the_norm_of_its_goods(rows: Rows) -> None:
    encoder = _encoder(rows)
    norms = [n for n, name in enumerate(encoder.names()) if name.startswith("norm_")]
    X = encoder.own()[:, norms]
    assert abs(float(np.nanmean(X))) < 0.2
    assert float(np.nanstd(X[:, -1])) > 0


def test_codes_are_places_in_order_of_the_text_and_unknown_ones_come_last(rows: Rows) -> None:
    views = views_of(rows)
    vocabulary = learn_vocabulary(views[:1], rows, b"salt")
    levels = sorted(set(rows.text["Office"]))
    codes = vocabulary.codes(views[:1], rows)[0]
    assert [levels[code] for code in codes] == rows.text["Office"].to_list()
    strange = rows.take(np.array([0]))
    strange.text["Office"] = strange.text["Office"].str.replace(".*", "elsewhere")
    assert vocabulary.codes(views[:1], strange)[0].tolist() == [len(levels)]


def test_long_numbers_are_codes_by_their_first_digits_and_numbers_by_their_bins(
    rows: Rows,
) -> None:
    ways = {(view.column, view.how, view.size) for view in views_of(rows)}
    assert {("HS10", "prefix", 4), ("HS10", "prefix", 6)} <= ways
    assert ("Item Price", "bin", 0) in ways
    assert ("Tax Rate", "value", 0) in ways
    assert ("Importer", "prefix", 4) not in ways
