import {
  controlType,
  flagFin,
  flagUnidirectional,
  maxFrameLength,
  type SpdyFrame,
  type SpdyHeaders,
  settingInitialWindow,
  spdyVersion,
} from './frame.ts';
import { encodeHeaderBlock } from './header-block.ts';
import { HeaderCompressor } from './header-compression.ts';

/** Turns frames into the bytes of one direction of a connection; order matters. */
export class FrameEncoder {
  readonly #compressor = new HeaderCompressor();

  /** The frame as one or two buffers, the second being a DATA frame's payload, not copied. */
  encode(frame: SpdyFrame): Buffer[] {
    switch (frame.kind) {
      case 'data':
        return encodeData(frame.streamId, frame.fin, frame.data);
      case 'syn-stream':
        return [
          control(
            controlType.synStream,
            (frame.fin ? flagFin : 0) | (frame.unidirectional ? flagUnidirectional : 0),
            Buffer.concat([words(frame.streamId, 0), Buffer.alloc(2), this.#block(frame.headers)]),
          ),
        ];
      case 'syn-reply':
        return [this.#headerFrame(controlType.synReply, frame)];
      case 'headers':
        return [this.#headerFrame(controlType.headers, frame)];
      case 'rst-stream':
        return [control(controlType.rstStream, 0, words(frame.streamId, frame.status))];
      case 'settings':
        return [control(controlType.settings, 0, settings(frame.initialWindow))];
      case 'ping':
        return [control(controlType.ping, 0, words(frame.id))];
      case 'go-away':
        return [control(controlType.goAway, 0, words(frame.lastStreamId, frame.status))];
      case 'window-update':
        return [control(controlType.windowUpdate, 0, words(frame.streamId, frame.delta))];
      default:
        frame satisfies never;
        throw new TypeError('encode frame: unknown kind');
    }
  }

  #headerFrame(
    type: number,
    frame: { readonly streamId: number; readonly fin: boolean; readonly headers: SpdyHeaders },
  ): Buffer {
    const body = Buffer.concat([words(frame.streamId), this.#block(frame.headers)]);
    return control(type, frame.fin ? flagFin : 0, body);
  }

  #block(headers: SpdyHeaders): Buffer {
    return this.#compressor.compress(encodeHeaderBlock(headers));
  }
}

function encodeData(streamId: number, fin: boolean, data: Buffer): Buffer[] {
  if (data.length > maxFrameLength) throw new RangeError('encode DATA frame: over 16 MiB');
  const header = words(streamId, (fin ? flagFin << 24 : 0) + data.length);
  return data.length === 0 ? [header] : [header, data];
}

function control(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(0x8000 | spdyVersion, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt32BE(flags * 0x100_0000 + body.length, 4);
  return Buffer.concat([header, body]);
}

function settings(initialWindow: number | undefined): Buffer {
  return initialWindow === undefined ? words(0) : words(1, settingInitialWindow, initialWindow);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}
