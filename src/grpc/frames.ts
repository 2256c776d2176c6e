import { GrpcError, grpcCodes } from './grpc-error.ts';

/** No message is larger, as with other implementations of gRPC. */
const maxMessageBytes = 4 * 1024 * 1024;

const headerBytes = 5;

/** A message with what stands before it on the wire. */
export function frameOf(message: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/**
 * The messages of a stream, one after the other, each as soon as it is there.
 *
 * @throws {GrpcError} for one that is too large, compressed or cut short
 */
export async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = headerBytes;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < wanted) continue;
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    for (;;) {
      wanted = headerBytes + (rest.length < headerBytes ? 0 : sizeIn(rest));
      if (rest.length < wanted || rest.length < headerBytes) break;
      yield rest.subarray(headerBytes, wanted);
      rest = rest.subarray(wanted);
    }
    chunks = [rest];
    length = rest.length;
  }
  if (length > 0) throw new GrpcError(grpcCodes.internal, 'reading a message failed: cut short');
}

function sizeIn(frame: Buffer): number {
  if (frame[0] !== 0) {
    throw new GrpcError(grpcCodes.unimplemented, 'reading a message failed: it is compressed');
  }
  const size = frame.readUInt32BE(1);
  if (size <= maxMessageBytes) return size;
  throw new GrpcError(
    grpcCodes.resourceExhausted,
    `reading a message failed: it has ${size} bytes, more than ${maxMessageBytes}`,
  );
}
