import type { Dispatcher } from 'undici';
import { ApiError, type ApiErrorCode, statusReasons } from '../api/api-error.ts';
import { isObject } from '../is-object.ts';
import type { ApiRequest } from './api-request.ts';

/** Reasons for answers that carry no Status, such as those of a proxy in between. */
const reasonByStatus: Readonly<Record<number, ApiErrorCode>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The error that an answer other than 2xx stands for. Reads its body. */
export async function errorOfAnswer(
  request: ApiRequest,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<ApiError> {
  const text = await body.text();
  return errorOfStatus(parseStatus(text) ?? { message: text.slice(0, 1000) }, {
    action: describe(request),
    httpStatus: statusCode,
    retryAfterSeconds: secondsOf(headers['retry-after']),
  });
}

/** What else is known where a Status is turned into an error. */
export interface StatusContext {
  /** What was tried, such as `GET /api/v1/nodes/a`. */
  readonly action: string;
  /** @default the Status' own code */
  readonly httpStatus?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** The error that a meta/v1 Status stands for: the body of an answer, or an event of a watch. */
export function errorOfStatus(status: Record<string, unknown>, context: StatusContext): ApiError {
  const httpStatus =
    context.httpStatus ?? (typeof status.code === 'number' ? status.code : undefined);
  const details = isObject(status.details) ? status.details : {};
  const reason = statusReasons.find((known) => known === status.reason);
  const code = reason ?? reasonByStatus[httpStatus ?? 0] ?? 'Unknown';
  const message = typeof status.message === 'string' && status.message ? status.message : code;
  return new ApiError(code, `${context.action}: ${message}`, {
    status: httpStatus,
    retryAfterSeconds: context.retryAfterSeconds ?? secondsOf(details.retryAfterSeconds),
  });
}

/** The error for a request that got no answer. */
export function errorOfFailure(request: ApiRequest, server: string, cause: unknown): ApiError {
  const message = cause instanceof Error ? messageOf(cause) : String(cause);
  return new ApiError(
    'Unreachable',
    `${describe(request)}: no answer from '${server}': ${message}`,
    {
      cause,
    },
  );
}

function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message;
  }
  return error.message;
}

function describe({ method, path }: ApiRequest): string {
  return `${method} ${path}`;
}

function parseStatus(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && value.kind === 'Status' ? value : undefined;
  } catch {
    // Not JSON: the text itself says what is wrong.
    return undefined;
  }
}

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}
