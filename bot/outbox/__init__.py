"""What stands in Slack and Discord: sent once, redrawn in place, newest state only, by one process at a time."""
