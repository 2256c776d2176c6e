const mappedForms = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i;
/** `64:ff9b::/96`, and what is out of `64:ff9b:1::/48` with the same place for the IPv4 address. */
const translatedForms =
  /^64:ff9b:(?:1(?::[\da-f]{1,4}){0,4}?:?)?:(?:(\d+\.\d+\.\d+\.\d+)|(?:([\da-f]{1,4}):)?([\da-f]{1,4}))$/i;

/**
 * An IPv4 address in IPv6's clothes (`::ffff:0:0/96`) is that IPv4 address: sockets connect to that.
 *
 * @param address an IP address in its shortest form
 * @see https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2
 */
export function plainAddress(address: string): string {
  return dotted(mappedForms.exec(address)) ?? address;
}

/**
 * The IPv4 address that a NAT64 gateway takes an address for; undefined where it is another one's.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6052#section-2.1
 * @see https://www.rfc-editor.org/rfc/rfc8215
 */
export function translatedAddress(address: string): string | undefined {
  return dotted(translatedForms.exec(address));
}

function dotted(match: RegExpExecArray | null): string | undefined {
  if (match === null) return undefined;
  const [, text, high = '0', low = '0'] = match;
  if (text !== undefined) return text;
  const groups = [high, low].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}
