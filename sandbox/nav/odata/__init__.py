"""OData V4 over the published pages."""
