"""The one database of our own: a row per document, postings, references, tokens, secrets."""
