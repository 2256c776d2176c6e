import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { bool, s32, s64 } from '../abi/numbers.ts';
import { record } from '../abi/records.ts';
import { option } from '../abi/variants.ts';
import { instant } from '../p3/clocks/instant.ts';
import { dateTime } from './wall-clock.ts';

const utc = { 'utc-offset': 0, name: 'UTC', 'in-daylight-saving-time': false };

const display = record<typeof utc>({
  'utc-offset': s32,
  name: string,
  'in-daylight-saving-time': bool,
});

/**
 * A container's time is UTC, as the log's and the API server's is.
 * https://github.com/WebAssembly/wasi-clocks/blob/main/wit/timezone.wit
 */
export const timezone: readonly HostInterface[] = [
  {
    name: 'wasi:clocks/timezone',
    functions: {
      display: hostFunction([dateTime], display, (_guest, _when) => utc),
      'utc-offset': hostFunction([dateTime], s32, (_guest, _when) => 0),
    },
  },
  {
    name: 'wasi:clocks/timezone@0.3',
    functions: {
      'iana-id': hostFunction([], option(string), () => utc.name),
      'utc-offset': hostFunction([instant], option(s64), (_guest, _when) => 0n),
      'to-debug-string': hostFunction([], string, () => utc.name),
    },
  },
];
