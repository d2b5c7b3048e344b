"""Texts in Fluent: a regulation's own wording first, the built-in wording wherever that is missing or broken.

Arguments are data, never Fluent: whatever a client or an agent wrote comes out as it is, cleaned of control characters.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast
from msgspec import Struct

from helpdesk.texts.clean import clean_line, clean_text
from helpdesk.texts.keys import KEYS, is_subject

LANGUAGES = ("ru", "en")
"""The languages of the built-in texts, the preferred one first."""

_LONGEST_PLACEABLE = 2_000  # Fluent refuses placeables over 2,500 characters; longer ones are put in afterwards
_LONGEST_SOURCE = 200_000


class TextProblem(Struct, frozen=True):
    """Something wrong with a regulation's texts: the built-in text is used instead."""

    language: str
    key: str
    cause: str


class _Layer:
    """One language's messages from one source."""

    def __init__(self, language: str, source: str) -> None:
        resource = FluentResource(source)
        self.language = language
        self.junk = [entry for entry in resource.body if isinstance(entry, ast.Junk)]
        self.keys = [entry.id.name for entry in resource.body if isinstance(entry, ast.Message)]
        self._bundle = FluentBundle([language], use_isolating=False)
        self._bundle.add_resource(resource)

    def format(self, key: str, arguments: Mapping[str, str]) -> tuple[str | None, str]:
        """Return the text, or None and why there is none."""
        if not self._bundle.has_message(key):
            return None, "not defined"
        try:
            pattern = self._bundle.get_message(key).value
            if pattern is None:
                return None, "has no text"
            text, errors = self._bundle.format_pattern(pattern, dict(arguments))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            return None, str(error)
        if errors:
            return None, "; ".join(str(error) for error in errors)
        return str(text), ""


@cache
def _built_in(language: str) -> _Layer:
    return _Layer(language, (files("helpdesk.texts") / "builtin" / f"{language}.ftl").read_text("utf-8"))


class Texts:
    """The texts of one regulation: ``sources`` maps a language (``ru``, ``en``) to Fluent source."""

    def __init__(self, sources: Mapping[str, str] | None = None) -> None:
        self._own: dict[str, _Layer] = {}
        problems: list[TextProblem] = []
        for language, source in (sources or {}).items():
            layer, found = _read(language, source)
            problems.extend(found)
            if layer is not None:
                self._own[language] = layer
        self.problems: tuple[TextProblem, ...] = tuple(problems)
        """What is wrong with the sources; each is replaced by the built-in text."""

    def render(self, key: str, arguments: Mapping[str, str | int], language: str = "ru") -> str:
        """Return the text of ``key`` as clean plain text; a ``-subject`` key gives one line fit for a header.

        Raises:
            KeyError: there is no such key.
            ValueError: an argument of the key is missing.
        """
        missing = [name for name in KEYS[key] if name not in arguments]
        if missing:
            raise ValueError(f"{key} needs {', '.join(missing)}")
        given = {name: clean_text(str(arguments[name])) for name in KEYS[key]}
        # A control character cannot be in a cleaned argument, so the stand-in of a long one cannot be forged.
        stand_ins = {f"\x00{name}\x00": text for name, text in given.items() if len(text) > _LONGEST_PLACEABLE}
        short = {name: f"\x00{name}\x00" if len(text) > _LONGEST_PLACEABLE else text for name, text in given.items()}
        text = self._format(key, short, language)
        for stand_in, long_text in stand_ins.items():
            text = text.replace(stand_in, long_text)
        return clean_line(text) if is_subject(key) else clean_text(text)

    def _format(self, key: str, arguments: Mapping[str, str], language: str) -> str:
        for layer in self._layers(language):
            text, _ = layer.format(key, arguments)
            if text is not None:
                return text
        raise KeyError(key)

    def _layers(self, language: str) -> Iterator[_Layer]:
        """Give own wording in the language, then the built-in one; Russian, then English, where there is neither."""
        if language in self._own:
            yield self._own[language]
        if language in LANGUAGES:
            yield _built_in(language)
        yield from (_built_in(other) for other in LANGUAGES if other != language)


def _read(language: str, source: str) -> tuple[_Layer | None, list[TextProblem]]:
    if len(source) > _LONGEST_SOURCE:
        return None, [TextProblem(language, "", f"over {_LONGEST_SOURCE} characters")]
    try:
        layer = _Layer(language, source)
    except Exception as error:
        return None, [TextProblem(language, "", f"{type(error).__name__}: {error}")]
    problems = [
        TextProblem(language, "", "cannot be read: " + (junk.content or "").strip()[:80]) for junk in layer.junk
    ]
    for key in layer.keys:
        if layer.keys.count(key) > 1:
            problems.append(TextProblem(language, key, "defined twice"))
            continue
        if key not in KEYS:
            problems.append(TextProblem(language, key, "no such key"))
            continue
        text, cause = layer.format(key, dict.fromkeys(KEYS[key], "1"))
        if text is None:
            problems.append(TextProblem(language, key, cause))
    return layer, problems
