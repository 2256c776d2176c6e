import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { AdmissionDecision, PodAdmission } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { DeviceManager } from './device-manager.ts';

/** What `DeviceAdmission` needs. */
export interface DeviceAdmissionComponents {
  /** Decides all else. */
  readonly admission: PodAdmission;
  readonly devices: Pick<DeviceManager, 'allocate' | 'release'>;
}

/** Takes a pod only with the devices that it asks for. */
export class DeviceAdmission implements PodAdmission {
  readonly #admission: PodAdmission;
  readonly #devices: DeviceAdmissionComponents['devices'];
  /** Pods that an earlier life took on: what they have, they were given then. */
  readonly #expected = new Set<string>();

  constructor({ admission, devices }: DeviceAdmissionComponents) {
    this.#admission = admission;
    this.#devices = devices;
  }

  expect(pod: Pod): void {
    this.#expected.add(pod.metadata.uid);
    this.#admission.expect(pod);
  }

  async admit(pod: Pod, options: AbortOptions = {}): Promise<AdmissionDecision> {
    const decision = await this.#admission.admit(pod, options);
    if (decision.kind === 'refused' || this.#expected.has(pod.metadata.uid)) return decision;
    try {
      await this.#devices.allocate(pod, options);
      return decision;
    } catch (error) {
      options.signal?.throwIfAborted();
      this.#admission.release(pod);
      const message = `Allocate failed due to ${messageOf(error)}, which is unexpected`;
      return { kind: 'refused', failure: { reason: 'UnexpectedAdmissionError', message } };
    }
  }

  release(pod: Pod): void {
    this.#admission.release(pod);
    this.#expected.delete(pod.metadata.uid);
    this.#devices.release(pod.metadata.uid);
  }
}
