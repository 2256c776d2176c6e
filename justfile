# The targets of Krustlet 1, for those who have them in their fingers. Each is an npm script.

build:
    npm ci

run *ARGS:
    node_modules/.bin/node bin/krustlet.js {{ARGS}}

run-wasi *ARGS:
    node_modules/.bin/node bin/krustlet.js {{ARGS}}

test:
    npm run ok

test-all:
    npm test

bench *ARGS:
    npm run bench -- {{ARGS}}

podsmiter *ARGS:
    npm run podsmiter -- {{ARGS}}
