"""Faults of what Troupe stands on, each a real one: nothing lost, nothing doubled, one alert, and its button mends it."""
