"""`python -m bot.cli COMMAND`: the door that `./troupe COMMAND` opens inside the environment."""

import sys

from bot.cli import main

main(sys.argv[1:])
