/** Names of errors as the service sends them (API, "Errors" of each operation), and those the producer gives itself. */
export const PROVISIONED_THROUGHPUT_EXCEEDED = 'ProvisionedThroughputExceededException';
export const INTERNAL_FAILURE = 'InternalFailure';
export const LIMIT_EXCEEDED = 'LimitExceededException';
export const THROTTLING = 'ThrottlingException';
export const RESOURCE_NOT_FOUND = 'ResourceNotFoundException';
export const ACCESS_DENIED = 'AccessDeniedException';
export const VALIDATION = 'ValidationException';
export const INVALID_ARGUMENT = 'InvalidArgumentException';
export const SERVICE_UNAVAILABLE = 'ServiceUnavailable';
/** The producer's own, named as in the KPL (core/retrier.cc). */
export const EXPIRED = 'Expired';
export const WRONG_SHARD = 'Wrong Shard';
export const RECORD_COUNT_MISMATCH = 'Record Count Mismatch';
/** The transport's own: no answer came in time, or the connection ended before one. */
export const REQUEST_TIMEOUT = 'RequestTimeout';
export const CONNECTION_RESET = 'ConnectionReset';
export const CONNECTION_FAILED = 'ConnectionFailed';
export const UNREADABLE_ANSWER = 'UnreadableAnswer';
