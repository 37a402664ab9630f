"""What every chat does alike, Slack and Discord: who is there, what is said, what is typed and pressed, and what is answered."""
