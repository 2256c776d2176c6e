import { BlockList, isIP } from 'node:net';

/** Proxies as the usual environment variables give them. */
export interface ProxySettings {
  /** For `http:` URLs, as HTTP_PROXY. */
  readonly httpProxy?: string;
  /** For `https:` URLs, as HTTPS_PROXY. */
  readonly httpsProxy?: string;
  /** Hosts to reach directly, as NO_PROXY: names, `.domains`, addresses, CIDR blocks, with `:port` or without, or `*`. */
  readonly noProxy?: string;
}

/**
 * The proxy to reach a URL through, if any. Loopback is always reached directly.
 * The rules are Go's, as every other part of a node follows them:
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function proxyFor(url: URL, settings: ProxySettings): string | undefined {
  const proxy = url.protocol === 'https:' ? settings.httpsProxy : settings.httpProxy;
  if (proxy === undefined || proxy === '') return undefined;
  const host = bareHost(url.hostname);
  if (isLoopbackHost(host)) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const rules = (settings.noProxy ?? '').split(/[,\s]+/).filter((rule) => rule !== '');
  if (rules.some((rule) => isExempt(host, port, rule.toLowerCase()))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** Whether a host name or address, without brackets, can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isWithin(host, '127.0.0.0/8') || isWithin(host, '::1/128');
}

/** A host without the brackets that URLs put around IPv6 addresses. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host.toLowerCase();
}

/** Whether an address lies within a CIDR block; names and malformed blocks never do. */
export function isWithin(address: string, block: string): boolean {
  const [network = '', bits = ''] = block.split('/');
  const family = isIP(network);
  const size = family === 6 ? 128 : 32;
  if (family === 0 || family !== isIP(address) || !/^\d+$/.test(bits) || +bits > size) return false;
  const name = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, +bits, name);
  return list.check(address, name);
}

function isExempt(host: string, port: string, rule: string): boolean {
  if (rule === '*') return true;
  if (rule.includes('/')) return isWithin(host, rule);
  const { name, port: rulePort } = splitPort(rule);
  if (rulePort !== undefined && rulePort !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  const domain = name.replace(/^\*?\./, '');
  const isBare = domain === name;
  return (isBare && host === domain) || host.endsWith(`.${domain}`);
}

function splitPort(rule: string): { name: string; port?: string } {
  if (isIP(rule) === 6) return { name: rule };
  const [, name = rule, port] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
  return { name: bareHost(name), ...(port !== undefined && { port }) };
}
