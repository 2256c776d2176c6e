import { s64, u32 } from '../../abi/numbers.ts';
import { record } from '../../abi/records.ts';
import type { DateTime } from '../../clocks/wall-clock.ts';

/** `wasi:clocks/system-clock.instant`: time since 1970, before which the seconds are negative. */
export const instant = record<DateTime>({ seconds: s64, nanoseconds: u32 });
