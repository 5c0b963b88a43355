"""The door through which the sources tell us that something changed."""
