"""The back door: real workers and clocks on a real Redis, wiped and killed under them."""
