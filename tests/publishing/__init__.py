"""Publishing: one contract for every platform, and the promise of exactly once, under every way of dying."""
