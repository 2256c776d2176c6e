export type LogStream = 'stdout' | 'stderr';

/** One line of a log file in CRI format: `2026-11-23T01:02:03.123456789Z stdout F content`. */
export interface LogEntry {
  readonly stream: LogStream;
  /** Whether the guest's line goes on in the next entry of the same stream. */
  readonly partial: boolean;
  /** Where the timestamp ends. */
  readonly timestampEnd: number;
  /** Where the guest's bytes begin; they end where the line does. */
  readonly contentStart: number;
}

const space = 0x20;
const colon = 0x3a;
const partialTag = 0x50;
const fullTag = 0x46;
const streamNameLength = 'stdout'.length;

/**
 * Reads the head of the entry between `start` and `end` (its newline excluded) without copying.
 * Returns `undefined` where the bytes are no entry, such as the torn end of a file whose writer
 * was killed.
 *
 * @see https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
export function parseLogEntry(bytes: Buffer, start: number, end: number): LogEntry | undefined {
  const timestampEnd = bytes.indexOf(space, start);
  const streamStart = timestampEnd + 1;
  const tagStart = streamStart + streamNameLength + 1;
  if (timestampEnd <= start || tagStart >= end || bytes[tagStart - 1] !== space) return undefined;
  const stream = streamAt(bytes, streamStart);
  const tag = bytes[tagStart];
  if (stream === undefined || (tag !== partialTag && tag !== fullTag)) return undefined;
  const tagEnd = bytes[tagStart + 1] === colon ? bytes.indexOf(space, tagStart) : tagStart + 1;
  if (tagEnd < 0 || tagEnd >= end || bytes[tagEnd] !== space) return undefined;
  return { stream, partial: tag === partialTag, timestampEnd, contentStart: tagEnd + 1 };
}

function streamAt(bytes: Buffer, start: number): LogStream | undefined {
  // The names differ in their fourth letter first; the whole name is compared, since a guest's own
  // file may have been put where a log should be.
  const name = bytes.toString('latin1', start, start + streamNameLength);
  return name === 'stdout' || name === 'stderr' ? name : undefined;
}
