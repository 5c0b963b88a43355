"""Dynamics AX 2012 through its document services (Application Integration Framework)."""
