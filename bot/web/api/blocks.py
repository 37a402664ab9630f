"""The blocks of a card as JSON: each as it is declared in `bot.cards`, and which one it is in `type`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_type_hints

from pydantic import BaseModel, Discriminator, create_model

from bot import cards


def _model(block: type) -> type[BaseModel]:
    """A new kind of block, or a new field of one, is here by itself."""
    hints = get_type_hints(block)
    name = block.__name__.lower()
    members: dict[str, Any] = {"type": (Literal[name], name)}
    members |= {field.name: (hints[field.name], ...) for field in fields(block)}
    return create_model(f"{block.__name__}Block", __doc__=block.__doc__, **members)


MODELS = {kind: _model(kind) for kind in get_args(cards.Block)}

if TYPE_CHECKING:
    Block = BaseModel
else:
    Block = Annotated[Union[tuple(MODELS.values())], Discriminator("type")]  # noqa: UP007  a list that is computed


def block_of(block: cards.Block) -> Block:
    values = {field.name: getattr(block, field.name) for field in fields(block)}
    return MODELS[type(block)](**values)
