"""The API's page works without the internet, and says what is true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from bot import cards
from bot.web.api import shapes
from tests.api.team import Team


@pytest.fixture
def schema(team: Team) -> dict[str, Any]:
    """As anybody gets it, without a key."""
    answer: dict[str, Any] = team.bare().get("/api/openapi.json").json()
    return answer


def test_the_page_is_drawn_by_files_of_our_own_alone(page: Page, team: Team, address: str) -> None:
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(f"{address}/api/docs")
    expect(page.get_by_role("heading", name="Troupe")).to_be_visible()
    page.get_by_text("Run a command, or say something").click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    assert all(url.startswith((address, "data:", "blob:")) for url in asked), asked
    assert not faults


def test_the_page_asks_with_the_key_that_is_typed_into_it(page: Page, team: Team, address: str) -> None:
    page.goto(f"{address}/api/docs")
    page.get_by_role("button", name="Authorize").first.click()
    asked = page.locator(".modal-ux")
    asked.locator("input").fill(team.key())
    asked.locator("button.authorize").click()
    asked.locator("button.btn-done").click()
    page.get_by_text("The channels").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text("general")


def test_every_way_in_says_that_it_wants_a_key_and_how_it_may_end(schema: dict[str, Any]) -> None:
    assert len(schema["paths"]) == 16
    for path, ways in schema["paths"].items():
        for way in ways.values():
            assert way["security"] == [{"API key": []}], path
            assert {"401", "403", "404", "422", "429", "500"} <= set(way["responses"]), path
            for status, answer in way["responses"].items():
                if int(status) >= 400:
                    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorOut")
    assert schema["servers"] == [{"url": "/api"}]


def test_the_examples_are_valid(schema: dict[str, Any]) -> None:
    for path, model in (("/commands", shapes.CommandIn), ("/actions", shapes.ActionIn)):
        body = schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert len(body["examples"]) == 2
        for example in body["examples"].values():
            model.model_validate(example["value"])


def test_every_kind_of_block_is_in_the_schema_and_comes_back_whole(schema: dict[str, Any]) -> None:
    blocks: list[cards.Block] = [
        cards.Text("words", "quote", whole=True),
        cards.Fields((cards.Field("Account", "@ada"),)),
        cards.Checks((cards.Check("length", "failed", "by 3"),)),
        cards.Diff((("same", "a "), ("added", "b")), "against version 1"),
        cards.Picture("p1", "a square"),
        cards.Chart("Posts", "bar", ("Mon", "Tue"), (("ada", (1.0, 2.0)),)),
        cards.Progress("writing", 1, 3),
        cards.Stream("so far"),
        cards.File("f1", "notes.txt", 12),
        cards.Link("https://example.com", "A page"),
    ]
    card = shapes.card_of(cards.Card("All of them", tuple(blocks)))
    sent = json.loads(card.model_dump_json())
    assert [block["type"] for block in sent["blocks"]] == [type(block).__name__.lower() for block in blocks]
    assert TypeAdapter(shapes.CardOut).validate_python(sent) == card
    kinds = schema["components"]["schemas"]["CardOut"]["properties"]["blocks"]["items"]["discriminator"][
        "mapping"
    ]
    assert set(kinds) == {block["type"] for block in sent["blocks"]}


def test_files_of_the_page_are_only_those(team: Team, alice: TestClient) -> None:
    assert team.bare().get("/api/docs/swagger-ui.css").headers["content-type"].startswith("text/css")
    for name in ("start.py", "..%2fdocs.py", "redoc.standalone.js"):
        assert alice.get(f"/api/docs/{name}").status_code == 404
