import type { BigIntStats } from 'node:fs';
import type { FileTimes, NewTime } from '../system/files.ts';

/**
 * The times that `node:fs` is to set, in seconds. It sets both or none, so one that is to stay is
 * the one that the file has; as doubles they are exact to a quarter of a microsecond.
 */
export function secondsOf(times: FileTimes, stats: BigIntStats): [number, number] {
  return [seconds(times.accessed, stats.atimeNs), seconds(times.modified, stats.mtimeNs)];
}

function seconds(time: NewTime, current: bigint): number {
  if (time === 'now') return Date.now() / 1000;
  return Number(time === 'keep' ? current : time) / 1e9;
}
