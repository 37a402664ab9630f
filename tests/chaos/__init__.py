"""Everything is killed at random while posts go out; then both ends are counted. `./troupe bench --chaos` runs the long form."""
