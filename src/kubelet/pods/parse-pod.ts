import { ManifestError, type ManifestProblem } from './manifest-error.ts';
import { type ParseOptions, parseObject } from './parse-object.ts';
import {
  type ConfigMap,
  configMapSchema,
  type Secret,
  secretSchema,
} from './schema/config-objects.ts';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  persistentVolumeClaimSchema,
  persistentVolumeSchema,
} from './schema/persistent-volume.ts';
import { type Pod, podFrameSchema, podSchema } from './schema/pod.ts';
import { nameProblems, podProblems } from './validate-pod.ts';

/**
 * Types a pod, fills in the API server's defaults and checks what the API server would check.
 *
 * @throws {ManifestError} naming every field that is wrong
 */
export function parsePod(input: unknown, options: ParseOptions = {}): Pod {
  const subject = subjectOf('Pod', input);
  const pod = parseObject(podSchema, input, subject, options);
  refuse(subject, podProblems(pod));
  return pod;
}

/**
 * As `parsePod`, for a pod of which only the spec is known already.
 *
 * @throws {ManifestError} naming every field that is wrong
 */
export function parsePodAround(spec: Pod['spec'], input: unknown): Pod {
  const subject = subjectOf('Pod', input);
  const frame = parseObject(podFrameSchema, input, subject);
  const pod = { ...frame, spec };
  refuse(subject, nameProblems(pod));
  return pod;
}

/**
 * Types a ConfigMap.
 *
 * @throws {ManifestError} naming every field that is wrong
 */
export function parseConfigMap(input: unknown, options: ParseOptions = {}): ConfigMap {
  return parseObject(configMapSchema, input, subjectOf('ConfigMap', input), options);
}

/**
 * Types a Secret; `stringData` is merged into `data`, as the API server does it.
 *
 * @throws {ManifestError} naming every field that is wrong
 */
export function parseSecret(input: unknown, options: ParseOptions = {}): Secret {
  const secret = parseObject(secretSchema, input, subjectOf('Secret', input), options);
  const plain = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text)]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(plain) }, stringData: {} };
}

/** Types a PersistentVolumeClaim, as far as a node asks. */
export function parsePersistentVolumeClaim(input: unknown): PersistentVolumeClaim {
  const subject = subjectOf('PersistentVolumeClaim', input);
  return parseObject(persistentVolumeClaimSchema, input, subject);
}

/** Types a PersistentVolume, as far as a node asks. */
export function parsePersistentVolume(input: unknown): PersistentVolume {
  return parseObject(persistentVolumeSchema, input, subjectOf('PersistentVolume', input));
}

function refuse(subject: string, problems: readonly ManifestProblem[]): void {
  if (problems.length > 0) throw new ManifestError(subject, problems);
}

function subjectOf(kind: string, input: unknown): string {
  const name = nameOf(input);
  return name === undefined ? kind : `${kind} "${name}"`;
}

function nameOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('metadata' in input)) return undefined;
  const { metadata } = input;
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) return undefined;
  return typeof metadata.name === 'string' ? metadata.name : undefined;
}
