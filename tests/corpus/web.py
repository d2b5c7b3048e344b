"""Hostile and odd posts to a form: each its content type and body."""

from collections.abc import Mapping

from tests.support.web_place import multipart

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def hostile_forms(token: bytes) -> Mapping[str, tuple[str, bytes]]:
    """Return the corpus by name; ``token`` stands where a form's token belongs."""
    text = ("text", None, b"x")
    parts = {
        "no boundary": (multipart(text)[0], "multipart/form-data"),
        "another boundary": (multipart(text)[0], "multipart/form-data; boundary=other"),
        "endless boundary": multipart(text, boundary="b" * 5_000),
        "no last boundary": (multipart(("token", None, token), text)[0][:-20], multipart(text)[1]),
        "a path for a name": multipart(("token", None, token), text, ("f", "../../etc/passwd", b"x")),
        "a program": multipart(("token", None, token), text, ("f", "отчёт.pdf", b"MZ" + b"\0" * 100)),
        "svg": multipart(("token", None, token), text, ("f", "a.png", b"<svg onload=alert(1)>")),
        "empty file input": multipart(("token", None, token), text, ("f", "", b"")),
        "many parts": multipart(*(("text", None, b"x") for _ in range(200))),
        "many files": multipart(("token", None, token), text, *(("f", "a.txt", b"x") for _ in range(30))),
        "no utf-8": multipart(("token", None, token), ("text", None, b"\xff\xfe")),
        "long header": multipart((("n" * 10_000), None, b"x")),
        "a text of a megabyte": multipart(("token", None, token), ("text", None, b"x" * 1_000_000)),
        "a line in a file's name": multipart(("token", None, token), text, ("f", "a\rb.txt", b"x")),
    }
    return {
        **{name: (kind, body) for name, (body, kind) in parts.items()},
        "nothing": (JSON, b""),
        "no JSON": (JSON, b"\xff{"),
        "a list": (JSON, b"[1]"),
        "deep": (JSON, b"[" * 100_000),
        "deep object": (JSON, b'{"a":' * 50_000),
        "a number for a text": (JSON, b'{"token":"' + token + b'","text":1}'),
        "half a surrogate": (JSON, b'{"token":"' + token + b'","text":"\\ud800"}'),
        "controls": (JSON, b'{"token":"' + token + b'","text":"a\\u001b[2J\\u202e\\u0000","subject":"a\\r\\nBcc: v"}'),
        "a line in the address": (JSON, b'{"token":"' + token + b'","text":"a","email":"v@x.example\\nBcc: w@x"}'),
        "two addresses": (JSON, b'{"token":"' + token + b'","text":"a","email":"v@x.example,w@x.example"}'),
        "an endless address": (JSON, b'{"token":"' + token + b'","text":"a","email":"' + b"a" * 9_000 + b'@x"}'),
        "an endless name": (JSON, b'{"token":"' + token + b'","text":"a","name":"' + b"a" * 20_000 + b'"}'),
        "somebody's number": (JSON, b'{"token":"' + token + b'","subject":"Re: [#1]","text":"#1"}'),
        "a field's odd name": (JSON, b'{"token":"' + token + b'","text":"a","__proto__[x]":"1"}'),
        "many fields": (FORM, b"token=" + token + b"&text=a&" + b"&".join(b"f%d=1" % n for n in range(5_000))),
        "blanks alone": (FORM, b"token=" + token + b"&text=+%0A+"),
        "broken percents": (FORM, b"token=" + token + b"&text=%ff%zz"),
        "a robot's": (FORM, b"token=" + token + b"&text=a&website=https%3A%2F%2Fspam.example"),
        "no token": (FORM, b"text=a"),
        "another's token": (FORM, b"token=" + b"A" * 54 + b"&text=a"),
        "markup": (FORM, b"token=" + token + b"&text=%3Cscript%3Ealert(1)%3C/script%3E&subject=%7B%7B7*7%7D%7D"),
        "plain text": ("text/plain", b'{"text":"a"}'),
        "no type": ("", b"text=a"),
        "another charset": (FORM + "; charset=windows-1251", b"text=a"),
        "zipped": ("application/gzip", b"\x1f\x8b" + b"\0" * 100),
        "too large": (JSON, b" " * 2_000_000),
    }
