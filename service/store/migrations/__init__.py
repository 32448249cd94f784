"""The migrations of the store, run by `service.store.schema`."""
