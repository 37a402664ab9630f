"""What a card shows of a link, and what hostile pages can do to it (nothing)."""

from __future__ import annotations

from io import BytesIO
from time import monotonic

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from agents.writing.length import graphemes
from integrations.http.door import Door
from integrations.http.errors import NobodyThere, NotAllowedType, TooLarge, Unreachable
from integrations.links.page import MAX_CLUSTER, MAX_DESCRIPTION, MAX_TITLE, Page, read
from integrations.links.preview import LinkPreview, preview
from tests.integrations.pictures import encoded, graphic, photo
from tests.integrations.town import Town, redirect, reply

HERE = "https://shop.test/news/today"


def page(html: str, **kinds: str | None) -> Page:
    return read(html.encode(), url=HERE, charset=kinds.get("charset", "utf-8"))


class TestPage:
    def test_open_graph_comes_first_then_twitter_then_html(self) -> None:
        html = """<title>html</title><meta name="description" content="html d">"""
        assert (page(html).title, page(html).description) == ("html", "html d")
        html += """<meta name="twitter:title" content="tw"><meta name="twitter:description" content="tw d">"""
        assert (page(html).title, page(html).description) == ("tw", "tw d")
        html += """<meta content="og" property="og:title"><meta property="OG:Description" content='og d'>"""
        assert (page(html).title, page(html).description) == ("og", "og d")

    def test_the_first_that_says_something_counts(self) -> None:
        html = '<meta property="og:title" content="  "><meta property="og:title" content="a"><meta property="og:title" content="b">'
        assert page(html).title == "a"

    def test_text_is_one_plain_line(self) -> None:
        html = "<title>\n  Fish &amp; chips\u202e&#x200b; &lt;b&gt;now&lt;/b&gt;\x07\n\t 5 < 6 </title>"
        assert page(html).title == "Fish & chips <b>now</b> 5 < 6"

    def test_a_family_stays_together(self) -> None:
        assert page("<title>👨‍👩‍👧‍👦 é</title>").title == "👨‍👩‍👧‍👦 é"

    def test_long_text_is_clipped_where_people_see_it(self) -> None:
        said = page(f"<title>{'👍🏽' * 400}</title><meta name=description content='{'word ' * 500}'>")
        assert graphemes(said.title) == MAX_TITLE
        assert said.title.endswith("👍🏽…")
        assert graphemes(said.description) == MAX_DESCRIPTION

    def test_what_scripts_and_comments_say_is_not_the_page(self) -> None:
        html = """<!-- <title>old</title> --><script>x = '<meta property="og:title" content="js">'</script>
        <STYLE><title>css</title></STYLE><title>real</title><svg><title>icon</title></svg>"""
        assert page(html).title == "real"

    @pytest.mark.parametrize(
        ("tag", "address"),
        [
            ('<meta property="og:image" content="/a.png">', "https://shop.test/a.png"),
            ('<meta property="og:image" content="b.png">', "https://shop.test/news/b.png"),
            ('<meta property="og:image" content="//cdn.test/c.png">', "https://cdn.test/c.png"),
            ('<base href="/img/"><meta name="twitter:image" content="d.png">', "https://shop.test/img/d.png"),
            (
                '<meta property="og:image" content="x"><meta property="og:image:secure_url" content="https://s/">',
                "https://s/",
            ),
            ('<meta property="og:image" content="http://[">', None),
            ('<base href="http://["><meta property="og:image" content="x">', None),
            ("<title>none</title>", None),
        ],
    )
    def test_where_its_picture_is(self, tag: str, address: str | None) -> None:
        assert page(tag).image_url == address

    @pytest.mark.parametrize(
        ("html", "charset"),
        [
            ("Grüße".encode(), "utf-8"),
            ("Grüße".encode("latin-1"), "iso-8859-1"),
            ("Grüße".encode("utf-16"), None),
            ("\ufeffGrüße".encode(), "iso-8859-1"),
            (b'<meta charset="windows-1252">' + "Grüße".encode("cp1252"), None),
            (
                b'<meta http-equiv="content-type" content="text/html; charset=iso-8859-15">'
                + "Grüße".encode("latin-1"),
                None,
            ),
            ("Grüße".encode(), "no-such-charset"),
            ("Grüße".encode(), "unicode_escape"),
            ("Grüße".encode(), None),
        ],
    )
    def test_its_letters_are_read_as_they_were_written(self, html: bytes, charset: str | None) -> None:
        text = html.replace("Grüße".encode("utf-16"), "<title>Grüße</title>".encode("utf-16"))
        if text == html:
            at = html.index(b"Gr")
            text = html[:at] + b"<title>" + html[at:] + b"</title>"
        assert read(text, url=HERE, charset=charset).title == "Grüße"

    @settings(max_examples=150, deadline=None)
    @given(
        st.one_of(
            st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode(errors="replace"))
        )
    )
    @example(b"<title")
    @example(b"<meta property=og:title content='")
    @example(b"<title>&#0;&#xD800;&#x110000;\x00\xff</title>")
    @example(b"<title>" + "a\u0301".encode() + "\u0301".encode() * 5000)
    def test_no_bytes_break_it(self, html: bytes) -> None:
        for source in (html, b"<title>" + html, b'<meta property="og:title" content="' + html + b'">'):
            said = read(source, url=HERE, charset=None)
            assert graphemes(said.title) <= MAX_TITLE
            assert all(len(cluster) <= MAX_CLUSTER for cluster in regex.findall(r"\X", said.title))
            assert said.title == " ".join(said.title.split())
            assert said.title.isprintable() or all(
                ord(char) > 0x9F for char in said.title if not char.isprintable()
            )

    @pytest.mark.parametrize(
        "hostile",
        [
            b"<div>" * 600_000,
            b"<meta " + b"".join(b"a%d=1 " % number for number in range(300_000)) + b">",
            b"<meta '" * 500_000,
            b"<title>" * 400_000,
            b"<!--" * 700_000,
            b"<script " * 400_000,
            b"<" * 3_000_000,
            b"<title>a" + "\u0301".encode() * 1_500_000,
            (b"<title>x</title>" + b"<div>" * 800) * 700,
        ],
        ids=["nested", "attributes", "quotes", "titles", "comments", "scripts", "angles", "zalgo", "windows"],
    )
    def test_no_page_takes_long(self, hostile: bytes) -> None:
        started = monotonic()
        read(hostile, url=HERE, charset=None)
        assert monotonic() - started < 3  # 0.5 s at most on an idle machine; a whole parse takes minutes


