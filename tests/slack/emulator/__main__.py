"""The emulator as a process of its own: prints its addresses and tokens as one line of JSON, then serves until killed."""

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.slack.emulator.emulator import Emulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.slack.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--manifest", type=Path, help="YAML; without it everything is granted")
    parser.add_argument("--rates", default="real", help='"real", "off", or a factor on the allowances')
    parser.add_argument("--request-url", help="signed HTTP to this URL in place of Socket Mode")
    given = parser.parse_args()
    rates = given.rates if given.rates in {"real", "off"} else float(given.rates)
    slack = Emulator(
        given.manifest, rates=rates, port=given.port, request_url=given.request_url, controlled=True
    )
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    with slack.running():
        told = {
            "url": slack.url,
            "control": f"http://{slack.world.host}/control/",
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
        }
        print(json.dumps(told), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
