from collections.abc import Iterator

import pytest

from tests.integrations.town import Town


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    yield town
    town.close()
