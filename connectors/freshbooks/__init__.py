"""FreshBooks: where people bill. Read by REST over OAuth 2, hinted at by signed webhooks."""
