/** A container of a pod's spec that runs a script in the shell of this machine. */
export const sh = (script: string, fields: object = {}) => ({
  name: 'app',
  image: '/bin/sh',
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', script],
  ...fields,
});
