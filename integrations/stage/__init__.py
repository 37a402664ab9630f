"""The stage: a public feed of our own, so that everything works with no account anywhere."""
