import { isIP } from 'node:net';
import type { Guest } from '../abi/guest.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { ok, option, result } from '../abi/variants.ts';
import { asciiName } from '../dns/domain-name.ts';
import { Pollable } from '../io/pollable.ts';
import { errorCode, type Outcome, refuse } from './error-code.ts';
import { ipAddress } from './ip-address.ts';
import { Network } from './network.ts';
import { ResolveAddressStream } from './resolve-address-stream.ts';

const stream = borrow(() => ResolveAddressStream);

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/ip-name-lookup.wit */
export const ipNameLookup: HostInterface = {
  name: 'wasi:sockets/ip-name-lookup',
  resources: { 'resolve-address-stream': ResolveAddressStream },
  functions: {
    'resolve-addresses': hostFunction(
      [borrow(() => Network), string],
      result(
        own(() => ResolveAddressStream),
        errorCode,
      ),
      (guest, _network, name) => resolve(guest, name),
    ),
    '[method]resolve-address-stream.resolve-next-address': hostFunction(
      [stream],
      result(option(ipAddress), errorCode),
      (_guest, self) => self.next(),
    ),
    '[method]resolve-address-stream.subscribe': hostFunction(
      [stream],
      own(() => Pollable),
      (_guest, self) => new Pollable(self.readiness, self),
    ),
  },
};

/**
 * Begins to look a name up. An address is its own answer, whatever the policy: nobody is asked.
 */
export function resolve(
  { world: { network } }: Guest,
  text: string,
): Outcome<ResolveAddressStream> {
  if (network === undefined) return refuse('access-denied');
  const address = text.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) return ok(new ResolveAddressStream({ addresses: [address] }));
  const name = asciiName(text);
  if (name === undefined) return refuse('invalid-argument');
  if (!network.mayResolve(name)) return refuse('access-denied');
  return ok(new ResolveAddressStream(network.resolve(name)));
}
