"""Takes the quoted history off a reply, in Russian and English: one pass over the lines; the original is kept."""

import re

_LONGEST_LINE = 300
_LOOK_AHEAD = 5

_DASHES = r"^[\s>]*[-_*]{2,}\s*"
# The lines with which mail programs introduce what they quote.
_DIVIDER = re.compile(_DASHES + r"(?:original message|исходное сообщение|оригинальное сообщение)\b", re.IGNORECASE)
_FORWARD = re.compile(
    r"^[\s>]*begin forwarded message:|"
    + _DASHES
    + r"(?:forwarded message|пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения)\b",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{20,}\s*$")
_WROTE = re.compile(
    r"\b(?:wrote|пишет|сообщает|(?:на)?писал(?:а|и|\(а\))?)\s*(?:\([^()]{0,40}\))?\s*:\s*$", re.IGNORECASE
)
_ADDRESS_LAST = re.compile(r"(?:<[^<>\s]{3,120}>|[^\s<>]{1,64}@[^\s<>]{1,120})\s*:\s*$")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_DATED = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")
_HEADER = re.compile(
    r"^[\s>*]*(from|от|отправитель|sent|date|отправлено|дата|to|кому|subject|тема|cc|копия)\s{0,3}:\*?\s", re.IGNORECASE
)
_FIRST_HEADER = frozenset({"from", "от", "отправитель"})


def without_history(text: str) -> str:
    """Return what the sender wrote anew; ``text`` itself where nothing else would be left.

    Quoted lines go, answers between them stay. A forwarded mail is no history: it is what the sender wants to show.
    """
    kept: list[str] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        if len(line) > _LONGEST_LINE:
            kept.append(line)
        elif _FORWARD.match(line):
            kept.extend(lines[number:])
            break
        elif _DIVIDER.match(line) or _begins_header_block(lines, number):
            break
        elif not line.startswith(">"):
            introducing = _attribution(lines, number)
            if introducing:
                number += introducing
                continue
            kept.append(line)
        number += 1
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip() or text.strip()


def _attribution(lines: list[str], number: int) -> int:
    """Return how many lines from here introduce a quotation ("On … wrote:"); 0 where none do."""
    joined = ""
    for length, line in enumerate(lines[number : number + 3], 1):
        if not line.strip():
            return 0
        joined += " " + line.strip()
        if joined.endswith(":"):
            found = _DATED.search(joined) if _WROTE.search(joined) else _TIME.search(joined)
            told = _WROTE.search(joined) or (length <= 2 and _ADDRESS_LAST.search(joined))
            return length if found and told and _quotes_follow(lines, number + length) else 0
        if len(joined) > _LONGEST_LINE:
            return 0
    return 0


def _quotes_follow(lines: list[str], number: int) -> bool:
    """Say whether the next written line is a quoted one, or nothing follows."""
    for line in lines[number : number + _LOOK_AHEAD]:
        if line.strip():
            return line.startswith(">")
    return True


def _begins_header_block(lines: list[str], number: int) -> bool:
    """Say whether Outlook's block begins here: From, then at least two more headers in the next lines."""
    first = _HEADER.match(lines[number])
    if first is None or first[1].lower() not in _FIRST_HEADER:
        return False
    following = [_HEADER.match(line[:_LONGEST_LINE]) for line in lines[number + 1 : number + 1 + _LOOK_AHEAD]]
    return len({found[1].lower() for found in following if found}) >= 2
