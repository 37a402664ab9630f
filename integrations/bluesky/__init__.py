"""Bluesky, and any other server of the AT Protocol (a PDS).

`rules`, `tid`, `facets` and `records` are pure and light; only `xrpc`, `session`, `connect` and `publisher` load the
SDK (a second and 50 MB), so the web process reads the rules without it.
"""
