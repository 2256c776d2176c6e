/**
 * The name under which host functions are kept: WASI 0.2's patch versions only add to one another,
 * so `wasi:io/poll@0.2.0` and `wasi:io/poll@0.2.12` are both `wasi:io/poll`. Other versions keep
 * what distinguishes them: `wasi:http/handler@0.3.1` is `wasi:http/handler@0.3`.
 */
export function interfaceName(versioned: string): string {
  const match = /^([^@]+)@(\d+)\.(\d+)\.(\d+)(.*)$/.exec(versioned);
  if (match === null) return versioned;
  const [, name = '', major = '', minor = '', patch = '', rest = ''] = match;
  if (rest !== '') return versioned;
  if (major === '0' && minor === '2') return name;
  if (major !== '0') return `${name}@${major}`;
  return minor === '0' ? `${name}@0.0.${patch}` : `${name}@0.${minor}`;
}
