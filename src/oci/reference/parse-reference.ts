import { parseDigest } from '../content/digest.ts';
import { OciError } from '../errors.ts';
import { defaultRegistry, defaultTag, type Reference } from './reference.ts';

const maxNameLength = 255;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const hostLabel = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const hostPattern = new RegExp(
  `^(?:${hostLabel}(?:\\.${hostLabel})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?$`,
);

/**
 * Parses an image's name as Docker does: `hello` is `docker.io/library/hello:latest`.
 * https://github.com/distribution/reference/blob/main/reference.go has the grammar.
 *
 * @throws OciError `InvalidReference`, saying what is wrong.
 */
export function parseReference(text: string): Reference {
  const fail = (why: string): never => {
    throw new OciError('InvalidReference', `parse image reference '${text}': ${why}`);
  };
  if (text === '') fail('it is empty');
  if (text.trim() !== text) fail('it has spaces around it');
  if (/^[a-z]+:\/\//.test(text)) fail('leave out the scheme, such as https://');

  const { name, tag, digestText } = splitSuffixes(text);
  const { registry, repository } = splitRegistry(name);
  if (!hostPattern.test(registry)) fail(`'${registry}' is not a host with an optional port`);
  checkPort(registry, fail);
  checkRepository(registry, repository, fail);
  if (tag !== undefined && !tagPattern.test(tag)) fail(whyNotTag(tag));
  const digest = digestText === undefined ? undefined : parseDigestOf(digestText, fail);
  return complete({ registry, repository, tag, digest });
}

function splitSuffixes(text: string): { name: string; tag?: string; digestText?: string } {
  const at = text.indexOf('@');
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  // A colon within brackets belongs to an IPv6 address, which only a host can be.
  const hasTag = colon >= 0 && !tagged.startsWith('[', tagged.lastIndexOf('/') + 1);
  return {
    name: hasTag ? tagged.slice(0, colon) : tagged,
    ...(hasTag && { tag: tagged.slice(colon + 1) }),
    ...(at >= 0 && { digestText: text.slice(at + 1) }),
  };
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  if (slash < 0 || !looksLikeHost(first)) {
    return { registry: defaultRegistry, repository: officialName(name) };
  }
  const rest = name.slice(slash + 1);
  const isHub = first === defaultRegistry || first === 'index.docker.io';
  return isHub
    ? { registry: defaultRegistry, repository: officialName(rest) }
    : { registry: first, repository: rest };
}

/** Docker's rule: a first component is a host if it cannot be part of a path. */
function looksLikeHost(first: string): boolean {
  return /[.:[]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
}

function officialName(name: string): string {
  return name.includes('/') ? name : `library/${name}`;
}

type Fail = (why: string) => never;

function checkPort(registry: string, fail: Fail): void {
  const port = /:([0-9]+)$/.exec(registry)?.[1];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    fail(`port ${port} is not within 1 to 65535`);
  }
}

function checkRepository(registry: string, repository: string, fail: Fail): void {
  const named = repository.replace(/^library\//, '');
  if (named === '') fail('the name of the repository is missing');
  if (/[A-Z]/.test(repository)) fail(`repository name '${named}' must be lowercase`);
  for (const part of repository.split('/')) {
    if (part === '') fail(`repository name '${named}' has an empty part between slashes`);
    if (!component.test(part)) {
      fail(
        `'${part}' may have only a-z, 0-9 and between them one '.', one or two '_', or any number of '-'`,
      );
    }
  }
  if (registry.length + 1 + repository.length > maxNameLength) {
    fail(`the name is longer than ${maxNameLength} characters`);
  }
}

function whyNotTag(tag: string): string {
  if (tag === '') return 'the tag after the colon is missing';
  if (tag.length > 128) return 'the tag is longer than 128 characters';
  return `tag '${tag}' may have only letters, digits, '_', '.' and '-', and must not start with '.' or '-'`;
}

function parseDigestOf(text: string, fail: Fail) {
  try {
    return parseDigest(text);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function complete(parts: {
  registry: string;
  repository: string;
  tag: string | undefined;
  digest: Reference['digest'] | undefined;
}): Reference {
  const { registry, repository, digest } = parts;
  const tag = parts.tag ?? (digest === undefined ? defaultTag : undefined);
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}
