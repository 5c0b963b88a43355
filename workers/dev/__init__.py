"""`tieout dev`: the whole house on loopback, kept running by one supervisor."""
