"""GitHub: git through mirrors of our own, and its API."""
