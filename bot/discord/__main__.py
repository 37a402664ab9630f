"""`python -m bot.discord`: Troupe in Discord, until it is told to stop."""

from __future__ import annotations

from bot.chat.process import run
from bot.discord.serve import serve


def main() -> None:
    run("discord", serve)


if __name__ == "__main__":
    main()
