import { clock } from '../system/clocks.ts';
import type { Endpoint } from '../system/network-sockets.ts';
import type { System } from '../system/system.ts';
import { isAbsent, type LiveFiles } from './live-files.ts';
import { StickyChoices } from './sticky-choices.ts';

export type Protocol = 'TCP' | 'UDP';

export interface ServiceTableComponents {
  readonly system: System;
  readonly files: Pick<LiveFiles, 'read'>;
}

/** One port of a Service, as a line of its file has it. */
interface ServicePort {
  /** How long a client stays with an endpoint, in seconds; 0 where each connection is by itself. */
  readonly stickySeconds: number;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Where Services lead, without kube-proxy: for each address of one there is a file of that name. A
 * line is a port: its protocol, its number, the seconds of its session affinity (0 without), and an
 * address and a port for each endpoint that may be connected to, all with single spaces between.
 */
export class ServiceTable {
  readonly #system: System;
  readonly #files: Pick<LiveFiles, 'read'>;
  readonly #sticky: StickyChoices;
  #turn: number | undefined;

  /** @param init.client the address that tells this client from others */
  constructor({ system, files }: ServiceTableComponents, init: { readonly client: string }) {
    this.#system = system;
    this.#files = files;
    this.#sticky = new StickyChoices(init);
  }

  /**
   * An endpoint of the Service that has this address, each in its turn; `none` where no endpoint is
   * ready, undefined where the address is that of no Service.
   *
   * @param preferred is taken where it still is one of the endpoints
   */
  lead(protocol: Protocol, remote: Endpoint, preferred?: Endpoint): Endpoint | 'none' | undefined {
    const text = this.#files.read(remote.address);
    if (typeof text === 'number') return isAbsent(text) ? undefined : 'none';
    const port = portIn(text, protocol, remote.port);
    if (port === undefined || port.endpoints.length === 0) return 'none';
    return port.endpoints.find((it) => isSame(it, preferred)) ?? this.#choose(remote, port);
  }

  #choose(remote: Endpoint, { stickySeconds, endpoints }: ServicePort): Endpoint | 'none' {
    const now = this.#system.clocks.now(clock.monotonic);
    if (stickySeconds > 0) return this.#sticky.choose(remote, endpoints, { stickySeconds, now });
    // The clock spreads what short-lived clients begin with; forked ones share a random generator.
    this.#turn = (this.#turn ?? Number(now % 0x1_0000n)) + 1;
    return endpoints[this.#turn % endpoints.length] ?? 'none';
  }
}

/** Whether two name the same place. */
export function isSame(left: Endpoint, right: Endpoint | undefined): boolean {
  return left.address === right?.address && left.port === right.port;
}

function portIn(text: string, protocol: Protocol, port: number): ServicePort | undefined {
  const start = `${protocol} ${port} `;
  const line = text.split('\n').find((each) => each.startsWith(start));
  if (line === undefined) return undefined;
  const [seconds, ...rest] = line.slice(start.length).split(' ');
  const endpoints = rest.flatMap((address, index) =>
    index % 2 === 0 ? { address, port: Number(rest[index + 1]) } : [],
  );
  return { stickySeconds: Number(seconds), endpoints };
}
