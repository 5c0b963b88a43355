"""From documents to vouchers: every one balances."""
