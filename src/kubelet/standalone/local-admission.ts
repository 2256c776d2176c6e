import type { AdmissionDecision, PodAdmission } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';

/** Takes every pod whose runtime class is a handler of the provider: there is no node to fill. */
export class LocalAdmission implements PodAdmission {
  readonly #handlers: readonly string[];

  /** @param runtimeHandlers as the provider describes them */
  constructor(runtimeHandlers: readonly string[]) {
    this.#handlers = runtimeHandlers;
  }

  expect(): void {
    // Nothing is kept account of.
  }

  async admit({ spec: { runtimeClassName = '' } }: Pod): Promise<AdmissionDecision> {
    if (this.#handlers.includes(runtimeClassName)) {
      return { kind: 'admitted', runtimeHandler: runtimeClassName };
    }
    const known = this.#handlers.filter((name) => name !== '').join(', ');
    const message = `spec.runtimeClassName: "${runtimeClassName}" is not known here: use ${known}`;
    return { kind: 'refused', failure: { reason: 'UnexpectedAdmissionError', message } };
  }

  release(): void {
    // Nothing is kept account of.
  }
}
