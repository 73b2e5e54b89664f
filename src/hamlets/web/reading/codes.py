"""The code by which a patient stands in addresses and in the audit log.

In a store of codes that is the pseudonym. In a store that keeps NHS numbers it is a keyed hash
of how the store shows the patient: a number never stands in an address, a log or a bookmark.
"""

from __future__ import annotations

import hashlib
import re

from django.conf import settings

_CODE = re.compile(r"[0-9a-f]{32}", re.ASCII)


def is_code(text: str) -> bool:
    """Return whether a text has the form of a code."""
    return _CODE.fullmatch(text) is not None


def patient_code(label: str) -> str:
    """Return the code of a patient by the store's label of them: 32 hexadecimal digits."""
    if is_code(label):
        return label
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    return hashlib.blake2b(b"patient\0" + label.encode(), key=key, digest_size=16).hexdigest()
