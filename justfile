# The targets of Krustlet 1, for those who have them in their fingers. Each is an npm script or the
# program itself.

export CONFIG_DIR := env_var_or_default('CONFIG_DIR', env_var('HOME') + '/.krustlet/config')

build:
    npm ci

# A node in the cluster of KUBECONFIG, under the names that Krustlet 1 gave it.
run *FLAGS: bootstrap
    KUBECONFIG="$CONFIG_DIR/kubeconfig-wasi" node_modules/.bin/node bin/krustlet.js \
        --node-name krustlet-wasi --port 3001 --bootstrap-file "$CONFIG_DIR/bootstrap.conf" \
        --cert-file "$CONFIG_DIR/krustlet-wasi.crt" \
        --private-key-file "$CONFIG_DIR/krustlet-wasi.key" {{FLAGS}}

run-wasi *FLAGS:
    just run {{FLAGS}}

bootstrap:
    npm run bootstrap

test:
    npm run ok

test-all:
    npm test

test-e2e:
    npm run test:e2e

test-e2e-standalone:
    npm run test:e2e-standalone

test-e2e-ci: test-e2e

test-e2e-standalone-ci: test-e2e-standalone

bench *ARGS:
    npm run bench -- {{ARGS}}

podsmiter *ARGS:
    npm run podsmiter -- {{ARGS}}
