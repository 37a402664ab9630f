"""A task's own folder, and what a persona may do with it."""
