"""What a file is by its bytes, and what it may be called. Names and declared types are the sender's word only.

The list is short on purpose: what is not surely known is text or plain bytes. Libraries that guess finer call a plain
archive a word-processor's document, or prose that begins with "MZ" a program.
"""

import re

PLAIN_BYTES = "application/octet-stream"

_NAME_LIMIT = 120
_UNFIT_FOR_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffd<>:\"|?*]+"
)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
)
_MARKUP = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (re.compile(rb"<(?:!doctype html|html|script|body|iframe|form)[\s>]", re.IGNORECASE), "text/html"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif"}


def sniff(content: bytes) -> str:
    """Return the content type that the bytes themselves show."""
    for signature, content_type in _SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] in _RIFF:
        return _RIFF[content[8:12]]
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    if content[:2] == b"BM" and content[6:10] == bytes(4):  # two letters alone may begin any text
        return "image/bmp"
    head = content[:2048]
    for pattern, content_type in _MARKUP:
        if pattern.search(head):
            return content_type
    if b"\x00" in head:
        return PLAIN_BYTES
    try:
        head[:1024].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head[:1024]) - 4:
            return PLAIN_BYTES
    return "text/plain"


def clean_name(name: str) -> str:
    """Return the last part of a file's name without what could mislead or harm, at most 120 characters; maybe empty."""
    last = _UNFIT_FOR_NAMES.sub("", name).replace("\\", "/").rpartition("/")[2]
    return " ".join(last.split()).strip(". ")[-_NAME_LIMIT:]
