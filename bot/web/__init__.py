"""The web console: the third surface. Pages are plain HTML made here; what changes on them travels over NiceGUI's socket."""
