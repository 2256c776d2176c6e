import type { LogOnDisk } from '../logs/log-files.ts';
import { readLog } from '../logs/read-log.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { ContainerConfig, ContainerExit } from '../provider.ts';
import { openFileBeneath } from '../volumes/open-file-beneath.ts';
import { terminationLogOf } from './container-mounts.ts';

const messageBytes = 4096;
const fallback = { bytes: 2048, lines: 80 };
/** Holds that many bytes even where each of them is an entry of its own. */
const mostTailBytes = 128 * 1024;

/**
 * The message of a container that ended: what it left at its terminationMessagePath, else, where
 * it failed and its policy says so, the end of its log, else what the provider says.
 */
export async function terminationMessage(
  container: PodContainer,
  config: Pick<ContainerConfig, 'mounts' | 'log' | 'user'>,
  exit: Pick<ContainerExit, 'exitCode' | 'message'>,
): Promise<string | undefined> {
  const left = await readLastWords(container, config);
  if (left !== '') return left;
  const wantsLog = container.terminationMessagePolicy === 'FallbackToLogsOnError';
  const log = wantsLog && exit.exitCode !== 0 ? await readEndOfLog(config.log) : '';
  return log === '' ? exit.message : log;
}

/**
 * The container owned the directory: no link may lead this out of it, no FIFO may block it, and
 * nothing is shown that its user could not read.
 */
async function readLastWords(
  container: PodContainer,
  config: Pick<ContainerConfig, 'mounts' | 'user'>,
): Promise<string> {
  const found = terminationLogOf(container, config.mounts);
  if (found === undefined) return '';
  try {
    await using file = await openFileBeneath(found.mount, found.file, config);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(messageBytes), 0, messageBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    // No last words: a container need not leave any, and a hostile one gets no error out of us.
    return '';
  }
}

async function readEndOfLog(log: LogOnDisk): Promise<string> {
  let end: Buffer = Buffer.alloc(0);
  try {
    for await (const { bytes } of readLog(log, { tailLines: fallback.lines }, { mostTailBytes })) {
      end = Buffer.concat([end, bytes.subarray(-fallback.bytes)]).subarray(-fallback.bytes);
    }
  } catch {
    // No log: then there is nothing to fall back to.
    return '';
  }
  return end.toString('utf8');
}
