"""Our serializer writes what LangGraph's own writes, whatever it remembers."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from storage import serializer
from storage.serializer import Serializer

IDS = st.none() | st.sampled_from(["1", "2", "3"])
WORDS = st.text(max_size=20)
VALUES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | WORDS
CALLS = st.lists(
    st.builds(
        lambda name, args, id: {"name": name, "args": args, "id": id},
        WORDS,
        st.dictionaries(WORDS, VALUES, max_size=2),
        WORDS,
    ),
    max_size=2,
)
MESSAGES: st.SearchStrategy[AnyMessage] = st.one_of(
    st.builds(HumanMessage, WORDS, id=IDS),
    st.builds(AIMessage, WORDS, id=IDS, tool_calls=CALLS),
    st.builds(ToolMessage, WORDS, id=IDS, tool_call_id=WORDS, status=st.sampled_from(["success", "error"])),
)


def langgraphs() -> JsonPlusSerializer:
    return JsonPlusSerializer(allowed_msgpack_modules=None)


@given(st.lists(MESSAGES, max_size=6))
def test_every_checkpoint_of_a_conversation_is_the_same_as_langgraphs(messages: list[AnyMessage]) -> None:
    """At each step one more message, as a conversation grows; some share an id, as a message does that was replaced."""
    ours, peer = Serializer(), langgraphs()
    for at in range(len(messages) + 1):
        checkpoint = {"channel_values": {"messages": messages[:at]}, "v": at}
        packed = ours.dumps_typed(checkpoint)
        assert packed == peer.dumps_typed(checkpoint)
        assert ours.loads_typed(packed) == peer.loads_typed(packed)


@given(MESSAGES)
def test_an_id_that_comes_later_is_not_lost(message: AnyMessage) -> None:
    message.id = None
    ours = Serializer()
    ours.dumps_typed(message)
    message.id = "given later"
    assert ours.loads_typed(ours.dumps_typed(message)).id == "given later"


@given(
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner), max_leaves=8)
)
def test_other_values_are_the_same(value: Any) -> None:
    assert Serializer().dumps_typed(value) == langgraphs().dumps_typed(value)


def test_it_remembers_no_more_than_it_may() -> None:
    ours = Serializer()
    for number in range(3 * serializer.REMEMBERED):
        ours.dumps_typed(HumanMessage("word", id=str(number)))
        assert len(ours._known) <= serializer.REMEMBERED