HTML = """<html><head><title>Shoes</title><meta property="og:description" content="On sale">
<meta property="og:image" content="{image}"></head><body>…</body></html>"""


class TestPreview:
    def test_a_page_with_a_picture(self, town: Town) -> None:
        town.pages("shop.test", index=reply(HTML.format(image="http://cdn.test/pic").encode()))
        town.pages("cdn.test", pic=reply(encoded(photo(1600, 800)), content_type="image/jpeg"))
        seen = preview("http://shop.test/", Door(town))
        assert (seen.url, seen.title, seen.description) == ("http://shop.test/", "Shoes", "On sale")
        assert seen.image is not None
        assert len(seen.image) <= 1_000_000
        assert (seen.image_type, seen.width, seen.height) == ("image/jpeg", 1200, 600)
        assert Image.open(BytesIO(seen.image)).size == (1200, 600)

    def test_the_card_keeps_the_address_that_people_approved(self, town: Town) -> None:
        town.pages("short.test", index=redirect("http://shop.test/news/"))
        shop = town.pages(
            "shop.test", **{"news": redirect("/x"), "x": reply(b"<meta name=og:image content=pic>")}
        )
        seen = preview("http://short.test/", Door(town))
        assert (seen.url, seen.title) == ("http://short.test/", "shop.test")
        assert [heard.path for heard in shop.heard] == ["/news/", "/x", "/pic"]

    @pytest.mark.parametrize(
        "image",
        [
            "http://169.254.169.254/",
            "http://10.0.0.1/x.png",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
            "/gone",
            "/html",
            "/gif",
            "/broken",
            "http://typo.test/",
        ],
    )
    def test_a_picture_that_cannot_be_had_is_left_out(self, town: Town, image: str) -> None:
        for inside in ("169.254.169.254", "10.0.0.1"):
            town.others[inside] = [inside]
        town.pages(
            "shop.test",
            index=reply(HTML.format(image=image).encode()),
            html=reply(b"<p>no picture"),
            gif=reply(encoded(graphic(), "GIF"), content_type="image/gif"),
            broken=reply(encoded(photo(64, 64))[:-500], content_type="image/jpeg"),
        )
        assert preview("http://shop.test/", Door(town)) == LinkPreview(
            "http://shop.test/", "Shoes", "On sale"
        )

    def test_what_is_no_page_has_no_preview(self, town: Town) -> None:
        town.pages(
            "shop.test",
            pdf=reply(b"%PDF", content_type="application/pdf"),
            big=reply(b" " * 5_000_001),
            down=reply(b"", status="503 Service Unavailable"),
        )
        door = Door(town)
        with pytest.raises(NotAllowedType):
            preview("http://shop.test/pdf", door)
        with pytest.raises(TooLarge):
            preview("http://shop.test/big", door)
        with pytest.raises(Unreachable, match=r"shop\.test answers 503"):
            preview("http://shop.test/down", door)
        with pytest.raises(NobodyThere):
            preview("http://typo.test/", door)
