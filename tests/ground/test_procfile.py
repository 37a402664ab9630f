import pytest

from bot.settings import ROOT
from bot.supervise.procfile import ProcfileError, check_programs, multiplied, parse


def test_names_and_commands_come_in_the_files_order() -> None:
    text = "# what runs\n\nweb: python -m bot.web\nworker:python -m jobs.worker 'now and then'\n"

    assert parse(text) == {
        "web": ["python", "-m", "bot.web"],
        "worker": ["python", "-m", "jobs.worker", "now and then"],
    }
    assert list(parse(text)) == ["web", "worker"]


def test_one_process_can_run_several_times_and_keeps_its_place() -> None:
    processes = {"web": ["a"], "worker": ["b"], "clock": ["c"]}

    assert multiplied(processes, "worker", 2) == {
        "web": ["a"],
        "worker.1": ["b"],
        "worker.2": ["b"],
        "clock": ["c"],
    }
    assert list(multiplied(processes, "worker", 2)) == ["web", "worker.1", "worker.2", "clock"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web", "Line 1 of the Procfile is 'web'. It should be NAME: COMMAND"),
        ("web: a\nweb: b", "Line 2 of the Procfile names 'web' a second time"),
        ("web: a 'b", "Line 1 of the Procfile cannot be read: No closing quotation"),
        ("\nmy web: a", "Line 2 of the Procfile is 'my web: a'"),
        ("web:", "Line 1 of the Procfile is 'web:'"),
    ],
)
def test_a_line_that_cannot_be_followed_is_named(text: str, said: str) -> None:
    with pytest.raises(ProcfileError) as refused:
        parse(text)
    assert str(refused.value).startswith(said)


def test_a_program_that_is_not_there_is_named_before_anything_starts() -> None:
    with pytest.raises(ProcfileError, match="'web' of the Procfile starts 'no-such-program'"):
        check_programs({"web": ["no-such-program"]}, "/usr/bin:/bin")


def test_our_own_procfile_names_modules_that_exist() -> None:
    ours = parse((ROOT / "Procfile").read_text())

    assert list(ours) == ["web", "worker", "writer", "agent", "clock", "slack", "discord"]
    for command in ours.values():
        module = ROOT.joinpath(*command[2].split("."))
        assert command[:2] == ["python", "-m"]
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()
