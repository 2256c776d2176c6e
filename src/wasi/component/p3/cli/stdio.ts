import type { Guest } from '../../abi/guest.ts';
import { type HostInterface, hostFunction } from '../../abi/host-function.ts';
import { u8 } from '../../abi/numbers.ts';
import { tuple } from '../../abi/records.ts';
import { result, unit } from '../../abi/variants.ts';
import { bytesFrom, writeBytes } from '../../async/byte-streams.ts';
import { future, stream } from '../../async/channel-codecs.ts';
import { futureOf } from '../../async/host-channel.ts';
import { StandardInput } from '../../cli/standard-input.ts';
import { StandardOutput } from '../../cli/standard-output.ts';
import type { OutputSink } from '../../io/output-sink.ts';
import { type ErrorCode, errorCode } from './error-code.ts';

const bytes = stream(u8);
const end = future(result(unit, errorCode));

const asErrorCode = (): ErrorCode => 'io';

/** https://github.com/WebAssembly/WASI/blob/main/proposals/cli/wit/stdio.wit */
export const stdio: readonly HostInterface[] = [
  { name: 'wasi:cli/types@0.3', functions: {} },
  {
    name: 'wasi:cli/stdin@0.3',
    functions: {
      'read-via-stream': hostFunction([], tuple(bytes, end), (guest) => {
        const { system, stdin } = guest.world;
        return bytesFrom(guest, new StandardInput(system, stdin), asErrorCode);
      }),
    },
  },
  output('wasi:cli/stdout@0.3', ({ world }) => world.stdout),
  output('wasi:cli/stderr@0.3', ({ world }) => world.stderr),
];

function output(name: string, sinkOf: (guest: Guest) => OutputSink): HostInterface {
  return {
    name,
    functions: {
      'write-via-stream': hostFunction([bytes], end, (guest, data) =>
        futureOf(writeBytes(guest, data, new StandardOutput(sinkOf(guest)), asErrorCode)),
      ),
    },
  };
}
