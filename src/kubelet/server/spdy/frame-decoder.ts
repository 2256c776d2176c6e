import type { ByteSource } from './byte-source.ts';
import {
  controlType,
  flagFin,
  flagUnidirectional,
  type SpdyFrame,
  settingInitialWindow,
  spdyVersion,
} from './frame.ts';
import { decodeHeaderBlock } from './header-block.ts';
import type { HeaderDecompressor } from './header-compression.ts';
import { SpdyError } from './spdy-error.ts';

/** Most bytes that a control frame may have; DATA frames are passed on in pieces. */
const maxControlBytes = 64 * 1024;

/** Most bytes of a DATA frame that are passed on at once. */
const maxDataPiece = 64 * 1024;

/**
 * Reads one direction of a connection, frame by frame, until it ends.
 *
 * @throws {SpdyError} where the bytes are no SPDY/3.1, the end of the stream within a frame included
 */
export async function* decodeFrames(
  source: ByteSource,
  decompressor: HeaderDecompressor,
): AsyncGenerator<SpdyFrame, void> {
  for (;;) {
    const header = await source.exactly(8);
    if (header === undefined) return;
    const flags = header.readUInt8(4);
    const length = header.readUIntBE(5, 3);
    if (header.readUInt8(0) & 0x80) {
      const frame = await decodeControl(header, flags, length, source, decompressor);
      if (frame !== undefined) yield frame;
    } else {
      yield* decodeData(header.readUInt32BE(0), (flags & flagFin) !== 0, length, source);
    }
  }
}

async function* decodeData(
  streamId: number,
  fin: boolean,
  length: number,
  source: ByteSource,
): AsyncGenerator<SpdyFrame, void> {
  if (streamId === 0) throw protocolError('DATA frame on stream 0');
  let left = length;
  do {
    const data = left === 0 ? Buffer.alloc(0) : await source.some(Math.min(left, maxDataPiece));
    if (data === undefined) throw protocolError('connection ended within a DATA frame');
    left -= data.length;
    yield { kind: 'data', streamId, fin: fin && left === 0, data };
  } while (left > 0);
}

async function decodeControl(
  header: Buffer,
  flags: number,
  length: number,
  source: ByteSource,
  decompressor: HeaderDecompressor,
): Promise<SpdyFrame | undefined> {
  const version = header.readUInt16BE(0) & 0x7fff;
  if (version !== spdyVersion)
    throw new SpdyError('UNSUPPORTED_VERSION', `SPDY version ${version}`);
  if (length > maxControlBytes)
    throw new SpdyError('FRAME_TOO_LARGE', `${length} bytes of control`);
  const body = await source.exactly(length);
  if (body === undefined) throw protocolError('connection ended within a control frame');
  return await parseControl(header.readUInt16BE(2), flags, body, decompressor);
}

async function parseControl(
  type: number,
  flags: number,
  body: Buffer,
  decompressor: HeaderDecompressor,
): Promise<SpdyFrame | undefined> {
  const fin = (flags & flagFin) !== 0;
  const headersFrom = async (offset: number) =>
    decodeHeaderBlock(await decompressor.decompress(body.subarray(offset)));
  switch (type) {
    case controlType.synStream: {
      const streamId = id(body, 0, 10);
      const unidirectional = (flags & flagUnidirectional) !== 0;
      return { kind: 'syn-stream', streamId, fin, unidirectional, headers: await headersFrom(10) };
    }
    case controlType.synReply:
      return { kind: 'syn-reply', streamId: id(body, 0, 4), fin, headers: await headersFrom(4) };
    case controlType.headers:
      return { kind: 'headers', streamId: id(body, 0, 4), fin, headers: await headersFrom(4) };
    case controlType.rstStream:
      return { kind: 'rst-stream', streamId: id(body, 0, 8), status: body.readUInt32BE(4) };
    case controlType.settings:
      return { kind: 'settings', initialWindow: initialWindow(body) };
    case controlType.ping:
      return { kind: 'ping', id: word(body, 0, 4) };
    case controlType.goAway:
      return { kind: 'go-away', lastStreamId: word(body, 0, 8), status: body.readUInt32BE(4) };
    case controlType.windowUpdate:
      return {
        kind: 'window-update',
        streamId: word(body, 0, 8) & 0x7fff_ffff,
        delta: body.readUInt32BE(4) & 0x7fff_ffff,
      };
    default:
      // The draft demands that unknown control frames are ignored.
      return undefined;
  }
}

function initialWindow(body: Buffer): number | undefined {
  const count = word(body, 0, 4);
  if (body.length !== 4 + count * 8) throw protocolError('SETTINGS frame of the wrong length');
  for (let at = 4; at < body.length; at += 8) {
    if (body.readUIntBE(at + 1, 3) === settingInitialWindow) return body.readUInt32BE(at + 4);
  }
  return undefined;
}

function id(body: Buffer, offset: number, atLeast: number): number {
  const streamId = word(body, offset, atLeast) & 0x7fff_ffff;
  if (streamId === 0) throw protocolError('control frame on stream 0');
  return streamId;
}

function word(body: Buffer, offset: number, atLeast: number): number {
  if (body.length < atLeast) throw protocolError('control frame too short');
  return body.readUInt32BE(offset);
}

function protocolError(detail: string): SpdyError {
  return new SpdyError('PROTOCOL_ERROR', `read SPDY frame: ${detail}`);
}
