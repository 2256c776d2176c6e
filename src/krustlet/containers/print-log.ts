import type { LogChunk } from '../../kubelet/logs/log-printer.ts';
import { hasErrorCode } from '../../runtime/errors.ts';
import type { Host } from '../cli/host.ts';
import { writeAll } from './write-all.ts';

/**
 * Writes what a container wrote to stdout and stderr as it is, and reads no faster than they
 * take it. Returns early where the reader of our output is gone, as in `krustlet logs x | head`.
 *
 * @returns whether all was written
 */
export async function printLog(host: Host, log: AsyncIterable<LogChunk>): Promise<boolean> {
  try {
    for await (const { stream, bytes } of log) await writeAll(host[stream], bytes);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EPIPE')) return false;
    throw error;
  }
}
