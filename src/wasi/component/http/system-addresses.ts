import { lookup } from 'node:dns/promises';

/** Resolves a name as the machine does. */
export async function systemAddresses(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
