"""Where an edition's text stands, what judges by it, and who may read it."""

from tests.integration.api.conftest import Service


async def test_what_is_public_is_shown_to_anybody(service: Service) -> None:
    """TelemedHelp 1.1, 7.1: everybody may read it, with its address and the hash of what judges; of others nobody."""
    async with service.client() as client:
        shown = await client.get("/regulations/telemedhelp")
        others = [await client.get(f"/regulations/{slug}") for slug in ("pass24", "nobody")]
    text = shown.json()
    assert (shown.status_code, text["edition"], text["url_clause"]) == (200, "2017-10-01", "7.1")
    assert text["url"].endswith("reghelpdesk.pdf")
    assert (text["in_force_from"], text["zone"]) == ("2017-10-01T00:00:00", "Europe/Moscow")
    assert len(text["snapshot"]) == 64
    assert [answer.status_code for answer in others] == [404, 404]


async def test_an_edition_says_where_it_stands_and_what_judges(service: Service) -> None:
    """To a company's own people every edition says its order, its date and its address, as far as its text has them."""
    async with service.client("pass24-agent") as client:
        text = (await client.get("/v1/regulation/text")).json()
        judged_by = (await client.get("/v1/regulation")).json()["snapshot"]
    assert (text["edition"], text["in_force_from"], text["order"], text["snapshot"]) == ("undated", "", "", judged_by)
