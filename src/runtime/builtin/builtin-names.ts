/**
 * The commands that the runtime brings for containers without a shell. `test` is one because
 * `kubectl cp` asks with it whether its target is a directory.
 */
export const builtinNames = [
  'cat',
  'env',
  'ls',
  'mkdir',
  'pwd',
  'rm',
  'stat',
  'tar',
  'test',
] as const;
export type BuiltinName = (typeof builtinNames)[number];
