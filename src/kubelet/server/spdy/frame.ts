/** Header names in lower case, each with its values in order. */
export type SpdyHeaders = ReadonlyMap<string, readonly string[]>;

/**
 * A SPDY/3.1 frame. A DATA frame on the wire may come as several here: only the last of them
 * carries `fin`.
 *
 * @see https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
export type SpdyFrame =
  | SynStreamFrame
  | SynReplyFrame
  | HeadersFrame
  | DataFrame
  | { readonly kind: 'rst-stream'; readonly streamId: number; readonly status: number }
  | { readonly kind: 'settings'; readonly initialWindow: number | undefined }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'go-away'; readonly lastStreamId: number; readonly status: number }
  | { readonly kind: 'window-update'; readonly streamId: number; readonly delta: number };

export interface SynStreamFrame {
  readonly kind: 'syn-stream';
  readonly streamId: number;
  readonly fin: boolean;
  readonly unidirectional: boolean;
  readonly headers: SpdyHeaders;
}

export interface SynReplyFrame {
  readonly kind: 'syn-reply';
  readonly streamId: number;
  readonly fin: boolean;
  readonly headers: SpdyHeaders;
}

export interface HeadersFrame {
  readonly kind: 'headers';
  readonly streamId: number;
  readonly fin: boolean;
  readonly headers: SpdyHeaders;
}

export interface DataFrame {
  readonly kind: 'data';
  readonly streamId: number;
  readonly fin: boolean;
  readonly data: Buffer;
}

export const spdyVersion = 3;

/** Numbers of the control frames on the wire. */
export const controlType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const flagFin = 0x01;
export const flagUnidirectional = 0x02;

/** Id of SETTINGS_INITIAL_WINDOW_SIZE. */
export const settingInitialWindow = 7;

/** Largest length a frame header can say. */
export const maxFrameLength = 0xff_ffff;
