"""Approvals: who may decide, what a decision holds for, and the whole life of a post under every order of events."""
