import { isObject } from '../../kubernetes/is-object.ts';
import { parsePod, parsePodAround } from '../pods/parse-pod.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { mirrorAnnotation, sourceAnnotation } from '../static-pods/static-annotations.ts';

/** A version of a pod, as the API server sent it. */
interface Version {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The spec as JSON. */
  readonly spec: string;
}

interface KnownPod extends Version {
  readonly pod: Pod;
}

/** More than a node has; those of pods that are no more are forgotten before. */
const maxKnown = 2_000;

/**
 * Parses pods of an API server. A node sees most versions of a pod twice, as the answer to what it
 * wrote and as an event of its watch, and few that have another spec than the one before: a version
 * that is known is not parsed again, and a spec that is known is neither parsed nor kept again.
 */
export class PodParser {
  readonly #known = new Map<string, KnownPod>();

  /** @throws {ManifestError} naming every field that is wrong */
  parse(value: unknown): Pod {
    const input = asOfServer(value);
    const version = versionOf(input);
    if (version === undefined) return parsePod(input);
    const known = this.#known.get(version.uid);
    if (known?.resourceVersion === version.resourceVersion) return known.pod;
    const isSpecKnown = known?.spec === version.spec;
    const pod = isSpecKnown ? parsePodAround(known.pod.spec, input) : parsePod(input);
    this.#remember({ ...version, pod });
    return pod;
  }

  #remember(known: KnownPod): void {
    const { uid, pod } = known;
    this.#known.delete(uid);
    // Deleted with no grace left: this is the pod's last version.
    if (pod.metadata.deletionGracePeriodSeconds === 0) return;
    this.#known.set(uid, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Who wrote which field is a third of a pod, and nothing to a node. */
function asOfServer(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.metadata)) return value;
  const { managedFields: _, ...metadata } = value.metadata;
  return { ...value, metadata: { ...metadata, ...sourcedAnnotations(metadata.annotations) } };
}

/** As stock kubelets have it, no pod of the API server is a file's; a mirror only shows one. */
function sourcedAnnotations(annotations: unknown): { readonly annotations?: object } {
  const isSourced = isObject(annotations) && annotations[sourceAnnotation] !== undefined;
  if (!isSourced || annotations[mirrorAnnotation] !== undefined) return {};
  return { annotations: { ...annotations, [sourceAnnotation]: 'api' } };
}

function versionOf(value: unknown): Version | undefined {
  if (!isObject(value) || !isObject(value.metadata)) return undefined;
  const { uid, resourceVersion } = value.metadata;
  if (typeof uid !== 'string' || typeof resourceVersion !== 'string') return undefined;
  return { uid, resourceVersion, spec: JSON.stringify(value.spec) };
}
