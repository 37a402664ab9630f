"""What gets through the door, against real servers on loopback that a resolver of the test vouches for."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import httpx
import pytest
from atproto import Client, Request  # type: ignore[import-untyped]  # ships no types
from atproto_client.exceptions import InvokeTimeoutError  # type: ignore[import-untyped]

from agents.errors import TroupeError
from integrations.http.door import Door, Fetched
from integrations.http.errors import (
    FetchError,
    NobodyThere,
    NotAllowedType,
    NotPublic,
    Refused,
    TookTooLong,
    TooLarge,
    Unreachable,
)
from integrations.http.resolve import Resolved, SystemResolver
from tests.integrations.certificates import Authority
from tests.integrations.town import Heard, Town, redirect, reply

METADATA = "http://169.254.169.254/latest/meta-data/"


def get(
    town: Town, url: str, *, max_bytes: int = 100_000, timeout_s: float = 5.0, accept: Sequence[str] = ()
) -> Fetched:
    return Door(town).get(url, max_bytes=max_bytes, timeout_s=timeout_s, accept=accept)


class TestWhereItGoes:
    def test_a_page_is_read(self, town: Town) -> None:
        server = town.pages(
            "shop.test", index=reply("Grüße".encode(), content_type="Text/HTML; charset=utf-8")
        )
        found = get(town, "http://shop.test/")
        assert found.body.decode() == "Grüße"
        assert (found.status, found.content_type, found.charset) == (200, "text/html", "utf-8")
        assert server.heard[0].headers["host"] == "shop.test"
        assert not {"authorization", "cookie"} & server.heard[0].headers.keys()

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.01/",
            "http://017700000001/",
            "http://localhost/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://0/",
            METADATA,
        ],
    )
    def test_no_spelling_of_an_inner_address_gets_through(self, url: str) -> None:
        with pytest.raises(Refused) as told:
            Door(SystemResolver()).get(url, max_bytes=1, timeout_s=5)
        assert not told.value.sent

    def test_the_reason_is_said_in_words(self) -> None:
        with pytest.raises(NotPublic) as told:
            Door().get("http://10.1.2.3/", max_bytes=1, timeout_s=5)
        assert str(told.value) == (
            "10.1.2.3 is an address inside this machine's network. Troupe only fetches public addresses."
        )
        assert isinstance(told.value, TroupeError)

    def test_one_inner_address_among_public_ones_is_enough_to_refuse(self, town: Town) -> None:
        town.others["mixed.test"] = ["93.184.216.34", "192.168.0.7"]
        with pytest.raises(NotPublic, match=r"mixed\.test leads to 192\.168\.0\.7"):
            get(town, "http://mixed.test/")

    def test_the_address_that_was_checked_is_the_one_that_is_used(self) -> None:
        class Rebinding:
            """First an address that passes (a public one, here one that is vouched for), then the metadata service."""

            def __init__(self, port: int) -> None:
                self.answers = [Resolved("127.0.0.1", port, trusted=True), Resolved("169.254.169.254")]

            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                return [self.answers.pop(0)]

        town = Town()
        server = town.pages("rebind.test", index=reply(b"first"), again=redirect("/"))
        try:
            resolver = Rebinding(server.port)
            assert Door(resolver).get("http://rebind.test/", max_bytes=10, timeout_s=5).body == b"first"
            assert len(resolver.answers) == 1  # asked once: no second look-up that could answer differently
            with pytest.raises(NotPublic):  # and a new connection is a new check
                Door(resolver).get("http://rebind.test/", max_bytes=10, timeout_s=5)
        finally:
            town.close()

    def test_a_public_address_is_connected_to_by_number(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        called: list[object] = []

        def no_network(address: object, *_: object, **__: object) -> None:
            called.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", no_network)
        town.others["localhost"] = ["93.184.216.34", "2606:4700::1111"]
        with pytest.raises(NobodyThere):
            get(town, "https://localhost/")
        assert called == [("93.184.216.34", 443), ("2606:4700::1111", 443)]

    @pytest.mark.parametrize("url", ["http://a..b/", f"http://{'a' * 64}.test/"])
    def test_what_cannot_be_a_name_is_nobodys(self, url: str) -> None:
        with pytest.raises(NobodyThere, match="no host called"):
            Door().get(url, max_bytes=1, timeout_s=5)

    def test_a_second_address_is_tried_when_the_first_does_not_answer(self, town: Town) -> None:
        server = town.pages("shop.test", index=reply(b"here"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody: int = free.getsockname()[1]

        class Two:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                return [
                    Resolved("127.0.0.1", nobody, trusted=True),
                    Resolved("127.0.0.1", server.port, trusted=True),
                ]

        assert Door(Two()).get("http://shop.test/", max_bytes=10, timeout_s=5).body == b"here"

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("file:///etc/passwd", "no http or https address"),
            ("ftp://shop.test/", "no http or https address"),
            ("gopher://shop.test/", "no http or https address"),
            ("shop.test", "no http or https address"),
            ("http://", "no http or https address"),
            ("", "no http or https address"),
            ("http://ada:secret@shop.test/", "user name or password"),
            ("http://shop.test:6379/", "Port 6379"),
            ("https://shop.test:22/", "Only ports 80 and 443"),
            ("http://shop.test:99999/", "is not fetched from"),
            ("http://[::1", "no web address"),
            ("http://①②⑦.⓪.⓪.①/", "no web address"),
            ("http://shop.test/\x00", "no web address"),
        ],
    )
    def test_what_is_no_plain_web_address_is_refused(self, town: Town, url: str, words: str) -> None:
        with pytest.raises(Refused, match=words) as told:
            get(town, url)
        assert "secret" not in str(told.value)
        assert town.asked == []

    def test_a_name_in_any_script_is_looked_up_in_its_ascii_form(self, town: Town) -> None:
        server = town.pages("xn--bcher-kva.test", index=reply(b"ok"))
        assert get(town, "http://bücher.test/").body == b"ok"
        assert server.heard[0].headers["host"] == "xn--bcher-kva.test"

    def test_no_proxy_of_the_environment_is_used(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy = town.pages("proxy.test", index=reply(b"from the proxy"))
        town.pages("shop.test", index=reply(b"straight"))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert get(town, "http://shop.test/").body == b"straight"
        with Door(town).client("http://shop.test") as client:
            assert client.get("/").text == "straight"
        assert proxy.heard == []

    def test_a_door_may_be_told_other_ports(self, town: Town) -> None:
        town.pages("pds.test", index=reply(b"ok"))
        assert Door(town, ports=None).get("http://pds.test:2583/", max_bytes=9, timeout_s=5).body == b"ok"


class TestRedirects:
    def test_they_are_followed_and_the_last_address_is_told(self, town: Town) -> None:
        town.pages("old.test", index=redirect("http://new.test/page"))
        town.pages("new.test", page=reply(b"moved here"))
        found = get(town, "http://old.test/")
        assert (found.url, found.body) == ("http://new.test/page", b"moved here")

    @pytest.mark.parametrize(
        "location",
        [METADATA, "http://127.0.0.1/", "http://2130706433/", "//[::1]/", "http://internal.test/"],
    )
    def test_none_leads_inside(self, town: Town, location: str) -> None:
        class Both(Town):
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                try:
                    return super().resolve(host, port)
                except socket.gaierror:
                    return SystemResolver().resolve(host, port)

        both = Both()
        both.others["internal.test"] = ["10.0.0.5"]
        both.pages("open.test", index=redirect(location))
        try:
            with pytest.raises(NotPublic):
                get(both, "http://open.test/")
        finally:
            both.close()

    @pytest.mark.parametrize(
        ("location", "error"),
        [
            ("file:///etc/passwd", Refused),
            ("ftp://open.test/x", Refused),
            ("http://ada:pw@open.test/", Refused),
            ("http://open.test:6379/", Refused),
            ("http://[broken]/", Refused),
        ],
    )
    def test_none_leads_off_the_web(self, town: Town, location: str, error: type[FetchError]) -> None:
        server = town.pages("open.test", index=redirect(location))
        with pytest.raises(error):
            get(town, "http://open.test/")
        assert len(server.heard) == 1

    def test_five_are_followed_and_no_more(self, town: Town) -> None:
        def step(heard: Heard) -> bytes:
            left = int(heard.path.strip("/"))
            return redirect(f"/{left - 1}") if left else reply(b"arrived")

        server = town.serve("maze.test", step)
        assert get(town, "http://maze.test/5").body == b"arrived"
        with pytest.raises(Unreachable, match="more than 5 times"):
            get(town, "http://maze.test/6")
        assert len(server.heard) == 6 + 6

    def test_all_of_them_share_one_time_limit(self, town: Town) -> None:
        def slow_step(heard: Heard) -> bytes:
            sleep(0.15)
            return redirect("/again")

        town.serve("maze.test", slow_step)
        started = monotonic()
        with pytest.raises(TookTooLong):
            get(town, "http://maze.test/", timeout_s=0.4)
        assert monotonic() - started < 2


class TestCredentials:
    @pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
    def test_a_client_never_carries_them_to_another_origin(self, town: Town, status: str) -> None:
        pds = town.serve("pds.test", lambda _: redirect("http://thief.test/", status))
        thief = town.pages("thief.test", index=reply(b"thanks"))
        with Door(town).client("http://pds.test/xrpc") as client, pytest.raises(Refused) as told:
            client.post(
                "/sign-in",
                json={"password": "pw"},
                headers={"Authorization": "Bearer x"},
                follow_redirects=True,
            )
        assert "sends us on to http://thief.test/" in str(told.value)
        assert told.value.sent  # the first server has had the request
        assert len(pds.heard) == 1
        assert thief.heard == []

    def test_a_redirect_within_the_origin_is_fine(self, town: Town) -> None:
        town.pages("pds.test", old=redirect("/new", "307 Temporary Redirect"), new=reply(b"ok"))
        with Door(town).client("http://pds.test") as client:
            assert client.post("/old", content=b"x", follow_redirects=True).text == "ok"

    def test_a_stranger_leaves_cookies_where_they_were_given(self, town: Town) -> None:
        town.pages("a.test", index=reply(status="302 Found", location="http://b.test/", set_cookie="id=1"))
        other = town.pages("b.test", index=reply(b"ok"))
        get(town, "http://a.test/")
        assert "cookie" not in other.heard[0].headers

    def test_a_base_address_is_checked_before_anything_is_typed_into_it(self, town: Town) -> None:
        for bad in ("ftp://pds.test", "http://me:pw@pds.test", "http://pds.test:25", "pds"):
            with pytest.raises(Refused):
                Door(town).client(bad)

    def test_a_client_does_not_reach_inside(self, town: Town) -> None:
        town.others["pds.test"] = ["10.0.0.1"]
        with Door(town).client("http://pds.test") as client, pytest.raises(NotPublic) as told:
            client.post("/", json={"password": "pw"})
        assert not told.value.sent

    def test_the_at_protocol_sdk_goes_through_the_door(self, town: Town) -> None:
        described = b'{"did":"did:web:pds.test","availableUserDomains":[".pds.test"]}'
        server = town.serve("pds.test", reply(described, content_type="application/json"))
        request = Request(transport=Door(town).transport())
        client = Client("http://pds.test", request=request)
        assert client.com.atproto.server.describe_server().did == "did:web:pds.test"
        assert server.heard[0].path == "/xrpc/com.atproto.server.describeServer"
        request.close()

    def test_the_at_protocol_sdk_understands_that_it_took_too_long(self, town: Town) -> None:
        town.serve("pds.test", script=lambda _stream, _heard: sleep(0.5))
        request = Request(transport=Door(town).transport(timeout_s=0.2))
        with pytest.raises(InvokeTimeoutError) as told:
            Client("http://pds.test", request=request).com.atproto.server.describe_server()
        assert isinstance(told.value.__cause__, TookTooLong)
        request.close()


class TestHowMuch:
    def test_an_announced_giant_is_not_read(self, town: Town) -> None:
        def announce(stream: socket.socket, _: Heard) -> None:
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
            sleep(3)

        town.serve("big.test", script=announce)
        started = monotonic()
        with pytest.raises(TooLarge, match="100,000 bytes"):
            get(town, "http://big.test/")
        assert monotonic() - started < 2

    def test_a_body_without_end_is_cut_off(self, town: Town) -> None:
        sent = 0

        def pour(stream: socket.socket, _: Heard) -> None:
            nonlocal sent
            stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                stream.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536

        town.serve("big.test", script=pour)
        with pytest.raises(TooLarge):
            get(town, "http://big.test/")
        assert sent < 20_000_000  # what fits into the socket buffers, no more

    def test_a_gzip_bomb_does_not_go_off(self, town: Town) -> None:
        bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
        town.pages("bomb.test", index=reply(bomb, content_encoding="gzip"))
        tracemalloc.start()
        with pytest.raises(TooLarge):
            get(town, "http://bomb.test/", max_bytes=1_000_000)
        with Door(town).client("http://bomb.test", max_bytes=1_000_000) as client, pytest.raises(TooLarge):
            client.get("/")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000

    def test_a_packed_page_is_unpacked(self, town: Town) -> None:
        page = b"hello " * 30_000
        town.pages("zip.test", index=reply(gzip.compress(page), content_encoding="gzip"))
        found = get(town, "http://zip.test/", max_bytes=len(page))
        assert found.body == page
        assert "content-encoding" not in found.headers

    @pytest.mark.parametrize(
        "body",
        [b"no gzip at all", gzip.compress(b"hello" * 999, mtime=0)[:-20], gzip.compress(b"x", mtime=0)[:5]],
        ids=str,
    )
    def test_broken_gzip_is_said(self, town: Town, body: bytes) -> None:
        town.pages("zip.test", index=reply(body, content_encoding="gzip"))
        with pytest.raises(Unreachable, match="broken compressed data"):
            get(town, "http://zip.test/")

    @pytest.mark.parametrize("encoding", ["deflate", "br", "gzip, gzip"])
    def test_a_compression_nobody_asked_for_is_refused(self, town: Town, encoding: str) -> None:
        town.pages("zip.test", index=reply(zlib.compress(b"x"), content_encoding=encoding))
        with pytest.raises(NotAllowedType, match="nobody asked for"):
            get(town, "http://zip.test/")

    def test_only_the_types_that_are_wanted_are_read(self, town: Town) -> None:
        town.pages(
            "shop.test",
            index=reply(b"x", content_type="video/mp4"),
            pic=reply(b"p", content_type="image/png; q=1"),
        )
        with pytest.raises(NotAllowedType, match="video/mp4, not text/html"):
            get(town, "http://shop.test/", accept=["text/html"])
        assert get(town, "http://shop.test/pic", accept=["image/*"]).body == b"p"

    def test_an_error_page_is_a_status_and_no_body(self, town: Town) -> None:
        town.pages("shop.test")
        found = get(town, "http://shop.test/none", accept=["image/*"])
        assert (found.status, found.body) == (404, b"")


class TestHowLong:
    @pytest.mark.parametrize(
        "opening",
        [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b""],
        ids=["headers", "body", "nothing"],
    )
    def test_a_server_that_drips_runs_out_of_time(self, town: Town, opening: bytes) -> None:
        def loris(stream: socket.socket, _: Heard) -> None:
            stream.sendall(opening)
            for _second in range(100):
                sleep(0.05)
                if opening:
                    stream.sendall(b"x")

        town.serve("slow.test", script=loris)
        started = monotonic()
        with pytest.raises(TookTooLong) as told:
            get(town, "http://slow.test/", timeout_s=0.3)
        assert 0.25 < monotonic() - started < 2
        assert told.value.sent

    def test_so_does_a_name_server(self) -> None:
        class Asleep:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                sleep(3)
                return []

        started = monotonic()
        with pytest.raises(TookTooLong, match="name service") as told:
            Door(Asleep()).get("http://slow.test/", max_bytes=1, timeout_s=0.2)
        assert monotonic() - started < 2
        assert not told.value.sent

    def test_so_does_a_handshake(self, town: Town) -> None:
        listener = socket.create_server(("127.0.0.1", 0))

        class Mute:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                return [Resolved("127.0.0.1", listener.getsockname()[1], trusted=True)]

        with listener, pytest.raises(TookTooLong) as told:
            Door(Mute()).get("https://slow.test/", max_bytes=1, timeout_s=0.2)
        assert not told.value.sent

    def test_a_reader_that_does_not_read_runs_out_of_time(self, town: Town) -> None:
        listener = socket.create_server(("127.0.0.1", 0))

        class Deaf:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                return [Resolved("127.0.0.1", listener.getsockname()[1], trusted=True)]

        started = monotonic()
        with (
            listener,
            Door(Deaf()).client("http://pds.test", timeout_s=0.3) as client,
            pytest.raises(TookTooLong),
        ):
            client.post("/", content=bytes(30_000_000))
        assert monotonic() - started < 2

    def test_so_does_one_that_reads_a_little_now_and_then(self, town: Town) -> None:
        listener = socket.create_server(("127.0.0.1", 0))

        def sip() -> None:
            connection, _ = listener.accept()
            with connection:
                while connection.recv(200_000):
                    sleep(0.02)

        class Slow:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                return [Resolved("127.0.0.1", listener.getsockname()[1], trusted=True)]

        Thread(target=sip, daemon=True).start()
        started = monotonic()
        with (
            listener,
            Door(Slow()).client("http://pds.test", timeout_s=0.3) as client,
            pytest.raises(TookTooLong),
        ):
            client.post("/", content=bytes(60_000_000))
        assert monotonic() - started < 2

    def test_a_clients_own_shorter_limit_counts(self, town: Town) -> None:
        town.serve("slow.test", script=lambda _stream, _heard: sleep(3))
        started = monotonic()
        with (
            Door(town).client("http://slow.test", timeout_s=5) as client,
            pytest.raises(httpx.TimeoutException),
        ):
            client.get("/", timeout=0.2)
        assert monotonic() - started < 2


class TestWhatCanGoWrong:
    def test_a_name_that_does_not_exist(self, town: Town) -> None:
        with pytest.raises(NobodyThere, match=r"no host called typo\.test") as told:
            get(town, "http://typo.test/")
        assert not told.value.sent

    def test_a_name_service_that_is_down_is_another_matter(self) -> None:
        class Down:
            def resolve(self, host: str, port: int) -> Sequence[Resolved]:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

        with pytest.raises(Unreachable) as told:
            Door(Down()).get("http://shop.test/", max_bytes=1, timeout_s=1)
        assert not isinstance(told.value, NobodyThere)
        assert not told.value.permanent

    def test_nobody_listens(self, town: Town) -> None:
        town.serve("closed.test").close()
        with pytest.raises(NobodyThere, match=r"Nothing answers at closed\.test") as told:
            get(town, "http://closed.test/")
        assert not told.value.sent

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        ],
        ids=["closes", "ssh", "short", "two lengths", "negative", "bad chunk", "lying chunk", "long header"],
    )
    def test_a_server_that_speaks_no_proper_http(self, town: Town, answer: bytes) -> None:
        town.serve("odd.test", answer)
        with pytest.raises(Unreachable) as told:
            get(town, "http://odd.test/")
        assert told.value.sent
        assert str(told.value).startswith("odd.test broke off")


class TestTls:
    def test_the_name_stays_the_urls_although_the_address_is_pinned(self, town: Town, tmp_path: Path) -> None:
        authority = Authority()
        server = town.serve("bank.test", reply(b"secret"), tls=authority.server("bank.test", tmp_path))
        door = Door(town, tls=authority.trusted())
        assert door.get("https://bank.test/", max_bytes=9, timeout_s=5).body == b"secret"
        assert server.greeted == ["bank.test"]
        assert server.heard[0].headers["host"] == "bank.test"

    def test_a_drip_over_tls_runs_out_of_time_too(self, town: Town, tmp_path: Path) -> None:
        def loris(stream: socket.socket, _: Heard) -> None:
            for _second in range(100):
                stream.sendall(b"x")
                sleep(0.05)

        authority = Authority()
        town.serve("bank.test", script=loris, tls=authority.server("bank.test", tmp_path))
        started = monotonic()
        with pytest.raises(TookTooLong):
            Door(town, tls=authority.trusted()).get("https://bank.test/", max_bytes=9, timeout_s=0.3)
        assert monotonic() - started < 2

    def test_a_certificate_for_another_name_is_not_accepted(self, town: Town, tmp_path: Path) -> None:
        authority = Authority()
        server = town.serve("bank.test", reply(b"secret"), tls=authority.server("other.test", tmp_path))
        with pytest.raises(Unreachable, match=r"cannot be trusted: .*bank\.test") as told:
            Door(town, tls=authority.trusted()).get("https://bank.test/", max_bytes=9, timeout_s=5)
        assert not told.value.sent
        assert server.heard == []

    def test_nor_one_by_an_unknown_authority(self, town: Town, tmp_path: Path) -> None:
        town.serve("bank.test", reply(b"x"), tls=Authority().server("bank.test", tmp_path))
        with pytest.raises(Unreachable, match="cannot be trusted"):
            Door(town).get("https://bank.test/", max_bytes=9, timeout_s=5)
