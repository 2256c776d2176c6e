import { Resource } from '../abi/resource.ts';
import { ok } from '../abi/variants.ts';
import type { Resolution } from '../dns/resolver.ts';
import { alwaysReady, type Readiness } from '../io/readiness.ts';
import { type Outcome, refuse } from './error-code.ts';
import { addressOf, type IpAddress } from './ip-address.ts';

/** `wasi:sockets/ip-name-lookup.resolve-address-stream`. */
export class ResolveAddressStream extends Resource {
  readonly readiness: Readiness;
  readonly #source: Resolution | { readonly addresses: readonly string[] };
  #given = 0;

  constructor(source: Resolution | { readonly addresses: readonly string[] }) {
    super();
    this.#source = source;
    this.readiness = 'readiness' in source ? source.readiness : alwaysReady;
  }

  /** The next address, undefined behind the last. */
  next(): Outcome<IpAddress | undefined> {
    const addresses = this.#addresses();
    if (addresses.kind === 'error') return addresses;
    const address = addresses.value[this.#given];
    if (address === undefined) return ok(undefined);
    this.#given++;
    return ok(addressOf(address));
  }

  override drop(): void {
    if ('readiness' in this.#source) this.#source.cancel();
  }

  #addresses(): Outcome<readonly string[]> {
    if ('addresses' in this.#source) return ok(this.#source.addresses);
    if (!this.readiness.ready()) return refuse('would-block');
    const { outcome } = this.#source;
    return outcome.kind === 'failed' ? refuse(outcome.code) : ok(outcome.addresses);
  }
}
