import type { HostInterface } from '../../abi/host-function.ts';
import { list, string } from '../../abi/lists.ts';
import { ok, type Result, result } from '../../abi/variants.ts';
import { asyncFunction, type HostCall } from '../../async/async-function.ts';
import type { ErrorCode } from '../../sockets/error-code.ts';
import { type IpAddress, ipAddress } from '../../sockets/ip-address.ts';
import { resolve } from '../../sockets/ip-name-lookup.ts';
import { lookupErrorCode } from './error-code.ts';
import { tcpFunctions } from './tcp-functions.ts';
import { TcpSocket } from './tcp-socket.ts';
import { udpFunctions } from './udp-functions.ts';
import { UdpSocket } from './udp-socket.ts';

/** https://github.com/WebAssembly/WASI/tree/main/proposals/sockets/wit */
export const sockets: readonly HostInterface[] = [
  {
    name: 'wasi:sockets/types@0.3',
    resources: { 'tcp-socket': TcpSocket, 'udp-socket': UdpSocket },
    functions: { ...tcpFunctions, ...udpFunctions },
  },
  {
    name: 'wasi:sockets/ip-name-lookup@0.3',
    functions: {
      'resolve-addresses': asyncFunction(
        [string],
        result(list(ipAddress), lookupErrorCode),
        resolveAll,
      ),
    },
  },
];

async function resolveAll(
  call: HostCall,
  name: string,
): Promise<Result<readonly IpAddress[], ErrorCode>> {
  const resolution = resolve(call.guest, name);
  if (resolution.kind === 'error') return resolution;
  const found = resolution.value;
  try {
    await call.wait([found.readiness]);
    const addresses: IpAddress[] = [];
    for (;;) {
      const next = found.next();
      if (next.kind === 'error') return next;
      if (next.value === undefined) return ok(addresses);
      addresses.push(next.value);
    }
  } finally {
    found.drop();
  }
}
