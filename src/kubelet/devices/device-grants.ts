import type { DeviceGrant, DeviceState } from './device-checkpoint.ts';

type PodGrants = Map<string, Map<string, DeviceGrant>>;

/** Which containers have which devices. */
export class DeviceGrants {
  readonly #pods = new Map<string, PodGrants>();

  /** As it is kept beyond the life of this process. */
  get state(): DeviceState['pods'] {
    return Object.fromEntries(
      [...this.#pods].map(([uid, containers]) => [
        uid,
        Object.fromEntries(
          [...containers].map(([name, grants]) => [name, Object.fromEntries(grants)]),
        ),
      ]),
    );
  }

  /** Takes over what an earlier life kept. */
  restore(pods: DeviceState['pods']): void {
    for (const [uid, containers] of Object.entries(pods)) {
      for (const [name, grants] of Object.entries(containers)) {
        for (const [resource, grant] of Object.entries(grants)) {
          this.set({ uid, container: name, resource }, grant);
        }
      }
    }
  }

  /** What a container has of each resource; `undefined` where its pod has no devices. */
  of(uid: string, container: string): ReadonlyMap<string, DeviceGrant> | undefined {
    return this.#pods.get(uid)?.get(container);
  }

  /** Devices of a resource that a pod has, whichever container. */
  ofPod(uid: string, resource: string): ReadonlySet<string> {
    const containers = this.#pods.get(uid)?.values() ?? [];
    return new Set([...containers].flatMap((grants) => grants.get(resource)?.ids ?? []));
  }

  /** Devices of a resource that any pod has. */
  inUse(resource: string): ReadonlySet<string> {
    return new Set([...this.#pods.keys()].flatMap((uid) => [...this.ofPod(uid, resource)]));
  }

  set(
    { uid, container, resource }: { uid: string; container: string; resource: string },
    grant: DeviceGrant,
  ): void {
    const containers: PodGrants = this.#pods.get(uid) ?? new Map();
    this.#pods.set(uid, containers);
    const grants = containers.get(container) ?? new Map<string, DeviceGrant>();
    containers.set(container, grants.set(resource, grant));
  }

  /** Takes back what a pod has; `false` where that is nothing. */
  delete(uid: string): boolean {
    return this.#pods.delete(uid);
  }

  /** Takes back what pods have that are none of these. */
  retain(uids: ReadonlySet<string>): void {
    for (const uid of this.#pods.keys()) if (!uids.has(uid)) this.#pods.delete(uid);
  }
}
