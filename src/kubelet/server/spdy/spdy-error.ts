/** What a peer did wrong, or what became of a stream. The codes are those of RST_STREAM and GOAWAY. */
export const streamStatus = {
  PROTOCOL_ERROR: 1,
  INVALID_STREAM: 2,
  REFUSED_STREAM: 3,
  UNSUPPORTED_VERSION: 4,
  CANCEL: 5,
  INTERNAL_ERROR: 6,
  FLOW_CONTROL_ERROR: 7,
  STREAM_IN_USE: 8,
  STREAM_ALREADY_CLOSED: 9,
  FRAME_TOO_LARGE: 11,
} as const;

export type SpdyErrorCode = keyof typeof streamStatus;

/** The connection, or one stream of it, cannot go on. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
  readonly code: SpdyErrorCode;

  constructor(code: SpdyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
