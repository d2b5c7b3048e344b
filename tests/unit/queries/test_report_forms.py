"""The forms of reports: CSV that no spreadsheet runs, pictures that any reader can read, spans as they are meant."""

import csv
import io
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries.reports.periods import Span, buckets, nearest_rank, percent
from helpdesk.queries.reports.pictures import MOST_LINES, to_svg
from helpdesk.queries.reports.tables import BOM, Table, guarded, tabulate, to_csv, to_text
from helpdesk.queries.reports.views import Aimed, AttainmentLine, AttainmentReport, Kept
from helpdesk.queries.reports.words import duration, number
from helpdesk.sla.averages import Period

NOW = from_datetime(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))  # April in Moscow


def report(*names: str | None) -> AttainmentReport:
    limit, goal = Kept(1234, 1, 2, 3, 99.91, {"merged": 3}), Aimed(1, 0, 0, 0, 100.0)
    lines = tuple(AttainmentLine({"agent": name}, limit, goal) for name in names)
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    return AttainmentReport("siroca", "Asia/Bishkek", moment, "2026-01", "2026-04", ("agent",), lines,
                            AttainmentLine({}, limit, goal))  # fmt: skip


class TestCsv:
    """RFC 4180, UTF-8."""

    @given(st.lists(st.text(), min_size=1, max_size=5))
    def test_any_text_comes_back_and_none_is_a_formula(self, texts: list[str]) -> None:
        """What a reader finds in a cell is the text, at most with an apostrophe before it; no cell begins a formula."""
        table = Table(("agent",), tuple((text,) for text in texts))
        for separator in (",", ";"):
            found = list(csv.reader(io.StringIO(to_csv(table, separator=separator), newline=""), delimiter=separator))
            cells = [row[0] if row else "" for row in found[1:]]
            assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]
            assert not any(cell.lstrip(" \u00a0")[:1] in set("=+-@\t\r\n＝＋－＠") - {""} for cell in cells if cell)

    @pytest.mark.parametrize("text", ["=1+1", "+7 495", "-2", "@SUM(A1)", "\tx", " =cmd|'/C calc'!A0", "＝1"])
    def test_a_formula_is_shown_as_text(self, text: str) -> None:
        """By an apostrophe before it, behind leading blanks too; what is no formula stays as it is."""
        assert guarded(text) == f"'{text}"
        assert guarded(f"x{text}") == f"x{text}"

    def test_spreadsheets_get_what_they_need(self) -> None:
        """A byte order mark and a decimal comma where asked for; else neither."""
        plain = to_csv(tabulate([report("Анна")]), lang="ru")
        assert plain.startswith("компания,сотрудник,соблюдено,")
        assert "\r\nsiroca,Анна,1234,1,2,3,3,0,0,99.91," in plain
        asked = to_csv(tabulate([report("Анна")]), lang="ru", separator=";", bom=True)
        assert asked.startswith(f"{BOM}компания;")
        assert ";99,91;" in asked

    def test_a_terminal_gets_columns(self) -> None:
        """Aligned, a dash where nothing is."""
        head, line = to_text(tabulate([report(None)]), lang="en").splitlines()
        assert head.split()[:3] == ["tenant", "agent", "met"]
        assert line.split()[:3] == ["siroca", "–", "1234"]
        assert head.index("met") == line.index("1234")


