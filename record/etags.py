"""Entity-tags in conditions (RFC 9110 §8.8.3, §13.1.1)."""

import re

_TAGS = re.compile(r'(?:W/)?"[^"]*"')


def named(if_match: str, etag: str) -> bool:
    """Whether a list of tags names `etag`, compared strongly: a weak one never does. `*` is for
    whoever asks to say."""
    return etag in _TAGS.findall(if_match)
