import type { Finding } from './finding.ts';

export async function examineContainerStart(dataDir: string): Promise<Finding> {
  throw new Error(dataDir);
}
