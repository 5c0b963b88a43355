"""`tieout prove`: never twice and never lost, tried again and again on embedded systems."""
