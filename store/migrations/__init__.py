"""Every change of the schema, as alembic revisions. Nothing else makes or alters tables."""
