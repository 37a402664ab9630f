import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot import logs
from bot.settings import ROOT

SECRET = "hunter2-correct-horse"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The logs of pytest itself, once the test is over."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    yield
    root.handlers[:], root.level, sys.excepthook = before
    logging.captureWarnings(False)
    structlog.reset_defaults()


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_whoever_logs_comes_out_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(form="json")

    with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
        structlog.get_logger("ours").info("post.published", post_id="p-1", attempt=2)
        logging.getLogger("rq.worker").warning("foreign %s", "words")

    ours, foreign = printed(capsys)
    assert (ours["event"], ours["post_id"], ours["attempt"], ours["level"]) == (
        "post.published",
        "p-1",
        2,
        "info",
    )
    assert (foreign["event"], foreign["level"], foreign["logger"]) == (
        "foreign words",
        "warning",
        "rq.worker",
    )
    assert ours["correlation_id"] == foreign["correlation_id"] == "c-1"
    assert str(ours["timestamp"]).endswith("Z")


def test_the_level_holds_for_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(form="json", level="WARNING")

    structlog.get_logger().info("quiet")
    logging.getLogger("uvicorn.error").info("quiet")
    structlog.get_logger().warning("loud")

    assert [line["event"] for line in printed(capsys)] == ["loud"]


def test_addresses_of_requests_are_not_logged_for_they_hold_tokens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.setup(form="json")

    logging.getLogger("uvicorn.access").info("GET /sign-in/token")

    assert printed(capsys) == []


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_known_secret_is_in_no_message_field_or_traceback(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    logs.setup(form=form, secrets=[SECRET])  # type: ignore[arg-type]  # the parameter is one of the two

    structlog.get_logger().info(
        f"said {SECRET}", field=SECRET, deep={SECRET: [1, (SECRET,)]}, thing=ValueError(SECRET)
    )
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("uvicorn.error").exception("failed %s", SECRET)

    out = capsys.readouterr().out
    assert SECRET not in out
    assert out.count(logs.REDACTED) >= 6
    assert "KeyError" in out


def test_what_becomes_a_secret_later_is_redacted_from_then_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(form="json")
    logs.redact("minted-just-now")

    structlog.get_logger().info("event", link="/sign-in/minted-just-now?again=1")

    assert printed(capsys)[0]["link"] == f"/sign-in/{logs.REDACTED}?again=1"


@given(secret=st.text(min_size=logs.SHORTEST_SECRET), before=st.text(), after=st.text())
@example(secret="pass'\"word\\", before="", after="")
@example(secret="zwölf\nzeilen", before="x", after="y")
@example(secret="1234567890", before="", after="")
def test_no_secret_survives_in_any_disguise(secret: str, before: str, after: str) -> None:
    assume(secret not in logs.REDACTED and logs.REDACTED not in secret)
    # A secret could also arise anew out of what stands around the replacement; that shows nothing that was not there.
    assume(secret not in before + logs.REDACTED + after)
    logs.redact(secret)

    disguises = [secret, repr(secret), json.dumps(secret), str(ValueError(secret))]
    cleaned = logs.clean(
        {"text": before + secret + after, secret: disguises, "deep": [{"thing": ValueError(secret)}]}
    )

    assert secret not in cleaned["text"]
    assert secret not in cleaned
    assert all(secret not in text for text in cleaned[next(iter(cleaned.keys() - {"text", "deep"}))])
    assert repr(secret)[1:-1] not in cleaned["deep"][0]["thing"]


@given(st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none() | st.text(max_size=20))
def test_what_is_no_secret_stays_as_it_is(value: object) -> None:
    assume(not any(known in str(value) for known in logs._known))

    assert logs.clean(value) == value


def test_an_uncaught_error_is_a_log_line_too() -> None:
    words = (
        f"from bot import logs; logs.setup(form='json', secrets=['{SECRET}']); raise ValueError('{SECRET}')"
    )
    failed = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=False
    )

    line = json.loads(failed.stdout)
    assert failed.returncode == 1
    assert (line["event"], line["level"]) == ("process.failed", "critical")
    assert "ValueError" in line["exception"]
    assert SECRET not in failed.stdout + failed.stderr
