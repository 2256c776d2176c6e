import type { PodVolume } from '../pods/schema/volume.ts';

/** An object whose change changes a volume. */
export interface VolumeReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/** Lists the ConfigMaps and Secrets that a volume is made from. */
export function volumeReferences(volume: PodVolume): readonly VolumeReference[] {
  const sources = volume.projected?.sources ?? [];
  const configMaps = [volume.configMap, ...sources.map(({ configMap }) => configMap)];
  const secrets = [volume.secret?.secretName, ...sources.map(({ secret }) => secret?.name)];
  return [
    ...configMaps.flatMap((item) =>
      item ? [{ kind: 'ConfigMap', name: item.name } as const] : [],
    ),
    ...secrets.flatMap((name) => (name === undefined ? [] : [{ kind: 'Secret', name } as const])),
  ];
}
