import { clock } from '../system/clocks.ts';
import type { System } from '../system/system.ts';
import type { LiveFiles } from './live-files.ts';
import { type Direction, type Encounter, PeerRules } from './peer-rules.ts';

/** The file of a pod's rules, in a directory of the pod's own. */
const fileName = 'rules';
/** How long rules are taken for the latest, in nanoseconds. */
const freshness = 100_000_000n;

export interface PeerPolicyComponents {
  readonly system: System;
  readonly files: Pick<LiveFiles, 'read'>;
}

/**
 * What NetworkPolicies let a pod talk to, as the latest {@link PeerRules} have it. Where they cannot
 * be read nothing passes.
 */
export class PeerPolicy {
  readonly #components: PeerPolicyComponents;
  readonly #addresses: readonly string[];
  #text: string | undefined;
  #rules: PeerRules | undefined;
  #readAt: bigint | undefined;

  constructor(components: PeerPolicyComponents, init: { readonly addresses: readonly string[] }) {
    this.#components = components;
    this.#addresses = init.addresses;
  }

  /** Whether somebody may be let in; the port is the pod's. */
  admits(encounter: Encounter): boolean {
    return this.#allows('ingress', encounter);
  }

  /** Whether the pod may connect or send; the port is the other's. */
  lets(encounter: Encounter): boolean {
    return this.#allows('egress', encounter);
  }

  /** Nobody is refused by rules that may be behind: who has just begun is allowed by newer ones. */
  #allows(direction: Direction, encounter: Encounter): boolean {
    const now = this.#components.system.clocks.now(clock.monotonic);
    const isFresh = this.#readAt !== undefined && now - this.#readAt < freshness;
    if (isFresh && this.#rules?.allows(direction, encounter)) return true;
    this.#read(now);
    return this.#rules?.allows(direction, encounter) ?? false;
  }

  #read(now: bigint): void {
    this.#readAt = now;
    const text = this.#components.files.read(fileName);
    if (typeof text === 'number') {
      this.#text = this.#rules = undefined;
    } else if (text !== this.#text) {
      this.#text = text;
      this.#rules = new PeerRules(text, { addresses: this.#addresses });
    }
  }
}
