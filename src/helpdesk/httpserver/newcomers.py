"""Turning newcomers away before a listening socket closes.

Whoever closes a listening socket resets the connections that the kernel has made but nobody has accepted, and between
the last `accept` and `close` there is always a moment for one more. Linux drops the packets that a socket's filter
refuses (socket(7), SO_ATTACH_FILTER; the classic filter of McCanne and Jacobson, 1993): with a filter against the
packet that opens a connection, what is in the making is completed and accepted, and a newcomer's repeated packet, a
second later, meets a closed port or the next instance.
"""

import ctypes
import socket
import struct
import sys

_SO_ATTACH_FILTER = 26
_FLAGS_AT = 13
"""Where a TCP header has its flags (RFC 9293, 3.1)."""
_SYN, _ACK = 0x02, 0x10
_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_PROGRAM = (
    (_LOAD_BYTE, 0, 0, _FLAGS_AT),
    (_AND, 0, 0, _SYN | _ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, 0xFFFFFFFF),
)


def turn_newcomers_away(listening: socket.socket) -> bool:
    """Let ``listening`` take no more connections than those in the making; return whether this machine can."""
    if sys.platform != "linux":
        return False
    code = b"".join(struct.pack("=HBBI", *each) for each in _PROGRAM)
    held = ctypes.create_string_buffer(code, len(code))
    listening.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(_PROGRAM), ctypes.addressof(held))
    )
    return True
