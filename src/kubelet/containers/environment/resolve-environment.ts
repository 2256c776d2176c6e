import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import type { NodeFacts } from '../../node-facts.ts';
import type { ObjectReader } from '../../object-reader.ts';
import type { PodContainer } from '../../pods/schema/container.ts';
import type { EnvFromSource, EnvVarSource } from '../../pods/schema/environment.ts';
import type { Pod } from '../../pods/schema/pod.ts';
import { ConfigError } from '../config-error.ts';
import { EnvFiles } from './env-files.ts';
import { EnvironmentSource } from './environment-source.ts';
import { expandVariables } from './expand-variables.ts';
import { fieldReference } from './field-reference.ts';
import { resourceFieldReference } from './resource-field-reference.ts';

/** What a container's environment is made from. */
export interface EnvironmentContext {
  readonly pod: Pod;
  readonly container: PodContainer;
  readonly podIPs: readonly string[];
  readonly node: NodeFacts;
  readonly objects: ObjectReader;
  /** `KUBERNETES_SERVICE_HOST` and its like, which the pod's own variables may replace. */
  readonly serviceVariables: ReadonlyMap<string, string>;
  /** Directory of each mounted volume, for variables that come from a file in one. */
  readonly volumes: ReadonlyMap<string, string>;
}

/**
 * Resolves a container's variables: envFrom, then env in the order it is written, each seeing
 * those before it, then the service variables that were not replaced.
 *
 * @throws {ConfigError} where something is missing that is not optional
 */
export async function resolveEnvironment(
  context: EnvironmentContext,
  options: AbortOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const source = new EnvironmentSource(context.objects, context.pod.metadata.namespace);
  const files = new EnvFiles(context.volumes);
  const own = new Map<string, string>();
  for (const item of context.container.envFrom) await addAll(own, item, source, options);
  for (const { name, value, valueFrom } of context.container.env) {
    const resolved =
      valueFrom === undefined || (value ?? '') !== ''
        ? expandVariables(value ?? '', new Map([...context.serviceVariables, ...own]))
        : await fromSource(valueFrom, context, { objects: source, files }, options);
    if (resolved !== undefined) own.set(name, resolved);
  }
  for (const [name, value] of context.serviceVariables) if (!own.has(name)) own.set(name, value);
  refuseNul(own);
  return own;
}

async function addAll(
  variables: Map<string, string>,
  { prefix, configMapRef, secretRef }: EnvFromSource,
  source: EnvironmentSource,
  options: AbortOptions,
): Promise<void> {
  const values =
    configMapRef === undefined
      ? secretRef && (await source.values('Secret', secretRef, options))
      : await source.values('ConfigMap', configMapRef, options);
  for (const [key, value] of values ?? []) variables.set(`${prefix}${key}`, value);
}

async function fromSource(
  from: EnvVarSource,
  context: EnvironmentContext,
  { objects, files }: { readonly objects: EnvironmentSource; readonly files: EnvFiles },
  options: AbortOptions,
): Promise<string | undefined> {
  const { pod, container, node, podIPs } = context;
  if (from.configMapKeyRef) return objects.value('ConfigMap', from.configMapKeyRef, options);
  if (from.secretKeyRef) return objects.value('Secret', from.secretKeyRef, options);
  if (from.fileKeyRef) return files.value(from.fileKeyRef);
  if (from.resourceFieldRef) {
    return resourceFieldReference(pod, container, node.allocatable, from.resourceFieldRef);
  }
  if (from.fieldRef) {
    return fieldReference(pod, { podIPs, hostIPs: node.hostIPs }, from.fieldRef.fieldPath);
  }
  return '';
}

function refuseNul(variables: ReadonlyMap<string, string>): void {
  for (const [name, value] of variables) {
    if (value.includes('\0') || name.includes('\0')) {
      throw new ConfigError(`environment variable "${name}" must not contain a NUL byte`);
    }
  }
}
