"""The tie-out's engine: pure decisions about what both sides say. No input or output."""
