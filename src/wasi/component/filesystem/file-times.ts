import { FileTimes, type NewTime } from '../../system/files.ts';
import { type VariantOf, variant } from '../abi/variants.ts';
import { dateTime, nanosecondsOf } from '../clocks/wall-clock.ts';

const cases = { 'no-change': undefined, now: undefined, timestamp: dateTime };

/** `wasi:filesystem/types.new-timestamp`. */
export const newTimestamp = variant(cases);

export type NewTimestamp = VariantOf<typeof cases>;

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
