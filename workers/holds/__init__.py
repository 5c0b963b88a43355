"""The exceptions desk of the command line: it speaks to the operator interface as a person."""
