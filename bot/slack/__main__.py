"""`python -m bot.slack`: Troupe in Slack, until it is told to stop."""

from __future__ import annotations

from bot.chat.process import run
from bot.slack.serve import serve


def main() -> None:
    run("slack", serve)


if __name__ == "__main__":
    main()
