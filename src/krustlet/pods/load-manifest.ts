import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Manifest, parseManifest } from '../../kubelet/pods/manifest.ts';
import { ManifestError } from '../../kubelet/pods/manifest-error.ts';
import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import { withFreshUid } from '../../kubelet/standalone/pod-identity.ts';
import { hasErrorCode } from '../../runtime/errors.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { UserError } from '../cli/user-error.ts';

/**
 * Reads a manifest whose pods are about to run. Local modules may be named relative to it, as in
 * `file:./app.wasm`.
 *
 * @throws {UserError}
 */
export function loadManifest(file: string): Manifest {
  const manifest = parse(readText(file), file);
  if (manifest.pods.length === 0) throw new UserError(`running '${file}' failed: it has no Pod`);
  const folder = path.dirname(path.resolve(file));
  const pods = manifest.pods.map((pod) => withFreshUid(withAbsoluteModules(pod, folder)));
  return { ...manifest, pods };
}

function parse(text: string, file: string): Manifest {
  try {
    return parseManifest(text, file);
  } catch (cause) {
    if (cause instanceof ManifestError) throw new UserError(cause.message, { cause });
    throw cause;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const init = { exitCode: exitCodes.notFound };
    if (hasErrorCode(cause, 'ENOENT')) {
      throw new UserError(`running '${file}' failed: there is no such file`, init);
    }
    throw new UserError(`running '${file}' failed: it cannot be read`, { ...init, cause });
  }
}

function withAbsoluteModules(pod: Pod, folder: string): Pod {
  const absolute = <T extends { readonly image: string }>(container: T): T => {
    const [, relative] = /^file:(\.{1,2}\/.*)$/.exec(container.image) ?? [];
    if (relative === undefined) return container;
    return { ...container, image: pathToFileURL(path.join(folder, relative)).href };
  };
  const { spec } = pod;
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(absolute),
      initContainers: spec.initContainers.map(absolute),
    },
  };
}
