import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hasErrorCode } from '../errors.ts';
import {
  type LogStreamName,
  type LogTailParts,
  logStreamNames,
  logTailParts,
  logTailSize,
  mostTails,
} from './log-tail.ts';

/**
 * Appends the lines that a killed guest had begun to its log. Only the first of several callers
 * finds something to do. Call it only when the writer has ended.
 */
export function saveLogTail(tail: string, log: string, at: Date): void {
  const claimed = `${tail}.${process.pid}`;
  try {
    renameSync(tail, claimed);
    const lines = unfinishedLines(readTail(claimed), at);
    if (lines.length > 0) append(log, Buffer.concat(lines));
    rmSync(claimed);
  } catch (error) {
    // somebody else saves it, the log and its directory have been removed, or in the log's place is a
    // link, a FIFO or what somebody holds a lease of
    if (!hasErrorCode(error, 'ENOENT', 'ELOOP', 'ENXIO', 'EAGAIN')) throw error;
  }
}

/** No more than tails are: the process that wrote it may have been anybody's in the end. */
function readTail(file: string): Buffer {
  const fd = openSync(file, constants.O_RDONLY);
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, mostTails * logTailSize));
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

function append(log: string, entries: Buffer): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o640);
  try {
    writeSync(fd, entries);
  } finally {
    closeSync(fd);
  }
}

function unfinishedLines(bytes: Buffer, at: Date): Buffer[] {
  const memory = Uint8Array.from(bytes).buffer;
  const tails = Math.floor(bytes.length / logTailSize); // none where it was never used
  return Array.from({ length: tails }, (_, index) => logTailParts(memory, index)).flatMap((parts) =>
    linesOf(parts, at),
  );
}

function linesOf({ lengths, contents }: LogTailParts, at: Date): Buffer[] {
  return logStreamNames.flatMap((name, index) => {
    const length = lengths[index] ?? 0;
    return length === 0 ? [] : [entry(name, contents[name].subarray(0, length), at)];
  });
}

function entry(stream: LogStreamName, content: Buffer, at: Date): Buffer {
  const time = at.toISOString().replace('Z', '000000Z');
  return Buffer.concat([Buffer.from(`${time} ${stream} F `), content, Buffer.from('\n')]);
}
