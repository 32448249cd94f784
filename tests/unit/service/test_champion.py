from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select

from models.bundle import verify_bundle
from models.errors import BundleRefused, KeyRefused, UnknownBundle
from models.registry import SHIPPED, install_verified, list_bundles
from models.signing import PROMOTER, load_or_create_key, trusted_keys, trusted_promoters
from service.champion import Champion, load_champion, require_deployable
from service.promoting import promote_bundle, roll_back_bundle
from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS
from service.store.champions import champion as pointer
from service.store.champions import promote
from service.store.engine import Store
from service.store.schema import upgrade
from tests.bundles import shipped_but
from tests.serving import NOON, OTHER_VERSION, VERSION, Shelf, manifest_of, plain_model


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'weir.sqlite'}")
    upgrade(store)
    yield store
    store.close()


def _targets(figure: str, **bound: float) -> dict[str, Any]:
    figures = {figure: {"at_least": None, "at_most": None} | bound}
    return {"sha256": "0" * 64, "stored_at": "2025-01-01T00:00:00Z", "figures": figures}


def _promote(store: Store, version: str) -> None:
    with store.write() as connection:
        promote(connection, version, NOON)


def test_before_it_has_looked_nothing_answers_but_the_rules(store: Store) -> None:
    champion = Champion(store, Shelf())
    assert champion.model is None
    assert champion.degraded


def test_it_loads_what_the_pointer_names_and_only_once(store: Store) -> None:
    shelf = Shelf(plain_model(), shipped=plain_model(OTHER_VERSION))
    champion = Champion(store, shelf)
    champion.refresh()
    champion.refresh()
    assert shelf.asked == [None]
    _promote(store, VERSION)
    champion.refresh()
    champion.refresh()
    assert shelf.asked == [None, VERSION]
    assert champion.model is not None
    assert champion.model.version == VERSION
    assert not champion.degraded


def test_a_refused_bundle_is_left_alone_for_a_while_and_then_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    champion = Champion(store, shelf)
    champion.refresh()
    champion.refresh()
    assert shelf.asked == [None]
    monkeypatch.setattr("service.champion.RETRY_SECONDS", -1.0)
    champion.refresh()
    assert shelf.asked == [None, None]


def test_a_store_that_cannot_be_read_leaves_the_model_in_use(store: Store, tmp_path: Path) -> None:
    champion = Champion(store, Shelf(shipped=plain_model()))
    champion.refresh()
    store.close()
    (tmp_path / "weir.sqlite").write_bytes(b"no store" * 1_000)
    champion.refresh()
    assert champion.model is not None
    assert champion.degraded


def test_a_watching_champion_follows_the_pointer(store: Store) -> None:
    champion = Champion(store, Shelf(plain_model(), shipped=plain_model(OTHER_VERSION)))
    champion.refresh()
    champion.watch(0.01)
    _promote(store, VERSION)
    for _ in range(500):
        if champion.model is not None and champion.model.version == VERSION:
            break
        sleep(0.01)
    champion.close()
    assert champion.model is not None
    assert champion.model.version == VERSION


def test_a_bundle_for_other_features_is_refused() -> None:
    with pytest.raises(BundleRefused, match="another catalogue"):
        require_deployable(manifest_of(catalogue_hash="0" * 64))


def test_a_bundle_that_read_the_truth_is_refused() -> None:
    with pytest.raises(BundleRefused, match="ceiling"):
        require_deployable(manifest_of(labels="all"))


def test_the_shipped_bundle_is_deployed_and_not_installed_twice(
    store: Store, tmp_path: Path
) -> None:
    version = promote_bundle(store, tmp_path, SHIPPED, NOON)
    assert promote_bundle(store, tmp_path, SHIPPED, NOON) == version
    assert list_bundles(tmp_path) == [version]
    assert load_champion(tmp_path, version).version == version
    assert roll_back_bundle(store, tmp_path, NOON) == version
    assert roll_back_bundle(store, tmp_path, NOON) is None


def test_a_promotion_leaves_both_key_ids_in_the_audit(store: Store, tmp_path: Path) -> None:
    version = promote_bundle(store, tmp_path, SHIPPED, NOON)
    with store.read() as connection:
        acts = connection.execute(select(AUDIT.c.act, AUDIT.c.subject)).all()
        told = str(connection.execute(select(AUDIT_PAYLOADS)).all())
    assert acts == [("bundle.promoted", version)]
    (promoter,) = trusted_promoters(tmp_path).keys
    (fitter,) = trusted_keys().keys
    assert promoter in told
    assert fitter in told


def test_a_pointer_moved_without_a_promotion_is_not_followed(store: Store, tmp_path: Path) -> None:
    installed = verify_bundle(SHIPPED, trusted_keys())
    install_verified(installed, tmp_path)
    _promote(store, installed.manifest.version)
    champion = Champion(store, partial(load_champion, tmp_path))
    champion.refresh()
    assert champion.model is None
    with pytest.raises(BundleRefused, match="nobody has signed"):
        load_champion(tmp_path, installed.manifest.version)


def test_a_bundle_whose_signer_would_promote_it_is_not_installed(
    store: Store, tmp_path: Path
) -> None:
    shipped_but(tmp_path / "own", load_or_create_key(tmp_path, PROMOTER))
    (tmp_path / "keys" / "fitter.pub").write_bytes(
        (tmp_path / "keys" / "promoter.pub").read_bytes()
    )
    with pytest.raises(KeyRefused, match="who fits does not promote"):
        promote_bundle(store, tmp_path, tmp_path / "own", NOON)
    _nothing_happened(store, tmp_path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"labels": "all"}, "ceiling"),
        ({"catalogue_hash": "0" * 64}, "another catalogue"),
        ({"targets": None}, "no targets were stored"),
        ({"targets": _targets("auc", at_least=0.99)}, "not what is so"),
        ({"targets": _targets("brier", at_most=0.5)}, "does not say whether brier"),
    ],
)
def test_a_bundle_that_may_not_decide_is_not_promoted(
    store: Store, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    other = shipped_but(tmp_path / "other", load_or_create_key(tmp_path), **changes)
    with pytest.raises(BundleRefused, match=why):
        promote_bundle(store, tmp_path, other, NOON)
    _nothing_happened(store, tmp_path)


def _nothing_happened(store: Store, state: Path) -> None:
    assert list_bundles(state) == []
    assert not (state / "promotions").exists()
    with store.read() as connection:
        assert pointer(connection) is None
        assert connection.execute(select(AUDIT)).all() == []


def test_a_version_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownBundle):
        load_champion(tmp_path, VERSION)


def test_a_folder_that_is_no_bundle_is_not_promoted(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BundleRefused):
        promote_bundle(store, tmp_path, tmp_path, NOON)
    with store.read() as connection:
        assert pointer(connection) is None


def test_rolling_back_to_what_is_no_longer_installed_moves_nothing(
    store: Store, tmp_path: Path
) -> None:
    _promote(store, VERSION)
    _promote(store, OTHER_VERSION)
    with pytest.raises(UnknownBundle):
        roll_back_bundle(store, tmp_path, NOON)
    with store.read() as connection:
        assert pointer(connection) == OTHER_VERSION
