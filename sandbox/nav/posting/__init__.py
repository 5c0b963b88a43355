"""Posting: what turns drafts and journal lines into ledger entries."""
