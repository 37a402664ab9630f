"""`python -m tests.bench.bare_page PORT`: a NiceGUI page with nothing behind it. What it costs is what NiceGUI costs."""

import sys

from nicegui import ui


@ui.page("/")
def hello() -> None:
    clicks = ui.label("0").classes("shown")
    ui.button("Click", on_click=lambda: clicks.set_text(str(int(clicks.text) + 1)))


if __name__ == "__main__":
    ui.run(port=int(sys.argv[1]), host="127.0.0.1", show=False, reload=False, show_welcome_message=False)
