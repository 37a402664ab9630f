"""One package per outside system. Imports `agents` and nothing else of ours."""
