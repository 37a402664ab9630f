"""Language models: one chain of links per persona, the rehearsal model as its last, a moderation service beside it."""
