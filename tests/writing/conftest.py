from __future__ import annotations

from hypothesis import settings

settings.register_profile("troupe", deadline=None)  # machines are busy; what is slow shows in --durations
settings.load_profile("troupe")
