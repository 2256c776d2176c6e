import type { RepositoryName } from './credential.ts';

const hubHosts = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/**
 * Whether a key of a Docker config's `auths` covers a repository. A key is a host with optional
 * port and path, such as `registry.example`, `*.example:5000/team` or
 * `https://index.docker.io/v1/`. `*` stands for one label of the host, or a part of one; the path
 * covers all repositories below it.
 * https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
export function matchesRepository(key: string, { registry, repository }: RepositoryName): boolean {
  const { host, path } = parseKey(key);
  return matchesHost(host, registry) && (path === '' || `${repository}/`.startsWith(`${path}/`));
}

/** Orders keys so that the most specific one comes first. */
export function compareSpecificity(a: string, b: string): number {
  return specificity(b) - specificity(a);
}

function parseKey(key: string): { host: string; path: string } {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  if (slash < 0) return { host: bare, path: '' };
  const path = bare.slice(slash + 1).replace(/\/+$/, '');
  // Docker's own keys end in the version of the API, which is not part of a repository's name.
  return { host: bare.slice(0, slash), path: /^v[12]$/.test(path) ? '' : path };
}

function matchesHost(pattern: string, registry: string): boolean {
  if (hubHosts.includes(registry)) return hubHosts.includes(pattern) || pattern === '*.docker.io';
  const { name: patternName, port: patternPort } = splitPort(pattern);
  const { name, port } = splitPort(registry);
  if (patternPort !== port) return false;
  if (!patternName.includes('*')) return patternName === name;
  const labels = name.split('.');
  const globs = patternName.split('.');
  return globs.length === labels.length && globs.every((glob, i) => matchesLabel(glob, labels[i]));
}

/** Takes each part at its first place, which is enough, and linear where a pattern may be hostile. */
function matchesLabel(glob: string, label = ''): boolean {
  const [start = '', ...parts] = glob.split('*');
  const end = parts.pop();
  if (end === undefined) return glob === label;
  if (!label.startsWith(start)) return false;
  let position = start.length;
  for (const part of parts) {
    const found = label.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return label.length - end.length >= position && label.endsWith(end);
}

function splitPort(host: string): { name: string; port: string } {
  const [, name = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
  return { name, port };
}

function specificity(key: string): number {
  const { host, path } = parseKey(key);
  const pathParts = path === '' ? 0 : path.split('/').length;
  return pathParts * 1000 + (host.includes('*') ? 0 : 500) + host.length / 1000;
}
