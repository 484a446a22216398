"""What botocore raises, as errors of this package; the one place where it is translated.

The provider's own words are never shown: they hold account ids, role names and request ids.
"""

from __future__ import annotations

from botocore import exceptions as boto

from prismlib.errors import (
    AccessError,
    CallError,
    CredentialsError,
    DataUnavailableError,
    PrismError,
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
STALE_TOKEN = {"InvalidNextTokenException", "RequestChangedException", "InvalidNextToken"}

NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.SSOError,
)
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
    place = f" in {region}" if region else ""
    return CallError(
        service,
        operation,
        f"no usable answer{place}",
        code=type(error).__name__,
        expected="a whole answer of the service",
        remedy="check the network and the region, then run it again: the cache keeps what it has",
    )


def _from_code(
    error: boto.ClientError, service: str, operation: str, period: str, region: str
) -> CallError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in DENIED:
        return AccessError(service, operation, iam_action=iam_action(service, operation), code=code)
    if code in CREDENTIALS:
        what = "the credentials are expired or not accepted"
        return CredentialsError(service, operation, what, code=code, remedy=REMEDY)
    if code in THROTTLED:
        retries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        return ThrottledError(service, operation, attempts=int(retries) + 1, code=code)
    if code in UNAVAILABLE:
        return DataUnavailableError(service, operation, period=period, code=code)
    place = f" in {region}" if region else ""
    return CallError(service, operation, f"was refused{place}", code=code)
