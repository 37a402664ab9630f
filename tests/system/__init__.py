"""The whole product: `./troupe up` with its real processes, driven as a person or a program would."""
