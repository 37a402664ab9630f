"""The emulator as a process of its own: prints its addresses and token as one line of JSON, then serves until killed."""

import argparse
import gc
import json
import signal
import threading

from tests.discord.emulator.emulator import Emulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.discord.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--rates", default="real", choices=["real", "off"])
    given = parser.parse_args()
    discord = Emulator(rates=given.rates, port=given.port, controlled=True)
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    gc.set_threshold(100_000, 50, 100)  # its own pauses would be taken for the app's latency
    with discord.running():
        told = {
            "api": discord.api_url,
            "gateway": discord.gateway_url,
            "control": f"http://{discord.world.host}/control/",
            "token": discord.token,
            "application": discord.application_id,
            "guild": discord.guild.id,
        }
        print(json.dumps(told), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
