"""connect: an account of a real server; the password is never an argument."""

from __future__ import annotations

from collections.abc import Callable

from bot.wiring import Troupe
from tests.cli.desk import Done
from tests.servers.pds import Pds

Run = Callable[..., Done]


def test_an_account_is_connected_with_a_piped_password(run: Run, troupe: Troupe, pds: Pds) -> None:
    account = pds.account("ada")
    with troupe.storage.reading() as work:
        persona = work.personas.all()[0]
    words = (
        "connect",
        "bluesky",
        "--persona",
        f"@{persona.handle}",
        "--handle",
        account.handle,
        "--pds",
        pds.url,
    )
    done = run(*words, stdin=f"{account.app_password}\n")
    assert done.returncode == 0, done.stderr
    assert account.app_password not in done.stdout + done.stderr
    with troupe.storage.reading() as work:
        found = work.accounts.on(persona.id, "bluesky")
        [event] = work.events.latest(matching="account_connected")
    assert (found.handle, found.external_id, found.base_url) == (account.handle, account.did, pds.url)
    assert troupe.vault.read(found.id)["app_password"] == account.app_password
    assert account.app_password not in str(event)

    wrong = run(*words, stdin="not-the-password\n")
    assert wrong.returncode == 1
    assert "the app password: " in wrong.stderr and "does not accept" in wrong.stderr
    assert "not-the-password" not in wrong.stderr


def test_what_is_wrong_is_said_by_the_names_of_the_options(run: Run, troupe: Troupe, pds: Pds) -> None:
    with troupe.storage.reading() as work:
        handle = work.personas.all()[0].handle
    base = ("connect", "bluesky", "--persona", handle)
    empty = run(*base, "--handle", "ada.test", "--pds", pds.url, stdin="")
    assert empty.returncode == 1 and "the app password" in empty.stderr
    nobody = run(*base, "--handle", "nobody.test", "--pds", pds.url, stdin="abcd-abcd-abcd-abcd\n")
    assert nobody.returncode == 1 and "--handle: " in nobody.stderr
    plain = run(*base, "--handle", "ada.test", "--pds", "http://example.com", stdin="abcd-abcd-abcd-abcd\n")
    assert plain.returncode == 1 and "--pds: " in plain.stderr
    unknown = run("connect", "bluesky", "--persona", "nobody", "--handle", "a.test", stdin="x\n")
    assert unknown.returncode == 1 and "nobody" in unknown.stderr
