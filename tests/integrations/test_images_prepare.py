"""Which pictures are taken, and what becomes of them before they leave."""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from agents.errors import Invalid
from integrations.images.prepare import MAX_BYTES, ImageInfo, fit, inspect
from tests.integrations.pictures import encoded, graphic, photo

ORIENTATION = 0x0112
GPS = 0x8825


def shown(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def from_a_phone(picture: Image.Image, orientation: int = 6) -> bytes:
    """A JPEG with the place where it was taken, the camera, a comment, and lying on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "SpyCam"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return encoded(picture, exif=exif, comment=b"at home")


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture: a decompression bomb."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


NOT_TAKEN = {
    "empty": (b"", "no JPEG, PNG or WebP"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG, PNG or WebP"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no JPEG, PNG or WebP"),
    "gif": (encoded(graphic(), "GIF"), "no JPEG, PNG or WebP"),
    "bmp": (encoded(graphic(), "BMP"), "no JPEG, PNG or WebP"),
    "half a jpeg": (encoded(photo(200, 200), "JPEG")[:-3000], "damaged"),
    "half a png": (encoded(photo(200, 200), "PNG")[:-3000], "damaged"),
    "half a webp": (encoded(photo(200, 200), "WEBP")[:-3000], "damaged"),
    "56 MP": (png_claiming(8000, 7000), "8000 × 7000 pixels; at most 50 million"),
    "120 MP": (png_claiming(12_000, 10_000), "at most 50 million"),
    "3600 MP": (png_claiming(60_000, 60_000), "at most 50 million"),
    "moving png": (
        encoded(graphic(), "PNG", save_all=True, append_images=[graphic(color="red")]),
        "2 frames",
    ),
    "moving webp": (
        encoded(graphic(), "WEBP", save_all=True, append_images=[graphic(color="red")]),
        "2 frames",
    ),
}


class TestInspect:
    @pytest.mark.parametrize(
        ("format", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
    )
    def test_what_a_picture_is(self, format: str, kind: str) -> None:
        data = encoded(graphic(300, 200), format)
        assert inspect(data) == ImageInfo(kind, 300, 200, len(data), sha256(data).hexdigest())

    def test_its_sides_are_those_people_see(self) -> None:
        info = inspect(from_a_phone(graphic(300, 200), orientation=6))
        assert (info.width, info.height) == (200, 300)

    def test_a_phones_photo_with_a_second_picture_behind_it_is_a_photo(self) -> None:
        data = encoded(graphic(), "MPO", save_all=True, append_images=[graphic(color="red")])
        assert shown(data).format == "MPO"
        assert inspect(data).kind == "image/jpeg"
        assert fit(data).kind == "image/jpeg"

    @pytest.mark.parametrize(("data", "words"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
    def test_what_is_not_taken_and_why(self, data: bytes, words: str) -> None:
        with pytest.raises(Invalid, match=words) as told:
            inspect(data)
        assert told.value.field == "image"
        assert told.value.remedy

    def test_too_many_bytes_are_counted_for_the_person(self) -> None:
        with pytest.raises(Invalid) as told:
            inspect(bytes(MAX_BYTES + 4_400_000))
        assert str(told.value) == (
            "The picture cannot be used. It has 12.4 MB; at most 8 MB are taken. "
            "Make it smaller, for example by saving it as JPEG, and add it again."
        )

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.data())
    def test_a_damaged_file_is_told_or_taken_but_never_breaks_us(
        self, format: str, data: st.DataObject
    ) -> None:
        file = bytearray(encoded(photo(24, 24), format))
        for _ in range(data.draw(st.integers(1, 6))):
            file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
        for look in (inspect, fit):
            try:
                look(bytes(file))
            except Invalid as told:
                assert told.field == "image"


class TestFit:
    def test_a_large_photo_fits_and_keeps_its_shape(self) -> None:
        prepared = fit(encoded(photo(2400, 1200), quality=70))
        assert len(prepared.data) <= 1_000_000
        assert prepared.kind == "image/jpeg"
        assert max(prepared.width, prepared.height) <= 2000
        assert prepared.width == pytest.approx(prepared.height * 2, abs=2)
        assert shown(prepared.data).size == (prepared.width, prepared.height)

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_the_same_bytes_give_the_same_bytes(self, format: str) -> None:
        data = encoded(photo(300, 200), format)
        assert fit(data, max_bytes=60_000) == fit(data, max_bytes=60_000)

    def test_nothing_but_the_picture_leaves(self) -> None:
        data = from_a_phone(photo(64, 48))
        assert b"SpyCam" in data
        assert b"at home" in data
        left = fit(data)
        picture = shown(left.data)
        assert not picture.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & picture.info.keys()
        assert b"SpyCam" not in left.data
        assert b"at home" not in left.data

    def test_nor_what_a_png_says_about_itself(self) -> None:
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", "Ada Lovelace")
        words.add_itxt("XML:com.adobe.xmp", "<x>Ada Lovelace</x>")
        left = fit(encoded(graphic(), "PNG", pnginfo=words, dpi=(300, 300)))
        assert left.kind == "image/png"
        assert b"Ada" not in left.data
        assert shown(left.data).info == {}

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_it_stands_upright(self, orientation: int) -> None:
        picture = graphic(40, 20, "white")
        picture.paste("black", (0, 0, 20, 10))
        data = from_a_phone(picture, orientation)
        prepared = fit(data)
        upright = shown(prepared.data)
        assert upright.size == ((40, 20) if orientation < 5 else (20, 40))
        corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[
            orientation
        ]
        at = (
            upright.width // 4 + corner[0] * upright.width // 2,
            upright.height // 4 + corner[1] * upright.height // 2,
        )
        dark = upright.convert("L").getpixel(at)
        assert isinstance(dark, int)
        assert dark < 60

    def test_a_screenshot_stays_lossless(self) -> None:
        picture = graphic(400, 300, "white")
        picture.putpixel((7, 7), (1, 2, 3))
        prepared = fit(encoded(picture, "WEBP", lossless=True))
        assert prepared.kind == "image/png"
        assert shown(prepared.data).convert("RGB").getpixel((7, 7)) == (1, 2, 3)

    def test_transparency_is_kept_where_it_fits_and_white_where_not(self) -> None:
        clear = photo(200, 200).convert("RGBA")
        clear.paste((0, 0, 0, 0), (0, 0, 100, 100))
        data = encoded(clear, "PNG")
        assert shown(fit(data).data).getpixel((10, 10)) == (0, 0, 0, 0)
        small = fit(data, max_bytes=40_000)
        assert small.kind == "image/jpeg"
        corner = shown(small.data).convert("L").getpixel((10, 10))
        assert isinstance(corner, int)
        assert corner > 245

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_every_kind_of_png_is_understood(self, mode: str) -> None:
        grey = (
            Image.new("I;16", (8, 8), 128 * 256)
            if mode == "I;16"
            else Image.new("L", (8, 8), 128).convert(mode)
        )
        pixel = shown(fit(encoded(grey, "PNG")).data).convert("L").getpixel((4, 4))
        assert pixel in ((0, 255) if mode == "1" else (127, 128, 129))

    def test_print_colours_become_screen_colours(self) -> None:
        assert shown(fit(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)))).data).mode == "RGB"

    def test_colours_are_those_that_the_profile_means(self) -> None:
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        swapped = srgb.replace(b"rXYZ", b"****").replace(b"bXYZ", b"rXYZ").replace(b"****", b"bXYZ")
        for profile, meant in ((srgb, (255, 0, 0)), (swapped, (0, 0, 255))):
            left = fit(encoded(graphic(color="red"), "PNG", icc_profile=profile))
            assert shown(left.data).convert("RGB").getpixel((4, 4)) == meant
            assert "icc_profile" not in shown(left.data).info

    @pytest.mark.parametrize(
        "profile",
        [b"no profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()],
        ids=["broken", "foreign"],
    )
    def test_a_profile_that_makes_no_sense_is_passed_over(self, profile: bytes) -> None:
        left = fit(encoded(graphic(color="red"), "PNG", icc_profile=profile))
        assert shown(left.data).convert("RGB").getpixel((4, 4)) == (255, 0, 0)

    def test_of_a_moving_picture_the_first_frame_is_kept(self) -> None:
        data = encoded(graphic(color="red"), "WEBP", lossless=True, save_all=True, append_images=[graphic()])
        assert shown(fit(data).data).convert("RGB").getpixel((4, 4)) == (255, 0, 0)

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (3000, 1), (1, 3000), (5000, 3)])
    def test_odd_shapes_fit_too(self, width: int, height: int) -> None:
        prepared = fit(encoded(photo(width, height), "PNG"))
        assert max(prepared.width, prepared.height) <= 2000
        assert min(prepared.width, prepared.height) >= 1

    def test_what_cannot_fit_is_said(self) -> None:
        with pytest.raises(Invalid, match="cannot be made to fit into 100 bytes"):
            fit(encoded(photo(64, 64)), max_bytes=100)

    def test_a_bomb_is_refused_here_too(self) -> None:
        with pytest.raises(Invalid, match="50 million"):
            fit(png_claiming(60_000, 60_000))
