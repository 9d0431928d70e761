"""Everything that can go wrong, as one tree. Each error answers three questions in plain words:
what happened, whether anything was sent, and what to do next.

    DeskError
      CredentialsError          no keys, or keys that cannot be keys
      SettingsError             the settings file says something we do not understand
      JournalError              the local journal cannot be used
        JournalDamaged          its file is broken; what is readable of it can be shown
      VenueError                the venue (or the road to it) said no
        AuthenticationRefused   wrong key, Spot key, wrong secret
        NotPermitted            the key lacks a permission
        NonceRefused            another program uses the key, or the clock jumped back
        RateLimited             too many requests; ``retry_after_s`` when the venue said how long
        VenueUnavailable        maintenance or outage
        BadArgument             the venue could not read the request
        NotFound                the thing asked for does not exist
        OrderRefused            an order, edit or cancel was refused; ``status`` is the venue's word
        UnknownAnswer           a word or shape nobody documented: an error, never a success
      Unreachable               nothing was sent: no route, refused, TLS failed
      OutcomeUnknown            something may have been sent and no answer came
"""

from __future__ import annotations

from enum import StrEnum


class Sent(StrEnum):
    """Whether the request left for the venue."""

    NO = "nothing was sent"
    YES = "it was sent and answered"
    MAYBE = "it may have been sent"


class DeskError(Exception):
    """``what`` happened, ``sent`` or not, ``advice``: the next step. ``str()`` joins them into one line."""

    sent: Sent = Sent.NO

    def __init__(self, what: str, advice: str = "", *, sent: Sent | None = None) -> None:
        super().__init__(what, advice)
        self.what = what
        self.advice = advice
        if sent is not None:
            self.sent = sent

    def __str__(self) -> str:
        return f"{self.what}. {self.advice}" if self.advice else self.what


class CredentialsError(DeskError):
    pass


class SettingsError(DeskError):
    pass


class JournalError(DeskError):
    pass


class JournalDamaged(JournalError):
    pass


class VenueError(DeskError):
    """``word`` is what the venue literally said, for the log and for those who know its words."""

    sent = Sent.YES

    def __init__(self, what: str, advice: str = "", *, word: str = "", sent: Sent | None = None) -> None:
        super().__init__(what, advice, sent=sent)
        self.word = word


class AuthenticationRefused(VenueError):
    pass


class NotPermitted(VenueError):
    pass


class NonceRefused(VenueError):
    pass


class RateLimited(VenueError):
    def __init__(
        self,
        what: str,
        advice: str = "",
        *,
        word: str = "",
        retry_after_s: float | None = None,
        sent: Sent | None = None,
    ) -> None:
        super().__init__(what, advice, word=word, sent=sent)
        self.retry_after_s = retry_after_s


class VenueUnavailable(VenueError):
    pass


class BadArgument(VenueError):
    pass


class NotFound(VenueError):
    pass


class OrderRefused(VenueError):
    """``status`` is the venue's refusal word, ``order_id`` the venue's id when one was made."""

    def __init__(
        self,
        what: str,
        advice: str = "",
        *,
        status: str,
        order_id: str | None = None,
        client_order_id: str | None = None,
    ) -> None:
        super().__init__(what, advice, word=status)
        self.status = status
        self.order_id = order_id
        self.client_order_id = client_order_id


class UnknownAnswer(VenueError):
    pass


class Unreachable(DeskError):
    sent = Sent.NO


class OutcomeUnknown(DeskError):
    sent = Sent.MAYBE
