import { setFlagsFromString } from 'node:v8';

const pageBytes = 64 * 1024;
const maxPages = 65_536;

/** Limits the guest's memory: it sees `memory.grow` fail before the kernel ends the process. */
export function limitGuestMemory(bytes: number | undefined): void {
  if (bytes === undefined) return;
  setFlagsFromString(`--wasm-max-mem-pages=${Math.min(Math.floor(bytes / pageBytes), maxPages)}`);
}

/**
 * Whether a guest that trapped has died of its memory limit. Nothing tells that `memory.grow`
 * failed; a guest that had four fifths of its limit had no room for the growth that allocators ask
 * for.
 */
export function isUsedUp(memoryBytes: number, limit: number | undefined): boolean {
  return limit !== undefined && memoryBytes >= limit * 0.8;
}
