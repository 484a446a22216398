"""What botocore raises, as errors of this package; the one place where it is told apart.

Each call failed after every attempt. What then follows is in the class of the error: with a
`reason` it leaves out the table or the part that needed the call (`PullContext.unread`), without
one it stops the pull. The charges are all or nothing: whatever fails there stops it. A broken
answer is asked for once more, at once (`Caller`). The provider's own words are never shown: they
hold account ids, role names and request ids.

=================================================  =====================  ==========
what was raised                                    error                  the pull
=================================================  =====================  ==========
a permission is missing                            AccessError            goes on
credentials are missing, expired or wrong          CredentialsError       stops
refused because of its rate                        ThrottledError         goes on
5xx, no endpoint, no connection, a reset, a limit  OutageError            goes on
any other refusal                                  RefusedError           goes on
no data for a period                               DataUnavailableError   goes on
a body that breaks off, a token that is refused    BrokenAnswerError      goes on
a page that leads to itself or one before it       BrokenAnswerError      goes on
an answer that is none of AWS, as of a proxy       BrokenAnswerError      goes on
=================================================  =====================  ==========
"""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from prismlib.errors import (
    AccessError,
    BrokenAnswerError,
    CallError,
    CredentialsError,
    DataUnavailableError,
    OutageError,
    PrismError,
    RefusedError,
    ThrottledError,
)
from prismlib.sources.permissions import iam_action

DENIED = {
    *("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"),
    *("UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized", "OptInRequired"),
    *("AllAccessDisabled", "AccountProblem", "403", "Forbidden"),
}
CREDENTIALS = {
    *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"),
    *("UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException"),
    *("InvalidAccessKeyId", "AuthFailure", "MissingAuthenticationToken", "InvalidToken"),
    *("MissingAuthenticationTokenException", "IncompleteSignature", "TokenRefreshRequired"),
}
THROTTLED = {
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"),
    *("RequestThrottledException", "RequestLimitExceeded", "LimitExceededException"),
    *("TooManyRequestsException", "SlowDown", "PriorRequestNotComplete"),
    *("BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededFault"),
}
UNAVAILABLE = {"DataUnavailableException", "BillExpirationException"}
SERVER_FAILED = 500
STALE_TOKEN = {"InvalidNextTokenException", "RequestChangedException", "InvalidNextToken"}

NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.SSOError,
)
UNLIKE = (ResponseParserError, ParseError, KeyError, TypeError, AttributeError, ValueError)
"""What the parsers of botocore raise for an answer of another kind or shape."""
RAISED = (boto.BotoCoreError, boto.ClientError, OSError, *UNLIKE)
"""What a call may raise."""

OUTAGES = (
    boto.ConnectionError,
    boto.HTTPClientError,
    boto.EndpointProviderError,
    boto.UnknownEndpointError,
    OSError,
)
"""No connection, none in time or one that was reset; a service that has no endpoint there.

An answer that is no XML botocore makes a failure of the server for S3.
"""

FOREIGN = "is none of AWS: is there a proxy or a login page in between?"


class ForeignAnswerError(boto.BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """An answer is of another kind than those of the operation."""

    fmt = "an answer of another kind"


REMEDY = "log in again or choose another --profile, then run it again: the cache keeps what it has"


def translated(
    error: Exception, service: str, operation: str, *, period: str = "", region: str = ""
) -> PrismError:
    """Return the error to raise for what a call raised; one of ours comes back as it is."""
    if isinstance(error, PrismError):
        return error
    if isinstance(error, boto.ClientError):
        return _from_code(error, service, operation, period, region)
    if isinstance(error, NO_CREDENTIALS):
        return CredentialsError(
            service,
            operation,
            "there are no usable credentials",
            code=type(error).__name__,
            expected="a profile, variables or a role that boto3 finds",
            remedy=REMEDY,
        )
    code = type(error).__name__
    if isinstance(error, OUTAGES) and not _is_cut_off(error):
        return OutageError(service, operation, code=code, region=region)
    how = FOREIGN if isinstance(error, (ForeignAnswerError, *UNLIKE)) else "is not whole"
    return BrokenAnswerError(service, operation, how, code=code, region=region)


def _is_cut_off(error: Exception) -> bool:
    """Return whether a connection broke inside a body, after the service had begun to answer."""
    # So urllib3 words it; before an answer it is "Connection aborted".
    is_inside = "Connection broken" in str(getattr(error, "kwargs", {}).get("error", ""))
    return isinstance(error, boto.ConnectionClosedError) and is_inside


def _from_code(
    error: boto.ClientError, service: str, operation: str, period: str, region: str
) -> CallError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in DENIED:
        return AccessError(service, operation, iam_action=iam_action(service, operation), code=code)
    if code in CREDENTIALS:
        what = "the credentials are expired or not accepted"
        # A region that the account has not enabled answers with the same code.
        also = f", or leave out {region} if the account has not enabled it" if region else ""
        return CredentialsError(service, operation, what, code=code, remedy=REMEDY + also)
    if code in THROTTLED:
        retries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        return ThrottledError(service, operation, attempts=int(retries) + 1, code=code)
    if code in UNAVAILABLE:
        return DataUnavailableError(service, operation, period=period, code=code)
    if code in STALE_TOKEN:
        how = "leads to a page that is not given any more"
        return BrokenAnswerError(service, operation, how, code=code, region=region)
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= SERVER_FAILED:
        return OutageError(service, operation, code=code, region=region)
    return RefusedError(service, operation, code=code, region=region)
