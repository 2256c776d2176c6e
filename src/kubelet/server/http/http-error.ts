/** Reasons of a Status that the server answers with, each with its HTTP code. */
const httpErrors = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestEntityTooLarge: 413,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

export type HttpErrorReason = keyof typeof httpErrors;

/** A request that is answered with a Status of kind Failure. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorReason;

  constructor(code: HttpErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return httpErrors[this.code];
  }
}
