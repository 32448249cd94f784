"""Opening the store that the settings name: all that most commands need of a service."""

from service.settings import Settings
from service.store.engine import Store
from service.store.schema import is_fresh, require_newest, upgrade


def open_store(settings: Settings) -> tuple[Store, bool]:
    """Open the store, make its tables if it has none at all, and refuse an outdated one.

    Parameters
    ----------
    settings : Settings
        Where it is.

    Returns
    -------
    tuple of Store and bool
        The store, and whether its tables were made just now.

    Raises
    ------
    StoreOutdated
        If its schema is another one than this version of Weir works on.
    StoreUnavailable
        If it cannot be reached.
    """
    store = Store(settings.url)
    fresh = is_fresh(store)
    if fresh:
        upgrade(store)
    require_newest(store)
    return store, fresh
