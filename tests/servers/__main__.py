"""python -m tests.servers: gets whatever the servers need, so that no test has to wait for it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from integrations.redis_server import RedisFailed, find
from tests.servers.browser import chromium
from tests.servers.node import node, packages
from tests.servers.postgres import binaries
from tests.servers.processes import ServerError

PARTS: dict[str, Callable[[], object]] = {
    "PostgreSQL": binaries,
    "Redis": find,
    "Chromium": chromium,
    "Node.js": lambda: node().binary,
    "npm packages": packages,  # a minute or two the first time
}

for name, get in PARTS.items():
    print(f"{name}: ", end="", flush=True)
    try:
        print(get())
    except (ServerError, RedisFailed) as missing:
        print(missing)
        sys.exit(1)
