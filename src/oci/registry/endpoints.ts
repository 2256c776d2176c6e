import { OciError } from '../errors.ts';
import { bareHost, isLoopbackHost, isWithin } from '../http/proxy-settings.ts';
import { defaultRegistry } from '../reference/reference.ts';

/** How this machine reaches registries. */
export interface RegistriesInit {
  /**
   * Hosts (`host[:port]`) or CIDR blocks that may be reached without verified TLS: HTTPS with any
   * certificate is tried first, then HTTP. Loopback always is such a host, as for Docker.
   */
  readonly insecure?: readonly string[];
  /**
   * For a registry the places to ask before it, in order: `host[:port][/path]`, with `http://` or
   * `https://` in front where it matters.
   */
  readonly mirrors?: ReadonlyMap<string, readonly string[]>;
}

/** One place to ask for a registry's content. */
export interface Endpoint {
  /** Whom credentials are looked up for: the registry's name, or the mirror's host. */
  readonly registry: string;
  /** Base URLs in the order to try, without a slash at the end. */
  readonly baseUrls: readonly string[];
  readonly isMirror: boolean;
}

const hubHost = 'registry-1.docker.io';

/** Knows where registries are, and which of them need no verified TLS. */
export class Registries {
  readonly #insecure: readonly string[];
  readonly #mirrors: ReadonlyMap<string, readonly string[]>;

  constructor({ insecure = [], mirrors = new Map() }: RegistriesInit = {}) {
    const plain = [...mirrors.values()].flat().filter((mirror) => mirror.startsWith('http://'));
    const plainHosts = plain.filter((mirror) => URL.canParse(mirror)).map((m) => new URL(m).host);
    this.#insecure = [...insecure, ...plainHosts].map((entry) => entry.toLowerCase());
    this.#mirrors = mirrors;
  }

  /** The places to ask, in order: the mirrors, then the registry itself. */
  endpointsOf(registry: string): readonly Endpoint[] {
    const mirrors = (this.#mirrors.get(registry) ?? []).map((mirror) => this.#mirror(mirror));
    return [...mirrors, this.originOf(registry)];
  }

  /** The registry itself, which is the only place to push to. */
  originOf(registry: string): Endpoint {
    const host = registry === defaultRegistry ? hubHost : registry;
    return { registry, baseUrls: this.#baseUrls(host), isMirror: false };
  }

  /**
   * Whether a host, with its port, may be reached over plain HTTP or unverified TLS.
   *
   * @param registry Whose word leads there, by a redirect or as its token server: only one that may
   * be reached so itself, and to loopback only one that is there too, unless loopback is listed.
   */
  isInsecure(host: string, registry: string = host): boolean {
    if (isOnLoopback(host) && isOnLoopback(registry)) return true;
    return this.#isListed(host) && (isOnLoopback(registry) || this.#isListed(registry));
  }

  #isListed(host: string): boolean {
    const name = nameOf(host);
    return this.#insecure.some(
      (entry) => entry === host.toLowerCase() || entry === name || isWithin(name, entry),
    );
  }

  #mirror(mirror: string): Endpoint {
    const [, scheme, rest = ''] = /^(https?:\/\/)?(.*?)\/*$/.exec(mirror) ?? [];
    if (!URL.canParse(`https://${rest}`)) {
      throw new OciError('InvalidConfiguration', `use mirror '${mirror}': give it as host:port`);
    }
    const baseUrls = scheme === undefined ? this.#baseUrls(rest) : [`${scheme}${rest}`];
    return { registry: new URL(`https://${rest}`).host, baseUrls, isMirror: true };
  }

  #baseUrls(hostAndPath: string): readonly string[] {
    const { host } = new URL(`https://${hostAndPath}`);
    const https = `https://${hostAndPath}`;
    return this.isInsecure(host) ? [https, `http://${hostAndPath}`] : [https];
  }
}

function isOnLoopback(host: string): boolean {
  return isLoopbackHost(nameOf(host));
}

/** A host without its port, and without brackets. */
function nameOf(host: string): string {
  return bareHost(host.toLowerCase().replace(/:\d+$/, ''));
}

/**
 * Parses mirrors as a person writes them: `docker.io=127.0.0.1:5000`, a registry as often as it has
 * mirrors.
 *
 * @throws OciError `InvalidConfiguration`
 */
export function parseMirrors(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const mirrors = new Map<string, string[]>();
  for (const line of lines) {
    const [registry = '', mirror = ''] = line.split(/=(.*)/s).map((part) => part.trim());
    if (registry === '' || mirror === '') {
      throw new OciError(
        'InvalidConfiguration',
        `parse mirror '${line}': write REGISTRY=MIRROR, such as docker.io=127.0.0.1:5000`,
      );
    }
    mirrors.set(registry, [...(mirrors.get(registry) ?? []), mirror]);
  }
  return mirrors;
}
