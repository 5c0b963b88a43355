"""What the operations of the ports do."""
