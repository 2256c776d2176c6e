/**
 * Why a request failed: the `reason` of the API server's Status, or one of the last three where no
 * Status came back.
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go
 */
export type ApiErrorCode = (typeof statusReasons)[number] | 'Unreachable' | 'InvalidResponse';

/** Reasons of Status that callers can tell apart; any other is `Unknown`. */
export const statusReasons = [
  'Unknown',
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Expired',
  'Invalid',
  'ServerTimeout',
  'StoreReadError',
  'Timeout',
  'TooManyRequests',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'InternalError',
  'ServiceUnavailable',
] as const;

/** What is known beyond the code. */
export interface ApiErrorInit extends ErrorOptions {
  /** HTTP status; absent where no answer came. */
  readonly status?: number | undefined;
  /** How long the server asks to wait before the next try. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A request to the API server that failed, or whose answer cannot be understood. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ApiErrorCode, message: string, init: ApiErrorInit = {}) {
    super(message, init);
    this.code = code;
    this.status = init.status;
    this.retryAfterSeconds = init.retryAfterSeconds;
  }
}

/** Whether the error is an `ApiError`, with one of the codes where some are given. */
export function isApiError(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}
