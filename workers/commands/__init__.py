"""One module per command of `tieout`; each offers its `app`."""
