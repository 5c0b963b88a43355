"""`tieout account`: every document that was received is accounted for, or it is named."""
