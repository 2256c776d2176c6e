import { parseAllDocuments } from 'yaml';
import { ManifestError } from './manifest-error.ts';
import { nearestName } from './nearest-name.ts';
import { parseConfigMap, parsePod, parseSecret } from './parse-pod.ts';
import type { ConfigMap, Secret } from './schema/config-objects.ts';
import type { Pod } from './schema/pod.ts';

/** The objects of a manifest file. */
export interface Manifest {
  readonly pods: readonly Pod[];
  readonly configMaps: readonly ConfigMap[];
  readonly secrets: readonly Secret[];
}

const kinds = ['Pod', 'ConfigMap', 'Secret', 'List'] as const;

/**
 * Reads the Pod, ConfigMap and Secret documents of a YAML or JSON file. Unknown fields are errors.
 *
 * @param source names the file in messages
 * @throws {ManifestError} naming the document and every field that is wrong
 */
export function parseManifest(text: string, source: string): Manifest {
  const manifest = { pods: [] as Pod[], configMaps: [] as ConfigMap[], secrets: [] as Secret[] };
  for (const input of documents(text, source)) add(manifest, input, source);
  return manifest;
}

function documents(text: string, source: string): readonly unknown[] {
  const parsed = parseAllDocuments(text, { stringKeys: true, uniqueKeys: true });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const message = `is not valid YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}`;
      throw new ManifestError(source, [{ path: '', message }], { cause: error });
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value === null || value === undefined ? [] : [value];
  });
}

function add(
  manifest: { pods: Pod[]; configMaps: ConfigMap[]; secrets: Secret[] },
  input: unknown,
  source: string,
): void {
  const kind = kindOf(input, source);
  const strict = { unknownFields: 'error' } as const;
  switch (kind) {
    case 'Pod':
      manifest.pods.push(parsePod(input, strict));
      return;
    case 'ConfigMap':
      manifest.configMaps.push(parseConfigMap(input, strict));
      return;
    case 'Secret':
      manifest.secrets.push(parseSecret(input, strict));
      return;
    case 'List':
      for (const item of itemsOf(input)) add(manifest, item, source);
      return;
    default:
      kind satisfies never;
  }
}

function kindOf(input: unknown, source: string): (typeof kinds)[number] {
  if (typeof input !== 'object' || input === null || !('kind' in input)) {
    const message = 'is not a Kubernetes object: start it with "apiVersion: v1" and "kind: Pod"';
    throw new ManifestError(source, [{ path: '', message }]);
  }
  const found = kinds.find((kind) => kind === input.kind);
  if (found !== undefined) return found;
  const nearest = nearestName(String(input.kind), kinds);
  const fix = nearest === undefined ? 'use Pod, ConfigMap or Secret' : `did you mean ${nearest}?`;
  const message = `"${input.kind}" cannot run without a cluster: ${fix}`;
  throw new ManifestError(source, [{ path: 'kind', message }]);
}

function itemsOf(input: unknown): readonly unknown[] {
  if (typeof input !== 'object' || input === null || !('items' in input)) return [];
  return Array.isArray(input.items) ? input.items : [];
}
