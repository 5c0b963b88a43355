"""The steps of expenses: each thin, idempotent, named by what it does for the business."""
