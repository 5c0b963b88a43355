"""Where people are told of trouble: a Slack-compatible webhook, e-mail."""
