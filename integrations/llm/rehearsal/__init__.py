"""The rehearsal model: built in, offline, deterministic. It shows how everything works before a real model is connected.

It makes up nothing: what it says comes from the request, the page, the feedback and the persona's own profile, set into
sentences that fit any of them.
"""

from integrations.llm.rehearsal.model import Rehearsal

__all__ = ["Rehearsal"]
