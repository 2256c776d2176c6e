/** The commands that the runtime brings for containers without a shell. */
export const builtinNames = ['cat', 'env', 'ls', 'mkdir', 'pwd', 'rm', 'stat', 'tar'] as const;
export type BuiltinName = (typeof builtinNames)[number];
