import { FileTimes, type NewTime } from '../../system/files.ts';
import type { Codec } from '../abi/codec.ts';
import { type VariantOf, variant } from '../abi/variants.ts';
import { type DateTime, nanosecondsOf } from '../clocks/wall-clock.ts';
import type { Dialect } from './dialect.ts';

const casesOf = (dateTime: Codec<DateTime>) => ({
  'no-change': undefined,
  now: undefined,
  timestamp: dateTime,
});

export type NewTimestamp = VariantOf<ReturnType<typeof casesOf>>;

/** `wasi:filesystem/types.new-timestamp`. */
export function newTimestamp({ dateTime }: Pick<Dialect, 'dateTime'>): Codec<NewTimestamp> {
  return variant(casesOf(dateTime));
}

export function fileTimesOf(accessed: NewTimestamp, modified: NewTimestamp): FileTimes {
  const times = new FileTimes();
  times.accessed = newTimeOf(accessed);
  times.modified = newTimeOf(modified);
  return times;
}

function newTimeOf(timestamp: NewTimestamp): NewTime {
  switch (timestamp.kind) {
    case 'no-change':
      return 'keep';
    case 'now':
      return 'now';
    case 'timestamp':
      return nanosecondsOf(timestamp.value);
    default:
      return timestamp satisfies never;
  }
}
