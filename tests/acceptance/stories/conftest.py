"""One service for all stories that a process runs."""

from collections.abc import Iterator

import pytest
from tests.acceptance.stories.driver import BASES, Story
from tests.acceptance.stories.house import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("house"))
    yield running
    running.stop()


@pytest.fixture
def story(house: House, request: pytest.FixtureRequest) -> Iterator[Story]:
    """An ordinary client of the company that the test's folder is named after."""
    company = request.path.parent.name
    with Story(house, company) as told:
        yield told.registered(**BASES[company])


@pytest.fixture
def stranger(house: House, request: pytest.FixtureRequest) -> Iterator[Story]:
    """Somebody whom that company, which knows its clients, does not know."""
    company = request.path.parent.name
    with Story(house, company) as known, Story(house, company) as told:
        known.registered(**BASES[company])
        yield told
