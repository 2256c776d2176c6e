const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const portName = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Says what is wrong with a DNS label (RFC 1123), the form of container and volume names. */
export function labelProblem(name: string): string | undefined {
  if (name.length <= 63 && label.test(name)) return undefined;
  return `"${name}" is not a name: use at most 63 lower-case letters, digits and '-', starting and ending with a letter or digit`;
}

/** Says what is wrong with a DNS subdomain (RFC 1123), the form of object names. */
export function subdomainProblem(name: string): string | undefined {
  if (name.length <= 253 && subdomain.test(name)) return undefined;
  return `"${name}" is not a name: use at most 253 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit`;
}

/** Says what is wrong with a port's name (RFC 6335). */
export function portNameProblem(name: string): string | undefined {
  if (name.length <= 15 && portName.test(name)) return undefined;
  return `"${name}" is not a port name: use at most 15 lower-case letters, digits and single '-', with at least one letter`;
}

const uid = /^[0-9A-Za-z]([-0-9A-Za-z]*[0-9A-Za-z])?$/;

/** Says what is wrong with an object's uid, of which files take their names. */
export function uidProblem(text: string): string | undefined {
  if (text.length <= 128 && uid.test(text)) return undefined;
  return `"${text}" is not a uid: use at most 128 letters, digits and '-', starting and ending with a letter or digit`;
}
