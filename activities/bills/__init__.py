"""The steps of bills: looking, posting, paying, taking back."""
