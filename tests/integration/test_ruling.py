"""What servers do when the rulebook cannot be read, whole or in part."""

from contextlib import _GeneratorContextManager

import pytest
from sqlalchemy import Connection, update

from features.errors import WeirError
from service.ruling import RuleKeeper
from service.store.engine import Store
from service.store.rule_tables import RULES
from service.store.rules import StoredRule, add_rule, last_move, mark_released
from tests.serving import NOON, SetClock


def put_in_force(store: Store, rule_id: str, predicate: str = "occupants > 1") -> None:
    rule = StoredRule(rule_id, 1, "a", "CBP", "told", "raise", None, "TRUE", None, NOON)
    with store.write() as connection:
        add_rule(connection, rule)
        mark_released(connection, rule, "b", NOON)
        connection.execute(
            update(RULES).where(RULES.c.rule_id == rule_id).values(predicate=predicate)
        )


def test_a_rule_that_cannot_be_read_any_more_is_left_out_and_logged(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    put_in_force(store, "old", "dropped_feature > 1")
    put_in_force(store, "good")
    keeper = RuleKeeper(store, SetClock())
    keeper.refresh()
    assert keeper.book.n_rules == 1
    assert "rule_not_loaded" in capsys.readouterr().out


def test_the_book_is_read_again_only_when_it_has_moved(store: Store) -> None:
    keeper = RuleKeeper(store, SetClock())
    keeper.refresh()
    first = keeper.book
    keeper.refresh()
    assert keeper.book is first
    put_in_force(store, "new")
    keeper.refresh()
    assert keeper.book.n_rules == 1
    with store.read() as connection:
        assert last_move(connection) == 1


class _Gone(Store):
    """A store that cannot be reached for the moment."""

    gone = False

    def read(self) -> _GeneratorContextManager[Connection]:
        if self.gone:
            raise WeirError("not now")
        return super().read()


def test_the_last_book_stays_in_force_while_the_store_is_away(store: Store, store_url: str) -> None:
    put_in_force(store, "good")
    away = _Gone(store_url)
    keeper = RuleKeeper(away, SetClock())
    keeper.refresh()
    away.gone = True
    keeper.refresh()
    assert keeper.book.n_rules == 1
    away.close()
