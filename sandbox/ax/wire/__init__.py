"""What travels: service descriptions, envelopes, documents and faults."""
