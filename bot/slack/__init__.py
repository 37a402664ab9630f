"""Slack: the whole product in a workspace."""
