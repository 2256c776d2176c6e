import type { ManifestProblem } from './manifest-error.ts';
import { labelProblem } from './names.ts';
import { problemAt } from './problem-at.ts';
import type { PodVolume } from './schema/volume.ts';

/** Lists what the API server would refuse in a volume. */
export function volumeProblems(volume: PodVolume, path: string): readonly ManifestProblem[] {
  const kinds = Object.keys(volume).filter((key) => key !== 'name');
  return [
    ...problemAt(`${path}.name`, labelProblem(volume.name)),
    ...problemAt(
      path,
      kinds.length > 1 ? `must be of one kind, but is ${kinds.join(' and ')}` : undefined,
    ),
    ...itemPaths(volume).flatMap(([itemPath, file]) =>
      problemAt(`${path}.${itemPath}`, file === '' ? 'is required' : relativePathProblem(file)),
    ),
    ...hostPathProblems(volume, path),
  ];
}

/** Says what is wrong with a path that must stay inside a volume. */
export function relativePathProblem(path: string): string | undefined {
  if (path.startsWith('/')) return `"${path}" must be relative: remove the leading '/'`;
  if (path.split('/').includes('..')) return `"${path}" must not contain '..'`;
  return undefined;
}

/** The files that a volume's items name, each with the field that names it. */
function itemPaths(volume: PodVolume): readonly (readonly [string, string])[] {
  const kinds = ['configMap', 'secret', 'downwardAPI'] as const;
  return [
    ...kinds.flatMap((kind) => filesOf(volume[kind]?.items, kind)),
    ...(volume.projected?.sources ?? []).flatMap((source, index) => {
      const at = `projected.sources[${index}]`;
      const token = source.serviceAccountToken;
      return [
        ...kinds.flatMap((kind) => filesOf(source[kind]?.items, `${at}.${kind}`)),
        ...(token === undefined ? [] : [[`${at}.serviceAccountToken.path`, token.path] as const]),
      ];
    }),
  ];
}

function filesOf(items: readonly { readonly path: string }[] | undefined, at: string) {
  return (items ?? []).map(({ path }, index) => [`${at}.items[${index}].path`, path] as const);
}

function hostPathProblems(volume: PodVolume, path: string): readonly ManifestProblem[] {
  if (volume.hostPath === undefined) return [];
  const written = volume.hostPath.path;
  return problemAt(
    `${path}.hostPath.path`,
    written.split('/').includes('..') ? `"${written}" must not contain '..'` : undefined,
  );
}
