import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { readLog } from '../logs/read-log.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { ContainerConfig, ContainerExit } from '../provider.ts';
import { terminationLogOf } from './container-mounts.ts';

const messageBytes = 4096;
const fallback = { bytes: 2048, lines: 80 };

/**
 * The message of a container that ended: what it left at its terminationMessagePath, else, where
 * it failed and its policy says so, the end of its log, else what the provider says.
 */
export async function terminationMessage(
  container: PodContainer,
  config: ContainerConfig,
  exit: ContainerExit,
): Promise<string | undefined> {
  const left = await readLastWords(container, config);
  if (left !== '') return left;
  const wantsLog = container.terminationMessagePolicy === 'FallbackToLogsOnError';
  const log = wantsLog && exit.exitCode !== 0 ? await readEndOfLog(config.log.path) : '';
  return log === '' ? exit.message : log;
}

/** The container owned the directory: no link may lead this out of it, no FIFO may block it. */
async function readLastWords(container: PodContainer, config: ContainerConfig): Promise<string> {
  const found = terminationLogOf(container, config.mounts);
  if (found === undefined) return '';
  try {
    const directory = await realpath(path.dirname(found.file));
    const root = await realpath(found.root);
    const isInside = found.file === found.root || `${directory}/`.startsWith(`${root}/`);
    if (!isInside) return '';
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(path.join(directory, path.basename(found.file)), flags);
    if (!(await file.stat()).isFile()) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(messageBytes), 0, messageBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    // No last words: a container need not leave any, and a hostile one gets no error out of us.
    return '';
  }
}

async function readEndOfLog(logPath: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const { bytes } of readLog(logPath, { tailLines: fallback.lines })) {
      chunks.push(bytes);
    }
  } catch {
    // No log: then there is nothing to fall back to.
    return '';
  }
  return Buffer.concat(chunks).subarray(-fallback.bytes).toString('utf8');
}
