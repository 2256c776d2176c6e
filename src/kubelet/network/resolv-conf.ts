/** How names are resolved: what a resolv.conf says. */
export interface DnsConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly DnsOption[];
}

export interface DnsOption {
  readonly name: string;
  readonly value?: string;
}

/** Reads a resolv.conf; lines that it does not know are left out, as resolvers do. */
export function parseResolvConf(text: string): DnsConfig {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/[#;].*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
  const valuesOf = (key: string) =>
    lines.filter(([word]) => word === key).map(([, ...values]) => values);
  return {
    nameservers: valuesOf('nameserver').flatMap(([address]) => address ?? []),
    // The last line counts, as resolv.conf(5) says.
    searches: [...valuesOf('domain'), ...valuesOf('search')].at(-1) ?? [],
    options: valuesOf('options').flat().map(readOption),
  };
}

/** As `/etc/resolv.conf` has it. */
export function formatResolvConf({ nameservers, searches, options }: DnsConfig): string {
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.length > 0 ? [`options ${options.map(formatOption).join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function readOption(text: string): DnsOption {
  const [name = '', value] = text.split(':', 2);
  return value === undefined ? { name } : { name, value };
}

function formatOption({ name, value }: DnsOption): string {
  return value === undefined ? name : `${name}:${value}`;
}
