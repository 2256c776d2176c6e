/**
 * Draws the states of pods and containers into ARCHITECTURE.md, with the edges that the types of
 * the code allow: `node scripts/document-states.ts`.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'ARCHITECTURE.md');

if (import.meta.main) writeFileSync(page, withStates(readFileSync(page, 'utf8')));

/** The page with both graphs as the code has them now. */
export function withStates(text: string): string {
  const pods = graph('src/kubelet/pods/states', ['Registered', 'Terminating']);
  const containers = graph('src/kubelet/containers/states', ['ContainerWaiting']);
  return replaceGraph(replaceGraph(text, 'pod', pods), 'container', containers);
}

/** What is reached from some states, a life's first one first, in the order of a life. */
function graph(folder: string, firsts: readonly string[]): readonly string[] {
  const files = globSync(`${folder}/*.ts`, { cwd: root });
  const states = new Map(
    files.flatMap((file) => stateIn(readFileSync(path.join(root, file), 'utf8'))),
  );
  const reached = new Set(firsts);
  const edges: string[] = [];
  for (const name of reached) {
    for (const follower of states.get(name) ?? []) {
      edges.push(`  ${name} --> ${follower === 'undefined' ? '[*]' : follower}`);
      reached.add(follower);
    }
  }
  return [`  [*] --> ${firsts[0]}`, ...edges];
}

/** A state's name and those that may follow: what its one method is declared to return. */
function stateIn(source: string): readonly (readonly [string, readonly string[]])[] {
  const [, name] = /class (\w+) implements State</.exec(source) ?? [];
  const [, followers] = /\bnext\([^)]*\): Promise<([^{]+)> \{/.exec(source) ?? [];
  if (name === undefined || followers === undefined) return [];
  return [[name, followers.split('|').map((follower) => follower.trim())]];
}

function replaceGraph(text: string, kind: string, edges: readonly string[]): string {
  const begin = `<!-- ${kind} states: written by scripts/document-states.ts -->\n`;
  const end = `<!-- end of ${kind} states -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`Cannot find the place of the ${kind} states`);
  const graph = ['```mermaid', 'stateDiagram-v2', ...edges, '```', ''].join('\n');
  return `${text.slice(0, from)}${begin}${graph}${text.slice(to)}`;
}
