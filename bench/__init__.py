"""Measurements. Each prints figures and ratios of one run; none of them gates anything."""
