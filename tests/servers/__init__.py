"""The real servers that the tests talk to; README.md beside this file says which. Nothing in here needs pytest."""