class TestPictures:
    """SVG."""

    @given(st.text(max_size=60))
    def test_any_name_stands_in_a_well_formed_picture(self, name: str) -> None:
        """Markup, control characters and surrogates included: nothing but the named elements comes of it."""
        root = ET.fromstring(to_svg([report(name or "x")], lang="ru").encode("utf-8", "surrogatepass"))
        assert not [element for element in root.iter() if element.tag.endswith(("script", "image", "a", "style"))]

    def test_every_line_has_its_numbers_in_words(self) -> None:
        """In either language, as that language writes numbers; in the description too."""
        for lang, said in (
            ("ru", "99,91\u00a0% (1\u202f234 из 1\u202f235)"),
            ("en", "99.91\u00a0% (1\u202f234 of 1\u202f235)"),
        ):
            root = ET.fromstring(to_svg([report("Анна <b>")], lang=lang))  # type: ignore[arg-type]
            desc = root.find("{http://www.w3.org/2000/svg}desc")
            assert desc is not None
            assert desc.text is not None
            assert desc.text.startswith(f"Анна <b>: {said}")

    def test_a_picture_is_bounded(self) -> None:
        """Further lines are counted, not drawn; nothing to draw is said."""
        many = to_svg([report(*map(str, range(MOST_LINES + 7)))], lang="en")
        assert (many.count("<g "), "and more lines: 7" in many) == (MOST_LINES, True)
        assert "There is nothing to show" in to_svg([report()], lang="en")

    def test_pictures_carry_no_identity_twice(self) -> None:
        """Ids carry the picture's name, so that several can stand on one page; nothing is fetched from elsewhere."""
        text = to_svg([report("x")])
        assert text.count('id="attainment-title"') == 1
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


class TestSpans:
    """Months and other periods in the company's zone."""

    def test_left_out_is_the_last_twelve_months(self) -> None:
        """Up to the present one, which is that of the zone, not of UTC."""
        assert Span.of_months("", "", NOW, "Europe/Moscow") == Span(date(2025, 5, 1), date(2026, 4, 30))
        assert Span.of_months("", "", NOW, "UTC") == Span(date(2025, 4, 1), date(2026, 3, 31))
        assert Span.of_months("2026-02", "2026-02", NOW, "UTC") == Span(date(2026, 2, 1), date(2026, 2, 28))

    @pytest.mark.parametrize(
        ("first", "last"),
        [("2026-13", ""), ("2026", ""), ("x", ""), ("2026-05", "2026-04"), ("0001-01", ""), ("", "9999-12")],
    )
    def test_what_is_no_span_is_refused(self, first: str, last: str) -> None:
        """With the field's name."""
        with pytest.raises(Invalid) as refused:
            Span.of_months(first, last, NOW, "UTC")
        assert set(refused.value.fields) <= {"first_month", "last_month"}

    def test_too_many_periods_are_refused(self) -> None:
        """A span is bounded, whatever it is cut into."""
        with pytest.raises(Invalid):
            buckets(Span(date(2020, 1, 1), date(2026, 1, 31)), Period.DAY, "UTC")
        with pytest.raises(Invalid):
            buckets(Span(date(2026, 2, 1), date(2026, 2, 28)), Period.YEAR, "UTC")

    @given(st.sampled_from(Period), st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(1, 36))
    def test_periods_follow_each_other(self, period: Period, start: date, months: int) -> None:
        """Without gap or overlap, each beginning on a first date of its kind, none beginning outside the span."""
        last = date(start.year + 1 + months // 12, 12, 31)
        span = Span(start.replace(day=1), last)
        if period is Period.DAY:
            return
        cut = buckets(span, period, "Europe/Moscow")
        assert [period.first_of(day) for day in (*cut.firsts, cut.end)] == [*cut.firsts, cut.end]
        assert list(cut.edges) == sorted(set(cut.edges))
        assert span.first <= cut.firsts[0]
        assert cut.firsts[-1] <= span.last < cut.end


@given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from((50, 75, 90, 95)))
def test_nearest_rank_is_the_definition(values: list[int], share: int) -> None:
    """The smallest value that at least so many percent of the values do not exceed."""
    values.sort()
    expected = next(value for value in values if 100 * sum(other <= value for other in values) >= share * len(values))
    assert nearest_rank(values, share) == expected


def test_a_hundred_percent_means_all() -> None:
    """One of a hundred thousand missing shows; nothing has no percentage."""
    assert percent(99_999, 100_000) == 99.99
    assert percent(5, 5) == 100.0
    assert percent(0, 0) is None


def test_spans_are_told_in_their_two_largest_units() -> None:
    """Negative ones with a minus sign; none as a dash."""
    assert duration(3 * 86_400 + 4 * 3_600 + 59, "ru") == "3\u00a0д 4\u00a0ч"
    assert duration(-90, "en") == "−1\u00a0min 30\u00a0s"
    assert (duration(0, "ru"), duration(None, "ru"), number(None, "ru")) == ("0\u00a0с", "–", "–")
