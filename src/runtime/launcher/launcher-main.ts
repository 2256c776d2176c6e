import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { launchContainer } from './launch-container.ts';

/* The script that starts a container in the exec form; a zygote writes the request to its stdin. */

const requestSchema = v.strictObject({
  directory: v.string(),
  cgroups: v.array(v.string()),
  main: v.string(),
});

launchContainer(v.parse(requestSchema, JSON.parse(readFileSync(0, 'utf8'))));
