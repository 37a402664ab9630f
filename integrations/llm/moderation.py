"""OpenAI's moderation service, for the check of that name. It costs nothing, and reads text only."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from agents.writing.checks import Moderation

if TYPE_CHECKING:
    from openai import OpenAI

MODEL = "omni-moderation-latest"
TIMEOUT_S = 8.0


class Moderator:
    """Asks the server that the key belongs to; the client is imported when it is first asked."""

    def __init__(self, api_key: str, base_url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._api_key, self._base_url, self._timeout_s = api_key, base_url, timeout_s

    def look(self, text: str) -> Moderation:
        """Never raises: where nobody could be asked, the result says why."""
        import openai

        try:
            result = self._client.moderations.create(model=MODEL, input=text).results[0]
        except openai.NotFoundError:
            return Moderation(skipped="The model's server has no moderation service.")
        except openai.APIStatusError as error:
            return Moderation(skipped=f"The moderation service answered {error.status_code}.")
        except openai.APIConnectionError:
            return Moderation(skipped="The moderation service did not answer in time.")
        except (openai.OpenAIError, ValueError, LookupError, TypeError, AttributeError):
            return Moderation(skipped="The moderation service answered in words that are not its own.")
        said = result.categories.model_dump(by_alias=True)
        return Moderation(result.flagged, tuple(sorted(name for name, flagged in said.items() if flagged)))

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        from integrations.llm.http_client import deadline_client

        return OpenAI(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=self._timeout_s,
            max_retries=1,
            http_client=deadline_client(),
        )


def moderator(openai_api_key: str, openai_base_url: str) -> Moderator | None:
    """None without a key: then the check is skipped, and says so."""
    return Moderator(openai_api_key, openai_base_url) if openai_api_key else None
