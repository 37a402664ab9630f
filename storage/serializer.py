"""How checkpoints become bytes: LangGraph's serializer, which remembers what it made of each message of a conversation.

LangGraph's own makes the whole conversation anew at every checkpoint: near half of what checkpoints cost in a conversation of
200 rounds (measured). Loads LangGraph: storage/checkpoints.py imports it when a saver is first made.
"""

from __future__ import annotations

from typing import Any

import ormsgpack
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

REMEMBERED = 2000
"""Messages at most; a conversation is summed up long before."""
_OPTIONS = (
    ormsgpack.OPT_NON_STR_KEYS
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_UUID
    | ormsgpack.OPT_REPLACE_SURROGATES
)
"""LangGraph's, so that the bytes are the same."""


class Serializer(JsonPlusSerializer):
    """Reads back data of known kinds alone: whoever can write to the database must not run code by it.

    A message is remembered once it has its id: LangGraph gives it one after it was made, and changes nothing else in it.
    """

    def __init__(self) -> None:
        super().__init__(allowed_msgpack_modules=None)
        self._known: dict[str, tuple[BaseMessage, Any]] = {}

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        if obj is None or isinstance(obj, bytes | bytearray):
            return super().dumps_typed(obj)
        return "msgpack", ormsgpack.packb(obj, default=self._packed, option=_OPTIONS)

    def _packed(self, obj: Any) -> Any:
        if not isinstance(obj, BaseMessage) or obj.id is None:
            return self._anew(obj)
        known = self._known.get(obj.id)
        if known is None or known[0] is not obj:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[obj.id] = (obj, self._anew(obj))
        return known[1]

    def _anew(self, obj: Any) -> Any:
        """As LangGraph writes it, to stand within something larger."""
        return ormsgpack.unpackb(super().dumps_typed(obj)[1], ext_hook=ormsgpack.Ext)
