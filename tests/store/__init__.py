"""The store, on every database engine that this machine has."""
