import type { Manifest } from '../../kubelet/pods/manifest.ts';
import { ManifestObjects } from '../../kubelet/standalone/manifest-objects.ts';

/** The manifest's ConfigMaps and Secrets, for its pods to refer to. */
export function objectsOf({ configMaps, secrets }: Manifest): ManifestObjects {
  const objects = new ManifestObjects();
  for (const configMap of configMaps) objects.putConfigMap(configMap);
  for (const secret of secrets) objects.putSecret(secret);
  return objects;
}
