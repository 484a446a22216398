"""Account ids, replaced by a short hash that is the same for the same account.

Known limits: an account is recognised by what it stands in (its own id anywhere, an ARN, a key such
as ``OwnerId``). A number of twelve digits elsewhere is taken for a quantity and stays.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

_IN_ARN = re.compile(r"(?<=:)(\d{12})(?=:)")
_KEYS = re.compile(r"(owner|account)[_ ]?(id|alias)?s?$", re.IGNORECASE)
_TWELVE = re.compile(r"(?<!\d)\d{12}(?!\d)")


def account_hash(account_id: str) -> str:
    """Return the name under which an account appears when it is redacted."""
    return "account-" + hashlib.sha256(f"prism {account_id}".encode()).hexdigest()[:8]


class Redactor:
    """Replaces account ids in answers.

    Parameters
    ----------
    account_id : str
        The account of the credentials, which is replaced wherever it occurs.
    """

    def __init__(self, account_id: str) -> None:
        self._known = {account_id}

    def text(self, value: str) -> str:
        """Return a text without account ids."""
        if ":" in value:
            self._known.update(_IN_ARN.findall(value))
        return _TWELVE.sub(
            lambda found: account_hash(found[0]) if found[0] in self._known else found[0], value
        )

    def restored(self, value: Any) -> Any:
        """Return the parameters of a call with the account ids that redaction took out of them.

        The name of a bucket or an ARN that a call gave is asked for in the next one as it is.
        """
        if isinstance(value, dict):
            return {key: self.restored(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.restored(item) for item in value]
        if isinstance(value, str) and "account-" in value:
            for account_id in self._known:
                value = value.replace(account_hash(account_id), account_id)
        return value

    def answer(self, value: Any, key: str = "") -> Any:
        """Return an answer without account ids, in keys of objects too."""
        if isinstance(value, dict):
            return {self.text(k): self.answer(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.answer(item, key) for item in value]
        if not isinstance(value, str):
            return value
        if _KEYS.search(key):
            self._known.update(_TWELVE.findall(value))
        return self.text(value)
