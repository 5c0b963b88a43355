"""The tie-out for people: what was found, as a table, a file, a page; and who signed it."""
