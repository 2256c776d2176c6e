import type { Finding } from './finding.ts';

/** The Node that the forking of containers was tested with. */
const testedVersion = '26.10.0';

/** Whether this is the Node that forking is tested with. */
export function examineNode(): Finding {
  const { node, v8 } = process.versions;
  const found = `Node ${node}, V8 ${v8}, ${process.execPath}`;
  if (node === testedVersion) return { part: 'node', state: 'ok', found };
  return {
    part: 'node',
    state: 'limited',
    found,
    cost: `forking is tested with Node ${testedVersion}; with another the self-test alone decides`,
  };
}
