import { type TurnsShare, turnsMemory } from '../http/request-turns.ts';
import { outputMemory } from './thread-output.ts';

/** Descriptors of connections of which something is noted; those beyond are closed with their thread. */
const descriptors = 65_536;

/** What all threads of a container share. */
export interface ServerMemory {
  /** See `RequestTurns`. */
  readonly turns: Int32Array<SharedArrayBuffer>;
  /** When the request began that has no answer yet, by the descriptor of its connection; see `RequestMarks`. */
  readonly begun: Float64Array<SharedArrayBuffer>;
  /** Numbers of the threads that have connections, by descriptors; 0 for the one that accepts them. */
  readonly owners: Uint8Array<SharedArrayBuffer>;
}

/** What a thread shares with the one that accepts connections. */
export interface ThreadMemory {
  readonly share: TurnsShare;
  readonly begun: Float64Array<SharedArrayBuffer>;
  readonly owners: Uint8Array<SharedArrayBuffer>;
  /** See `ThreadOutput`. */
  readonly output: Int32Array<SharedArrayBuffer>;
  /** When the thread was last seen to go on, by {@link steadyTime}. */
  readonly beat: Float64Array<SharedArrayBuffer>;
}

/** The highest number of a thread: many more than there are at a time, as some may take long to end. */
export const highestThread = 255;

export function serverMemory(): ServerMemory {
  const owners = new Uint8Array(new SharedArrayBuffer(descriptors));
  return { turns: turnsMemory(1 + highestThread), begun: float64s(descriptors), owners };
}

/** @param number of the thread, from 1 to {@link highestThread} */
export function threadMemory({ turns, begun, owners }: ServerMemory, number: number): ThreadMemory {
  const share = { memory: turns, server: number };
  return { share, begun, owners, output: outputMemory(), beat: float64s(1) };
}

function float64s(length: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}
