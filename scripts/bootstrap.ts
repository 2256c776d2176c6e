/**
 * Makes a token that a node can join the cluster of KUBECONFIG with for an hour, and writes it to
 * bootstrap.conf in CONFIG_DIR, unless there is one: `npm run bootstrap`. The roles that joining
 * needs are in deploy/rbac.yaml.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ApiClient } from '../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../src/kubernetes/connection/api-connection.ts';
import { formatKubeconfig } from '../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { loadKubeconfig } from '../src/kubernetes/kubeconfig/load-kubeconfig.ts';
import { applyObject } from '../tests/cluster/apply-object.ts';
import { createBootstrapToken, tokenSecret } from '../tests/cluster/bootstrap-objects.ts';

const hour = 60 * 60 * 1000;

await main();

async function main(): Promise<void> {
  const directory = process.env.CONFIG_DIR ?? path.join(os.homedir(), '.krustlet', 'config');
  const file = path.join(directory, 'bootstrap.conf');
  if (existsSync(file)) return console.log(`'${file}' is there; remove it to make another token`);
  const access = await loadKubeconfig(
    process.env.KUBECONFIG ?? path.join(os.homedir(), '.kube', 'config'),
  );
  await using connection = new ApiConnection(access, { userAgent: 'krustlet-bootstrap' });
  const token = createBootstrapToken();
  const expiration = new Date(Date.now() + hour);
  await applyObject(new ApiClient({ connection }), tokenSecret(token, { expiration }));
  mkdirSync(directory, { recursive: true });
  const credential = { kind: 'token', token: token.token } as const;
  const joining = { ...access, identity: { credential } };
  writeFileSync(file, formatKubeconfig(joining), { mode: 0o600 });
  console.log(
    `Wrote '${file}', which lets a node join ${access.server} until ${expiration.toISOString()}`,
  );
}
