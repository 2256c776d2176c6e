import { domainToASCII } from 'node:url';

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const longestName = 253;

/** A name in the form that DNS knows, lower case; undefined for what cannot be a name. */
export function asciiName(text: string): string | undefined {
  const isAbsolute = text.endsWith('.');
  const bare = isAbsolute ? text.slice(0, -1) : text;
  // What has no need of it is left alone: IDNA refuses the underscores that services' names have.
  const ascii = isName(bare.toLowerCase()) ? bare.toLowerCase() : domainToASCII(bare);
  if (!isName(ascii)) return undefined;
  return isAbsolute ? `${ascii}.` : ascii;
}

function isName(text: string): boolean {
  return text.length <= longestName && text.split('.').every((part) => label.test(part));
}
