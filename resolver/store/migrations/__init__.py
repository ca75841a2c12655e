"""How an older database becomes one of today: one file a version, run forward only, by `resolver.store.migrate`."""
