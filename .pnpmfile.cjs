'use strict';
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

// Where the Kafka client's prebuilt binary cannot be downloaded, its install script compiles
// librdkafka. Linked statically it would need sources that only some machines reach; linked to the
// system's OpenSSL and zlib it needs libssl-dev and zlib1g-dev (scripts/check-toolchain.mjs looks).
process.env.CKJS_LINKING ??= 'dynamic';

// node-gyp downloads Node's headers unless it is told where they are; most Node installations ship them.
// In capitals, since pnpm passes on no variable that starts with npm_.
const prefix = dirname(dirname(process.execPath));
if (existsSync(join(prefix, 'include', 'node', 'node_api.h'))) process.env.NPM_CONFIG_NODEDIR ??= prefix;

module.exports = {};
