"""Which tools a persona is offered, how they are described to a model, and what the model's arguments become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.personas.persona import Persona
from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.base import mistakes
from agents.tasks.tools import Tool, ToolFailed


def offered(
    tools: Iterable[Tool], persona: Persona, stage: Stage, outside: Mapping[str, Any]
) -> tuple[Tool, ...]:
    """Those it is permitted, that the stage allows, and that this installation has the adapters for."""
    families = {Family.PLAN, *persona.profile.tasks.tools}
    return tuple(
        tool
        for tool in tools
        if tool.family in families
        and stage in tool.stages
        and (not tool.needs or outside.get(tool.needs) is not None)
    )


def called(name: str, among: Sequence[Tool]) -> Tool:
    """The tool that the model means. Raises ToolFailed for one that was not offered: asking for it does not get it."""
    for tool in among:
        if tool.name == name:
            return tool
    known = ", ".join(tool.name for tool in among)
    raise ToolFailed(f"You have no tool called {name[:100]} at this stage.", remedy=f"You have {known}.")


def described(tool: Tool) -> dict[str, Any]:
    """As chat models take it: an OpenAI function, its arguments as JSON Schema without references."""
    schema = tool.arguments.model_json_schema()
    parameters = _plain(schema, schema.get("$defs", {}))
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.summary, "parameters": parameters},
    }


def given(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    """Raises ToolFailed that names each argument that is wrong, and how."""
    try:
        return tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        raise ToolFailed(
            f"{tool.name} was not run, because its arguments are wrong: {mistakes(error)}.",
            remedy=f"It takes {', '.join(tool.arguments.model_fields)}. Call it again.",
        ) from None


def _plain(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Without references, which many providers do not follow, and titles, which only cost tokens."""
    if isinstance(schema, list):
        return [_plain(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = {**definitions[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return {
        key: {name: _plain(one, definitions) for name, one in value.items()}
        if key == "properties"
        else _plain(value, definitions)
        for key, value in schema.items()
        if key != "$defs" and not (key == "title" and isinstance(value, str))
    }
