"""Every command of a team's day, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from tests.chat import Chat

DAY = """
/persona list
/persona new Zoe from founder
/persona edit @zoe budget 20 zone Berlin bio "Nobody's fool"
/persona clone @zoe eve Eve
/persona export @eve
/persona pause @eve
/persona resume @eve
/persona archive @eve
/persona restore @eve
/persona connect @zoe
/persona disconnect @ada stage
/persona policy @zoe quorum 2 on stage
/persona policy @zoe quorum 1 on stage
/persona approvers @zoe Alice and Mia
/persona auto @zoe 5 for 2 days
/persona auto @zoe 3 for 1 day on stage
/persona auto @zoe 0
/persona route @zoe #news and #general
/persona route @zoe none
/people list
/people invite Dora as manager
/people role Dora viewer
/people show Dora
/people sign-out Dora
/people sign-in
/people link
/people zone Tokyo
/people name Alicia
/people me
/people remove Dora
/key list
/post draft @zoe "our 2.0" on stage
/post queue
/audit
/audit about @zoe
/audit about 100%_
/status
/halt drill
/resume
/help
/help persona
"""


def test_a_days_commands_work_on_every_database(chat_anywhere: Chat) -> None:
    for line in DAY.strip().splitlines():
        said = chat_anywhere.says("alice", line)
        if line.startswith("/post draft"):
            assert "This persona has no account on stage" in said
        else:
            assert said.answer.error is None, f"{line}: {said.answer.error}"


def test_what_no_database_keeps_is_refused_at_the_door(chat_anywhere: Chat) -> None:
    for line in ("/halt \x00", "/halt \ud800", "/people name a\x00b", "/audit about \udfff"):
        assert chat_anywhere.says("alice", line).error.code == "invalid"
    opened = chat_anywhere.acts("alice", "persona.new:scratch:")
    wrong = chat_anywhere.fills("alice", opened, name="A\x00da", handle="zoe", bio="\ud800").wrong
    assert wrong.keys() == {"name", "bio"}
