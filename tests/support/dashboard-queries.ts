import { readFileSync } from 'node:fs';

const file = new URL('../../deploy/grafana/node.json', import.meta.url);

/** Every query of the dashboard that comes with this project, as Grafana has them. */
export function dashboardQueries(): readonly string[] {
  return queriesOf(JSON.parse(readFileSync(file, 'utf8')));
}

/** Every `expr`, wherever it is. */
function queriesOf(part: unknown): readonly string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'expr' && typeof value === 'string' ? [value] : queriesOf(value),
  );
}
