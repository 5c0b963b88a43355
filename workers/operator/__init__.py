"""The door for people and their tools: what is held, what became of a document, what to do."""
